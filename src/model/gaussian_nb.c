/* Naive Bayes of normal distributions: each column of each class has a mean and a variance, columns
 * of levels too, as scikit-learn's GaussianNB has it of columns of 0 and 1.  To every variance
 * var_smoothing times the largest variance of a column, over all rows, is added. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"
#include "nb_moments.h"
#include "outputs.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"

enum { PARAM_VAR_SMOOTHING, PARAM_PRIORS };
enum { BLOCK_ROWS = 256 };

static const double two_pi = 6.283185307179586;

static const struct sl_param params[] = {
    [PARAM_VAR_SMOOTHING] = {.name = "var_smoothing",
                             .type = SL_PARAM_REAL,
                             .fallback = 1e-9,
                             .min = 0.0,
                             .max = 1e100},
    [PARAM_PRIORS] =
        {.name = "priors", .type = SL_PARAM_NUMBERS, .min = 0.0, .max = 1.0, .is_late = true},
    {.name = NULL},
};

static const char *const members[] = {"class_prior", "theta", "var", NULL};

/* What is saved, and what follows from it for the rows to be scored. */
struct bayes {
    struct sl_terms terms;
    size_t          n_classes;
    double         *prior; /* [n_classes] */
    double         *theta; /* [n_classes][terms.n_columns] means */
    double         *var;   /* [n_classes][terms.n_columns] */

    double *constant;    /* [n_classes] what does not depend on the row */
    double *half;        /* [n_classes][terms.n_columns] 1 / (2 var) */
    size_t  n_entries;   /* codes of all categorical terms */
    size_t *first_entry; /* [terms.n_terms] */
    double *table;       /* [n_classes][n_entries] what a code adds */
};

static void bayes_free(void *state)
{
    struct bayes *model = state;

    sl_terms_release(&model->terms);
    free(model->prior);
    free(model->theta);
    free(model->var);
    free(model->constant);
    free(model->half);
    free(model->first_entry);
    free(model->table);
    free(model);
}

/* On failure the state is left to the registry, which frees it. */
static sl_status bayes_create(const struct sl_terms *terms, int n_classes, void **state,
                              struct sl_error *err)
{
    const size_t  n = (size_t)n_classes;
    const size_t  n_columns = (size_t)terms->n_columns;
    struct bayes *model;
    sl_status     rc;

    SL_TRY(sl_alloc_array(1, sizeof *model, &model, err));
    *state = model;
    model->n_classes = n;
    SL_TRY(sl_terms_copy(terms, &model->terms, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &model->prior, err));
    SL_TRY(sl_alloc_array(n, n_columns * sizeof(double), &model->theta, err));
    SL_TRY(sl_alloc_array(n, n_columns * sizeof(double), &model->var, err));
    SL_TRY(sl_alloc_array(n, sizeof(double), &model->constant, err));
    SL_TRY(sl_alloc_array(n, n_columns * sizeof(double), &model->half, err));
    SL_TRY(sl_alloc_array((size_t)terms->n_terms, sizeof(size_t), &model->first_entry, err));
    for (int t = 0; t < terms->n_terms; t++) {
        model->first_entry[t] = model->n_entries;
        if (terms->items[t].is_categorical)
            model->n_entries += (size_t)terms->items[t].n_columns + 1;
    }
    SL_TRY(sl_alloc_array(n, model->n_entries * sizeof(double), &model->table, err));
out:
    return rc;
}

/* --- what a row adds -------------------------------------------------------------------------- */

/* Columns of a term's levels where one of them is 1, or none. */
static double of_code(const struct bayes *model, size_t k, const struct sl_term *term, int32_t code)
{
    const size_t  at = k * (size_t)model->terms.n_columns + (size_t)term->first_column;
    const double *theta = model->theta + at, *half = model->half + at;
    double        sum = 0.0;

    for (int32_t level = 0; level < term->n_columns; level++) {
        const double gap = (level == code) - theta[level];

        sum -= gap * gap * half[level];
    }
    return sum;
}

