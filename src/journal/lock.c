/* A lock is a file with the name of its holder, and a lock of the system on that file.  The latter
 * ends with the process, so on one host no lock is ever stale; where hosts share a file system that
 * has no such locks, or keeps them to each host, the file's time says whether the holder lives. */

#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scoreline/clock.h"
#include "scoreline/file.h"
#include "scoreline/json.h"
#include "scoreline/text.h"

enum { MOST_BYTES = 4096, MOST_TRIES = 100 };

struct holder {
    char host[256]; /* and which of its lives: names of hosts come and go */
    char text[512]; /* in words */
    bool is_here;
};

/* "node7/3c9f...": a host since it was started. */
static void name_host(char *out, size_t out_bytes)
{
    char    host[128] = "unknown";
    char    boot[64] = "";
    int     fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, boot, sizeof boot - 1) : 0;

    if (fd >= 0)
        close(fd);
    boot[n > 0 ? strcspn(boot, "\n") : 0] = '\0';
    gethostname(host, sizeof host - 1);
    snprintf(out, out_bytes, "%s/%s", host, boot);
}

/* Who is named there; whatever else stands there is no holder that can be told. */
static void read_holder(int fd, struct holder *holder)
{
    struct sl_error       ignored;
    struct sl_json_doc   *doc = NULL;
    const struct sl_json *root;
    char                  text[MOST_BYTES];
    char                  host[sizeof holder->host];
    const char           *named;
    size_t                n = 0;
    int64_t               pid = 0;

    *holder = (struct holder){.text = "a run that does not say its name", .is_here = true};
    if (sl_file_read_at(fd, text, sizeof text, 0, &n, &ignored) != SL_OK || n == 0 ||
        sl_json_parse(text, n, LOCK_NAME, &doc, &ignored) != SL_OK)
        return;
    root = sl_json_root(doc);
    named = sl_json_text(sl_json_find(root, "host"));
    name_host(host, sizeof host);
    if (named != NULL) {
        snprintf(holder->host, sizeof holder->host, "%s", named);
        holder->is_here = strcmp(host, holder->host) == 0;
        sl_json_integer(sl_json_find(root, "pid"), &pid);
        named = sl_json_text(sl_json_find(root, "since"));
        snprintf(holder->text, sizeof holder->text, "process %" PRId64 " on %.*s, since %.40s", pid,
                 (int)strcspn(holder->host, "/"), holder->host, named != NULL ? named : "?");
    }
    sl_json_close(doc);
}

static sl_status write_holder(int fd, const char *run_id, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_json     *root;
    char               *text = NULL;
    char                host[256];
    char                date[32];
    const char         *job = getenv("SLURM_JOB_ID");
    sl_status           rc;

    name_host(host, sizeof host);
    sl_clock_date(date, sizeof date);
    SL_TRY(sl_json_create(&doc, err));
    root = sl_json_root(doc);
    SL_TRY(sl_json_add_text(root, "format", "scoreline-lock", err));
    SL_TRY(sl_json_add_text(root, "host", host, err));
    SL_TRY(sl_json_add_number(root, "pid", (double)getpid(), err));
    SL_TRY(sl_json_add_text(root, "since", date, err));
    SL_TRY(sl_json_add_text(root, "run_id", run_id, err));
    if (job != NULL)
        SL_TRY(sl_json_add_text(root, "slurm_job", job, err));
    SL_TRY(sl_json_print(root, true, &text, err));
    if (ftruncate(fd, 0) != 0)
        rc = sl_fail(err, SL_EOUTPUT, "%s", strerror(errno));
    else
        rc = sl_file_write_at(fd, text, strlen(text), 0, err);
out:
    free(text);
    sl_json_close(doc);
    return rc;
}

void lock_beat(int fd)
{
    if (futimens(fd, NULL) != 0)
        errno = 0; /* the next one may; others wait for several */
}

static int64_t time_of(int fd)
{
    struct stat file;

    return fstat(fd, &file) == 0 ? (int64_t)file.st_mtim.tv_sec * 1000000000 + file.st_mtim.tv_nsec
                                 : -1;
}

static bool heart_beats(int fd)
{
    const int64_t before = time_of(fd);
    const double  until = sl_clock_now() + LOCK_STALE_S;

    while (sl_clock_now() < until) {
        if (time_of(fd) != before)
            return true;
        sl_clock_sleep(0.25);
    }
    return false;
}

/* Whether the system lets this process have the file for itself, until it ends. */
enum answer { LOCKED, HELD, CANNOT_LOCK };
static enum answer lock_file(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
        return LOCKED;
    return errno == EAGAIN || errno == EACCES ? HELD : CANNOT_LOCK;
}

/* A file that lost its name meanwhile is nobody's lock any more. */
static bool is_still_there(int directory, int fd)
{
    struct stat ours;
    struct stat named;

    return fstat(fd, &ours) == 0 &&
           fstatat(directory, LOCK_NAME, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/* An open file whose lock this process has, or whose lock means nothing and whose holder is dead.
 */
static sl_status settle(int fd, const char *path, struct sl_error *err)
{
    const enum answer answer = lock_file(fd);
    struct holder     holder;
    bool              is_live = answer == HELD;

    read_holder(fd, &holder);
    if (!is_live && holder.host[0] != '\0' && (!holder.is_here || answer == CANNOT_LOCK))
        is_live = heart_beats(fd);
    if (is_live)
        return sl_fail(err, SL_EOUTPUT,
                       "'%s' is in use by %s; wait for it, or name another output with -o", path,
                       holder.text);
    return SL_OK;
}

static bool is_regular(int fd)
{
    struct stat file;

    return fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
}

sl_status lock_take(int directory, const char *path, const char *run_id, int *fd,
                    struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < MOST_TRIES && rc == SL_OK; i++) {
        *fd = openat(directory, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (*fd < 0)
            return sl_fail(err, SL_EOUTPUT, "cannot lock '%s': %s", path, strerror(errno));
        if (!is_regular(*fd)) {
            close(*fd);
            *fd = -1;
            return sl_fail(err, SL_EOUTPUT,
                           "cannot lock '%s': what is called '%s' there is no file", path,
                           LOCK_NAME);
        }
        rc = settle(*fd, path, err);
        if (rc == SL_OK && is_still_there(directory, *fd))
            return write_holder(*fd, run_id, err);
        close(*fd);
        *fd = -1;
    }
    return rc != SL_OK ? rc
                       : sl_fail(err, SL_EOUTPUT, "cannot lock '%s': others come and go", path);
}

void lock_release(int directory, int fd)
{
    if (fd < 0)
        return;
    unlinkat(directory, LOCK_NAME, 0);
    close(fd);
}
