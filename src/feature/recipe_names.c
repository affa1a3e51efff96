/* What the names in a job's expressions mean: earlier features, and columns, which may be oriented.
 * Every column that is named is asked of the source once for each type. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"

enum { MAX_COLUMNS = 20000 };

/* Whom the names of an expression are looked up for. */
struct scope {
    struct sl_recipe            *recipe;
    const struct sl_recipe_spec *spec;
    int                          n_visible; /* features before this one */
    bool                         optional;  /* columns first named here may be absent from a file */
    bool                         is_looked_up; /* a feature or a column was asked for */
};

static bool      find_feature(void *state, const char *name, int *index, enum sl_expr_type *type);
static bool      is_number(void *state, const char *name);
static sl_status request_named(const struct scope *scope, const char *name, enum sl_type type,
                               int *index, struct sl_error *err);
static sl_status request_column(void *state, const char *name, enum sl_type type, int *index,
                                struct sl_error *err);

static struct sl_expr_scope names_of(struct scope *scope)
{
    return (struct sl_expr_scope){.state = scope,
                                  .find = find_feature,
                                  .is_number = is_number,
                                  .request = request_column,
                                  .missing = scope->recipe->missing};
}

/* --- features, label, weight ------------------------------------------------------------------ */

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

static sl_status copy_option(const char *text, char **out, struct sl_error *err)
{
    return text == NULL ? SL_OK : sl_copy_text(text, out, err);
}

static sl_status copy_spec(const struct sl_feature_spec *from, struct sl_feature_spec *to,
                           struct sl_error *err)
{
    sl_status rc;

    *to = *from;
    to->name = to->expr = to->categorical = to->handle_unknown = NULL;
    SL_TRY(copy_option(from->name, &to->name, err));
    SL_TRY(copy_option(from->expr, &to->expr, err));
    SL_TRY(copy_option(from->categorical, &to->categorical, err));
    SL_TRY(copy_option(from->handle_unknown, &to->handle_unknown, err));
out:
    return rc;
}

/* A feature that is a column has no text to be parsed. */
static sl_status compile_column(struct sl_feature *feature, struct scope *scope,
                                struct sl_error *err)
{
    struct sl_program    *program = &feature->program;
    struct sl_instruction load = {.op = SL_OP_COLUMN};
    sl_status             rc;

    SL_TRY(request_named(scope, feature->spec.expr, SL_NUMBER, &load.index, err));
    SL_TRY(sl_grow_array(&program->code, &program->capacity, 1, sizeof *program->code, err));
    program->code[0] = load;
    program->n_code = 1;
    program->n_numbers = 1;
out:
    return rc;
}

static sl_status compile_number(struct sl_recipe *recipe, struct sl_feature *feature,
                                struct scope *scope, struct sl_error *err)
{
    const struct sl_expr_scope names = names_of(scope);

    feature->index = recipe->n_numeric++;
    return feature->spec.bare ? compile_column(feature, scope, err)
                              : sl_expr_compile(feature->spec.expr, &names, &feature->program, err);
}

sl_status sl_recipe_compile_feature(struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                                    int index, struct sl_error *err)
{
    struct sl_feature *feature = &recipe->features[index];
    struct scope       scope = {.recipe = recipe, .spec = spec, .n_visible = index};
    sl_status          rc;

    SL_TRY(check_name(recipe, index, spec->features[index].name, err));
    recipe->n_features = index + 1;
    *feature = (struct sl_feature){
        .fill = spec->features[index].fill, .std = 1.0, .column = -1, .unknown_as = -1};
    SL_TRY(copy_spec(&spec->features[index], &feature->spec, err));
    SL_TRY(sl_recipe_name_indicator(recipe, index, err));
    if (sl_feature_is_categorical(feature)) {
        feature->index = recipe->n_categorical++;
        rc = request_named(&scope, feature->spec.categorical, SL_TEXT, &feature->column, err);
    } else {
        rc = compile_number(recipe, feature, &scope, err);
    }
    if (rc != SL_OK)
        sl_error_in(err, "$.features[%d].%s", index,
                    sl_feature_is_categorical(feature) ? "categorical" : "expr");
out:
    return rc;
}

