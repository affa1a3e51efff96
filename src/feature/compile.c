/* From draft to program: each operation gets its variant for numbers or texts, each column its
 * place in the block, each guard the cell it looks at. */
#include <stdlib.h>

#include "draft.h"
#include "lexer.h"
#include "scoreline/memory.h"

struct compiler {
    struct sl_draft            *draft;
    const struct sl_expr_scope *scope;
    struct sl_program          *program;
    int                         n_numbers; /* on the stacks at run time */
    int                         n_texts;
    struct sl_error            *err;
};

static sl_status compile_node(struct compiler *c, struct sl_draft_node *node);

void sl_program_release(struct sl_program *program)
{
    free(program->code);
    sl_text_release(&program->texts);
    *program = (struct sl_program){0};
}

sl_status sl_expr_compile(const char *text, const struct sl_expr_scope *scope,
                          struct sl_program *program, struct sl_error *err)
{
    struct sl_draft draft;
    struct compiler c = {.draft = &draft, .scope = scope, .program = program, .err = err};
    sl_status       rc;

    *program = (struct sl_program){0};
    SL_TRY(sl_expr_parse(text, &draft, err));
    SL_TRY(sl_expr_type_check(&draft, scope, err));
    for (size_t i = 0; i < draft.n_nodes; i++)
        SL_TRY(compile_node(&c, &draft.nodes[i]));
    program->type = draft.nodes[draft.n_nodes - 1].type;
    program->texts = draft.texts;
    draft.texts = (struct sl_text){0};
out:
    sl_draft_release(&draft);
    return rc;
}

static bool is_guard(enum sl_opcode op)
{
    return op >= SL_OP_WHERE_TRUE && op <= SL_OP_END_WHERE;
}

/* The operation as it is for texts. */
static enum sl_opcode on_texts(enum sl_opcode op)
{
    static const enum sl_opcode variants[SL_N_OPCODES] = {
        [SL_OP_COLUMN] = SL_OP_TEXT_COLUMN,
        [SL_OP_EQUAL] = SL_OP_TEXT_EQUAL,
        [SL_OP_UNEQUAL] = SL_OP_TEXT_UNEQUAL,
        [SL_OP_IF] = SL_OP_TEXT_IF,
        [SL_OP_COALESCE] = SL_OP_TEXT_COALESCE,
        [SL_OP_ISMISSING] = SL_OP_TEXT_ISMISSING,
        [SL_OP_WHERE_MISSING] = SL_OP_TEXT_WHERE_MISSING,
    };

    return variants[op] != SL_OP_NONE ? variants[op] : op;
}

/* Takes the operands of a node off the stacks and puts its value on. */
static void move_stacks(struct compiler *c, struct sl_draft_node *node)
{
    struct sl_program *program = c->program;
    bool               is_text = node->type == SL_EXPR_TEXT;

    for (int k = 0; k < node->n_operands; k++) {
        if (c->draft->nodes[node->operands[k]].type == SL_EXPR_TEXT)
            c->n_texts--;
        else
            c->n_numbers--;
    }
    node->cell = is_text ? c->n_texts++ : c->n_numbers++;
    program->n_numbers = c->n_numbers > program->n_numbers ? c->n_numbers : program->n_numbers;
    program->n_texts = c->n_texts > program->n_texts ? c->n_texts : program->n_texts;
}

/* The last operand tells whether an operation is one on texts: the first of if is a truth. */
static struct sl_instruction instruction_of(const struct compiler      *c,
                                            const struct sl_draft_node *node)
{
    const struct sl_draft_node *decides = node;
    struct sl_instruction       code = {.op = node->op,
                                        .index = node->index,
                                        .number = node->number,
                                        .text = node->text,
                                        .text_bytes = node->text_bytes};

    if (node->n_operands > 0)
        decides = &c->draft->nodes[node->operands[node->n_operands - 1]];
    if (decides->type == SL_EXPR_TEXT)
        code.op = on_texts(node->op);
    if (is_guard(node->op))
        code.index = decides->cell;
    return code;
}

static sl_status compile_node(struct compiler *c, struct sl_draft_node *node)
{
    struct sl_program    *program = c->program;
    struct sl_instruction code = instruction_of(c, node);
    sl_status             rc;

    if (!is_guard(node->op))
        move_stacks(c, node);
    if (node->op == SL_OP_AS_TEXT)
        return SL_OK;
    if (node->op == SL_OP_COLUMN) {
        const char  *name = c->draft->texts.data + node->text;
        enum sl_type type = node->type == SL_EXPR_TEXT ? SL_TEXT : SL_NUMBER;

        rc = c->scope->request(c->scope->state, name, type, &code.index, c->err);
        if (rc != SL_OK) {
            sl_error_in(c->err, "position %d", sl_position(c->draft->source, node->begin));
            return rc;
        }
    }
    SL_TRY(sl_grow_array(&program->code, &program->capacity, program->n_code + 1,
                         sizeof *program->code, c->err));
    program->code[program->n_code++] = code;
out:
    return rc;
}
