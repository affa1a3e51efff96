/* The candidates of a search: which features and parameters are tried. */
#ifndef SCORELINE_RUN_GRID_H
#define SCORELINE_RUN_GRID_H

#include "scoreline/job.h"
#include "scoreline/model.h"

/* Candidates stand in the order in which they are numbered; of two that are as good the earlier one
 * is better. */
struct grid {
    const struct sl_model_ops *ops;
    int                        n_params; /* values of the parameters of ops */
    int                        n_tried;
    int *tried; /* [n_tried] parameters of ops that the search names, in the order of
                   their names */
    size_t   n;
    int32_t *variants; /* [n] sets of features */
    double  *params;   /* [n][n_params] all of them */
};

/**
 * List the candidates.
 *
 * Formula: a grid goes through variants, and within each through values as scikit-learn's
 *          ParameterGrid does: parameters in the byte order of their names, the last one fastest. A
 *          random search draws from SplitMix64 (sl_mix64() of random_state + i *
 * 0x9e3779b97f4a7c15, i = 1, 2, ...), a number u in [0, 1) being its upper 53 bits: where all are
 * lists, cells of that grid, floor(u * cells), none twice, or the whole grid where it has no more;
 * else for each candidate the variant, if there are several, and then each parameter: item floor(u
 * * n) of a list, a + u (b - a), or exp(log a + u (log b - log a)); an integer is rounded down.
 * Shapes:  base: parameters where the search names none.
 * Owner:   freed by grid_release(), also after a failure.
 * Errors:  SL_EJOB with its path: no such parameter, a value that is none of it, more than a
 * million candidates; SL_ENOMEM. Ranks:   local; the same on all of them.
 */
SL_MUST_CHECK sl_status grid_make(const struct sl_search_spec *spec, const struct sl_model_ops *ops,
                                  const double *base, int n_variants, struct grid *grid,
                                  struct sl_error *err);
void                    grid_release(struct grid *grid);

/* Candidates that are fitted one after the other, each from the coefficients of the one before it:
 * they have the same features and parameters but one, by which they are ordered. */
struct grid_path {
    int32_t variant;
    size_t  first; /* in the order */
    size_t  n;
};
struct grid_paths {
    size_t            n_paths;
    struct grid_path *paths; /* [n_paths] in the order of variants */
    size_t           *order; /* [grid->n] candidates */
};

enum { GRID_PATH = 8 }; /* the most candidates of one path */

/** Paths through all candidates, cut into such that are dealt to ranks: what they are follows from
 *  the candidates alone.  Freed by grid_paths_release(), also after a failure; SL_ENOMEM. */
SL_MUST_CHECK sl_status grid_paths_make(const struct grid *grid, struct grid_paths *paths,
                                        struct sl_error *err);
void                    grid_paths_release(struct grid_paths *paths);

#endif
