/* An output as CSV: which columns in which order under which names, and one file or many. */
#include "export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../run_impl.h"
#include "scoreline/block.h"
#include "scoreline/memory.h"
#include "scoreline/output.h"
#include "scoreline/rows.h"

enum { MOST_STATUS = 16 };

/* The columns that every output has, in the order of the CSV; kept ones follow. */
static const struct fixed_column {
    const char      *name;
    enum export_kind kind;
    enum sl_dtype    dtype; /* but of classes, where there are many */
    bool             is_class;
    bool             by_class; /* beyond two classes a column for each */
} fixed_columns[] = {
    {"record", EXPORT_RECORD, SL_I64, false, false},
    {"status", EXPORT_STATUS, SL_U8, false, false},
    {"predicted", EXPORT_CELL, SL_I8, true, false},
    {"probability", EXPORT_CELL, SL_F64, false, true},
    {"label", EXPORT_CELL, SL_I8, true, false},
};
enum { N_FIXED = sizeof fixed_columns / sizeof *fixed_columns };

struct exporter {
    const struct sl_export_opts *opts;
    struct sl_scored            *scored;
    struct scored_partitions     partitions;
    struct scored_classes        classes;
    const int64_t               *first_record; /* [n_partitions], NULL: 0 in all */
    struct scored_walk           walk;
    int                          n_columns;
    struct export_column        *columns;
    char                        *status_text; /* its words */
    const char                  *status_words[MOST_STATUS];
    int                          n_status;
    char                       **names; /* [n_partitions] of files in a directory */
    struct sl_text               prefix;
};

/* --- columns ---------------------------------------------------------------------------------- */

static bool name_is_taken(const struct exporter *x, const char *name)
{
    for (int i = 0; i < x->n_columns; i++)
        if (strcmp(x->columns[i].name, name) == 0)
            return true;
    return false;
}

/* A name that nobody has; the column takes it over. */
static void put_column(struct exporter *x, struct export_column column, struct sl_text *name)
{
    column.name = name->data;
    x->columns[x->n_columns++] = column;
    *name = (struct sl_text){0};
}

/* A header that is twice there helps nobody: the later column is told apart. */
static sl_status add_column(struct exporter *x, struct export_column column, const char *name,
                            struct sl_error *err)
{
    struct sl_text unique = {0};
    sl_status      rc;

    SL_TRY(sl_text_add(&unique, err, "%s", name));
    if (name_is_taken(x, unique.data)) {
        sl_text_release(&unique);
        SL_TRY(sl_text_add(&unique, err, "keep_%s", name));
    }
    if (name_is_taken(x, unique.data))
        rc =
            sl_fail(err, SL_EINPUT, "'%s': two columns are named '%s'", x->opts->file, unique.data);
    else
        put_column(x, column, &unique);
out:
    sl_text_release(&unique);
    return rc;
}

/* NAME_CLASS, and a number behind it until nobody has that name. */
static sl_status add_class_column(struct exporter *x, struct export_column column, const char *name,
                                  struct sl_error *err)
{
    const struct sl_slice class = x->classes.names[column.item];
    struct sl_text unique = {0};
    size_t         n_bytes;
    sl_status      rc;

    SL_TRY(sl_text_add(&unique, err, "%s_", name));
    SL_TRY(sl_text_add_bytes(&unique, class.data, class.n_bytes, err));
    for (size_t i = 0; i < unique.n_bytes; i++)
        if (unique.data[i] == '\0')
            unique.data[i] = '_';
    n_bytes = unique.n_bytes;
    for (int i = 2; name_is_taken(x, unique.data); i++) {
        unique.n_bytes = n_bytes;
        SL_TRY(sl_text_add(&unique, err, "_%d", i));
    }
    put_column(x, column, &unique);
out:
    sl_text_release(&unique);
    return rc;
}

