/* Something that is done every so often beside the work. */
#ifndef SCORELINE_TICKER_H
#define SCORELINE_TICKER_H

#include "scoreline/error.h"

struct sl_ticker; /* a thread that sleeps most of the time */

/**
 * Call tick(state) every so many seconds, the first time when they have passed.
 *
 * Owner:   *out is handed over; sl_ticker_stop() frees it.  `state` is used by another thread until
 *          then.
 * Errors:  SL_ENOMEM: there is no thread to be had.
 * Ranks:   local.  Signals go to other threads.
 */
SL_MUST_CHECK sl_status sl_ticker_start(double seconds, void (*tick)(void *state), void *state,
                                        struct sl_ticker **out, struct sl_error *err);

/** Wait for a call under way, and end; NULL-safe. */
void sl_ticker_stop(struct sl_ticker *ticker);

#endif
