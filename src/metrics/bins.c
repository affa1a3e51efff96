/* The area under the ROC curve from bins of the score. */
#include "bins.h"

#include <math.h>

enum { PER_HALVING = 1024, PER_HALVING_BITS = 10, MANTISSA_BITS = 52 };

__extension__ typedef unsigned __int128 wide; /* of pairs of 2^63 rows there are fewer */

/* Of a probability up to 1/2. */
static unsigned bin_of_half(double q)
{
    const double least = 0x1p-32;

    if (q < least)
        return (unsigned)(q / least * PER_HALVING);
    return PER_HALVING +
           (unsigned)((sl_key_of(q) - sl_key_of(least)) >> (MANTISSA_BITS - PER_HALVING_BITS));
}

unsigned sl_score_bin(double probability)
{
    if (probability < 0.5)
        return bin_of_half(probability);
    return SL_SCORE_BINS - 1 - bin_of_half(1 - probability); /* exact, from 1/2 on */
}

struct sl_area sl_bins_area(const struct sl_bin_counts *counts)
{
    wide   twice_won = 0;
    wide   n_tied = 0;
    wide   n_negative = 0;
    wide   n_positive = 0;
    double n_pairs;

    for (int b = 0; b < SL_SCORE_BINS; b++) {
        const wide negative = (wide)counts->n_rows[0][b];
        const wide positive = (wide)counts->n_rows[1][b];

        twice_won += positive * (2 * n_negative + negative);
        n_tied += positive * negative;
        n_negative += negative;
        n_positive += positive;
    }
    n_pairs = (double)n_positive * (double)n_negative;
    if (n_pairs == 0)
        return (struct sl_area){(double)NAN, (double)NAN};
    return (struct sl_area){.value = (double)twice_won / (2 * n_pairs),
                            .error = (double)n_tied / (2 * n_pairs)};
}
