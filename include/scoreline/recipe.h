/* The feature recipe: from decoded columns to the array of features, exactly as in training. */
#ifndef SCORELINE_RECIPE_H
#define SCORELINE_RECIPE_H

#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/error.h"
#include "scoreline/job.h"
#include "scoreline/json.h"

struct sl_recipe;

/**
 * Compile features and label: parse expressions, check types and names.
 *
 * Owner:   *out is handed over, sl_recipe_free() frees it; keeps copies of what it needs.
 * Errors:  SL_EJOB with the feature's place in the job, position in the text and nearest known name.
 */
SL_MUST_CHECK sl_status sl_recipe_create(const struct sl_recipe_spec *spec, struct sl_recipe **out,
                                         struct sl_error *err);
void                    sl_recipe_free(struct sl_recipe *recipe);

/** The columns it reads, for the source; optional ones serve the label alone.  Borrowed from it. */
const struct sl_column_request *sl_recipe_requests(const struct sl_recipe *recipe, int *n_requests);

/** Columns as the model knows them: the features, then the indicators that fitting found necessary
 *  (before it: none), "NAME:missing".  Names [n_columns], borrowed. */
const char *const *sl_recipe_columns(const struct sl_recipe *recipe, int *n_columns);
/** How those columns lie in a design.  Borrowed. */
const struct sl_terms *sl_recipe_terms(const struct sl_recipe *recipe);

/** The classes in their order: names [n], borrowed. */
const struct sl_slice *sl_recipe_classes(const struct sl_recipe *recipe, int *n);

/**
 * Evaluate expressions and label on a block, before imputing and scaling; indicators are left out.
 *
 * Shapes:  block's first columns are sl_recipe_requests() in that order (more may follow); design
 *          has room for [n_columns].  Missing features are NaN; status is SL_ROW_REJECTED or _SCORED.
 * Errors:  none today but SL_ENOMEM while scratch grows.
 * Ranks:   local; a recipe is used by one thread at a time (it owns scratch).
 */
SL_MUST_CHECK sl_status sl_recipe_evaluate(struct sl_recipe *recipe,
                                           const struct sl_column_block *block,
                                           struct sl_design *design, struct sl_error *err);

/**
 * Learn indicators, fill, mean and std from the training rows, then impute and scale them in place.
 *
 * Shapes:  x [n_rows, n_features], evaluated, NaN where missing, rows already dropped; if a feature
 *          has an indicator, from sl_matrix_init(): becomes [n_rows, n_columns].
 * Formula: mean and median over non-missing; population standard deviation of the imputed column; a
 *          constant column scales by 1 (as scikit-learn's SimpleImputer and StandardScaler).  An
 *          indicator is 1 where its feature was missing, else 0, never scaled; there is one where
 *          the feature asks for it and was missing in some row.
 * Errors:  SL_EINPUT where a column has no value to learn from; SL_ENOMEM.
 * Cost:    indicators grow x in place; it is copied only where the allocator must.
 */
SL_MUST_CHECK sl_status sl_recipe_fit(struct sl_recipe *recipe, struct sl_matrix *x,
                                      struct sl_error *err);

/** Evaluate, indicate, impute and scale a block: sl_recipe_evaluate() with what sl_recipe_fit()
 *  learned.  Rows that cannot be scored get their status; the first that breaks `missing: error` is
 *  design->fault_row. */
SL_MUST_CHECK sl_status sl_recipe_apply(struct sl_recipe *recipe,
                                        const struct sl_column_block *block,
                                        struct sl_design *design, struct sl_error *err);

/** Whether a missing value of feature j drops the row from training (or is an error there). */
enum sl_missing_policy sl_recipe_missing(const struct sl_recipe *recipe, int feature);

/** Whether features and label of a job, where it gives them, are those of a recipe; SL_EJOB naming
 *  the first difference by its JSON path in the job. */
SL_MUST_CHECK sl_status sl_recipe_check_same(const struct sl_recipe      *recipe,
                                             const struct sl_recipe_spec *spec,
                                             struct sl_error             *err);

/** Write recipe and what it learned as the "recipe" object of a model file. */
SL_MUST_CHECK sl_status sl_recipe_save(const struct sl_recipe *recipe, struct sl_json *to,
                                       struct sl_error *err);
/** Rebuild it; SL_EJOB with JSON path for anything not as sl_recipe_save() writes it. */
SL_MUST_CHECK sl_status sl_recipe_load(const struct sl_json_doc *doc, const struct sl_json *from,
                                       struct sl_recipe **out, struct sl_error *err);

#endif
