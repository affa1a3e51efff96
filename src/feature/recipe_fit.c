/* What a recipe learns: classes, levels, and fill, mean and standard deviation of each number, as
 * scikit-learn's SimpleImputer and StandardScaler in a pipeline would, but from exact sums. */
#include <math.h>
#include <stdlib.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"

static sl_status learn_fill(struct sl_feature *feature, const double *x, size_t n_rows,
                            double *known, struct sl_error *err);
static sl_status fill_column(const struct sl_feature *feature, double *x, size_t n_rows,
                             struct sl_error *err);
static sl_status scale_column(struct sl_feature *feature, double *x, size_t n_rows,
                              struct sl_error *err);

static bool any_missing(const double *x, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        if (isnan(x[i]))
            return true;
    return false;
}

/* Which indicators and levels there are, and with them which columns. */
static sl_status fit_columns(struct sl_recipe *recipe, struct sl_design *set, struct sl_error *err)
{
    struct sl_matrix *x = &set->x;
    sl_status         rc = SL_OK;

    for (int j = 0; j < recipe->n_features; j++) {
        struct sl_feature *feature = &recipe->features[j];

        if (sl_feature_is_categorical(feature))
            SL_TRY(sl_feature_fit_levels(feature, set, err));
        else
            feature->had_missing = feature->indicator != NULL &&
                                   any_missing(x->data + (size_t)feature->index * x->ld, x->n_rows);
    }
    SL_TRY(sl_recipe_list_columns(recipe, err));
    SL_TRY(sl_matrix_widen(x, (size_t)recipe->terms.n_numeric, err));
    sl_recipe_indicate(recipe, x);
out:
    return rc;
}

static sl_status fit_number(struct sl_feature *feature, struct sl_matrix *x, double *known,
                            struct sl_error *err)
{
    double   *column = x->data + (size_t)feature->index * x->ld;
    sl_status rc;

    feature->mean = 0.0;
    feature->std = 1.0;
    sl_profile_release(&feature->profile);
    SL_TRY(sl_profile_init_numbers(&feature->profile, column, x->n_rows, err));
    SL_TRY(learn_fill(feature, column, x->n_rows, known, err));
    SL_TRY(fill_column(feature, column, x->n_rows, err));
    SL_TRY(scale_column(feature, column, x->n_rows, err));
out:
    return rc;
}

sl_status sl_recipe_fit(struct sl_recipe *recipe, struct sl_design *set, struct sl_error *err)
{
    double   *known = NULL; /* one column without what is missing */
    sl_status rc;

    if (set->x.n_cols != (size_t)recipe->n_numeric || set->n_codes != recipe->n_categorical)
        return sl_fail(err, SL_EBUG, "recipe: fitted to %zu and %d columns instead of %d and %d",
                       set->x.n_cols, set->n_codes, recipe->n_numeric, recipe->n_categorical);
    SL_TRY(sl_alloc_array(set->x.n_rows, sizeof *known, &known, err));
    SL_TRY(sl_recipe_fit_label(recipe, set, err));
    SL_TRY(fit_columns(recipe, set, err));
    for (int j = 0; j < recipe->n_features; j++) {
        if (sl_feature_is_categorical(&recipe->features[j]))
            sl_feature_encode_set(&recipe->features[j], set);
        else
            SL_TRY(fit_number(&recipe->features[j], &set->x, known, err));
    }
    sl_recipe_number_counts(recipe);
    sl_recipe_forget_weight(recipe);
    recipe->is_fitted = true;
out:
    free(known);
    return rc;
}

bool sl_feature_fills(const struct sl_feature *feature)
{
    return feature->spec.missing != SL_MISSING_ERROR &&
           feature->spec.missing != SL_MISSING_DROP_ROW;
}

/* Training and scoring both come here, so that they agree to the bit. */
static double transformed(const struct sl_feature *feature, double x)
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
            x[i] = transformed(feature, x[i]);
    }
}

/* Halves first: the sum of two large numbers may overflow. */
static double median_of(double *x, size_t n)
{
    qsort(x, n, sizeof *x, sl_compare_f64);
    return n % 2 == 1 ? x[n / 2] : 0.5 * x[n / 2 - 1] + 0.5 * x[n / 2];
}

static sl_status learn_fill(struct sl_feature *feature, const double *x, size_t n_rows,
                            double *known, struct sl_error *err)
{
    bool              is_median = feature->spec.missing == SL_MISSING_MEDIAN;
    struct sl_moments moments;
    size_t            n = 0;

    feature->fill = feature->spec.fill;
    if (!is_median && feature->spec.missing != SL_MISSING_MEAN)
        return SL_OK;
    for (size_t i = 0; i < n_rows; i++) {
        if (!isnan(x[i]))
            known[n++] = x[i];
    }
    if (n == 0)
        return sl_fail(err, SL_EINPUT,
                       "feature '%s' has no value in the training rows to learn its %s from",
                       feature->spec.name, is_median ? "median" : "mean");
    if (is_median) {
        feature->fill = median_of(known, n);
        return SL_OK;
    }
    sl_moments(known, n, &moments);
    feature->fill = moments.mean;
    return SL_OK;
}

static sl_status fill_column(const struct sl_feature *feature, double *x, size_t n_rows,
                             struct sl_error *err)
{
    for (size_t i = 0; i < n_rows; i++) {
        if (!isnan(x[i]))
            continue;
        if (!sl_feature_fills(feature))
            return sl_fail(err, SL_EBUG, "feature '%s' is missing in training row %zu",
                           feature->spec.name, i);
        x[i] = feature->fill;
    }
    return SL_OK;
}

/* A deviation too small for a double counts as none. */
static sl_status scale_column(struct sl_feature *feature, double *x, size_t n_rows,
                              struct sl_error *err)
{
    struct sl_moments moments;

    if (feature->spec.scale == SL_SCALE_NONE)
        return SL_OK;
    if (n_rows == 0)
        return sl_fail(err, SL_EINPUT, "feature '%s' has no training rows to learn its scale from",
                       feature->spec.name);
    sl_moments(x, n_rows, &moments);
    feature->mean = moments.mean;
    feature->std = moments.std > 0.0 ? moments.std : 1.0;
    for (size_t i = 0; i < n_rows; i++) {
        x[i] = transformed(feature, x[i]);
        if (!isfinite(x[i]))
            return sl_fail(err, SL_EINPUT, "feature '%s' has values too far apart to be scaled",
                           feature->spec.name);
    }
    return SL_OK;
}
