/* Texts: builder, sizes, and the nearest of several names. */
#include "scoreline/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

void sl_text_release(struct sl_text *text)
{
    free(text->data);
    *text = (struct sl_text){0};
}

sl_status sl_text_add(struct sl_text *text, struct sl_error *err, const char *format, ...)
{
    va_list   args;
    int       n_bytes;
    sl_status rc;

    va_start(args, format);
    n_bytes = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n_bytes < 0)
        return sl_fail(err, SL_EBUG, "text: cannot format '%s'", format);
    rc = sl_grow_array(&text->data, &text->capacity, text->n_bytes + (size_t)n_bytes + 1, 1, err);
    if (rc != SL_OK)
        return rc;
    va_start(args, format);
    vsnprintf(text->data + text->n_bytes, (size_t)n_bytes + 1, format, args);
    va_end(args);
    text->n_bytes += (size_t)n_bytes;
    return SL_OK;
}

sl_status sl_text_reserve(struct sl_text *text, size_t n_more, struct sl_error *err)
{
    return sl_grow_array(&text->data, &text->capacity, text->n_bytes + n_more + 1, 1, err);
}

sl_status sl_text_add_bytes(struct sl_text *text, const void *data, size_t n_bytes,
                            struct sl_error *err)
{
    sl_status rc = sl_text_reserve(text, n_bytes, err);

    if (rc != SL_OK)
        return rc;
    if (n_bytes > 0)
        memcpy(text->data + text->n_bytes, data, n_bytes);
    text->n_bytes += n_bytes;
    text->data[text->n_bytes] = '\0';
    return SL_OK;
}

sl_status sl_text_add_slice(struct sl_text *text, struct sl_slice slice, struct sl_error *err)
{
    sl_status rc = sl_text_add_bytes(text, &slice.n_bytes, sizeof slice.n_bytes, err);

    return rc == SL_OK ? sl_text_add_bytes(text, slice.data, slice.n_bytes, err) : rc;
}

struct sl_slice sl_slice_take(const char **at)
{
    struct sl_slice slice;

    memcpy(&slice.n_bytes, *at, sizeof slice.n_bytes);
    slice.data = *at + sizeof slice.n_bytes;
    *at = slice.data + slice.n_bytes;
    return slice;
}

bool sl_slice_equals(struct sl_slice slice, const char *text)
{
    size_t n_bytes = strlen(text);

    return slice.n_bytes == n_bytes && (n_bytes == 0 || memcmp(slice.data, text, n_bytes) == 0);
}

bool sl_slice_is_among(struct sl_slice slice, const struct sl_slice *texts, int n)
{
    for (int i = 0; i < n; i++)
        if (sl_slice_same(slice, texts[i]))
            return true;
    return false;
}

bool sl_is_among(const char *text, char *const *texts, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(text, texts[i]) == 0)
            return true;
    return false;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

sl_status sl_text_sort(const char *const *texts, size_t n, const char ***sorted,
                       struct sl_error *err)
{
    sl_status rc = sl_alloc_array(n, sizeof **sorted, sorted, err);

    if (rc != SL_OK || n == 0)
        return rc;
    memcpy(*sorted, texts, n * sizeof *texts);
    qsort(*sorted, n, sizeof **sorted, compare_texts);
    return SL_OK;
}

bool sl_text_is_among(const char *const *sorted, size_t n, const char *text)
{
    return n > 0 && bsearch(&text, sorted, n, sizeof *sorted, compare_texts) != NULL;
}

bool sl_parse_i64(struct sl_slice text, int64_t *out)
{
    size_t   i = 0;
    bool     negative = text.n_bytes > 0 && text.data[0] == '-';
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t value = 0;

    if (negative || (text.n_bytes > 0 && text.data[0] == '+'))
        i = 1;
    if (i == text.n_bytes)
        return false;
    for (; i < text.n_bytes; i++) {
        unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';

        if (digit > 9 || value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static const struct {
    const char *name;
    int64_t     n_bytes;
} byte_units[] = {
    {"", 1},
    {"B", 1},
    {"kB", 1000},
    {"MB", 1000000},
    {"GB", 1000000000},
    {"KiB", INT64_C(1) << 10},
    {"MiB", INT64_C(1) << 20},
    {"GiB", INT64_C(1) << 30},
    {"TiB", INT64_C(1) << 40},
};

bool sl_parse_bytes(const char *text, int64_t *out)
{
    size_t  n_digits = strspn(text, "0123456789");
    int64_t value;

    if (!sl_parse_i64((struct sl_slice){text, n_digits}, &value))
        return false;
    text += n_digits;
    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof byte_units / sizeof *byte_units; i++) {
        if (strcmp(text, byte_units[i].name) != 0)
            continue;
        if (value > INT64_MAX / byte_units[i].n_bytes)
            return false;
        *out = value * byte_units[i].n_bytes;
        return true;
    }
    return false;
}

void sl_format_bytes(double n_bytes, char *out, size_t out_bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t                   i = 0;

    while (n_bytes >= 1024 && i + 1 < sizeof units / sizeof *units) {
        n_bytes /= 1024;
        i++;
    }
    snprintf(out, out_bytes, i == 0 ? "%.0f %s" : "%.1f %s", n_bytes, units[i]);
}

/* --- nearest name ------------------------------------------------------------------------- */

enum { LONGEST_NAME = 64 }; /* longer names are compared by their beginning */

static int lower(char c)
{
    return tolower((unsigned char)c);
}

static int least(int a, int b, int c)
{
    int ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Damerau-Levenshtein distance in its optimal-string-alignment form. */
static int distance(const char *a, const char *b)
{
    int    d[3][LONGEST_NAME + 1];
    size_t n_a = strnlen(a, LONGEST_NAME);
    size_t n_b = strnlen(b, LONGEST_NAME);

    for (size_t j = 0; j <= n_b; j++)
        d[0][j] = (int)j;
    for (size_t i = 1; i <= n_a; i++) {
        int *row = d[i % 3];
        int *up = d[(i + 2) % 3];
        int *up2 = d[(i + 1) % 3];

        row[0] = (int)i;
        for (size_t j = 1; j <= n_b; j++) {
            int differs = lower(a[i - 1]) != lower(b[j - 1]);

            row[j] = least(up[j] + 1, row[j - 1] + 1, up[j - 1] + differs);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]) && up2[j - 2] + 1 < row[j])
                row[j] = up2[j - 2] + 1;
        }
    }
    return d[n_a % 3][n_b];
}

const char *sl_nearest_name(const char *name, const char *const *names, size_t n)
{
    const char *best = NULL;
    int         best_distance = 0;

    for (size_t i = 0; i < n; i++) {
        int    d = distance(name, names[i]);
        size_t longer = strlen(name) > strlen(names[i]) ? strlen(name) : strlen(names[i]);

        if ((size_t)d * 3 > longer + 1 || (best != NULL && d >= best_distance))
            continue;
        best = names[i];
        best_distance = d;
    }
    return best;
}

const char *sl_suggest(const char *name, const char *const *names, size_t n, char *out,
                       size_t out_bytes)
{
    const char *nearest = sl_nearest_name(name, names, n);

    out[0] = '\0';
    if (nearest != NULL)
        snprintf(out, out_bytes, ", did you mean '%s'?", nearest);
    return out;
}
