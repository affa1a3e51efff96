/* --summary FILE: what a command tells programs of its end, whichever end that was. */
#ifndef SCORELINE_RUN_SUMMARY_H
#define SCORELINE_RUN_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/json.h"

/* What every summary begins with. */
struct summary_head {
    const char *command; /* the command line */
    const char *job;     /* its name; NULL: not known, or there is none */
    const char *output;  /* NULL: not known */
    const char *began;   /* date */
    int         n_ranks;
    bool        already_complete; /* there was nothing to do */
};

struct run_count {
    const char *name;
    int64_t     value;
};

/** Begin one, of a command that ended so; more is added to its root.  *doc is closed with
 *  sl_json_close().  SL_ENOMEM. */
SL_MUST_CHECK sl_status summary_begin(const struct summary_head *head, sl_status ended,
                                      const struct sl_error *why, struct sl_json_doc **doc,
                                      struct sl_error *err);

SL_MUST_CHECK sl_status summary_add_counts(struct sl_json *to, const struct run_count *counts,
                                           size_t n, struct sl_error *err);

/** Whole or not at all, in the place of an earlier summary; SL_EOUTPUT naming the path. */
SL_MUST_CHECK sl_status summary_save(const struct sl_json_doc *doc, const char *path,
                                     struct sl_error *err);

/** SL_EOUTPUT where something else than an earlier summary, or an empty file, bears its name: a run
 *  that fails before it knows its inputs must not write over one of them. */
SL_MUST_CHECK sl_status summary_check(const char *path, struct sl_error *err);

/** A second status beside that of the command: the first that is a fault counts, and *err has both
 *  messages, unless its own speaks of `subject` already. */
sl_status summary_settle(sl_status rc, sl_status second, const char *subject,
                         const struct sl_error *fault, struct sl_error *err);

#endif
