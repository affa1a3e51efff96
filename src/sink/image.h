/* A file in memory, in which the structure of an output is built before a disk is touched. */
#ifndef SCORELINE_SINK_IMAGE_H
#define SCORELINE_SINK_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

enum { SL_IMAGE_PATH_BYTES = 64 };

/* Bytes [begin, end) of the file. */
struct sl_image_range {
    int64_t begin;
    int64_t end;
};

struct sl_image {
    int                    fd;                        /* -1: none */
    char                   path[SL_IMAGE_PATH_BYTES]; /* opens it, while fd is open */
    size_t                 n_left_out;
    size_t                 capacity;
    struct sl_image_range *left_out; /* not to be copied */
};

/** An empty file in memory; sl_image_close() frees it.  Rank-local, as all here. */
SL_MUST_CHECK sl_status sl_image_create(struct sl_image *image, struct sl_error *err);

/** No image is {.fd = -1}, and fine. */
void sl_image_close(struct sl_image *image);

/** Bytes that are where they belong by other ways: sl_image_copy() passes them over, and their
 *  memory is given back, so that they read as anything.  SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_image_leave_out(struct sl_image *image, int64_t begin, int64_t end,
                                           struct sl_error *err);

/**
 * Copy what was written to the image, holes left out, and give `to` its size.
 *
 * Errors:  SL_EOUTPUT with the system's reason.
 */
SL_MUST_CHECK sl_status sl_image_copy(struct sl_image *image, int to, int64_t *n_bytes,
                                      struct sl_error *err);

#endif
