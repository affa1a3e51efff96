/* Byte ranges in: where data lies, hidden from who reads it. */
#ifndef SCORELINE_BYTES_H
#define SCORELINE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

struct sl_bytes; /* an open file */

struct sl_bytes_info {
    int64_t n_bytes;
    int64_t mtime_ns; /* last change, since 1970 */
};

/**
 * Size and time of a file without opening it.
 *
 * Errors:  SL_EINPUT naming the path and the reason (absent, unreadable, a directory).
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_bytes_stat(const char *path, struct sl_bytes_info *info,
                                      struct sl_error *err);

/** The same, but a file that is not there is no error: *found says so. */
SL_MUST_CHECK sl_status sl_bytes_find(const char *path, struct sl_bytes_info *info, bool *found,
                                      struct sl_error *err);

enum sl_bytes_kind { SL_BYTES_FILE, SL_BYTES_DIRECTORY, SL_BYTES_OTHER };
struct sl_bytes_entry {
    const char        *name;
    size_t             n_bytes; /* of the name */
    enum sl_bytes_kind kind;    /* of what a link leads to */
};

/* What a directory holds, in byte order of the names; "." and ".." left out. */
struct sl_bytes_listing {
    size_t                 n;
    struct sl_bytes_entry *entries; /* [n] */
    char                  *names;
};

/**
 * List a directory; one that is not there holds nothing.
 *
 * Owner:   listing is released by sl_bytes_listing_release().
 * Errors:  SL_EINPUT naming the path and the reason; SL_ENOMEM.
 * Ranks:   local.  Cost: one stat for each link.
 */
SL_MUST_CHECK sl_status sl_bytes_list(const char *path, struct sl_bytes_listing *listing,
                                      struct sl_error *err);
void                    sl_bytes_listing_release(struct sl_bytes_listing *listing);

/** Open for reading; *out is freed by sl_bytes_close(); SL_EINPUT, SL_ENOMEM.  Rank-local. */
SL_MUST_CHECK sl_status sl_bytes_open(const char *path, struct sl_bytes **out,
                                      struct sl_error *err);
void                    sl_bytes_close(struct sl_bytes *bytes);

/**
 * Read up to `n_bytes` at `offset` into `to`; *n_read is less only at the end of the file.
 *
 * Errors:  SL_EINPUT naming the path.  Short reads and EINTR are taken care of.
 */
SL_MUST_CHECK sl_status sl_bytes_read(struct sl_bytes *bytes, int64_t offset, size_t n_bytes,
                                      char *to, size_t *n_read, struct sl_error *err);

/** The whole of a small file (at most max_bytes), NUL-terminated; *out is freed with free(). */
SL_MUST_CHECK sl_status sl_bytes_slurp(const char *path, size_t max_bytes, char **out,
                                       size_t *n_bytes, struct sl_error *err);

#endif
