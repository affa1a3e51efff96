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
static sl_status check_columns(const struct reader *r, const struct sl_recipe *recipe);
static sl_status read_fit(const struct reader *r, struct sl_bundle *bundle);
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
    const struct sl_json *profile;
    int                   n_classes;
    sl_status             rc;

    SL_TRY(check_format(r));
    SL_TRY(check_members(r));
    SL_TRY(sl_recipe_load(r->doc, r->root, &bundle->recipe, r->err));
    sl_recipe_classes(bundle->recipe, &n_classes);
    SL_TRY(check_columns(r, bundle->recipe));
    SL_TRY(sl_model_load(r->doc, r->root, sl_recipe_terms(bundle->recipe), n_classes,
                         &bundle->model, r->err));
    SL_TRY(read_fit(r, bundle));
    SL_TRY(sl_checks_load(r->doc, r->root, bundle, r->err));
    SL_TRY(sl_json_need(r->doc, r->root, "score_profile", SL_JSON_OBJECT, &profile, r->err));
    SL_TRY(sl_profile_load_numbers(r->doc, profile, &bundle->score_profile, r->err));
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
    static const char *const of_all[] = {"format",        "version",   "estimator", "classes",
                                         "recipe",        "columns",   "fit",       "checks",
                                         "score_profile", "provenance"};
    enum { N_OF_ALL = sizeof of_all / sizeof *of_all, MOST_MEMBERS = 8 };
    const struct sl_json *estimator = sl_json_find(r->root, "estimator");
    const char           *name = estimator == NULL ? NULL : sl_json_text(estimator);
    const char *const    *members = sl_model_members(name == NULL ? "" : name);
    const char           *keys[N_OF_ALL + MOST_MEMBERS];
    size_t                n = N_OF_ALL;

    memcpy(keys, of_all, sizeof of_all);
    for (size_t i = 0; i < MOST_MEMBERS && members[i] != NULL; i++)
        keys[n++] = members[i];
    return sl_json_only(r->doc, r->root, keys, n, r->err);
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

    if (param->is_late && sl_json_find(object, param->name) == NULL) {
        *out = param->fallback;
        rc = SL_OK;
    } else if (param->type == SL_PARAM_BOOL) {
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

static sl_status read_numbers(const struct reader *r, const struct sl_json *object, size_t param,
                              struct sl_bundle *bundle)
{
    const struct sl_model_ops *ops = sl_model_kind(bundle->model);
    const struct sl_json      *list;
    size_t                     n;
    sl_status                  rc;

    SL_TRY(sl_json_need(r->doc, object, ops->params[param].name, SL_JSON_LIST, &list, r->err));
    n = sl_json_count(list);
    if (n == 0 || n > SL_MOST_CLASSES)
        return sl_json_fail(r->doc, list, SL_EJOB, r->err, "expected 1 to %d numbers, got %zu",
                            SL_MOST_CLASSES, n);
    bundle->fit.params[param] = (double)n;
    rc = sl_json_need_numbers(r->doc, list, n, bundle->fit.params + sl_model_n_params(ops), r->err);
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
        if (params[n].type != SL_PARAM_NUMBERS)
            SL_TRY(read_param(r, object, &params[n], &bundle->fit.params[n]));
        else if (sl_json_find(object, params[n].name) != NULL) /* else it has none */
            SL_TRY(read_numbers(r, object, n, bundle));
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

static sl_status read_provenance(const struct reader *r, struct sl_bundle *bundle)
{
    const struct sl_json *provenance;
    sl_status             rc;

    SL_TRY(sl_json_need(r->doc, r->root, "provenance", SL_JSON_OBJECT, &provenance, r->err));
    SL_TRY(sl_json_print(provenance, false, &bundle->provenance, r->err));
out:
    return rc;
}
