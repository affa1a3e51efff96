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

void sl_fixed_add(struct sl_fixed *sum, double term)
{
    *sum = narrow(widen(sum) + llrint(ldexp(term, FRACTION_BITS)));
}

void sl_fixed_merge(struct sl_fixed *sum, const struct sl_fixed *other)
{
    *sum = narrow(widen(sum) + widen(other));
}

double sl_fixed_value(const struct sl_fixed *sum)
{
    return ldexp((double)widen(sum), -FRACTION_BITS);
}
