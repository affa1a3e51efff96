/* The life of an output: rank 0 builds its structure, all ranks fill in their rows (compressed
 * ones: packed.c), and only a file that is whole and on the disk gets its name. */
#include "scoreline/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hdf5.h"
#include "image.h"
#include "packed.h"
#include "scoreline/memory.h"
#include "temp_file.h"

struct sl_sink {
    const struct sl_comm *comm;
    char                 *path;
    char                 *temp;   /* NULL: there is no such file (any more) */
    int                   fd;     /* of temp, -1 if not open */
    struct sl_packed     *packed; /* NULL: rows are not compressed; else fd and temp are rank 0's */
    bool                  is_partial;
    struct sl_hdf5_rows  *rows;       /* not compressed: from the first write on */
    size_t                n_unsynced; /* bytes since the system was last told to write them */
};

enum { SYNC_BYTES = 32 << 20 };

static sl_status create_plain(struct sl_sink *sink, const struct sl_sink_spec *spec,
                              struct sl_error *err);
static sl_status create_packed(struct sl_sink *sink, const struct sl_sink_spec *spec,
                               struct sl_error *err);

static sl_status build(struct sl_sink *sink, const struct sl_sink_spec *spec, int64_t *n_bytes,
                       struct sl_error *err);
static sl_status share_name(struct sl_sink *sink, struct sl_error *err);
static sl_status join(struct sl_sink *sink, int64_t n_bytes, struct sl_error *err);

sl_status sl_sink_create(const struct sl_comm *comm, const struct sl_sink_spec *spec,
                         struct sl_sink **out, struct sl_error *err)
{
    struct sl_sink *sink = NULL;
    sl_status       rc;

    rc = sl_alloc_array(1, sizeof *sink, &sink, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    *sink = (struct sl_sink){.comm = comm, .fd = -1, .is_partial = spec->is_partial};
    SL_TRY(sl_comm_agree(comm, sl_copy_text(spec->path, &sink->path, err), err));
    if (spec->compress > 0 && spec->n_rows > 0)
        SL_TRY(create_packed(sink, spec, err));
    else
        SL_TRY(create_plain(sink, spec, err));
    *out = sink;
    sink = NULL;
out:
    if (rc == SL_EOUTPUT)
        sl_error_in(err, "cannot write '%s'", spec->path);
    sl_sink_close(sink);
    return rc;
}

static sl_status create_plain(struct sl_sink *sink, const struct sl_sink_spec *spec,
                              struct sl_error *err)
{
    const struct sl_comm *comm = sink->comm;
    int64_t               n_bytes = 0;
    sl_status             rc = SL_OK;

    if (sl_comm_rank(comm) == 0)
        rc = build(sink, spec, &n_bytes, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(share_name(sink, err));
    sl_comm_bcast_i64(comm, 0, &n_bytes, 1);
    SL_TRY(sl_comm_agree(comm, join(sink, n_bytes, err), err));
out:
    return rc;
}

/* Nobody knows yet how large it will be: a limit or a full disk shows when rows are written. */
static sl_status create_packed(struct sl_sink *sink, const struct sl_sink_spec *spec,
                               struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (sl_comm_rank(sink->comm) == 0)
        rc = sl_temp_create(spec->temp != NULL ? spec->temp : spec->path, &sink->temp, &sink->fd,
                            err);
    SL_TRY(sl_comm_agree(sink->comm, rc, err));
    SL_TRY(sl_packed_open(sink->comm, spec, sink->fd, &sink->packed, err));
out:
    return rc;
}

/* Rank 0: the structure, made in memory, copied to a new file that has all the room it needs. */
static sl_status build(struct sl_sink *sink, const struct sl_sink_spec *spec, int64_t *n_bytes,
                       struct sl_error *err)
{
    struct sl_image image = {.fd = -1};
    sl_status       rc;

