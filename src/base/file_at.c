/* Bytes at an offset of an open file: all of them, or the system's reason. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "scoreline/file.h"

sl_status sl_file_write_at(int fd, const void *data, size_t n_bytes, int64_t offset,
                           struct sl_error *err)
{
    const char *from = data;

    while (n_bytes > 0) {
        const ssize_t n = pwrite(fd, from, n_bytes, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sl_fail(err, SL_EOUTPUT, "%s", strerror(n < 0 ? errno : ENOSPC));
        from += n;
        n_bytes -= (size_t)n;
        offset += n;
    }
    return SL_OK;
}

sl_status sl_file_read_at(int fd, void *data, size_t n_bytes, int64_t offset, size_t *n_read,
                          struct sl_error *err)
{
    char *to = data;

    *n_read = 0;
    while (*n_read < n_bytes) {
        const ssize_t n = pread(fd, to + *n_read, n_bytes - *n_read, offset + (int64_t)*n_read);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sl_fail(err, SL_EOUTPUT, "%s", strerror(errno));
        if (n == 0)
            break;
        *n_read += (size_t)n;
    }
    return SL_OK;
}
