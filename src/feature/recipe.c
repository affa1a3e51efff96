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
    struct sl_recipe            *recipe;
    const struct sl_recipe_spec *spec;
    int                          n_visible; /* features before this one */
    bool                         optional;  /* columns first named here may be absent from a file */
};

static sl_status copy_missing(struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                              struct sl_error *err);
static sl_status compile_feature(struct sl_recipe *recipe, int index,
                                 const struct sl_recipe_spec *spec, struct sl_error *err);
static sl_status compile_label(struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                               struct sl_error *err);
static sl_status compile_column(struct sl_feature *feature, struct scope *scope,
                                struct sl_error *err);
static bool      find_feature(void *state, const char *name, int *index, enum sl_expr_type *type);
static sl_status request_column(void *state, const char *name, enum sl_type type, int *index,
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
    SL_TRY(sl_alloc_array(2 * (size_t)spec->n_features, sizeof *recipe->columns, &recipe->columns,
                          err));
    SL_TRY(copy_missing(recipe, spec, err));
    for (int i = 0; i < spec->n_features; i++)
        SL_TRY(compile_feature(recipe, i, spec, err));
    SL_TRY(compile_label(recipe, spec, err));
    SL_TRY(make_scratch(recipe, err));
    SL_TRY(sl_recipe_list_columns(recipe, err));
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
    free(feature->indicator);
}

void sl_recipe_free(struct sl_recipe *recipe)
{
    if (recipe == NULL)
        return;
    for (int i = 0; i < recipe->n_requests; i++) {
        free(recipe->requests[i].name);
        free(recipe->requests[i].hint);
    }
    for (int i = 0; i < recipe->missing.n; i++)
        free((char *)(uintptr_t)recipe->missing.texts[i].data);
    for (int i = 0; i < recipe->n_features; i++)
        feature_release(&recipe->features[i]);
    sl_program_release(&recipe->label_program);
    free(recipe->label);
    free(recipe->missing.texts);
    free(recipe->requests);
    free(recipe->columns);
    sl_terms_release(&recipe->terms);
    free(recipe->features);
    sl_expr_scratch_release(&recipe->scratch);
    free(recipe);
}

const struct sl_column_request *sl_recipe_requests(const struct sl_recipe *recipe, int *n_requests)
{
    *n_requests = recipe->n_requests;
    return recipe->requests;
}

const char *const *sl_recipe_columns(const struct sl_recipe *recipe, int *n_columns)
{
    *n_columns = recipe->n_columns;
    return recipe->columns;
}

const struct sl_terms *sl_recipe_terms(const struct sl_recipe *recipe)
{
    return &recipe->terms;
}

const struct sl_slice *sl_recipe_classes(const struct sl_recipe *recipe, int *n)
{
    static const struct sl_slice binary[] = {{"0", 1}, {"1", 1}};

    (void)recipe;
    *n = 2;
    return binary;
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
        if (sl_feature_owns_column(&recipe->features[i], name))
            return sl_fail(err, SL_EJOB,
                           "$.features[%d].name: '%s' is the indicator's column of features[%d]",
                           index, name, i);
    }
    return SL_OK;
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

static struct sl_expr_scope names_of(struct scope *scope)
{
    return (struct sl_expr_scope){.state = scope,
                                  .find = find_feature,
                                  .request = request_column,
                                  .missing = scope->recipe->missing};
}

static sl_status compile_feature(struct sl_recipe *recipe, int index,
                                 const struct sl_recipe_spec *spec, struct sl_error *err)
{
    const struct sl_feature_spec *stated = &spec->features[index];
    struct sl_feature            *feature = &recipe->features[index];
    struct scope                  scope = {.recipe = recipe, .spec = spec, .n_visible = index};
    struct sl_expr_scope          names = names_of(&scope);
    sl_status                     rc;

    SL_TRY(check_name(recipe, index, stated->name, err));
    recipe->n_features = index + 1;
    *feature = (struct sl_feature){.spec = *stated, .fill = stated->fill, .std = 1.0};
    feature->spec.name = NULL;
    feature->spec.expr = NULL;
    SL_TRY(sl_copy_text(stated->name, &feature->spec.name, err));
    SL_TRY(sl_copy_text(stated->expr, &feature->spec.expr, err));
    recipe->columns[index] = feature->spec.name;
    SL_TRY(sl_recipe_name_indicator(recipe, index, err));
    if (stated->bare)
        rc = compile_column(feature, &scope, err);
    else
        rc = sl_expr_compile(stated->expr, &names, &feature->program, err);
    if (rc != SL_OK)
        sl_error_in(err, "$.features[%d].expr", index);
out:
    return rc;
}

