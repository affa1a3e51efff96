/* The fit of linear models: which rows count, how they are cut into parts, and a solver for what is
 * minimised over them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit_rows.h"
#include "linear.h"
#include "lbfgs.h"
#include "newton.h"
#include "prox.h"
#include "scoreline/memory.h"

/* Of the Hessian, whose square is kept several times over: with several outputs, with one. */
enum { MOST_OUTER_UNKNOWNS = 4096, MOST_UNKNOWNS = 16384 };

/* Whether the optimum may well lie where the objective has a kink, or ends. */
static bool has_kinks(const struct sl_problem *problem)
{
    return problem->l1 > 0.0 || problem->is_positive;
}

static bool is_wide(const struct sl_terms *terms, size_t n_outputs)
{
    const double most = n_outputs > 1 ? MOST_OUTER_UNKNOWNS : MOST_UNKNOWNS;

    return (terms->n_columns + 1.0) * (double)n_outputs > most;
}

static struct sl_parts parts_of(const struct sl_terms *terms, size_t n_outputs, size_t n_rows,
                                int n_ranks)
{
    const double n_slots = (double)sl_parts_slots(terms);
    const double n_doubles = is_wide(terms, n_outputs)
                                 ? 2.0 * (double)n_outputs * n_slots
                                 : (double)sl_problem_n_pairs(n_outputs) * n_slots * n_slots;

    return sl_parts_of(n_doubles, n_rows, n_ranks);
}

size_t sl_linear_share(const struct sl_terms *terms, int n_classes, size_t n_rows, int n_ranks,
                       int rank)
{
    const struct sl_parts parts =
        parts_of(terms, n_classes > 2 ? (size_t)n_classes : 1, n_rows, n_ranks);

    return sl_parts_first_row(&parts, rank);
}

size_t sl_linear_share_one(const struct sl_terms *terms, int n_classes, size_t n_rows, int n_ranks,
                           int rank)
{
    (void)n_classes;
    return sl_linear_share(terms, 0, n_rows, n_ranks, rank);
}

static sl_status refuse_size(const struct sl_fit_in *in, const struct sl_problem *problem,
                             size_t n_outputs, struct sl_error *err)
{
    const char *what =
        problem->l1 > 0.0 ? "absolute values in its penalty" : "positive coefficients";
    const int most = n_outputs > 1 ? MOST_OUTER_UNKNOWNS : MOST_UNKNOWNS;

    if (n_outputs == 1)
        return sl_fail(err, SL_EINPUT,
                       "%d columns are too many for %s with %s: columns + 1 may be %d at most; "
                       "leave out features "
                       "or levels, or take %s",
                       in->terms->n_columns, in->ops->name, what, most,
                       problem->l1 > 0.0 ? "squares" : "them as they come");
    return sl_fail(
        err, SL_EINPUT,
        "%d columns and %d classes are too many for %s with %s: (columns + 1) * classes may "
        "be %d at most; leave out features or levels, merge classes, or take squares",
        in->terms->n_columns, in->n_classes, in->ops->name, what, most);
}

/* Rank 0 found them. */
static void share_coef(const struct sl_comm *comm, struct sl_linear *model)
{
    const size_t n = model->n_outputs;

    sl_comm_share(comm, 0, model->coef, n * (size_t)model->terms.n_columns * sizeof(double));
    sl_comm_share(comm, 0, model->intercept, n * sizeof(double));
}

static void add_report(const struct sl_newton_result *result, struct sl_fit_report *report)
{
    report->n_iter = result->n_iter > report->n_iter ? result->n_iter : report->n_iter;
    report->objective += result->objective;
    report->gradient_norm = fmax(report->gradient_norm, result->gradient_norm);
    report->converged = report->converged && result->converged;
    report->is_unbounded = report->is_unbounded || result->is_unbounded;
}

static const char *solver_of(const struct sl_problem *problem)
{
    if (problem->is_wide)
        return "lbfgs";
    if (!has_kinks(problem))
        return "newton";
    return problem->kind == SL_LINK_SQUARE ? "coordinate_descent" : "proximal_newton";
}

