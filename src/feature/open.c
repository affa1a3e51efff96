/* Columns whose type is open: one that meets a text is a text, any other a number.  Two kinds of
 * places leave a column open (`column == column`, ismissing) until the rest of the expression has
 * told what its columns are. */
#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

/* Bits of sl_draft_node.met. */
enum { MET_NUMBER = 1, MET_TEXT = 2 };

static struct sl_draft_node *operand(const struct sl_draft *draft, const struct sl_draft_node *node,
                                     int k)
{
    return &draft->nodes[node->operands[k]];
}

/* Whose type is that of its last two operands. */
static bool is_choice(const struct sl_draft_node *node)
{
    return node->op == SL_OP_IF || node->op == SL_OP_COALESCE;
}

/* Gives open parts the type that was asked of them, what they consist of after them. */
static void settle_open(struct sl_draft *draft)
{
    for (size_t i = draft->n_nodes; i-- > 0;) {
        struct sl_draft_node *node = &draft->nodes[i];

        if (node->type != SL_EXPR_OPEN || node->wanted == SL_EXPR_OPEN)
            continue;
        node->type = node->wanted;
        if (is_choice(node)) {
            operand(draft, node, node->n_operands - 2)->wanted = node->type;
            operand(draft, node, node->n_operands - 1)->wanted = node->type;
        }
    }
}

/* Names of the columns of an expression; an expression of many is rare, of many and open parts
 * rarer. */
struct met_names {
    size_t                       n;
    const struct sl_draft_node **nodes; /* one for each name */
    unsigned                    *met;
};

static unsigned *met_of(struct sl_draft *draft, struct met_names *names,
                        const struct sl_draft_node *node)
{
    const char *texts = draft->texts.data;
    size_t      i = 0;

    while (i < names->n && strcmp(texts + names->nodes[i]->text, texts + node->text) != 0)
        i++;
    if (i == names->n)
        names->nodes[names->n++] = node;
    return &names->met[i];
}

/* Tells each node in which types the columns below it are known. */
static void note_met(struct sl_draft *draft, struct met_names *names)
{
    for (size_t i = 0; i < draft->n_nodes; i++) {
        const struct sl_draft_node *node = &draft->nodes[i];

        if (node->op == SL_OP_COLUMN && node->type != SL_EXPR_OPEN)
            *met_of(draft, names, node) |= node->type == SL_EXPR_TEXT ? MET_TEXT : MET_NUMBER;
    }
    for (size_t i = 0; i < draft->n_nodes; i++) {
        struct sl_draft_node *node = &draft->nodes[i];

        if (node->op == SL_OP_COLUMN)
            node->met = *met_of(draft, names, node);
        else if (is_choice(node))
            node->met = operand(draft, node, node->n_operands - 2)->met |
                        operand(draft, node, node->n_operands - 1)->met;
    }
}

/* Two columns are compared as texts if one of them is nothing but text elsewhere; whether a column
 * is missing is asked of its text, so that no record is rejected for it, unless it is a number
 * elsewhere. */
static void answer(struct sl_draft *draft, enum sl_opcode op)
{
    for (size_t i = 0; i < draft->n_nodes; i++) {
        struct sl_draft_node *node = &draft->nodes[i];
        unsigned              met = 0;
        enum sl_expr_type     type;

        if (op != (node->op == SL_OP_UNEQUAL ? SL_OP_EQUAL : node->op))
            continue;
        for (int k = 0; k < node->n_operands; k++)
            met |= operand(draft, node, k)->met;
        if (op == SL_OP_EQUAL)
            type = met == MET_TEXT ? SL_EXPR_TEXT : SL_EXPR_NUMBER;
        else
            type = (met & MET_NUMBER) != 0 ? SL_EXPR_NUMBER : SL_EXPR_TEXT;
        for (int k = 0; k < node->n_operands; k++)
            operand(draft, node, k)->wanted = type;
    }
}

sl_status sl_expr_close_types(struct sl_draft *draft, struct sl_error *err)
{
    static const enum sl_opcode asking[] = {SL_OP_EQUAL, SL_OP_ISMISSING};
    struct met_names            names = {0};
    size_t                      n_open = 0;
    sl_status                   rc;

    settle_open(draft);
    for (size_t i = 0; i < draft->n_nodes; i++)
        n_open += draft->nodes[i].type == SL_EXPR_OPEN;
    if (n_open == 0)
        return SL_OK;
    SL_TRY(sl_alloc_array(draft->n_nodes, sizeof *names.nodes, &names.nodes, err));
    SL_TRY(sl_alloc_array(draft->n_nodes, sizeof *names.met, &names.met, err));
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++) {
        note_met(draft, &names);
        answer(draft, asking[i]);
        settle_open(draft);
    }
out:
    free(names.nodes);
    free(names.met);
    return rc;
}
