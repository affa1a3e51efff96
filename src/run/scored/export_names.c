/* Names of files made of names of partitions, which come from a file that anyone may have made:
 * they stay in their directory, are no options, not hidden, and never two the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "scoreline/memory.h"

enum { MOST_NAME_BYTES = 200 }; /* file systems take 255, and a temporary name is longer */

static bool is_safe(unsigned char c, size_t at)
{
    if (c < ' ' || c == 0x7F || strchr("/\\:*?\"<>|", c) != NULL)
        return false;
    return at > 0 || (c != '.' && c != '-' && c != '~');
}

static sl_status make_name(const char *name, int number, int n_digits, char **out,
                           struct sl_error *err)
{
    struct sl_text made = {0};
    size_t         begin;
    sl_status      rc;

    if (n_digits > 0)
        SL_TRY(sl_text_add(&made, err, "%0*d-", n_digits, number));
    begin = made.n_bytes;
    SL_TRY(sl_text_add(&made, err, "%.*s", MOST_NAME_BYTES, name[0] != '\0' ? name : "_"));
    for (size_t i = begin; i < made.n_bytes; i++)
        if (!is_safe((unsigned char)made.data[i], i))
            made.data[i] = '_';
    SL_TRY(sl_text_add(&made, err, ".csv"));
    *out = made.data;
    made = (struct sl_text){0};
out:
    sl_text_release(&made);
    return rc;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static sl_status any_twice(char **names, size_t n, bool *twice, struct sl_error *err)
{
    char    **sorted = NULL;
    sl_status rc = sl_alloc_array(n, sizeof *sorted, &sorted, err);

    *twice = false;
    if (rc != SL_OK)
        return rc;
    memcpy(sorted, names, n * sizeof *names);
    qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 1; i < n; i++)
        *twice |= strcmp(sorted[i - 1], sorted[i]) == 0;
    free(sorted);
    return SL_OK;
}

static sl_status make_names(const struct sl_plan *plan, int n_digits, char **names,
                            struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < plan->n_partitions && rc == SL_OK; i++) {
        free(names[i]);
        names[i] = NULL;
        rc = make_name(plan->partitions[i].name, i, n_digits, &names[i], err);
    }
    return rc;
}

sl_status export_names(const struct sl_plan *plan, char ***names, struct sl_error *err)
{
    size_t    n = (size_t)plan->n_partitions;
    bool      twice;
    sl_status rc;

    SL_TRY(sl_alloc_array(n, sizeof **names, names, err));
    SL_TRY(make_names(plan, 0, *names, err));
    SL_TRY(any_twice(*names, n, &twice, err));
    if (twice)
        SL_TRY(make_names(plan, snprintf(NULL, 0, "%zu", n), *names, err));
out:
    return rc;
}
