/* What a recipe learns: classes, levels, and fill, mean and standard deviation of each number, as
 * scikit-learn's SimpleImputer and StandardScaler in a pipeline would, but from exact sums. */
#include <math.h>
#include <stdlib.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"

static bool any_missing(const double *x, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        if (isnan(x[i]))
            return true;
    return false;
}

/* Which indicators and levels there are, and with them which columns. */
static sl_status fit_columns(const struct sl_comm *comm, struct sl_recipe *recipe,
                             struct sl_design *set, struct sl_error *err)
{
    struct sl_matrix *x = &set->x;
    sl_status         rc = SL_OK;

    for (int j = 0; j < recipe->n_features; j++) {
        struct sl_feature *feature = &recipe->features[j];

        if (sl_feature_is_categorical(feature)) {
            rc = sl_feature_fit_levels(comm, feature, set, err);
            SL_TRY(sl_comm_agree(comm, rc, err));
            continue;
        }
        feature->had_missing = feature->indicator != NULL &&
                               any_missing(x->data + (size_t)feature->index * x->ld, x->n_rows);
        sl_comm_any(comm, &feature->had_missing, 1);
    }
    rc = sl_recipe_list_columns(recipe, err);
    if (rc == SL_OK)
        rc = sl_matrix_widen(x, (size_t)recipe->terms.n_numeric, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    sl_recipe_indicate(recipe, x);
out:
    return rc;
}

sl_status sl_recipe_fit(const struct sl_comm *comm, struct sl_recipe *recipe, struct sl_design *set,
                        struct sl_error *err)
{
    sl_status rc;

    if (set->x.n_cols != (size_t)recipe->n_numeric || set->n_codes != recipe->n_categorical)
        return sl_fail(err, SL_EBUG, "recipe: fitted to %zu and %d columns instead of %d and %d",
                       set->x.n_cols, set->n_codes, recipe->n_numeric, recipe->n_categorical);
    SL_TRY(sl_comm_agree(comm, sl_recipe_fit_label(comm, recipe, set, err), err));
    SL_TRY(fit_columns(comm, recipe, set, err));
    for (int j = 0; j < recipe->n_features; j++)
        if (sl_feature_is_categorical(&recipe->features[j]))
            sl_feature_encode_set(&recipe->features[j], set);
    SL_TRY(sl_recipe_fit_numbers(comm, recipe, &set->x, err));
    sl_recipe_number_counts(recipe);
    sl_recipe_forget_weight(recipe);
    recipe->is_fitted = true;
out:
    return rc;
}

bool sl_feature_fills(const struct sl_feature *feature)
{
    return feature->spec.missing != SL_MISSING_ERROR &&
           feature->spec.missing != SL_MISSING_DROP_ROW;
}

/* Training and scoring both come here, so that they agree to the bit. */
double sl_feature_scaled(const struct sl_feature *feature, double x)
{
    return (x - feature->mean) / feature->std;
}

void sl_feature_transform(const struct sl_feature *feature, double *x, size_t n_rows)
{
    if (sl_feature_fills(feature)) {
        for (size_t i = 0; i < n_rows; i++)
            x[i] = isnan(x[i]) ? feature->fill : x[i];
    }
    if (feature->spec.scale == SL_SCALE_STANDARD) {
        for (size_t i = 0; i < n_rows; i++)
            x[i] = sl_feature_scaled(feature, x[i]);
    }
}
