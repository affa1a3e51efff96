/* The recipe: features, label and weight compiled once, then run on block after block.  Each
 * numeric feature is a column of the design, and the expressions behind it read it from there: so
 * imputing waits until all of them have run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"

static sl_status copy_missing(struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                              struct sl_error *err);
static sl_status compile(struct sl_recipe *recipe, const struct sl_recipe_spec *spec, bool learns,
                         struct sl_error *err);
static sl_status make_scratch(struct sl_recipe *recipe, struct sl_error *err);

sl_status sl_recipe_create(const struct sl_recipe_spec *spec, bool learns, struct sl_recipe **out,
                           struct sl_error *err)
{
    struct sl_recipe *recipe = NULL;
    sl_status         rc;

    if (spec->n_features < 1)
        return sl_fail(err, SL_EJOB, "$.features: at least one feature is needed");
    if (spec->n_features > SL_MAX_FEATURES)
        return sl_fail(err, SL_EJOB, "$.features: %d features, at most %d are allowed",
                       spec->n_features, (int)SL_MAX_FEATURES);
    SL_TRY(sl_alloc_array(1, sizeof *recipe, &recipe, err));
    SL_TRY(
        sl_alloc_array((size_t)spec->n_features, sizeof *recipe->features, &recipe->features, err));
    SL_TRY(copy_missing(recipe, spec, err));
    SL_TRY(sl_orient_init(&recipe->orient, &spec->orient, err));
    SL_TRY(compile(recipe, spec, learns, err));
    SL_TRY(make_scratch(recipe, err));
    SL_TRY(sl_recipe_list_columns(recipe, err));
    *out = recipe;
    recipe = NULL;
out:
    sl_recipe_free(recipe);
    return rc;
}

static sl_status compile(struct sl_recipe *recipe, const struct sl_recipe_spec *spec, bool learns,
                         struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < spec->n_features; i++)
        SL_TRY(sl_recipe_compile_feature(recipe, spec, i, err));
    SL_TRY(sl_recipe_request_keys(recipe, err));
    SL_TRY(sl_recipe_compile_label(recipe, spec, err));
    recipe->n_inputs = recipe->n_requests;
    recipe->n_oriented_inputs = recipe->orient.n_columns;
    if (spec->weight != NULL)
        SL_TRY(sl_copy_text(spec->weight, &recipe->weight, err));
    if (spec->weight != NULL && learns)
        SL_TRY(sl_recipe_compile_weight(recipe, spec, err));
    sl_recipe_resolve(recipe);
out:
    return rc;
}

static void feature_release(struct sl_feature *feature)
{
    sl_program_release(&feature->program);
    free(feature->spec.name);
    free(feature->spec.expr);
    free(feature->spec.categorical);
    free(feature->spec.handle_unknown);
    free(feature->indicator);
    free(feature->texts);
    free(feature->codes);
    sl_levels_release(&feature->levels);
    sl_profile_release(&feature->profile);
}

static void label_release(struct sl_label *label)
{
    sl_program_release(&label->program);
    sl_levels_release(&label->classes);
    free(label->texts);
    free(label->expr);
}

static void drop_requests(struct sl_recipe *recipe, int first)
{
    for (int i = first; i < recipe->n_requests; i++) {
        free(recipe->requests[i].name);
        free(recipe->requests[i].hint);
    }
    recipe->n_requests = first;
}

void sl_recipe_forget_weight(struct sl_recipe *recipe)
{
    sl_program_release(&recipe->weight_program);
    drop_requests(recipe, recipe->n_inputs);
    sl_orient_drop(&recipe->orient, recipe->n_oriented_inputs);
}

void sl_recipe_free(struct sl_recipe *recipe)
{
    if (recipe == NULL)
        return;
    drop_requests(recipe, 0);
    free(recipe->requests);
    for (int i = 0; i < recipe->missing.n; i++)
        free((char *)(uintptr_t)recipe->missing.texts[i].data);
    free(recipe->missing.texts);
    for (int i = 0; i < recipe->n_features; i++)
        feature_release(&recipe->features[i]);
    free(recipe->features);
    for (int i = 0; i < recipe->n_columns; i++)
        free(recipe->columns[i]);
    free(recipe->columns);
    sl_terms_release(&recipe->terms);
    label_release(&recipe->label);
    sl_program_release(&recipe->weight_program);
    free(recipe->weight);
    sl_orient_release(&recipe->orient);
    free(recipe->block_columns);
    free(recipe->classes);
    sl_expr_scratch_release(&recipe->scratch);
    free(recipe);
}

const struct sl_column_request *sl_recipe_requests(const struct sl_recipe *recipe, int *n_requests)
{
    *n_requests = recipe->n_requests;
    return recipe->requests;
}

const struct sl_column_request *sl_recipe_inputs(const struct sl_recipe *recipe, int *n_inputs)
{
    *n_inputs = recipe->n_inputs;
    return recipe->requests;
}

bool sl_recipe_needs(const struct sl_recipe *recipe, int feature, int other)
{
    const struct sl_program *program = &recipe->features[feature].program;

    if (sl_feature_is_categorical(&recipe->features[other]))
        return false; /* its name stands for its column */
    for (size_t i = 0; i < program->n_code; i++)
        if (program->code[i].op == SL_OP_FEATURE &&
            program->code[i].index == recipe->features[other].index)
            return true;
    return false;
}

