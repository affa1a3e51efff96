/* Where a rank's scores of a class lie, roughly. */
#ifndef SCORELINE_METRICS_GUIDE_H
#define SCORELINE_METRICS_GUIDE_H

#include <stdint.h>

#include "ties.h"

enum { SL_GUIDE_SHIFT = 46, SL_GUIDE_BINS = (SL_KEYS_END >> SL_GUIDE_SHIFT) + 1 };

/* Rows by the leading bits of their keys. */
struct sl_guide {
    int64_t n_rows[SL_GUIDE_BINS];
};

static inline void sl_guide_add(struct sl_guide *guide, uint64_t key)
{
    guide->n_rows[key >> SL_GUIDE_SHIFT]++;
}

/** The end of a range from key `begin` on that has about `n_rows` rows, above `begin`. */
uint64_t sl_guide_end(const struct sl_guide *guide, uint64_t begin, double n_rows);

#endif
