/* Allocation that checks its arithmetic, and buffers that grow to the largest need and then stay. */
#ifndef SCORELINE_MEMORY_H
#define SCORELINE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

/**
 * A zeroed array of n items; freed with free().
 *
 * Owner:   *out is handed over; n = 0 gives a valid pointer.
 * Errors:  SL_ENOMEM, also where n * item_bytes overflows.
 */
SL_MUST_CHECK sl_status sl_alloc_array(size_t n, size_t item_bytes, void *out,
                                       struct sl_error *err);

/**
 * Make room for `need` items in the array *data of *capacity items, growing by half at least.
 *
 * Owner:   *data (a pointer variable, passed by address) is reallocated; old items are kept, new
 *          ones are not initialised.  Freed with free().
 * Errors:  SL_ENOMEM; *data and *capacity are then unchanged.
 * Cost:    amortised O(1) per item.
 */
SL_MUST_CHECK sl_status sl_grow_array(void *data, size_t *capacity, size_t need, size_t item_bytes,
                                      struct sl_error *err);

/** A copy of a text, freed with free(). */
SL_MUST_CHECK sl_status sl_copy_text(const char *text, char **out, struct sl_error *err);

/** The most memory that this process has had so far, in bytes; 0 where the system does not say. */
int64_t sl_memory_peak(void);

/** Narrow with a check; SL_EBUG names `what` if the value does not fit. */
SL_MUST_CHECK sl_status sl_int_from_i64(int64_t value, const char *what, int *out,
                                        struct sl_error *err);

#endif
