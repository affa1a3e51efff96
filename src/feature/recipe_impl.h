/* What a recipe is made of.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_RECIPE_IMPL_H
#define SCORELINE_FEATURE_RECIPE_IMPL_H

#include <stdbool.h>
#include <stdint.h>

#include "expr.h"
#include "levels.h"
#include "orient.h"
#include "scoreline/profile.h"
#include "scoreline/recipe.h"

enum { SL_MAX_FEATURES = 10000 };

struct sl_feature {
    struct sl_feature_spec spec;        /* own copies of its texts */
    int                    index;       /* of its column among the numeric ones, or of its codes */
    struct sl_profile      profile;     /* of it in training, before filling */
    size_t                 first_count; /* of its counts among those of all features */

    /* numeric */
    struct sl_program program;
    double            fill;        /* for missing values; used where sl_feature_fills() */
    double            mean;        /* of the imputed column; 0 without scaling */
    double            std;         /* of the imputed column; 1 without scaling */
    char             *indicator;   /* name of that column; NULL: not asked for */
    bool              had_missing; /* in training, so that indicator or missing level is there */

    /* categorical */
    int              column; /* its text in the recipe's columns */
    struct sl_slice *texts;  /* [SL_BLOCK_ROWS] of the block under way; no data where missing */
    struct sl_levels levels; /* while it learns in the order they were met, then in byte order */
    int32_t          unknown_as; /* the level that unknown ones count as, -1: none */
    int32_t         *codes;      /* [levels.n + 2] of each level, of missing and of unknown ones */
};

/* What the label reads, and the classes it has. */
struct sl_label {
    char               *expr;
    bool                is_number; /* as it is, there are no classes */
    struct sl_program   program;
    struct sl_slice    *texts;   /* [SL_BLOCK_ROWS] of a text, as those of a feature */
    struct sl_levels    classes; /* as the levels of a feature */
    enum sl_level_order order;
    int32_t             small[256]; /* classes of small integers, -1: none */
};

struct sl_recipe {
    int                       n_features;
    struct sl_feature        *features;
    int                       n_numeric; /* features of either kind */
    int                       n_categorical;
    size_t                    n_counts;  /* of all features */
    int                       n_columns; /* of the model */
    char                    **columns;   /* [n_columns] names */
    struct sl_terms           terms;     /* features, then indicators that are there */
    struct sl_label           label;
    char                     *weight;         /* expression; NULL: none */
    struct sl_program         weight_program; /* only where it learns */
    struct sl_orient          orient;
    int                       n_requests;
    int                       n_inputs; /* of them, that scoring needs: the weight's come last */
    int                       n_oriented_inputs; /* of orient's columns, likewise */
    size_t                    request_capacity;
    struct sl_column_request *requests;
    int                       first_oriented; /* in block_columns, those of requests before it */
    struct sl_column         *block_columns;  /* [first_oriented + orient.n_columns] under way */
    struct sl_missing_texts   missing;        /* own copies */
    struct sl_expr_scratch    scratch;
    struct sl_slice          *classes; /* [label.classes.n] for who asks */
    bool                      is_fitted;
    bool                      is_brief; /* it is fitted for the rows at hand: no profiles are kept */
};

/* Names as in the job file.  Of SL_MISSING_CONSTANT there is none: the number itself is written. */
extern const char *const sl_feature_policies[SL_MISSING_CONSTANT];
extern const char *const sl_feature_scales[SL_SCALE_STANDARD + 1];
extern const char *const sl_feature_drops[SL_DROP_FIRST + 1];

/** What has been learned knows no weights, nor the columns that they alone read. */
void sl_recipe_forget_weight(struct sl_recipe *recipe);

static inline bool sl_feature_is_categorical(const struct sl_feature *feature)
{
    return feature->spec.categorical != NULL;
}

/** Whether missing values of a feature are filled. */
bool sl_feature_fills(const struct sl_feature *feature);

/* --- recipe_names.c: whom the names of expressions mean --------------------------------------- */

/** Compile feature `index`, the label, the weight; SL_EJOB, SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_recipe_compile_feature(struct sl_recipe            *recipe,
                                                  const struct sl_recipe_spec *spec, int index,
                                                  struct sl_error *err);
SL_MUST_CHECK sl_status sl_recipe_compile_label(struct sl_recipe            *recipe,
                                                const struct sl_recipe_spec *spec,
                                                struct sl_error             *err);
SL_MUST_CHECK sl_status sl_recipe_compile_weight(struct sl_recipe            *recipe,
                                                 const struct sl_recipe_spec *spec,
                                                 struct sl_error             *err);
/** Ask for the columns that the coins are made of. */
SL_MUST_CHECK sl_status sl_recipe_request_keys(struct sl_recipe *recipe, struct sl_error *err);
/** Number oriented columns behind those of the block, when all are known. */
void sl_recipe_resolve(struct sl_recipe *recipe);

/* --- recipe_columns.c: the columns of the model ------------------------------------------------
 */

