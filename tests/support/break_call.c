/* Preloaded into one run of the program: what happens at the n-th call of a kind.
 *
 * SL_BREAK_KIND is "file" (what changes files and directories), "read" (of inputs), "message" or
 * "alloc" (calls that the program itself makes, not libraries); SL_BREAK_CALL the number of the
 * call, from 1; SL_BREAK_HOW "kill" (the process), "fail" (the call) or "count"; SL_BREAK_RANK
 * whose calls, of several ranks.  SL_BREAK_COUNT is a file to which the number of calls is written
 * at the end. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { NONE, FILE_CALL, READ_CALL, MESSAGE_CALL, ALLOC_CALL };

static enum kind   wanted;
static long        at;
static int         kills;
static int         fails;
static atomic_long n_calls;
static char        program[4096];

static int is_this_rank(void)
{
    const char *rank = getenv("SL_BREAK_RANK");
    const char *own = getenv("OMPI_COMM_WORLD_RANK");

    return rank == NULL || (own != NULL && strcmp(rank, own) == 0);
}

__attribute__((constructor)) static void begin(void)
{
    const char *kind = getenv("SL_BREAK_KIND");
    const char *call = getenv("SL_BREAK_CALL");
    const char *how = getenv("SL_BREAK_HOW");
    ssize_t     n = readlink("/proc/self/exe", program, sizeof program - 1);

    program[n > 0 ? n : 0] = '\0';
    if (kind == NULL || strstr(program, "scoreline") == NULL || !is_this_rank())
        return;
    at = call != NULL ? strtol(call, NULL, 10) : 0;
    kills = how != NULL && strcmp(how, "kill") == 0;
    fails = how != NULL && strcmp(how, "fail") == 0;
    wanted = kind[0] == 'f'   ? FILE_CALL
             : kind[0] == 'r' ? READ_CALL
             : kind[0] == 'm' ? MESSAGE_CALL
                              : ALLOC_CALL;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("SL_BREAK_COUNT");
    FILE       *to = path != NULL && wanted != NONE ? fopen(path, "w") : NULL;

    if (to != NULL) {
        fprintf(to, "%ld\n", (long)n_calls);
        fclose(to);
    }
}

/* Whether this call is to fail. */
static int breaks(enum kind kind)
{
    if (kind != wanted || ++n_calls != at)
        return 0;
    if (kills)
        kill(getpid(), SIGKILL);
    return fails;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define REFUSED(kind, fault, otherwise)                                                            \
    do {                                                                                           \
        if (breaks(kind)) {                                                                        \
            errno = fault;                                                                         \
            return otherwise;                                                                      \
        }                                                                                          \
    } while (0)

ssize_t pwrite(int fd, const void *from, size_t n_bytes, off_t offset)
{
    REFUSED(FILE_CALL, ENOSPC, -1);
    return NEXT(pwrite)(fd, from, n_bytes, offset);
}
ssize_t pwrite64(int fd, const void *from, size_t n_bytes, off_t offset)
    __attribute__((alias("pwrite")));

/* Outputs, and what stands beside them, are none. */
static int is_input(int fd)
{
    char    link[64];
    char    path[4096];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    return strstr(path, ".csv") != NULL;
}

ssize_t pread(int fd, void *to, size_t n_bytes, off_t offset)
{
    if (wanted == READ_CALL && is_input(fd))
        REFUSED(READ_CALL, EIO, -1);
    return NEXT(pread)(fd, to, n_bytes, offset);
}
ssize_t pread64(int fd, void *to, size_t n_bytes, off_t offset) __attribute__((alias("pread")));

int openat(int directory, const char *path, int flags, ...)
{
    va_list args;
    int     mode;

    va_start(args, flags);
    mode = va_arg(args, int);
    va_end(args);
    if (flags & O_CREAT)
        REFUSED(FILE_CALL, ENOSPC, -1);
    return ((int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat"))(directory, path,
                                                                              flags, mode);
}
int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));

int open(const char *path, int flags, ...)
{
    va_list args;
    int     mode;

    va_start(args, flags);
    mode = va_arg(args, int);
    va_end(args);
    if ((flags & O_CREAT) && strstr(path, ".h5") != NULL)
        REFUSED(FILE_CALL, ENOSPC, -1);
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open"))(path, flags, mode);
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int rename(const char *from, const char *to)
{
    REFUSED(FILE_CALL, EIO, -1);
    return NEXT(rename)(from, to);
}

int renameat(int a, const char *from, int b, const char *to)
{
    REFUSED(FILE_CALL, EIO, -1);
    return NEXT(renameat)(a, from, b, to);
}

int unlinkat(int directory, const char *path, int flags)
{
    REFUSED(FILE_CALL, EIO, -1);
    return NEXT(unlinkat)(directory, path, flags);
}

int mkdir(const char *path, mode_t mode)
{
    if (strstr(path, ".parts") != NULL)
        REFUSED(FILE_CALL, ENOSPC, -1);
    return NEXT(mkdir)(path, mode);
}

int fsync(int fd)
{
    REFUSED(FILE_CALL, EIO, -1);
    return NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    REFUSED(FILE_CALL, EIO, -1);
    return NEXT(fdatasync)(fd);
}

int MPI_Send(const void *from, int n, void *type, int to, int tag, void *comm)
{
    breaks(MESSAGE_CALL);
    return ((int (*)(const void *, int, void *, int, int, void *))dlsym(RTLD_NEXT, "PMPI_Send"))(
        from, n, type, to, tag, comm);
}

/* Whether the program itself, not a library, called. */
static int is_ours(void *caller)
{
    Dl_info info;

    return wanted == ALLOC_CALL && dladdr(caller, &info) != 0 &&
           strstr(info.dli_fname, "scoreline") != NULL && strstr(info.dli_fname, ".so") == NULL;
}

void *calloc(size_t n, size_t item_bytes)
{
    extern void *__libc_calloc(size_t, size_t);

    if (is_ours(__builtin_return_address(0)))
        REFUSED(ALLOC_CALL, ENOMEM, NULL);
    return __libc_calloc(n, item_bytes);
}

void *realloc(void *old, size_t n_bytes)
{
    extern void *__libc_realloc(void *, size_t);

    if (is_ours(__builtin_return_address(0)))
        REFUSED(ALLOC_CALL, ENOMEM, NULL);
    return __libc_realloc(old, n_bytes);
}
