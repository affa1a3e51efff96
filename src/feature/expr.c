/* The parser of the expression language: recursive descent by levels of precedence, straight into
 * postfix code with types checked on the way, no tree in between. */
#include "expr.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lexer.h"
#include "scoreline/memory.h"

enum { MAX_NESTING = 64 };

/* Levels of binary operators; unary ones stand between and below. */
enum level {
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_UNARY
};

struct infix {
    const char       *text;
    enum level        level;
    enum sl_opcode    op;
    enum sl_expr_type wants, gives;
};

struct parser {
    struct sl_lexer             lexer;
    const struct sl_expr_scope *scope;
    struct sl_program          *program;
    int                         height; /* of the stack at run time */
    int                         nesting;
    struct sl_error            *err;
};

static sl_status           parse_level(struct parser *p, enum level level, enum sl_expr_type *type);
static sl_status           parse_not(struct parser *p, enum sl_expr_type *type);
static sl_status           parse_unary(struct parser *p, enum sl_expr_type *type);
static sl_status           parse_operand(struct parser *p, enum sl_expr_type *type);
static sl_status           parse_name(struct parser *p, enum sl_expr_type *type);
static sl_status           parse_call(struct parser *p, const struct sl_token *name);
static const struct infix *find_infix(const struct parser *p, enum level level);

static bool at_symbol(const struct parser *p, const char *symbol)
{
    return p->lexer.token.kind == SL_TOKEN_SYMBOL && sl_slice_equals(p->lexer.token.text, symbol);
}

static sl_status advance(struct parser *p)
{
    return sl_lexer_next(&p->lexer, p->err);
}

static sl_status unexpected(struct parser *p, const char *wanted)
{
    const struct sl_token *token = &p->lexer.token;
    size_t                 n = token->text.n_bytes;

    if (token->kind == SL_TOKEN_END)
        return sl_fail(p->err, SL_EJOB, "position %d: the expression ends where %s is wanted",
                       sl_lexer_position(&p->lexer), wanted);
    return sl_fail(p->err, SL_EJOB, "position %d: unexpected '%.*s' where %s is wanted",
                   sl_lexer_position(&p->lexer), (int)(n < 64 ? n : 64), token->text.data, wanted);
}

/* Appends an instruction that takes `pops` cells off the stack and leaves one. */
static sl_status emit(struct parser *p, struct sl_instruction instruction, int pops)
{
    struct sl_program *program = p->program;
    sl_status          rc;

    SL_TRY(sl_grow_array(&program->code, &program->capacity, program->n_code + 1,
                         sizeof *program->code, p->err));
    program->code[program->n_code++] = instruction;
    p->height += 1 - pops;
    if (p->height > program->depth)
        program->depth = p->height;
out:
    return rc;
}

sl_status sl_expr_compile(const char *text, const struct sl_expr_scope *scope,
                          struct sl_program *program, struct sl_error *err)
{
    struct parser p = {.lexer = {.text = text}, .scope = scope, .program = program, .err = err};
    sl_status     rc;

    *program = (struct sl_program){0};
    SL_TRY(advance(&p));
    SL_TRY(parse_level(&p, LEVEL_OR, &program->type));
    if (p.lexer.token.kind != SL_TOKEN_END)
        rc = unexpected(&p, "an operator or the end");
out:
    return rc;
}

void sl_program_release(struct sl_program *program)
{
    free(program->code);
    *program = (struct sl_program){0};
}

/* Numbers are no truths: whether 0.5 or -1 is true nobody would agree on. */
static sl_status want_type(struct parser *p, const struct infix *infix, const char *side,
                           int position, enum sl_expr_type type)
{
    if (infix->wants == SL_EXPR_NUMBER || type == SL_EXPR_TRUTH)
        return SL_OK;
    return sl_fail(p->err, SL_EJOB,
                   "position %d: '%s' wants a comparison on its %s, not a number (compare it with "
                   "something, such as x != 0)",
                   position, infix->text, side);
}

