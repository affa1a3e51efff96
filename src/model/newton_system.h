/* The linear algebra of a Newton step.  Private to the model module. */
#ifndef SCORELINE_MODEL_NEWTON_SYSTEM_H
#define SCORELINE_MODEL_NEWTON_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

#include "scoreline/error.h"

/* A Hessian, scaled to a unit diagonal so that units of the columns do not matter, and its factor.
 */
struct sl_system {
    size_t  n;
    size_t  n_outputs;
    int     n_blas;      /* n, as BLAS and LAPACK count */
    bool    is_factored; /* `factor` is that of a Hessian, though perhaps not of the last one */
    bool    is_constant; /* the Hessian stays as it is until sl_system_forget() */
    bool    has_eigen;   /* `factor` holds eigenvectors of a constant one */
    double *hessian;     /* [n, n] lower triangle; the caller's to fill */
    double *factor;      /* [n, n] */
    double *jacobi;      /* [n] 1 / root of the Hessian's diagonal, of the one last factored */
    double *eigenvalues; /* [n] */
    double *work;
};

/** Room for n unknowns of n_outputs outputs; freed by sl_system_release(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_system_init(struct sl_system *system, size_t n, size_t n_outputs,
                                       struct sl_error *err);
void                    sl_system_release(struct sl_system *system);

/** An eigenvalue of the scaled Hessian, relative to the largest, that is rounding and no more. */
double sl_system_least_cut(const struct sl_system *system);

/** Factor the Hessian; false if it is numerically singular. */
bool sl_system_factor(struct sl_system *system);

/** The Hessian is another one: of a constant one nothing else says so. */
void sl_system_forget(struct sl_system *system);

/** step [n] = -H^-1 gradient by the last factor. */
bool sl_system_solve(struct sl_system *system, const double *gradient, double *step);

/** The same of the Hessian as it is, leaving out the directions whose curvature is below `cut`
 *  times the largest; no factor is left.  False if it fails. */
bool sl_system_solve_cut(struct sl_system *system, double cut, const double *gradient,
                         double *step);

/** How many directions there are of which the Hessian's rounding leaves little; *cut is what leaves
 *  them out of a step. */
size_t sl_system_count_weak(struct sl_system *system, double *cut);
/** And those directions, of length 1 in the scaled Hessian's units: basis [n_weak][n]. */
void sl_system_weak(const struct sl_system *system, size_t n_weak, double *basis);

/** The length of a vector in which all columns count alike. */
double sl_system_size(const struct sl_system *system, const double *vector);

#endif
