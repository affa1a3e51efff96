/* Scoring with linear classifiers.  Private to the model module. */
#ifndef SCORELINE_MODEL_LOGISTIC_PREDICT_H
#define SCORELINE_MODEL_LOGISTIC_PREDICT_H

#include "scoreline/block.h"

/* Coefficients as they are saved, and as codes index them. */
struct sl_logistic {
    struct sl_terms terms;
    size_t          n_outputs; /* 1 of two classes, else one for each */
    double         *coef;      /* [n_outputs][terms.n_columns] */
    double         *intercept; /* [n_outputs] */
    size_t          n_entries;
    size_t         *first_entry; /* [terms.n_terms] */
    /* coef with one more entry, 0, behind the levels of each categorical term: rows without one */
    double *table; /* [n_outputs][n_entries] */
};

/** Fill the table from the coefficients. */
void sl_logistic_tabulate(struct sl_logistic *model);

/**
 * Probabilities y [n_rows, n_outputs].
 *
 * Ranks: local.  A row's margin is its intercept and then its terms in their order, whatever rows
 *        stand beside it; no BLAS, whose order depends on that.
 */
void sl_logistic_score(const struct sl_logistic *model, const struct sl_design *x,
                       struct sl_matrix *y);

#endif
