/* A file that several processes write at once, each a stream of its own: stripes are dealt in turn,
 * so that nobody has to ask where to write.  Behind a lane's end its stripes are holes. */
#ifndef SCORELINE_JOURNAL_LANE_H
#define SCORELINE_JOURNAL_LANE_H

#include "scoreline/journal.h"

enum { LANE_HEAD_BYTES = 4096, LANE_STRIPE_BYTES = 4 << 20, LANE_MOST = 1 << 16 };

/* Where in the file a lane's first byte lies; if it ends before, that and later lanes are empty. */
static inline int64_t lane_begin(int32_t lane)
{
    return LANE_HEAD_BYTES + (int64_t)lane * LANE_STRIPE_BYTES;
}

struct lane {
    const char *path; /* borrowed */
    int         fd;   /* -1: not open */
    int32_t     lane;
    int32_t     n_lanes;
};

/* What the first bytes of a file say; written by every lane, the same. */
struct lane_head {
    uint64_t                   magic;
    uint32_t                   version;
    uint32_t                   crc; /* of what follows */
    int32_t                    n_lanes;
    int32_t                    n_columns;
    uint64_t                   n_counts;
    uint64_t                   row_bytes; /* of all cells of a row */
    struct sl_journal_identity identity;
    char                       padding[6];
};

/** What the head of a journal's files says. */
struct lane_head lane_head(const struct sl_journal_spec *spec, const struct sl_rows *rows);

/** Whether rows of two files are alike, and of one run. */
bool lane_heads_agree(const struct lane_head *a, const struct lane_head *b);

/** Create the file, or open the one that another lane created, and write its head; SL_EOUTPUT. */
SL_MUST_CHECK sl_status lane_create(struct lane *lane, const struct lane_head *head,
                                    struct sl_error *err);

/**
 * Open a file that an earlier run made, to be read.
 *
 * Owner:   lane->fd is closed by the caller; it is -1 where the file is none of ours, or a link.
 * Errors:  SL_EOUTPUT naming the file: it cannot be read.
 */
SL_MUST_CHECK sl_status lane_open(struct lane *lane, struct lane_head *head, int64_t *n_bytes,
                                  struct sl_error *err);

/** Write bytes at an offset of the lane; SL_EOUTPUT naming the file. */
SL_MUST_CHECK sl_status lane_write(const struct lane *lane, int64_t at, const void *data,
                                   size_t n_bytes, struct sl_error *err);

/** Read bytes at an offset of the lane, fewer at the file's end; SL_EOUTPUT naming the file. */
SL_MUST_CHECK sl_status lane_read(const struct lane *lane, int64_t at, void *data, size_t n_bytes,
                                  size_t *n_read, struct sl_error *err);

#endif
