/* What a recipe is made of.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_RECIPE_IMPL_H
#define SCORELINE_FEATURE_RECIPE_IMPL_H

#include <stdbool.h>

#include "expr.h"
#include "scoreline/recipe.h"

struct sl_feature {
    struct sl_feature_spec spec; /* own copies of its texts */
    struct sl_program      program;
    double                 fill;        /* for missing values; used where sl_feature_fills() */
    double                 mean;        /* of the imputed column; 0 without scaling */
    double                 std;         /* of the imputed column; 1 without scaling */
    char                  *indicator;   /* name of that column; NULL: not asked for */
    bool                   had_missing; /* in training, so that the indicator is there */
};

struct sl_recipe {
    int                       n_features;
    struct sl_feature        *features;
    int                       n_columns; /* features, then indicators that are there */
    const char              **columns;   /* [2 * n_features] names, borrowed from the features */
    struct sl_terms           terms;
    char                     *label;
    struct sl_program         label_program;
    int                       n_requests;
    size_t                    request_capacity;
    struct sl_column_request *requests;
    struct sl_missing_texts   missing; /* own copies */
    struct sl_expr_scratch    scratch;
    bool                      is_fitted;
};

/* Names as in the job file.  Of SL_MISSING_CONSTANT there is none: the number itself is written. */
extern const char *const sl_feature_policies[SL_MISSING_CONSTANT];
extern const char *const sl_feature_scales[SL_SCALE_STANDARD + 1];

/** Whether missing values of a feature are filled. */
bool sl_feature_fills(const struct sl_feature *feature);

/** Give a feature that asks for it the name of its indicator; SL_EJOB where it would be without
 *  effect, or bears the name of an earlier feature. */
SL_MUST_CHECK sl_status sl_recipe_name_indicator(struct sl_recipe *recipe, int index,
                                                 struct sl_error *err);
/** Whether a name is that of the feature's indicator. */
bool sl_feature_owns_column(const struct sl_feature *feature, const char *name);

/** Columns from what had_missing of the features says; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_recipe_list_columns(struct sl_recipe *recipe, struct sl_error *err);

/** Learn which indicators there are, and add them to x, not yet filled; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_recipe_fit_indicators(struct sl_recipe *recipe, struct sl_matrix *x,
                                                 struct sl_error *err);
/** Write the indicators of x [n_rows, n_columns], its features not yet filled. */
void sl_recipe_indicate(const struct sl_recipe *recipe, struct sl_matrix *x);

/** Fill and scale a column in place, with what was learned. */
void sl_feature_transform(const struct sl_feature *feature, double *x, size_t n_rows);

#endif
