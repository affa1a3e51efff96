/* Arithmetic with the same bits on every machine: elementary functions made of IEEE + - * / only (a
 * C library picks other code, and other last bits, on other processors), exact sums, moments. */
#ifndef SCORELINE_NUMERIC_H
#define SCORELINE_NUMERIC_H

#include <stddef.h>

/* Before a function of plain loops: it is compiled for AVX2 once more, and that is called where the
 * processor has it.  Nothing is contracted, so that the bits are the same.  Sanitizers are not
 * ready yet when the loader chooses. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) &&                            \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SL_BY_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define SL_BY_PROCESSOR
#endif

/**
 * Elementary functions of n numbers; out may be x itself, else they must not overlap.
 *
 * Formula: exp and log err by less than 1 unit in the last place, log1p by less than 2.  Values
 *          outside the domain, infinities and NaN give what C99 says.  Each element is computed on
 *          its own, so the result does not depend on n.
 */
void sl_exp_many(const double *x, size_t n, double *out);
void sl_log_many(const double *x, size_t n, double *out);
void sl_log1p_many(const double *x, size_t n, double *out);

/* A sum carried in twice the digits of a double: high + low.  {0} is an empty one. */
struct sl_sum {
    double high;
    double low;
};
void   sl_sum_add(struct sl_sum *sum, double term);
void   sl_sum_add_many(struct sl_sum *sum, const double *terms, size_t n); /* one by one */
void   sl_sum_add_product(struct sl_sum *sum, double a, double b); /* a * b, not rounded before */
double sl_sum_value(const struct sl_sum *sum);

/** Order of two doubles, none of them NaN, for qsort(). */
int sl_compare_f64(const void *a, const void *b);

/* What a column of numbers is like. */
struct sl_moments {
    double min, max;
    double mean; /* within [min, max]: of equal numbers it is that number */
    double std;  /* of the population; 0 exactly if all are equal */
};

/** The moments of n > 0 finite numbers, two passes, without overflow. */
void sl_moments(const double *x, size_t n, struct sl_moments *out);

#endif
