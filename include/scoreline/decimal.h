/* Numbers as text, quickly: the fewest digits that read back as the same number. */
#ifndef SCORELINE_DECIMAL_H
#define SCORELINE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

enum { SL_DECIMAL_BYTES = 32 }; /* room for any number */

/**
 * A double in the fewest significant digits that strtod() reads back as the same bits; of several
 * such texts the one nearest to it.  As "0.25", "1500", "-0" from 0.00001 up to 17 digits before
 * the point, else as "2.5e-300"; "nan", "inf", "-inf".
 *
 * Returns: the bytes written; no NUL.
 * Source:  Schubfach (R. Giulietti, "The Schubfach way to render doubles", 2020).
 */
size_t sl_format_f64(double value, char out[SL_DECIMAL_BYTES]);

/** An integer in decimal; the bytes written, no NUL. */
size_t sl_format_i64(int64_t value, char out[SL_DECIMAL_BYTES]);

#endif
