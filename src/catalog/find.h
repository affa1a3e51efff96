/* Files that match a pattern.  Directories are listed once, however many patterns lead there.
 * Private to catalog. */
#ifndef SCORELINE_CATALOG_FIND_H
#define SCORELINE_CATALOG_FIND_H

#include "scoreline/bytes.h"

enum { SL_FINDER_SLOTS = 4096 };

struct sl_finder_place; /* a directory that was listed */

/* {0} has listed nothing. */
struct sl_finder {
    struct sl_finder_place *slots[SL_FINDER_SLOTS]; /* chains, by hash of the path */
};
void sl_finder_release(struct sl_finder *finder);

/** What a directory holds; listing is the finder's, valid until its release; SL_EINPUT. */
SL_MUST_CHECK sl_status sl_finder_list(struct sl_finder *finder, const char *path,
                                       const struct sl_bytes_listing **listing,
                                       struct sl_error                *err);

/* Paths found; each is freed with free(), unless somebody took it and left NULL. */
struct sl_paths {
    char **paths;
    size_t n;
    size_t capacity;
};
void sl_paths_release(struct sl_paths *paths);

/**
 * The files whose paths match a pattern, in byte order.
 *
 * A '*' behind the first n_plain bytes stands for any bytes but '/'; at the beginning of a name it
 * does not stand for a dot, as in a shell.  What is no file is passed over.
 *
 * Owner:   to is filled anew, and released by sl_paths_release(), also after an error.
 * Errors:  SL_EINPUT where a directory cannot be read, SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_finder_match(struct sl_finder *finder, const char *pattern,
                                        size_t n_plain, struct sl_paths *to, struct sl_error *err);

#endif