static sl_status add_keys(struct exporter *x, struct sl_error *err)
{
    const struct sl_table *table = &x->partitions.table;
    sl_status              rc = SL_OK;

    for (int i = 0; i < table->n_columns && rc == SL_OK; i++) {
        const struct sl_table_column *c = &table->columns[i];

        if (strncmp(c->name, "key_", 4) == 0 && c->dtype == SL_FIXED_TEXT)
            rc = add_column(x, (struct export_column){.kind = EXPORT_KEY, .from = c}, c->name + 4,
                            err);
    }
    return rc;
}

static sl_status find_fixed(const struct exporter *x, const struct fixed_column *f,
                            const struct sl_table_column **out, struct sl_error *err)
{
    const int           n = x->classes.n;
    const enum sl_dtype dtype = f->is_class ? sl_rows_class_dtype(n) : f->dtype;

    return sl_scored_find_items(x->scored, &x->walk.rows, f->name, dtype,
                                f->by_class && n > 2 ? (size_t)n : 0, out, err);
}

static sl_status add_fixed(struct exporter *x, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < N_FIXED; i++) {
        const struct fixed_column *f = &fixed_columns[i];
        struct export_column column = {.kind = f->kind, .missing = -1, .has_missing = f->is_class};

        if (f->kind != EXPORT_RECORD)
            SL_TRY(find_fixed(x, f, &column.from, err));
        if (!f->by_class || x->classes.n == 2) {
            SL_TRY(add_column(x, column, f->name, err));
            continue;
        }
        for (; column.item < (size_t)x->classes.n; column.item++)
            SL_TRY(add_class_column(x, column, f->name, err));
    }
out:
    return rc;
}

/* Of /predictions, where a kept column may be named "record". */
static bool is_fixed(const char *name)
{
    for (int i = 0; i < N_FIXED; i++)
        if (fixed_columns[i].kind != EXPORT_RECORD && strcmp(fixed_columns[i].name, name) == 0)
            return true;
    return strcmp(name, "partition") == 0;
}

static sl_status add_kept(struct exporter *x, struct sl_error *err)
{
    const struct sl_table *rows = &x->walk.rows;
    sl_status              rc = SL_OK;

    for (int i = 0; i < rows->n_columns && rc == SL_OK; i++) {
        const struct sl_table_column *c = &rows->columns[i];

        if (is_fixed(c->name))
            continue;
        if (c->items != NULL)
            rc = sl_fail(err, SL_EINPUT, "'%s': /predictions/%s has several cells a row",
                         x->opts->file, c->name);
        else
            rc = add_column(x,
                            (struct export_column){.kind = EXPORT_CELL,
                                                   .from = c,
                                                   .missing = SL_INTEGER_MISSING,
                                                   .has_missing = c->dtype == SL_I64},
                            c->name, err);
    }
    return rc;
}

/* The words of flag_meanings, 0 first. */
static sl_status split_status(struct exporter *x, struct sl_error *err)
{
    const struct sl_table_column *status;
    sl_status                     rc;

    SL_TRY(sl_scored_find(x->scored, &x->walk.rows, "status", SL_U8, &status, err));
    if (status->notes.flag_meanings == NULL) {
        rc = sl_fail(err, SL_EINPUT, "'%s': /predictions/status has no flag_meanings",
                     x->opts->file);
        goto out;
    }
    SL_TRY(sl_copy_text(status->notes.flag_meanings, &x->status_text, err));
    for (char *word = x->status_text; word != NULL && x->n_status < MOST_STATUS;) {
        char *blank = strchr(word, ' ');

        x->status_words[x->n_status++] = word;
        if (blank != NULL)
            *blank++ = '\0';
        word = blank;
    }
out:
    return rc;
}

static sl_status choose_columns(struct exporter *x, struct sl_error *err)
{
    size_t    most = (size_t)x->partitions.table.n_columns + N_FIXED + (size_t)x->classes.n;
    sl_status rc;

    scored_walk_begin(x->scored, &x->partitions, &x->walk);
    SL_TRY(sl_scored_select(x->scored, NULL, 0, &x->walk.rows, err));
    most += (size_t)x->walk.rows.n_columns;
    SL_TRY(sl_alloc_array(most, sizeof *x->columns, &x->columns, err));
    SL_TRY(add_keys(x, err));
    SL_TRY(add_fixed(x, err));
    SL_TRY(add_kept(x, err));
    SL_TRY(split_status(x, err));
out:
    return rc;
}

