/* Elementary functions: plain Taylor series after an exact reduction of the argument, without
 * branches or tables, so that the compiler turns the loops into vector code for whatever
 * instruction set it is given; with contraction into fused multiply-adds off, every one of them
 * does the same roundings.  Included by a file for each instruction set.
 *
 * Each element is read before it is written, and out may be x itself: that is no dependence, which
 * the loops have to say, or they would be taken one element at a time there. */
#ifndef SCORELINE_BASE_ELEMENTARY_LOOPS_H
#define SCORELINE_BASE_ELEMENTARY_LOOPS_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "elementary.h"

/* ln 2 in two parts; the first has 21 bits free, so that its product with an exponent is exact. */
static const double ln2_high = 0x1.62e42fee00000p-1;
static const double ln2_low = 0x1.a39ef35793c76p-33;
/* Added to |k| < 2^51 it leaves the integer nearest k in the low bits. */
static const double   to_integer = 0x1.8p52;
static const uint64_t to_integer_bits = UINT64_C(0x4338000000000000);

static inline uint64_t bits_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double from_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* exp(r) - 1 - r over r^2, for |r| <= ln 2 / 2: the next term is below 2^-57. */
static inline double exp_tail(double r)
{
    double q = 1.0 / 6227020800.0;

    q = q * r + 1.0 / 479001600.0;
    q = q * r + 1.0 / 39916800.0;
    q = q * r + 1.0 / 3628800.0;
    q = q * r + 1.0 / 362880.0;
    q = q * r + 1.0 / 40320.0;
    q = q * r + 1.0 / 5040.0;
    q = q * r + 1.0 / 720.0;
    q = q * r + 1.0 / 120.0;
    q = q * r + 1.0 / 24.0;
    q = q * r + 1.0 / 6.0;
    return q * r + 1.0 / 2.0;
}

/* exp(x) = 2^k exp(r).  2^k goes in as two factors: where the result is subnormal or overflows one
 * alone could not be written. */
static inline double exp_one(double x)
{
    double   clamped = x < -746.0 ? -746.0 : x;
    double   shifted, k, r, one_r;
    uint64_t biased, half;

    clamped = clamped > 710.0 ? 710.0 : clamped;
    shifted = clamped * 0x1.71547652b82fep+0 + to_integer;
    k = shifted - to_integer;
    r = (clamped - k * ln2_high) - k * ln2_low;
    one_r = 1.0 + (r + r * r * exp_tail(r));
    biased = bits_of(shifted) - to_integer_bits + 2046;
    half = biased >> 1;
    return one_r * from_bits(half << 52) * from_bits((biased - half) << 52);
}

static void exp_loop(const double *x, size_t n, double *out)
{
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        out[i] = exp_one(x[i]);
}

/* The sum over j >= 1 of 2/(2j+1) z^j, for z = s^2 <= 0.0295: the next term is below 2^-59. */
static inline double log_tail(double z)
{
    double q = 2.0 / 21.0;

    q = q * z + 2.0 / 19.0;
    q = q * z + 2.0 / 17.0;
    q = q * z + 2.0 / 15.0;
    q = q * z + 2.0 / 13.0;
    q = q * z + 2.0 / 11.0;
    q = q * z + 2.0 / 9.0;
    q = q * z + 2.0 / 7.0;
    q = q * z + 2.0 / 5.0;
    q = q * z + 2.0 / 3.0;
    return q * z;
}

/* x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and log(1 + f) = 2 atanh(s), s = f/(2 + f),
 * rearranged so that f, which is exact, enters last. */
static inline double log_one(double x)
{
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd);
    double         tiny = x < DBL_MIN ? 54.0 : 0.0;
    double         grown = x < DBL_MIN ? x * 0x1p54 : x;
    uint64_t       above = bits_of(grown) - root_half + (UINT64_C(1024) << 52);
    double         k = (from_bits((above >> 52) + to_integer_bits) - to_integer) - 1024.0 - tiny;
    double         f = from_bits((above & UINT64_C(0xfffffffffffff)) + root_half) - 1.0;
    double         s = f / (2.0 + f);
    double         half_square = 0.5 * f * f;
    double         tail = s * (half_square + log_tail(s * s));
    double         log = k * ln2_high - ((half_square - (tail + k * ln2_low)) - f);

    log = x > DBL_MAX ? x : log;
    log = x == 0.0 ? -INFINITY : log;
    return x >= 0.0 ? log : NAN;
}

static void log_loop(const double *x, size_t n, double *out)
{
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        out[i] = log_one(x[i]);
}

/* log(u) for u = 1 + x as rounded, and what the rounding took away, to first order. */
static inline double log1p_one(double x)
{
    double u = 1.0 + x;
    double lost = x >= 1.0 ? 1.0 - (u - x) : x - (u - 1.0);
    double log = log_one(u) + lost / u;

    log = x > DBL_MAX ? x : log;
    return x == -1.0 ? -INFINITY : log;
}

static void log1p_loop(const double *x, size_t n, double *out)
{
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        out[i] = log1p_one(x[i]);
}

#endif
