/* What rank 0 tells of a command under way: a bar or lines on its notes, and status.json beside the
 * output, from a thread that wakes twice a second.  The work itself only counts. */
#ifndef SCORELINE_RUN_PROGRESS_H
#define SCORELINE_RUN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/parts.h"
#include "scoreline/progress.h"

struct run_progress; /* rank 0's; NULL elsewhere, which all here take for "nobody asks" */

struct run_progress_spec {
    const char           *run_id; /* borrowed, as notes */
    double                began;  /* a moment of the clock */
    FILE                 *notes;  /* NULL: silence */
    enum sl_progress_form form;
    double                every_s; /* from line to line */
};

/** Begin to tell; *out is freed by run_progress_end().  SL_ENOMEM. */
SL_MUST_CHECK sl_status run_progress_begin(const struct sl_comm           *comm,
                                           const struct run_progress_spec *spec,
                                           struct run_progress **out, struct sl_error *err);

/** A phase begins, of which nothing is known so far; its name is static.  What is known lies in
 *  `parts` from now on, if that is not NULL. */
void run_progress_enter(struct run_progress *p, const char *phase, struct sl_parts *parts);

/** So many bytes are to be read or written, as one; and so many are, with these rows in them. */
void run_progress_expect(struct run_progress *p, int64_t n_bytes);
void run_progress_count(struct run_progress *p, int64_t n_bytes, int64_t n_rows);

/** Chunks of so many bytes in all are to be done; SL_ENOMEM. */
SL_MUST_CHECK sl_status run_progress_expect_chunks(struct run_progress *p, int64_t n_chunks,
                                                   int64_t n_bytes, struct sl_error *err);

/* A chunk that a rank has done. */
struct run_progress_chunk {
    int64_t chunk;
    int     rank;
    int64_t n_bytes;
    int64_t n_rows;
    bool    is_resumed; /* an earlier run did it */
};

/** Returns whether it is done for the first time. */
bool run_progress_chunk(struct run_progress *p, const struct run_progress_chunk *done);

/** So much is to be done of what is counted, "fits", as one, n_before of it by an earlier run:
 *  run_progress_count() counts these instead of bytes.  What it is called is static. */
void run_progress_expect_count(struct run_progress *p, const char *what, int64_t n,
                               int64_t n_before);

/** Draw no more: what follows is for people too.  May be repeated. */
void run_progress_hush(struct run_progress *p);

/** End with a status and its error; the last word is left beside the output. */
void run_progress_end(struct run_progress *p, sl_status rc, const struct sl_error *err);

#endif
