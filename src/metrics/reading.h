/* A reading of the rows: what rows are added to. */
#ifndef SCORELINE_METRICS_READING_H
#define SCORELINE_METRICS_READING_H

#include "curve.h"
#include "regression.h"
#include "score_bins.h"
#include "scoreline/metrics.h"
#include "tally.h"

/* Rows of some partitions by bins of the score of a class. */
struct sl_binning {
    int class;
    int                   first_partition;
    int                   n_partitions;
    struct sl_bin_counts *counts; /* [n_partitions]; NULL: no bins are filled */
};

struct sl_metrics {
    const struct sl_metrics_spec *spec;
    int                           n_classes;
    bool                          is_tallying; /* the first reading of all */
    struct sl_tally              *tallies;     /* [n_partitions] */
    int64_t                      *confusion;   /* sl_measured's: held out and trained on */
    int                           n_curves;
    struct sl_curve              *curves; /* whose ranges are read */
    int64_t                      *guide;  /* [SL_SCORE_BINS] scores of the first curve that
 were read; NULL: nobody asks */
    struct sl_binning  bins;
    struct sl_numbers *numbers; /* of numbers, which want nothing of the above; else NULL */
};

#endif
