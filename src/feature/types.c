/* Types of the expression language.  One loop over a draft, operands before what they belong to,
 * finds the types and tells operands that do not fit.  Columns are open at first, and what meets
 * one says what it wants it to be; open.c closes them. */
#include "draft.h"

#include <string.h>

#include "lexer.h"

struct checker {
    struct sl_draft            *draft;
    const struct sl_expr_scope *scope;
    struct sl_error            *err;
};

/* What an operation wants its operands to be; the rest is in check_node(). */
enum takes { TAKES_OTHERS, TAKES_NUMBERS, TAKES_ORDERED, TAKES_TRUTHS };

static const enum takes takes[SL_N_OPCODES] = {
    [SL_OP_NEGATE] = TAKES_NUMBERS,
    [SL_OP_ABS] = TAKES_NUMBERS,
    [SL_OP_FLOOR] = TAKES_NUMBERS,
    [SL_OP_SQRT] = TAKES_NUMBERS,
    [SL_OP_EXP] = TAKES_NUMBERS,
    [SL_OP_LOG] = TAKES_NUMBERS,
    [SL_OP_LOG1P] = TAKES_NUMBERS,
    [SL_OP_ADD] = TAKES_NUMBERS,
    [SL_OP_SUBTRACT] = TAKES_NUMBERS,
    [SL_OP_MULTIPLY] = TAKES_NUMBERS,
    [SL_OP_DIVIDE] = TAKES_NUMBERS,
    [SL_OP_MIN] = TAKES_NUMBERS,
    [SL_OP_MAX] = TAKES_NUMBERS,
    [SL_OP_LESS] = TAKES_ORDERED,
    [SL_OP_LESS_EQUAL] = TAKES_ORDERED,
    [SL_OP_GREATER] = TAKES_ORDERED,
    [SL_OP_GREATER_EQUAL] = TAKES_ORDERED,
    [SL_OP_NOT] = TAKES_TRUTHS,
    [SL_OP_AND] = TAKES_TRUTHS,
    [SL_OP_OR] = TAKES_TRUTHS,
};

static sl_status check_node(const struct checker *c, struct sl_draft_node *node);

static struct sl_draft_node *operand(const struct checker *c, const struct sl_draft_node *node,
                                     int k)
{
    return &c->draft->nodes[node->operands[k]];
}

static int position(const struct checker *c, const char *at)
{
    return sl_position(c->draft->source, at);
}

static const char *type_name(enum sl_expr_type type)
{
    static const char *const names[] = {[SL_EXPR_NUMBER] = "a number",
                                        [SL_EXPR_TRUTH] = "a comparison",
                                        [SL_EXPR_TEXT] = "a text",
                                        [SL_EXPR_OPEN] = "a number"};

    return names[type];
}

sl_status sl_expr_type_check(struct sl_draft *draft, const struct sl_expr_scope *scope,
                             struct sl_error *err)
{
    struct checker        c = {.draft = draft, .scope = scope, .err = err};
    struct sl_draft_node *root;
    sl_status             rc;

    for (size_t i = 0; i < draft->n_nodes; i++) {
        draft->nodes[i].wanted = SL_EXPR_OPEN;
        SL_TRY(check_node(&c, &draft->nodes[i]));
    }
    root = &draft->nodes[draft->n_nodes - 1];
    if (root->type == SL_EXPR_TEXT && !scope->takes_texts)
        return sl_fail(err, SL_EJOB,
                       "position %d: the result is a text, a number or a comparison is wanted "
                       "(compare it with something, such as x == 'a')",
                       position(&c, root->begin));
    root->wanted = scope->takes_texts ? SL_EXPR_TEXT : SL_EXPR_NUMBER;
    SL_TRY(sl_expr_close_types(draft, err));
out:
    return rc;
}

/* --- from operands to results ------------------------------------------------------------- */

/* Numbers are no truths: whether 0.5 or -1 is true nobody would agree on. */
static sl_status want(const struct checker *c, const struct sl_draft_node *node, int k,
                      enum sl_expr_type type)
{
    struct sl_draft_node *part = operand(c, node, k);
    const char           *cure = "", *side = "";

    if (type == SL_EXPR_NUMBER && part->type == SL_EXPR_OPEN)
        part->wanted = SL_EXPR_NUMBER;
    if (part->type == type || (type == SL_EXPR_NUMBER && part->type != SL_EXPR_TEXT))
        return SL_OK;
    if (type == SL_EXPR_TRUTH)
        cure = part->type == SL_EXPR_TEXT ? " (compare it with something, such as x == 'a')"
                                          : " (compare it with something, such as x != 0)";
    if (!node->is_call)
        side = k == 0 && node->n_operands == 2 ? " on its left" : " on its right";
    return sl_fail(c->err, SL_EJOB, "position %d: '%.*s' wants %s%s, not %s%s",
                   position(c, node->is_call ? part->begin : node->token.data),
                   (int)node->token.n_bytes, node->token.data, type_name(type), side,
                   type_name(part->type), cure);
}

static sl_status want_all(const struct checker *c, const struct sl_draft_node *node,
                          enum sl_expr_type type)
{
    sl_status rc = SL_OK;

    for (int k = 0; k < node->n_operands && rc == SL_OK; k++)
        rc = want(c, node, k, type);
    return rc;
}

static sl_status want_ordered(const struct checker *c, const struct sl_draft_node *node)
{
    for (int k = 0; k < 2; k++) {
        if (operand(c, node, k)->type == SL_EXPR_TEXT)
            return sl_fail(c->err, SL_EJOB,
                           "position %d: '%.*s' wants numbers: texts can be equal (==) or not "
                           "(!=), they have no order",
                           position(c, node->token.data), (int)node->token.n_bytes,
                           node->token.data);
    }
    return want_all(c, node, SL_EXPR_NUMBER);
}

