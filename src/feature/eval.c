/* Runs compiled expressions a whole block per operation, so that the cost of looking at an
 * instruction is shared by up to SL_BLOCK_ROWS rows.  Every value on the stack is finite or NaN
 * (missing): what an operation makes of it is settled at once. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "expr.h"

struct machine {
    size_t  n_rows;
    double *cells; /* cell k is cells + k * SL_BLOCK_ROWS; the last one is spare */
    int     height;
    int     spare;
    int64_t n_nonfinite;
};

static void run_one(struct machine *m, const struct sl_instruction *code,
                    const struct sl_expr_input *input);

void sl_expr_eval(const struct sl_program *program, const struct sl_expr_input *input, double *out,
                  int64_t *n_nonfinite)
{
    struct machine m = {
        .n_rows = input->block->n_rows, .cells = input->cells, .spare = program->depth};

    for (size_t i = 0; i < program->n_code; i++)
        run_one(&m, &program->code[i], input);
    assert(m.height == 1);
    memcpy(out, m.cells, m.n_rows * sizeof *out);
    *n_nonfinite += m.n_nonfinite;
}

static double *cell(const struct machine *m, int index)
{
    return m->cells + (size_t)index * SL_BLOCK_ROWS;
}

static bool is_finite(double x)
{
    return x - x == 0.0;
}

/* A result that is no number is missing, and is counted unless an operand was missing already. */
static double settle(double result, bool known, int64_t *n_nonfinite)
{
    if (is_finite(result))
        return result;
    *n_nonfinite += known;
    return NAN;
}

static void push_constant(struct machine *m, double value)
{
    double *to = cell(m, m->height++);

    for (size_t i = 0; i < m->n_rows; i++)
        to[i] = value;
}

/* A file may spell out an infinity; it is no better than a computed one. */
static void push_column(struct machine *m, const double *from)
{
    double *to = cell(m, m->height++);

    for (size_t i = 0; i < m->n_rows; i++)
        to[i] = settle(from[i], !isnan(from[i]), &m->n_nonfinite);
}

static double compute(double a, double b, enum sl_opcode op)
{
    switch (op) {
    case SL_OP_ADD:
        return a + b;
    case SL_OP_SUBTRACT:
        return a - b;
    case SL_OP_MULTIPLY:
        return a * b;
    default:
        return a / b;
    }
}

static void run_arithmetic(struct machine *m, enum sl_opcode op)
{
    double       *a = cell(m, m->height - 2);
    const double *b = cell(m, m->height - 1);

    for (size_t i = 0; i < m->n_rows; i++) {
        bool known = !isnan(a[i]) && !isnan(b[i]);

        a[i] = settle(compute(a[i], b[i], op), known, &m->n_nonfinite);
    }
    m->height--;
}

static bool compare(double a, double b, enum sl_opcode op)
{
    switch (op) {
    case SL_OP_EQUAL:
        return a == b;
    case SL_OP_UNEQUAL:
        return a != b;
    case SL_OP_LESS:
        return a < b;
    case SL_OP_LESS_EQUAL:
        return a <= b;
    case SL_OP_GREATER:
        return a > b;
    default:
        return a >= b;
    }
}

static void run_comparison(struct machine *m, enum sl_opcode op)
{
    double       *a = cell(m, m->height - 2);
    const double *b = cell(m, m->height - 1);

    for (size_t i = 0; i < m->n_rows; i++)
        a[i] = isnan(a[i]) || isnan(b[i]) ? NAN : compare(a[i], b[i], op);
    m->height--;
}

/* `decides` is the truth that settles the matter alone: 0 for and, 1 for or. */
static void run_logic(struct machine *m, double decides)
{
    double       *a = cell(m, m->height - 2);
    const double *b = cell(m, m->height - 1);

    for (size_t i = 0; i < m->n_rows; i++) {
        if (a[i] == decides || b[i] == decides)
            a[i] = decides;
        else if (isnan(a[i]) || isnan(b[i]))
            a[i] = NAN;
        else
            a[i] = 1.0 - decides;
    }
    m->height--;
}

static void run_not(struct machine *m)
{
    double *a = cell(m, m->height - 1);

    for (size_t i = 0; i < m->n_rows; i++)
        a[i] = 1.0 - a[i];
}

static void run_negate(struct machine *m)
{
    double *a = cell(m, m->height - 1);

    for (size_t i = 0; i < m->n_rows; i++)
        a[i] = -a[i];
}

static bool all_known(const double *const *args, int n_args, size_t row)
{
    for (int k = 0; k < n_args; k++) {
        if (isnan(args[k][row]))
            return false;
    }
    return true;
}

/* The result goes to the spare cell first: whether it was to be expected is told from the
 * arguments, and one of those stands where it belongs. */
static void run_call(struct machine *m, const struct sl_instruction *code)
{
    const double *args[SL_MAX_ARGS];
    double       *result = cell(m, m->spare);
    double       *to;

    m->height -= code->n_args;
    for (int k = 0; k < code->n_args; k++)
        args[k] = cell(m, m->height + k);
    code->function->apply(args, code->n_args, m->n_rows, result);
    for (size_t i = 0; i < m->n_rows; i++) {
        if (!is_finite(result[i]))
            result[i] = settle(result[i], all_known(args, code->n_args, i), &m->n_nonfinite);
    }
    to = cell(m, m->height++);
    memcpy(to, result, m->n_rows * sizeof *to);
}

static void run_one(struct machine *m, const struct sl_instruction *code,
                    const struct sl_expr_input *input)
{
    const struct sl_matrix *features = input->features;

    switch (code->op) {
    case SL_OP_NUMBER:
        push_constant(m, code->number);
        return;
    case SL_OP_COLUMN:
        push_column(m, input->block->columns[code->index].values.number);
        return;
    case SL_OP_FEATURE:
        push_column(m, features->data + (size_t)code->index * features->ld);
        return;
    case SL_OP_NEGATE:
        run_negate(m);
        return;
    case SL_OP_NOT:
        run_not(m);
        return;
    case SL_OP_AND:
    case SL_OP_OR:
        run_logic(m, code->op == SL_OP_OR ? 1.0 : 0.0);
        return;
    case SL_OP_CALL:
        run_call(m, code);
        return;
    case SL_OP_ADD:
    case SL_OP_SUBTRACT:
    case SL_OP_MULTIPLY:
    case SL_OP_DIVIDE:
        run_arithmetic(m, code->op);
        return;
    default:
        run_comparison(m, code->op);
    }
}