static sl_status compile_label(struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                               struct sl_error *err)
{
    struct scope scope = {
        .recipe = recipe, .spec = spec, .n_visible = recipe->n_features, .optional = true};
    struct sl_expr_scope names = names_of(&scope);
    sl_status            rc;

    if (spec->label == NULL)
        return sl_fail(err, SL_EJOB, "$.label: an expression is needed");
    SL_TRY(sl_copy_text(spec->label, &recipe->label, err));
    rc = sl_expr_compile(spec->label, &names, &recipe->label_program, err);
    if (rc != SL_OK)
        sl_error_in(err, "$.label");
out:
    return rc;
}

/* What else a name may mean that no file turns out to have as a column: a feature. */
static sl_status make_hint(const struct scope *scope, const char *name, char **hint,
                           struct sl_error *err)
{
    struct sl_text text = {0};
    const char    *nearest;
    sl_status      rc = SL_OK;

    for (int i = scope->n_visible + 1; i < scope->spec->n_features; i++) {
        if (strcmp(scope->spec->features[i].name, name) == 0) {
            rc = sl_text_add(&text, err, ", and the feature of that name comes later");
            break;
        }
    }
    nearest = sl_nearest_name(name, scope->recipe->columns, (size_t)scope->n_visible);
    if (rc == SL_OK && text.n_bytes == 0 && nearest != NULL)
        rc = sl_text_add(&text, err, ", did you mean the feature '%s'?", nearest);
    *hint = text.data;
    return rc;
}

/* A column wanted by a feature is needed in every file, whoever else wants it. */
static sl_status request_column(void *state, const char *name, enum sl_type type, int *index,
                                struct sl_error *err)
{
    const struct scope      *scope = state;
    struct sl_recipe        *recipe = scope->recipe;
    struct sl_column_request request = {.type = type, .optional = scope->optional};
    sl_status                rc;

    for (*index = 0; *index < recipe->n_requests; ++*index) {
        struct sl_column_request *known = &recipe->requests[*index];

        if (known->type == type && strcmp(known->name, name) == 0) {
            known->optional &= scope->optional;
            return SL_OK;
        }
    }
    if (recipe->n_requests == MAX_COLUMNS)
        return sl_fail(err, SL_EJOB, "more than %d columns are named", (int)MAX_COLUMNS);
    SL_TRY(sl_grow_array(&recipe->requests, &recipe->request_capacity,
                         (size_t)recipe->n_requests + 1, sizeof *recipe->requests, err));
    SL_TRY(sl_copy_text(name, &request.name, err));
    SL_TRY(make_hint(scope, name, &request.hint, err));
    recipe->requests[recipe->n_requests++] = request;
out:
    if (rc != SL_OK)
        free(request.name);
    return rc;
}

static bool find_feature(void *state, const char *name, int *index, enum sl_expr_type *type)
{
    const struct scope *scope = state;

    for (int i = 0; i < scope->n_visible; i++) {
        const struct sl_feature *feature = &scope->recipe->features[i];

        if (strcmp(feature->spec.name, name) == 0) {
            *index = i;
            *type = feature->program.type;
            return true;
        }
    }
    return false;
}

static sl_status compile_column(struct sl_feature *feature, struct scope *scope,
                                struct sl_error *err)
{
    struct sl_program    *program = &feature->program;
    struct sl_instruction load = {.op = SL_OP_COLUMN};
    sl_status             rc;

    SL_TRY(request_column(scope, feature->spec.expr, SL_NUMBER, &load.index, err));
    SL_TRY(sl_grow_array(&program->code, &program->capacity, 1, sizeof *program->code, err));
    program->code[0] = load;
    program->n_code = 1;
    program->n_numbers = 1;
out:
    return rc;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static sl_status make_scratch(struct sl_recipe *recipe, struct sl_error *err)
{
    int n_numbers = recipe->label_program.n_numbers;
    int n_texts = recipe->label_program.n_texts;

    for (int i = 0; i < recipe->n_features; i++) {
        n_numbers = larger(n_numbers, recipe->features[i].program.n_numbers);
        n_texts = larger(n_texts, recipe->features[i].program.n_texts);
    }
    return sl_expr_scratch_init(&recipe->scratch, n_numbers, n_texts, err);
}

sl_status sl_recipe_evaluate(struct sl_recipe *recipe, const struct sl_column_block *block,
                             struct sl_design *design, struct sl_error *err)
{
    struct sl_expr_input input = {.block = block,
                                  .features = &design->x,
                                  .missing = &recipe->missing,
                                  .scratch = &recipe->scratch};
    struct sl_matrix    *x = &design->x;

    if (block->n_columns < recipe->n_requests || block->n_rows > x->ld ||
        x->n_cols != (size_t)recipe->n_columns)
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
    sl_recipe_indicate(recipe, &design->x);
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
