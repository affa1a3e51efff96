/* Reads the model file.  Whoever sent it, what comes out is whole: every member has its type and
 * size, every number is finite, nothing is unknown, and the model gives the scores that the file
 * says it gave where it was made, to the bit. */
#include <stdlib.h>
#include <string.h>

#include "bundle_impl.h"
#include "scoreline/bundle.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"

/* A file being read. */
struct reader {
    const struct sl_json_doc *doc;
    const struct sl_json     *root;
    struct sl_error          *err;
};

static sl_status read_bundle(const struct reader *r, struct sl_bundle *bundle);
static sl_status check_format(const struct reader *r);
static sl_status check_members(const struct reader *r);
static sl_status check_classes(const struct reader *r, const struct sl_model_ops *kind);
static sl_status check_columns(const struct reader *r, const struct sl_recipe *recipe);
static sl_status read_fit(const struct reader *r, struct sl_bundle *bundle);
static sl_status read_checks(const struct reader *r, struct sl_bundle *bundle);
static sl_status verify_checks(const struct reader *r, const struct sl_bundle *bundle);
static sl_status read_provenance(const struct reader *r, struct sl_bundle *bundle);

sl_status sl_bundle_parse(const char *text, size_t n_bytes, const char *source,
                          struct sl_bundle *bundle, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct reader       r = {.err = err};
    sl_status           rc;

    *bundle = (struct sl_bundle){0};
    SL_TRY(sl_json_parse(text, n_bytes, source, &doc, err));
    r.doc = doc;
    r.root = sl_json_root(doc);
    SL_TRY(read_bundle(&r, bundle));
out:
    if (rc != SL_OK)
        sl_bundle_release(bundle);
    sl_json_close(doc);
    return rc;
}

static sl_status read_bundle(const struct reader *r, struct sl_bundle *bundle)
{
    const struct sl_json *recipe;
    sl_status             rc;

    SL_TRY(check_format(r));
    SL_TRY(check_members(r));
    SL_TRY(sl_json_need(r->doc, r->root, "recipe", SL_JSON_OBJECT, &recipe, r->err));
    SL_TRY(sl_recipe_load(r->doc, recipe, &bundle->recipe, r->err));
    SL_TRY(check_columns(r, bundle->recipe));
    SL_TRY(
        sl_model_load(r->doc, r->root, sl_recipe_terms(bundle->recipe), 2, &bundle->model, r->err));
    SL_TRY(check_classes(r, sl_model_kind(bundle->model)));
    SL_TRY(read_fit(r, bundle));
    SL_TRY(read_checks(r, bundle));
    SL_TRY(verify_checks(r, bundle));
    SL_TRY(read_provenance(r, bundle));
out:
    return rc;
}

static sl_status check_format(const struct reader *r)
{
    const struct sl_json *format = sl_json_find(r->root, "format");
    const char           *name = format == NULL ? NULL : sl_json_text(format);
    const struct sl_json *version;
    sl_status             rc;

    if (name == NULL || strcmp(name, SL_BUNDLE_FORMAT) != 0)
        return sl_json_fail(r->doc, r->root, SL_EJOB, r->err,
                            "not a model file (\"format\" is not \"%s\")", SL_BUNDLE_FORMAT);
    SL_TRY(sl_json_need(r->doc, r->root, "version", SL_JSON_NUMBER, &version, r->err));
    if (sl_json_number(version) != SL_BUNDLE_VERSION)
        return sl_json_fail(r->doc, version, SL_EJOB, r->err,
                            "a model file of version %.17g, this program reads version %d",
                            sl_json_number(version), (int)SL_BUNDLE_VERSION);
out:
    return rc;
}

static sl_status check_members(const struct reader *r)
{
    static const char *const keys[] = {"format", "version", "estimator", "classes",
                                       "recipe", "columns", "coef",      "intercept",
                                       "fit",    "checks",  "provenance"};

    return sl_json_only(r->doc, r->root, keys, sizeof keys / sizeof *keys, r->err);
}

/* A list of exactly these texts. */
static sl_status want_texts(const struct reader *r, const char *key, const char *const *texts,
                            size_t n)
{
    const struct sl_json *list;
    size_t                i = 0;
    sl_status             rc;

    SL_TRY(sl_json_need(r->doc, r->root, key, SL_JSON_LIST, &list, r->err));
    if (sl_json_count(list) != n)
        return sl_json_fail(r->doc, list, SL_EJOB, r->err, "expected %zu texts, got %zu", n,
                            sl_json_count(list));
    for (const struct sl_json *item = sl_json_first(list); item != NULL;
         item = sl_json_next(item), i++) {
        const char *text = sl_json_text(item);

        if (text == NULL || strcmp(text, texts[i]) != 0)
            return sl_json_fail(r->doc, item, SL_EJOB, r->err, "expected \"%.100s\"", texts[i]);
    }
out:
    return rc;
}

