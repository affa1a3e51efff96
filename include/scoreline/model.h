/* Estimators behind one vtable: fit, predict, save, load. */
#ifndef SCORELINE_MODEL_H
#define SCORELINE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/job.h"
#include "scoreline/json.h"

struct sl_model; /* a fitted estimator */
struct sl_model_ops;

enum sl_param_type { SL_PARAM_REAL, SL_PARAM_INTEGER, SL_PARAM_BOOL, SL_PARAM_CHOICE, SL_PARAM_NUMBERS };

/* A parameter an estimator takes, named as scikit-learn names it. */
struct sl_param {
    const char        *name;
    enum sl_param_type type;
    double             fallback; /* where the job is silent */
    double             min, max; /* inclusive */
    bool               is_late;  /* model files older than it mean the fallback */
    int                path;     /* fits to the same rows go well from one value to the next: 1
                                    upwards, -1 downwards; 0: it does not matter */
    /* SL_PARAM_NUMBERS, of which a kind has one at most: the value is how many numbers there are, 0
     * for none.  They stand behind the values of all parameters: see sl_model_numbers(). */
    const char *const *choices;  /* of SL_PARAM_CHOICE: the value is the index; ends with NULL.  The
                                    first is what null in the job means */
};

/* What fit learns from: on each rank its own rows, which are those of all ranks in the order of
 * ranks.  X is used as scratch by nobody: it is read only. */
struct sl_fit_in {
    const struct sl_comm      *comm; /* who fits together; NULL: this process alone */
    const struct sl_terms     *terms;
    const struct sl_design    *x;         /* numbers and codes of [n_rows] */
    const double              *y;         /* [n_rows] class index or target */
    const double              *weight;    /* [n_rows], none negative; NULL: all 1 */
    int                        n_classes; /* 2 for binary; 0 for regression */
    const double              *params;    /* in the order of the kind's table */
    /* Of the same kind, terms and classes, fitted to a problem that is much like this one: solvers
     * that go step by step begin there.  The optimum is the same, its last digits may not be.
     * NULL: none. */
    const struct sl_model     *start;
    const void                *start_state; /* that of `start`; sl_model_fit() sets both */
    const struct sl_model_ops *ops;
    bool ends_at_tol; /* one of many fits: it may end where the gradient is within the parameter tol,
                         short of the last digits */
};

enum { SL_MAX_PARAMS = 16, SL_SOLVER_BYTES = 32 };

/* How fitting went; goes into the model file. */
struct sl_fit_report {
    char    solver[SL_SOLVER_BYTES];
    double  params[SL_MAX_PARAMS + SL_MOST_CLASSES]; /* in the order of the kind's table */
    int     n_iter;
    double  objective;
    double  gradient_norm; /* max-norm */
    bool    converged;
    bool    is_unbounded; /* it cannot: coefficients grow without end; not in the model file */
    int64_t n_rows;
};

/* What a model kind must provide.  `state` is private to the kind. */
struct sl_model_ops {
    const char            *name;          /* as the job file says it: "logistic_regression" */
    const char            *missing;       /* NULL, or the build option that would add this kind */
    const struct sl_param *params;        /* at most SL_MAX_PARAMS; ends with a NULL name */
    const char *const     *members;       /* of a model file, that `save` writes; ends with NULL */
    bool                   is_classifier; /* else what it predicts is a number */
    enum sl_deviance       deviance;      /* that numbers are measured by */
    bool                   is_of_counts;  /* which are 0 or more, and not all 0 */

    /* What the table cannot say of parameters; SL_EJOB with its path.  NULL: nothing. */
    sl_status (*check)(const double *params, struct sl_error *err);

    /* See sl_model_share().  NULL: rank 0 is to have all rows. */
    size_t (*share)(const struct sl_terms *terms, int n_classes, size_t n_rows, int n_ranks,
                    int rank);
    /* Collective; in->comm is never NULL */
    sl_status (*fit)(const struct sl_fit_in *in, void **state, struct sl_fit_report *report,
                     struct sl_error *err); /* NULL: cannot be trained here */
    sl_status (*predict)(const void *state, const struct sl_design *x, struct sl_matrix *y,
                         struct sl_error *err);
    sl_status (*save)(const void *state, struct sl_json *to, struct sl_error *err);
    /* terms: what the recipe makes; anything else in the file is SL_EJOB */
    sl_status (*load)(const struct sl_json_doc *doc, const struct sl_json *from,
                      const struct sl_terms *terms, int n_classes, void **state,
                      struct sl_error *err);
    void (*free)(void *state);
};

