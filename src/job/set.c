/* `--set key.path=value`: the path is followed through the tables, which tell what the value has to
 * become; then the document is copied with that one value in its place. */
#include "job_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/text.h"

enum { MAX_STEPS = 16 };

/* From a container to one of its members. */
struct step {
    const struct sl_job_field *in; /* what the container is */
    const char                *key;
    int64_t                    index; /* the key as a number, where the container is a list */
};

struct set {
    const char                *text; /* as it was given */
    char                      *keys; /* the path, cut at its dots */
    int                        n_steps;
    struct step                steps[MAX_STEPS];
    const struct sl_job_field *field;  /* where the path leads */
    struct sl_json_doc        *holder; /* an object whose only member is the value */
};

static sl_status apply(struct sl_json_doc **doc, struct set *s, struct sl_error *err);
static sl_status follow_path(struct set *s, struct sl_error *err);
static sl_status take_step(struct set *s, const char *key, struct sl_error *err);
static sl_status convert(struct set *s, const char *value, struct sl_error *err);
static sl_status convert_json(struct set *s, const char *value, struct sl_error *err);
static sl_status fill(struct sl_json *to, const struct sl_json *from, const struct set *s, int i,
                      struct sl_error *err);
static sl_status put(struct sl_json *to, const char *key, const struct sl_json *old,
                     const struct set *s, int i, struct sl_error *err);

sl_status sl_job_apply_sets(struct sl_json_doc **doc, int n_sets, const char *const *sets,
                            struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < n_sets && rc == SL_OK; i++) {
        struct set s = {.text = sets[i], .field = &sl_job_root};

        rc = apply(doc, &s, err);
        if (rc != SL_OK && rc != SL_ENOMEM)
            sl_error_in(err, "--set '%s'", sets[i]);
        sl_json_close(s.holder);
        free(s.keys);
    }
    return rc;
}

static sl_status apply(struct sl_json_doc **doc, struct set *s, struct sl_error *err)
{
    const char         *equals = strchr(s->text, '=');
    struct sl_json_doc *made = NULL;
    sl_status           rc;

    if (equals == NULL)
        return sl_fail(err, SL_EUSAGE, "expected key.path=value");
    SL_TRY(sl_copy_text(s->text, &s->keys, err));
    s->keys[equals - s->text] = '\0';
    SL_TRY(follow_path(s, err));
    SL_TRY(sl_json_create(&s->holder, err));
    SL_TRY(convert(s, equals + 1, err));
    SL_TRY(sl_json_create(&made, err));
    SL_TRY(fill(sl_json_root(made), sl_json_root(*doc), s, 0, err));
    sl_json_close(*doc);
    *doc = made;
    made = NULL;
out:
    sl_json_close(made);
    return rc;
}

/* Cuts s->keys at its dots on the way. */
static sl_status follow_path(struct set *s, struct sl_error *err)
{
    char     *key = s->keys;
    sl_status rc = SL_OK;

    while (key != NULL && rc == SL_OK) {
        char *dot = strchr(key, '.');

        if (dot != NULL)
            *dot = '\0';
        rc = take_step(s, key, err);
        key = dot == NULL ? NULL : dot + 1;
    }
    return rc;
}

static bool is_list(const struct sl_job_field *field)
{
    return field->kind == SL_FIELD_TEXTS || field->kind == SL_FIELD_REALS ||
           field->kind == SL_FIELD_OBJECTS || field->kind == SL_FIELD_VALUES ||
           field->kind == SL_FIELD_RANGE || field->kind == SL_FIELD_FEATURE_SET;
}

static sl_status take_step(struct set *s, const char *key, struct sl_error *err)
{
    struct step *step = &s->steps[s->n_steps];

    if (s->n_steps == MAX_STEPS)
        return sl_fail(err, SL_EJOB, "the path is too long");
    s->n_steps++;
    if (s->field->or_object != NULL && strspn(key, "0123456789") != strlen(key))
        s->field = s->field->or_object;
    *step = (struct step){.in = s->field, .key = key};
    if (s->field->kind == SL_FIELD_OBJECT)
        return sl_job_field_find(s->field->table, key, &s->field, err);
    if (s->field->member == NULL)
        return sl_fail(err, SL_EJOB, "there is nothing below %s, so no '%s'",
                       sl_field_forms[s->field->kind].expected, key);
    if (is_list(s->field) && (strspn(key, "0123456789") != strlen(key) ||
                              !sl_parse_i64((struct sl_slice){key, strlen(key)}, &step->index)))
        return sl_fail(err, SL_EJOB, "expected an index into the list, got '%s'", key);
    if (key[0] == '\0')
        return sl_fail(err, SL_EJOB, "an empty key");
    s->field = s->field->member;
    return SL_OK;
}