static sl_status check_classes(const struct reader *r, const struct sl_model_ops *kind)
{
    static const char *const binary[] = {"0", "1"};

    return kind->is_classifier ? want_texts(r, "classes", binary, 2) : SL_OK;
}

static sl_status check_columns(const struct reader *r, const struct sl_recipe *recipe)
{
    int                n_columns;
    const char *const *columns = sl_recipe_columns(recipe, &n_columns);

    return want_texts(r, "columns", columns, (size_t)n_columns);
}

static sl_status read_count(const struct reader *r, const struct sl_json *object, const char *key,
                            int64_t *out)
{
    const struct sl_json *value;
    sl_status             rc;

    SL_TRY(sl_json_need(r->doc, object, key, SL_JSON_NUMBER, &value, r->err));
    if (!sl_json_integer(value, out) || *out < 0)
        return sl_json_fail(r->doc, value, SL_EJOB, r->err, "expected a count");
out:
    return rc;
}

/* The index of a choice; files older than the parameter mean its first. */
static sl_status read_choice(const struct reader *r, const struct sl_json *object,
                             const struct sl_param *param, double *out)
{
    const struct sl_json *value = sl_json_find(object, param->name);
    sl_status             rc;

    *out = 0.0;
    if (value == NULL)
        return SL_OK;
    SL_TRY(sl_json_need(r->doc, object, param->name, SL_JSON_TEXT, &value, r->err));
    for (int i = 0; param->choices[i] != NULL; i++) {
        *out = i;
        if (strcmp(param->choices[i], sl_json_text(value)) == 0)
            return SL_OK;
    }
    rc = sl_json_fail(r->doc, value, SL_EJOB, r->err, "unknown choice '%.100s'",
                      sl_json_text(value));
out:
    return rc;
}

static sl_status read_param(const struct reader *r, const struct sl_json *object,
                            const struct sl_param *param, double *out)
{
    const struct sl_json *value;
    sl_status             rc;

    if (param->type == SL_PARAM_BOOL) {
        SL_TRY(sl_json_need(r->doc, object, param->name, SL_JSON_BOOL, &value, r->err));
        *out = sl_json_bool(value);
    } else if (param->type == SL_PARAM_CHOICE) {
        SL_TRY(read_choice(r, object, param, out));
    } else {
        SL_TRY(sl_json_need_number(r->doc, object, param->name, out, r->err));
    }
out:
    return rc;
}

static sl_status read_params(const struct reader *r, const struct sl_json *fit,
                             struct sl_bundle *bundle)
{
    const struct sl_param *params = sl_model_kind(bundle->model)->params;
    const char            *keys[SL_MAX_PARAMS];
    const struct sl_json  *object;
    size_t                 n = 0;
    sl_status              rc;

    SL_TRY(sl_json_need(r->doc, fit, "params", SL_JSON_OBJECT, &object, r->err));
    for (; params[n].name != NULL; n++) {
        keys[n] = params[n].name;
        SL_TRY(read_param(r, object, &params[n], &bundle->fit.params[n]));
    }
    SL_TRY(sl_json_only(r->doc, object, keys, n, r->err));
out:
    return rc;
}

static sl_status read_solver(const struct reader *r, const struct sl_json *fit,
                             struct sl_fit_report *report)
{
    const struct sl_json *value;
    const char           *text;
    sl_status             rc;

    SL_TRY(sl_json_need(r->doc, fit, "solver", SL_JSON_TEXT, &value, r->err));
    text = sl_json_text(value);
    if (strlen(text) >= sizeof report->solver)
        return sl_json_fail(r->doc, value, SL_EJOB, r->err, "a name of more than %zu bytes",
                            sizeof report->solver - 1);
    memcpy(report->solver, text, strlen(text) + 1);
out:
    return rc;
}

