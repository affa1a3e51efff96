/* The area under the ROC curve: ranges of scores, sorted, become ties, which are spread over the
 * ranks and counted. */
#include "curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "spread.h"

sl_status sl_curve_init(struct sl_curve *curve, size_t capacity, size_t n_groups,
                        struct sl_error *err)
{
    sl_status rc;

    *curve = (struct sl_curve){.n_groups = n_groups, .scores = {.capacity = capacity}};
    SL_TRY(sl_alloc_array(capacity, sizeof *curve->scores.items, &curve->scores.items, err));
    SL_TRY(sl_alloc_array(SL_N_RECENT, sizeof *curve->scores.recent, &curve->scores.recent, err));
    SL_TRY(sl_alloc_array(n_groups, sizeof *curve->own, &curve->own, err));
    SL_TRY(sl_alloc_array(n_groups, sizeof *curve->all, &curve->all, err));
out:
    return rc;
}

void sl_curve_release(struct sl_curve *curve)
{
    free(curve->scores.items);
    free(curve->scores.recent);
    free(curve->own);
    free(curve->all);
    *curve = (struct sl_curve){0};
}

void sl_curve_begin(struct sl_curve *curve, int class, uint64_t end, bool may_give_up)
{
    curve->class = class;
    curve->rows_per_tie = 1;
    sl_score_list_begin(&curve->scores, 0, end);
    curve->scores.gives_up = may_give_up;
    memset(curve->all, 0, curve->n_groups * sizeof *curve->all);
}

/* The end that suits every rank. */
static uint64_t least_end(const struct sl_comm *comm, uint64_t end)
{
    int64_t most = -(int64_t)end; /* keys have 62 bits */

    sl_comm_max_i64(comm, &most, 1);
    return (uint64_t)-most;
}

static void learn_from(struct sl_curve *curve)
{
    const struct sl_score_list *scores = &curve->scores;
    double                      n_rows = 0;

    for (size_t i = 0; i < scores->n; i++)
        n_rows += scores->items[i].n_rows;
    if (scores->n > 0)
        curve->rows_per_tie = n_rows / (double)scores->n;
}

static sl_status count_slices(const struct sl_comm *comm, struct sl_curve *curve,
                              const bool *trained_on, struct sl_error *err)
{
    struct sl_spread spread = {.ties = NULL};
    struct sl_tie   *taken = NULL;
    size_t           n_taken = 0;
    sl_status        rc;

    SL_TRY(sl_spread_init(&spread, comm, curve->scores.items, curve->scores.n, err));
    for (int slice = 0; slice < SL_N_SLICES; slice++) {
        SL_TRY(sl_spread_take(&spread, comm, slice, &taken, &n_taken, err));
        sl_pairs_add(curve->own, taken, n_taken, trained_on);
        free(taken);
        taken = NULL;
    }
out:
    free(taken);
    sl_spread_release(&spread);
    return rc;
}

sl_status sl_curve_count(const struct sl_comm *comm, struct sl_curve *curve, const bool *trained_on,
                         struct sl_error *err)
{
    struct sl_score_list *scores = &curve->scores;
    sl_status             rc = SL_OK;

    sl_score_list_sort(scores);
    learn_from(curve);
    sl_score_list_cut(scores, least_end(comm, scores->end));
    if (sl_curve_wants_none(curve)) /* on every rank */
        return SL_OK;
    memset(curve->own, 0, curve->n_groups * sizeof *curve->own);
    if (sl_comm_size(comm) > 1)
        SL_TRY(count_slices(comm, curve, trained_on, err));
    else
        sl_pairs_add(curve->own, scores->items, scores->n, trained_on);
    SL_TRY(sl_pairs_join(comm, curve->own, curve->all, curve->n_groups, err));
    scores->begin = scores->end;
    scores->n = 0;
out:
    return rc;
}

void sl_curve_aim(const struct sl_comm *comm, struct sl_curve *curve, const int64_t *guide)
{
    struct sl_score_list *scores = &curve->scores;
    const double          room = (double)scores->capacity * curve->rows_per_tie;

    if (sl_curve_is_done(curve))
        return;
    scores->gives_up = false;
    scores->end = SL_KEYS_END;
    if (guide != NULL)
        scores->end = least_end(comm, sl_score_bins_end(guide, scores->begin, room));
}

bool sl_curve_is_done(const struct sl_curve *curve)
{
    return curve->scores.begin == SL_KEYS_END;
}

struct sl_area sl_curve_area(const struct sl_curve *curve, size_t group)
{
    const struct sl_pairs *pairs = &curve->all[group];
    const double           n_pairs = (double)pairs->n_positive * (double)pairs->n_negative;

    if (n_pairs == 0)
        return (struct sl_area){(double)NAN, (double)NAN};
    return (struct sl_area){.value = (double)pairs->twice_won / (2 * n_pairs)};
}
