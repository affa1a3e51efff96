/* Large files out, by way of a buffer and a temporary name. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_internal.h"
#include "scoreline/file.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

enum { BUFFER_BYTES = 1 << 20 };

struct sl_file_out {
    char          *path;
    struct sl_text temp; /* empty: the standard output */
    int            fd;
    size_t         n_bytes; /* in the buffer */
    char          *buffer;  /* [BUFFER_BYTES] */
};

static sl_status write_failed(const struct sl_file_out *file, int fault, struct sl_error *err)
{
    return sl_fail(err, SL_EOUTPUT, "cannot write '%s': %s", file->path, strerror(fault));
}

static void file_free(struct sl_file_out *file)
{
    sl_text_release(&file->temp);
    free(file->path);
    free(file->buffer);
    free(file);
}

static sl_status open_temp(struct sl_file_out *file, struct sl_error *err)
{
    sl_status rc;

    if (strcmp(file->path, "-") == 0) {
        file->fd = STDOUT_FILENO;
        return SL_OK;
    }
    rc = sl_text_add(&file->temp, err, "%s.XXXXXX", file->path);
    if (rc != SL_OK)
        return rc;
    file->fd = mkstemp(file->temp.data);
    if (file->fd < 0) {
        sl_text_release(&file->temp);
        return write_failed(file, errno, err);
    }
    return SL_OK;
}

sl_status sl_file_out_create(const char *path, struct sl_file_out **out, struct sl_error *err)
{
    struct sl_file_out *file = NULL;
    sl_status           rc;

    SL_TRY(sl_alloc_array(1, sizeof *file, &file, err));
    file->fd = -1;
    SL_TRY(sl_copy_text(path, &file->path, err));
    SL_TRY(sl_alloc_array(BUFFER_BYTES, 1, &file->buffer, err));
    SL_TRY(open_temp(file, err));
    *out = file;
    file = NULL;
out:
    sl_file_out_abandon(file);
    return rc;
}

static sl_status write_all(struct sl_file_out *file, const char *data, size_t n_bytes,
                           struct sl_error *err)
{
    while (n_bytes > 0) {
        ssize_t n = write(file->fd, data, n_bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return write_failed(file, errno, err);
        data += n;
        n_bytes -= (size_t)n;
    }
    return SL_OK;
}

static sl_status flush(struct sl_file_out *file, struct sl_error *err)
{
    size_t n_bytes = file->n_bytes;

    file->n_bytes = 0;
    return write_all(file, file->buffer, n_bytes, err);
}

sl_status sl_file_out_room(struct sl_file_out *file, size_t n_bytes, char **to,
                           struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (n_bytes > SL_FILE_OUT_ROOM)
        return sl_fail(err, SL_EBUG, "file: room for %zu bytes", n_bytes);
    if (BUFFER_BYTES - file->n_bytes < n_bytes)
        rc = flush(file, err);
    *to = file->buffer + file->n_bytes;
    return rc;
}

void sl_file_out_wrote(struct sl_file_out *file, size_t n_bytes)
{
    file->n_bytes += n_bytes;
}

sl_status sl_file_out_add(struct sl_file_out *file, const void *data, size_t n_bytes,
                          struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (BUFFER_BYTES - file->n_bytes < n_bytes)
        rc = flush(file, err);
    if (rc != SL_OK || n_bytes == 0)
        return rc;
    if (n_bytes > BUFFER_BYTES)
        return write_all(file, data, n_bytes, err);
    memcpy(file->buffer + file->n_bytes, data, n_bytes);
    file->n_bytes += n_bytes;
    return SL_OK;
}

static sl_status publish(struct sl_file_out *file, struct sl_error *err)
{
    int fault = file_make_public(file->fd) != 0 || fsync(file->fd) != 0 ? errno : 0;

    if (close(file->fd) != 0 && fault == 0)
        fault = errno;
    file->fd = -1;
    if (fault == 0 && rename(file->temp.data, file->path) != 0)
        fault = errno;
    if (fault != 0)
        return write_failed(file, fault, err);
    sl_text_release(&file->temp); /* there is nothing to remove any more */
    return SL_OK;
}

sl_status sl_file_out_commit(struct sl_file_out *file, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(flush(file, err));
    if (file->temp.data != NULL)
        SL_TRY(publish(file, err));
out:
    sl_file_out_abandon(file);
    return rc;
}

void sl_file_out_abandon(struct sl_file_out *file)
{
    if (file == NULL)
        return;
    if (file->temp.data != NULL) {
        if (file->fd >= 0)
            close(file->fd);
        unlink(file->temp.data);
    }
    file_free(file);
}
