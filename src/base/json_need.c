/* What readers of strict formats have in common; every fault is told with its JSON path. */
#include "scoreline/json_need.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "scoreline/text.h"

static sl_status want_kind(const struct sl_json_doc *doc, const struct sl_json *value,
                           enum sl_json_kind kind, struct sl_error *err)
{
    enum sl_json_kind found = sl_json_kind(value);

    if (found == kind)
        return SL_OK;
    return sl_json_fail(doc, value, SL_EJOB, err, "expected %s, got %s", sl_json_kind_name(kind),
                        sl_json_kind_name(found));
}

sl_status sl_json_need(const struct sl_json_doc *doc, const struct sl_json *object, const char *key,
                       enum sl_json_kind kind, const struct sl_json **out, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(want_kind(doc, object, SL_JSON_OBJECT, err));
    *out = sl_json_find(object, key);
    if (*out == NULL)
        return sl_json_fail(doc, object, SL_EJOB, err, "missing key '%s'", key);
    SL_TRY(want_kind(doc, *out, kind, err));
out:
    return rc;
}

static sl_status take_number(const struct sl_json_doc *doc, const struct sl_json *value,
                             double *out, struct sl_error *err)
{
    sl_status rc = want_kind(doc, value, SL_JSON_NUMBER, err);

    if (rc != SL_OK)
        return rc;
    *out = sl_json_number(value);
    return isfinite(*out) ? SL_OK : sl_json_fail(doc, value, SL_EJOB, err, "not a finite number");
}

sl_status sl_json_need_number(const struct sl_json_doc *doc, const struct sl_json *object,
                              const char *key, double *out, struct sl_error *err)
{
    const struct sl_json *value;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, object, key, SL_JSON_NUMBER, &value, err));
    SL_TRY(take_number(doc, value, out, err));
out:
    return rc;
}

sl_status sl_json_need_text(const struct sl_json_doc *doc, const struct sl_json *object,
                            const char *key, const char **out, struct sl_error *err)
{
    const struct sl_json *value;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, object, key, SL_JSON_TEXT, &value, err));
    *out = sl_json_text(value);
out:
    return rc;
}

sl_status sl_json_need_name(const struct sl_json_doc *doc, const struct sl_json *object,
                            const char *key, const char **out, struct sl_error *err)
{
    sl_status rc = sl_json_need_text(doc, object, key, out, err);

    if (rc == SL_OK && (*out)[0] == '\0')
        rc = sl_json_fail(doc, sl_json_find(object, key), SL_EJOB, err,
                          "expected a text that is not empty");
    return rc;
}

sl_status sl_json_need_numbers(const struct sl_json_doc *doc, const struct sl_json *list, size_t n,
                               double *out, struct sl_error *err)
{
    size_t    i = 0;
    sl_status rc;

    SL_TRY(want_kind(doc, list, SL_JSON_LIST, err));
    if (sl_json_count(list) != n)
        return sl_json_fail(doc, list, SL_EJOB, err, "expected %zu number%s, got %zu", n,
                            n == 1 ? "" : "s", sl_json_count(list));
    for (const struct sl_json *item = sl_json_first(list); item != NULL; item = sl_json_next(item))
        SL_TRY(take_number(doc, item, &out[i++], err));
out:
    return rc;
}

sl_status sl_json_need_integer(const struct sl_json_doc *doc, const struct sl_json *object,
                               const char *key, int64_t least, int64_t most, int64_t *out,
                               struct sl_error *err)
{
    const struct sl_json *value;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, object, key, SL_JSON_NUMBER, &value, err));
    if (!sl_json_integer(value, out) || *out < least || *out > most)
        return sl_json_fail(doc, value, SL_EJOB, err,
                            "expected an integer from %" PRId64 " to %" PRId64, least, most);
out:
    return rc;
}

sl_status sl_json_need_bool(const struct sl_json_doc *doc, const struct sl_json *object,
                            const char *key, bool *out, struct sl_error *err)
{
    const struct sl_json *value;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, object, key, SL_JSON_BOOL, &value, err));
    *out = sl_json_bool(value);
out:
    return rc;
}

static bool is_among(const char *key, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(key, keys[i]) == 0)
            return true;
    }
    return false;
}

sl_status sl_json_only(const struct sl_json_doc *doc, const struct sl_json *object,
                       const char *const *keys, size_t n, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(want_kind(doc, object, SL_JSON_OBJECT, err));
    for (const struct sl_json *member = sl_json_first(object); member != NULL;
         member = sl_json_next(member)) {
        char hint[128];

        if (!is_among(sl_json_key(member), keys, n))
            return sl_json_fail(doc, member, SL_EJOB, err, "unknown key%s",
                                sl_suggest(sl_json_key(member), keys, n, hint, sizeof hint));
    }
out:
    return rc;
}
