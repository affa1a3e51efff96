/* How rows are split for cross-validation, again and again: into those that are fitted to and those
 * that judge. */
#ifndef SCORELINE_RUN_SPLITS_H
#define SCORELINE_RUN_SPLITS_H

#include "trials.h"

/* Split i is judged by the rows of group first + i, and fitted to all others, or, of windows, to
 * those of the groups before it. */
struct splits {
    int      n; /* splits */
    int      n_groups;
    int      first;
    bool     is_window;
    size_t   n_rows;
    int32_t *group; /* [n_rows] */
    char   **names; /* [n] "0", "1", ..., or "year=2003" */
};

/**
 * Split rows as the job says.
 *
 * Formula: k folds are scikit-learn's KFold: runs of rows in their order, the first n_rows % k of
 *          them a row longer.  Shuffled, the order is that of the rows' hashes: random_state (8
 *          bytes, lowest first) and training_key() (likewise).  Stratified they are
 *          those of StratifiedKFold: rows sorted by class, classes in the order in which rows have
 *          them, are dealt to the folds in turn, which says how many of each class a fold has; the
 *          rows of a class go to the folds in their order.  By a partition key the groups are
 *          its values, in the order in which partitions come; values without rows are passed over.
 * Owner:   freed by splits_release(), also after a failure.
 * Errors:  SL_EINPUT: fewer rows, or values, than the splits take; SL_ENOMEM.
 * Ranks:   local; the same on all of them.
 */
SL_MUST_CHECK sl_status splits_make(const struct sl_cv_spec *spec, const struct sl_plan *training,
                                    const struct trial_rows *rows, struct splits *splits,
                                    struct sl_error *err);
void                    splits_release(struct splits *splits);

/** How many there will be, as far as partitions tell: SL_EINPUT where they are too few; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status splits_count(const struct sl_cv_spec *spec, const struct sl_plan *training,
                                     int *n, struct sl_error *err);

/** The rows of split i: train and test [n_rows] are written as far as it takes. */
void splits_list(const struct splits *splits, int i, size_t *train, size_t *n_train, size_t *test,
                 size_t *n_test);

#endif