/** Every kind this version knows, in the order of its list: *n of them. */
const struct sl_model_ops *const *sl_model_kinds(size_t *n);

/** The members of a model file that a kind of that name writes; if there is no such kind,
 *  those of the first. */
const char *const *sl_model_members(const char *name);

/** The number of parameters in a kind's table. */
int sl_model_n_params(const struct sl_model_ops *ops);

/** How many doubles the values of parameters are, those of a list among them. */
int sl_model_n_values(const struct sl_model_ops *ops, const double *values);

/** The numbers of the parameter that is a list of them. */
const double *sl_model_numbers(const struct sl_model_ops *ops, const double *values);

/** Parameters by name, without lists of no numbers, values in the order of the kind's table, as the object "params" of `to`;
 *  SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_model_print_params(const struct sl_model_ops *ops, const double *values,
                                              struct sl_json *to, struct sl_error *err);

/**
 * Find an estimator and validate its parameters before anything runs.
 *
 * Owner:   *params (in the order of the kind's table) is handed over, freed with free().
 * Errors:  SL_EJOB: unknown estimator or parameter (with the nearest), a value of the wrong type or
 *          out of range, with its JSON path; SL_EUNSUPPORTED: not in this build.
 */
SL_MUST_CHECK sl_status sl_model_check(const struct sl_train_spec *spec,
                                       const struct sl_model_ops **ops, double **params,
                                       struct sl_error *err);

/** The place of a parameter in a kind's table, and its value there; SL_EJOB without a path: there is
 *  none of that name (with the nearest), or the value is of the wrong type or out of range. */
SL_MUST_CHECK sl_status sl_model_param(const struct sl_model_ops   *ops,
                                       const struct sl_param_value *given, int *index,
                                       double *value, struct sl_error *err);

/** Where a rank's rows begin, of n_rows of positive weight that n_ranks fit to: at their number for
 *  a rank beyond the last.  Those of weight 0 lie where they like. */
size_t sl_model_share(const struct sl_model_ops *ops, const struct sl_terms *terms, int n_classes,
                      size_t n_rows, int n_ranks, int rank);

/**
 * Fit an estimator.
 *
 * Owner:   *out is handed over, sl_model_free() frees it; *report is written.
 * Errors:  SL_EINPUT where the data cannot be learned from (one class only, no weight, more
 *          columns and classes than the kind can take), SL_ENOMEM.
 * Ranks:   collective on in->comm: every rank gets the model, rank 0 alone the report.  Rows lie as
 *          sl_model_share() says.  Works with as many threads as the process may use, or
 *          SCORELINE_THREADS.  The same bits for any number of ranks, of threads and of BLAS
 *          threads.
 */
SL_MUST_CHECK sl_status sl_model_fit(const struct sl_model_ops *ops, const struct sl_fit_in *in,
                                     struct sl_model **out, struct sl_fit_report *report,
                                     struct sl_error *err);
void                    sl_model_free(struct sl_model *model);

/** Threads that fitting takes on this rank; *why says what decided, a static text. */
int sl_model_threads(const char **why);

/**
 * Score every row of `x` into `y`.
 *
 * Shapes:  x [n_rows] of the terms it was fitted to, y [n_rows, sl_model_n_outputs()],
 *          column-major; n_rows may be 0; no overlap.
 * Units:   y is the probability of class 1, beyond two classes of each; of regression the value.
 * Owner:   borrows all; writes y->data and y->n_rows only; allocates nothing.
 * Errors:  SL_EBUG if the numbers of columns differ from what was fitted.
 * Ranks:   local; never communicates.  The same bits however rows are cut into blocks, on every
 *          instruction set.
 * Cost:    O(n_rows * n_terms * n_outputs).
 */
SL_MUST_CHECK sl_status sl_model_predict(const struct sl_model *model, const struct sl_design *x,
                                         struct sl_matrix *y, struct sl_error *err);

const struct sl_model_ops *sl_model_kind(const struct sl_model *model);

/** Columns of what it predicts: 1 of two classes or of regression, else one for each class. */
int sl_model_n_outputs(const struct sl_model *model);

/** Write "estimator" and what the kind needs ("coef", "intercept") into a model file's object. */
SL_MUST_CHECK sl_status sl_model_save(const struct sl_model *model, struct sl_json *to,
                                      struct sl_error *err);
/** Rebuild a model from a model file's object; n_classes as in sl_fit_in; SL_EJOB with JSON path.
 */
SL_MUST_CHECK sl_status sl_model_load(const struct sl_json_doc *doc, const struct sl_json *from,
                                      const struct sl_terms *terms, int n_classes,
                                      struct sl_model **out, struct sl_error *err);

#endif
