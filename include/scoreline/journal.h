/* Chunks that are done: records one behind the other, the last of them in memory, from some moment
 * on all in a file, so that a run takes the same memory whatever it scores, and what was done
 * survives the process. */
#ifndef SCORELINE_JOURNAL_H
#define SCORELINE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/plan.h"
#include "scoreline/rows.h"

struct sl_journal; /* one rank's */

enum { SL_JOURNAL_HASH = 17 }; /* 16 digits and a NUL */

/* What files of one journal have in common, by which they are known to be its own. */
struct sl_journal_identity {
    char fingerprint[SL_JOURNAL_HASH]; /* of the job, whatever its inputs are */
    char model[SL_JOURNAL_HASH];       /* what rows were scored with */
};

/* Files that earlier runs left, and where in them records are that a plan's chunks name. */
struct sl_journal_place {
    int32_t file; /* of sl_journal_old */
    int32_t lane;
    int64_t at;
};
struct sl_journal_old {
    size_t                   n;
    char                   **paths; /* [n] */
    size_t                   n_places;
    struct sl_journal_place *places; /* [n_places], those of chunks with `resumed` 1, 2, ... */
};

/* The ranks of a node share a file, in which each has its own stripes. */
struct sl_journal_spec {
    const char                  *path; /* of the file, which is made when it is needed; borrowed */
    struct sl_journal_identity   identity;
    int32_t                      lane; /* of n_lanes, as many as ranks share it */
    int32_t                      n_lanes;
    size_t                       memory;   /* bytes of records that may be kept in memory */
    double                       opens_at; /* sl_clock_now() from which on none are */
    const struct sl_plan        *plan;     /* likewise: what its chunks are of */
    const struct sl_journal_old *old;      /* borrowed until the journal is closed */
};

/**
 * An empty journal of rows that are like `rows`.
 *
 * Owner:   *out is handed over; sl_journal_close() frees it.  Borrows spec->path.
 * Errors:  SL_ENOMEM.
 * Ranks:   local, as all here.
 */
SL_MUST_CHECK sl_status sl_journal_create(const struct sl_journal_spec *spec,
                                          const struct sl_rows *rows, struct sl_journal **out,
                                          struct sl_error *err);
void                    sl_journal_close(struct sl_journal *journal); /* NULL-safe */

/**
 * Keep the chunk that `rows` holds.  A chunk may be kept again: the later record counts.
 *
 * Errors:  SL_EOUTPUT naming the file and the system's reason; SL_ENOMEM.
 * Cost:    a copy of its bytes, their checksum where they go to the file.
 */
SL_MUST_CHECK sl_status sl_journal_add(struct sl_journal *journal, const struct sl_chunk *cut,
                                       const struct sl_rows *rows, struct sl_error *err);

/**
 * Take up the record that a chunk of the plan names, if it is whole.
 *
 * Shapes:  begin: where the chunk is known to begin, or -1.
 * Errors:  SL_ENOMEM.  A record that cannot be read, does not verify, is of other rows or begins
 *          elsewhere is not taken up: *taken says so, and the chunk has to be done.
 * Cost:    its bytes are read once, for their checksum.
 */
SL_MUST_CHECK sl_status sl_journal_adopt(struct sl_journal *journal, const struct sl_chunk *cut,
                                         int64_t chunk, int64_t begin, bool *taken,
                                         struct sl_error *err);

/** Everything that is in memory goes to the file, and the file to the disk, at the end of a run:
 * from here on nothing is synced in the background.  SL_EOUTPUT. */
SL_MUST_CHECK sl_status sl_journal_sync(struct sl_journal *journal, struct sl_error *err);

/** Nothing is added any more: from here on nothing is synced in the background, which would hold up
 * the output for what is about to be removed.  NULL: nothing. */
void sl_journal_rest(struct sl_journal *journal);

/** Seconds that the longest sync took so far, of those in the background too; no journal: 0. */
double sl_journal_sync_s(const struct sl_journal *journal);

/** The records, in the order they came; texts as wide as the longest of each column. */
size_t                      sl_journal_n(const struct sl_journal *journal);
const struct sl_rows_chunk *sl_journal_chunk(const struct sl_journal *journal, size_t i);
/** Make widths [n_columns] at least those of the texts of record i; 0 stays where there are none.
 */
void sl_journal_widen(const struct sl_journal *journal, size_t i, int64_t *widths);

/**
 * Cut a plan anew so that what files of `old` say is done becomes chunks that name their record.
 *
 * Shapes:  old->paths [n]; n_columns of the table of rows.
 * Owner:   *places [*n_places] is handed over, freed with free(); the plan's chunks are replaced.
 * Errors:  SL_EOUTPUT where a file cannot be read; SL_ENOMEM.  Files of another identity, links,
 *          and what is behind the first record that is not whole are passed over.
 * Cost:    a read for each record's head.
 */
SL_MUST_CHECK sl_status sl_journal_replay(const struct sl_journal_old      *old,
                                          const struct sl_journal_identity *identity, int n_columns,
                                          struct sl_plan *plan, struct sl_journal_place **places,
                                          size_t *n_places, struct sl_error *err);

/* What is read back of a record. */
enum sl_journal_part {
    SL_JOURNAL_COUNTS,  /* into rows->counts, in place of what is there */
    SL_JOURNAL_REJECTS, /* into rows->rejects, likewise */
    SL_JOURNAL_SCORES,  /* all columns but the kept ones, behind the table's rows */
    SL_JOURNAL_ROWS,    /* those and what was kept */
};

/**
 * Read a part of record i.
 *
 * Shapes:  rows is like those that were added; n_rows of the table grows by those of the chunk.
 *          Columns that are not read have room, and no values.
 * Errors:  SL_EOUTPUT naming the file: it cannot be read, or does not hold what was written;
 *          SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_journal_read(struct sl_journal *journal, size_t i,
                                        enum sl_journal_part part, struct sl_rows *rows,
                                        struct sl_error *err);

#endif
