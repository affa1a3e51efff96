/* A model as its terms: what each feature is, what was learned of it, and what it does to the
 * score, per unit of the feature as people know it. */
#include <math.h>
#include <string.h>

#include "inspect.h"
#include "scoreline/bundle.h"

/* A model file that was found to be right, walked through column by column. */
struct walk {
    const struct sl_json *column;
    const struct sl_json *coef; /* of the first class, or the only row */
    size_t                index;
    bool                  is_single; /* there is one row of them */
    bool                  is_logistic;
    const struct sl_json *model;
    struct sl_json       *terms;
};

/* One number, or beyond two classes one for each. */
static sl_status add_coef(const struct walk *w, struct sl_json *term, struct sl_error *err)
{
    const struct sl_json *rows = sl_json_find(w->model, "coef");
    struct sl_json       *list;
    sl_status             rc;

    if (w->is_single)
        return sl_json_add_number(term, "coef", sl_json_number(w->coef), err);
    SL_TRY(sl_json_add_list(term, "coef", &list, err));
    for (const struct sl_json *row = sl_json_first(rows); row != NULL; row = sl_json_next(row)) {
        const struct sl_json *coef = sl_json_first(row);

        for (size_t i = 0; i < w->index; i++)
            coef = sl_json_next(coef);
        SL_TRY(sl_json_add_number(list, NULL, sl_json_number(coef), err));
    }
out:
    return rc;
}

/* Coefficients are per unit of the column after scaling; people think in units of the feature. */
static sl_status add_effect(const struct walk *w, struct sl_json *term, struct sl_error *err)
{
    const struct sl_json *std = sl_json_find(term, "std");
    double                per_unit;
    sl_status             rc;

    if (w->coef == NULL) /* no linear model */
        return SL_OK;
    per_unit = sl_json_number(w->coef) / (std != NULL ? sl_json_number(std) : 1.0);
    SL_TRY(add_coef(w, term, err));
    if (!w->is_single)
        return SL_OK;
    SL_TRY(sl_json_add_number(term, "per_unit", per_unit, err));
    if (w->is_logistic)
        SL_TRY(sl_json_add_number(term, "odds_ratio", exp(per_unit), err));
out:
    return rc;
}

static void step(struct walk *w)
{
    w->column = sl_json_next(w->column);
    w->coef = w->coef == NULL ? NULL : sl_json_next(w->coef);
    w->index++;
}

/* The next column as a term, with the members of its feature; `feature` NULL: its name is all. */
static sl_status add_term(struct walk *w, const struct sl_json *feature, struct sl_error *err)
{
    struct sl_json *term;
    sl_status       rc;

    SL_TRY(sl_json_add_object(w->terms, NULL, &term, err));
    if (feature == NULL)
        SL_TRY(sl_json_add_copy(term, "name", w->column, err));
    for (const struct sl_json *m = feature == NULL ? NULL : sl_json_first(feature); m != NULL;
         m = sl_json_next(m))
        SL_TRY(sl_json_add_copy(term, sl_json_key(m), m, err));
    SL_TRY(add_effect(w, term, err));
    step(w);
out:
    return rc;
}

static bool is_text(const struct sl_json *object, const char *key, const char *text)
{
    const struct sl_json *value = sl_json_find(object, key);

    return value != NULL && sl_json_text(value) != NULL && strcmp(sl_json_text(value), text) == 0;
}

/* Columns of a categorical feature. */
static size_t count_levels(const struct sl_json *feature)
{
    const size_t n = sl_json_count(sl_json_find(feature, "levels"));
    const bool   has_missing =
        is_text(feature, "missing", "level") && sl_json_bool(sl_json_find(feature, "had_missing"));

    return n - (n > 0 && is_text(feature, "drop", "first")) + has_missing;
}

