/* Recipes around one expression, for tests of the language: the last of three features, behind a
 * number `doubled` and a truth `truth`. */
#ifndef SCORELINE_TESTS_EXPR_CASE_H
#define SCORELINE_TESTS_EXPR_CASE_H

#include <stdlib.h>

#include "number_block.h"
#include "scoreline/memory.h"

/* The expression is the feature `f`, so that `f` in it is the column. */
static inline sl_status compile_case(const char *expr, struct sl_recipe **recipe,
                                     struct sl_error *err)
{
    char                   name[] = "f", own[] = "doubled", twice[] = "b * 2";
    char                   truth[] = "truth", condition[] = "b > 0", label[] = "a > 0";
    char                   empty[] = "", not_available[] = "NA";
    char                  *missing[] = {empty, not_available};
    char                  *text = NULL;
    struct sl_feature_spec features[3] = {
        {.name = own, .expr = twice},
        {.name = truth, .expr = condition},
        {.name = name},
    };
    struct sl_recipe_spec spec = {
        .n_features = 3, .features = features, .label = label, .n_missing = 2, .missing = missing};
    sl_status rc = sl_copy_text(expr, &text, err);

    if (rc != SL_OK)
        return rc;
    features[2].expr = text;
    rc = sl_recipe_create(&spec, true, recipe, err);
    free(text);
    return rc;
}

#endif
