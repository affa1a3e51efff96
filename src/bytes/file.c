/* Byte ranges of ordinary files.  pread keeps no position, so that a chunk can jump between header
 * and range without a second handle.  Only regular files are taken: what has no size cannot be
 * cut. */
#include "scoreline/bytes.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "bytes_impl.h"
#include "scoreline/memory.h"

struct sl_bytes {
    int   fd;
    char *path;
};

sl_status sl_bytes_fail(const char *path, int number, struct sl_error *err)
{
    char text[128] = "";

    if (number == ENOENT)
        return sl_fail(err, SL_EINPUT, "'%s': no such file", path);
    if (strerror_r(number, text, sizeof text) != 0)
        return sl_fail(err, SL_EINPUT, "'%s': error %d", path, number);
    if (islower((unsigned char)text[1]))
        text[0] = (char)tolower((unsigned char)text[0]);
    return sl_fail(err, SL_EINPUT, "'%s': %s", path, text);
}

static sl_status check_kind(const char *path, const struct stat *status, struct sl_error *err)
{
    if (S_ISDIR(status->st_mode))
        return sl_fail(err, SL_EINPUT, "'%s': is a directory", path);
    if (!S_ISREG(status->st_mode))
        return sl_fail(err, SL_EINPUT, "'%s': is no regular file", path);
    return SL_OK;
}

static sl_status take_info(const char *path, const struct stat *status, struct sl_bytes_info *info,
                           struct sl_error *err)
{
    info->n_bytes = (int64_t)status->st_size;
    info->mtime_ns =
        (int64_t)status->st_mtim.tv_sec * 1000000000 + (int64_t)status->st_mtim.tv_nsec;
    return check_kind(path, status, err);
}

sl_status sl_bytes_stat(const char *path, struct sl_bytes_info *info, struct sl_error *err)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return sl_bytes_fail(path, errno, err);
    return take_info(path, &status, info, err);
}

sl_status sl_bytes_find(const char *path, struct sl_bytes_info *info, bool *found,
                        struct sl_error *err)
{
    struct stat status;

    *found = stat(path, &status) == 0;
    if (*found)
        return take_info(path, &status, info, err);
    return errno == ENOENT || errno == ENOTDIR ? SL_OK : sl_bytes_fail(path, errno, err);
}

/* O_NONBLOCK lets the open of a named pipe return, so that it can be refused. */
static sl_status open_regular(const char *path, int *fd, struct sl_error *err)
{
    struct stat status;

    do
        *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (*fd < 0 && errno == EINTR);
    if (*fd < 0 || fstat(*fd, &status) != 0)
        return sl_bytes_fail(path, errno, err);
    return check_kind(path, &status, err);
}

sl_status sl_bytes_open(const char *path, struct sl_bytes **out, struct sl_error *err)
{
    struct sl_bytes *bytes = NULL;
    sl_status        rc;

    SL_TRY(sl_alloc_array(1, sizeof *bytes, &bytes, err));
    bytes->fd = -1;
    SL_TRY(sl_copy_text(path, &bytes->path, err));
    SL_TRY(open_regular(path, &bytes->fd, err));
    *out = bytes;
    return SL_OK;
out:
    sl_bytes_close(bytes);
    return rc;
}

void sl_bytes_close(struct sl_bytes *bytes)
{
    if (bytes == NULL)
        return;
    if (bytes->fd >= 0)
        close(bytes->fd);
    free(bytes->path);
    free(bytes);
}

sl_status sl_bytes_read(struct sl_bytes *bytes, int64_t offset, size_t n_bytes, char *to,
                        size_t *n_read, struct sl_error *err)
{
    *n_read = 0;
    while (*n_read < n_bytes) {
        ssize_t n =
            pread(bytes->fd, to + *n_read, n_bytes - *n_read, (off_t)(offset + (int64_t)*n_read));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sl_bytes_fail(bytes->path, errno, err);
        if (n == 0)
            break;
        *n_read += (size_t)n;
    }
    return SL_OK;
}

/* One byte more than the size is asked for, so that a file that grew is noticed. */
sl_status sl_bytes_slurp(const char *path, size_t max_bytes, char **out, size_t *n_bytes,
                         struct sl_error *err)
{
    struct sl_bytes     *bytes = NULL;
    struct sl_bytes_info info = {0};
    char                *data = NULL;
    sl_status            rc;

    SL_TRY(sl_bytes_stat(path, &info, err));
    SL_TRY(sl_bytes_open(path, &bytes, err));
    if ((uint64_t)info.n_bytes > max_bytes) {
        rc = sl_fail(err, SL_EINPUT, "'%s': has %lld bytes, more than the %zu allowed", path,
                     (long long)info.n_bytes, max_bytes);
        goto out;
    }
    SL_TRY(sl_alloc_array((size_t)info.n_bytes + 1, 1, &data, err));
    SL_TRY(sl_bytes_read(bytes, 0, (size_t)info.n_bytes + 1, data, n_bytes, err));
    if (*n_bytes > (size_t)info.n_bytes) {
        rc = sl_fail(err, SL_EINPUT, "'%s': grew while it was read", path);
        goto out;
    }
    data[*n_bytes] = '\0';
    *out = data;
    data = NULL;
out:
    free(data);
    sl_bytes_close(bytes);
    return rc;
}