/* A term for each level. */
static sl_status add_levels(struct walk *w, const struct sl_json *feature, struct sl_error *err)
{
    const size_t    n = count_levels(feature);
    struct sl_json *term;
    sl_status       rc = SL_OK;

    for (size_t i = 0; i < n; i++) {
        SL_TRY(sl_json_add_object(w->terms, NULL, &term, err));
        SL_TRY(sl_json_add_copy(term, "name", w->column, err));
        SL_TRY(sl_json_add_copy(term, "categorical", sl_json_find(feature, "categorical"), err));
        SL_TRY(add_effect(w, term, err));
        step(w);
    }
out:
    return rc;
}

/* Columns behind those of features are indicators, of which nothing but the name is to be told. */
static sl_status add_terms(const struct sl_json *model, bool is_logistic, struct sl_json *to,
                           struct sl_error *err)
{
    const struct sl_json *recipe = sl_json_find(model, "recipe");
    const struct sl_json *feature = sl_json_first(sl_json_find(recipe, "features"));
    const struct sl_json *rows = sl_json_find(model, "coef");
    struct walk           w = {.column = sl_json_first(sl_json_find(model, "columns")),
                               .coef = rows == NULL ? NULL : sl_json_first(sl_json_first(rows)),
                               .is_single = rows != NULL && sl_json_count(rows) == 1,
                               .is_logistic = is_logistic,
                               .model = model};
    sl_status             rc;

    SL_TRY(sl_json_add_list(to, "terms", &w.terms, err));
    for (; feature != NULL; feature = sl_json_next(feature))
        SL_TRY(sl_json_find(feature, "categorical") != NULL ? add_levels(&w, feature, err)
                                                            : add_term(&w, feature, err));
    while (w.column != NULL)
        SL_TRY(add_term(&w, NULL, err));
out:
    return rc;
}

static sl_status add_intercept(const struct sl_json *model, struct sl_json *to,
                               struct sl_error *err)
{
    const struct sl_json *intercept = sl_json_find(model, "intercept");

    if (intercept == NULL)
        return SL_OK;
    return sl_json_add_copy(
        to, "intercept", sl_json_count(intercept) == 1 ? sl_json_first(intercept) : intercept, err);
}

static sl_status describe(const struct sl_json *model, struct sl_json *to, struct sl_error *err)
{
    static const char *const beside[] = {"label", "weight", "orient"};
    const struct sl_json    *recipe = sl_json_find(model, "recipe");
    const char              *estimator = sl_json_text(sl_json_find(model, "estimator"));
    const bool               is_logistic = strcmp(estimator, "logistic_regression") == 0;
    const double             n_checks = (double)sl_json_count(sl_json_find(model, "checks"));
    sl_status                rc;

    SL_TRY(sl_json_add_text(to, "estimator", estimator, err));
    if (sl_json_find(model, "classes") != NULL)
        SL_TRY(sl_json_add_copy(to, "classes", sl_json_find(model, "classes"), err));
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if (sl_json_find(recipe, beside[i]) != NULL)
            SL_TRY(sl_json_add_copy(to, beside[i], sl_json_find(recipe, beside[i]), err));
    SL_TRY(add_terms(model, is_logistic, to, err));
    SL_TRY(add_intercept(model, to, err));
    SL_TRY(sl_json_add_copy(to, "fit", sl_json_find(model, "fit"), err));
    SL_TRY(sl_json_add_number(to, "checks", n_checks, err));
    SL_TRY(sl_json_add_copy(to, "provenance", sl_json_find(model, "provenance"), err));
out:
    return rc;
}

sl_status inspect_describe_model(const char *text, size_t n_bytes, const char *source,
                                 struct sl_json *to, struct sl_error *err)
{
    struct sl_bundle    bundle = {0};
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    SL_TRY(sl_bundle_parse(text, n_bytes, source, &bundle, err));
    SL_TRY(sl_json_parse(text, n_bytes, source, &doc, err));
    SL_TRY(describe(sl_json_root(doc), to, err));
out:
    sl_json_close(doc);
    sl_bundle_release(&bundle);
    return rc;
}
