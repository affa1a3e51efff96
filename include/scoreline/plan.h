/* What is to be read: partitions, and the chunks they are cut into.  Values of the data module. */
#ifndef SCORELINE_PLAN_H
#define SCORELINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

struct sl_partition {
    char   *name;   /* the key values, joined by '/' */
    char  **values; /* [n_keys] */
    char   *path;   /* of its file, as the program opens it */
    int64_t n_bytes;
    int64_t mtime_ns;
    bool    trained_on;
};

/* A byte range of one file.  The records that begin in it are the chunk's. */
struct sl_chunk {
    int32_t partition; /* index into the plan */
    int64_t first_byte;
    int64_t end_byte; /* one past the last */
};

struct sl_plan {
    int                  n_keys;
    char               **keys; /* [n_keys] */
    int                  n_partitions;
    struct sl_partition *partitions; /* in job order */
    int64_t              n_chunks;
    struct sl_chunk     *chunks; /* in order of partition, then of byte */
};

/** Free what a plan holds; it is {0} again. */
void sl_plan_release(struct sl_plan *plan);

/** The bytes of all its partitions. */
int64_t sl_plan_bytes(const struct sl_plan *plan);

/** A plan as one block of bytes for broadcasting; *data is freed with free(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_plan_pack(const struct sl_plan *plan, void **data, size_t *n_bytes,
                                     struct sl_error *err);
/** The plan that sl_plan_pack() packed; released by sl_plan_release(); SL_ENOMEM, SL_EBUG. */
SL_MUST_CHECK sl_status sl_plan_unpack(const void *data, size_t n_bytes, struct sl_plan *plan,
                                       struct sl_error *err);

#endif
