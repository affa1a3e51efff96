/* An output file as a whole: is it ours, is it complete, its texts, its tables.  It may come from
 * anywhere: links out of the file and storage elsewhere are refused, sizes are believed only as far
 * as the file has bytes. */
#include "scoreline/scored.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hdf5_scored.h"
#include "scoreline/memory.h"

enum { FORMAT_VERSION = 1 };

/* --- opening ---------------------------------------------------------------------------------- */

/* errno says more than HDF5 does of a file that is not there. */
static sl_status look_at(const char *path, int64_t *n_bytes, struct sl_error *err)
{
    struct stat file = {0};
    int         fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int         fault = fd < 0 || fstat(fd, &file) != 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    if (fault == 0 && S_ISDIR(file.st_mode))
        fault = EISDIR;
    if (fault != 0)
        return sl_fail(err, SL_EINPUT, "cannot open '%s': %s", path, strerror(fault));
    if (!S_ISREG(file.st_mode)) /* HDF5 would wait for the other end of a pipe */
        return sl_fail(err, SL_EINPUT, "'%s' is no regular file", path);
    *n_bytes = file.st_size;
    return SL_OK;
}

bool sl_scored_is_hdf5(const char *path)
{
    static const char signature[8] = "\211HDF\r\n\032\n";
    char              start[8] = "";
    int               fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool              same = fd >= 0 && read(fd, start, sizeof start) == (ssize_t)sizeof start &&
                memcmp(start, signature, sizeof start) == 0;

    if (fd >= 0)
        close(fd);
    return same;
}

static sl_status open_hdf5(const char *path, hid_t *file, struct sl_error *err)
{
    hid_t     how = SL_SCORED_NONE;
    sl_status rc;

    H5dont_atexit();                       /* as the sink says */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* faults go into messages, not to stderr */
    SL_TRY(scored_check(H5Pcreate(H5P_FILE_ACCESS), "set access", &how, err));
    SL_TRY(scored_check(H5Pset_fapl_sec2(how), "set access", NULL, err));
#if H5_VERSION_GE(1, 10, 7)
    SL_TRY(scored_check(H5Pset_file_locking(how, false, true), "set access", NULL, err));
#endif
    SL_TRY(scored_check(H5Fopen(path, H5F_ACC_RDONLY, how), "open", file, err));
out:
    scored_close_id(how);
    return rc;
}

/* An integer of the root group; false if there is none. */
static bool read_integer(hid_t file, const char *name, int64_t *value)
{
    hid_t attribute = H5Aexists(file, name) > 0 ? H5Aopen(file, name, H5P_DEFAULT) : SL_SCORED_NONE;
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : SL_SCORED_NONE;
    bool  found = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
                 H5Aread(attribute, H5T_NATIVE_INT64, value) >= 0;

    scored_close_id(space);
    scored_close_id(attribute);
    return found;
}

static sl_status check_ours(hid_t file, struct sl_error *err)
{
    int64_t version;
    int64_t complete;

    if (!read_integer(file, "scoreline_format", &version))
        return sl_fail(err, SL_EINPUT,
                       "is no output of scoreline: it has no attribute 'scoreline_format'");
    if (version != FORMAT_VERSION)
        return sl_fail(err, SL_EINPUT, "has format %lld, this build reads format %d",
                       (long long)version, FORMAT_VERSION);
    if (!read_integer(file, "complete", &complete) || complete != 1)
        return sl_fail(err, SL_EINPUT, "is not complete: what wrote it was stopped before its end");
    return SL_OK;
}

/* "'out.h5' <what>", where the fault is of the file as a whole. */
static sl_status with_path(sl_status rc, const char *path, const char *between,
                           struct sl_error *err)
{
    char text[SL_ERROR_BYTES];

    if (rc != SL_EINPUT)
        return rc;
    snprintf(text, sizeof text, "%s", err->text);
    return sl_fail(err, rc, "'%s'%s%s", path, between, text);
}

