/* The Mann-Whitney count in one pass over ties in ascending order.  Every tie belongs to three
 * groups: all, held out or trained on, and its partition; each group keeps its own counters. */
#include "pairs.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/metrics.h"

enum { GROUPS_OF_A_TIE = 3, GROUPS_AT_ONCE = 1024 };

static void groups_of(const struct sl_tie *tie, const bool *trained_on,
                      size_t group[GROUPS_OF_A_TIE])
{
    group[0] = SL_ALL;
    group[1] = trained_on[tie->partition] ? SL_TRAINED_ON : SL_HELD_OUT;
    group[2] = SL_FIRST_PARTITION + (size_t)tie->partition;
}

/* Ties of one key: first all negatives that are equal, then the positives against them and those
 * below, then the negatives join the ones below. */
static void count_key(const struct sl_tie *ties, size_t n, const bool *trained_on,
                      struct sl_pairs *pairs)
{
    size_t group[GROUPS_OF_A_TIE];

    for (size_t i = 0; i < n; i++) {
        groups_of(&ties[i], trained_on, group);
        for (int g = 0; g < GROUPS_OF_A_TIE; g++)
            pairs[group[g]].n_tied += ties[i].n_negative;
    }
    for (size_t i = 0; i < n; i++) {
        groups_of(&ties[i], trained_on, group);
        for (int g = 0; g < GROUPS_OF_A_TIE; g++) {
            struct sl_pairs *p = &pairs[group[g]];

            p->n_positive += ties[i].n_positive;
            p->twice_won += ties[i].n_positive * (2 * p->n_negative + p->n_tied);
        }
    }
    for (size_t i = 0; i < n; i++) {
        groups_of(&ties[i], trained_on, group);
        for (int g = 0; g < GROUPS_OF_A_TIE; g++) {
            pairs[group[g]].n_negative += ties[i].n_negative;
            pairs[group[g]].n_tied -= ties[i].n_negative;
        }
    }
}

static void count_own(const struct sl_ties *ties, const bool *trained_on, struct sl_pairs *pairs)
{
    for (size_t begin = 0; begin < ties->n;) {
        size_t end = begin + 1;

        while (end < ties->n && ties->items[end].key == ties->items[begin].key)
            end++;
        count_key(ties->items + begin, end - begin, trained_on, pairs);
        begin = end;
    }
}

/* Positives here win against the negatives of all lower ranks. */
static void add_lower_ranks(const struct sl_comm *comm, int64_t *table, struct sl_pairs *pairs,
                            size_t n)
{
    size_t rank = (size_t)sl_comm_rank(comm);
    size_t n_ranks = (size_t)sl_comm_size(comm);

    memset(table, 0, n_ranks * n * sizeof *table);
    for (size_t g = 0; g < n; g++)
        table[rank * n + g] = pairs[g].n_negative;
    sl_comm_sum_i64(comm, table, n_ranks * n);
    for (size_t r = 0; r < rank; r++)
        for (size_t g = 0; g < n; g++)
            pairs[g].twice_won += 2 * pairs[g].n_positive * table[r * n + g];
}

sl_status sl_pairs_count(const struct sl_comm *comm, const struct sl_ties *ties, int n_partitions,
                         const bool *trained_on, struct sl_pairs *pairs, struct sl_error *err)
{
    size_t    n_groups = SL_FIRST_PARTITION + (size_t)n_partitions;
    size_t    at_once = n_groups < GROUPS_AT_ONCE ? n_groups : GROUPS_AT_ONCE;
    int64_t  *table = NULL; /* [ranks, at_once] */
    sl_status rc;

    _Static_assert(sizeof *pairs == 4 * sizeof(int64_t), "pairs are summed as integers");
    rc = sl_alloc_array((size_t)sl_comm_size(comm) * at_once, sizeof *table, &table, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    memset(pairs, 0, n_groups * sizeof *pairs);
    count_own(ties, trained_on, pairs);
    for (size_t g = 0; sl_comm_size(comm) > 1 && g < n_groups; g += at_once)
        add_lower_ranks(comm, table, pairs + g, n_groups - g < at_once ? n_groups - g : at_once);
    sl_comm_sum_i64(comm, (int64_t *)pairs, 4 * n_groups);
out:
    free(table);
    return rc;
}
