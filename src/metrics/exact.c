/* Long integers: a term's bits are added where they belong, so that no order of adding can matter,
 * whatever the size of the terms. */
#include "exact.h"

#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 32, LEAST_EXPONENT = -1074, MANTISSA_BITS = 53, MOST_TERMS = 1 << 30 };

void sl_exact_carry(struct sl_exact *sum)
{
    int64_t carry = 0;

    for (int k = 0; k < SL_EXACT_DIGITS - 1; k++) {
        const int64_t all = sum->digit[k] + carry;

        carry = all >> DIGIT_BITS; /* towards minus infinity */
        sum->digit[k] = all & UINT32_MAX;
    }
    sum->digit[SL_EXACT_DIGITS - 1] += carry;
    sum->n_carried = 0;
}

void sl_exact_add(struct sl_exact *sum, double term)
{
    int      exponent, at, shift;
    uint64_t bits, low, high;
    int64_t  sign = term < 0.0 ? -1 : 1;

    if (!isfinite(term)) {
        sum->n_odd++;
        return;
    }
    if (term == 0.0)
        return;
    if (++sum->n_carried >= MOST_TERMS)
        sl_exact_carry(sum);
    bits = (uint64_t)ldexp(frexp(fabs(term), &exponent), MANTISSA_BITS);
    at = exponent - MANTISSA_BITS - LEAST_EXPONENT;
    if (at < 0) { /* a subnormal has zeros there */
        bits >>= -at;
        at = 0;
    }
    shift = at % DIGIT_BITS;
    at /= DIGIT_BITS;
    low = bits << shift;
    high = shift == 0 ? 0 : bits >> (64 - shift);
    sum->digit[at] += sign * (int64_t)(low & UINT32_MAX);
    sum->digit[at + 1] += sign * (int64_t)(low >> DIGIT_BITS);
    if (high != 0)
        sum->digit[at + 2] += sign * (int64_t)high;
}

void sl_exact_add_square(struct sl_exact *sum, double root)
{
    const double square = root * root;

    sl_exact_add(sum, square);
    if (isfinite(square))
        sl_exact_add(sum, fma(root, root, -square));
}

void sl_exact_merge(struct sl_exact *sum, const struct sl_exact *other)
{
    struct sl_exact copy = *other;

    sl_exact_carry(sum);
    sl_exact_carry(&copy);
    for (int k = 0; k < SL_EXACT_DIGITS; k++)
        sum->digit[k] += copy.digit[k];
    sum->n_carried = 2;
    sum->n_odd += copy.n_odd;
}

struct sl_sum sl_exact_value(const struct sl_exact *sum)
{
    struct sl_exact copy = *sum;
    struct sl_sum   value = {0};
    double          sign = 1.0;

    if (sum->n_odd > 0)
        return (struct sl_sum){.high = (double)NAN};
    sl_exact_carry(&copy);
    if (copy.digit[SL_EXACT_DIGITS - 1] < 0) {
        sign = -1.0;
        for (int k = 0; k < SL_EXACT_DIGITS; k++)
            copy.digit[k] = -copy.digit[k];
        sl_exact_carry(&copy);
    }
    for (int k = SL_EXACT_DIGITS - 1; k >= 0; k--)
        if (copy.digit[k] != 0)
            sl_sum_add(&value,
                       sign * ldexp((double)copy.digit[k], LEAST_EXPONENT + k * DIGIT_BITS));
    return value;
}
