/* Directories: all names are read into one text first, as its place in memory is known only then.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bytes_impl.h"
#include "scoreline/bytes.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

static enum sl_bytes_kind kind_of(DIR *directory, const struct dirent *entry)
{
    struct stat status;

    if (entry->d_type == DT_REG)
        return SL_BYTES_FILE;
    if (entry->d_type == DT_DIR)
        return SL_BYTES_DIRECTORY;
    if ((entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN) ||
        fstatat(dirfd(directory), entry->d_name, &status, 0) != 0)
        return SL_BYTES_OTHER;
    if (S_ISDIR(status.st_mode))
        return SL_BYTES_DIRECTORY;
    return S_ISREG(status.st_mode) ? SL_BYTES_FILE : SL_BYTES_OTHER;
}

/* Each name behind a byte that tells its kind. */
static sl_status read_names(DIR *directory, const char *path, struct sl_text *names, size_t *n,
                            struct sl_error *err)
{
    const struct dirent *entry;
    sl_status            rc = SL_OK;

    while (rc == SL_OK) {
        errno = 0;
        entry = readdir(directory);
        if (entry == NULL)
            return errno == 0 ? SL_OK : sl_bytes_fail(path, errno, err);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char kind = (char)kind_of(directory, entry);

        SL_TRY(sl_text_add_bytes(names, &kind, 1, err));
        rc = sl_text_add_bytes(names, entry->d_name, strlen(entry->d_name) + 1, err);
        ++*n;
    }
out:
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sl_bytes_entry *)a)->name,
                  ((const struct sl_bytes_entry *)b)->name);
}

sl_status sl_bytes_list(const char *path, struct sl_bytes_listing *listing, struct sl_error *err)
{
    struct sl_text names = {0};
    DIR           *directory = opendir(path[0] == '\0' ? "." : path);
    size_t         n = 0;
    const char    *p;
    sl_status      rc;

    *listing = (struct sl_bytes_listing){0};
    if (directory == NULL && (errno == ENOENT || errno == ENOTDIR))
        return SL_OK;
    if (directory == NULL)
        return sl_bytes_fail(path, errno, err);
    SL_TRY(read_names(directory, path, &names, &n, err));
    SL_TRY(sl_alloc_array(n, sizeof *listing->entries, &listing->entries, err));
    p = names.data;
    for (size_t i = 0; i < n; i++) {
        listing->entries[i] =
            (struct sl_bytes_entry){p + 1, strlen(p + 1), (enum sl_bytes_kind) * p};
        p += listing->entries[i].n_bytes + 2;
    }
    if (n > 0)
        qsort(listing->entries, n, sizeof *listing->entries, by_name);
    listing->n = n;
    listing->names = names.data;
    names = (struct sl_text){0};
out:
    sl_text_release(&names);
    closedir(directory);
    return rc;
}

void sl_bytes_listing_release(struct sl_bytes_listing *listing)
{
    free(listing->entries);
    free(listing->names);
    *listing = (struct sl_bytes_listing){0};
}