/* --- files ------------------------------------------------------------------------------------ */

static sl_status add_header(struct exporter *x, struct sl_file_out *to, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < x->n_columns; i++) {
        const char *name = x->columns[i].name;

        SL_TRY(export_field(to, (struct sl_slice){name, strlen(name)}, err));
        SL_TRY(sl_file_out_add(to, i + 1 < x->n_columns ? "," : "\n", 1, err));
    }
out:
    return rc;
}

/* A field by the grammar, behind others in a text. */
static sl_status add_key(struct sl_text *to, struct sl_slice key, struct sl_error *err)
{
    bool      quote = false;
    sl_status rc = SL_OK;

    for (size_t i = 0; i < key.n_bytes; i++)
        quote |= key.data[i] != '\0' && strchr(",\"\r\n", key.data[i]) != NULL;
    if (quote)
        SL_TRY(sl_text_add_bytes(to, "\"", 1, err));
    for (size_t i = 0; i < key.n_bytes; i++) {
        bool twice = quote && key.data[i] == '"';

        SL_TRY(sl_text_add_bytes(to, twice ? "\"\"" : &key.data[i], twice ? 2 : 1, err));
    }
    SL_TRY(sl_text_add(to, err, quote ? "\"," : ","));
out:
    return rc;
}

static sl_status make_prefix(struct exporter *x, int partition, struct sl_error *err)
{
    sl_status rc = SL_OK;

    x->prefix.n_bytes = 0;
    for (int i = 0; i < x->n_columns && x->columns[i].kind == EXPORT_KEY && rc == SL_OK; i++)
        rc = add_key(&x->prefix, sl_table_text(x->columns[i].from, (size_t)partition), err);
    return rc;
}

static sl_status add_run(struct exporter *x, struct sl_file_out *to, const struct scored_run *run,
                         struct sl_error *err)
{
    int64_t   first = x->first_record == NULL ? 0 : x->first_record[run->partition];
    sl_status rc = make_prefix(x, run->partition, err);

    if (rc != SL_OK)
        return rc;
    const struct export_rows rows = {.columns = x->columns,
                                     .n_columns = x->n_columns,
                                     .status_words = x->status_words,
                                     .n_status = x->n_status,
                                     .prefix = {x->prefix.data, x->prefix.n_bytes},
                                     .first_record = first + run->first_row -
                                                     x->partitions.first_row[run->partition],
                                     .at = run->at,
                                     .n_rows = run->n_rows};
    return export_rows(to, &rows, err);
}

static sl_status export_file(struct exporter *x, struct sl_error *err)
{
    struct sl_file_out *to = NULL;
    struct scored_run   run;
    sl_status           rc;

    SL_TRY(sl_file_out_create(x->opts->output, &to, err));
    SL_TRY(add_header(x, to, err));
    for (;;) {
        SL_TRY(scored_walk_next(&x->walk, &run, err));
        if (run.n_rows == 0)
            break;
        SL_TRY(add_run(x, to, &run, err));
    }
    rc = sl_file_out_commit(to, err);
    to = NULL;
out:
    sl_file_out_abandon(to);
    return rc;
}

static sl_status path_in(const struct exporter *x, int partition, char **out, struct sl_error *err)
{
    const char    *directory = x->opts->output;
    size_t         n = strlen(directory);
    struct sl_text path = {0};
    sl_status rc = sl_text_add(&path, err, "%s%s%s", directory, directory[n - 1] == '/' ? "" : "/",
                               x->names[partition]);

    *out = path.data;
    return rc;
}

/* One partition; *run is the next run of rows, which may be another's already. */
static sl_status export_partition(struct exporter *x, int partition, struct scored_run *run,
                                  struct sl_error *err)
{
    struct sl_file_out *to = NULL;
    char               *path = NULL;
    sl_status           rc;

