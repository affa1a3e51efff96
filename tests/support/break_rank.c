/* Preloaded into one run of the program: makes one rank's files or memory fail, as the environment
 * says.  SL_BREAK_RANK is the rank, SL_BREAK_OPEN a part of the path that cannot be opened,
 * SL_BREAK_READ one that cannot be read, SL_BREAK_ALLOC the least number of bytes that is refused. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_broken_rank(void)
{
    const char *wanted = getenv("SL_BREAK_RANK");
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");

    return wanted != NULL && rank != NULL && strcmp(wanted, rank) == 0;
}

static int is_broken_path(const char *variable, const char *path)
{
    const char *part = getenv(variable);

    return part != NULL && is_broken_rank() && strstr(path, part) != NULL;
}

static int broken_fd = -1;

int open(const char *path, int flags, ...)
{
    int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    va_list args;
    int     mode;
    int     fd;

    va_start(args, flags);
    mode = va_arg(args, int);
    va_end(args);
    if (is_broken_path("SL_BREAK_OPEN", path)) {
        errno = EACCES;
        return -1;
    }
    fd = next(path, flags, mode);
    if (is_broken_path("SL_BREAK_READ", path))
        broken_fd = fd;
    return fd;
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

ssize_t pread(int fd, void *to, size_t n_bytes, off_t offset)
{
    ssize_t (*next)(int, void *, size_t, off_t) =
        (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");

    if (fd >= 0 && fd == broken_fd) {
        errno = EIO;
        return -1;
    }
    return next(fd, to, n_bytes, offset);
}

ssize_t pread64(int fd, void *to, size_t n_bytes, off_t offset) __attribute__((alias("pread")));

/* Whether MPI has started: what it needs itself to start is not refused. */
static int mpi_is_there(void)
{
    int (*initialized)(int *) = (int (*)(int *))dlsym(RTLD_DEFAULT, "MPI_Initialized");
    int is_there = 0;

    if (initialized != NULL)
        initialized(&is_there);
    return is_there;
}

void *calloc(size_t n, size_t item_bytes)
{
    extern void *__libc_calloc(size_t, size_t);
    const char  *least = getenv("SL_BREAK_ALLOC");

    if (least != NULL && n * item_bytes >= strtoul(least, NULL, 10) && is_broken_rank() &&
        mpi_is_there()) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(n, item_bytes);
}
