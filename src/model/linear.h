/* Linear models: coefficients as they are saved and as rows are scored with them, and the fit that
 * all of them share.  An estimator says what it minimises and what it makes of a margin.  Private
 * to the model module. */
#ifndef SCORELINE_MODEL_LINEAR_H
#define SCORELINE_MODEL_LINEAR_H

#include "inner.h"
#include "scoreline/model.h"

/* Coefficients as they are saved, and as codes index them. */
struct sl_linear {
    struct sl_terms terms;
    size_t          n_outputs; /* one for each class beyond two, else 1 */
    double         *coef;      /* [n_outputs][terms.n_columns] */
    double         *intercept; /* [n_outputs] */
    size_t          n_entries;
    size_t         *first_entry; /* [terms.n_terms] */
    /* coef with one more entry, 0, behind the levels of each categorical term: rows without one */
    double *table; /* [n_outputs][n_entries] */
};

/* Lines that estimators share in their tables of parameters. */
#define SL_FIT_INTERCEPT                                                                           \
    {.name = "fit_intercept", .type = SL_PARAM_BOOL, .fallback = 1.0, .min = 0.0, .max = 1.0}
#define SL_POSITIVE                                                                                \
    {.name = "positive", .type = SL_PARAM_BOOL, .max = 1.0, .is_late = true}

/* Newton steps that least squares may take: one is the solution, more only mend its last digits. */
enum { SL_SQUARE_STEPS = 100 };

/* What is minimised, and until when. */
struct sl_linear_opts {
    struct sl_problem problem; /* kind, C, is_mean, penalties, fit_intercept; the rest follows from
                                  the rows */
    bool   is_balanced;        /* rows weigh by their class, see sl_fit_rows_init() */
    bool   is_one_vs_rest;     /* beyond two classes each is told from all others, on its own */
    double tol;                /* max-norm of the gradient */
    int    max_iter;
};

/**
 * Fit a linear model.
 *
 * Owner:   *state is a struct sl_linear, freed by sl_linear_free(), also after a failure.
 * Errors:  SL_EINPUT where the data cannot be learned from; SL_ENOMEM.
 * Ranks:   collective on in->comm; rows lie as sl_linear_share() says.
 */
SL_MUST_CHECK sl_status sl_linear_fit(const struct sl_fit_in *in, const struct sl_linear_opts *opts,
                                      void **state, struct sl_fit_report *report,
                                      struct sl_error *err);

/* What the vtables of linear models have in common. */
extern const char *const sl_linear_members[];

size_t sl_linear_share(const struct sl_terms *terms, int n_classes, size_t n_rows, int n_ranks,
                       int rank);
/* One output at a time, however many classes there are. */
size_t sl_linear_share_one(const struct sl_terms *terms, int n_classes, size_t n_rows, int n_ranks,
                           int rank);
sl_status sl_linear_save(const void *state, struct sl_json *to, struct sl_error *err);
sl_status sl_linear_load(const struct sl_json_doc *doc, const struct sl_json *from,
                         const struct sl_terms *terms, int n_classes, void **state,
                         struct sl_error *err);
void      sl_linear_free(void *state);

/** Room for the coefficients of a model; on failure the state is left to who frees it. */
SL_MUST_CHECK sl_status sl_linear_create(const struct sl_terms *terms, int n_classes, void **state,
                                         struct sl_error *err);

/** Fill the table from the coefficients. */
void sl_linear_tabulate(struct sl_linear *model);

/**
 * Margins y [n_rows, n_outputs].
 *
 * Ranks: local.  A row's margin is its intercept and then its terms in their order, whatever rows
 *        stand beside it; no BLAS, whose order depends on that.
 */
void sl_linear_margins(const struct sl_linear *model, const struct sl_design *x,
                       struct sl_matrix *y);

/** The same as a vtable's `predict`: values that are margins. */
sl_status sl_linear_predict(const void *state, const struct sl_design *x, struct sl_matrix *y,
                            struct sl_error *err);

#endif
