/* What a recipe is made of.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_RECIPE_IMPL_H
#define SCORELINE_FEATURE_RECIPE_IMPL_H

#include <stdbool.h>

#include "expr.h"
#include "scoreline/recipe.h"

struct sl_feature {
    struct sl_feature_spec spec; /* own copies of its texts */
    struct sl_program      program;
    double                 fill; /* for missing values; used where sl_feature_fills() */
    double                 mean; /* of the imputed column; 0 without scaling */
    double                 std;  /* of the imputed column; 1 without scaling */
};

struct sl_recipe {
    int                       n_features;
    struct sl_feature        *features;
    const char              **columns; /* [n_features] names, borrowed from the features */
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

/** Fill and scale a column in place, with what was learned. */
void sl_feature_transform(const struct sl_feature *feature, double *x, size_t n_rows);

#endif
