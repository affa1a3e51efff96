/* Temporary file beside the output, reserved, published by rename: what needs only POSIX and Linux.
 */
#include "temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "scoreline/hash.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"
#include "scoreline/text.h"

enum { MAX_NAMES = 100, FEW_BYTES = 1 << 20 };

static uint32_t random_name(int try)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint32_t)sl_mix64(((uint64_t)getpid() << 40) ^ (uint64_t)now.tv_nsec ^
                              (uint64_t)now.tv_sec << 30 ^ (uint64_t)try);
}

sl_status sl_temp_create(const char *path, char **temp, int *fd, struct sl_error *err)
{
    for (int i = 0; i < MAX_NAMES; i++) {
        struct sl_text name = {0};
        sl_status      rc = sl_text_add(&name, err, "%s.tmp-%08" PRIx32, path, random_name(i));

        if (rc != SL_OK)
            return rc;
        *fd = open(name.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (*fd >= 0) {
            *temp = name.data;
            return SL_OK;
        }
        sl_text_release(&name);
        if (errno != EEXIST)
            break;
    }
    return sl_fail(err, SL_EOUTPUT, "%s", strerror(errno));
}

sl_status sl_temp_check_limit(int64_t n_bytes, struct sl_error *err)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= (rlim_t)n_bytes)
        return SL_OK;
    return sl_fail(err, SL_EOUTPUT,
                   "%s: about %" PRId64 " bytes are needed, the limit (ulimit -f) is %" PRIu64,
                   strerror(EFBIG), n_bytes, (uint64_t)limit.rlim_cur);
}

sl_status sl_temp_reserve(int fd, int64_t n_bytes, struct sl_error *err)
{
    int fault;

    do {
        fault = fallocate(fd, 0, 0, n_bytes) != 0 ? errno : 0;
    } while (fault == EINTR);
    /* others: the file system cannot reserve */
    if (fault == ENOSPC || fault == EDQUOT || fault == EFBIG || fault == EIO)
        return sl_fail(err, SL_EOUTPUT, "%s: %" PRId64 " bytes are needed", strerror(fault),
                       n_bytes);
    return SL_OK;
}

void sl_temp_begin_sync(int fd)
{
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* what fails shows when it is synced */
}

int sl_temp_guess_errno(int fd)
{
    struct sl_error ignored;
    struct statvfs  disk;
    struct stat     file;

    if (fstat(fd, &file) == 0 && sl_temp_check_limit(file.st_size, &ignored) != SL_OK)
        return EFBIG;
    if (fstatvfs(fd, &disk) == 0 && disk.f_bavail * disk.f_frsize < FEW_BYTES)
        return ENOSPC;
    return EIO;
}

/* What open(2) would have given a new file; there is no way to ask but to set. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* "a/b.h5" -> "a", "b.h5" -> ".", "/b.h5" -> "/" */
static sl_status directory_of(const char *path, char **directory, struct sl_error *err)
{
    const char *slash = strrchr(path, '/');
    sl_status   rc = sl_copy_text(slash == NULL ? "." : path, directory, err);

    if (rc == SL_OK && slash != NULL)
        (*directory)[slash > path ? slash - path : 1] = '\0';
    return rc;
}

static sl_status sync_directory(const char *path, struct sl_error *err)
{
    char     *directory = NULL;
    sl_status rc = directory_of(path, &directory, err);
    int       fd = -1;

    if (rc != SL_OK)
        return rc;
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* EINVAL: a file system whose directories cannot be synced */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        rc = sl_fail(err, SL_EOUTPUT, "cannot sync its directory: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    free(directory);
    return rc;
}

sl_status sl_temp_publish(const char *temp, const char *path, int fd, struct sl_error *err)
{
    if (fchmod(fd, usual_mode()) != 0 && errno != EPERM) /* some file systems have no modes */
        return sl_fail(err, SL_EOUTPUT, "%s", strerror(errno));
    if (rename(temp, path) != 0)
        return sl_fail(err, SL_EOUTPUT, "%s", strerror(errno));
    return sync_directory(path, err);
}

sl_status sl_sink_probe(const char *path, struct sl_error *err)
{
    char       *directory = NULL;
    struct stat file;
    sl_status   rc = directory_of(path, &directory, err);

    if (rc != SL_OK)
        return rc;
    if (stat(path, &file) == 0 && S_ISDIR(file.st_mode))
        rc = sl_fail(err, SL_EOUTPUT, "cannot write '%s': %s", path, strerror(EISDIR));
    else if (stat(directory, &file) == 0 && !S_ISDIR(file.st_mode))
        rc = sl_fail(err, SL_EOUTPUT, "cannot write '%s': '%s': %s", path, directory,
                     strerror(ENOTDIR));
    else if (access(directory, W_OK | X_OK) != 0)
        rc = sl_fail(err, SL_EOUTPUT, "cannot write '%s': directory '%s': %s", path, directory,
                     strerror(errno));
    free(directory);
    return rc;
}