const char *const *sl_recipe_columns(const struct sl_recipe *recipe, int *n_columns)
{
    *n_columns = recipe->n_columns;
    return (const char *const *)recipe->columns;
}

const struct sl_terms *sl_recipe_terms(const struct sl_recipe *recipe)
{
    return &recipe->terms;
}

bool sl_recipe_is_number(const struct sl_recipe *recipe)
{
    return recipe->label.is_number;
}

const struct sl_slice *sl_recipe_classes(const struct sl_recipe *recipe, int *n)
{
    *n = recipe->label.classes.n;
    return recipe->classes;
}

static sl_status copy_missing(struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                              struct sl_error *err)
{
    struct sl_missing_texts *missing = &recipe->missing;
    sl_status                rc;

    SL_TRY(sl_alloc_array((size_t)spec->n_missing, sizeof *missing->texts, &missing->texts, err));
    for (int i = 0; i < spec->n_missing; i++) {
        char *text;

        SL_TRY(sl_copy_text(spec->missing[i], &text, err));
        missing->texts[missing->n++] = (struct sl_slice){text, strlen(text)};
    }
out:
    return rc;
}

static void widen(const struct sl_program *program, int *n_numbers, int *n_texts)
{
    *n_numbers = program->n_numbers > *n_numbers ? program->n_numbers : *n_numbers;
    *n_texts = program->n_texts > *n_texts ? program->n_texts : *n_texts;
}

static sl_status make_scratch(struct sl_recipe *recipe, struct sl_error *err)
{
    const size_t n_columns = (size_t)(recipe->first_oriented + recipe->orient.n_columns);
    int          n_numbers = 0;
    int          n_texts = 0;
    sl_status    rc;

    widen(&recipe->label.program, &n_numbers, &n_texts);
    widen(&recipe->weight_program, &n_numbers, &n_texts);
    for (int i = 0; i < recipe->n_features; i++)
        widen(&recipe->features[i].program, &n_numbers, &n_texts);
    SL_TRY(sl_expr_scratch_init(&recipe->scratch, n_numbers, n_texts, err));
    SL_TRY(sl_alloc_array(n_columns, sizeof *recipe->block_columns, &recipe->block_columns, err));
    for (int j = 0; j < recipe->n_features; j++)
        if (sl_feature_is_categorical(&recipe->features[j]))
            SL_TRY(sl_feature_make_texts(&recipe->features[j], err));
    if (recipe->label.program.type == SL_EXPR_TEXT)
        SL_TRY(
            sl_alloc_array(SL_BLOCK_ROWS, sizeof *recipe->label.texts, &recipe->label.texts, err));
out:
    return rc;
}

/* --- counts ----------------------------------------------------------------------------------- */