static bool is_word(const char *value)
{
    return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 || strcmp(value, "null") == 0;
}

/* A text is taken as it stands where the table takes texts; only what looks like a list, an object
 * or a number (of an estimator's parameter: or true, false, null) is not, where the table takes
 * that as well and could not have it as a text. */
static bool is_json(const struct sl_job_field *field, const char *value)
{
    if (!sl_job_field_takes(field, SL_JSON_TEXT))
        return true;
    if (value[0] == '{')
        return sl_job_field_takes(field, SL_JSON_OBJECT);
    if (value[0] == '[')
        return sl_job_field_takes(field, SL_JSON_LIST);
    if (field->kind == SL_FIELD_PARAM && is_word(value))
        return true;
    return (field->kind == SL_FIELD_CHOICE_OR_NUMBER || field->kind == SL_FIELD_PARAM) &&
           value[0] != '\0' && strchr("-0123456789", value[0]) != NULL;
}

static sl_status convert(struct set *s, const char *value, struct sl_error *err)
{
    if (is_json(s->field, value))
        return convert_json(s, value, err);
    return sl_json_add_text(sl_json_root(s->holder), "value", value, err);
}

static sl_status convert_json(struct set *s, const char *value, struct sl_error *err)
{
    const char         *expected = sl_field_forms[s->field->kind].expected;
    bool                is_scalar = value[0] != '{' && value[0] != '[';
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    rc = sl_json_parse(value, strlen(value), "JSON", &doc, err);
    if (rc == SL_EJOB && is_scalar)
        sl_fail(err, rc, "expected %s, got '%s'", expected, value);
    SL_TRY(rc);
    if (!sl_job_field_takes(s->field, sl_json_kind(sl_json_root(doc))))
        rc = sl_fail(err, SL_EJOB, "expected %s, got %s", expected,
                     sl_json_kind_name(sl_json_kind(sl_json_root(doc))));
    SL_TRY(rc);
    SL_TRY(sl_json_add_copy(sl_json_root(s->holder), "value", sl_json_root(doc), err));
out:
    sl_json_close(doc);
    return rc;
}

/* Copy the members of `from` (NULL: none) to `to`, the one that step i leads to being replaced. */
static sl_status fill(struct sl_json *to, const struct sl_json *from, const struct set *s, int i,
                      struct sl_error *err)
{
    const struct step    *step = &s->steps[i];
    const struct sl_json *child = from != NULL ? sl_json_first(from) : NULL;
    int64_t               index = 0;
    bool                  placed = false;
    sl_status             rc;

    for (; child != NULL; child = sl_json_next(child), index++) {
        const char *key = sl_json_key(child);
        bool        here = is_list(step->in) ? index == step->index : strcmp(key, step->key) == 0;

        if (here)
            SL_TRY(put(to, key, child, s, i, err));
        else
            SL_TRY(sl_json_add_copy(to, key, child, err));
        placed = placed || here;
    }
    if (placed)
        return SL_OK;
    if (is_list(step->in) && index != step->index)
        return sl_fail(err, SL_EJOB, "the list has %lld entries, counted from 0", (long long)index);
    return put(to, is_list(step->in) ? NULL : step->key, NULL, s, i, err);
out:
    return rc;
}

/* Put at `to`[key] the value itself, or what `old` holds with the value further down. */
static sl_status put(struct sl_json *to, const char *key, const struct sl_json *old,
                     const struct set *s, int i, struct sl_error *err)
{
    const struct step *next = &s->steps[i + 1];
    enum sl_json_kind  is = old != NULL ? sl_json_kind(old) : SL_JSON_NULL;
    const char        *shorthand = NULL;
    enum sl_json_kind  wanted;
    struct sl_json    *made = NULL;
    sl_status          rc;

    if (i + 1 == s->n_steps)
        return sl_json_add_copy(to, key, sl_json_first(sl_json_root(s->holder)), err);
    wanted = is_list(next->in) ? SL_JSON_LIST : SL_JSON_OBJECT;
    SL_TRY(wanted == SL_JSON_LIST ? sl_json_add_list(to, key, &made, err)
                                  : sl_json_add_object(to, key, &made, err));
    if (next->in->table != NULL)
        shorthand = next->in->table->shorthand;
    if (is == SL_JSON_TEXT && shorthand != NULL) {
        if (strcmp(shorthand, next->key) != 0)
            SL_TRY(sl_json_add_text(made, shorthand, sl_json_text(old), err));
    } else if (is != wanted && is != SL_JSON_NULL && next->in->kind != SL_FIELD_SELECTION) {
        return sl_fail(err, SL_EJOB, "cannot set '%s' inside %s", next->key, sl_json_kind_name(is));
    }
    rc = fill(made, is == wanted ? old : NULL, s, i + 1, err);
out:
    return rc;
}
