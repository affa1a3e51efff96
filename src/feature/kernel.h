/* The loops behind the operations, each over all rows of a block.  Numbers are finite, or NaN where
 * missing; texts have no data where missing.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_KERNEL_H
#define SCORELINE_FEATURE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr.h"

/* In all of these `out` [n] overlaps no operand. */

/** Arithmetic as IEEE 754 has it: to be followed by sl_kernel_settle(). */
void sl_kernel_unary(enum sl_opcode op, const double *a, size_t n, double *out);
void sl_kernel_arithmetic(enum sl_opcode op, const double *a, const double *b, size_t n,
                          double *out);

/** Make missing what is not finite; how many of those had all operands known. */
int64_t sl_kernel_settle(const double *a, const double *b, size_t n, double *out);

/** Comparisons, and, or. */
void sl_kernel_compare(enum sl_opcode op, const double *a, const double *b, size_t n, double *out);
void sl_kernel_logic(enum sl_opcode op, const double *a, const double *b, size_t n, double *out);

void sl_kernel_not(const double *a, size_t n, double *out);
void sl_kernel_if(const double *condition, const double *a, const double *b, size_t n, double *out);
void sl_kernel_coalesce(const double *a, const double *b, size_t n, double *out);
void sl_kernel_ismissing(const double *a, size_t n, double *out);
void sl_kernel_fill(double value, size_t n, double *out);

/** A column as the source gives it, with what means missing taken out. */
void sl_kernel_text_load(const struct sl_slice *a, const struct sl_missing_texts *missing, size_t n,
                         struct sl_slice *out);
void sl_kernel_text_fill(struct sl_slice value, size_t n, struct sl_slice *out);

/** 1 where the equality of two texts is `wanted`, 0 where it is not. */
void sl_kernel_text_equal(const struct sl_slice *a, const struct sl_slice *b, bool wanted, size_t n,
                          double *out);
void sl_kernel_text_if(const double *condition, const struct sl_slice *a, const struct sl_slice *b,
                       size_t n, struct sl_slice *out);
void sl_kernel_text_coalesce(const struct sl_slice *a, const struct sl_slice *b, size_t n,
                             struct sl_slice *out);
void sl_kernel_text_ismissing(const struct sl_slice *a, size_t n, double *out);

#endif
