/* The directory beside an output: its lock, its small files, its end.  Only names that are ours are
 * ever opened or removed, and no link is followed. */
#include "scoreline/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"
#include "scoreline/file.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"
#include "scoreline/ticker.h"

static const char journal_suffix[] = ".journal";
static const char temp_suffix[] = ".tmp";

struct sl_parts {
    char             *path;
    int               fd;
    int               lock;
    struct sl_ticker *heart;
    atomic_int        n_unsynced; /* beats since a small file was written, 0: none was */
};

sl_status sl_parts_locate(const char *output, const char *name, struct sl_text *to,
                          struct sl_error *err)
{
    return sl_text_add(to, err, "%s.parts%s%s", output, name[0] != '\0' ? "/" : "", name);
}

/* --- life ------------------------------------------------------------------------------------- */

static sl_status failed(const char *what, const char *path, struct sl_error *err)
{
    return sl_fail(err, SL_EOUTPUT, "cannot %s '%s': %s", what, path,
                   errno == ELOOP ? "it is a link" : strerror(errno));
}

static bool ends_in(const char *name, const char *suffix)
{
    const size_t n = strlen(name);
    const size_t n_suffix = strlen(suffix);

    return n > n_suffix && strcmp(name + n - n_suffix, suffix) == 0;
}

/* What somebody was writing. */
static bool is_temp(const char *name)
{
    return strstr(name, temp_suffix) != NULL;
}

static bool is_ours(const char *name)
{
    return ends_in(name, journal_suffix) || ends_in(name, ".json") || is_temp(name);
}

/* Small files and their names to the disk; what cannot be synced now is no worse off than before.
 */
static void sync_small(const struct sl_parts *parts)
{
    static const char *const names[] = {SL_PARTS_MODEL, SL_PARTS_MANIFEST};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const int fd = openat(parts->fd, names[i], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

        if (fd >= 0) {
            fsync(fd);
            close(fd);
        }
    }
    fsync(parts->fd);
}

static void beat(void *state)
{
    struct sl_parts *parts = state;

    lock_beat(parts->lock);
    if (atomic_exchange(&parts->n_unsynced, 0) > 0)
        sync_small(parts);
}

