/* What ranks that train together settle about their rows: classes and the sample.  A rank's rows
 * stand in the order they were read, and the ranks in that of what they read, so that all rows have
 * the order that one rank alone would have read them in. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "training_set.h"

/* --- classes ---------------------------------------------------------------------------------- */

sl_status training_set_unite(const struct sl_comm *comm, struct training_set *set,
                             struct sl_recipe *recipe, struct sl_error *err)
{
    int32_t  *map = NULL;
    int64_t  *counts = NULL;
    uint64_t *bound = NULL;
    size_t    n;
    sl_status rc;

    SL_TRY(sl_recipe_unite(comm, recipe, &set->rows, &map, err));
    n = (size_t)sl_recipe_n_classes_met(recipe);
    rc = sl_alloc_array(n, sizeof *counts, &counts, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n, sizeof *bound, &bound, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    for (int32_t c = 0; c < set->n_classes; c++)
        counts[map[c]] += set->n_of_class[c];
    sl_comm_sum_i64(comm, counts, n);
    sl_comm_sum_i64(comm, &set->n_eligible, 1);
    free(set->n_of_class);
    free(set->bound);
    set->n_of_class = counts;
    set->bound = bound;
    set->class_capacity = n;
    set->n_classes = (int32_t)n;
    counts = NULL;
    bound = NULL;
out:
    free(bound);
    free(counts);
    free(map);
    return rc;
}

/* --- the sample ------------------------------------------------------------------------------- */

/* What is left of a class's share of the sample when it is rounded down. */
struct remainder {
    int64_t  rest;      /* of the division by all rows */
    uint64_t first_key; /* the smallest of the class: its number depends on the order of rows */
    int32_t class;
};

static int by_rest_and_key(const void *left, const void *right)
{
    const struct remainder *a = left;
    const struct remainder *b = right;

    if (a->rest != b->rest)
        return a->rest > b->rest ? -1 : 1;
    return (a->first_key > b->first_key) - (a->first_key < b->first_key);
}

__extension__ typedef unsigned __int128 u128;

/* Rows of each class by the largest remainder: shares of n_rows, which add up to it. */
static sl_status share_out(const struct training_set *set, const struct training_candidate *all,
                           size_t n_all, int64_t n_rows, int64_t *most, struct sl_error *err)
{
    struct remainder *remainders = NULL;
    int64_t           n_left = n_rows;
    sl_status         rc;

    SL_TRY(sl_alloc_array((size_t)set->n_classes, sizeof *remainders, &remainders, err));
    for (int32_t c = 0; c < set->n_classes; c++) {
        const u128 share = (u128)n_rows * (u128)set->n_of_class[c];
        const u128 whole = (u128)set->n_eligible;

        most[c] = (int64_t)(share / whole);
        n_left -= most[c];
        remainders[c] = (struct remainder){(int64_t)(share % whole), UINT64_MAX, c};
    }
    for (size_t i = 0; i < n_all; i++) {
        struct remainder *of = &remainders[all[i].class];

        of->first_key = all[i].key < of->first_key ? all[i].key : of->first_key;
    }
    qsort(remainders, (size_t)set->n_classes, sizeof *remainders, by_rest_and_key);
    for (int64_t i = 0; i < n_left && i < set->n_classes; i++)
        most[remainders[i].class]++;
out:
    free(remainders);
    return rc;
}

/* Rank 0, of the candidates of all: which are in. */
static sl_status choose(struct training_set *set, struct training_candidate *all, size_t n_all,
                        int64_t n_rows, bool *keep, struct sl_error *err)
{
    int64_t  *most = NULL;
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)set->n_classes, sizeof *most, &most, err));
    most[0] = n_rows;
    if (set->sample->stratify)
        SL_TRY(share_out(set, all, n_all, n_rows, most, err));
    for (size_t i = 0; i < n_all; i++)
        all[i].row = i;
    training_choose(all, n_all, most, keep, set->bound);
out:
    free(most);
    return rc;
}

/* To each rank what is said of its candidates. */
static void hand_back(const struct sl_comm *comm, const bool *all, const int64_t *n_of_rank,
                      bool *keep)
{
    const int rank = sl_comm_rank(comm);
    size_t    first = (size_t)n_of_rank[0];

    if (rank != 0) {
        sl_comm_take(comm, 0, keep, (size_t)n_of_rank[rank] * sizeof *keep);
        return;
    }
    if (first > 0)
        memcpy(keep, all, first * sizeof *keep);
    for (int r = 1; r < sl_comm_size(comm); r++) {
        sl_comm_give(comm, r, all + first, (size_t)n_of_rank[r] * sizeof *keep);
        first += (size_t)n_of_rank[r];
    }
}

static sl_status select_rows(const struct sl_comm *comm, struct training_set *set, int64_t n_rows,
                             struct sl_error *err)
{
    struct training_candidate *mine = NULL;
    void                      *all = NULL;
    bool                      *keep = NULL;
    bool                      *keep_all = NULL;
    int64_t                   *n_of_rank = NULL;
    const size_t               n = set->rows.x.n_rows;
    size_t                     n_bytes = 0;
    sl_status                  rc;

    rc = training_set_list(set, &mine, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n, sizeof *keep, &keep, err);
    if (rc == SL_OK)
        rc = sl_alloc_array((size_t)sl_comm_size(comm), sizeof *n_of_rank, &n_of_rank, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    sl_comm_allgather_i64(comm, (int64_t)n, n_of_rank);
    SL_TRY(sl_comm_gather_bytes(comm, mine, n * sizeof *mine, &all, &n_bytes, err));
    if (sl_comm_rank(comm) == 0) {
        rc = sl_alloc_array(n_bytes / sizeof *mine, sizeof *keep_all, &keep_all, err);
        if (rc == SL_OK)
            rc = choose(set, all, n_bytes / sizeof *mine, n_rows, keep_all, err);
    }
    SL_TRY(sl_comm_agree(comm, rc, err));
    hand_back(comm, keep_all, n_of_rank, keep);
    training_set_keep(set, keep);
out:
    free(n_of_rank);
    free(keep_all);
    free(keep);
    free(all);
    free(mine);
    return rc;
}

/* Each rank drops first what cannot be in the sample of all. */
sl_status training_set_finish(const struct sl_comm *comm, struct training_set *set,
                              const struct sl_recipe *recipe, struct sl_error *err)
{
    const struct sl_sample_spec *sample = set->sample;
    int64_t                      n_rows = sample->n_rows;
    sl_status                    rc = SL_OK;

    if (sample->stratify && sample->fraction > 0.0)
        n_rows = llrint(fmax(1.0, sample->fraction * (double)set->n_eligible));
    if (n_rows != 0 && n_rows < set->n_eligible) {
        if (sl_comm_size(comm) > 1)
            rc = training_set_cut(set, n_rows, err);
        SL_TRY(sl_comm_agree(comm, rc, err));
        SL_TRY(select_rows(comm, set, n_rows, err));
    }
    SL_TRY(training_set_gather_checks(comm, set, recipe, err));
out:
    return rc;
}
