/* /drift of an output file, as the commands on outputs read it. */
#ifndef SCORELINE_RUN_SCORED_DRIFT_H
#define SCORELINE_RUN_SCORED_DRIFT_H

#include "scoreline/scored.h"

enum scored_drift_column {
    SCORED_DRIFT_PARTITION,
    SCORED_DRIFT_FEATURE,
    SCORED_DRIFT_ROWS,
    SCORED_DRIFT_MISSING,
    SCORED_DRIFT_UNKNOWN,
    SCORED_DRIFT_BELOW,
    SCORED_DRIFT_ABOVE,
    SCORED_DRIFT_PSI,
    SCORED_DRIFT_COUNTS,
    SCORED_DRIFT_COLUMNS
};

struct scored_drift {
    struct sl_table               table;
    const struct sl_table_column *columns[SCORED_DRIFT_COLUMNS]; /* of the table */
    size_t n_bins; /* room for the counts of a row; those behind its feature's are 0 */
};

/* What a partition has of a feature, or of the score; integers are rows. */
struct scored_drift_row {
    int32_t         partition;
    struct sl_slice feature;
    int64_t         n_rows;
    int64_t         n_missing;
    int64_t         n_unknown;
    int64_t         n_below;
    int64_t         n_above;
    double          psi; /* NaN where there is nothing to compare */
};

/** Read /drift and check its types and that partitions are of [0, n_partitions); SL_EINPUT,
 *  SL_ENOMEM.  Released by scored_drift_release(). */
SL_MUST_CHECK sl_status scored_drift_read(struct sl_scored *scored, int n_partitions,
                                          struct scored_drift *out, struct sl_error *err);
void                    scored_drift_release(struct scored_drift *drift);

/** A row, texts borrowed; and its counts [n_bins]. */
struct scored_drift_row scored_drift_at(const struct scored_drift *drift, size_t row);
const int64_t          *scored_drift_counts(const struct scored_drift *drift, size_t row);

#endif
