/* The Mann-Whitney count in one pass over ties in ascending order.  Every tie belongs to three
 * groups: all, held out or trained on, and its partition; each group keeps its own counters. */
#include "pairs.h"

#include <stdlib.h>

#include "scoreline/memory.h"
#include "scoreline/metrics.h"

enum { GROUPS_OF_A_TIE = 3 };

static void groups_of(const struct sl_tie *tie, const bool *trained_on,
                      size_t group[GROUPS_OF_A_TIE])
{
    const size_t partition = tie->who >> 1;

    group[0] = SL_ALL;
    group[1] = trained_on[partition] ? SL_TRAINED_ON : SL_HELD_OUT;
    group[2] = SL_FIRST_PARTITION + partition;
}

static bool is_positive(const struct sl_tie *tie)
{
    return tie->who & 1;
}

static int64_t rows_of(const struct sl_tie *tie)
{
    return tie->n_rows;
}

/* A key that but one tie has. */
static void count_single(const struct sl_tie *tie, const bool *trained_on, struct sl_pairs *pairs)
{
    size_t group[GROUPS_OF_A_TIE];

    groups_of(tie, trained_on, group);
    for (int g = 0; g < GROUPS_OF_A_TIE; g++) {
        struct sl_pairs *p = &pairs[group[g]];

        if (is_positive(tie)) {
            p->n_positive += rows_of(tie);
            p->twice_won += 2 * rows_of(tie) * p->n_negative;
        } else {
            p->n_negative += rows_of(tie);
        }
    }
}

/* Ties of one key: first all negatives that are equal, then the positives against them and those
 * below, then the negatives join the ones below. */
static void count_key(const struct sl_tie *ties, size_t n, const bool *trained_on,
                      struct sl_pairs *pairs)
{
    size_t group[GROUPS_OF_A_TIE];

    for (size_t i = 0; i < n; i++) {
        groups_of(&ties[i], trained_on, group);
        for (int g = 0; g < GROUPS_OF_A_TIE && !is_positive(&ties[i]); g++)
            pairs[group[g]].n_tied += rows_of(&ties[i]);
    }
    for (size_t i = 0; i < n; i++) {
        groups_of(&ties[i], trained_on, group);
        for (int g = 0; g < GROUPS_OF_A_TIE && is_positive(&ties[i]); g++) {
            struct sl_pairs *p = &pairs[group[g]];

            p->n_positive += rows_of(&ties[i]);
            p->twice_won += rows_of(&ties[i]) * (2 * p->n_negative + p->n_tied);
        }
    }
    for (size_t i = 0; i < n; i++) {
        groups_of(&ties[i], trained_on, group);
        for (int g = 0; g < GROUPS_OF_A_TIE && !is_positive(&ties[i]); g++) {
            pairs[group[g]].n_negative += rows_of(&ties[i]);
            pairs[group[g]].n_tied -= rows_of(&ties[i]);
        }
    }
}

void sl_pairs_add(struct sl_pairs *pairs, const struct sl_tie *ties, size_t n,
                  const bool *trained_on)
{
    for (size_t begin = 0; begin < n;) {
        size_t end = begin + 1;

        while (end < n && ties[end].key == ties[begin].key)
            end++;
        if (end - begin == 1)
            count_single(&ties[begin], trained_on, pairs);
        else
            count_key(ties + begin, end - begin, trained_on, pairs);
        begin = end;
    }
}

sl_status sl_pairs_join(const struct sl_comm *comm, struct sl_pairs *own, struct sl_pairs *all,
                        size_t n_groups, struct sl_error *err)
{
    int64_t  *below = NULL; /* negatives */
    sl_status rc;

    _Static_assert(sizeof *own == 4 * sizeof(int64_t), "pairs are summed as integers");
    rc = sl_alloc_array(n_groups, sizeof *below, &below, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    for (size_t g = 0; g < n_groups; g++)
        below[g] = own[g].n_negative;
    sl_comm_before_many_i64(comm, below, n_groups);
    for (size_t g = 0; g < n_groups; g++)
        own[g].twice_won += 2 * own[g].n_positive * (below[g] + all[g].n_negative);
    sl_comm_sum_i64(comm, (int64_t *)own, 4 * n_groups);
    for (size_t g = 0; g < n_groups; g++) {
        all[g].twice_won += own[g].twice_won;
        all[g].n_negative += own[g].n_negative;
        all[g].n_positive += own[g].n_positive;
    }
out:
    free(below);
    return rc;
}
