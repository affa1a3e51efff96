/* What rank 0 tells of a run under way: a bar or lines on its notes, and status.json beside the
 * output, from a thread that wakes twice a second.  The work itself only counts. */
#ifndef SCORELINE_RUN_PROGRESS_H
#define SCORELINE_RUN_PROGRESS_H

#include <stdint.h>

#include "scoreline/error.h"

struct run;
struct run_progress; /* rank 0's; NULL elsewhere, which all here take for "nobody asks" */

/** Begin to tell; run->progress is freed by run_progress_end().  SL_ENOMEM. */
SL_MUST_CHECK sl_status run_progress_begin(struct run *run, struct sl_error *err);

/** A phase begins, of which nothing is known so far; its name is static. */
void run_progress_enter(struct run *run, const char *phase);

/** So many bytes are to be read, as one; and so many are, with these records in them. */
void run_progress_expect(struct run *run, int64_t n_bytes);
void run_progress_read(struct run *run, int64_t n_bytes, int64_t n_records);

/** The plan's chunks are to be done; SL_ENOMEM.  And a rank has done one of them, perhaps again. */
SL_MUST_CHECK sl_status run_progress_expect_chunks(struct run *run, struct sl_error *err);
void run_progress_chunk(struct run *run, int64_t chunk, int rank, int64_t n_rows);

/** So much is to be done of what is counted, "fits", as one, n_before of it by an earlier run; and so
 *  much is done.  What it is called is static. */
void run_progress_expect_count(struct run *run, const char *what, int64_t n, int64_t n_before);
void run_progress_count(struct run *run, int64_t n_done);

/** Draw no more: what follows is for people too.  NULL-safe, and may be repeated. */
void run_progress_hush(struct run *run);

/** End with a status and its error; the last word is left beside the output. */
void run_progress_end(struct run *run, sl_status rc, const struct sl_error *err);

#endif