/* The common type of operands k and k + 1, both open if neither is known. */
static bool join(const struct checker *c, const struct sl_draft_node *node, int k,
                 enum sl_expr_type *type)
{
    struct sl_draft_node *a = operand(c, node, k);
    struct sl_draft_node *b = operand(c, node, k + 1);

    if (a->type == SL_EXPR_OPEN && b->type == SL_EXPR_OPEN) {
        *type = SL_EXPR_OPEN;
        return true;
    }
    *type = a->type == b->type ? a->type : SL_EXPR_NUMBER;
    if (a->type == SL_EXPR_TEXT || b->type == SL_EXPR_TEXT)
        *type = SL_EXPR_TEXT;
    a->wanted = *type;
    b->wanted = *type;
    return *type != SL_EXPR_TEXT || ((a->type == SL_EXPR_TEXT || a->type == SL_EXPR_OPEN) &&
                                     (b->type == SL_EXPR_TEXT || b->type == SL_EXPR_OPEN));
}

static bool means_missing(const struct checker *c, const struct sl_draft_node *node)
{
    const struct sl_slice text = {c->draft->texts.data + node->text, node->text_bytes};

    return sl_slice_is_among(text, c->scope->missing.texts, c->scope->missing.n);
}

/* x == "" is never true where an empty field is missing: nobody means that. */
static sl_status check_constant(const struct checker *c, const struct sl_draft_node *constant,
                                const struct sl_draft_node *other)
{
    if (constant->op != SL_OP_TEXT || other->op != SL_OP_COLUMN || !means_missing(c, constant))
        return SL_OK;
    return sl_fail(c->err, SL_EJOB,
                   "position %d: nothing equals %.*s, which data.missing says is missing: write "
                   "ismissing(%.*s)",
                   position(c, constant->begin), (int)constant->token.n_bytes, constant->token.data,
                   (int)(other->token.n_bytes < 100 ? other->token.n_bytes : 100),
                   other->token.data);
}

static sl_status check_equality(const struct checker *c, struct sl_draft_node *node)
{
    const struct sl_draft_node *a = operand(c, node, 0);
    const struct sl_draft_node *b = operand(c, node, 1);
    enum sl_expr_type           type;
    sl_status                   rc;

    node->type = SL_EXPR_TRUTH;
    if (!join(c, node, 0, &type))
        return sl_fail(c->err, SL_EJOB, "position %d: '%.*s' compares %s with %s",
                       position(c, node->token.data), (int)node->token.n_bytes, node->token.data,
                       type_name(a->type), type_name(b->type));
    SL_TRY(check_constant(c, a, b));
    SL_TRY(check_constant(c, b, a));
out:
    return rc;
}

/* if and coalesce choose between their last two operands. */
static sl_status check_choice(const struct checker *c, struct sl_draft_node *node)
{
    int first = node->n_operands - 2;

    if (join(c, node, first, &node->type))
        return SL_OK;
    return sl_fail(c->err, SL_EJOB,
                   "position %d: '%.*s' chooses between %s and %s, both have to be of one kind",
                   position(c, operand(c, node, first + 1)->begin), (int)node->token.n_bytes,
                   node->token.data, type_name(operand(c, node, first)->type),
                   type_name(operand(c, node, first + 1)->type));
}

static sl_status check_as_text(const struct checker *c, struct sl_draft_node *node)
{
    struct sl_draft_node *part = operand(c, node, 0);

    node->type = SL_EXPR_TEXT;
    part->wanted = SL_EXPR_TEXT;
    if (part->type == SL_EXPR_OPEN || part->type == SL_EXPR_TEXT)
        return SL_OK;
    return sl_fail(c->err, SL_EJOB, "position %d: 'text' wants a column, not %s",
                   position(c, part->begin), type_name(part->type));
}

static void check_name(const struct checker *c, struct sl_draft_node *node)
{
    const char *name = c->draft->texts.data + node->text;

    node->type = c->scope->is_number(c->scope->state, name) ? SL_EXPR_NUMBER : SL_EXPR_OPEN;
    if (c->scope->find(c->scope->state, name, &node->index, &node->type))
        node->op = SL_OP_FEATURE;
}

static sl_status check_node(const struct checker *c, struct sl_draft_node *node)
{
    sl_status rc;

    node->type = takes[node->op] > TAKES_NUMBERS ? SL_EXPR_TRUTH : SL_EXPR_NUMBER;
    if (takes[node->op] == TAKES_NUMBERS)
        return want_all(c, node, SL_EXPR_NUMBER);
    if (takes[node->op] == TAKES_ORDERED)
        return want_ordered(c, node);
    if (takes[node->op] == TAKES_TRUTHS)
        return want_all(c, node, SL_EXPR_TRUTH);
    switch (node->op) {
    case SL_OP_EQUAL:
    case SL_OP_UNEQUAL:
        return check_equality(c, node);
    case SL_OP_IF:
        rc = want(c, node, 0, SL_EXPR_TRUTH);
        return rc == SL_OK ? check_choice(c, node) : rc;
    case SL_OP_COALESCE:
        return check_choice(c, node);
    case SL_OP_AS_TEXT:
        return check_as_text(c, node);
    case SL_OP_COLUMN:
        check_name(c, node);
        return SL_OK;
    case SL_OP_ISMISSING:
        node->type = SL_EXPR_TRUTH;
        return SL_OK;
    case SL_OP_TEXT:
        node->type = SL_EXPR_TEXT;
        return SL_OK;
    default: /* numbers and guards */
        return SL_OK;
    }
}
