/* Texts to numbers, the same bits as strtod. */
#ifndef SCORELINE_NUMBER_H
#define SCORELINE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "scoreline/text.h"

/* --- a few digits at a time ---------------------------------------------------------------- */

/* Eight bytes of text, the first one lowest. */
static inline uint64_t sl_eight_bytes(const char *at)
{
    uint64_t bytes;

    memcpy(&bytes, at, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    return bytes;
}

/* What eight bytes are worth as digits, a byte each. */
static inline uint64_t sl_digits_of(const char *at)
{
    return sl_eight_bytes(at) ^ UINT64_C(0x3030303030303030);
}

/* Whether each byte is a digit's worth. */
static inline bool sl_are_digits(uint64_t digits)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    return (((digits + ones * (0x80 - 10)) | digits) & ones << 7) == 0;
}

/* The number that eight digits are: pairs, fours, and all. */
static inline uint64_t sl_eight_digits(uint64_t digits)
{
    const uint64_t pair = UINT64_C(0x000000FF000000FF);

    digits = digits * 10 + (digits >> 8);
    digits = (digits & pair) * (100 + (UINT64_C(1000000) << 32)) +
             (digits >> 16 & pair) * (1 + (UINT64_C(10000) << 32));
    return digits >> 32;
}

/* --- any number ---------------------------------------------------------------------------- */

/**
 * A decimal number: optional sign, digits with an optional point among or around them, optional
 * exponent; blanks and tabs may stand on both sides, nothing else.
 *
 * Returns: false if the text is no number ("inf", "nan" and hexadecimal ones are none).  *out is
 *          rounded to nearest, ties to even; beyond the largest double it is infinite.
 * Cost:    O(n_bytes); allocates nothing.
 */
bool sl_parse_f64(struct sl_slice text, double *out);

/** The text without blanks and tabs at its ends. */
struct sl_slice sl_slice_trim(struct sl_slice text);

#endif
