/* The recipe: features and label compiled once, then run on block after block.  Each feature is a
 * column of the design, and the expressions behind it read it from there: so imputing waits until
 * all of them have run. */
#include "recipe_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

enum { MAX_FEATURES = 10000, MAX_COLUMNS = 10000 };

/* Whom the names of an expression are looked up for. */
struct scope {
    struct sl_recipe *recipe;
    int               n_visible; /* features before this one */
    bool              optional;  /* columns first named here may be absent from a file */
};

static sl_status compile_feature(struct sl_recipe *recipe, int index,
                                 const struct sl_feature_spec *spec, struct sl_error *err);
static sl_status compile_label(struct sl_recipe *recipe, const char *text, struct sl_error *err);
static sl_status compile_column(struct sl_feature *feature, const struct scope *scope,
                                struct sl_error *err);
static sl_status find_name(void *state, const char *name, struct sl_expr_name *found,
                           struct sl_error *err);
static sl_status make_scratch(struct sl_recipe *recipe, struct sl_error *err);
static void settle_feature(const struct sl_recipe *recipe, int index, struct sl_design *design);
static void clear_unscored(struct sl_design *design);

sl_status sl_recipe_create(const struct sl_recipe_spec *spec, struct sl_recipe **out,
                           struct sl_error *err)
{
    struct sl_recipe *recipe = NULL;
    sl_status         rc;

    if (spec->n_features < 1)
        return sl_fail(err, SL_EJOB, "$.features: at least one feature is needed");
    if (spec->n_features > MAX_FEATURES)
        return sl_fail(err, SL_EJOB, "$.features: %d features, at most %d are allowed",
                       spec->n_features, (int)MAX_FEATURES);
    SL_TRY(sl_alloc_array(1, sizeof *recipe, &recipe, err));
    SL_TRY(
        sl_alloc_array((size_t)spec->n_features, sizeof *recipe->features, &recipe->features, err));
    SL_TRY(
        sl_alloc_array((size_t)spec->n_features, sizeof *recipe->columns, &recipe->columns, err));
    for (int i = 0; i < spec->n_features; i++)
        SL_TRY(compile_feature(recipe, i, &spec->features[i], err));
    SL_TRY(compile_label(recipe, spec->label, err));
    SL_TRY(make_scratch(recipe, err));
    *out = recipe;
    recipe = NULL;
out:
    sl_recipe_free(recipe);
    return rc;
}

static void feature_release(struct sl_feature *feature)
{
    sl_program_release(&feature->program);
    free(feature->spec.name);
    free(feature->spec.expr);
}

void sl_recipe_free(struct sl_recipe *recipe)
{
    if (recipe == NULL)
        return;
    for (int i = 0; i < recipe->n_requests; i++)
        free(recipe->requests[i].name);
    for (int i = 0; i < recipe->n_features; i++)
        feature_release(&recipe->features[i]);
    sl_program_release(&recipe->label_program);
    free(recipe->label);
    free(recipe->requests);
    free(recipe->columns);
    free(recipe->features);
    free(recipe->cells);
    free(recipe);
}

const struct sl_column_request *sl_recipe_requests(const struct sl_recipe *recipe, int *n_requests)
{
    *n_requests = recipe->n_requests;
    return recipe->requests;
}

const char *const *sl_recipe_columns(const struct sl_recipe *recipe, int *n_columns)
{
    *n_columns = recipe->n_features;
    return recipe->columns;
}

enum sl_missing_policy sl_recipe_missing(const struct sl_recipe *recipe, int feature)
{
    return recipe->features[feature].spec.missing;
}

static sl_status check_name(const struct sl_recipe *recipe, int index, const char *name,
                            struct sl_error *err)
{
    if (name[0] == '\0')
        return sl_fail(err, SL_EJOB, "$.features[%d].name: empty", index);
    for (int i = 0; i < index; i++) {
        if (strcmp(recipe->features[i].spec.name, name) == 0)
            return sl_fail(err, SL_EJOB, "$.features[%d].name: '%s' is the name of features[%d]",
                           index, name, i);
    }
    return SL_OK;
}

