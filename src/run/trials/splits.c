/* Rows into groups: by their number, within their class or not, or by the value that a partition
 * key has in the partition they come from. */
#include "splits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/memory.h"

void splits_release(struct splits *splits)
{
    for (int i = 0; splits->names != NULL && i < splits->n; i++)
        free(splits->names[i]);
    free(splits->names);
    free(splits->group);
    *splits = (struct splits){.n = 0};
}

static bool is_of_folds(const struct sl_cv_spec *spec)
{
    return spec->method == SL_CV_KFOLD || spec->method == SL_CV_STRATIFIED_KFOLD;
}

/* --- k folds ---------------------------------------------------------------------------------- */

struct placed {
    uint64_t hash;
    size_t   row;
};

static int by_hash(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static uint64_t hash_of(int64_t random_state, uint64_t key)
{
    struct sl_hash hash;

    sl_hash_init(&hash);
    sl_hash_add_i64(&hash, random_state);
    sl_hash_add_i64(&hash, (int64_t)key);
    return sl_hash_value(&hash);
}

static sl_status order_rows(const struct sl_cv_spec *spec, const struct trial_rows *rows,
                            struct placed **out, struct sl_error *err)
{
    sl_status rc = sl_alloc_array(rows->n, sizeof **out, out, err);

    for (size_t i = 0; rc == SL_OK && i < rows->n; i++)
        (*out)[i] = (struct placed){
            spec->shuffle ? hash_of(spec->random_state, rows->keys[i]) : (uint64_t)i, i};
    if (rc == SL_OK && spec->shuffle)
        qsort(*out, rows->n, sizeof **out, by_hash);
    return rc;
}

static sl_status name_folds(struct splits *splits, struct sl_error *err)
{
    char      name[16];
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)splits->n, sizeof *splits->names, &splits->names, err));
    for (int i = 0; i < splits->n; i++) {
        snprintf(name, sizeof name, "%d", i);
        SL_TRY(sl_copy_text(name, &splits->names[i], err));
    }
out:
    return rc;
}

static void deal_all(const struct placed *order, size_t n_rows, struct splits *splits)
{
    const size_t n = (size_t)splits->n;
    size_t       at = 0;

    for (size_t f = 0; f < n; f++)
        for (size_t end = at + n_rows / n + (f < n_rows % n); at < end; at++)
            splits->group[order[at].row] = (int32_t)f;
}

/* The rows of a class. */
struct stratum {
    size_t n;
    size_t first; /* its place among all rows, sorted by class */
    size_t fold;  /* that is being filled */
    size_t left;  /* what it still takes */
};

/* Rows sorted by class are dealt to the folds in turn: how many of the class each one gets. */
static size_t take_of(const struct stratum *s, size_t fold, size_t n_folds)
{
    const size_t offset = n_folds - 1 - fold;

    return (s->first + s->n + offset) / n_folds - (s->first + offset) / n_folds;
}

/* Classes come in the order in which the rows have them. */
static void place_strata(const struct placed *order, const double *labels, size_t n_rows,
                         struct stratum *strata)
{
    size_t n_before = 0;

    for (size_t i = 0; i < n_rows; i++)
        strata[(size_t)labels[i]].n++;
    for (size_t i = 0; i < n_rows; i++) {
        struct stratum *s = &strata[(size_t)labels[order[i].row]];

        if (s->left++ > 0)
            continue;
        s->first = n_before;
        n_before += s->n;
    }
}

static sl_status deal_strata(const struct placed *order, const struct trial_rows *rows,
                             struct splits *splits, struct sl_error *err)
{
    const double   *labels = rows->design.label;
    const size_t    n = (size_t)splits->n;
    struct stratum *strata = NULL;
    size_t          n_classes = 0, most = 0;
    sl_status       rc;

    for (size_t i = 0; i < rows->n; i++)
        if ((size_t)labels[i] >= n_classes)
            n_classes = (size_t)labels[i] + 1;
    SL_TRY(sl_alloc_array(n_classes, sizeof *strata, &strata, err));
    place_strata(order, labels, rows->n, strata);
    for (size_t k = 0; k < n_classes; k++) {
        most = strata[k].n > most ? strata[k].n : most;
        strata[k].left = take_of(&strata[k], 0, n);
    }
    if (n > most) {
        rc = sl_fail(err, SL_EINPUT, "%zu folds are more than any class has rows, %zu", n, most);
        goto out;
    }
    for (size_t i = 0; i < rows->n; i++) {
        struct stratum *s = &strata[(size_t)labels[order[i].row]];

        while (s->left == 0)
            s->left = take_of(s, ++s->fold, n);
        splits->group[order[i].row] = (int32_t)s->fold;
        s->left--;
    }
out:
    free(strata);
    return rc;
}

static sl_status make_folds(const struct sl_cv_spec *spec, const struct trial_rows *rows,
                            struct splits *splits, struct sl_error *err)
{
    const size_t   n = (size_t)spec->n_splits;
    struct placed *order = NULL;
    sl_status      rc;

    if (n > rows->n)
        return sl_fail(err, SL_EINPUT, "%zu folds are more than the %zu rows that can be used", n,
                       rows->n);
    splits->n = (int)n;
    splits->n_groups = (int)n;
    SL_TRY(name_folds(splits, err));
    SL_TRY(order_rows(spec, rows, &order, err));
    if (spec->method == SL_CV_STRATIFIED_KFOLD)
        rc = deal_strata(order, rows, splits, err);
    else
        deal_all(order, rows->n, splits);
out:
    free(order);
    return rc;
}

