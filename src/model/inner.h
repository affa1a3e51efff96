/* The problem that the solvers of linear models work on.  Private to the model module. */
#ifndef SCORELINE_MODEL_INNER_H
#define SCORELINE_MODEL_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link.h"
#include "parts.h"
#include "scoreline/block.h"
#include "scoreline/error.h"

/* What is to be fitted: on each rank with rows of its own. */
struct sl_problem {
    const struct sl_terms  *terms;
    const struct sl_design *x;
    const double           *y;            /* class index or target of each row of x */
    const double           *weight;       /* of each row of x; NULL: all 1 */
    const double           *class_weight; /* [n_classes] multiplied to that; NULL: all 1 */
    const size_t           *rows;         /* [n_rows] those used, of positive weight; NULL: all */
    size_t                  n_rows;
    const struct sl_comm   *comm;  /* who fits together */
    struct sl_parts         parts; /* of the rows used of all ranks; this rank's are the n_rows */
    enum sl_link_kind       kind;
    int                     n_classes; /* 0: the label is a number */
    int    one_class;     /* it against all others is what is to be told; -1: labels are classes */
    double C;             /* weight of the losses' sum against the penalty, > 0 */
    bool   is_mean;       /* of their mean instead */
    double l2;            /* the penalty is half of this times the squares of the coefficients */
    double l1;            /* and this times their absolute values */
    bool   is_positive;   /* these are 0 or more */
    double intercept_l2;  /* and half of this times the square of the intercept */
    bool   fit_intercept; /* else it is 0 */
    bool   is_wide;       /* too much for a Hessian: there is none */
};

/* 1, or of more than two classes one for each. */
size_t sl_problem_n_outputs(const struct sl_problem *problem);
/* Of outputs, whose Gram matrices make the Hessian: see sl_link_root(). */
size_t sl_problem_n_pairs(size_t n_outputs);

/* The columns in inner units.  A numeric one is z = (x - centre) * scale; the scales are powers of
 * two, so that nothing is rounded but the difference to the centre: raw columns of any unit and
 * origin become alike.  Behind the numeric ones stands the intercept's, of ones, and behind these
 * dense columns those of the levels, term after term, which are 0 or 1 as they are and exist as
 * codes only.
 *
 * theta holds for each output a weight for each of these columns.  What is summed by code has slots
 * instead of columns: one more behind each term's levels, for the rows that have none. */
struct sl_inner {
    const struct sl_problem *problem;
    size_t                   n_numeric;
    size_t                   n_dense; /* numeric ones, and the intercept's if there is one */
    size_t                   n_columns;
    size_t                   n_slots;
    size_t                   n_coded; /* categorical terms */
    size_t                  *slot;    /* [n_columns] */
    size_t  *first_slot;              /* [n_coded] of the levels of a term, by its codes' index */
    int32_t *model_column;            /* [n_columns] of the model; -1: the intercept */
    double  *centre;                  /* [n_numeric]; 0 without intercept */
    double  *scale;                   /* [n_numeric] */
};

/* Rows of the problem in inner units, one worker's. */
struct sl_batch {
    size_t   n;      /* rows in it */
    size_t   ld;     /* distance between columns, of all that has columns */
    double  *z;      /* [n_dense][ld] */
    double  *label;  /* [n] */
    double  *weight; /* [n] */
    int32_t *codes;  /* [n_coded][ld] */
};

/* Whether rows have weights; else those of a batch are not set. */
bool sl_inner_is_weighted(const struct sl_inner *inner);

/** Lay the columns out; freed by sl_inner_release(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_inner_init(struct sl_inner *inner, const struct sl_problem *problem,
                                      struct sl_error *err);
void                    sl_inner_release(struct sl_inner *inner);

/** Choose centres and scales: reads all rows, by n_workers threads; SL_ENOMEM.  Collective. */
SL_MUST_CHECK sl_status sl_inner_measure(struct sl_inner *inner, int n_workers,
                                         struct sl_error *err);

/** Fill a batch with the used rows from `first` on. */
void sl_inner_load(const struct sl_inner *inner, size_t first, struct sl_batch *batch);

/** What a unit of theta[j] adds to the intercept of raw columns. */
double sl_inner_intercept_share(const struct sl_inner *inner, size_t j);

/** The weight of column j in outer units, per unit of theta. */
double sl_inner_scale(const struct sl_inner *inner, size_t j);

/** Give each of `slots` [n_slots] its weight in one output's theta [n_columns], 0 to no level. */
void sl_inner_spread(const struct sl_inner *inner, const double *theta, double *slots);

/** One output's theta from what sl_inner_unwrap() makes of it. */
void sl_inner_wrap(const struct sl_inner *inner, const double *coef, double intercept,
                   double *theta);

/** One output's coefficients [n_columns of the model] and intercept from theta. */
void sl_inner_unwrap(const struct sl_inner *inner, const double *theta, double *coef,
                     double *intercept);

#endif
