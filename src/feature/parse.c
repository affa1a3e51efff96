/* The parser of the expression language: recursive descent by levels of precedence.  It knows
 * syntax and functions, not what names stand for. */
#include "draft.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "function.h"
#include "lexer.h"
#include "scoreline/memory.h"

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
    const char    *text;
    enum level     level;
    enum sl_opcode op;
    enum sl_opcode guard; /* where the right operand is asked for */
};

struct parser {
    struct sl_lexer  lexer;
    struct sl_draft *draft;
    int              nesting;
    struct sl_error *err;
};

static sl_status           parse_level(struct parser *p, enum level level, int *root);
static sl_status           parse_infix(struct parser *p, const struct infix *infix, int *root);
static sl_status           parse_not(struct parser *p, int *root);
static sl_status           parse_unary(struct parser *p, int *root);
static sl_status           parse_operand(struct parser *p, int *root);
static sl_status           parse_name(struct parser *p, int *root);
static sl_status           parse_call(struct parser *p, const struct sl_token *name, int *root);
static const struct infix *find_infix(const struct parser *p, enum level level);

static bool at_symbol(const struct parser *p, const char *symbol)
{
    return p->lexer.token.kind == SL_TOKEN_SYMBOL && sl_slice_equals(p->lexer.token.text, symbol);
}

static sl_status advance(struct parser *p)
{
    return sl_lexer_next(&p->lexer, p->err);
}

static int position_of(const struct parser *p, struct sl_slice token)
{
    return sl_position(p->lexer.text, token.data);
}

