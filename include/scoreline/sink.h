/* Rows out: one file, whole or absent, written by all ranks together. */
#ifndef SCORELINE_SINK_H
#define SCORELINE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/table.h"

struct sl_sink; /* an output being written */

/* A text of the root group or of /provenance. */
struct sl_named_text {
    const char *name;
    const char *text;
};

/* Where a run of rows goes in the distributed table: rows [from, from + n_rows) of the rank's table
 * become rows [to, to + n_rows) of the file's. */
struct sl_slab {
    size_t  from;
    int64_t to;
    int64_t n_rows;
};

/* What the file will hold, the same on every rank but where it says "rank 0". */
struct sl_sink_spec {
    const char                 *path;
    const char                 *temp; /* what it is called until it is whole begins so; NULL: as path,
                                         which is of the same file system */
    const struct sl_named_text *attributes; /* of the root group; scoreline_format and complete are
                                               added; beyond 32 KiB a text is cut */
    int                         n_attributes;
    const struct sl_named_text *provenance; /* scalar datasets of /provenance */
    int                         n_provenance;
    const struct sl_table      *tables; /* small ones, rows on rank 0 only */
    int                         n_tables;
    const struct sl_table      *rows; /* the distributed table: names and dtypes on every rank */
    const int64_t              *widths; /* [rows->n_columns] of texts, agreed over ranks */
    int64_t                     n_rows; /* in the file */
    int                         compress; /* rows: 0 as they are, 1 to 9 deflated */
    bool                        is_partial; /* `complete` is to stay 0 */
};

/**
 * Create a temporary file beside spec->path with all groups, tables and attributes, and room for the
 * distributed table.
 *
 * Owner:   *out is handed over to every rank, or to none; sl_sink_close() frees it.  Borrows comm
 *          until then.
 * Errors:  SL_EOUTPUT naming path and reason; the same on every rank.  A full disk and a file size
 *          limit show here already, where the file system can reserve blocks and rows are not
 *          compressed.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_sink_create(const struct sl_comm *comm, const struct sl_sink_spec *spec,
                                       struct sl_sink **out, struct sl_error *err);

/**
 * Write this rank's rows; slabs [n_slabs] in ascending `to`.  May be called again with other rows;
 * before the commit every row of the file must have been written, once.
 *
 * Errors:  SL_EOUTPUT naming path, column and reason; SL_ENOMEM; the same on every rank.
 * Ranks:   collective.  SIGXFSZ must be ignored, else a file size limit kills.
 * Cost:    a write for each run of rows that is contiguous in memory and file.  Compressed rows go
 *          to the rank that compresses their block, at most 16 MiB, and through rank 0 to the disk.
 */
SL_MUST_CHECK sl_status sl_sink_write(struct sl_sink *sink, const struct sl_table *rows,
                                      const struct sl_slab *slabs, size_t n_slabs,
                                      struct sl_error *err);

/**
 * Mark the file complete, if it is to be, close it, sync it and its directory, give it its name.
 *
 * Shapes:  late: one of the spec's tables, whose numbers are now others than when the sink was
 *          created; those of rank 0 are written.  NULL: none is.
 * Errors:  SL_EOUTPUT naming path and reason; the same on every rank.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_sink_commit(struct sl_sink *sink, const struct sl_table *late,
                                       struct sl_error *err);

/** All of it by one process: the file that spec describes, with spec->rows in it; errors as above.
 */
SL_MUST_CHECK sl_status sl_sink_save(const struct sl_sink_spec *spec, struct sl_error *err);

/** Free a sink; what was not committed is removed.  Collective; NULL-safe. */
void sl_sink_close(struct sl_sink *sink);

/* What stands at an output path. */
enum sl_output_state {
    SL_OUTPUT_ABSENT,
    SL_OUTPUT_COMPLETE,
    SL_OUTPUT_PARTIAL, /* ours, with partitions left out */
    SL_OUTPUT_FOREIGN
};

/**
 * Look at an output: absent, ours (its attribute `fingerprint` is then copied to out), complete or
 * partial, or something else.
 *
 * Ranks:   local.
 */
enum sl_output_state sl_sink_look(const char *path, char *fingerprint, size_t out_bytes);

/** Whether a file can be created beside `path`; SL_EOUTPUT naming the directory if not.  Local. */
SL_MUST_CHECK sl_status sl_sink_probe(const char *path, struct sl_error *err);

#endif
