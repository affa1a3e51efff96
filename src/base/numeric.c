/* Exact sums and moments. */
#include "scoreline/numeric.h"

#include <math.h>

/* What rounding takes from high + term is found exactly (Knuth's two-sum) and kept in low. */
void sl_sum_add(struct sl_sum *sum, double term)
{
    double high = sum->high + term;
    double taken = high - sum->high;

    sum->low += (sum->high - (high - taken)) + (term - taken);
    sum->high = high;
}

void sl_sum_add_many(struct sl_sum *sum, const double *terms, size_t n)
{
    struct sl_sum all = *sum; /* in registers: each addition waits for the one before it */

    for (size_t i = 0; i < n; i++)
        sl_sum_add(&all, terms[i]);
    *sum = all;
}

/* fma() is part of C and rounds once on every machine, in software if need be. */
void sl_sum_add_product(struct sl_sum *sum, double a, double b)
{
    double product = a * b;

    sl_sum_add(sum, product);
    sl_sum_add(sum, fma(a, b, -product));
}

double sl_sum_value(const struct sl_sum *sum)
{
    return sum->high + sum->low;
}

static void find_range(const double *x, size_t n, struct sl_moments *out)
{
    out->min = x[0];
    out->max = x[0];
    for (size_t i = 1; i < n; i++) {
        out->min = x[i] < out->min ? x[i] : out->min;
        out->max = x[i] > out->max ? x[i] : out->max;
    }
}

/* Works on x * 2^-e, which is exact and keeps squares and sums within range. */
void sl_moments(const double *x, size_t n, struct sl_moments *out)
{
    struct sl_sum sum = {0}, first = {0}, second = {0};
    double        count = (double)n;
    double        mean, scale, shift;
    int           e;

    find_range(x, n, out);
    out->mean = out->min;
    out->std = 0.0;
    if (out->min == out->max)
        return;
    frexp(fmax(fabs(out->min), fabs(out->max)), &e);
    e = e > -1000 ? e : -1000;
    scale = ldexp(1.0, -e);
    for (size_t i = 0; i < n; i++)
        sl_sum_add(&sum, x[i] * scale);
    mean = sl_sum_value(&sum) / count;
    for (size_t i = 0; i < n; i++) {
        double d = x[i] * scale - mean;

        sl_sum_add(&first, d);
        sl_sum_add(&second, d * d);
    }
    shift = sl_sum_value(&first) / count; /* the mean's own rounding */
    out->mean = fmin(fmax(ldexp(mean + shift, e), out->min), out->max);
    out->std = ldexp(sqrt(fmax(sl_sum_value(&second) / count - shift * shift, 0.0)), e);
}

int sl_compare_f64(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}
