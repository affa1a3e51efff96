/* HDF5 crashes at exit when a file could not be flushed while it was closed.  It therefore builds
 * the output's structure here, where nothing is ever full, and plain writes take it to the disk. */
#include "image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 16 };

sl_status sl_image_create(int *fd, char path[SL_IMAGE_PATH_BYTES], struct sl_error *err)
{
    *fd = memfd_create("scoreline-structure", MFD_CLOEXEC);
    if (*fd < 0)
        return sl_fail(err, SL_EOUTPUT, "no file in memory: %s", strerror(errno));
    snprintf(path, SL_IMAGE_PATH_BYTES, "/proc/self/fd/%d", *fd);
    return SL_OK;
}

static sl_status write_all(int fd, const char *data, size_t n_bytes, int64_t offset,
                           struct sl_error *err)
{
    while (n_bytes > 0) {
        ssize_t n = pwrite(fd, data, n_bytes, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sl_fail(err, SL_EOUTPUT, "%s", strerror(n < 0 ? errno : ENOSPC));
        data += n;
        n_bytes -= (size_t)n;
        offset += n;
    }
    return SL_OK;
}

static sl_status copy_range(int image, int to, int64_t begin, int64_t end, struct sl_error *err)
{
    char      buffer[COPY_BYTES];
    sl_status rc = SL_OK;

    while (begin < end && rc == SL_OK) {
        size_t  want = end - begin < COPY_BYTES ? (size_t)(end - begin) : COPY_BYTES;
        ssize_t n = pread(image, buffer, want, begin);

        if (n <= 0)
            return sl_fail(err, SL_EOUTPUT, "file in memory: %s", strerror(n < 0 ? errno : EIO));
        rc = write_all(to, buffer, (size_t)n, begin, err);
        begin += n;
    }
    return rc;
}

sl_status sl_image_copy(int image, int to, int64_t *n_bytes, struct sl_error *err)
{
    int64_t   size = lseek(image, 0, SEEK_END);
    int64_t   begin = lseek(image, 0, SEEK_DATA);
    sl_status rc = SL_OK;

    if (size < 0 || ftruncate(to, size) != 0)
        return sl_fail(err, SL_EOUTPUT, "%s", strerror(errno));
    while (begin >= 0 && rc == SL_OK) { /* no data after `begin`: -1 */
        int64_t end = lseek(image, begin, SEEK_HOLE);

        rc = copy_range(image, to, begin, end, err);
        begin = lseek(image, end, SEEK_DATA);
    }
    *n_bytes = size;
    return rc;
}