static void prepare_class(struct bayes *model, size_t k)
{
    const size_t  n_columns = (size_t)model->terms.n_columns;
    const double *var = model->var + k * n_columns;
    double       *half = model->half + k * n_columns;
    double        sum;

    sl_log_many(&model->prior[k], 1, &sum);
    for (size_t j = 0; j < n_columns; j++) {
        double log_var = two_pi * var[j];

        sl_log_many(&log_var, 1, &log_var);
        sum -= 0.5 * log_var;
        half[j] = 0.5 / var[j];
    }
    model->constant[k] = sum;
    for (int t = 0; t < model->terms.n_terms; t++) {
        const struct sl_term *term = &model->terms.items[t];
        double               *entry = model->table + k * model->n_entries + model->first_entry[t];

        for (int32_t code = 0; term->is_categorical && code <= term->n_columns; code++)
            entry[code] = of_code(model, k, term, code);
    }
}

static void prepare(struct bayes *model)
{
    for (size_t k = 0; k < model->n_classes; k++)
        prepare_class(model, k);
}

/* Logarithms of the joint probabilities of rows [first, first + n) and class k, but for an end to
 * how small they are: differences of them are numbers. */
static void add_up(const struct bayes *model, const struct sl_design *x, size_t k, size_t first,
                   size_t n, double *joint)
{
    const size_t n_columns = (size_t)model->terms.n_columns;
    const double least = -1e300;

    for (size_t i = 0; i < n; i++)
        joint[i] = model->constant[k];
    for (int t = 0; t < model->terms.n_terms; t++) {
        const struct sl_term *term = &model->terms.items[t];
        const size_t          from = (size_t)term->index * x->x.ld + first;

        if (term->is_categorical) {
            const int32_t *codes = x->codes + from;
            const double  *entry = model->table + k * model->n_entries + model->first_entry[t];

            for (size_t i = 0; i < n; i++)
                joint[i] += entry[codes[i]];
        } else {
            const double *column = x->x.data + from;
            const double  theta = model->theta[k * n_columns + (size_t)term->first_column];
            const double  half = model->half[k * n_columns + (size_t)term->first_column];

            for (size_t i = 0; i < n; i++)
                joint[i] -= (column[i] - theta) * (column[i] - theta) * half;
        }
    }
    for (size_t i = 0; i < n; i++)
        joint[i] = joint[i] > least ? joint[i] : least;
}

static sl_status predict(const void *state, const struct sl_design *x, struct sl_matrix *y,
                         struct sl_error *err)
{
    const struct bayes *model = state;
    double              other[BLOCK_ROWS];

    (void)err;
    for (size_t first = 0; first < y->n_rows; first += BLOCK_ROWS) {
        const size_t n = y->n_rows - first < BLOCK_ROWS ? y->n_rows - first : BLOCK_ROWS;

        for (size_t k = 0; model->n_classes > 2 && k < model->n_classes; k++)
            add_up(model, x, k, first, n, y->data + k * y->ld + first);
        if (model->n_classes > 2)
            continue;
        add_up(model, x, 0, first, n, other);
        add_up(model, x, 1, first, n, y->data + first);
        for (size_t i = 0; i < n; i++)
            y->data[first + i] -= other[i];
    }
    sl_outputs_probabilities(y);
    return SL_OK;
}

/* --- fitting ---------------------------------------------------------------------------------- */

static sl_status check(const double *values, struct sl_error *err)
{
    const double  digits = 1e-5; /* that scikit-learn lets them be off */
    const double *priors = sl_model_numbers(&sl_model_gaussian_nb, values);
    double        sum = 0.0;

    for (int k = 0; k < (int)values[PARAM_PRIORS]; k++)
        sum += priors[k];
    if (values[PARAM_PRIORS] > 0.0 && !(fabs(sum - 1.0) <= digits))
        return sl_fail(err, SL_EJOB,
                       "$.train.params.priors: expected numbers whose sum is 1, got %.16g", sum);
    return SL_OK;
}

