/* The one list of estimators, and the calls through which everybody else uses them: shapes are
 * checked here, once for all kinds, parameters in params.c.  A new kind is a file and a line in
 * kinds.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"
#include "params.h"
#include "values.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

#define ADDRESS(kind) &(kind),
static const struct sl_model_ops *const kinds[] = {SL_MODEL_KINDS(ADDRESS)};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

struct sl_model {
    const struct sl_model_ops *ops;
    void                      *state;
    struct sl_terms            terms;
    int                        n_outputs;
};

static sl_status find_kind(const char *name, const struct sl_model_ops **out, struct sl_error *err);
static sl_status check_fit_input(const struct sl_fit_in *in, int64_t n_rows, struct sl_error *err);

static bool has_shape(const struct sl_terms *terms, const struct sl_design *x)
{
    return x->x.n_cols == (size_t)terms->n_numeric && x->n_codes == terms->n_categorical;
}

static bool can_start(const struct sl_fit_in *in)
{
    const struct sl_model *start = in->start;

    return start->ops == in->ops && start->terms.n_columns == in->terms->n_columns &&
           start->n_outputs == (in->n_classes > 2 ? in->n_classes : 1);
}

const struct sl_model_ops *const *sl_model_kinds(size_t *n)
{
    *n = N_KINDS;
    return kinds;
}

const char *const *sl_model_members(const char *name)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i]->members;
    return kinds[0]->members;
}

static size_t count_numbers(const struct sl_train_spec *spec)
{
    size_t n = 0;

    for (int i = 0; i < spec->n_params; i++)
        n += (size_t)spec->params[i].n_numbers;
    return n;
}

sl_status sl_model_check(const struct sl_train_spec *spec, const struct sl_model_ops **ops,
                         double **params, struct sl_error *err)
{
    const struct sl_model_ops *kind;
    double                    *values = NULL;
    sl_status                  rc;

    rc = find_kind(spec->estimator, &kind, err);
    if (rc != SL_OK) {
        sl_error_in(err, "$.train.estimator");
        return rc;
    }
    if (kind->fit == NULL)
        return sl_fail(err, SL_EUNSUPPORTED,
                       "$.train.estimator: '%s' can be scored but not trained", kind->name);
    SL_TRY(sl_alloc_array((size_t)sl_model_n_params(kind) + count_numbers(spec), sizeof *values,
                          &values, err));
    SL_TRY(sl_check_params(spec, kind, values, err));
    SL_TRY(kind->check != NULL ? kind->check(values, err) : SL_OK);
    *ops = kind;
    *params = values;
    values = NULL;
out:
    free(values);
    return rc;
}

/* "a, b, c", cut where it does not fit; written to out and returned. */
static const char *list_kinds(char *out, size_t out_bytes)
{
    size_t n_bytes = 0;

    for (size_t i = 0; i < N_KINDS && n_bytes < out_bytes; i++)
        n_bytes += (size_t)snprintf(out + n_bytes, out_bytes - n_bytes, "%s%s", i > 0 ? ", " : "",
                                    kinds[i]->name);
    return out;
}

static sl_status find_kind(const char *name, const struct sl_model_ops **out, struct sl_error *err)
{
    const char *names[N_KINDS];
    char        hint[128];
    char        known[256];

    for (size_t i = 0; i < N_KINDS; i++) {
        *out = kinds[i];
        names[i] = kinds[i]->name;
        if (strcmp(names[i], name) != 0)
            continue;
        if (kinds[i]->missing != NULL)
            return sl_fail(err, SL_EUNSUPPORTED, "'%s' is not in this build, %s would add it", name,
                           kinds[i]->missing);
        return SL_OK;
    }
    return sl_fail(err, SL_EJOB, "unknown estimator '%.100s'%s (known: %s)", name,
                   sl_suggest(name, names, N_KINDS, hint, sizeof hint),
                   list_kinds(known, sizeof known));
}

size_t sl_model_share(const struct sl_model_ops *ops, const struct sl_terms *terms, int n_classes,
                      size_t n_rows, int n_ranks, int rank)
{
    if (ops->share != NULL)
        return ops->share(terms, n_classes, n_rows, n_ranks, rank);
    return rank == 0 ? 0 : n_rows;
}

static sl_status model_create(const struct sl_model_ops *ops, const struct sl_fit_in *in,
                              struct sl_model **out, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_alloc_array(1, sizeof **out, out, err));
    (*out)->ops = ops;
    (*out)->n_outputs = in->n_classes > 2 ? in->n_classes : 1;
    rc = sl_terms_copy(in->terms, &(*out)->terms, err);
out:
    return rc;
}

