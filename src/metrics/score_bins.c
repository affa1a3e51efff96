/* Bins of a probability. */
#include "score_bins.h"

#include <math.h>

enum { LAST = SL_SCORE_BINS - 1, HALF = LAST / 2 };

__extension__ typedef unsigned __int128 wide; /* pairs of fewer than 2^63 rows fit */

/* Where a bin of a probability up to 1/2 begins. */
static double begin_of_half(unsigned bin)
{
    if (bin < SL_BINS_PER_HALVING)
        return bin * (SL_LEAST_BINNED / SL_BINS_PER_HALVING);
    return sl_number_of(sl_key_of(SL_LEAST_BINNED) +
                        ((uint64_t)(bin - SL_BINS_PER_HALVING) << SL_BIN_KEY_SHIFT));
}

/* The least key of a bin: above 1/2 that of what is less than where the bin before it, seen from 1,
 * begins. */
static uint64_t begin_of(unsigned bin)
{
    if (bin <= HALF)
        return sl_key_of(begin_of_half(bin));
    return sl_key_of(1 - begin_of_half(LAST - bin + 1)) + 1;
}

uint64_t sl_score_bins_end(const int64_t *n_rows, uint64_t begin, double room)
{
    unsigned bin = sl_score_bin(sl_number_of(begin));
    double   n = (double)n_rows[bin];

    do
        bin++;
    while (bin < SL_SCORE_BINS && (n += (double)n_rows[bin]) <= room);
    return bin < SL_SCORE_BINS ? begin_of(bin) : SL_KEYS_END;
}

struct sl_area sl_score_bins_area(const struct sl_bin_counts *counts)
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
