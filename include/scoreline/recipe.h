/* The feature recipe: from decoded columns to the array of features, exactly as in training. */
#ifndef SCORELINE_RECIPE_H
#define SCORELINE_RECIPE_H

#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/job.h"
#include "scoreline/json.h"
#include "scoreline/profile.h"

struct sl_recipe;

/**
 * Compile features, label and, where it learns, weight: parse expressions, check types and names.
 *
 * Owner:   *out is handed over, sl_recipe_free() frees it; keeps copies of what it needs.
 * Errors:  SL_EJOB with the feature's place in the job, position in the text and nearest known
 * name.
 */
SL_MUST_CHECK sl_status sl_recipe_create(const struct sl_recipe_spec *spec, bool learns,
                                         struct sl_recipe **out, struct sl_error *err);
void                    sl_recipe_free(struct sl_recipe *recipe);

/** The columns it reads, for the source; optional ones serve label and weight alone, and those of
 * the weight come last and go when it is fitted.  Borrowed from it. */
const struct sl_column_request *sl_recipe_requests(const struct sl_recipe *recipe, int *n_requests);

/** The first of them, that are read when it scores. */
const struct sl_column_request *sl_recipe_inputs(const struct sl_recipe *recipe, int *n_inputs);

/** Columns as the model knows them: of each feature its own, or one for each level, "NAME=LEVEL"
 * and "NAME=(missing)"; then the indicators that fitting found necessary, "NAME:missing".  Before
 * it there are neither levels nor indicators.  Names [n_columns], borrowed. */
const char *const *sl_recipe_columns(const struct sl_recipe *recipe, int *n_columns);
/** How those columns lie in a design.  Borrowed. */
const struct sl_terms *sl_recipe_terms(const struct sl_recipe *recipe);

/** Whether the expression of a feature asks for another, by their numbers. */
bool sl_recipe_needs(const struct sl_recipe *recipe, int feature, int other);

/** Whether the label is a number to be predicted: there are no classes then. */
bool sl_recipe_is_number(const struct sl_recipe *recipe);
/** The classes in their order: names [n], borrowed. */
const struct sl_slice *sl_recipe_classes(const struct sl_recipe *recipe, int *n);

/**
 * Evaluate expressions, label and weight on a block, before imputing and scaling; levels stay in
 * the recipe, indicators are left out.
 *
 * Shapes:  block's first columns are sl_recipe_requests() in that order (more may follow); design
 *          is of sl_recipe_terms().  Missing features are NaN; status is SL_ROW_REJECTED or
 *          SL_ROW_SCORED.
 * Errors:  SL_EBUG: another shape.
 * Ranks:   local; a recipe is used by one thread at a time (it owns scratch).
 */
SL_MUST_CHECK sl_status sl_recipe_evaluate(struct sl_recipe             *recipe,
                                           const struct sl_column_block *block,
                                           struct sl_design *design, struct sl_error *err);

/* What becomes of a row of the block that was evaluated last, where the model is trained. */
enum sl_row_use {
    SL_ROW_USABLE,
    SL_ROW_LEFT_OUT, /* it lacks a feature whose `missing` is "drop_row" */
    SL_ROW_FAULT,    /* it lacks one whose `missing` is "error" */
};
/** That of row `row`; *feature is the one at fault. */
enum sl_row_use sl_recipe_judge(const struct sl_recipe *recipe, const struct sl_design *design,
                                size_t row, int *feature);

/**
 * Take up levels and class of a row of the block that was evaluated last, before it is learned
 * from: the design's codes and label number them in the order in which they are met.
 *
 * Errors:  SL_EINPUT: a label that is no class, or too many classes; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_recipe_learn(struct sl_recipe *recipe, struct sl_design *design,
                                        size_t row, struct sl_error *err);

/**
 * Make one numbering of the levels and classes that the ranks took up, and bring the rows of each
 * to it.
 *
 * Owner:   *class_map, from old numbers of classes to new ones, is handed over, freed with free(),
 *          also after a failure.
 * Errors:  SL_EINPUT: too many classes; SL_ENOMEM.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_recipe_unite(const struct sl_comm *comm, struct sl_recipe *recipe,
                                        struct sl_design *set, int32_t **class_map,
                                        struct sl_error *err);
/** How many classes were taken up; labels that are numbers are as one. */
int sl_recipe_n_classes_met(const struct sl_recipe *recipe);

/**
 * Learn classes, levels, indicators, fill, mean and std from the training rows, then encode, impute
 * and scale them in place.
 *
 * Shapes:  set: rows that sl_recipe_learn() took up, none of them missing what may not be; of
 *          several ranks after sl_recipe_unite(), the rows of all in the order of ranks;
 *          becomes a design of sl_recipe_terms(), its labels class indices.
 * Formula: classes and levels in byte order, integers as classes in theirs; mean and median over
 *          non-missing; population standard deviation of the imputed column; a constant column
 *          scales by 1 (as scikit-learn's SimpleImputer and StandardScaler).  An indicator is 1
 *          where its feature was missing, else 0, never scaled; there is one where the feature
 *          asks for it and was missing in some row.
 * Errors:  SL_EINPUT where a column has no value to learn from; SL_ENOMEM.
 * Ranks:   collective; the recipe learned is the same on all of them, and that of one rank which
 *          has all rows.  Columns of numbers are made whole on one rank each, as many at a time as
 *          there are ranks.
 * Cost:    indicators grow x in place; it is copied only where the allocator must.
 */
