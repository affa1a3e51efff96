/* What becomes of rows when the recipe has learned: their labels are classes, their levels codes,
 * their numbers filled and scaled.  The rows are a block that was just evaluated, whose levels and
 * labels are texts, or rows whose levels and classes another recipe numbered. */
#include <math.h>
#include <stdlib.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"

static void settle_rows(const struct sl_recipe *recipe, const uint8_t *reject,
                        struct sl_design *design);
static void settle_number(const struct sl_recipe *recipe, int index, const uint8_t *reject,
                          struct sl_design *design);
static void clear_unscored(const struct sl_recipe *recipe, struct sl_design *design);

sl_status sl_recipe_apply(struct sl_recipe *recipe, const struct sl_column_block *block,
                          struct sl_design *design, struct sl_error *err)
{
    sl_status rc;

    if (!recipe->is_fitted)
        return sl_fail(err, SL_EBUG, "recipe: applied before it was fitted");
    SL_TRY(sl_recipe_evaluate(recipe, block, design, err));
    sl_recipe_classify(recipe, design);
    for (int j = 0; j < recipe->n_features; j++)
        if (sl_feature_is_categorical(&recipe->features[j]))
            sl_feature_find_levels(&recipe->features[j], design);
    settle_rows(recipe, block->reject, design);
out:
    return rc;
}

/* --- rows whose levels and classes are numbers ------------------------------------------------ */

/* From numbers of `met` to those of a feature's levels, as sl_feature_find_levels() finds them. */
static sl_status renumber_levels(const struct sl_feature *feature, const struct sl_levels *met,
                                 struct sl_design *design, struct sl_error *err)
{
    int32_t  *codes = design->codes + (size_t)feature->index * design->x.ld;
    int32_t  *map = NULL;
    sl_status rc = sl_alloc_array((size_t)met->n, sizeof *map, &map, err);

    if (rc != SL_OK)
        return rc;
    for (int32_t i = 0; i < met->n; i++)
        map[i] = sl_feature_level(feature, sl_levels_get(met, i));
    for (size_t i = 0; i < design->x.n_rows; i++)
        codes[i] =
            codes[i] >= 0 ? map[codes[i]] : sl_feature_level(feature, (struct sl_slice){NULL, 0});
    free(map);
    return SL_OK;
}

static sl_status renumber_classes(const struct sl_recipe *recipe, const struct sl_levels *met,
                                  struct sl_design *design, struct sl_error *err)
{
    int32_t  *map = NULL;
    sl_status rc = sl_alloc_array((size_t)met->n, sizeof *map, &map, err);

    if (rc != SL_OK)
        return rc;
    for (int32_t i = 0; i < met->n; i++)
        map[i] = sl_recipe_class_of(recipe, sl_levels_get(met, i));
    for (size_t i = 0; i < design->x.n_rows; i++)
        design->label[i] = map[(int32_t)design->label[i]];
    free(map);
    return SL_OK;
}

sl_status sl_recipe_apply_met(const struct sl_recipe *recipe, const struct sl_recipe *met,
                              const int *features, struct sl_design *design, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (!recipe->is_fitted || design->x.n_cols != (size_t)recipe->terms.n_numeric ||
        design->n_codes != recipe->n_categorical || design->counts != NULL)
        return sl_fail(err, SL_EBUG, "recipe: applied to %zu numbers and %d codes",
                       design->x.n_cols, design->n_codes);
    design->fault_row = -1;
    design->fault_feature = 0;
    for (int j = 0; j < recipe->n_features; j++)
        if (sl_feature_is_categorical(&recipe->features[j]))
            SL_TRY(renumber_levels(&recipe->features[j], &met->features[features[j]].levels, design,
                                   err));
    if (!recipe->label.is_number)
        SL_TRY(renumber_classes(recipe, &met->label.classes, design, err));
    settle_rows(recipe, NULL, design);
out:
    return rc;
}

static sl_status add_levels(const struct sl_levels *from, struct sl_levels *to,
                            struct sl_error *err)
{
    int32_t   number;
    sl_status rc = SL_OK;

    for (int32_t i = 0; i < from->n && rc == SL_OK; i++)
        rc = sl_levels_add(to, sl_levels_get(from, i), &number, err);
    return rc;
}

sl_status sl_recipe_meet(struct sl_recipe *recipe, const struct sl_recipe *met, const int *features,
                         struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int j = 0; j < recipe->n_features; j++)
        SL_TRY(add_levels(&met->features[features[j]].levels, &recipe->features[j].levels, err));
    recipe->is_brief = true;
    rc = add_levels(&met->label.classes, &recipe->label.classes, err);
out:
    return rc;
}

/* --- both ------------------------------------------------------------------------------------- */

/* Labels are classes, codes the numbers of levels; reject NULL: no record was rejected. */
static void settle_rows(const struct sl_recipe *recipe, const uint8_t *reject,
                        struct sl_design *design)
{
    sl_recipe_indicate(recipe, &design->x);
    for (int j = 0; j < recipe->n_features; j++) {
        if (sl_feature_is_categorical(&recipe->features[j]))
            sl_feature_encode(recipe, j, reject, design);
        else
            settle_number(recipe, j, reject, design);
    }
    clear_unscored(recipe, design);
}

/* Numbers beyond the range of doubles after scaling can only come from data unlike any trained on;
 * such a row cannot be scored either. */
static void settle_number(const struct sl_recipe *recipe, int index, const uint8_t *reject,
                          struct sl_design *design)
{
    const struct sl_feature *feature = &recipe->features[index];
    struct sl_matrix        *x = &design->x;
    double                  *column = x->data + (size_t)feature->index * x->ld;

    if (design->counts != NULL)
        sl_profile_count_numbers(&feature->profile, column, reject, x->n_rows,
                                 design->counts + feature->first_count);
    sl_feature_transform(feature, column, x->n_rows);
    for (size_t i = 0; i < x->n_rows; i++) {
        if (isfinite(column[i]) || design->status[i] == SL_ROW_REJECTED)
            continue;
        design->n_nonfinite += isinf(column[i]) != 0;
        design->status[i] = SL_ROW_MISSING;
        if (feature->spec.missing == SL_MISSING_ERROR)
            sl_design_fault(design, i, index);
    }
}

static void clear_unscored(const struct sl_recipe *recipe, struct sl_design *design)
{
    struct sl_matrix *x = &design->x;

    for (size_t i = 0; i < x->n_rows; i++) {
        if (design->status[i] == SL_ROW_SCORED)
            continue;
        for (size_t j = 0; j < x->n_cols; j++)
            x->data[j * x->ld + i] = 0.0;
        for (int t = 0; t < recipe->terms.n_terms; t++) {
            const struct sl_term *term = &recipe->terms.items[t];

            if (term->is_categorical)
                design->codes[(size_t)term->index * x->ld + i] = term->n_columns;
        }
    }
}