sl_status sl_recipe_compile_label(struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                                  struct sl_error *err)
{
    struct scope scope = {
        .recipe = recipe, .spec = spec, .n_visible = recipe->n_features, .optional = true};
    struct sl_expr_scope names = names_of(&scope);
    sl_status            rc;

    if (spec->label == NULL)
        return sl_fail(err, SL_EJOB, "$.label: an expression is needed");
    recipe->label.is_number = spec->label_is_number;
    names.takes_texts = !spec->label_is_number;
    SL_TRY(sl_copy_text(spec->label, &recipe->label.expr, err));
    rc = sl_expr_compile(spec->label, &names, &recipe->label.program, err);
    if (rc == SL_OK && !scope.is_looked_up && recipe->label.program.type == SL_EXPR_TEXT)
        rc = sl_fail(err, SL_EJOB,
                     "%s is a text, the same for all rows; a column is named without quotes",
                     spec->label);
    if (rc != SL_OK)
        sl_error_in(err, "$.label");
out:
    return rc;
}

sl_status sl_recipe_compile_weight(struct sl_recipe *recipe, const struct sl_recipe_spec *spec,
                                   struct sl_error *err)
{
    struct scope scope = {
        .recipe = recipe, .spec = spec, .n_visible = recipe->n_features, .optional = true};
    const struct sl_expr_scope names = names_of(&scope);
    sl_status                  rc;

    rc = sl_expr_compile(spec->weight, &names, &recipe->weight_program, err);
    if (rc != SL_OK)
        sl_error_in(err, "$.weight");
    return rc;
}

/* --- columns ---------------------------------------------------------------------------------- */

/* What else a name may mean that no file turns out to have as a column: a feature. */
static sl_status make_hint(const struct scope *scope, const char *name, char **hint,
                           struct sl_error *err)
{
    const char   **names = NULL;
    struct sl_text text = {0};
    const char    *nearest;
    sl_status      rc;

    SL_TRY(sl_alloc_array((size_t)scope->n_visible, sizeof *names, &names, err));
    for (int i = 0; i < scope->n_visible; i++)
        names[i] = scope->recipe->features[i].spec.name;
    for (int i = scope->n_visible + 1; i < scope->spec->n_features && text.n_bytes == 0; i++)
        if (strcmp(scope->spec->features[i].name, name) == 0)
            SL_TRY(sl_text_add(&text, err, ", and the feature of that name comes later"));
    nearest = sl_nearest_name(name, names, (size_t)scope->n_visible);
    if (text.n_bytes == 0 && nearest != NULL)
        SL_TRY(sl_text_add(&text, err, ", did you mean the feature '%s'?", nearest));
    *hint = text.data;
    text = (struct sl_text){0};
out:
    sl_text_release(&text);
    free(names);
    return rc;
}

