/* Indicator columns: 1 where a feature was missing, 0 where it was not, for features that ask for
 * one and had a missing value among the training rows; as scikit-learn's
 * SimpleImputer(add_indicator=True) they stand behind all features, in their order, and are not
 * scaled.  They are written before anything is filled: afterwards nothing tells a filled value from
 * a known one. */
#include <math.h>
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/text.h"

static const char suffix[] = ":missing";

bool sl_feature_owns_column(const struct sl_feature *feature, const char *name)
{
    return feature->indicator != NULL && strcmp(feature->indicator, name) == 0;
}

sl_status sl_recipe_name_indicator(struct sl_recipe *recipe, int index, struct sl_error *err)
{
    struct sl_feature *feature = &recipe->features[index];
    struct sl_text     text = {0};
    sl_status          rc;

    if (!feature->spec.indicator)
        return SL_OK;
    if (!sl_feature_fills(feature))
        return sl_fail(
            err, SL_EJOB,
            "$.features[%d].indicator: without effect where \"missing\" is \"%s\": no row "
            "that lacks the feature is used; fill it (\"mean\", \"median\" or a number)",
            index, sl_feature_policies[feature->spec.missing]);
    rc = sl_text_add(&text, err, "%s%s", feature->spec.name, suffix);
    feature->indicator = text.data;
    for (int i = 0; i < index && rc == SL_OK; i++) {
        if (sl_feature_owns_column(feature, recipe->features[i].spec.name))
            rc = sl_fail(err, SL_EJOB,
                         "$.features[%d].indicator: its column '%s' has the name of features[%d]",
                         index, feature->indicator, i);
    }
    return rc;
}

sl_status sl_recipe_list_columns(struct sl_recipe *recipe, struct sl_error *err)
{
    sl_status rc = SL_OK;

    recipe->n_columns = recipe->n_features;
    for (int j = 0; j < recipe->n_features; j++) {
        if (recipe->features[j].had_missing)
            recipe->columns[recipe->n_columns++] = recipe->features[j].indicator;
    }
    sl_terms_release(&recipe->terms);
    for (int j = 0; j < recipe->n_columns && rc == SL_OK; j++)
        rc = sl_terms_add(&recipe->terms, false, 1, err);
    return rc;
}

void sl_recipe_indicate(const struct sl_recipe *recipe, struct sl_matrix *x)
{
    double *to = x->data + (size_t)recipe->n_features * x->ld;

    for (int j = 0; j < recipe->n_features; j++) {
        const double *from = x->data + (size_t)j * x->ld;

        if (!recipe->features[j].had_missing)
            continue;
        for (size_t i = 0; i < x->n_rows; i++)
            to[i] = isnan(from[i]) ? 1.0 : 0.0;
        to += x->ld;
    }
}

static bool any_missing(const double *x, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        if (isnan(x[i]))
            return true;
    }
    return false;
}

sl_status sl_recipe_fit_indicators(struct sl_recipe *recipe, struct sl_matrix *x,
                                   struct sl_error *err)
{
    sl_status rc;

    for (int j = 0; j < recipe->n_features; j++) {
        struct sl_feature *feature = &recipe->features[j];

        feature->had_missing =
            feature->indicator != NULL && any_missing(x->data + (size_t)j * x->ld, x->n_rows);
    }
    rc = sl_recipe_list_columns(recipe, err);
    if (rc == SL_OK && recipe->n_columns > recipe->n_features)
        rc = sl_matrix_widen(x, (size_t)recipe->n_columns, err);
    if (rc == SL_OK)
        sl_recipe_indicate(recipe, x);
    return rc;
}
