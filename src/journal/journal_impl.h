/* What a journal is, for the files that add to it and read from it. */
#ifndef SCORELINE_JOURNAL_IMPL_H
#define SCORELINE_JOURNAL_IMPL_H

#include <stdatomic.h>

#include "lane.h"
#include "record.h"

struct entry {
    struct sl_rows_chunk chunk;
    struct record_head   head;
    struct lane          lane; /* of an earlier run's file; not open: the journal's own */
    int64_t              at;   /* of the head in the stream */
};

struct sl_ticker; /* see scoreline/ticker.h */
struct sl_journal {
    struct lane           lane;
    struct lane_head      lane_head;
    int                   n_columns;
    int                   n_requests; /* columns that a record may lack */
    size_t                memory;
    double                opens_at;
    const struct sl_plan *plan;

    size_t               n_entries;
    size_t               entry_capacity;
    struct entry        *entries;
    size_t               width_capacity;
    uint32_t            *widths; /* [n_entries][n_columns] */
    struct record_pieces pieces; /* of the record that is being added */

    int64_t        n_written; /* bytes of the stream that are in the file */
    struct sl_text pending;   /* those behind them */
    size_t         n_settled; /* entries whose records are in the file */

    struct sl_ticker *syncer;  /* from the file's making on */
    atomic_int        fault;   /* errno of a sync that failed */
    atomic_bool       rests;   /* no more syncs in the background */
    atomic_llong      sync_us; /* that the longest one took */

    const struct sl_journal_old *old;
    struct lane                 *old_lanes; /* [old->n]; not open: not yet, or of no use */
    bool                        *tried;     /* [old->n] */
    struct sl_text               buffer;    /* of what is read to be verified */
};

/** The widths of entry i, [n_columns]. */
uint32_t *widths_of(const struct sl_journal *journal, size_t i);

/** Room for one more entry; SL_ENOMEM. */
SL_MUST_CHECK sl_status make_room(struct sl_journal *journal, struct sl_error *err);

/* The payload of an entry. */
struct payload {
    const struct sl_journal *journal;
    const struct lane       *lane;
    int64_t                  at; /* in the stream */
};
struct payload payload_of(const struct sl_journal *journal, const struct entry *entry);

/** The `read` of struct record_source: state is a struct payload. */
SL_MUST_CHECK sl_status payload_read(void *state, int64_t at, void *to, size_t n_bytes,
                                     struct sl_error *err);

#endif