/* A column wanted by a feature is needed in every file, whoever else wants it. */
static sl_status request_file_column(const struct scope *scope, const char *name, enum sl_type type,
                                     int *index, struct sl_error *err)
{
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

/* Oriented columns are numbered from INT_MIN until all columns of the file are known. */
static int oriented(int index)
{
    return INT_MIN + index;
}

static sl_status request_one_of_pair(const struct scope *scope, const char *rest, bool is_second,
                                     enum sl_type type, int *index, struct sl_error *err)
{
    struct sl_orient *orient = &scope->recipe->orient;
    const char       *prefixes[2] = {orient->spec.first, orient->spec.second};
    struct sl_text    name = {0};
    int               of[2];
    sl_status         rc = SL_OK;

    for (int i = 0; i < 2; i++) {
        name.n_bytes = 0;
        SL_TRY(sl_text_add(&name, err, "%s%s", prefixes[i], rest));
        SL_TRY(request_file_column(scope, name.data, type, &of[i], err));
    }
    SL_TRY(sl_orient_column(orient, type, of[0], of[1], is_second, index, err));
    *index = oriented(*index);
out:
    sl_text_release(&name);
    return rc;
}

/* In an expression the name of a categorical feature stands for its column, in whatever type it is
 * wanted. */
static const char *column_behind(const struct scope *scope, const char *name)
{
    for (int i = 0; i < scope->n_visible; i++) {
        const struct sl_feature_spec *spec = &scope->recipe->features[i].spec;

        if (spec->categorical != NULL && strcmp(spec->name, name) == 0)
            return spec->categorical;
    }
    return name;
}

static sl_status request_column(void *state, const char *name, enum sl_type type, int *index,
                                struct sl_error *err)
{
    struct scope *scope = state;

    scope->is_looked_up = true;
    return request_named(scope, column_behind(scope, name), type, index, err);
}

/* A column, which may be oriented; no feature is meant by its name. */
static sl_status request_named(const struct scope *scope, const char *name, enum sl_type type,
                               int *index, struct sl_error *err)
{
    struct sl_orient         *orient = &scope->recipe->orient;
    const char               *rest = NULL;
    const enum sl_orient_name kind = sl_orient_look(orient, name, &rest);
    sl_status                 rc;

    switch (kind) {
    case SL_ORIENT_PLAIN:
        return request_file_column(scope, name, type, index, err);
    case SL_ORIENT_FIRST:
    case SL_ORIENT_SECOND:
        return request_one_of_pair(scope, rest, kind == SL_ORIENT_SECOND, type, index, err);
    case SL_ORIENT_HIDDEN:
        return sl_fail(err, SL_EJOB,
                       "'%s' would tell which of the two came first: with orient it is '%s%s' or "
                       "'%s%s'",
                       name, orient->spec.as[0], rest, orient->spec.as[1], rest);
    case SL_ORIENT_LABEL:
        break;
    }
    if (type == SL_TEXT)
        return sl_fail(err, SL_EJOB, "'%s' is 1 or 0, not a text", name);
    if (!scope->optional)
        return sl_fail(err, SL_EJOB, "'%s' tells which of the two came first: it is for the label",
                       name);
    SL_TRY(sl_orient_column(orient, SL_NUMBER, -1, -1, false, index, err));
    *index = oriented(*index);
out:
    return rc;
}

sl_status sl_recipe_request_keys(struct sl_recipe *recipe, struct sl_error *err)
{
    const struct sl_recipe_spec none = {0};
    const struct scope          scope = {.recipe = recipe, .spec = &none};
    struct sl_orient           *orient = &recipe->orient;
    sl_status                   rc = SL_OK;

    for (int k = 0; k < orient->spec.n_key && rc == SL_OK; k++)
        rc = request_file_column(&scope, orient->spec.key[k], SL_TEXT, &orient->key_requests[k],
                                 err);
    return rc;
}

static bool find_feature(void *state, const char *name, int *index, enum sl_expr_type *type)
{
    struct scope *scope = state;

    for (int i = 0; i < scope->n_visible; i++) {
        const struct sl_feature *feature = &scope->recipe->features[i];

        if (!sl_feature_is_categorical(feature) && strcmp(feature->spec.name, name) == 0) {
            scope->is_looked_up = true;
            *index = feature->index;
            *type = feature->program.type;
            return true;
        }
    }
    return false;
}

/* Whether one of the two came first is a number, whatever surrounds it. */
static bool is_number(void *state, const char *name)
{
    const struct scope *scope = state;
    const char         *rest;

    return sl_orient_look(&scope->recipe->orient, name, &rest) == SL_ORIENT_LABEL;
}

/* --- when all are known ----------------------------------------------------------------------- */

static void resolve_program(struct sl_program *program, int n_requests)
{
    for (size_t i = 0; i < program->n_code; i++) {
        struct sl_instruction *code = &program->code[i];

        if ((code->op == SL_OP_COLUMN || code->op == SL_OP_TEXT_COLUMN) && code->index < 0)
            code->index = code->index - INT_MIN + n_requests;
    }
}

void sl_recipe_resolve(struct sl_recipe *recipe)
{
    const int n = recipe->n_requests;

    recipe->first_oriented = n;
    for (int j = 0; j < recipe->n_features; j++) {
        struct sl_feature *feature = &recipe->features[j];

        resolve_program(&feature->program, n);
        if (sl_feature_is_categorical(feature) && feature->column < 0)
            feature->column = feature->column - INT_MIN + n;
    }
    resolve_program(&recipe->label.program, n);
    resolve_program(&recipe->weight_program, n);
}