SL_MUST_CHECK sl_status sl_recipe_fit(const struct sl_comm *comm, struct sl_recipe *recipe,
                                      struct sl_design *set, struct sl_error *err);

/** Evaluate, indicate, impute, scale and encode a block: sl_recipe_evaluate() with what
 *  sl_recipe_fit() learned.  Rows that cannot be scored get their status; the first that may not be
 *  as it is is design->fault_row.  Where design->counts [sl_recipe_n_counts()] is given, the values
 *  of good records are counted there, before they are filled. */
SL_MUST_CHECK sl_status sl_recipe_apply(struct sl_recipe             *recipe,
                                        const struct sl_column_block *block,
                                        struct sl_design *design, struct sl_error *err);

/**
 * Rows in memory, from which many recipes of some of their features learn: what is behind
 * sl_recipe_learn() for each of them.
 *
 * `met` took up levels and classes of all rows, and is not fitted; the recipe's feature j is feature
 * features[j] of it, of the same spec.  sl_recipe_meet() lets the recipe number levels and classes
 * as `met` does, so that it can be fitted to some of the rows; what is kept of training beside what
 * rows are made ready with (profiles) is left out then.
 *
 * Errors:  SL_ENOMEM.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_recipe_meet(struct sl_recipe *recipe, const struct sl_recipe *met,
                                       const int *features, struct sl_error *err);

/** sl_recipe_apply() to such rows, behind sl_recipe_evaluate(): the recipe was fitted, the design is
 *  of its terms, and its codes (-1: missing) and labels are as `met` numbers them.  A level or a
 *  class that the rows it was fitted to had not is unknown to it.  SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_recipe_apply_met(const struct sl_recipe *recipe,
                                            const struct sl_recipe *met, const int *features,
                                            struct sl_design *design, struct sl_error *err);

/** What each feature was like in training, and where its counts are; borrowed. */
int                      sl_recipe_n_features(const struct sl_recipe *recipe);
size_t                   sl_recipe_n_counts(const struct sl_recipe *recipe);
const struct sl_profile *sl_recipe_profile(const struct sl_recipe *recipe, int feature,
                                           const char **name, size_t *first_count);

/** What is wrong with row design->fault_row of the block that was applied last, and the cure:
 *  "feature 'x' is missing; ...".  Written to out and returned. */
const char *sl_recipe_describe_fault(const struct sl_recipe *recipe, const struct sl_design *design,
                                     char *out, size_t out_bytes);
/** The same of a row that sl_recipe_judge() found at fault. */
const char *sl_recipe_describe_missing(const struct sl_recipe *recipe, int feature, char *out,
                                       size_t out_bytes);

/** The feature whose levels are many enough to be suspicious, or -1: more than a hundred, and than
 *  a tenth of what is allowed.
 *  *n_levels and its name are told; `from` is where to look on. */
int sl_recipe_find_wide(const struct sl_recipe *recipe, int from, const char **name, int *n_levels);

/** The feature that a column becomes by the options `like` of a group; texts are owned by *to;
 *  SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_recipe_spec_of_group(const struct sl_feature_spec *like,
                                                const char *name, bool is_categorical,
                                                struct sl_feature_spec *to, struct sl_error *err);
/** Whether names [n] have a column: one of a pair by either name, the file's or the recipe's, and
 *  by that of the other one as well. */
bool sl_recipe_is_listed(const struct sl_orient_spec *orient, char *const *names, int n,
                         const char *name);

/** Whether features and label of a job, where it gives them, are those of a recipe; SL_EJOB naming
 *  the first difference by its JSON path in the job. */
SL_MUST_CHECK sl_status sl_recipe_check_same(const struct sl_recipe      *recipe,
                                             const struct sl_recipe_spec *spec,
                                             struct sl_error             *err);

/** Write recipe and what it learned as the "recipe" object of a model file. */
SL_MUST_CHECK sl_status sl_recipe_save(const struct sl_recipe *recipe, struct sl_json *to,
                                       struct sl_error *err);
/** And the classes, as the member "classes" of a model file. */
SL_MUST_CHECK sl_status sl_recipe_save_classes(const struct sl_recipe *recipe, struct sl_json *to,
                                               struct sl_error *err);
/** Rebuild it from the object of a model file; SL_EJOB with JSON path for anything not as it is
 *  written above. */
SL_MUST_CHECK sl_status sl_recipe_load(const struct sl_json_doc *doc, const struct sl_json *model,
                                       struct sl_recipe **out, struct sl_error *err);

#endif
