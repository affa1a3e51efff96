/* The values of a partition key: single ones, lists, and ranges of integers written out.  Values
 * become parts of file names and are joined by '/' into partition names, so that a few texts are
 * refused. */
#include "job_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/text.h"

enum { MAX_VALUES = 1000000, MAX_DIGITS = 18 };

/* What the values are collected with. */
struct collect {
    const struct sl_job_reader *reader;
    struct sl_key              *key;
    size_t                      capacity;
    struct sl_error            *err;
};

static sl_status collect_one(struct collect *c, const struct sl_json *value);
static sl_status collect_number(struct collect *c, const struct sl_json *value);
static sl_status collect_text(struct collect *c, const struct sl_json *value);
static sl_status collect_range(struct collect *c, const struct sl_json *value, const char *text);

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

static sl_status append(struct collect *c, const struct sl_json *value, const char *text)
{
    struct sl_key *key = c->key;
    sl_status      rc;

    if (key->n_values == MAX_VALUES)
        return sl_job_fail(c->reader, value, SL_EJOB, c->err, "more than %d values", MAX_VALUES);
    SL_TRY(sl_grow_array(&key->values, &c->capacity, (size_t)key->n_values + 1,
                         sizeof(*key->values), c->err));
    SL_TRY(sl_copy_text(text, &key->values[key->n_values], c->err));
    key->n_values++;
out:
    return rc;
}

static sl_status collect_one(struct collect *c, const struct sl_json *value)
{
    switch (sl_json_kind(value)) {
    case SL_JSON_NUMBER:
        return collect_number(c, value);
    case SL_JSON_TEXT:
        return collect_text(c, value);
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

static sl_status collect_text(struct collect *c, const struct sl_json *value)
{
    const char *text = sl_json_text(value);

    if (text[0] == '\0')
        return sl_job_fail(c->reader, value, SL_EJOB, c->err, "a value must not be empty");
    if (strchr(text, '/') != NULL || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return sl_job_fail(c->reader, value, SL_EJOB, c->err,
                           "the value '%s' leads to another directory", text);
    if (strstr(text, "..") != NULL)
        return collect_range(c, value, text);
    return append(c, value, text);
}

static bool consists_of(const char *text, size_t n_bytes, const char *bytes)
{
    return n_bytes > 0 && strspn(text, bytes) >= n_bytes;
}

/* Ranges of dates are part of the format; told from what is no range at all by their look. */
static sl_status refuse_range(const struct collect *c, const struct sl_json *value, const char *a,
                              size_t n_a, const char *b)
{
    const char *date = "0123456789-";

    if (consists_of(a, n_a, date) && consists_of(b, strlen(b), date) && a[0] != '-' &&
        n_a <= MAX_DIGITS && strlen(b) <= MAX_DIGITS)
        return sl_job_fail(c->reader, value, SL_EUNSUPPORTED, c->err,
                           "a range of dates is not supported by this version; list them");
    return sl_job_fail(c->reader, value, SL_EJOB, c->err,
                       "'%s' is no range of integers such as 2000..2016", a);
}

/* Zero padding is kept: where an end begins with 0, all values are as wide as the ends. */
static sl_status collect_range(struct collect *c, const struct sl_json *value, const char *text)
{
    const char *a = text;
    const char *b = strstr(text, "..") + 2;
    size_t      n_a = (size_t)(b - a) - 2;
    size_t      n_b = strlen(b);
    bool        padded = (a[0] == '0' && n_a > 1) || (b[0] == '0' && n_b > 1);
    int64_t     first;
    int64_t     last;
    char        number[MAX_DIGITS + 2];
    sl_status   rc = SL_OK;

    if (!consists_of(a, n_a, "0123456789") || !consists_of(b, n_b, "0123456789") ||
        n_a > MAX_DIGITS || n_b > MAX_DIGITS)
        return refuse_range(c, value, a, n_a, b);
    if (padded && n_a != n_b)
        return sl_job_fail(c->reader, value, SL_EJOB, c->err,
                           "the ends of '%s' must be of one width where one begins with 0", text);
    first = strtoll(a, NULL, 10);
    last = strtoll(b, NULL, 10);
    if (last < first)
        return sl_job_fail(c->reader, value, SL_EJOB, c->err, "the range '%s' is empty", text);
    for (int64_t i = first; i <= last && rc == SL_OK; i++) {
        snprintf(number, sizeof number, "%0*" PRId64, padded ? (int)n_a : 1, i);
        rc = append(c, value, number);
    }
    return rc;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static sl_status sort_copy(const char *const *texts, size_t n, const char ***sorted,
                           struct sl_error *err)
{
    sl_status rc = sl_alloc_array(n, sizeof(**sorted), sorted, err);

    if (rc != SL_OK || n == 0)
        return rc;
    memcpy(*sorted, texts, n * sizeof(*texts));
    qsort(*sorted, n, sizeof(**sorted), compare_texts);
    return SL_OK;
}

sl_status sl_job_find_twin(const char *const *texts, size_t n, const char **twin,
                           struct sl_error *err)
{
    const char **sorted = NULL;
    sl_status    rc = sort_copy(texts, n, &sorted, err);

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
    sl_status    rc = sort_copy(known, n_known, &sorted, err);

    *stranger = NULL;
    for (size_t i = 0; i < n && rc == SL_OK && *stranger == NULL; i++) {
        if (bsearch(&texts[i], sorted, n_known, sizeof(*sorted), compare_texts) == NULL)
            *stranger = texts[i];
    }
    free(sorted);
    return rc;
}
