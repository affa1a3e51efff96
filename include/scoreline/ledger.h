/* Results of numbered units of work, on disk while others are under way: a file of records that one
 * rank writes, each with a checksum, beside an output that is being made (see parts.h). */
#ifndef SCORELINE_LEDGER_H
#define SCORELINE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/text.h"

struct sl_ledger; /* a file under way */

/**
 * A ledger without records; its file is made with the first.
 *
 * Shapes:  fingerprint: what must be equal for records to be of use to another run.
 * Owner:   *out is handed over; sl_ledger_close() frees it.  Borrows path and fingerprint.
 * Errors:  SL_ENOMEM.
 * Ranks:   local, as all here.
 */
SL_MUST_CHECK sl_status sl_ledger_create(const char *path, const char *fingerprint,
                                         struct sl_ledger **out, struct sl_error *err);
void                    sl_ledger_close(struct sl_ledger *ledger); /* NULL-safe */

/** Append the result of a unit; it is on the disk some seconds later, if others follow.  SL_EOUTPUT
 *  naming the file. */
SL_MUST_CHECK sl_status sl_ledger_add(struct sl_ledger *ledger, int64_t unit,
                                      struct sl_slice result, struct sl_error *err);

/** All of it to the disk.  SL_EOUTPUT. */
SL_MUST_CHECK sl_status sl_ledger_sync(struct sl_ledger *ledger, struct sl_error *err);

/** The next whole record of that fingerprint among the bytes of a file, from *at on: false if there
 *  is none; what is behind one that does not verify is passed over.  *result is borrowed. */
bool sl_ledger_next(struct sl_slice file, const char *fingerprint, size_t *at, int64_t *unit,
                    struct sl_slice *result);

#endif
