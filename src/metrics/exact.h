/* Sums of doubles that round nothing.  Private to the metrics module. */
#ifndef SCORELINE_METRICS_EXACT_H
#define SCORELINE_METRICS_EXACT_H

#include <stdbool.h>
#include <stdint.h>

#include "scoreline/numeric.h"

/* Digits of 32 bits from 2^-1074 to beyond the largest double, and room above for 2^30 of them. */
enum { SL_EXACT_DIGITS = 68 };

/* {0} is an empty sum.  All of it is integers, so that sums of ranks are added member by member. */
struct sl_exact {
    int64_t digit[SL_EXACT_DIGITS]; /* the lowest first; each may be of either sign */
    int64_t n_carried;              /* terms since digits were last brought within 32 bits */
    int64_t n_odd;                  /* terms that were no finite numbers */
};

void sl_exact_add(struct sl_exact *sum, double term);
/** The square, not rounded before. */
void sl_exact_add_square(struct sl_exact *sum, double root);
/** Bring all digits but the highest within 32 bits: what is to be added to others. */
void sl_exact_carry(struct sl_exact *sum);
void sl_exact_merge(struct sl_exact *sum, const struct sl_exact *other);

/** The sum to twice the digits of a double; NaN if a term was not finite. */
struct sl_sum sl_exact_value(const struct sl_exact *sum);

#endif
