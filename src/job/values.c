/* The values of a partition key: single ones and lists of texts and integers; what a text stands
 * for is range.c's. */
#include "job_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/text.h"

/* What the values are collected with. */
struct collect {
    const struct sl_job_reader *reader;
    struct sl_key              *key;
    size_t                      capacity;
    struct sl_error            *err;
};

static sl_status collect_one(struct collect *c, const struct sl_json *value);
static sl_status collect_number(struct collect *c, const struct sl_json *value);
static sl_status append(struct collect *c, const struct sl_json *value, const char *text);

sl_status sl_job_read_key_values(const struct sl_job_reader *reader, const struct sl_json *value,
                                 struct sl_key *key, struct sl_error *err)
{
    struct collect c = {.reader = reader, .key = key, .err = err};
    const char    *twin = NULL;
    sl_status      rc = SL_OK;

    if (sl_json_kind(value) != SL_JSON_LIST) {
        SL_TRY(collect_one(&c, value));
    } else {
        for (const struct sl_json *v = sl_json_first(value); v != NULL; v = sl_json_next(v))
            SL_TRY(collect_one(&c, v));
    }
    if (key->n_values == 0)
        return sl_job_fail(reader, value, SL_EJOB, err, "must not be empty");
    SL_TRY(sl_job_find_twin((const char *const *)key->values, (size_t)key->n_values, &twin, err));
    if (twin != NULL)
        rc = sl_job_fail(reader, value, SL_EJOB, err, "the value '%s' is given twice", twin);
out:
    return rc;
}

static sl_status collect_one(struct collect *c, const struct sl_json *value)
{
    switch (sl_json_kind(value)) {
    case SL_JSON_NUMBER:
        return collect_number(c, value);
    case SL_JSON_TEXT:
        return append(c, value, sl_json_text(value));
    default:
        return sl_job_fail(c->reader, value, SL_EJOB, c->err,
                           "expected a text or an integer, got %s",
                           sl_json_kind_name(sl_json_kind(value)));
    }
}

static sl_status collect_number(struct collect *c, const struct sl_json *value)
{
    char    text[32];
    int64_t number;

    if (!sl_json_integer(value, &number))
        return sl_job_fail(c->reader, value, SL_EJOB, c->err,
                           "expected a text or an integer, got %.17g (put it in quotes)",
                           sl_json_number(value));
    snprintf(text, sizeof text, "%" PRId64, number);
    return append(c, value, text);
}

/* What is wrong with a text, said with its place. */
static sl_status append(struct collect *c, const struct sl_json *value, const char *text)
{
    sl_status rc = sl_job_add_key_values(c->key, &c->capacity, text, c->err);

    if (rc == SL_EJOB) {
        struct sl_error fault = *c->err;

        return sl_job_fail(c->reader, value, rc, c->err, "%s", fault.text);
    }
    return rc;
}

sl_status sl_job_find_twin(const char *const *texts, size_t n, const char **twin,
                           struct sl_error *err)
{
    const char **sorted = NULL;
    sl_status    rc = sl_text_sort(texts, n, &sorted, err);

    *twin = NULL;
    for (size_t i = 1; i < n && rc == SL_OK && *twin == NULL; i++) {
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            *twin = sorted[i];
    }
    free(sorted);
    return rc;
}

sl_status sl_job_find_stranger(const char *const *texts, size_t n, const char *const *known,
                               size_t n_known, const char **stranger, struct sl_error *err)
{
    const char **sorted = NULL;
    sl_status    rc = sl_text_sort(known, n_known, &sorted, err);

    *stranger = NULL;
    for (size_t i = 0; i < n && rc == SL_OK && *stranger == NULL; i++) {
        if (!sl_text_is_among(sorted, n_known, texts[i]))
            *stranger = texts[i];
    }
    free(sorted);
    return rc;
}
