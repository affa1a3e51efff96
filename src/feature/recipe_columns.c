/* The columns of the model: of each feature its own, or one for each of its levels; behind them the
 * indicators.
 *
 * An indicator is 1 where a feature was missing, 0 where it was not, for features that ask for one
 * and had a missing value among the training rows; as scikit-learn's
 * SimpleImputer(add_indicator=True) they stand behind all features, in their order, and are not
 * scaled.  They are written before anything is filled: afterwards nothing tells a filled value from
 * a known one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"
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

/* --- terms ------------------------------------------------------------------------------------ */

/* Levels in their order, then the missing one; without the first where it is dropped. */
static sl_status add_levels(struct sl_recipe *recipe, struct sl_feature *feature,
                            struct sl_error *err)
{
    const int32_t n = feature->levels.n;
    const int32_t n_dropped = feature->spec.drop == SL_DROP_FIRST && n > 0;
    const bool    has_missing = feature->had_missing && feature->spec.missing == SL_MISSING_LEVEL;
    const int32_t n_columns = n - n_dropped + has_missing;
    sl_status     rc;

    free(feature->codes);
    feature->codes = NULL;
    SL_TRY(sl_alloc_array((size_t)n + 2, sizeof *feature->codes, &feature->codes, err));
    for (int32_t i = 0; i < n; i++)
        feature->codes[i] = i < n_dropped ? n_columns : i - n_dropped;
    feature->codes[n + 1] =
        feature->unknown_as >= 0 ? feature->codes[feature->unknown_as] : n_columns;
    feature->codes[n] = has_missing ? n_columns - 1 : feature->codes[n + 1];
    SL_TRY(sl_terms_add(&recipe->terms, true, n_columns, err));
out:
    return rc;
}

static sl_status list_terms(struct sl_recipe *recipe, struct sl_error *err)
{
    sl_status rc = SL_OK;

    sl_terms_release(&recipe->terms);
    for (int j = 0; j < recipe->n_features; j++)
        SL_TRY(sl_feature_is_categorical(&recipe->features[j])
                   ? add_levels(recipe, &recipe->features[j], err)
                   : sl_terms_add(&recipe->terms, false, 1, err));
    for (int j = 0; j < recipe->n_features; j++)
        if (recipe->features[j].indicator != NULL && recipe->features[j].had_missing)
            SL_TRY(sl_terms_add(&recipe->terms, false, 1, err));
out:
    return rc;
}

/* --- names ------------------------------------------------------------------------------------ */

static sl_status add_name(struct sl_recipe *recipe, struct sl_error *err, const char *a,
                          const char *b)
{
    struct sl_text name = {0};
    sl_status      rc = sl_text_add(&name, err, "%s%s", a, b);

    recipe->columns[recipe->n_columns] = name.data;
    recipe->n_columns += rc == SL_OK;
    return rc;
}

/* Bytes that are no text are written as in C. */
static sl_status add_level_name(struct sl_recipe *recipe, const struct sl_feature *feature,
                                int32_t level, struct sl_error *err)
{
    const struct sl_slice text = sl_levels_get(&feature->levels, level);
    const bool            is_text = sl_slice_is_utf8(text);
    struct sl_text        name = {0};
    sl_status             rc;

    SL_TRY(sl_text_add(&name, err, "="));
    for (size_t i = 0; i < text.n_bytes; i++) {
        const unsigned char c = (unsigned char)text.data[i];

        SL_TRY(is_text ? sl_text_add_bytes(&name, &text.data[i], 1, err)
                       : sl_text_add(&name, err, c < ' ' || c > '~' ? "\\x%02x" : "%c", c));
    }
    SL_TRY(add_name(recipe, err, feature->spec.name, name.data));
out:
    sl_text_release(&name);
    return rc;
}

static sl_status name_levels(struct sl_recipe *recipe, const struct sl_feature *feature,
                             int32_t n_columns, struct sl_error *err)
{
    const int32_t first = feature->spec.drop == SL_DROP_FIRST && feature->levels.n > 0;
    sl_status     rc = SL_OK;

    for (int32_t i = first; i < feature->levels.n; i++)
        SL_TRY(add_level_name(recipe, feature, i, err));
    if (n_columns > feature->levels.n - first)
        SL_TRY(add_name(recipe, err, feature->spec.name, "=(missing)"));
out:
    return rc;
}

static sl_status name_columns(struct sl_recipe *recipe, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < recipe->n_columns; i++)
        free(recipe->columns[i]);
    free(recipe->columns);
    recipe->columns = NULL;
    recipe->n_columns = 0;
    SL_TRY(sl_alloc_array((size_t)recipe->terms.n_columns, sizeof *recipe->columns,
                          &recipe->columns, err));
    for (int j = 0; j < recipe->n_features; j++) {
        const struct sl_feature *feature = &recipe->features[j];

        SL_TRY(sl_feature_is_categorical(feature)
                   ? name_levels(recipe, feature, recipe->terms.items[j].n_columns, err)
                   : add_name(recipe, err, feature->spec.name, ""));
    }
    for (int j = 0; j < recipe->n_features; j++)
        if (recipe->features[j].indicator != NULL && recipe->features[j].had_missing)
            SL_TRY(add_name(recipe, err, recipe->features[j].indicator, ""));
out:
    return rc;
}

sl_status sl_recipe_list_columns(struct sl_recipe *recipe, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(list_terms(recipe, err));
    SL_TRY(name_columns(recipe, err));
out:
    return rc;
}

void sl_recipe_indicate(const struct sl_recipe *recipe, struct sl_matrix *x)
{
    double *to = x->data + (size_t)recipe->n_numeric * x->ld;

    for (int j = 0; j < recipe->n_features; j++) {
        const struct sl_feature *feature = &recipe->features[j];
        const double            *from = x->data + (size_t)feature->index * x->ld;

        if (feature->indicator == NULL || !feature->had_missing)
            continue;
        for (size_t i = 0; i < x->n_rows; i++)
            to[i] = isnan(from[i]) ? 1.0 : 0.0;
        to += x->ld;
    }
}