static sl_status open_directory(struct sl_parts *parts, struct sl_error *err)
{
    if (mkdir(parts->path, 0700) != 0 && errno != EEXIST)
        return failed("create", parts->path, err);
    parts->fd = open(parts->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return parts->fd < 0 ? failed("open", parts->path, err) : SL_OK;
}

static sl_status remove_files(struct sl_parts *parts, bool (*is_wanted)(const char *name),
                              struct sl_error *err);

sl_status sl_parts_open(const char *output, const char *run_id, struct sl_parts **out,
                        struct sl_error *err)
{
    struct sl_parts *parts = NULL;
    struct sl_text   path = {0};
    sl_status        rc;

    SL_TRY(sl_alloc_array(1, sizeof *parts, &parts, err));
    *parts = (struct sl_parts){.fd = -1, .lock = -1};
    SL_TRY(sl_parts_locate(output, "", &path, err));
    parts->path = path.data;
    SL_TRY(open_directory(parts, err));
    SL_TRY(lock_take(parts->fd, parts->path, run_id, &parts->lock, err));
    SL_TRY(sl_ticker_start(LOCK_BEAT_S, beat, parts, &parts->heart, err));
    SL_TRY(remove_files(parts, is_temp, err)); /* whoever wrote them is dead */
    *out = parts;
    return SL_OK;
out:
    if (parts != NULL && parts->lock >= 0)
        sl_parts_close(parts, SL_PARTS_KEEP_JOURNAL);
    else if (parts != NULL) { /* it is another's: nothing of it is touched */
        if (parts->fd >= 0)
            close(parts->fd);
        free(parts->path);
        free(parts);
    }
    return rc;
}

const char *sl_parts_path(const struct sl_parts *parts)
{
    return parts->path;
}

/* --- what is in it ---------------------------------------------------------------------------- */

static DIR *list_directory(const struct sl_parts *parts)
{
    const int fd = openat(parts->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR      *directory = fd >= 0 ? fdopendir(fd) : NULL;

    if (directory == NULL && fd >= 0)
        close(fd);
    return directory;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void sl_parts_free_names(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

sl_status sl_parts_list(const struct sl_parts *parts, char ***names, size_t *n,
                        struct sl_error *err)
{
    DIR           *directory = list_directory(parts);
    size_t         capacity = 0;
    struct dirent *item;
    sl_status      rc = SL_OK;

    *names = NULL;
    *n = 0;
    if (directory == NULL)
        return failed("list", parts->path, err);
    while ((item = readdir(directory)) != NULL) {
        if (!ends_in(item->d_name, journal_suffix))
            continue;
        SL_TRY(sl_grow_array(names, &capacity, *n + 1, sizeof **names, err));
        SL_TRY(sl_copy_text(item->d_name, &(*names)[*n], err));
        ++*n;
    }
    if (*n > 0)
        qsort(*names, *n, sizeof **names, by_bytes);
out:
    closedir(directory);
    if (rc != SL_OK) {
        sl_parts_free_names(*names, *n);
        *names = NULL;
        *n = 0;
    }
    return rc;
}

sl_status sl_parts_read(const struct sl_parts *parts, const char *name, size_t most_bytes,
                        char **text, size_t *n_bytes, struct sl_error *err)
{
    const int   fd = openat(parts->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat file = {0};
    sl_status   rc = SL_OK;

    *text = NULL;
    *n_bytes = 0;
    if (fd < 0 && (errno == ENOENT || errno == ELOOP))
        return SL_OK;
    if (fd < 0 || fstat(fd, &file) != 0)
        rc = failed("open", name, err);
    else if (!S_ISREG(file.st_mode) || (uint64_t)file.st_size > most_bytes)
        rc = sl_fail(err, SL_EOUTPUT, "'%s' is no file of at most %zu bytes", name, most_bytes);
    if (rc == SL_OK)
        rc = sl_alloc_array((size_t)file.st_size + 1, 1, text, err);
    if (rc == SL_OK)
        rc = sl_file_read_at(fd, *text, (size_t)file.st_size, 0, n_bytes, err);
    if (fd >= 0)
        close(fd);
    if (rc != SL_OK)
        sl_error_in(err, "'%s'", parts->path);
    return rc;
}

static sl_status write_temp(const struct sl_parts *parts, const char *temp, const void *data,
                            size_t n_bytes, struct sl_error *err)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int       fd;
    sl_status rc;

    unlinkat(parts->fd, temp, 0); /* a run that died left it */
    fd = openat(parts->fd, temp, flags, 0600);
    if (fd < 0)
        return failed("create", temp, err);
    rc = sl_file_write_at(fd, data, n_bytes, 0, err);
    if (close(fd) != 0 && rc == SL_OK)
        rc = failed("write", temp, err);
    return rc;
}

sl_status sl_parts_show(struct sl_parts *parts, const char *name, const void *data, size_t n_bytes,
                        struct sl_error *err)
{
    char      temp[64];
    sl_status rc;

    snprintf(temp, sizeof temp, "%s%s", name, temp_suffix);
    SL_TRY(write_temp(parts, temp, data, n_bytes, err));
    if (renameat(parts->fd, temp, parts->fd, name) != 0)
        rc = failed("write", name, err);
out:
    if (rc != SL_OK)
        sl_error_in(err, "'%s'", parts->path);
    return rc;
}

sl_status sl_parts_save(struct sl_parts *parts, const char *name, const void *data, size_t n_bytes,
                        struct sl_error *err)
{
    const sl_status rc = sl_parts_show(parts, name, data, n_bytes, err);

    atomic_fetch_add(&parts->n_unsynced, 1);
    return rc;
}

static sl_status remove_files(struct sl_parts *parts, bool (*is_wanted)(const char *name),
                              struct sl_error *err)
{
    DIR           *directory = list_directory(parts);
    struct dirent *item;
    sl_status      rc = SL_OK;

    if (directory == NULL)
        return failed("list", parts->path, err);
    while (rc == SL_OK && (item = readdir(directory)) != NULL)
        if (is_wanted(item->d_name) && unlinkat(parts->fd, item->d_name, 0) != 0 && errno != ENOENT)
            rc = failed("remove", item->d_name, err);
    closedir(directory);
    return rc;
}

static bool is_manifest(const char *name)
{
    return strcmp(name, SL_PARTS_MANIFEST) == 0;
}

static bool is_ours_but_manifest(const char *name)
{
    return is_ours(name) && !is_manifest(name);
}

/* The manifest goes last: until then it says whose the rest is. */
sl_status sl_parts_clear(struct sl_parts *parts, struct sl_error *err)
{
    sl_status rc = remove_files(parts, is_ours_but_manifest, err);

    return rc == SL_OK ? remove_files(parts, is_manifest, err) : rc;
}

static bool has_journal(const struct sl_parts *parts)
{
    struct sl_error ignored;
    char          **names;
    size_t          n;
    bool            has = true; /* when in doubt it stays */

    if (sl_parts_list(parts, &names, &n, &ignored) == SL_OK) {
        has = n > 0;
        sl_parts_free_names(names, n);
    }
    return has;
}

void sl_parts_close(struct sl_parts *parts, enum sl_parts_end end)
{
    struct sl_error ignored;
    bool            remove = end == SL_PARTS_REMOVE;

    if (parts == NULL)
        return;
    sl_ticker_stop(parts->heart);
    if (end == SL_PARTS_KEEP_JOURNAL)
        remove = !has_journal(parts);
    if (remove && sl_parts_clear(parts, &ignored) != SL_OK)
        remove = false;
    lock_release(parts->fd, parts->lock);
    close(parts->fd);
    if (remove)
        rmdir(parts->path); /* fails if somebody keeps other things there */
    free(parts->path);
    free(parts);
}
