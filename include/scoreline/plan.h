/* What is to be read: partitions, and the chunks they are cut into.  Values of the data module. */
#ifndef SCORELINE_PLAN_H
#define SCORELINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

struct sl_file {
    char   *path; /* as the program opens it */
    int64_t n_bytes;
    int64_t mtime_ns;
    int64_t first_byte; /* of it in its partition, whose files are laid end to end */
};

struct sl_partition {
    char   *name;       /* the key values, joined by '/' */
    char  **values;     /* [n_keys] */
    char   *source;     /* the path of its file, or the pattern with '*' that its files match */
    int32_t first_file; /* into the plan's files; the others follow, in byte order of their paths */
    int32_t n_files;
    int64_t n_bytes; /* of all its files */
    int32_t index;   /* its place among all partitions of the selection, those left out by --only
                        counted too */
    bool     trained_on;
    uint64_t input; /* fingerprint of its files; 0: not known */
};

/* A byte range of one file.  The records that begin in it are the chunk's. */
struct sl_chunk {
    int32_t partition; /* index into the plan */
    int32_t file;      /* index into the plan */
    int64_t first_byte;
    int64_t end_byte;  /* one past the last; both count within the file */
    bool    scan_only; /* before a shard: read to know where the next one begins, nothing is kept */
    int64_t resumed;   /* number of the record that an earlier run left of it, from 1; 0: none */
};

struct sl_plan {
    int                  n_keys;
    char               **keys; /* [n_keys] */
    int                  n_partitions;
    struct sl_partition *partitions; /* in job order */
    int32_t              n_all;      /* partitions of the selection, before --only */
    char                *names; /* of all of those, one a line; where it was listed, not packed */
    int32_t              n_files;
    struct sl_file      *files; /* in order of partition */
    int64_t              n_chunks;
    struct sl_chunk     *chunks; /* in order of file, then of byte */
};

/** Free what a plan holds; it is {0} again. */
void sl_plan_release(struct sl_plan *plan);
/** Free the texts of one partition. */
void sl_partition_release(struct sl_partition *partition, int n_keys);

/** Take the last partition and its files, which are the last ones, off a plan without chunks. */
void sl_plan_drop_last(struct sl_plan *plan);

/** The bytes of its chunks, less those that are only scanned. */
int64_t sl_plan_bytes(const struct sl_plan *plan);

/** The files of its partitions. */
int64_t sl_plan_n_files(const struct sl_plan *plan);

/** A plan as one block of bytes for broadcasting; *data is freed with free(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_plan_pack(const struct sl_plan *plan, void **data, size_t *n_bytes,
                                     struct sl_error *err);
/** The plan that sl_plan_pack() packed; released by sl_plan_release(); SL_ENOMEM, SL_EBUG. */
SL_MUST_CHECK sl_status sl_plan_unpack(const void *data, size_t n_bytes, struct sl_plan *plan,
                                       struct sl_error *err);

#endif