/** Give a feature that asks for it the name of its indicator; SL_EJOB where it would be without
 *  effect, or bears the name of an earlier feature. */
SL_MUST_CHECK sl_status sl_recipe_name_indicator(struct sl_recipe *recipe, int index,
                                                 struct sl_error *err);
/** Whether a name is that of the feature's indicator. */
bool sl_feature_owns_column(const struct sl_feature *feature, const char *name);

/** Terms, names of columns and codes of levels, from what was learned; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_recipe_list_columns(struct sl_recipe *recipe, struct sl_error *err);

/** Write the indicators of x [n_rows], its features not yet filled. */
void sl_recipe_indicate(const struct sl_recipe *recipe, struct sl_matrix *x);

/* --- recipe_levels.c ----------------------------------------------------------------------------
 */

/** Room for what a categorical feature holds of a block; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_feature_make_texts(struct sl_feature *feature, struct sl_error *err);
/** The texts of a block, trimmed where asked for, without data where missing. */
void sl_feature_load_texts(const struct sl_recipe *recipe, struct sl_feature *feature,
                           size_t n_rows);
/** Learn the levels of a training set, whose codes count them in the order they were met: bring
 *  levels and codes into order.  SL_EINPUT: too many of them; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_feature_fit_levels(const struct sl_comm *comm,
                                              struct sl_feature *feature, struct sl_design *set,
                                              struct sl_error *err);
/** Levels of the training set become codes. */
void sl_feature_encode_set(const struct sl_feature *feature, struct sl_design *set);
/** The number of a text among a feature's levels; of missing ones, which have no data, their number,
 *  of unknown ones one more. */
int32_t sl_feature_level(const struct sl_feature *feature, struct sl_slice text);
/** Those of the texts of the block under way, in the place of its codes. */
void sl_feature_find_levels(const struct sl_feature *feature, struct sl_design *design);
/** Numbers of levels become codes, counted on the way; unknown levels and missing ones that may not
 *  be are noted in design. */
void sl_feature_encode(const struct sl_recipe *recipe, int index, const uint8_t *reject,
                       struct sl_design *design);

/* --- recipe_label.c -----------------------------------------------------------------------------
 */

/** The text that a numeric label has as a class; false: it is no integer, or not the only one that
 * this double stands for. */
bool sl_label_text(double value, char out[32]);
/** The same of a label that is a text. */
bool sl_class_text(struct sl_slice text, char out[32]);
/** Learn the classes of a training set, as sl_feature_fit_levels() does levels. */
SL_MUST_CHECK sl_status sl_recipe_fit_label(const struct sl_comm *comm, struct sl_recipe *recipe,
                                            struct sl_design *set, struct sl_error *err);
/** Give who asks for the classes their list, and small integers their class; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_recipe_list_classes(struct sl_recipe *recipe, struct sl_error *err);
/** The class that a text is, or SL_LABEL_OTHER. */
int32_t sl_recipe_class_of(const struct sl_recipe *recipe, struct sl_slice text);
/** Labels as they were read become classes. */
void sl_recipe_classify(const struct sl_recipe *recipe, struct sl_design *design);

/* --- recipe_load_feature.c ----------------------------------------------------------------------
 */

/** A text that a spec does not own, but has in the place of its own. */
static inline char *sl_borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}
/** The object of a feature: what it is asked to be, texts borrowed from the document, and of
 *  `learned` fill, mean, std, had_missing, levels and profile; SL_EJOB, SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_feature_load(const struct sl_json_doc *doc, const struct sl_json *from,
                                        struct sl_feature_spec *spec, struct sl_feature *learned,
                                        struct sl_error *err);

/* --- recipe_save.c -----------------------------------------------------------------------------
 */

/** Whether any column is asked for as a text, so that it matters which texts are missing. */
bool sl_recipe_reads_texts(const struct sl_recipe *recipe);

/** Profiles are known: number the counts. */
void sl_recipe_number_counts(struct sl_recipe *recipe);

/* --- recipe_fit.c -------------------------------------------------------------------------------
 */

/** Learn from the numbers of all ranks, and fill and scale them in place.  Collective. */
SL_MUST_CHECK sl_status sl_recipe_fit_numbers(const struct sl_comm *comm, struct sl_recipe *recipe,
                                              struct sl_matrix *x, struct sl_error *err);

/** A number, filled, on the scale that was learned. */
double sl_feature_scaled(const struct sl_feature *feature, double x);

/** Fill and scale a column in place, with what was learned. */
void sl_feature_transform(const struct sl_feature *feature, double *x, size_t n_rows);

/** Note that a row may not be as it is, unless an earlier one was noted. */
static inline void sl_design_fault(struct sl_design *design, size_t row, int feature)
{
    if (design->fault_row >= 0 && design->fault_row <= (int64_t)row)
        return;
    design->fault_row = (int64_t)row;
    design->fault_feature = feature;
}

#endif
