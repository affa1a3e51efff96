/* The output of a search, by the end of its name: JSON, or HDF5 with a row for each candidate. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../about.h"
#include "scoreline/bytes.h"
#include "scoreline/file.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"
#include "scoreline/version.h"
#include "search.h"

enum { MOST_OUTPUT_BYTES = 1 << 30 };

static bool ends_in(const char *name, const char *suffix)
{
    const size_t n = strlen(name), n_suffix = strlen(suffix);

    return n > n_suffix && strcmp(name + n - n_suffix, suffix) == 0;
}

sl_status search_check_name(const char *output, struct sl_error *err)
{
    if (output == NULL || ends_in(output, ".json") || ends_in(output, ".h5"))
        return SL_OK;
    return sl_fail(err, SL_EUSAGE,
                   "-o '%s': the result is JSON or HDF5, by the end of its name: "
                   ".json or .h5",
                   output);
}

/* Of a JSON file that says whose it is. */
static enum sl_output_state look_at_json(const char *path, char *fingerprint, size_t out_bytes)
{
    static const char     ours[] = "scoreline-";
    enum sl_output_state  state = SL_OUTPUT_FOREIGN;
    struct sl_json_doc   *doc = NULL;
    const struct sl_json *found, *format;
    char                 *text = NULL;
    size_t                n_bytes = 0;
    struct sl_error       unused;
    sl_status             rc;

    SL_TRY(sl_bytes_slurp(path, MOST_OUTPUT_BYTES, &text, &n_bytes, &unused));
    SL_TRY(sl_json_parse(text, n_bytes, path, &doc, &unused));
    format = sl_json_find(sl_json_root(doc), "format");
    found = sl_json_find(sl_json_root(doc), "fingerprint");
    if (sl_json_text(format) != NULL && strncmp(sl_json_text(format), ours, strlen(ours)) == 0 &&
        sl_json_text(found) != NULL) {
        snprintf(fingerprint, out_bytes, "%s", sl_json_text(found));
        state = SL_OUTPUT_COMPLETE;
    }
out:
    sl_json_close(doc);
    free(text);
    return rc == SL_OK ? state : SL_OUTPUT_FOREIGN;
}

enum sl_output_state search_look(const char *output, char *fingerprint, size_t out_bytes)
{
    if (output == NULL || access(output, F_OK) != 0)
        return SL_OUTPUT_ABSENT;
    return ends_in(output, ".json") ? look_at_json(output, fingerprint, out_bytes)
                                    : sl_sink_look(output, fingerprint, out_bytes);
}

/* --- HDF5: /splits, and /candidates with a column for each parameter
 * ------------------------------ */

/* Columns of /candidates before those of parameters. */
enum { COLUMN_RANK, COLUMN_MEAN, COLUMN_STD, COLUMN_SCORES, COLUMN_FEATURES, N_COLUMNS };

static sl_status init_params(const struct search *search, struct sl_table *table,
                             struct sl_error *err)
{
    static const struct sl_column_notes notes = {.long_name = "parameter of the estimator"};
    const struct grid                  *grid = &search->grid;
    sl_status                           rc = SL_OK;

    for (int i = 0; i < grid->n_tried; i++) {
        const struct sl_param *param = &grid->ops->params[grid->tried[i]];
        const bool             is_text = param->type == SL_PARAM_CHOICE;
        struct sl_text         name = {0};

        SL_TRY(sl_text_add(&name, err, "param_%s", param->name));
        rc = sl_table_column_init(&table->columns[N_COLUMNS + i], name.data,
                                  is_text ? SL_FIXED_TEXT : SL_F64, notes, err);
        sl_text_release(&name);
        SL_TRY(rc);
    }
out:
    return rc;
}

static sl_status init_candidates(const struct search *search, struct sl_table *table,
                                 struct sl_error *err)
{
    static const struct {
        const char            *name;
        enum sl_dtype          dtype;
        struct sl_column_notes notes;
    } columns[N_COLUMNS] = {
        [COLUMN_RANK] = {"rank_test_score", SL_I64, {.long_name = "rank, 1 is best"}},
        [COLUMN_MEAN] = {"mean_test_score", SL_F64, {.long_name = "mean of the splits' scores"}},
        [COLUMN_STD] = {"std_test_score", SL_F64, {.long_name = "standard deviation of them"}},
        [COLUMN_SCORES] = {"split_test_scores", SL_F64, {.long_name = "score in each split"}},
        [COLUMN_FEATURES] = {"features", SL_FIXED_TEXT, {.long_name = "set of features"}},
    };
    sl_status rc;

    SL_TRY(sl_table_init(table, "candidates", "candidate", N_COLUMNS + search->grid.n_tried, err));
    for (int i = 0; i < N_COLUMNS; i++)
        SL_TRY(sl_table_column_init(&table->columns[i], columns[i].name, columns[i].dtype,
                                    columns[i].notes, err));
    sl_table_column_items(&table->columns[COLUMN_SCORES], (size_t)search->splits.n, "split");
    SL_TRY(init_params(search, table, err));
    SL_TRY(sl_table_reserve(table, search->grid.n, err));
out:
    return rc;
}