static sl_status compile_feature(struct sl_recipe *recipe, int index,
                                 const struct sl_feature_spec *spec, struct sl_error *err)
{
    struct sl_feature   *feature = &recipe->features[index];
    struct scope         scope = {.recipe = recipe, .n_visible = index};
    struct sl_expr_scope names = {.state = &scope, .find = find_name};
    sl_status            rc;

    SL_TRY(check_name(recipe, index, spec->name, err));
    recipe->n_features = index + 1;
    *feature = (struct sl_feature){.spec = *spec, .fill = spec->fill, .std = 1.0};
    feature->spec.name = NULL;
    feature->spec.expr = NULL;
    SL_TRY(sl_copy_text(spec->name, &feature->spec.name, err));
    SL_TRY(sl_copy_text(spec->expr, &feature->spec.expr, err));
    recipe->columns[index] = feature->spec.name;
    if (spec->bare)
        rc = compile_column(feature, &scope, err);
    else
        rc = sl_expr_compile(spec->expr, &names, &feature->program, err);
    if (rc != SL_OK)
        sl_error_in(err, "$.features[%d].expr", index);
out:
    return rc;
}

static sl_status compile_label(struct sl_recipe *recipe, const char *text, struct sl_error *err)
{
    struct scope scope = {.recipe = recipe, .n_visible = recipe->n_features, .optional = true};
    struct sl_expr_scope names = {.state = &scope, .find = find_name};
    sl_status            rc;

    if (text == NULL)
        return sl_fail(err, SL_EJOB, "$.label: an expression is needed");
    SL_TRY(sl_copy_text(text, &recipe->label, err));
    rc = sl_expr_compile(text, &names, &recipe->label_program, err);
    if (rc != SL_OK)
        sl_error_in(err, "$.label");
out:
    return rc;
}

/* A column wanted by a feature is needed in every file, whoever else wants it. */
static sl_status request_column(const struct scope *scope, const char *name, int *index,
                                struct sl_error *err)
{
    struct sl_recipe        *recipe = scope->recipe;
    struct sl_column_request request = {.type = SL_NUMBER, .optional = scope->optional};
    sl_status                rc;

    for (*index = 0; *index < recipe->n_requests; ++*index) {
        if (strcmp(recipe->requests[*index].name, name) == 0) {
            recipe->requests[*index].optional &= scope->optional;
            return SL_OK;
        }
    }
    if (recipe->n_requests == MAX_COLUMNS)
        return sl_fail(err, SL_EJOB, "more than %d columns are named", (int)MAX_COLUMNS);
    SL_TRY(sl_grow_array(&recipe->requests, &recipe->request_capacity,
                         (size_t)recipe->n_requests + 1, sizeof *recipe->requests, err));
    SL_TRY(sl_copy_text(name, &request.name, err));
    recipe->requests[recipe->n_requests++] = request;
out:
    return rc;
}

static sl_status find_name(void *state, const char *name, struct sl_expr_name *found,
                           struct sl_error *err)
{
    const struct scope *scope = state;

    for (int i = 0; i < scope->n_visible; i++) {
        const struct sl_feature *feature = &scope->recipe->features[i];

        if (strcmp(feature->spec.name, name) == 0) {
            *found = (struct sl_expr_name){
                .op = SL_OP_FEATURE, .index = i, .type = feature->program.type};
            return SL_OK;
        }
    }
    *found = (struct sl_expr_name){.op = SL_OP_COLUMN, .type = SL_EXPR_NUMBER};
    return request_column(scope, name, &found->index, err);
}

static sl_status compile_column(struct sl_feature *feature, const struct scope *scope,
                                struct sl_error *err)
{
    struct sl_program    *program = &feature->program;
    struct sl_instruction load = {.op = SL_OP_COLUMN};
    sl_status             rc;

