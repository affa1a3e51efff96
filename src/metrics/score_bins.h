/* Bins of a probability: where a rank's scores lie, roughly, and the area under the ROC curve where
 * there are more rows than are counted pair by pair. */
#ifndef SCORELINE_METRICS_SCORE_BINS_H
#define SCORELINE_METRICS_SCORE_BINS_H

#include <stdbool.h>
#include <stdint.h>

#include "ties.h"

/* 1024 bins for each halving of the smaller of p and 1 - p from 1/2 down to 2^-32, and 1024 of
 * equal width below; one for 1/2 alone. */
enum { SL_SCORE_BINS = 65537, SL_BINS_PER_HALVING = 1024, SL_BIN_KEY_SHIFT = 42 };

/* From here up bins are as wide as their place is high. */
#define SL_LEAST_BINNED 0x1p-32

/** The bin of a probability; never falls as the probability rises. */
static inline unsigned sl_score_bin(double probability)
{
    const bool     is_low = probability < 0.5;
    const double   q = is_low ? probability : 1 - probability; /* the difference is exact */
    const unsigned bin =
        q < SL_LEAST_BINNED
            ? (unsigned)(q * (SL_BINS_PER_HALVING / SL_LEAST_BINNED))
            : SL_BINS_PER_HALVING +
                  (unsigned)((sl_key_of(q) - sl_key_of(SL_LEAST_BINNED)) >> SL_BIN_KEY_SHIFT);

    return is_low ? bin : SL_SCORE_BINS - 1 - bin;
}

/** The end of a range of keys from `begin` on that has about `room` rows, above `begin`; n_rows
 *  [SL_SCORE_BINS]. */
uint64_t sl_score_bins_end(const int64_t *n_rows, uint64_t begin, double room);

/* Rows by bin, those not of a class and those of it. */
struct sl_bin_counts {
    int64_t n_rows[2][SL_SCORE_BINS];
};

/* An area and by how much it can be wrong; both NaN where it is undefined. */
struct sl_area {
    double value;
    double error;
};

/** The area that bins make, taking positives and negatives of a bin for tied; the error is half of
 *  the pairs that share a bin. */
struct sl_area sl_score_bins_area(const struct sl_bin_counts *counts);

#endif