/* Instead of the classes' shares of the rows. */
static sl_status take_priors(const double *values, struct bayes *model, struct sl_error *err)
{
    const size_t n = (size_t)values[PARAM_PRIORS];

    if (n == 0)
        return SL_OK;
    if (n != model->n_classes)
        return sl_fail(err, SL_EJOB,
                       "train.params.priors has %zu numbers, but the label has %zu classes", n,
                       model->n_classes);
    memcpy(model->prior, sl_model_numbers(&sl_model_gaussian_nb, values), n * sizeof *model->prior);
    return SL_OK;
}

static size_t share(const struct sl_terms *terms, int n_classes, size_t n_rows, int n_ranks,
                    int rank)
{
    const struct sl_parts parts = sl_parts_of(sl_nb_doubles(terms, n_classes), n_rows, n_ranks);

    return sl_parts_first_row(&parts, rank);
}

static sl_status take_moments(const struct sl_nb_moments *m, double smoothing, struct bayes *model,
                              struct sl_error *err)
{
    const double *of_all = m->variance + model->n_classes * m->n_columns;
    double        total = 0.0, most = 0.0;

    for (size_t j = 0; j < m->n_columns; j++)
        most = fmax(most, of_all[j]);
    for (size_t k = 0; k < model->n_classes; k++)
        total += m->weight[k];
    for (size_t k = 0; k < model->n_classes; k++) {
        model->prior[k] = m->weight[k] / total;
        for (size_t j = 0; j < m->n_columns; j++) {
            const size_t at = k * m->n_columns + j;

            model->theta[at] = m->mean[at];
            model->var[at] = m->variance[at] + smoothing * most;
            if (!(model->var[at] > 0.0 && isfinite(0.5 / model->var[at])))
                return sl_fail(
                    err, SL_EINPUT,
                    "column %zu of the model has one value in all training rows of class "
                    "%zu, and var_smoothing adds nothing to its variance: raise it, or "
                    "leave out the feature",
                    j, k);
            if (!isfinite(model->theta[at]) || !isfinite(model->var[at]))
                return sl_fail(err, SL_EINPUT,
                               "column %zu of the model is too large for its variance in double "
                               "precision, scale it",
                               j);
        }
    }
    return SL_OK;
}

static sl_status fit(const struct sl_fit_in *in, void **state, struct sl_fit_report *report,
                     struct sl_error *err)
{
    struct sl_nb_moments moments = {0};
    struct sl_fit_rows   rows = {0};
    struct sl_parts      parts;
    sl_status            rc;

    SL_TRY(sl_fit_rows_init(&rows, in, false, err));
    parts =
        sl_parts_of(sl_nb_doubles(in->terms, in->n_classes), rows.n_all, sl_comm_size(in->comm));
    SL_TRY(sl_fit_rows_check(&rows, in, &parts, err));
    SL_TRY(sl_nb_moments_find(in, &rows, &parts, &moments, err));
    rc = bayes_create(in->terms, in->n_classes, state, err);
    SL_TRY(sl_comm_agree(in->comm, rc, err));
    SL_TRY(take_moments(&moments, in->params[PARAM_VAR_SMOOTHING], *state, err));
    SL_TRY(take_priors(in->params, *state, err));
    prepare(*state);
    snprintf(report->solver, sizeof report->solver, "moments");
    report->n_iter = 1;
    report->converged = true;
out:
    sl_nb_moments_release(&moments);
    sl_fit_rows_release(&rows);
    return rc;
}

/* --- in a model file -------------------------------------------------------------------------- */

