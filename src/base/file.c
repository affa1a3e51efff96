/* Small files out, by way of a temporary name: a reader sees the old file or the new one. */
#include "scoreline/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_internal.h"
#include "scoreline/text.h"

static int write_all(int fd, const char *data, size_t n_bytes)
{
    while (n_bytes > 0) {
        ssize_t n = write(fd, data, n_bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        n_bytes -= (size_t)n;
    }
    return 0;
}

int file_make_public(int fd)
{
    mode_t mask = umask(0);

    umask(mask);
    return fchmod(fd, 0666 & ~mask);
}

sl_status sl_file_save(const char *path, const void *data, size_t n_bytes, struct sl_error *err)
{
    struct sl_text name = {0};
    int            fd = -1;
    int            fault;
    sl_status      rc;

    SL_TRY(sl_text_add(&name, err, "%s.XXXXXX", path));
    fd = mkstemp(name.data);
    fault =
        fd < 0 || write_all(fd, data, n_bytes) != 0 || file_make_public(fd) != 0 || fsync(fd) != 0
            ? errno
            : 0;
    if (fd >= 0 && close(fd) != 0 && fault == 0)
        fault = errno;
    if (fault == 0 && rename(name.data, path) != 0)
        fault = errno;
    if (fault != 0)
        rc = sl_fail(err, SL_EOUTPUT, "cannot write '%s': %s", path, strerror(fault));
    if (fault != 0 && fd >= 0)
        unlink(name.data);
out:
    sl_text_release(&name);
    return rc;
}
