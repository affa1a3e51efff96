/* Coordinate descent takes long to the last digits where columns are alike, a linear system takes
 * none: so after some sweeps the coordinates that are not 0 go to where their slopes vanish, as far
 * as no sign changes; the one that would change becomes 0. */
#include "lasso_step.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t n_uplo);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda,
             double *b, const int *ldb, int *info, size_t n_uplo);

enum { ROUNDS = 200, SWEEPS = 100, MOVES = 50 };

sl_status sl_lasso_step_init(struct sl_lasso_step *s, size_t n, double *factor,
                             struct sl_error *err)
{
    sl_status rc;

    *s = (struct sl_lasso_step){.n = n, .factor = factor};
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->z, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->slope, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &s->move, err));
    SL_TRY(sl_alloc_array(n, sizeof *s->active, &s->active, err));
out:
    return rc;
}

void sl_lasso_step_release(struct sl_lasso_step *s)
{
    free(s->z);
    free(s->slope);
    free(s->move);
    free(s->active);
    *s = (struct sl_lasso_step){0};
}

double sl_lasso_subgradient(const struct sl_lasso_step *s, const double *slope, const double *z,
                            size_t j)
{
    const double up = slope[j] + s->l1[j], down = slope[j] - s->l1[j];

    if (z[j] != 0.0)
        return z[j] > 0.0 ? up : down;
    if (s->positive[j])
        return up >= 0.0 ? 0.0 : up;
    if (fabs(slope[j]) <= s->l1[j])
        return 0.0;
    return slope[j] > 0.0 ? down : up;
}

static double bend_of(const struct sl_lasso_step *s, size_t j)
{
    return s->hessian[j * s->n + j];
}

/* Of the quadratic part at z, made anew: what was added up on the way has drifted. */
static void find_slope(struct sl_lasso_step *s)
{
    memcpy(s->slope, s->gradient, s->n * sizeof *s->slope);
    for (size_t j = 0; j < s->n; j++)
        if (s->z[j] != s->at[j])
            cblas_daxpy((int)s->n, s->z[j] - s->at[j], s->hessian + j * s->n, 1, s->slope, 1);
}

/* Returns what the move is worth: the curvature times its square. */
static double settle_coordinate(struct sl_lasso_step *s, size_t j)
{
    const double bend = bend_of(s, j);
    double       target, most, move;

    if (!(bend > 0.0))
        return 0.0;
    target = s->z[j] - s->slope[j] / bend;
    most = s->l1[j] / bend;
    if (target > most)
        target -= most;
    else
        target = target < -most && !s->positive[j] ? target + most : 0.0;
    move = target - s->z[j];
    if (move == 0.0)
        return 0.0;
    s->z[j] = target;
    cblas_daxpy((int)s->n, move, s->hessian + j * s->n, 1, s->slope, 1);
    return bend * move * move;
}

/* Whether it may well be 0, and does not change its sign on the way. */
static bool has_kink(const struct sl_lasso_step *s, size_t j)
{
    return s->l1[j] > 0.0 || s->positive[j];
}

static bool is_active(const struct sl_lasso_step *s, size_t j)
{
    return bend_of(s, j) > 0.0 && (s->z[j] != 0.0 || !has_kink(s, j));
}

static void descend(struct sl_lasso_step *s)
{
    const double enough = 1e-4; /* of what the first sweep was worth */
    double       first = 0.0;

    for (size_t j = 0; j < s->n; j++)
        first = fmax(first, settle_coordinate(s, j));
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double most = 0.0;

        for (size_t j = 0; j < s->n; j++)
            if (is_active(s, j))
                most = fmax(most, settle_coordinate(s, j));
        if (most <= enough * first)
            return;
    }
}

static size_t list_active(struct sl_lasso_step *s)
{
    size_t n = 0;

    for (size_t j = 0; j < s->n; j++)
        if (is_active(s, j))
            s->active[n++] = j;
    return n;
}