static sl_status open_ours(struct sl_scored *scored, struct sl_error *err)
{
    sl_status rc = open_hdf5(scored->path, &scored->file, err);

    if (rc == SL_EINPUT)
        return sl_fail(err, rc,
                       "'%s' is no output of scoreline: not an HDF5 file, or a damaged one",
                       scored->path);
    if (rc == SL_OK)
        rc = with_path(check_ours(scored->file, err), scored->path, " ", err);
    return rc;
}

static sl_status open_predictions(struct sl_scored *scored, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(scored_group_open(scored, "predictions", &scored->predictions, err));
    SL_TRY(scored_table_init("predictions", &scored->predictions, &scored->columns, err));
    for (int i = 0; i < scored->columns.n_columns; i++)
        if (scored->columns.columns[i].dtype == SL_FIXED_TEXT)
            scored->columns.columns[i].width = scored->predictions.columns[i].width;
out:
    return with_path(rc, scored->path, ": ", err);
}

sl_status sl_scored_open(const char *path, struct sl_scored **out, struct sl_error *err)
{
    struct sl_scored *scored = NULL;
    sl_status         rc;

    SL_TRY(sl_alloc_array(1, sizeof *scored, &scored, err));
    scored->file = SL_SCORED_NONE;
    SL_TRY(sl_copy_text(path, &scored->path, err));
    SL_TRY(look_at(path, &scored->n_bytes, err));
    SL_TRY(open_ours(scored, err));
    SL_TRY(open_predictions(scored, err));
    *out = scored;
    scored = NULL;
out:
    sl_scored_close(scored);
    return rc;
}

void sl_scored_close(struct sl_scored *scored)
{
    if (scored == NULL)
        return;
    sl_table_release(&scored->columns);
    scored_group_close(&scored->predictions);
    if (scored->file >= 0)
        H5Fclose(scored->file);
    for (size_t i = 0; i < scored->n_kept; i++)
        free(scored->kept[i]);
    free(scored->kept);
    free(scored->path);
    free(scored);
}

const char *sl_scored_path(const struct sl_scored *scored)
{
    return scored->path;
}

/* --- texts ------------------------------------------------------------------------------------ */

sl_status sl_scored_attribute(const struct sl_scored *scored, const char *name, char **text,
                              struct sl_error *err)
{
    return with_path(scored_text_attribute(scored->file, name, text, err), scored->path, ": ", err);
}

static sl_status read_scalar(const struct sl_scored *scored, hid_t dataset, char **text,
                             size_t *n_bytes, struct sl_error *err)
{
    hid_t     space = SL_SCORED_NONE;
    hid_t     type = SL_SCORED_NONE;
    char     *made = NULL;
    size_t    width;
    sl_status rc;

    SL_TRY(scored_check(H5Dget_space(dataset), "read a space", &space, err));
    SL_TRY(scored_check(H5Dget_type(dataset), "read a type", &type, err));
    width = H5Tget_size(type);
    if (H5Sget_simple_extent_npoints(space) != 1 || H5Tget_class(type) != H5T_STRING ||
        H5Tis_variable_str(type) != 0 || (int64_t)width > scored->n_bytes) {
        rc = sl_fail(err, SL_EINPUT, "no scalar text");
        goto out;
    }
    SL_TRY(sl_alloc_array(width + 1, 1, &made, err));
    SL_TRY(scored_check(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, made), "read", NULL,
                        err));
    *n_bytes = width;
    while (*n_bytes > 0 && made[*n_bytes - 1] == '\0')
        --*n_bytes;
    *text = made;
    made = NULL;
out:
    free(made);
    scored_close_id(type);
    scored_close_id(space);
    return rc;
}

/* "provenance/model": the group, then the dataset in it. */
static sl_status open_scalar(const struct sl_scored *scored, const char *name, hid_t *dataset,
                             struct sl_error *err)
{
    const char *slash = strchr(name, '/');
    char        group_name[64];
    hid_t       group = SL_SCORED_NONE;
    sl_status   rc = SL_OK;