/* left operator right operator right ...: groups from the left. */
static sl_status parse_level(struct parser *p, enum level level, enum sl_expr_type *type)
{
    const struct infix *infix;
    enum sl_expr_type   right;
    sl_status           rc;

    if (level == LEVEL_UNARY)
        return parse_unary(p, type);
    if (level == LEVEL_NOT)
        return parse_not(p, type);
    SL_TRY(parse_level(p, level + 1, type));
    while ((infix = find_infix(p, level)) != NULL) {
        int position = sl_lexer_position(&p->lexer);

        SL_TRY(want_type(p, infix, "left", position, *type));
        SL_TRY(advance(p));
        SL_TRY(parse_level(p, level + 1, &right));
        SL_TRY(want_type(p, infix, "right", position, right));
        SL_TRY(emit(p, (struct sl_instruction){.op = infix->op}, 2));
        *type = infix->gives;
        if (level == LEVEL_COMPARE && find_infix(p, level) != NULL)
            return sl_fail(p->err, SL_EJOB,
                           "position %d: comparisons do not chain, write a < b and b < c",
                           sl_lexer_position(&p->lexer));
    }
out:
    return rc;
}

static sl_status nest(struct parser *p)
{
    if (++p->nesting <= MAX_NESTING)
        return SL_OK;
    return sl_fail(p->err, SL_EJOB, "position %d: nested more than %d deep",
                   sl_lexer_position(&p->lexer), (int)MAX_NESTING);
}

static sl_status parse_not(struct parser *p, enum sl_expr_type *type)
{
    static const struct infix negation = {.text = "not", .wants = SL_EXPR_TRUTH};
    int                       position = sl_lexer_position(&p->lexer);
    sl_status                 rc;

    if (!at_symbol(p, "not"))
        return parse_level(p, LEVEL_COMPARE, type);
    SL_TRY(nest(p));
    SL_TRY(advance(p));
    SL_TRY(parse_not(p, type));
    SL_TRY(want_type(p, &negation, "right", position, *type));
    SL_TRY(emit(p, (struct sl_instruction){.op = SL_OP_NOT}, 1));
    p->nesting--;
out:
    return rc;
}

static sl_status parse_unary(struct parser *p, enum sl_expr_type *type)
{
    sl_status rc;

    if (!at_symbol(p, "-"))
        return parse_operand(p, type);
    SL_TRY(nest(p));
    SL_TRY(advance(p));
    SL_TRY(parse_unary(p, type));
    SL_TRY(emit(p, (struct sl_instruction){.op = SL_OP_NEGATE}, 1));
    *type = SL_EXPR_NUMBER;
    p->nesting--;
out:
    return rc;
}

static sl_status parse_inside(struct parser *p, enum sl_expr_type *type)
{
    sl_status rc;

    SL_TRY(nest(p));
    SL_TRY(advance(p));
    SL_TRY(parse_level(p, LEVEL_OR, type));
    if (!at_symbol(p, ")"))
        return unexpected(p, "')'");
    SL_TRY(advance(p));
    p->nesting--;
out:
    return rc;
}

static sl_status parse_operand(struct parser *p, enum sl_expr_type *type)
{
    struct sl_instruction number = {.op = SL_OP_NUMBER, .number = p->lexer.token.number};
    sl_status             rc;

    *type = SL_EXPR_NUMBER;
    if (p->lexer.token.kind == SL_TOKEN_NAME)
        return parse_name(p, type);
    if (at_symbol(p, "("))
        return parse_inside(p, type);
    if (p->lexer.token.kind != SL_TOKEN_NUMBER)
        return unexpected(p, "a number, a name or '('");
    SL_TRY(emit(p, number, 0));
    SL_TRY(advance(p));
out:
    return rc;
}

/* A name with a bracket behind it is a function, so that a column may be called log. */
static sl_status parse_name(struct parser *p, enum sl_expr_type *type)
{
    struct sl_token       token = p->lexer.token;
    int                   position = sl_lexer_position(&p->lexer);
    struct sl_expr_name   found;
    struct sl_instruction load;
    char                 *name = NULL;
    sl_status             rc;

    SL_TRY(advance(p));
    if (at_symbol(p, "(") && token.text.data[0] != '`')
        return parse_call(p, &token);
    SL_TRY(sl_token_name(&token, &name, p->err));
    rc = p->scope->find(p->scope->state, name, &found, p->err);
    if (rc != SL_OK) {
        sl_error_in(p->err, "position %d", position);
        goto out;
    }
    load = (struct sl_instruction){.op = found.op, .index = found.index};
    SL_TRY(emit(p, load, 0));
    *type = found.type;
out:
    free(name);
    return rc;
}

