/* Rows of one class's curve that nothing tells apart: as one item. */
#ifndef SCORELINE_METRICS_TIES_H
#define SCORELINE_METRICS_TIES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Rows of one partition that have the same probability and are, or are not, of the class. */
struct sl_tie {
    uint64_t key; /* of the probability */
    uint32_t who; /* 2 * partition + whether they are of the class */
    uint32_t n_rows;
};

/* Above the key of any probability. */
#define SL_KEYS_END UINT64_C(0x3FF0000000000001)

/** A key that orders numbers that are not negative as they are; zeros are equal. */
static inline uint64_t sl_key_of(double number)
{
    const double n = number + 0.0; /* no -0 */
    uint64_t     bits;

    memcpy(&bits, &n, sizeof bits);
    return bits;
}

/** And back. */
static inline double sl_number_of(uint64_t key)
{
    double number;

    memcpy(&number, &key, sizeof number);
    return number;
}

/**
 * Sort by key, then by who, and make one of what is equal.
 *
 * Returns: how many are left, at the front.
 * Source:  most-significant-digit radix sort in place, 8 bits of what differs at a time; short
 *          ranges by insertion.
 * Cost:    O(n); no memory.
 */
size_t sl_ties_sort(struct sl_tie *items, size_t n);

/** How many of sorted items have a key below `key`. */
size_t sl_ties_below(const struct sl_tie *items, size_t n, uint64_t key);

#endif
