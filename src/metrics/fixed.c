/* Sums in fixed point: a term is rounded once, integers are added, so no grouping can matter. */
#include <math.h>

#include "scoreline/metrics.h"

enum { FRACTION_BITS = 56 }; /* a term below 64 then fits 63 bits */

__extension__ typedef __int128          wide;
__extension__ typedef unsigned __int128 unsigned_wide;

static wide widen(const struct sl_fixed *sum)
{
    return (wide)((unsigned_wide)(uint64_t)sum->high << 64 | sum->low);
}

static struct sl_fixed narrow(wide value)
{
    return (struct sl_fixed){.high = (int64_t)(value >> 64), .low = (uint64_t)value};
}

/* As llrint() does, without the call: below 2^52 a sum with 2^52 has no room for a fraction, from
 * there on a number has none. */
static int64_t round_even(double x)
{
    const double size = fabs(x);
    const double whole = size < 0x1p52 ? (size + 0x1p52) - 0x1p52 : size;

    return (int64_t)copysign(whole, x);
}

void sl_fixed_add_many(struct sl_fixed *sum, const double *terms, size_t n)
{
    wide all = 0;

    for (size_t i = 0; i < n; i++)
        all += round_even(terms[i] * 0x1p56); /* a power of two: exact */
    *sum = narrow(widen(sum) + all);
}

void sl_fixed_add(struct sl_fixed *sum, double term)
{
    sl_fixed_add_many(sum, &term, 1);
}

void sl_fixed_merge(struct sl_fixed *sum, const struct sl_fixed *other)
{
    *sum = narrow(widen(sum) + widen(other));
}

double sl_fixed_value(const struct sl_fixed *sum)
{
    return ldexp((double)widen(sum), -FRACTION_BITS);
}
