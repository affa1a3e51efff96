/* Runs compiled expressions a whole block per operation, so that the cost of looking at an
 * instruction is shared by up to SL_BLOCK_ROWS rows.  Every value on the stack of numbers is finite
 * or NaN (missing): what an operation makes of it is settled at once.  A result goes to the first
 * free cell, and changes places with the operand it replaces: nothing is copied. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "scoreline/memory.h"

/* or, and, and one argument of a function in each nesting, and in what stands around them all. */
enum { MAX_GUARDS = 3 * (SL_EXPR_MAX_NESTING + 1) };

/* Where values are asked for: of the rows for which this column below says so. */
struct guard {
    enum sl_opcode         op;
    const double          *number;
    const struct sl_slice *text;
};

struct machine {
    const struct sl_program    *program;
    const struct sl_expr_input *input;
    size_t                      n_rows;
    double                    **numbers;
    struct sl_slice           **texts;
    int                         n_numbers; /* on the stacks */
    int                         n_texts;
    int                         n_guards;
    struct guard                guards[MAX_GUARDS];
    int64_t                     n_nonfinite;
};

static void run_one(struct machine *m, const struct sl_instruction *code);

sl_status sl_expr_scratch_init(struct sl_expr_scratch *scratch, int n_numbers, int n_texts,
                               struct sl_error *err)
{
    sl_status rc;

    *scratch = (struct sl_expr_scratch){.n_numbers = n_numbers + 1, .n_texts = n_texts + 1};
    SL_TRY(sl_alloc_array((size_t)scratch->n_numbers, sizeof *scratch->numbers, &scratch->numbers,
                          err));
    SL_TRY(sl_alloc_array((size_t)scratch->n_texts, sizeof *scratch->texts, &scratch->texts, err));
    for (int i = 0; i < scratch->n_numbers; i++)
        SL_TRY(sl_alloc_array(SL_BLOCK_ROWS, sizeof(double), &scratch->numbers[i], err));
    for (int i = 0; i < scratch->n_texts && n_texts > 0; i++)
        SL_TRY(sl_alloc_array(SL_BLOCK_ROWS, sizeof(struct sl_slice), &scratch->texts[i], err));
out:
    return rc;
}

void sl_expr_scratch_release(struct sl_expr_scratch *scratch)
{
    for (int i = 0; scratch->numbers != NULL && i < scratch->n_numbers; i++)
        free(scratch->numbers[i]);
    for (int i = 0; scratch->texts != NULL && i < scratch->n_texts; i++)
        free(scratch->texts[i]);
    free(scratch->numbers);
    free(scratch->texts);
    *scratch = (struct sl_expr_scratch){0};
}

/* Leaves the result, of whichever kind, as the only cell on its stack. */
static struct machine run_program(const struct sl_program    *program,
                                  const struct sl_expr_input *input)
{
    struct machine m = {.program = program,
                        .input = input,
                        .n_rows = input->n_rows,
                        .numbers = input->scratch->numbers,
                        .texts = input->scratch->texts};

    assert(program->n_numbers < input->scratch->n_numbers);
    assert(program->n_texts < input->scratch->n_texts);
    for (size_t i = 0; i < program->n_code; i++)
        run_one(&m, &program->code[i]);
    assert(m.n_numbers + m.n_texts == 1 && m.n_guards == 0);
    return m;
}

void sl_expr_eval(const struct sl_program *program, const struct sl_expr_input *input, double *out,
                  int64_t *n_nonfinite)
{
    const struct machine m = run_program(program, input);

    memcpy(out, m.numbers[0], m.n_rows * sizeof *out);
    *n_nonfinite += m.n_nonfinite;
}

void sl_expr_eval_texts(const struct sl_program *program, const struct sl_expr_input *input,
                        struct sl_slice *out, int64_t *n_nonfinite)
{
    const struct machine m = run_program(program, input);

    memcpy(out, m.texts[0], m.n_rows * sizeof *out);
    *n_nonfinite += m.n_nonfinite;
}

