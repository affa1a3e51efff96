/* Preloaded: every read at an offset of a file takes scoreline SLOW_READS_MS milliseconds longer,
 * so that a test meets a small job at its work.  Launchers and shells stay as quick as they are. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

ssize_t pread(int fd, void *to, size_t n_bytes, off_t offset)
{
    ssize_t (*next)(int, void *, size_t, off_t) =
        (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");
    const char *text = getenv("SLOW_READS_MS");
    const int   slow = text != NULL && strcmp(program_invocation_short_name, "scoreline") == 0;
    const long  ms = slow ? strtol(text, NULL, 10) : 0;

    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
    return next(fd, to, n_bytes, offset);
}

ssize_t pread64(int fd, void *to, size_t n_bytes, off_t offset) __attribute__((alias("pread")));
