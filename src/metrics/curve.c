/* The area under the ROC curve of one class against all others: its scores, sorted, become ties,
 * and pairs of them are counted over all ranks. */
#include "curve.h"

#include <math.h>
#include <stdlib.h>

#include "pairs.h"
#include "scoreline/memory.h"

sl_status sl_scores_reserve(struct sl_score_list *list, size_t n_more, struct sl_error *err)
{
    return sl_grow_array(&list->items, &list->capacity, list->n + n_more, sizeof *list->items, err);
}

void sl_scores_add(struct sl_score_list *list, double probability, int partition, bool is_positive)
{
    list->items[list->n++] = (struct sl_keyed){
        .key = sl_key_of(probability), .value = 2 * (uint64_t)partition + (uint64_t)is_positive};
}

static bool are_tied(const struct sl_keyed *a, const struct sl_keyed *b)
{
    return a->key == b->key && a->value >> 1 == b->value >> 1;
}

/* Sorted scores become ties: neighbours of one key and one partition are one. */
static sl_status make_ties(struct sl_score_list *list, struct sl_ties *ties, struct sl_error *err)
{
    const struct sl_keyed *scores = list->items;
    struct sl_keyed       *scratch = NULL;
    sl_status              rc;

    SL_TRY(sl_alloc_array(list->n, sizeof *scratch, &scratch, err));
    SL_TRY(sl_alloc_array(list->n, sizeof *ties->items, &ties->items, err));
    sl_radix_sort(list->items, scratch, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (i == 0 || !are_tied(&scores[i - 1], &scores[i]))
            ties->items[ties->n++] =
                (struct sl_tie){.key = scores[i].key, .partition = (int64_t)(scores[i].value >> 1)};
        if (scores[i].value & 1)
            ties->items[ties->n - 1].n_positive++;
        else
            ties->items[ties->n - 1].n_negative++;
    }
out:
    free(scratch);
    return rc;
}

static double area(const struct sl_pairs *pairs)
{
    double n_pairs = (double)pairs->n_positive * (double)pairs->n_negative;

    if (n_pairs == 0 || pairs->n_positive + pairs->n_negative > UINT32_MAX)
        return (double)NAN;
    return (double)pairs->twice_won / (2 * n_pairs);
}

sl_status sl_curve_areas(const struct sl_comm *comm, struct sl_score_list *list, int n_partitions,
                         const bool *trained_on, double *areas, struct sl_error *err)
{
    size_t           n_groups = SL_FIRST_PARTITION + (size_t)n_partitions;
    struct sl_pairs *pairs = NULL;
    struct sl_ties   ties = {0};
    sl_status        rc = sl_alloc_array(n_groups, sizeof *pairs, &pairs, err);

    if (rc == SL_OK)
        rc = make_ties(list, &ties, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(sl_ties_spread(comm, &ties, err));
    SL_TRY(sl_pairs_count(comm, &ties, n_partitions, trained_on, pairs, err));
    for (size_t g = 0; g < n_groups; g++)
        areas[g] = area(&pairs[g]);
out:
    free(ties.items);
    free(pairs);
    return rc;
}