/* --- the stacks --------------------------------------------------------------------------- */

/* The k-th column from the top, which is 1. */
static const double *number(const struct machine *m, int k)
{
    return m->numbers[m->n_numbers - k];
}

static const struct sl_slice *text(const struct machine *m, int k)
{
    return m->texts[m->n_texts - k];
}

static double *free_number(const struct machine *m)
{
    return m->numbers[m->n_numbers];
}

static struct sl_slice *free_text(const struct machine *m)
{
    return m->texts[m->n_texts];
}

/* The free cell takes the place of the upper `pops`. */
static void put_number(struct machine *m, int pops)
{
    int     to = m->n_numbers - pops;
    double *result = free_number(m);

    m->numbers[m->n_numbers] = m->numbers[to];
    m->numbers[to] = result;
    m->n_numbers = to + 1;
}

static void put_text(struct machine *m, int pops)
{
    int              to = m->n_texts - pops;
    struct sl_slice *result = free_text(m);

    m->texts[m->n_texts] = m->texts[to];
    m->texts[to] = result;
    m->n_texts = to + 1;
}

/* --- what is counted ---------------------------------------------------------------------- */

static bool admits(const struct guard *guard, size_t row)
{
    switch (guard->op) {
    case SL_OP_WHERE_TRUE:
        return guard->number[row] == 1.0;
    case SL_OP_WHERE_FALSE:
        return guard->number[row] == 0.0;
    case SL_OP_WHERE_NOT_TRUE:
        return guard->number[row] != 1.0;
    case SL_OP_WHERE_NOT_FALSE:
        return guard->number[row] != 0.0;
    case SL_OP_WHERE_MISSING:
        return isnan(guard->number[row]);
    default:
        return guard->text[row].data == NULL;
    }
}

static bool is_asked_for(const struct machine *m, size_t row)
{
    for (int g = 0; g < m->n_guards; g++) {
        if (!admits(&m->guards[g], row))
            return false;
    }
    return true;
}

/* What is not finite is missing, and is counted unless an operand was missing already or nobody
 * asked: in if(x > 0, log(x), 0) the logarithms of the other x are no fault.  That guards are
 * looked at is rare, as is the fault. */
static void settle(struct machine *m, const double *a, const double *b)
{
    double *out = free_number(m);
    int64_t n_new = sl_kernel_settle(a, b, m->n_rows, out);

    if (n_new > 0 && m->n_guards > 0) {
        n_new = 0;
        for (size_t i = 0; i < m->n_rows; i++)
            n_new += isnan(out[i]) && !isnan(a[i]) && !isnan(b[i]) && is_asked_for(m, i);
    }
    m->n_nonfinite += n_new;
}

static void open_guard(struct machine *m, const struct sl_instruction *code)
{
    struct guard *guard = &m->guards[m->n_guards++];

    assert(m->n_guards <= MAX_GUARDS);
    *guard = (struct guard){.op = code->op};
    if (code->op == SL_OP_TEXT_WHERE_MISSING)
        guard->text = m->texts[code->index];
    else
        guard->number = m->numbers[code->index];
}

/* --- operations --------------------------------------------------------------------------- */

/* A file may spell out an infinity; it is no better than a computed one. */
static void load(struct machine *m, const double *from)
{
    memcpy(free_number(m), from, m->n_rows * sizeof *from);
    settle(m, from, from);
    put_number(m, 0);
}

static void load_feature(struct machine *m, int index)
{
    const struct sl_matrix *features = m->input->features;

    load(m, features->data + (size_t)index * features->ld);
}

static void run_unary(struct machine *m, enum sl_opcode op)
{
    const double *a = number(m, 1);

    sl_kernel_unary(op, a, m->n_rows, free_number(m));
    settle(m, a, a);
    put_number(m, 1);
}

