/* Loops over numbers.  None has a branch that depends on a row, so that the compiler makes vector
 * code of them; what to do is asked once for a block. */
#include "kernel.h"

#include <math.h>
#include <string.h>

#include "scoreline/numeric.h"

static inline bool is_known(double x)
{
    return x == x;
}

static inline bool is_finite(double x)
{
    return x - x == 0.0;
}

/* IEEE 754 rounds square roots correctly and floors exactly: the C library's are the same
 * everywhere.  The others are not, hence sl_exp_many() and its like. */
void sl_kernel_unary(enum sl_opcode op, const double *a, size_t n, double *restrict out)
{
    switch (op) {
    case SL_OP_NEGATE:
        for (size_t i = 0; i < n; i++)
            out[i] = -a[i];
        return;
    case SL_OP_ABS:
        for (size_t i = 0; i < n; i++)
            out[i] = fabs(a[i]);
        return;
    case SL_OP_FLOOR:
        for (size_t i = 0; i < n; i++)
            out[i] = floor(a[i]);
        return;
    case SL_OP_SQRT:
        for (size_t i = 0; i < n; i++)
            out[i] = sqrt(a[i]);
        return;
    case SL_OP_EXP:
        sl_exp_many(a, n, out);
        return;
    case SL_OP_LOG:
        sl_log_many(a, n, out);
        return;
    default:
        sl_log1p_many(a, n, out);
    }
}

/* Of equal numbers, 0 and -0 among them, the first; a missing one wins over both. */
static inline double least(double a, double b)
{
    return b < a || !is_known(b) ? b : a;
}

static inline double largest(double a, double b)
{
    return b > a || !is_known(b) ? b : a;
}

SL_BY_PROCESSOR void sl_kernel_arithmetic(enum sl_opcode op, const double *a, const double *b,
                                          size_t n, double *restrict out)
{
    switch (op) {
    case SL_OP_ADD:
        for (size_t i = 0; i < n; i++)
            out[i] = a[i] + b[i];
        return;
    case SL_OP_SUBTRACT:
        for (size_t i = 0; i < n; i++)
            out[i] = a[i] - b[i];
        return;
    case SL_OP_MULTIPLY:
        for (size_t i = 0; i < n; i++)
            out[i] = a[i] * b[i];
        return;
    case SL_OP_DIVIDE:
        for (size_t i = 0; i < n; i++)
            out[i] = a[i] / b[i];
        return;
    case SL_OP_MIN:
        for (size_t i = 0; i < n; i++)
            out[i] = least(a[i], b[i]);
        return;
    default:
        for (size_t i = 0; i < n; i++)
            out[i] = largest(a[i], b[i]);
    }
}

static inline uint64_t magnitude_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits & (UINT64_MAX >> 1);
}

/* 1 if magnitude > limit: the difference borrows.  Comparisons of doubles that end in integers do
 * not become vector code on every machine, this does. */
static inline uint64_t exceeds(uint64_t magnitude, uint64_t limit)
{
    return (limit - magnitude) >> 63;
}

SL_BY_PROCESSOR int64_t sl_kernel_settle(const double *a, const double *b, size_t n,
                                         double *restrict out)
{
    const uint64_t infinite = magnitude_of(INFINITY);
    uint64_t       n_new = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t lacking =
            exceeds(magnitude_of(a[i]), infinite) | exceeds(magnitude_of(b[i]), infinite);

        n_new += exceeds(magnitude_of(out[i]), infinite - 1) & ~lacking;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = is_finite(out[i]) ? out[i] : NAN;
    return (int64_t)n_new;
}

static inline double truth(bool holds, double a, double b)
{
    double value = holds ? 1.0 : 0.0;

    return (is_known(a) & is_known(b)) ? value : NAN;
}

SL_BY_PROCESSOR void sl_kernel_compare(enum sl_opcode op, const double *a, const double *b,
                                       size_t n, double *restrict out)
{
    switch (op) {
    case SL_OP_EQUAL:
        for (size_t i = 0; i < n; i++)
            out[i] = truth(a[i] == b[i], a[i], b[i]);
        return;
    case SL_OP_UNEQUAL:
        for (size_t i = 0; i < n; i++)
            out[i] = truth(a[i] != b[i], a[i], b[i]);
        return;
    case SL_OP_LESS:
        for (size_t i = 0; i < n; i++)
            out[i] = truth(a[i] < b[i], a[i], b[i]);
        return;
    case SL_OP_LESS_EQUAL:
        for (size_t i = 0; i < n; i++)
            out[i] = truth(a[i] <= b[i], a[i], b[i]);
        return;
    case SL_OP_GREATER:
        for (size_t i = 0; i < n; i++)
            out[i] = truth(a[i] > b[i], a[i], b[i]);
        return;
    default:
        for (size_t i = 0; i < n; i++)
            out[i] = truth(a[i] >= b[i], a[i], b[i]);
    }
}

/* Truths are 0, 1 or NaN: product and sum know what remains when neither side decides alone. */
SL_BY_PROCESSOR void sl_kernel_logic(enum sl_opcode op, const double *a, const double *b, size_t n,
                                     double *restrict out)
{
    if (op == SL_OP_AND) {
        for (size_t i = 0; i < n; i++)
            out[i] = ((a[i] == 0.0) | (b[i] == 0.0)) ? 0.0 : a[i] * b[i];
    } else {
        for (size_t i = 0; i < n; i++)
            out[i] = ((a[i] == 1.0) | (b[i] == 1.0)) ? 1.0 : a[i] + b[i];
    }
}

SL_BY_PROCESSOR void sl_kernel_not(const double *a, size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 1.0 - a[i];
}

SL_BY_PROCESSOR void sl_kernel_if(const double *condition, const double *a, const double *b,
                                  size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++) {
        double yes = a[i], no = b[i];
        double chosen = condition[i] == 1.0 ? yes : no;

        out[i] = is_known(condition[i]) ? chosen : NAN;
    }
}

SL_BY_PROCESSOR void sl_kernel_coalesce(const double *a, const double *b, size_t n,
                                        double *restrict out)
{
    for (size_t i = 0; i < n; i++) {
        double first = a[i], second = b[i];

        out[i] = is_known(first) ? first : second;
    }
}

SL_BY_PROCESSOR void sl_kernel_ismissing(const double *a, size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = is_known(a[i]) ? 0.0 : 1.0;
}

void sl_kernel_fill(double value, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = value;
}