    SL_TRY(path_in(x, partition, &path, err));
    SL_TRY(sl_file_out_create(path, &to, err));
    SL_TRY(add_header(x, to, err));
    while (run->n_rows > 0 && run->partition == partition) {
        SL_TRY(add_run(x, to, run, err));
        SL_TRY(scored_walk_next(&x->walk, run, err));
    }
    rc = sl_file_out_commit(to, err);
    to = NULL;
out:
    sl_file_out_abandon(to);
    free(path);
    return rc;
}

static sl_status check_absent(const struct exporter *x, const char *path, struct sl_error *err)
{
    if (run_same_file(path, sl_scored_path(x->scored)))
        return sl_fail(err, SL_EUSAGE, "'%s' would be both input and output; name another", path);
    if (x->opts->if_exists == SL_IF_EXISTS_FAIL && access(path, F_OK) == 0)
        return sl_fail(err, SL_EOUTPUT, "'%s' exists; name another, or give --if-exists replace",
                       path);
    return SL_OK;
}

static sl_status check_directory(const struct exporter *x, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (mkdir(x->opts->output, 0777) != 0 && errno != EEXIST)
        return sl_fail(err, SL_EOUTPUT, "cannot make '%s': %s", x->opts->output, strerror(errno));
    for (int i = 0; i < x->partitions.plan.n_partitions && rc == SL_OK; i++) {
        char *path = NULL;

        rc = path_in(x, i, &path, err);
        if (rc == SL_OK)
            rc = check_absent(x, path, err);
        free(path);
    }
    return rc;
}

static sl_status export_directory(struct exporter *x, struct sl_error *err)
{
    struct scored_run run;
    sl_status         rc;

    SL_TRY(export_names(&x->partitions.plan, &x->names, err));
    SL_TRY(check_directory(x, err));
    SL_TRY(scored_walk_next(&x->walk, &run, err));
    for (int i = 0; i < x->partitions.plan.n_partitions; i++)
        SL_TRY(export_partition(x, i, &run, err));
out:
    return rc;
}

/* --- the command ------------------------------------------------------------------------------ */

static bool is_directory(const char *path)
{
    struct stat file;
    size_t      n = strlen(path);

    return (n > 0 && path[n - 1] == '/') || (stat(path, &file) == 0 && S_ISDIR(file.st_mode));
}

static sl_status open_input(struct exporter *x, struct sl_error *err)
{
    const struct sl_table_column *first_record;
    sl_status                     rc;

    SL_TRY(sl_scored_open(x->opts->file, &x->scored, err));
    SL_TRY(scored_partitions_read(x->scored, &x->partitions, err));
    SL_TRY(scored_classes_read(x->scored, &x->classes, err));
    SL_TRY(sl_scored_find(x->scored, &x->partitions.table, "first_record", SL_I64, &first_record,
                          err));
    x->first_record = first_record->cells.i64;
    SL_TRY(choose_columns(x, err));
out:
    return rc;
}

static void exporter_release(struct exporter *x)
{
    for (int i = 0; i < x->n_columns; i++)
        free(x->columns[i].name);
    for (int i = 0; x->names != NULL && i < x->partitions.plan.n_partitions; i++)
        free(x->names[i]);
    free(x->names);
    free(x->columns);
    free(x->status_text);
    sl_text_release(&x->prefix);
    scored_walk_end(&x->walk);
    scored_classes_release(&x->classes);
    scored_partitions_release(&x->partitions);
    sl_scored_close(x->scored);
}

sl_status sl_export(const struct sl_export_opts *opts, struct sl_error *err)
{
    struct exporter x = {.opts = opts};
    const bool      many = is_directory(opts->output);
    sl_status       rc;

    SL_TRY(open_input(&x, err));
    if (!many)
        SL_TRY(check_absent(&x, opts->output, err));
    SL_TRY(many ? export_directory(&x, err) : export_file(&x, err));
    if (opts->notes != NULL && strcmp(opts->output, "-") != 0)
        fprintf(opts->notes, "scoreline: %" PRId64 " rows, %d %s: '%s'\n",
                sl_scored_n_rows(x.scored), many ? x.partitions.plan.n_partitions : 1,
                many && x.partitions.plan.n_partitions != 1 ? "files" : "file", opts->output);
out:
    exporter_release(&x);
    return rc;
}