static void run_arithmetic(struct machine *m, enum sl_opcode op)
{
    const double *a = number(m, 2);
    const double *b = number(m, 1);

    sl_kernel_arithmetic(op, a, b, m->n_rows, free_number(m));
    settle(m, a, b);
    put_number(m, 2);
}

/* Operations that yield truths, or choose: their results are finite if their operands are. */
static void run_other(struct machine *m, enum sl_opcode op)
{
    double *out = free_number(m);
    size_t  n = m->n_rows;

    switch (op) {
    case SL_OP_NOT:
        sl_kernel_not(number(m, 1), n, out);
        put_number(m, 1);
        return;
    case SL_OP_ISMISSING:
        sl_kernel_ismissing(number(m, 1), n, out);
        put_number(m, 1);
        return;
    case SL_OP_IF:
        sl_kernel_if(number(m, 3), number(m, 2), number(m, 1), n, out);
        put_number(m, 3);
        return;
    case SL_OP_COALESCE:
        sl_kernel_coalesce(number(m, 2), number(m, 1), n, out);
        break;
    case SL_OP_AND:
    case SL_OP_OR:
        sl_kernel_logic(op, number(m, 2), number(m, 1), n, out);
        break;
    default:
        sl_kernel_compare(op, number(m, 2), number(m, 1), n, out);
    }
    put_number(m, 2);
}

static void load_text(struct machine *m, const struct sl_instruction *code)
{
    if (code->op == SL_OP_TEXT_COLUMN)
        sl_kernel_text_load(m->input->columns[code->index].values.text, m->input->missing,
                            m->n_rows, free_text(m));
    else
        sl_kernel_text_fill(
            (struct sl_slice){m->program->texts.data + code->text, code->text_bytes}, m->n_rows,
            free_text(m));
    put_text(m, 0);
}

static void run_text(struct machine *m, const struct sl_instruction *code)
{
    size_t n = m->n_rows;

    switch (code->op) {
    case SL_OP_TEXT_IF:
        sl_kernel_text_if(number(m, 1), text(m, 2), text(m, 1), n, free_text(m));
        m->n_numbers--;
        put_text(m, 2);
        return;
    case SL_OP_TEXT_COALESCE:
        sl_kernel_text_coalesce(text(m, 2), text(m, 1), n, free_text(m));
        put_text(m, 2);
        return;
    case SL_OP_TEXT_ISMISSING:
        sl_kernel_text_ismissing(text(m, 1), n, free_number(m));
        m->n_texts--;
        put_number(m, 0);
        return;
    default:
        sl_kernel_text_equal(text(m, 2), text(m, 1), code->op == SL_OP_TEXT_EQUAL, n,
                             free_number(m));
        m->n_texts -= 2;
        put_number(m, 0);
    }
}

static void run_one(struct machine *m, const struct sl_instruction *code)
{
    enum sl_opcode op = code->op;

    if (op == SL_OP_NUMBER) {
        sl_kernel_fill(code->number, m->n_rows, free_number(m));
        put_number(m, 0);
    } else if (op == SL_OP_COLUMN) {
        load(m, m->input->columns[code->index].values.number);
    } else if (op == SL_OP_FEATURE) {
        load_feature(m, code->index);
    } else if (op == SL_OP_END_WHERE) {
        m->n_guards--;
    } else if (op == SL_OP_TEXT_WHERE_MISSING ||
               (op >= SL_OP_WHERE_TRUE && op <= SL_OP_WHERE_MISSING)) {
        open_guard(m, code);
    } else if (op == SL_OP_TEXT || op == SL_OP_TEXT_COLUMN) {
        load_text(m, code);
    } else if (op > SL_OP_TEXT_COLUMN) {
        run_text(m, code);
    } else if (op >= SL_OP_NEGATE && op <= SL_OP_LOG1P) {
        run_unary(m, op);
    } else if (op >= SL_OP_ADD && op <= SL_OP_MAX) {
        run_arithmetic(m, op);
    } else {
        run_other(m, op);
    }
}