static sl_status put_text(struct sl_table_column *column, size_t row, const char *text,
                          struct sl_error *err)
{
    return sl_table_put_text(column, row, (struct sl_slice){text, strlen(text)}, err);
}

static sl_status put_candidate(const struct search *search, size_t c, struct sl_table *table,
                               struct sl_error *err)
{
    const struct grid      *grid = &search->grid;
    const size_t            n = (size_t)search->splits.n;
    struct sl_table_column *columns = table->columns;
    sl_status               rc;

    columns[COLUMN_RANK].cells.i64[c] = search->ranks[c];
    columns[COLUMN_MEAN].cells.f64[c] = search->means[c];
    columns[COLUMN_STD].cells.f64[c] = search->stds[c];
    memcpy(columns[COLUMN_SCORES].cells.f64 + c * n, search->scores + c * n, n * sizeof(double));
    SL_TRY(put_text(&columns[COLUMN_FEATURES], c, search->variants[grid->variants[c]].name, err));
    for (int i = 0; i < grid->n_tried; i++) {
        const struct sl_param *param = &grid->ops->params[grid->tried[i]];
        const double value = grid->params[c * (size_t)grid->n_params + (size_t)grid->tried[i]];

        if (param->type == SL_PARAM_CHOICE)
            SL_TRY(put_text(&columns[N_COLUMNS + i], c, param->choices[(int)value], err));
        else
            columns[N_COLUMNS + i].cells.f64[c] = value;
    }
    table->n_rows = c + 1;
out:
    return rc;
}

static sl_status make_splits(const struct search *search, struct sl_table *table,
                             struct sl_error *err)
{
    static const struct sl_column_notes notes = {.long_name = "what the split is judged by"};
    sl_status                           rc;

    SL_TRY(sl_table_init(table, "splits", "split", 1, err));
    SL_TRY(sl_table_column_init(&table->columns[0], "name", SL_FIXED_TEXT, notes, err));
    SL_TRY(sl_table_reserve(table, (size_t)search->splits.n, err));
    for (int s = 0; s < search->splits.n; s++)
        SL_TRY(put_text(&table->columns[0], (size_t)s, search->splits.names[s], err));
    table->n_rows = (size_t)search->splits.n;
out:
    return rc;
}

static sl_status write_tables(const struct search *search, const char *text,
                              const struct sl_table *splits, const struct sl_table *candidates,
                              struct sl_error *err)
{
    const struct run          *run = search->run;
    const struct sl_named_text attributes[] = {
        {"title", run->job->name},
        {"source", sl_version_line()},
        {"fingerprint", run->fingerprint.run},
        {"estimator", run->estimator->name},
        {"scoring", search_scoring_name(search)},
    };
    const struct sl_named_text provenance[] = {{"job", run->job->text}, {"result", text}};
    int64_t                   *widths = NULL;
    sl_status                  rc;

    SL_TRY(sl_alloc_array((size_t)candidates->n_columns, sizeof *widths, &widths, err));
    for (int i = 0; i < candidates->n_columns; i++)
        if (candidates->columns[i].dtype == SL_FIXED_TEXT)
            widths[i] = (int64_t)candidates->columns[i].width;
    const struct sl_sink_spec spec = {.path = run->output,
                                      .attributes = attributes,
                                      .n_attributes = sizeof attributes / sizeof *attributes,
                                      .provenance = provenance,
                                      .n_provenance = sizeof provenance / sizeof *provenance,
                                      .tables = splits,
                                      .n_tables = 1,
                                      .rows = candidates,
                                      .widths = widths,
                                      .n_rows = (int64_t)candidates->n_rows};
    rc = sl_sink_save(&spec, err);
out:
    free(widths);
    return rc;
}

static sl_status write_hdf5(const struct search *search, const char *text, struct sl_error *err)
{
    struct sl_table splits = {0}, candidates = {0};
    sl_status       rc;

    SL_TRY(make_splits(search, &splits, err));
    SL_TRY(init_candidates(search, &candidates, err));
    for (size_t c = 0; c < search->grid.n; c++)
        SL_TRY(put_candidate(search, c, &candidates, err));
    SL_TRY(write_tables(search, text, &splits, &candidates, err));
out:
    sl_table_release(&candidates);
    sl_table_release(&splits);
    return rc;
}

sl_status search_write(const struct search *search, const struct sl_json *json,
                       struct sl_error *err)
{
    const char *output = search->run->output;
    char       *text = NULL;
    sl_status   rc;

    if (output == NULL)
        return SL_OK;
    SL_TRY(sl_json_print(json, true, &text, err));
    rc = ends_in(output, ".json") ? sl_file_save(output, text, strlen(text), err)
                                  : write_hdf5(search, text, err);
out:
    free(text);
    return rc;
}
