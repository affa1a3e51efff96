/* How far a run is, for those who wait: what rank 0 knows of it at a moment, as a line, a bar, and
 * as the JSON that lies beside the output while it is made. */
#ifndef SCORELINE_PROGRESS_H
#define SCORELINE_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#include "scoreline/error.h"
#include "scoreline/json.h"

enum sl_progress_form { SL_PROGRESS_AUTO, SL_PROGRESS_BAR, SL_PROGRESS_PLAIN, SL_PROGRESS_NONE };

/* What one rank has done, as far as rank 0 has heard. */
struct sl_progress_rank {
    int64_t n_chunks;
    int64_t n_bytes;
    int64_t n_rows;
    double  silent_s; /* since it was last heard of */
};

struct sl_progress {
    const char                    *phase;   /* "train", "score", ... */
    double                         phase_s; /* how long it has taken so far */
    int64_t                        n_chunks_done;
    int64_t                        n_chunks; /* 0: the phase has none */
    const char                    *counted; /* what bytes stand for: "fits"; NULL: bytes */
    int64_t                        n_bytes_done;
    int64_t                        n_bytes; /* 0: how much there is to do is not known */
    int64_t                        n_rows;
    double                         bytes_per_s; /* of this run, whatever an earlier one did */
    double                         rows_per_s;
    double                         left_s;  /* negative: not known */
    int                            n_ranks; /* 0 where they are not told apart */
    const struct sl_progress_rank *ranks;   /* [n_ranks]; borrowed */
    int                            slowest; /* rank that has done least, -1: none is known */
    struct sl_progress_rank        least;   /* what it has done */
};

/** Rates, time left and the slowest rank from the rest.  n_bytes_before of n_bytes_done were done
 * by an earlier run. */
void sl_progress_finish(struct sl_progress *progress, int64_t n_bytes_before);

/** One line of text: phase, percent, chunks, rates, time left; no line end. */
void sl_report_progress(FILE *to, const struct sl_progress *progress);

/** The same as a bar that is drawn over the one before it; and nothing in its place. */
void sl_report_progress_bar(FILE *to, const struct sl_progress *progress);
void sl_report_progress_clear(FILE *to);

/** The slowest rank, behind either: ", slowest rank 3: 1.2 MB, silent for 5 s"; nothing if none is
 *  known. */
void sl_report_slowest(FILE *to, const struct sl_progress *progress);

/** Into an object, and back: but for the ranks, and the phase lives as long as the JSON. SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_progress_to_json(const struct sl_progress *progress, struct sl_json *to,
                                            struct sl_error *err);
void sl_progress_from_json(const struct sl_json *from, struct sl_progress *progress);

#endif