    if (slash == NULL || slash - name >= (ptrdiff_t)sizeof group_name)
        return sl_fail(err, SL_EBUG, "'%s' is no GROUP/NAME", name);
    snprintf(group_name, sizeof group_name, "%.*s", (int)(slash - name), name);
    if (scored_has(scored->file, group_name))
        group = H5Gopen2(scored->file, group_name, H5P_DEFAULT);
    if (group >= 0 && scored_has(group, slash + 1))
        rc = scored_open_dataset(scored, group, slash + 1, dataset, err);
    scored_close_id(group);
    return rc;
}

sl_status sl_scored_provenance(const struct sl_scored *scored, const char *dataset, char **text,
                               size_t *n_bytes, struct sl_error *err)
{
    hid_t     id = SL_SCORED_NONE;
    sl_status rc = open_scalar(scored, dataset, &id, err);

    *text = NULL;
    *n_bytes = 0;
    if (rc == SL_OK && id >= 0)
        rc = read_scalar(scored, id, text, n_bytes, err);
    scored_close_id(id);
    if (rc == SL_EINPUT)
        sl_error_in(err, "/%s", dataset);
    return with_path(rc, scored->path, ": ", err);
}

sl_status sl_scored_text(const char *path, const char *dataset, char **text, size_t *n_bytes,
                         struct sl_error *err)
{
    struct sl_scored *scored = NULL;
    sl_status         rc;

    SL_TRY(sl_scored_open(path, &scored, err));
    SL_TRY(sl_scored_provenance(scored, dataset, text, n_bytes, err));
    if (*text == NULL)
        rc = sl_fail(err, SL_EINPUT, "'%s': it has no /%s", path, dataset);
out:
    sl_scored_close(scored);
    return rc;
}

/* --- tables ----------------------------------------------------------------------------------- */

static sl_status read_table(const struct scored_group *group, const char *name,
                            struct sl_table *table, struct sl_error *err)
{
    size_t    n_rows = (size_t)group->n_rows;
    sl_status rc;

    SL_TRY(scored_table_init(name, group, table, err));
    SL_TRY(sl_table_reserve(table, n_rows, err));
    for (int i = 0; i < group->n_columns; i++)
        SL_TRY(scored_read_column(&group->columns[i], 0, n_rows, &table->columns[i], 0, err));
    table->n_rows = n_rows;
out:
    if (rc != SL_OK)
        sl_table_release(table);
    return rc;
}

sl_status sl_scored_table(struct sl_scored *scored, const char *name, struct sl_table *table,
                          struct sl_error *err)
{
    struct scored_group group = {0};
    sl_status           rc = scored_group_open(scored, name, &group, err);

    *table = (struct sl_table){0};
    if (rc == SL_OK)
        rc = read_table(&group, name, table, err);
    scored_group_close(&group);
    return with_path(rc, scored->path, ": ", err);
}

int64_t sl_scored_n_rows(const struct sl_scored *scored)
{
    return scored->predictions.n_rows;
}

int sl_scored_level(const struct sl_scored *scored)
{
    const struct scored_group *rows = &scored->predictions;
    hid_t                      creation = SL_SCORED_NONE;
    size_t                     n = 1;
    unsigned                   level = 0;
    unsigned                   flags;
    unsigned                   config;

    if (rows->n_columns > 0)
        creation = H5Dget_create_plist(rows->columns[0].dataset);
    if (creation >= 0 && H5Pget_filter_by_id2(creation, H5Z_FILTER_DEFLATE, &flags, &n, &level, 0,
                                              NULL, &config) < 0)
        level = 0;
    scored_close_id(creation);
    return level <= 9 ? (int)level : 9;
}

const struct sl_table *sl_scored_columns(const struct sl_scored *scored)
{
    return &scored->columns;
}

