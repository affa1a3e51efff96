/* The model file: recipe, estimator, how it was fitted, checks.  It is also what is broadcast. */
#ifndef SCORELINE_BUNDLE_H
#define SCORELINE_BUNDLE_H

#include <stddef.h>

#include "scoreline/error.h"
#include "scoreline/model.h"
#include "scoreline/recipe.h"

/* A few training rows and what the model said of them: x is after the recipe's imputing and
 * scaling, column-major [n_rows, n_columns]. */
struct sl_checks {
    struct sl_matrix x;
    struct sl_matrix score; /* [n_rows, 1] */
};

struct sl_bundle {
    struct sl_recipe    *recipe;
    struct sl_model     *model;
    struct sl_fit_report fit;
    struct sl_checks     checks;
    char                *provenance; /* JSON object as text: job name, inputs, versions, date */
};

/** Free what a bundle holds; it is {0} again. */
void sl_bundle_release(struct sl_bundle *bundle);

/** The text of the model file; *out is freed with free(); SL_ENOMEM.  Rank-local. */
SL_MUST_CHECK sl_status sl_bundle_print(const struct sl_bundle *bundle, char **out,
                                        struct sl_error *err);

/**
 * Rebuild a bundle from the text of a model file, which may come from untrusted hands.
 *
 * Owner:   bundle is released by sl_bundle_release().
 * Errors:  SL_EJOB with `source` and JSON path: not a model file, another version, sizes or types
 *          that do not fit, numbers that are not finite, checks whose scores do not come out again.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_bundle_parse(const char *text, size_t n_bytes, const char *source,
                                        struct sl_bundle *bundle, struct sl_error *err);

#endif
