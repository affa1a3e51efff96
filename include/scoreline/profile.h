/* What a column of the training rows was like, kept in the model, and how far other rows are from
 * it: counts in the same bins, which add up as integers, and the index made of them. */
#ifndef SCORELINE_PROFILE_H
#define SCORELINE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/json.h"

enum {
    SL_PROFILE_BINS = 10,   /* of numbers, at most */
    SL_PROFILE_LEVELS = 30, /* bins of levels, at most; the last one pools what is left */
};

/* Counts of a column are one array: its bins, and behind them, at n_bins + place, these. */
enum sl_profile_place {
    SL_PROFILE_MISSING,
    SL_PROFILE_UNKNOWN, /* a level that training did not see */
    SL_PROFILE_BELOW,   /* less than the least value of training; counted in its bin as well */
    SL_PROFILE_ABOVE,   /* the same beyond the greatest */
    SL_PROFILE_PLACES,
};
enum { SL_PROFILE_COUNTS = SL_PROFILE_LEVELS + SL_PROFILE_PLACES }; /* room for any column's */

/* Numbers: bin b holds edges[b - 1] < x <= edges[b]; the first and the last are open.  Levels: a
 * bin each, in their order; but of more than SL_PROFILE_LEVELS only the SL_PROFILE_LEVELS - 1 most
 * frequent ones (of equals the lower), and the last bin is for all others. */
struct sl_profile {
    bool     is_categorical;
    int      n_bins;
    int64_t  n_rows;
    int64_t  counts[SL_PROFILE_COUNTS];  /* of the training rows: [sl_profile_n_counts()] */
    double   min, max, mean;             /* of the numbers; NaN if there is none */
    double   edges[SL_PROFILE_BINS - 1]; /* [n_bins - 1], ascending */
    int32_t  n_levels;
    int64_t *level_counts; /* [n_levels] */
    uint8_t *places; /* [n_levels + 2] where levels, missing and unknown are counted, see above */
};

/**
 * The profile of a column of numbers, its bins from the deciles.
 *
 * Shapes:  x [n_rows]; what is not finite is missing.
 * Formula: decile d is the least value that at least d tenths of the values do not exceed.  Edges
 *          are the deciles, and of one that is several deciles at once also the value before it,
 *          so that what many rows hold has a bin of its own; never the greatest value.
 * Owner:   freed by sl_profile_release(), also after a failure.
 * Errors:  SL_ENOMEM.
 * Cost:    O(n log n); a copy of x while it works.  The order of rows does not matter.
 */
SL_MUST_CHECK sl_status sl_profile_init_numbers(struct sl_profile *profile, const double *x,
                                                size_t n_rows, struct sl_error *err);

/** The same for probabilities: ten equal bins of [0, 1], whatever the scores are. */
SL_MUST_CHECK sl_status sl_profile_init_scores(struct sl_profile *profile, const double *x,
                                               size_t n_rows, struct sl_error *err);

/** The same for levels, given how often training had each; level_counts [n_levels] is copied. */
SL_MUST_CHECK sl_status sl_profile_init_levels(struct sl_profile *profile,
                                               const int64_t *level_counts, int32_t n_levels,
                                               int64_t n_missing, struct sl_error *err);

void sl_profile_release(struct sl_profile *profile);

/** How long an array of counts is: n_bins + SL_PROFILE_PLACES. */
size_t sl_profile_n_counts(const struct sl_profile *profile);

/**
 * Count rows in the bins of a profile.
 *
 * Shapes:  x [n_rows], not finite where missing; levels [n_rows], from 0 to n_levels - 1, n_levels
 *          for missing, n_levels + 1 for unknown; leave_out [n_rows], not 0 where a row is not to
 *          count, or NULL; counts [sl_profile_n_counts()] is added to.
 * Ranks:   local; never communicates.  Threads may share the profile.
 * Cost:    O(n_rows * n_bins) compares of numbers, O(n_rows) look-ups of levels; no branch on
 *          data, allocates nothing.
 */
void sl_profile_count_numbers(const struct sl_profile *profile, const double *x,
                              const uint8_t *leave_out, size_t n_rows, int64_t *counts);
void sl_profile_count_levels(const struct sl_profile *profile, const int32_t *levels,
                             const uint8_t *leave_out, size_t n_rows, int64_t *counts);

/** Add the counts of other rows.  Integers: no grouping matters; ranks may sum whole arrays. */
void sl_profile_merge(const struct sl_profile *profile, int64_t *counts, const int64_t *other);

/** How many rows were counted, missing and unknown ones among them. */
int64_t sl_profile_n_counted(const struct sl_profile *profile, const int64_t *counts);

/**
 * The population stability index of counted rows against the training rows.
 *
 * Formula: the sum of (a - e) ln(a / e) over bins, missing and unknown, a and e being the shares
 *          of counted and of training rows.  A share is (count + 1/2) / (n + k/2), where k is how
 *          many of these classes have a row on either side (others are left out): its mean under
 *          Jeffreys' prior.  A class empty on one side thus counts as half a row there, instead of
 *          making the index infinite.
 * Units:   nats.  By custom below 0.1 is stable and above 0.25 is a shift; but without any drift
 *          chance alone makes it about (k - 1) (1 / n_counted + 1 / n_training).
 * Returns: at least 0; 0 for equal counts; NaN if no rows were counted, or none trained on.  The
 *          same bits for the same counts on every machine, for fewer than 2^52 rows.
 * Source:  Siddiqi, Credit Risk Scorecards, 2006.  It is the symmetrised Kullback-Leibler
 *          divergence (Jeffreys 1946).  What chance makes of it: Yurdakul, Statistical Properties
 *          of Population Stability Index, 2018.
 */
double sl_profile_psi(const struct sl_profile *profile, const int64_t *counts);

/** Write a profile into an empty object of a model file; it reads back exactly; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_profile_save(const struct sl_profile *profile, struct sl_json *to,
                                        struct sl_error *err);

/**
 * Rebuild the profile of numbers or scores, or of n_levels levels, from untrusted hands.
 *
 * Owner:   freed by sl_profile_release(), also after a failure.
 * Errors:  SL_EJOB with JSON path: members, kinds and lengths other than sl_profile_save() writes,
 *          edges that do not ascend, what is no count, counts that do not add up to the rows that
 *          are not missing, a mean outside the range; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_profile_load_numbers(const struct sl_json_doc *doc,
                                                const struct sl_json     *from,
                                                struct sl_profile *profile, struct sl_error *err);
SL_MUST_CHECK sl_status sl_profile_load_levels(const struct sl_json_doc *doc,
                                               const struct sl_json *from, int32_t n_levels,
                                               struct sl_profile *profile, struct sl_error *err);

#endif
