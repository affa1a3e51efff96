/* The area under the ROC curve of one class against all others, exact, in a fixed room: its scores
 * are counted range by range, in ascending order, each range in a reading of the rows of its own.
 */
#ifndef SCORELINE_METRICS_CURVE_H
#define SCORELINE_METRICS_CURVE_H

#include "pairs.h"
#include "score_list.h"
#include "score_bins.h"
#include "scoreline/metrics.h"

struct sl_curve {
    int class;
    struct sl_score_list scores;       /* of the range in hand: rows are added here */
    double               rows_per_tie; /* in the last range */
    size_t               n_groups;
    struct sl_pairs     *own; /* [n_groups] of the range in hand */
    struct sl_pairs     *all; /* of the ranges before it, of all ranks */
};

/** Room for `capacity` scores, at least sl_score_list_least(); sl_curve_release() frees it. */
SL_MUST_CHECK sl_status sl_curve_init(struct sl_curve *curve, size_t capacity, size_t n_groups,
                                      struct sl_error *err);
void                    sl_curve_release(struct sl_curve *curve);

/** Begin with a class; its first range is [0, end), or empty if there is no room and it may give up:
 *  the rows must be read once more then. */
void sl_curve_begin(struct sl_curve *curve, int class, uint64_t end, bool may_give_up);

/**
 * Count the range in hand, when all of its rows on all ranks have been added, or its lower part
 * where it turned out too wide for some rank.
 *
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.  Memory: beyond one rank, half of the scores' again.
 */
SL_MUST_CHECK sl_status sl_curve_count(const struct sl_comm *comm, struct sl_curve *curve,
                                       const bool *trained_on, struct sl_error *err);

/** Choose the next range: as wide as every rank has room for, as far as the guide, its own rows by
 * bin, can tell; NULL: all that is left.  Collective. */
void sl_curve_aim(const struct sl_comm *comm, struct sl_curve *curve, const int64_t *guide);

/** Whether the range in hand is empty from the start. */
static inline bool sl_curve_wants_none(const struct sl_curve *curve)
{
    return curve->scores.begin == curve->scores.end;
}

/** Whether all ranges have been counted; the same on every rank. */
bool sl_curve_is_done(const struct sl_curve *curve);

/** The area of a group, when that is so. */
struct sl_area sl_curve_area(const struct sl_curve *curve, size_t group);

#endif