void sl_recipe_number_counts(struct sl_recipe *recipe)
{
    recipe->n_counts = 0;
    for (int j = 0; j < recipe->n_features; j++) {
        recipe->features[j].first_count = recipe->n_counts;
        recipe->n_counts += sl_profile_n_counts(&recipe->features[j].profile);
    }
}

size_t sl_recipe_n_counts(const struct sl_recipe *recipe)
{
    return recipe->n_counts;
}

int sl_recipe_n_features(const struct sl_recipe *recipe)
{
    return recipe->n_features;
}

const struct sl_profile *sl_recipe_profile(const struct sl_recipe *recipe, int feature,
                                           const char **name, size_t *first_count)
{
    const struct sl_feature *f = &recipe->features[feature];

    *name = f->spec.name;
    *first_count = f->first_count;
    return &f->profile;
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* The block's columns, and behind them those that coins chose from. */
static void take_columns(struct sl_recipe *recipe, const struct sl_column_block *block)
{
    for (int i = 0; i < recipe->n_requests; i++)
        recipe->block_columns[i] = block->columns[i];
    sl_orient_block(&recipe->orient, block);
    for (int k = 0; k < recipe->orient.n_columns; k++)
        recipe->block_columns[recipe->first_oriented + k] = recipe->orient.columns[k].column;
}

static void evaluate_label(struct sl_recipe *recipe, const struct sl_expr_input *input,
                           struct sl_design *design)
{
    struct sl_label *label = &recipe->label;

    if (label->program.type != SL_EXPR_TEXT) {
        sl_expr_eval(&label->program, input, design->label, &design->n_nonfinite);
        return;
    }
    sl_expr_eval_texts(&label->program, input, label->texts, &design->n_nonfinite);
    for (size_t i = 0; i < input->n_rows; i++)
        design->label[i] = label->texts[i].data == NULL ? (double)NAN : 0.0;
}

/* A record that is no good has neither label nor weight. */
static void mark_rejected(const struct sl_column_block *block, struct sl_design *design)
{
    for (size_t i = 0; i < block->n_rows; i++) {
        const bool good = block->reject[i] == SL_GOOD;

        design->status[i] = good ? SL_ROW_SCORED : SL_ROW_REJECTED;
        design->label[i] = good ? design->label[i] : (double)NAN;
        design->weight[i] = good ? design->weight[i] : (double)NAN;
    }
}

static void evaluate_feature(struct sl_recipe *recipe, int index, const struct sl_expr_input *input,
                             struct sl_design *design)
{
    struct sl_feature *feature = &recipe->features[index];
    const size_t       column = (size_t)feature->index;

    if (sl_feature_is_categorical(feature))
        sl_feature_load_texts(recipe, feature, input->n_rows);
    else
        sl_expr_eval(&feature->program, input, design->x.data + column * design->x.ld,
                     &design->n_nonfinite);
}

sl_status sl_recipe_evaluate(struct sl_recipe *recipe, const struct sl_column_block *block,
                             struct sl_design *design, struct sl_error *err)
{
    struct sl_matrix    *x = &design->x;
    struct sl_expr_input input = {.n_rows = block->n_rows,
                                  .columns = recipe->block_columns,
                                  .features = x,
                                  .missing = &recipe->missing,
                                  .scratch = &recipe->scratch};

    if (block->n_columns < recipe->n_requests || block->n_rows > x->ld ||
        x->n_cols != (size_t)recipe->terms.n_numeric || design->n_codes != recipe->n_categorical)
        return sl_fail(err, SL_EBUG, "recipe: a block of %d columns into a design of %zu and %d",
                       block->n_columns, x->n_cols, design->n_codes);
    x->n_rows = block->n_rows;
    design->fault_row = -1;
    design->fault_feature = 0;
    take_columns(recipe, block);
    for (int j = 0; j < recipe->n_features; j++)
        evaluate_feature(recipe, j, &input, design);
    evaluate_label(recipe, &input, design);
    for (size_t i = 0; i < block->n_rows; i++)
        design->weight[i] = 1.0;
    if (recipe->weight_program.n_code > 0)
        sl_expr_eval(&recipe->weight_program, &input, design->weight, &design->n_nonfinite);
    mark_rejected(block, design);
    return SL_OK;
}