/* --- by a partition key ----------------------------------------------------------------------- */

/* The values of a key that partitions have, in their order. */
struct values {
    int          n;
    const char **texts; /* [n] borrowed from the plan */
    int32_t     *of;    /* [n_partitions] */
};

static void values_release(struct values *values)
{
    free(values->texts);
    free(values->of);
}

static int find_key(const struct sl_plan *training, const char *name)
{
    for (int k = 0; k < training->n_keys; k++)
        if (strcmp(training->keys[k], name) == 0)
            return k;
    return -1;
}

static int find_text(const char *const *texts, int n, const char *text)
{
    for (int i = 0; i < n; i++)
        if (strcmp(texts[i], text) == 0)
            return i;
    return -1;
}

/* Partitions of which has [n_partitions] is false are passed over; NULL: none is. */
static sl_status list_values(const char *key, const struct sl_plan *training, const bool *has,
                             struct values *values, struct sl_error *err)
{
    const int    k = find_key(training, key);
    const size_t n = (size_t)training->n_partitions;
    sl_status    rc;

    *values = (struct values){.n = 0};
    if (k < 0)
        return sl_fail(err, SL_EBUG, "splits: the plan has no key '%s'", key);
    SL_TRY(sl_alloc_array(n, sizeof *values->texts, &values->texts, err));
    SL_TRY(sl_alloc_array(n, sizeof *values->of, &values->of, err));
    for (int p = 0; p < training->n_partitions; p++) {
        const char *text = training->partitions[p].values[k];

        if (has != NULL && !has[p])
            continue;
        values->of[p] = find_text(values->texts, values->n, text);
        if (values->of[p] >= 0)
            continue;
        values->of[p] = values->n;
        values->texts[values->n++] = text;
    }
out:
    return rc;
}

/* How many groups of n are no test. */
static sl_status check_values(const struct sl_cv_spec *spec, int n, int *first,
                              struct sl_error *err)
{
    const bool    is_window = spec->method == SL_CV_EXPANDING_WINDOW;
    const int64_t least = is_window ? spec->min_train + 1 : 2;

    *first = is_window ? (int)spec->min_train : 0;
    if (n >= least)
        return SL_OK;
    return sl_fail(err, SL_EINPUT,
                   "what is trained on has %d value%s of '%s', and this cross-validation takes at "
                   "least %lld: select more in train.partitions%s",
                   n, n == 1 ? "" : "s", spec->by, (long long)least,
                   is_window ? ", or lower min_train" : "");
}

static sl_status name_values(const struct sl_cv_spec *spec, const struct values *values,
                             struct splits *splits, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)splits->n, sizeof *splits->names, &splits->names, err));
    for (int i = 0; i < splits->n; i++) {
        struct sl_text name = {0};

        rc = sl_text_add(&name, err, "%s=%s", spec->by, values->texts[splits->first + i]);
        splits->names[i] = name.data;
        SL_TRY(rc);
    }
out:
    return rc;
}

static sl_status make_groups(const struct sl_cv_spec *spec, const struct sl_plan *training,
                             const struct trial_rows *rows, struct splits *splits,
                             struct sl_error *err)
{
    struct values values = {.n = 0};
    bool         *has = NULL;
    sl_status     rc;

    SL_TRY(sl_alloc_array((size_t)training->n_partitions, sizeof *has, &has, err));
    for (size_t i = 0; i < rows->n; i++)
        has[rows->partitions[i]] = true;
    SL_TRY(list_values(spec->by, training, has, &values, err));
    SL_TRY(check_values(spec, values.n, &splits->first, err));
    splits->is_window = spec->method == SL_CV_EXPANDING_WINDOW;
    splits->n_groups = values.n;
    splits->n = values.n - splits->first;
    SL_TRY(name_values(spec, &values, splits, err));
    for (size_t i = 0; i < rows->n; i++)
        splits->group[i] = values.of[rows->partitions[i]];
out:
    values_release(&values);
    free(has);
    return rc;
}

/* ---------------------------------------------------------------------------------------------- */

sl_status splits_make(const struct sl_cv_spec *spec, const struct sl_plan *training,
                      const struct trial_rows *rows, struct splits *splits, struct sl_error *err)
{
    sl_status rc;

    *splits = (struct splits){.n_rows = rows->n};
    SL_TRY(sl_alloc_array(rows->n, sizeof *splits->group, &splits->group, err));
    rc = is_of_folds(spec) ? make_folds(spec, rows, splits, err)
                           : make_groups(spec, training, rows, splits, err);
out:
    return rc;
}

sl_status splits_count(const struct sl_cv_spec *spec, const struct sl_plan *training, int *n,
                       struct sl_error *err)
{
    struct values values = {.n = 0};
    int           first = 0;
    sl_status     rc = SL_OK;

    *n = (int)spec->n_splits;
    if (is_of_folds(spec))
        return SL_OK;
    SL_TRY(list_values(spec->by, training, NULL, &values, err));
    SL_TRY(check_values(spec, values.n, &first, err));
    *n = values.n - first;
out:
    values_release(&values);
    return rc;
}

void splits_list(const struct splits *splits, int i, size_t *train, size_t *n_train, size_t *test,
                 size_t *n_test)
{
    const int32_t judge = splits->first + i;

    *n_train = 0;
    *n_test = 0;
    for (size_t r = 0; r < splits->n_rows; r++) {
        if (splits->group[r] == judge)
            test[(*n_test)++] = r;
        else if (!splits->is_window || splits->group[r] < judge)
            train[(*n_train)++] = r;
    }
}