static sl_status read_fit(const struct reader *r, struct sl_bundle *bundle)
{
    static const char *const keys[] = {"solver",        "params",    "n_iter", "objective",
                                       "gradient_norm", "converged", "rows"};
    struct sl_fit_report    *report = &bundle->fit;
    const struct sl_json    *fit, *converged;
    int64_t                  n_iter;
    sl_status                rc;

    SL_TRY(sl_json_need(r->doc, r->root, "fit", SL_JSON_OBJECT, &fit, r->err));
    SL_TRY(sl_json_only(r->doc, fit, keys, sizeof keys / sizeof *keys, r->err));
    SL_TRY(read_solver(r, fit, report));
    SL_TRY(read_params(r, fit, bundle));
    SL_TRY(read_count(r, fit, "n_iter", &n_iter));
    if (n_iter > INT32_MAX)
        return sl_json_fail(r->doc, sl_json_find(fit, "n_iter"), SL_EJOB, r->err, "too large");
    report->n_iter = (int)n_iter;
    SL_TRY(sl_json_need_number(r->doc, fit, "objective", &report->objective, r->err));
    SL_TRY(sl_json_need_number(r->doc, fit, "gradient_norm", &report->gradient_norm, r->err));
    SL_TRY(sl_json_need(r->doc, fit, "converged", SL_JSON_BOOL, &converged, r->err));
    report->converged = sl_json_bool(converged);
    SL_TRY(read_count(r, fit, "rows", &report->n_rows));
out:
    return rc;
}

static sl_status read_check(const struct reader *r, const struct sl_json *from, size_t row,
                            double *values, struct sl_checks *checks)
{
    static const char *const keys[] = {"x", "score"};
    const struct sl_json    *list;
    sl_status                rc;

    SL_TRY(sl_json_only(r->doc, from, keys, sizeof keys / sizeof *keys, r->err));
    SL_TRY(sl_json_need(r->doc, from, "x", SL_JSON_LIST, &list, r->err));
    SL_TRY(sl_json_need_numbers(r->doc, list, checks->x.n_cols, values, r->err));
    for (size_t j = 0; j < checks->x.n_cols; j++)
        checks->x.data[j * checks->x.ld + row] = values[j];
    SL_TRY(sl_json_need_number(r->doc, from, "score", &checks->score.data[row], r->err));
out:
    return rc;
}

static sl_status read_checks(const struct reader *r, struct sl_bundle *bundle)
{
    double               *values = NULL; /* of one row */
    const struct sl_json *list;
    int                   n_columns;
    size_t                n_rows, i = 0;
    sl_status             rc;

    sl_recipe_columns(bundle->recipe, &n_columns);
    SL_TRY(sl_json_need(r->doc, r->root, "checks", SL_JSON_LIST, &list, r->err));
    n_rows = sl_json_count(list);
    if (n_rows > SL_BUNDLE_MAX_CHECKS)
        return sl_json_fail(r->doc, list, SL_EJOB, r->err, "%zu checks, at most %d are allowed",
                            n_rows, (int)SL_BUNDLE_MAX_CHECKS);
    SL_TRY(sl_matrix_init(&bundle->checks.x, n_rows, (size_t)n_columns, r->err));
    SL_TRY(sl_matrix_init(&bundle->checks.score, n_rows, 1, r->err));
    SL_TRY(sl_alloc_array((size_t)n_columns, sizeof *values, &values, r->err));
    for (const struct sl_json *item = sl_json_first(list); item != NULL; item = sl_json_next(item))
        SL_TRY(read_check(r, item, i++, values, &bundle->checks));
out:
    free(values);
    return rc;
}

/* Compared as bytes: a model that is off by the last bit is not the one that was trained. */
static sl_status verify_checks(const struct reader *r, const struct sl_bundle *bundle)
{
    const struct sl_matrix *want = &bundle->checks.score;
    const struct sl_json   *item = sl_json_first(sl_json_find(r->root, "checks"));
    const struct sl_design  x = {.x = bundle->checks.x};
    struct sl_matrix        got = {0};
    sl_status               rc;

    SL_TRY(sl_matrix_init(&got, want->n_rows, 1, r->err));
    SL_TRY(sl_model_predict(bundle->model, &x, &got, r->err));
    for (size_t i = 0; i < want->n_rows && rc == SL_OK; i++, item = sl_json_next(item)) {
        if (memcmp(&got.data[i], &want->data[i], sizeof *got.data) != 0)
            rc = sl_json_fail(r->doc, item, SL_EJOB, r->err,
                              "the model gives the score %.17g, the file says %.17g: the file was "
                              "altered or damaged",
                              got.data[i], want->data[i]);
    }
out:
    sl_matrix_release(&got);
    return rc;
}

static sl_status read_provenance(const struct reader *r, struct sl_bundle *bundle)
{
    const struct sl_json *provenance;
    sl_status             rc;

    SL_TRY(sl_json_need(r->doc, r->root, "provenance", SL_JSON_OBJECT, &provenance, r->err));
    SL_TRY(sl_json_print(provenance, false, &bundle->provenance, r->err));
out:
    return rc;
}
