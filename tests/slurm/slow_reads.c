/* Preloaded: calls of scoreline on files take so many milliseconds longer, so that a test meets a
 * small job at its work: reads at an offset SLOW_READS_MS, writes at one SLOW_WRITES_MS, syncs
 * SLOW_SYNCS_MS. Launchers and shells stay as quick as they are. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void wait_for(const char *variable)
{
    const char *text = getenv(variable);
    const int   slow = text != NULL && strcmp(program_invocation_short_name, "scoreline") == 0;
    const long  ms = slow ? strtol(text, NULL, 10) : 0;

    if (ms > 0)
        nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

ssize_t pread(int fd, void *to, size_t n_bytes, off_t offset)
{
    ssize_t (*next)(int, void *, size_t, off_t) =
        (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");

    wait_for("SLOW_READS_MS");
    return next(fd, to, n_bytes, offset);
}

ssize_t pwrite(int fd, const void *from, size_t n_bytes, off_t offset)
{
    ssize_t (*next)(int, const void *, size_t, off_t) =
        (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");

    wait_for("SLOW_WRITES_MS");
    return next(fd, from, n_bytes, offset);
}

int fdatasync(int fd)
{
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

    wait_for("SLOW_SYNCS_MS");
    return next(fd);
}

ssize_t pread64(int fd, void *to, size_t n_bytes, off_t offset) __attribute__((alias("pread")));
ssize_t pwrite64(int fd, const void *from, size_t n_bytes, off_t offset)
    __attribute__((alias("pwrite")));