    SL_TRY(request_column(scope, feature->spec.expr, &load.index, err));
    SL_TRY(sl_grow_array(&program->code, &program->capacity, 1, sizeof *program->code, err));
    program->code[0] = load;
    program->n_code = 1;
    program->depth = 1;
out:
    return rc;
}

static sl_status make_scratch(struct sl_recipe *recipe, struct sl_error *err)
{
    int depth = recipe->label_program.depth;

    for (int i = 0; i < recipe->n_features; i++) {
        if (recipe->features[i].program.depth > depth)
            depth = recipe->features[i].program.depth;
    }
    return sl_alloc_array((size_t)depth + 1, SL_BLOCK_ROWS * sizeof *recipe->cells, &recipe->cells,
                          err);
}

sl_status sl_recipe_evaluate(struct sl_recipe *recipe, const struct sl_column_block *block,
                             struct sl_design *design, struct sl_error *err)
{
    struct sl_expr_input input = {.block = block, .features = &design->x, .cells = recipe->cells};
    struct sl_matrix    *x = &design->x;

    if (block->n_columns < recipe->n_requests || block->n_rows > x->ld ||
        x->n_cols != (size_t)recipe->n_features)
        return sl_fail(err, SL_EBUG, "recipe: a block of %d columns into a design of %zu",
                       block->n_columns, x->n_cols);
    x->n_rows = block->n_rows;
    design->fault_row = -1;
    design->fault_feature = 0;
    for (int j = 0; j < recipe->n_features; j++)
        sl_expr_eval(&recipe->features[j].program, &input, x->data + (size_t)j * x->ld,
                     &design->n_nonfinite);
    sl_expr_eval(&recipe->label_program, &input, design->label, &design->n_nonfinite);
    for (size_t i = 0; i < x->n_rows; i++) {
        bool good = block->reject[i] == SL_GOOD;

        design->status[i] = good ? SL_ROW_SCORED : SL_ROW_REJECTED;
        design->label[i] = good ? design->label[i] : NAN;
    }
    return SL_OK;
}

sl_status sl_recipe_apply(struct sl_recipe *recipe, const struct sl_column_block *block,
                          struct sl_design *design, struct sl_error *err)
{
    sl_status rc;

    if (!recipe->is_fitted)
        return sl_fail(err, SL_EBUG, "recipe: applied before it was fitted");
    SL_TRY(sl_recipe_evaluate(recipe, block, design, err));
    for (int j = 0; j < recipe->n_features; j++)
        settle_feature(recipe, j, design);
    clear_unscored(design);
out:
    return rc;
}

/* Numbers beyond the range of doubles after scaling can only come from data unlike any trained on;
 * such a row cannot be scored either. */
static void settle_feature(const struct sl_recipe *recipe, int index, struct sl_design *design)
{
    const struct sl_feature *feature = &recipe->features[index];
    struct sl_matrix        *x = &design->x;
    double                  *column = x->data + (size_t)index * x->ld;
    bool                     is_fault = feature->spec.missing == SL_MISSING_ERROR;

    sl_feature_transform(feature, column, x->n_rows);
    for (size_t i = 0; i < x->n_rows; i++) {
        if (isfinite(column[i]) || design->status[i] == SL_ROW_REJECTED)
            continue;
        design->n_nonfinite += isinf(column[i]) != 0;
        design->status[i] = SL_ROW_MISSING;
        if (is_fault && (design->fault_row < 0 || (int64_t)i < design->fault_row)) {
            design->fault_row = (int64_t)i;
            design->fault_feature = index;
        }
    }
}

static void clear_unscored(struct sl_design *design)
{
    struct sl_matrix *x = &design->x;

    for (size_t i = 0; i < x->n_rows; i++) {
        if (design->status[i] == SL_ROW_SCORED)
            continue;
        for (size_t j = 0; j < x->n_cols; j++)
            x->data[j * x->ld + i] = 0.0;
    }
}
