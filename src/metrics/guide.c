/* Where a rank's scores of a class lie, roughly. */
#include "guide.h"

uint64_t sl_guide_end(const struct sl_guide *guide, uint64_t begin, double n_rows)
{
    uint64_t bin = begin >> SL_GUIDE_SHIFT;
    double   n = (double)guide->n_rows[bin];

    do
        bin++;
    while (bin < SL_GUIDE_BINS && (n += (double)guide->n_rows[bin]) <= n_rows);
    return bin < SL_GUIDE_BINS ? bin << SL_GUIDE_SHIFT : SL_KEYS_END;
}