sl_status sl_model_fit(const struct sl_model_ops *ops, const struct sl_fit_in *given,
                       struct sl_model **out, struct sl_fit_report *report, struct sl_error *err)
{
    struct sl_fit_in in = *given;
    struct sl_model *model = NULL;
    sl_status        rc;

    in.comm = in.comm != NULL ? in.comm : sl_comm_self();
    in.ops = ops;
    in.start_state = in.start != NULL ? in.start->state : NULL;
    *report = (struct sl_fit_report){.n_rows = (int64_t)in.x->x.n_rows};
    sl_comm_sum_i64(in.comm, &report->n_rows, 1);
    memcpy(report->params, in.params,
           (size_t)sl_model_n_values(ops, in.params) * sizeof *report->params);
    SL_TRY(check_fit_input(&in, report->n_rows, err));
    SL_TRY(sl_comm_agree(in.comm, model_create(ops, &in, &model, err), err));
    SL_TRY(ops->fit(&in, &model->state, report, err));
    *out = model;
    model = NULL;
out:
    sl_model_free(model);
    return rc;
}

static sl_status check_fit_input(const struct sl_fit_in *in, int64_t n_rows, struct sl_error *err)
{
    const struct sl_matrix *x = &in->x->x;
    sl_status               rc;

    if (n_rows == 0)
        return sl_fail(err, SL_EINPUT, "there are no rows to train on");
    if (in->terms->n_columns == 0)
        return sl_fail(err, SL_EINPUT, "there are no features to train on");
    if (in->start != NULL && !can_start(in))
        rc = sl_fail(err, SL_EBUG, "model: a start of another kind or shape");
    else if (has_shape(in->terms, in->x))
        rc = sl_check_values(in->terms, in->x, err);
    else
        rc = sl_fail(err, SL_EBUG, "model: %zu numbers and %d codes for %d and %d to train on",
                     x->n_cols, in->x->n_codes, in->terms->n_numeric, in->terms->n_categorical);
    return sl_comm_agree(in->comm, rc, err);
}

void sl_model_free(struct sl_model *model)
{
    if (model == NULL)
        return;
    if (model->state != NULL)
        model->ops->free(model->state);
    sl_terms_release(&model->terms);
    free(model);
}

sl_status sl_model_predict(const struct sl_model *model, const struct sl_design *x,
                           struct sl_matrix *y, struct sl_error *err)
{
    const size_t n_rows = x->x.n_rows;

    if (!has_shape(&model->terms, x))
        return sl_fail(err, SL_EBUG,
                       "model: %zu numbers and %d codes instead of the %d and %d it was fitted to",
                       x->x.n_cols, x->n_codes, model->terms.n_numeric, model->terms.n_categorical);
    if (x->x.ld < n_rows || y->ld < n_rows || y->n_cols != (size_t)model->n_outputs)
        return sl_fail(err, SL_EBUG, "model: outputs of %zu rows by %zu for %zu rows", y->ld,
                       y->n_cols, n_rows);
    y->n_rows = n_rows;
    return model->ops->predict(model->state, x, y, err);
}

const struct sl_model_ops *sl_model_kind(const struct sl_model *model)
{
    return model->ops;
}

int sl_model_n_outputs(const struct sl_model *model)
{
    return model->n_outputs;
}

sl_status sl_model_save(const struct sl_model *model, struct sl_json *to, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_json_add_text(to, "estimator", model->ops->name, err));
    SL_TRY(model->ops->save(model->state, to, err));
out:
    return rc;
}

sl_status sl_model_load(const struct sl_json_doc *doc, const struct sl_json *from,
                        const struct sl_terms *terms, int n_classes, struct sl_model **out,
                        struct sl_error *err)
{
    const struct sl_json *name;
    struct sl_model      *model = NULL;
    struct sl_error       fault;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, "estimator", SL_JSON_TEXT, &name, err));
    SL_TRY(sl_alloc_array(1, sizeof *model, &model, err));
    rc = find_kind(sl_json_text(name), &model->ops, &fault);
    if (rc != SL_OK) {
        sl_json_fail(doc, name, rc, err, "%s", fault.text);
        goto out;
    }
    if (model->ops->is_classifier != (n_classes > 0)) {
        rc = sl_json_fail(doc, name, SL_EJOB, err, "'%s' predicts %s, but the label %s",
                          model->ops->name, n_classes > 0 ? "numbers" : "classes",
                          n_classes > 0 ? "has classes" : "is a number");
        goto out;
    }
    model->n_outputs = n_classes > 2 ? n_classes : 1;
    SL_TRY(sl_terms_copy(terms, &model->terms, err));
    SL_TRY(model->ops->load(doc, from, terms, n_classes, &model->state, err));
    *out = model;
    model = NULL;
out:
    sl_model_free(model);
    return rc;
}
