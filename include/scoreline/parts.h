/* OUT.h5.parts: what a run keeps until its output is there.  One run at a time has it: a lock,
 * whose holder beats like a heart, sees to that. */
#ifndef SCORELINE_PARTS_H
#define SCORELINE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "scoreline/error.h"
#include "scoreline/text.h"

/* Small files in it. */
#define SL_PARTS_MANIFEST "journal.json"
#define SL_PARTS_MODEL    "model.json"
#define SL_PARTS_STATUS   "status.json"

/** Append the path of what is called `name` in the directory of an output, "" being itself;
 *  SL_ENOMEM.  On any rank. */
SL_MUST_CHECK sl_status sl_parts_locate(const char *output, const char *name, struct sl_text *to,
                                        struct sl_error *err);

struct sl_parts; /* the directory, locked by this run */

/**
 * Make the directory of an output if it is not there, and lock it.  The lock of a process that died
 * on this host is stale at once, that of another host when its heart has not beaten for some time,
 * which is waited for.
 *
 * Owner:   *out is handed over; sl_parts_close() frees it.
 * Errors:  SL_EOUTPUT: it cannot be made, is no directory, or a live run has it, which is named;
 *          SL_ENOMEM.
 * Ranks:   rank 0, as all here.
 */
SL_MUST_CHECK sl_status sl_parts_open(const char *output, const char *run_id, struct sl_parts **out,
                                      struct sl_error *err);

/* What becomes of what is in it. */
enum sl_parts_end {
    SL_PARTS_REMOVE,       /* it is of no use any more */
    SL_PARTS_KEEP_JOURNAL, /* it stays if there is a journal */
    SL_PARTS_KEEP,         /* it stays */
};

/** Unlock it.  What is removed is ours alone; the directory goes if nothing else is in it.
 *  NULL-safe. */
void sl_parts_close(struct sl_parts *parts, enum sl_parts_end end);

/** PATH of it; borrowed. */
const char *sl_parts_path(const struct sl_parts *parts);

/** Names of the journal's files, in byte order; *names [*n] and each are freed with
 *  sl_parts_free_names(). */
SL_MUST_CHECK sl_status sl_parts_list(const struct sl_parts *parts, char ***names, size_t *n,
                                      struct sl_error *err);
void                    sl_parts_free_names(char **names, size_t n);

/**
 * A small file of it, NUL behind it; *text is NULL where there is none or it is a link.
 *
 * Owner:   *text is handed over, freed with free().
 * Errors:  SL_EOUTPUT naming it: unreadable, or longer than most_bytes; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_parts_read(const struct sl_parts *parts, const char *name,
                                      size_t most_bytes, char **text, size_t *n_bytes,
                                      struct sl_error *err);

/** Write one, whole or not at all, in the place of what bears its name.  It reaches the disk a
 *  second later, if it is still there then.  SL_EOUTPUT naming it. */
SL_MUST_CHECK sl_status sl_parts_save(struct sl_parts *parts, const char *name, const void *data,
                                      size_t n_bytes, struct sl_error *err);

/** The same for what nobody needs any more when the run is over: it is never synced.  Other threads
 *  may do it meanwhile, with other names. */
SL_MUST_CHECK sl_status sl_parts_show(struct sl_parts *parts, const char *name, const void *data,
                                      size_t n_bytes, struct sl_error *err);

/** Remove journal and small files; the lock stays.  SL_EOUTPUT naming what cannot be removed. */
SL_MUST_CHECK sl_status sl_parts_clear(struct sl_parts *parts, struct sl_error *err);

#endif