    SL_TRY(sl_temp_check_limit(sl_hdf5_most_bytes(spec), err));
    SL_TRY(
        sl_temp_create(spec->temp != NULL ? spec->temp : spec->path, &sink->temp, &sink->fd, err));
    SL_TRY(sl_image_create(&image, err));
    SL_TRY(sl_hdf5_build(image.path, spec, err));
    SL_TRY(sl_image_copy(&image, sink->fd, n_bytes, err));
    SL_TRY(sl_temp_reserve(sink->fd, *n_bytes, err));
    if (close(sink->fd) != 0) /* network file systems then show it to others, or tell of quotas */
        rc = sl_fail(err, SL_EOUTPUT, "%s", strerror(errno));
    sink->fd = -1;
out:
    sl_image_close(&image);
    return rc;
}

static sl_status share_name(struct sl_sink *sink, struct sl_error *err)
{
    void     *name = sink->temp;
    size_t    n_bytes = name == NULL ? 0 : strlen(name) + 1;
    sl_status rc = sl_comm_bcast_bytes(sink->comm, &name, &n_bytes, err);

    sink->temp = name;
    return rc;
}

/* Every rank opens the file for itself before MPI-IO does: to tell who cannot see it and why, and
 * later to sync what it wrote. */
static sl_status join(struct sl_sink *sink, int64_t n_bytes, struct sl_error *err)
{
    int         rank = sl_comm_rank(sink->comm);
    struct stat file;
    sl_status   rc = sl_temp_check_limit(n_bytes, err);

    if (rc != SL_OK)
        return rc;
    sink->fd = open(sink->temp, O_RDWR | O_CLOEXEC);
    if (sink->fd < 0)
        return sl_fail(err, SL_EOUTPUT, "rank %d cannot open what rank 0 created: %s", rank,
                       strerror(errno));
    if (fstat(sink->fd, &file) != 0 || file.st_size != n_bytes)
        return sl_fail(err, SL_EOUTPUT, "rank %d sees another file than rank 0", rank);
    return SL_OK;
}

/* The disk works while rows are collected for the next write. */
static void begin_sync(struct sl_sink *sink, const struct sl_table *rows)
{
    for (int i = 0; i < rows->n_columns; i++)
        sink->n_unsynced += rows->n_rows * sl_column_bytes(&rows->columns[i]);
    if (sink->n_unsynced < SYNC_BYTES)
        return;
    sl_temp_begin_sync(sink->fd);
    sink->n_unsynced = 0;
}

sl_status sl_sink_write(struct sl_sink *sink, const struct sl_table *rows,
                        const struct sl_slab *slabs, size_t n_slabs, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (sink->packed != NULL) {
        rc = sl_packed_write(sink->packed, rows, slabs, n_slabs, err);
        goto out;
    }
    if (sink->rows == NULL)
        SL_TRY(sl_hdf5_rows_open(sink->comm, sink->temp, sink->fd, rows, &sink->rows, err));
    SL_TRY(sl_hdf5_rows_write(sink->rows, rows, slabs, n_slabs, err));
    begin_sync(sink, rows);
out:
    if (rc == SL_EOUTPUT)
        sl_error_in(err, "cannot write '%s'", sink->path);
    return rc;
}

sl_status sl_sink_commit(struct sl_sink *sink, const struct sl_table *late, struct sl_error *err)
{
    bool      is_root = sl_comm_rank(sink->comm) == 0;
    sl_status rc = SL_OK;

    if (sink->packed != NULL)
        SL_TRY(sl_packed_finish(sink->packed, err));
    rc = sl_hdf5_rows_close(sink->rows, err);
    sink->rows = NULL;
    if (rc != SL_OK)
        goto out;
    if (is_root)
        rc = sl_hdf5_finish(sink->temp, late, !sink->is_partial, err);
    if (rc == SL_OK && sink->fd >= 0 && fsync(sink->fd) != 0)
        rc = sl_fail(err, SL_EOUTPUT, "cannot sync: %s", strerror(errno));
    SL_TRY(sl_comm_agree(sink->comm, rc, err));
    if (is_root)
        rc = sl_temp_publish(sink->temp, sink->path, sink->fd, err);
    SL_TRY(sl_comm_agree(sink->comm, rc, err));
    free(sink->temp);
    sink->temp = NULL;
out:
    if (rc == SL_EOUTPUT)
        sl_error_in(err, "cannot write '%s'", sink->path);
    return rc;
}

sl_status sl_sink_save(const struct sl_sink_spec *spec, struct sl_error *err)
{
    const struct sl_slab all = {.n_rows = spec->n_rows};
    struct sl_sink      *sink = NULL;
    sl_status            rc;

    SL_TRY(sl_sink_create(sl_comm_self(), spec, &sink, err));
    SL_TRY(sl_sink_write(sink, spec->rows, &all, 1, err));
    rc = sl_sink_commit(sink, NULL, err);
out:
    sl_sink_close(sink);
    return rc;
}

void sl_sink_close(struct sl_sink *sink)
{
    struct sl_error ignored;

    if (sink == NULL)
        return;
    if (sl_hdf5_rows_close(sink->rows, &ignored) != SL_OK)
        sink->rows = NULL; /* it is being thrown away */
    sl_packed_close(sink->packed);
    if (sink->fd >= 0)
        close(sink->fd);
    if (sink->temp != NULL && sl_comm_rank(sink->comm) == 0)
        unlink(sink->temp);
    free(sink->temp);
    free(sink->path);
    free(sink);
}