static sl_status find_function(struct parser *p, const struct sl_token *token, int position,
                               const struct sl_function **out)
{
    char     *name = NULL;
    char      hint[128];
    sl_status rc;

    *out = sl_function_find(token->text);
    if (*out != NULL)
        return SL_OK;
    SL_TRY(sl_token_name(token, &name, p->err));
    rc = sl_fail(p->err, SL_EJOB, "position %d: unknown function '%.100s'%s", position, name,
                 sl_function_suggest(name, hint, sizeof hint));
out:
    free(name);
    return rc;
}

/* The arguments between the brackets, each left on the stack. */
static sl_status parse_arguments(struct parser *p, int *n_args)
{
    enum sl_expr_type type;
    sl_status         rc;

    *n_args = 0;
    SL_TRY(advance(p));
    while (!at_symbol(p, ")")) {
        SL_TRY(parse_level(p, LEVEL_OR, &type));
        ++*n_args;
        if (!at_symbol(p, ",")) {
            if (!at_symbol(p, ")"))
                return unexpected(p, "',' or ')'");
            break;
        }
        SL_TRY(advance(p));
        if (at_symbol(p, ")"))
            return unexpected(p, "an argument");
    }
    SL_TRY(advance(p));
out:
    return rc;
}

static sl_status parse_call(struct parser *p, const struct sl_token *name)
{
    struct sl_instruction call = {.op = SL_OP_CALL};
    struct sl_lexer       begin = {.text = p->lexer.text, .token = *name};
    int                   position = sl_lexer_position(&begin);
    sl_status             rc;

    SL_TRY(find_function(p, name, position, &call.function));
    SL_TRY(nest(p));
    SL_TRY(parse_arguments(p, &call.n_args));
    if (call.n_args < call.function->min_args || call.n_args > call.function->max_args)
        return sl_fail(p->err, SL_EJOB, "position %d: '%s' takes %d argument%s, not %d", position,
                       call.function->name,
                       call.n_args < call.function->min_args ? call.function->min_args
                                                             : call.function->max_args,
                       call.function->max_args == 1 ? "" : "s", call.n_args);
    SL_TRY(emit(p, call, call.n_args));
    p->nesting--;
out:
    return rc;
}

static const struct infix infixes[] = {
    {"or", LEVEL_OR, SL_OP_OR, SL_EXPR_TRUTH, SL_EXPR_TRUTH},
    {"and", LEVEL_AND, SL_OP_AND, SL_EXPR_TRUTH, SL_EXPR_TRUTH},
    {"==", LEVEL_COMPARE, SL_OP_EQUAL, SL_EXPR_NUMBER, SL_EXPR_TRUTH},
    {"!=", LEVEL_COMPARE, SL_OP_UNEQUAL, SL_EXPR_NUMBER, SL_EXPR_TRUTH},
    {"<", LEVEL_COMPARE, SL_OP_LESS, SL_EXPR_NUMBER, SL_EXPR_TRUTH},
    {"<=", LEVEL_COMPARE, SL_OP_LESS_EQUAL, SL_EXPR_NUMBER, SL_EXPR_TRUTH},
    {">", LEVEL_COMPARE, SL_OP_GREATER, SL_EXPR_NUMBER, SL_EXPR_TRUTH},
    {">=", LEVEL_COMPARE, SL_OP_GREATER_EQUAL, SL_EXPR_NUMBER, SL_EXPR_TRUTH},
    {"+", LEVEL_ADD, SL_OP_ADD, SL_EXPR_NUMBER, SL_EXPR_NUMBER},
    {"-", LEVEL_ADD, SL_OP_SUBTRACT, SL_EXPR_NUMBER, SL_EXPR_NUMBER},
    {"*", LEVEL_MULTIPLY, SL_OP_MULTIPLY, SL_EXPR_NUMBER, SL_EXPR_NUMBER},
    {"/", LEVEL_MULTIPLY, SL_OP_DIVIDE, SL_EXPR_NUMBER, SL_EXPR_NUMBER},
};

static const struct infix *find_infix(const struct parser *p, enum level level)
{
    for (size_t i = 0; i < sizeof infixes / sizeof *infixes; i++) {
        if (infixes[i].level == level && at_symbol(p, infixes[i].text))
            return &infixes[i];
    }
    return NULL;
}