/* The solution begins at one of another problem. */
static bool begin_there(struct sl_linear *model, const struct sl_linear *from)
{
    const size_t n = model->n_outputs;

    if (from == NULL)
        return false;
    memcpy(model->coef, from->coef, n * (size_t)model->terms.n_columns * sizeof *model->coef);
    memcpy(model->intercept, from->intercept, n * sizeof *model->intercept);
    return true;
}

static sl_status minimise(const struct sl_problem *problem, const struct sl_newton_opts *opts,
                          double *coef, double *intercept, struct sl_newton_result *result,
                          struct sl_error *err)
{
    if (problem->is_wide)
        return sl_lbfgs_fit(problem, opts, coef, intercept, result, err);
    return has_kinks(problem) ? sl_prox_fit(problem, opts, coef, intercept, result, err)
                              : sl_newton_fit(problem, opts, coef, intercept, result, err);
}

/* Of one class against all others it alone has a weight, as in liblinear. */
static const double *weigh_alone(double *alone, size_t n, const double *weights, size_t k)
{
    for (size_t i = 0; i < n; i++)
        alone[i] = i == k ? weights[i] : 1.0;
    return alone;
}

/* One solution after the other: of all outputs together, or of each class against the others. */
static sl_status solve(const struct sl_linear_opts *opts, struct sl_problem *problem,
                       const struct sl_fit_in *in, struct sl_linear *model,
                       struct sl_fit_report *report, struct sl_error *err)
{
    const struct sl_newton_opts how = {.tol = opts->tol,
                                       .max_iter = opts->max_iter,
                                       .ends_at_tol = in->ends_at_tol,
                                       .is_warm = begin_there(model, in->start_state),
                                       .lessens =
                                           problem->kind == SL_LINK_SQUARE && problem->l2 == 0.0};
    const bool                  is_each = opts->is_one_vs_rest && problem->n_classes > 2;
    const size_t                n_solutions = is_each ? model->n_outputs : 1;
    const double               *weights = problem->class_weight;
    double                     *alone = NULL;
    sl_status                   rc = SL_OK;

    report->converged = true;
    report->objective = 0.0;
    if (is_each && weights != NULL)
        rc = sl_alloc_array(model->n_outputs, sizeof *alone, &alone, err);
    SL_TRY(sl_comm_agree(problem->comm, rc, err));
    for (size_t k = 0; k < n_solutions; k++) {
        struct sl_newton_result result = {0};

        problem->one_class = is_each ? (int)k : -1;
        if (alone != NULL)
            problem->class_weight = weigh_alone(alone, model->n_outputs, weights, k);
        SL_TRY(minimise(problem, &how, model->coef + k * (size_t)model->terms.n_columns,
                        model->intercept + k, &result, err));
        add_report(&result, report);
    }
    snprintf(report->solver, sizeof report->solver, "%s", solver_of(problem));
out:
    free(alone);
    return rc;
}

sl_status sl_linear_fit(const struct sl_fit_in *in, const struct sl_linear_opts *opts, void **state,
                        struct sl_fit_report *report, struct sl_error *err)
{
    struct sl_problem  problem = opts->problem;
    struct sl_fit_rows rows = {0};
    const size_t n_outputs = in->n_classes > 2 && !opts->is_one_vs_rest ? (size_t)in->n_classes : 1;
    sl_status    rc;

    problem.is_wide = is_wide(in->terms, n_outputs);
    if (problem.is_wide && has_kinks(&problem))
        return refuse_size(in, &problem, n_outputs, err);
    SL_TRY(sl_fit_rows_init(&rows, in, opts->is_balanced, err));
    problem.terms = in->terms;
    problem.x = in->x;
    problem.y = in->y;
    problem.weight = in->weight;
    problem.comm = in->comm;
    problem.n_classes = in->n_classes;
    problem.rows = rows.rows;
    problem.n_rows = rows.n;
    problem.class_weight = rows.class_weight;
    problem.parts = parts_of(in->terms, n_outputs, rows.n_all, sl_comm_size(in->comm));
    SL_TRY(sl_fit_rows_check(&rows, in, &problem.parts, err));
    rc = sl_linear_create(in->terms, in->n_classes, state, err);
    SL_TRY(sl_comm_agree(in->comm, rc, err));
    SL_TRY(solve(opts, &problem, in, *state, report, err));
    share_coef(in->comm, *state);
    sl_linear_tabulate(*state);
out:
    sl_fit_rows_release(&rows);
    return rc;
}