static const struct scored_column *find_column(const struct sl_scored *scored, const char *name)
{
    for (int i = 0; i < scored->predictions.n_columns; i++)
        if (strcmp(scored->predictions.columns[i].name, name) == 0)
            return &scored->predictions.columns[i];
    return NULL;
}

sl_status sl_scored_select(const struct sl_scored *scored, const char *const *names, int n_names,
                           struct sl_table *rows, struct sl_error *err)
{
    sl_status rc;

    *rows = (struct sl_table){0};
    if (names == NULL)
        return scored_table_init("predictions", &scored->predictions, rows, err);
    SL_TRY(sl_table_init(rows, "predictions", scored->columns.dimension, n_names, err));
    for (int i = 0; i < n_names; i++) {
        const struct scored_column *column = find_column(scored, names[i]);

        if (column == NULL) {
            rc = sl_fail(err, SL_EINPUT, "'%s': it has no /predictions/%s", scored->path, names[i]);
            goto out;
        }
        SL_TRY(scored_column_init(column, &rows->columns[i], err));
    }
out:
    if (rc != SL_OK)
        sl_table_release(rows);
    return rc;
}

sl_status sl_scored_read(const struct sl_scored *scored, int64_t first_row, size_t n_rows,
                         struct sl_table *rows, struct sl_error *err)
{
    rows->n_rows = 0;
    for (int i = 0; i < rows->n_columns; i++)
        rows->columns[i].bytes.n_bytes = 0;
    return sl_scored_append(scored, first_row, n_rows, rows, err);
}

sl_status sl_scored_append(const struct sl_scored *scored, int64_t first_row, size_t n_rows,
                           struct sl_table *rows, struct sl_error *err)
{
    sl_status rc;

    if (first_row < 0 || first_row > scored->predictions.n_rows ||
        n_rows > (uint64_t)(scored->predictions.n_rows - first_row))
        return sl_fail(err, SL_EBUG, "'%s': no %zu rows at %lld", scored->path, n_rows,
                       (long long)first_row);
    SL_TRY(sl_table_reserve(rows, n_rows, err));
    for (int i = 0; i < rows->n_columns; i++) {
        const struct scored_column *from = find_column(scored, rows->columns[i].name);

        if (from == NULL || from->dtype != rows->columns[i].dtype ||
            from->n_items != rows->columns[i].n_items)
            return sl_fail(err, SL_EBUG, "'%s' is no column of '%s'", rows->columns[i].name,
                           scored->path);
        SL_TRY(scored_read_column(from, first_row, n_rows, &rows->columns[i], rows->n_rows, err));
    }
    rows->n_rows += n_rows;
out:
    return with_path(rc, scored->path, ": /predictions/", err);
}

sl_status sl_scored_find(const struct sl_scored *scored, const struct sl_table *table,
                         const char *name, enum sl_dtype dtype, const struct sl_table_column **out,
                         struct sl_error *err)
{
    return sl_scored_find_items(scored, table, name, dtype, 0, out, err);
}

sl_status sl_scored_find_items(const struct sl_scored *scored, const struct sl_table *table,
                               const char *name, enum sl_dtype dtype, size_t n_items,
                               const struct sl_table_column **out, struct sl_error *err)
{
    const struct sl_table_column *column = sl_table_column(table, name);

    if (column == NULL)
        return sl_fail(err, SL_EINPUT, "'%s': it has no /%s/%s", scored->path, table->name, name);
    if (column->dtype != dtype)
        return sl_fail(err, SL_EINPUT, "'%s': /%s/%s is of another type than this build writes",
                       scored->path, table->name, name);
    if (n_items == 0 ? column->items != NULL : column->items == NULL || column->n_items != n_items)
        return sl_fail(err, SL_EINPUT, "'%s': /%s/%s is of another shape than this build writes",
                       scored->path, table->name, name);
    *out = column;
    return SL_OK;
}
