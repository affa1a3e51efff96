/* Sorting by 64-bit keys. */
#ifndef SCORELINE_METRICS_RADIX_H
#define SCORELINE_METRICS_RADIX_H

#include <stddef.h>
#include <stdint.h>

struct sl_keyed {
    uint64_t key;
    uint64_t value;
};

/** A key that orders numbers that are not negative as they are; zeros are equal. */
uint64_t sl_key_of(double number);

/**
 * Sort by key, ascending; equal keys keep their order.
 *
 * Shapes:  items, scratch [n], no overlap; scratch is overwritten.
 * Source:  least-significant-digit radix sort, 8 bits a pass; passes in which all agree are left
 *          out.
 * Cost:    O(n).
 */
void sl_radix_sort(struct sl_keyed *items, struct sl_keyed *scratch, size_t n);

#endif