static sl_status save_rows(const struct bayes *model, const char *key, const double *values,
                           struct sl_json *to, struct sl_error *err)
{
    const size_t    n = (size_t)model->terms.n_columns;
    struct sl_json *list, *row;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, key, &list, err));
    for (size_t k = 0; k < model->n_classes; k++) {
        SL_TRY(sl_json_add_list(list, NULL, &row, err));
        for (size_t j = 0; j < n; j++)
            SL_TRY(sl_json_add_number(row, NULL, values[k * n + j], err));
    }
out:
    return rc;
}

static sl_status save(const void *state, struct sl_json *to, struct sl_error *err)
{
    const struct bayes *model = state;
    struct sl_json     *list;
    sl_status           rc;

    SL_TRY(sl_json_add_list(to, "class_prior", &list, err));
    for (size_t k = 0; k < model->n_classes; k++)
        SL_TRY(sl_json_add_number(list, NULL, model->prior[k], err));
    SL_TRY(save_rows(model, "theta", model->theta, to, err));
    SL_TRY(save_rows(model, "var", model->var, to, err));
out:
    return rc;
}

/* A list of n lists with a number for each column, each more than `least`. */
static sl_status load_rows(const struct sl_json_doc *doc, const struct sl_json *from,
                           const char *key, size_t n, size_t n_columns, double *to,
                           struct sl_error *err)
{
    const struct sl_json *list;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, key, SL_JSON_LIST, &list, err));
    if (sl_json_count(list) != n)
        return sl_json_fail(doc, list, SL_EJOB, err, "expected %zu rows, got %zu", n,
                            sl_json_count(list));
    for (const struct sl_json *row = sl_json_first(list); row != NULL;
         row = sl_json_next(row), to += n_columns)
        SL_TRY(sl_json_need_numbers(doc, row, n_columns, to, err));
out:
    return rc;
}

/* What is divided by. */
static sl_status need_positive(const struct sl_json_doc *doc, const struct sl_json *from,
                               const char *key, const double *values, size_t n,
                               struct sl_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!(values[i] > 0.0 && isfinite(0.5 / values[i])))
            return sl_json_fail(doc, sl_json_find(from, key), SL_EJOB, err,
                                "expected numbers above 0, got %g", values[i]);
    return SL_OK;
}

static sl_status need_shares(const struct sl_json_doc *doc, const struct sl_json *prior,
                             const double *values, size_t n, struct sl_error *err)
{
    for (size_t k = 0; k < n; k++)
        if (!(values[k] >= 0.0))
            return sl_json_fail(doc, prior, SL_EJOB, err, "expected numbers from 0 on, got %g",
                                values[k]);
    return SL_OK;
}

static sl_status load(const struct sl_json_doc *doc, const struct sl_json *from,
                      const struct sl_terms *terms, int n_classes, void **state,
                      struct sl_error *err)
{
    const size_t          n = (size_t)n_classes;
    const size_t          n_columns = (size_t)terms->n_columns;
    const struct sl_json *prior;
    struct bayes         *model;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, "class_prior", SL_JSON_LIST, &prior, err));
    if (sl_json_count(prior) != n)
        return sl_json_fail(doc, prior, SL_EJOB, err, "expected %zu numbers, got %zu", n,
                            sl_json_count(prior));
    SL_TRY(bayes_create(terms, n_classes, state, err));
    model = *state;
    SL_TRY(sl_json_need_numbers(doc, prior, n, model->prior, err));
    SL_TRY(load_rows(doc, from, "theta", n, n_columns, model->theta, err));
    SL_TRY(load_rows(doc, from, "var", n, n_columns, model->var, err));
    SL_TRY(need_shares(doc, prior, model->prior, n, err));
    SL_TRY(need_positive(doc, from, "var", model->var, n * n_columns, err));
    prepare(model);
out:
    return rc;
}

const struct sl_model_ops sl_model_gaussian_nb = {
    .name = "gaussian_nb",
    .params = params,
    .members = members,
    .is_classifier = true,
    .check = check,
    .share = share,
    .fit = fit,
    .predict = predict,
    .save = save,
    .load = load,
    .free = bayes_free,
};