/* Operators are words in small letters. */
static const char *cure_for(const struct sl_token *token)
{
    static const char *const words[][2] = {
        {"and", ": write 'and'"}, {"or", ": write 'or'"}, {"not", ": write 'not'"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (token->kind == SL_TOKEN_NAME && strlen(words[i][0]) == token->text.n_bytes &&
            strncasecmp(words[i][0], token->text.data, token->text.n_bytes) == 0)
            return words[i][1];
    }
    return "";
}

static sl_status unexpected(struct parser *p, const char *wanted)
{
    const struct sl_token *token = &p->lexer.token;
    size_t                 n = token->text.n_bytes;

    if (token->kind == SL_TOKEN_END)
        return sl_fail(p->err, SL_EJOB, "position %d: the expression ends where %s is wanted",
                       position_of(p, token->text), wanted);
    return sl_fail(p->err, SL_EJOB, "position %d: unexpected '%.*s' where %s is wanted%s",
                   position_of(p, token->text), (int)(n < 64 ? n : 64), token->text.data, wanted,
                   cure_for(token));
}

/* Appends a node; its index to *root. */
static sl_status add(struct parser *p, struct sl_draft_node node, int *root)
{
    struct sl_draft *draft = p->draft;
    sl_status        rc;

    SL_TRY(sl_grow_array(&draft->nodes, &draft->capacity, draft->n_nodes + 1, sizeof *draft->nodes,
                         p->err));
    if (node.n_operands > 0 && node.begin == NULL)
        node.begin = draft->nodes[node.operands[0]].begin;
    draft->nodes[draft->n_nodes] = node;
    *root = (int)draft->n_nodes++; /* fewer than SL_EXPR_MAX_BYTES */
out:
    return rc;
}

/* From here on values are asked for only where `decides` says; SL_OP_NONE does nothing. */
static sl_status add_guard(struct parser *p, enum sl_opcode guard, int decides)
{
    int index;

    if (guard == SL_OP_NONE)
        return SL_OK;
    return add(p, (struct sl_draft_node){.op = guard, .n_operands = 1, .operands = {decides}},
               &index);
}

static sl_status end_guard(struct parser *p, enum sl_opcode guard)
{
    int index;

    if (guard == SL_OP_NONE)
        return SL_OK;
    return add(p, (struct sl_draft_node){.op = SL_OP_END_WHERE}, &index);
}

sl_status sl_expr_parse(const char *text, struct sl_draft *draft, struct sl_error *err)
{
    struct parser p = {.lexer = {.text = text}, .draft = draft, .err = err};
    int           root;
    sl_status     rc;

    *draft = (struct sl_draft){.source = text};
    if (strnlen(text, SL_EXPR_MAX_BYTES + 1) > SL_EXPR_MAX_BYTES)
        return sl_fail(err, SL_EJOB, "an expression of more than %d bytes", (int)SL_EXPR_MAX_BYTES);
    SL_TRY(advance(&p));
    SL_TRY(parse_level(&p, LEVEL_OR, &root));
    if (p.lexer.token.kind != SL_TOKEN_END)
        rc = unexpected(&p, "an operator or the end");
out:
    return rc;
}

void sl_draft_release(struct sl_draft *draft)
{
    free(draft->nodes);
    sl_text_release(&draft->texts);
    *draft = (struct sl_draft){0};
}

/* left operator right operator right ...: groups from the left. */
static sl_status parse_level(struct parser *p, enum level level, int *root)
{
    const struct infix *infix;
    sl_status           rc;

    if (level == LEVEL_UNARY)
        return parse_unary(p, root);
    if (level == LEVEL_NOT)
        return parse_not(p, root);
    SL_TRY(parse_level(p, level + 1, root));
    while ((infix = find_infix(p, level)) != NULL) {
        SL_TRY(parse_infix(p, infix, root));
        if (level == LEVEL_COMPARE && find_infix(p, level) != NULL)
            return sl_fail(p->err, SL_EJOB,
                           "position %d: comparisons do not chain, write a < b and b < c",
                           position_of(p, p->lexer.token.text));
    }
out:
    return rc;
}

/* What follows the left operand *root, which becomes the whole. */
static sl_status parse_infix(struct parser *p, const struct infix *infix, int *root)
{
    struct sl_draft_node node = {
        .op = infix->op, .n_operands = 2, .operands = {*root}, .token = p->lexer.token.text};
    sl_status rc;

    SL_TRY(advance(p));
    SL_TRY(add_guard(p, infix->guard, *root));
    SL_TRY(parse_level(p, infix->level + 1, &node.operands[1]));
    SL_TRY(end_guard(p, infix->guard));
    SL_TRY(add(p, node, root));
out:
    return rc;
}

static sl_status nest(struct parser *p)
{
    if (++p->nesting <= SL_EXPR_MAX_NESTING)
        return SL_OK;
    return sl_fail(p->err, SL_EJOB, "position %d: nested more than %d deep",
                   position_of(p, p->lexer.token.text), (int)SL_EXPR_MAX_NESTING);
}

/* An operator before its operand, which `parse` reads. */
static sl_status parse_prefix(struct parser *p, enum sl_opcode                      op,
                              sl_status (*parse)(struct parser *p, int *root), int *root)
{
    struct sl_draft_node node = {
        .op = op, .n_operands = 1, .token = p->lexer.token.text, .begin = p->lexer.token.text.data};
    sl_status rc;

    SL_TRY(nest(p));
    SL_TRY(advance(p));
    SL_TRY(parse(p, &node.operands[0]));
    SL_TRY(add(p, node, root));
    p->nesting--;
out:
    return rc;
}

static sl_status parse_not(struct parser *p, int *root)
{
    if (!at_symbol(p, "not"))
        return parse_level(p, LEVEL_COMPARE, root);
    return parse_prefix(p, SL_OP_NOT, parse_not, root);
}

static sl_status parse_unary(struct parser *p, int *root)
{
    if (!at_symbol(p, "-"))
        return parse_operand(p, root);
    return parse_prefix(p, SL_OP_NEGATE, parse_unary, root);
}

static sl_status parse_inside(struct parser *p, int *root)
{
    sl_status rc;

    SL_TRY(nest(p));
    SL_TRY(advance(p));
    SL_TRY(parse_level(p, LEVEL_OR, root));
    if (!at_symbol(p, ")"))
        return unexpected(p, "')'");
    SL_TRY(advance(p));
    p->nesting--;
out:
    return rc;
}

/* A constant or a name by itself; names and texts are kept without their quotes. */
static sl_status add_leaf(struct parser *p, enum sl_opcode op, const struct sl_token *token,
                          int *root)
{
    struct sl_text      *texts = &p->draft->texts;
    struct sl_draft_node node = {.op = op,
                                 .token = token->text,
                                 .begin = token->text.data,
                                 .number = token->number,
                                 .text = texts->n_bytes};
    sl_status            rc;

    if (op != SL_OP_NUMBER) {
        SL_TRY(sl_token_unquote(token, texts, p->err));
        node.text_bytes = texts->n_bytes - node.text;
        SL_TRY(sl_text_add_bytes(texts, "", 1, p->err));
    }
    SL_TRY(add(p, node, root));
out:
    return rc;
}

static sl_status parse_operand(struct parser *p, int *root)
{
    struct sl_token token = p->lexer.token;
    sl_status       rc;

    if (token.kind == SL_TOKEN_NAME)
        return parse_name(p, root);
    if (at_symbol(p, "("))
        return parse_inside(p, root);
    if (token.kind != SL_TOKEN_NUMBER && token.kind != SL_TOKEN_TEXT)
        return unexpected(p, "a number, a name or '('");
    SL_TRY(add_leaf(p, token.kind == SL_TOKEN_TEXT ? SL_OP_TEXT : SL_OP_NUMBER, &token, root));
    SL_TRY(advance(p));
out:
    return rc;
}

/* A name with a bracket behind it is a function, so that a column may be called log. */
static sl_status parse_name(struct parser *p, int *root)
{
    struct sl_token token = p->lexer.token;
    sl_status       rc;

    SL_TRY(advance(p));
    if (at_symbol(p, "(") && token.text.data[0] != '`')
        return parse_call(p, &token, root);
    SL_TRY(add_leaf(p, SL_OP_COLUMN, &token, root));
out:
    return rc;
}

static sl_status find_function(struct parser *p, const struct sl_token *token,
                               const struct sl_function **out)
{
    struct sl_text name = {0};
    char           hint[128];
    sl_status      rc;

    *out = sl_function_find(token->text);
    if (*out != NULL)
        return SL_OK;
    SL_TRY(sl_token_unquote(token, &name, p->err));
    rc = sl_fail(p->err, SL_EJOB, "position %d: unknown function '%.100s'%s",
                 position_of(p, token->text), name.data,
                 sl_function_suggest(name.data, hint, sizeof hint));
out:
    sl_text_release(&name);
    return rc;
}

/* One argument and what the function does with it; `values` are those on the stack. */
static sl_status parse_argument(struct parser *p, const struct sl_function *function,
                                struct sl_draft_node *call, int n_before)
{
    int            step = n_before < SL_FUNCTION_STEPS ? n_before : SL_FUNCTION_STEPS - 1;
    enum sl_opcode guard = function->guard[step];
    sl_status      rc;

    if (n_before >= function->max_args)
        return parse_level(p, LEVEL_OR, &call->operands[0]); /* will be refused for its number */
    SL_TRY(add_guard(p, guard, call->operands[0]));
    SL_TRY(parse_level(p, LEVEL_OR, &call->operands[call->n_operands++]));
    SL_TRY(end_guard(p, guard));
    if (function->after[step] == SL_OP_NONE)
        return SL_OK;
    call->op = function->after[step];
    SL_TRY(add(p, *call, &call->operands[0]));
    call->n_operands = 1;
out:
    return rc;
}

/* The arguments between the brackets. */
static sl_status parse_arguments(struct parser *p, const struct sl_function *function,
                                 struct sl_draft_node *call, int *n_args)
{
    sl_status rc;

    *n_args = 0;
    SL_TRY(advance(p));
    while (!at_symbol(p, ")")) {
        SL_TRY(parse_argument(p, function, call, *n_args));
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

static sl_status check_count(struct parser *p, const struct sl_function *function,
                             struct sl_slice name, int n_args)
{
    if (n_args >= function->min_args && n_args <= function->max_args)
        return SL_OK;
    return sl_fail(p->err, SL_EJOB, "position %d: '%s' takes %s%d argument%s, not %d",
                   position_of(p, name), function->name,
                   function->max_args == INT_MAX ? "at least " : "", function->min_args,
                   function->min_args == 1 ? "" : "s", n_args);
}

static sl_status parse_call(struct parser *p, const struct sl_token *name, int *root)
{
    struct sl_draft_node      call = {.is_call = true, .token = name->text};
    const struct sl_function *function;
    int                       n_args;
    sl_status                 rc;

    call.begin = name->text.data;
    SL_TRY(find_function(p, name, &function));
    SL_TRY(nest(p));
    SL_TRY(parse_arguments(p, function, &call, &n_args));
    SL_TRY(check_count(p, function, name->text, n_args));
    *root = call.operands[0];
    p->nesting--;
out:
    return rc;
}

static const struct infix infixes[] = {
    {"or", LEVEL_OR, SL_OP_OR, SL_OP_WHERE_NOT_TRUE},
    {"and", LEVEL_AND, SL_OP_AND, SL_OP_WHERE_NOT_FALSE},
    {"==", LEVEL_COMPARE, SL_OP_EQUAL, SL_OP_NONE},
    {"!=", LEVEL_COMPARE, SL_OP_UNEQUAL, SL_OP_NONE},
    {"<", LEVEL_COMPARE, SL_OP_LESS, SL_OP_NONE},
    {"<=", LEVEL_COMPARE, SL_OP_LESS_EQUAL, SL_OP_NONE},
    {">", LEVEL_COMPARE, SL_OP_GREATER, SL_OP_NONE},
    {">=", LEVEL_COMPARE, SL_OP_GREATER_EQUAL, SL_OP_NONE},
    {"+", LEVEL_ADD, SL_OP_ADD, SL_OP_NONE},
    {"-", LEVEL_ADD, SL_OP_SUBTRACT, SL_OP_NONE},
    {"*", LEVEL_MULTIPLY, SL_OP_MULTIPLY, SL_OP_NONE},
    {"/", LEVEL_MULTIPLY, SL_OP_DIVIDE, SL_OP_NONE},
};

static const struct infix *find_infix(const struct parser *p, enum level level)
{
    for (size_t i = 0; i < sizeof infixes / sizeof *infixes; i++) {
        if (infixes[i].level == level && at_symbol(p, infixes[i].text))
            return &infixes[i];
    }
    return NULL;
}
