/* Texts to numbers, the same bits as strtod. */
#ifndef SCORELINE_NUMBER_H
#define SCORELINE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "scoreline/text.h"

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
