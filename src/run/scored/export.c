/* An output as CSV, in one file or many. */
#include "export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../run_impl.h"
#include "scoreline/memory.h"
#include "scoreline/output.h"

struct exporter {
    const struct sl_export_opts *opts;
    struct sl_scored            *scored;
    struct scored_partitions     partitions;
    struct scored_classes        classes;
    const int64_t               *first_record; /* [n_partitions], NULL: 0 in all */
    struct scored_walk           walk;
    struct export_list           list;
    char                       **names; /* [n_partitions] of files in a directory */
    struct sl_text               prefix;
};

/* --- files ------------------------------------------------------------------------------------ */

static sl_status add_header(struct exporter *x, struct sl_file_out *to, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < x->list.n_columns; i++) {
        const char *name = x->list.columns[i].name;

        SL_TRY(export_field(to, (struct sl_slice){name, strlen(name)}, err));
        SL_TRY(sl_file_out_add(to, i + 1 < x->list.n_columns ? "," : "\n", 1, err));
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
    for (int i = 0; i < x->list.n_columns && x->list.columns[i].kind == EXPORT_KEY && rc == SL_OK;
         i++)
        rc = add_key(&x->prefix, sl_table_text(x->list.columns[i].from, (size_t)partition), err);
    return rc;
}

static sl_status add_run(struct exporter *x, struct sl_file_out *to, const struct scored_run *run,
                         struct sl_error *err)
{
    int64_t   first = x->first_record == NULL ? 0 : x->first_record[run->partition];
    sl_status rc = make_prefix(x, run->partition, err);

    if (rc != SL_OK)
        return rc;
    const struct export_rows rows = {.columns = x->list.columns,
                                     .n_columns = x->list.n_columns,
                                     .status_words = x->list.status_words,
                                     .n_status = x->list.n_status,
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
    scored_walk_begin(x->scored, &x->partitions, &x->walk);
    SL_TRY(sl_scored_select(x->scored, NULL, 0, &x->walk.rows, err));
    x->list = (struct export_list){.scored = x->scored,
                                   .partitions = &x->partitions.table,
                                   .rows = &x->walk.rows,
                                   .classes = &x->classes};
    SL_TRY(export_list_make(&x->list, err));
out:
    return rc;
}

static void exporter_release(struct exporter *x)
{
    for (int i = 0; x->names != NULL && i < x->partitions.plan.n_partitions; i++)
        free(x->names[i]);
    free(x->names);
    export_list_release(&x->list);
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