/* The Hessian of the active coordinates, scaled to a diagonal of 1 and what is added; false if it
 * is singular. */
static bool factor_active(struct sl_lasso_step *s, size_t n_active, double added)
{
    const double least = 32.0 * DBL_EPSILON * (double)n_active;
    const int    n = (int)n_active;
    int          info;

    for (size_t b = 0; b < n_active; b++) {
        const double *column = s->hessian + s->active[b] * s->n;

        for (size_t a = b; a < n_active; a++)
            s->factor[b * n_active + a] = column[s->active[a]] / sqrt(bend_of(s, s->active[a])) /
                                          sqrt(bend_of(s, s->active[b]));
    }
    for (size_t a = 0; a < n_active; a++)
        s->factor[a * (n_active + 1)] += added;
    dpotrf_("L", &n, s->factor, &n, &info, 1);
    for (size_t a = 0; info == 0 && a < n_active; a++)
        if (!(s->factor[a * n_active + a] * s->factor[a * n_active + a] > least))
            return false;
    return info == 0;
}

/* Where active columns are collinear there are ways on which the losses do not change and the
 * penalty falls, until one of the coordinates is 0: a little curvature makes the move go far along
 * these. */
static const double flat_bend = 1e-10;

static bool find_move(struct sl_lasso_step *s, size_t n_active)
{
    const int n = (int)n_active, one = 1;
    int       info;

    if (n_active == 0 ||
        !(factor_active(s, n_active, 0.0) || factor_active(s, n_active, flat_bend)))
        return false;
    for (size_t a = 0; a < n_active; a++) {
        const size_t j = s->active[a];

        s->move[a] = -sl_lasso_subgradient(s, s->slope, s->z, j) / sqrt(bend_of(s, j));
    }
    dpotrs_("L", &n, &one, s->factor, &n, s->move, &n, &info, 1);
    for (size_t a = 0; a < n_active; a++)
        s->move[a] /= sqrt(bend_of(s, s->active[a]));
    return info == 0;
}

/* As far as no sign changes; returns whether that was all of it. */
static bool move_active(struct sl_lasso_step *s, size_t n_active)
{
    double length = 1.0;
    size_t first = n_active; /* that becomes 0 */

    for (size_t a = 0; a < n_active; a++) {
        const size_t j = s->active[a];

        if (has_kink(s, j) && s->z[j] != 0.0 && (s->z[j] + s->move[a] > 0.0) != (s->z[j] > 0.0) &&
            -s->z[j] / s->move[a] <= length) {
            length = -s->z[j] / s->move[a];
            first = a;
        }
    }
    for (size_t a = 0; a < n_active; a++)
        s->z[s->active[a]] += length * s->move[a];
    if (first < n_active)
        s->z[s->active[first]] = 0.0;
    find_slope(s);
    return first == n_active;
}

static bool is_minimum(const struct sl_lasso_step *s)
{
    const double digits = 1e-12;

    for (size_t j = 0; j < s->n; j++) {
        const double off = fabs(sl_lasso_subgradient(s, s->slope, s->z, j));

        if (bend_of(s, j) > 0.0 &&
            !(off <= digits * (fabs(s->gradient[j]) + s->l1[j] + bend_of(s, j) * fabs(s->z[j]))))
            return false;
    }
    return true;
}

bool sl_lasso_step_solve(struct sl_lasso_step *s)
{
    memcpy(s->z, s->at, s->n * sizeof *s->z);
    memcpy(s->slope, s->gradient, s->n * sizeof *s->slope);
    for (int round = 0; round < ROUNDS; round++) {
        descend(s);
        for (int i = 0; i < MOVES; i++) {
            const size_t n_active = list_active(s);

            if (!find_move(s, n_active) || move_active(s, n_active))
                break;
        }
        find_slope(s);
        if (is_minimum(s))
            return true;
    }
    return false;
}
