/* The area under the ROC curve from bins of the score, where there are more rows than are counted
 * pair by pair: in a bin positives and negatives are taken for tied. */
#ifndef SCORELINE_METRICS_BINS_H
#define SCORELINE_METRICS_BINS_H

#include <stdbool.h>
#include <stdint.h>

#include "curve.h"

/* 1024 bins for each halving of the smaller of p and 1 - p from 1/2 down to 2^-32, and 1024 of
 * equal width below; one for 1/2 alone. */
enum { SL_SCORE_BINS = 65537 };

/* Rows of one group by label and bin. */
struct sl_bin_counts {
    int64_t n_rows[2][SL_SCORE_BINS]; /* not of the class, of it */
};

/** The bin of a probability; never falls as the probability rises. */
unsigned sl_score_bin(double probability);

/** The area that bins make.  Error: half of the pairs that share a bin. */
struct sl_area sl_bins_area(const struct sl_bin_counts *counts);

#endif
