/* A model as its terms: what each feature is, what was learned of it, and what it does to the
 * score, per unit of the feature as people know it. */
#include <math.h>
#include <string.h>

#include "inspect.h"
#include "scoreline/bundle.h"

/* Coefficients are per unit of the column after scaling; people think in units of the feature. */
static sl_status add_effect(struct sl_json *term, double coef, bool is_log_odds,
                            struct sl_error *err)
{
    const struct sl_json *std = sl_json_find(term, "std");
    const double          per_unit = std != NULL ? coef / sl_json_number(std) : coef;
    sl_status             rc;

    SL_TRY(sl_json_add_number(term, "coef", coef, err));
    SL_TRY(sl_json_add_number(term, "per_unit", per_unit, err));
    if (is_log_odds)
        SL_TRY(sl_json_add_number(term, "odds_ratio", exp(per_unit), err));
out:
    return rc;
}

/* The file was found to be right: one coefficient for each column, all of them numbers.  Columns
 * behind the features are their indicators, of which nothing but the name is to be told. */
static sl_status add_terms(const struct sl_json *model, bool is_log_odds, struct sl_json *to,
                           struct sl_error *err)
{
    const struct sl_json *recipe = sl_json_find(model, "recipe");
    const struct sl_json *feature = sl_json_first(sl_json_find(recipe, "features"));
    const struct sl_json *column = sl_json_first(sl_json_find(model, "columns"));
    const struct sl_json *coef = sl_json_first(sl_json_first(sl_json_find(model, "coef")));
    struct sl_json       *list, *term;
    sl_status             rc;

    SL_TRY(sl_json_add_copy(to, "label", sl_json_find(recipe, "label"), err));
    SL_TRY(sl_json_add_list(to, "terms", &list, err));
    for (; column != NULL && coef != NULL;
         column = sl_json_next(column), coef = sl_json_next(coef)) {
        SL_TRY(sl_json_add_object(list, NULL, &term, err));
        if (feature == NULL)
            SL_TRY(sl_json_add_copy(term, "name", column, err));
        for (const struct sl_json *m = feature == NULL ? NULL : sl_json_first(feature); m != NULL;
             m = sl_json_next(m))
            SL_TRY(sl_json_add_copy(term, sl_json_key(m), m, err));
        feature = feature == NULL ? NULL : sl_json_next(feature);
        SL_TRY(add_effect(term, sl_json_number(coef), is_log_odds, err));
    }
    SL_TRY(sl_json_add_copy(to, "intercept", sl_json_first(sl_json_find(model, "intercept")), err));
out:
    return rc;
}

static sl_status describe(const struct sl_json *model, struct sl_json *to, struct sl_error *err)
{
    const char *estimator = sl_json_text(sl_json_find(model, "estimator"));
    bool        is_log_odds = strcmp(estimator, "logistic_regression") == 0;
    double      n_checks = (double)sl_json_count(sl_json_find(model, "checks"));
    sl_status   rc;

    SL_TRY(sl_json_add_text(to, "estimator", estimator, err));
    SL_TRY(sl_json_add_copy(to, "classes", sl_json_find(model, "classes"), err));
    SL_TRY(add_terms(model, is_log_odds, to, err));
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
