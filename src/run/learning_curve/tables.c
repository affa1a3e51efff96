/* A result as HDF5: /points, a row for each size and one for the job's rows, and /fits; all of it
 * also as the JSON that they are made from. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "curve.h"
#include "scoreline/memory.h"
#include "scoreline/version.h"

/* A column and where it stands in the JSON of a row: `key` of it, or of its member `in`. */
struct column {
    const char            *name;
    enum sl_dtype          dtype; /* SL_F64, SL_I64 or SL_U8: a bool */
    const char            *in;    /* NULL: of the row itself */
    const char            *key;
    struct sl_column_notes notes;
};

static const struct column point_columns[] = {
    {"train_size", SL_F64, NULL, "train_size", {.long_name = "rows trained on", .units = "1"}},
    {"of_job", SL_U8, NULL, "partitions", {.long_name = "whether these are the job's own rows"}},
    {"training", SL_F64, "training", "mean", {.long_name = "mean training score"}},
    {"training_std", SL_F64, "training", "std", {.long_name = "standard deviation over fits"}},
    {"validation", SL_F64, "validation", "mean", {.long_name = "mean validation score"}},
    {"validation_std", SL_F64, "validation", "std", {.long_name = "standard deviation over fits"}},
    {"n_fits", SL_I64, NULL, "n_fits", {.long_name = "fits of this size"}},
    {"n_failed", SL_I64, NULL, "n_failed", {.long_name = "of them without scores"}},
};

static const struct column fit_columns[] = {
    {"repeat", SL_I64, NULL, "repeat", {.long_name = "which drawing, from 0"}},
    {"fold", SL_I64, NULL, "fold", {.long_name = "which rows judge, from 0"}},
    {"train_size", SL_I64, NULL, "train_size", {.long_name = "rows trained on", .units = "1"}},
    {"of_job", SL_U8, NULL, "of_job", {.long_name = "whether these are the job's own rows"}},
    {"training", SL_F64, NULL, "training", {.long_name = "training score"}},
    {"validation", SL_F64, NULL, "validation", {.long_name = "validation score"}},
    {"converged", SL_U8, NULL, "converged", {.long_name = "whether the solver converged"}},
};

enum {
    N_POINT_COLUMNS = sizeof point_columns / sizeof *point_columns,
    N_FIT_COLUMNS = sizeof fit_columns / sizeof *fit_columns,
};

static sl_status init_table(struct sl_table *table, const char *name, const char *dimension,
                            const struct column *columns, int n_columns, size_t n_rows,
                            struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_table_init(table, name, dimension, n_columns, err));
    for (int i = 0; i < n_columns; i++)
        SL_TRY(sl_table_column_init(&table->columns[i], columns[i].name, columns[i].dtype,
                                    columns[i].notes, err));
    rc = sl_table_reserve(table, n_rows, err);
out:
    return rc;
}

/* True, or there at all. */
static bool is_so(const struct sl_json *value)
{
    return sl_json_bool(value) || sl_json_kind(value) == SL_JSON_LIST;
}

static void put_row(struct sl_table *table, const struct column *columns,
                    const struct sl_json *from)
{
    const size_t row = table->n_rows++;

    for (int i = 0; i < table->n_columns; i++) {
        const struct sl_json *in = columns[i].in != NULL ? sl_json_find(from, columns[i].in) : from;
        const struct sl_json *value = sl_json_find(in, columns[i].key);

        if (columns[i].dtype == SL_F64)
            table->columns[i].cells.f64[row] =
                sl_json_kind(value) == SL_JSON_NUMBER ? sl_json_number(value) : (double)NAN;
        else if (columns[i].dtype == SL_I64)
            table->columns[i].cells.i64[row] = (int64_t)sl_json_number(value);
        else
            table->columns[i].cells.u8[row] = is_so(value);
    }
}

static sl_status make_tables(const struct sl_json *result, struct sl_table *points,
                             struct sl_table *fits, struct sl_error *err)
{
    const struct sl_json *list = sl_json_find(result, "points");
    sl_status             rc;

    SL_TRY(init_table(points, "points", "point", point_columns, N_POINT_COLUMNS,
                      sl_json_count(list) + 1, err));
    for (const struct sl_json *p = sl_json_first(list); p != NULL; p = sl_json_next(p))
        put_row(points, point_columns, p);
    put_row(points, point_columns, sl_json_find(result, "job_subset"));
    list = sl_json_find(result, "fits");
    SL_TRY(init_table(fits, "fits", "fit", fit_columns, N_FIT_COLUMNS, sl_json_count(list), err));
    for (const struct sl_json *f = sl_json_first(list); f != NULL; f = sl_json_next(f))
        put_row(fits, fit_columns, f);
out:
    return rc;
}

static const char *text_of(const struct sl_json *result, const char *key)
{
    const char *text = sl_json_text(sl_json_find(result, key));

    return text != NULL ? text : "";
}

static sl_status write(const char *path, const struct sl_json *result, const char *text,
                       const char *job, const struct sl_table *points, const struct sl_table *fits,
                       struct sl_error *err)
{
    const struct sl_named_text attributes[] = {
        {"title", text_of(result, "job")},
        {"source", sl_version_line()},
        {"fingerprint", text_of(result, "fingerprint")},
        {"estimator", text_of(result, "estimator")},
        {"scoring", text_of(result, "scoring")},
    };
    const struct sl_named_text provenance[] = {{"job", job}, {"result", text}};
    const int64_t              no_widths[N_FIT_COLUMNS] = {0};
    const struct sl_sink_spec  spec = {.path = path,
                                       .attributes = attributes,
                                       .n_attributes = sizeof attributes / sizeof *attributes,
                                       .provenance = provenance,
                                       .n_provenance = sizeof provenance / sizeof *provenance,
                                       .tables = points,
                                       .n_tables = 1,
                                       .rows = fits,
                                       .widths = no_widths,
                                       .n_rows = (int64_t)fits->n_rows};

    return sl_sink_save(&spec, err);
}

sl_status curve_write_tables(const char *path, const char *job, const struct sl_json *result,
                             struct sl_error *err)
{
    struct sl_table points = {0}, fits = {0};
    char           *text = NULL;
    sl_status       rc;

    SL_TRY(sl_json_print(result, true, &text, err));
    SL_TRY(make_tables(result, &points, &fits, err));
    rc = write(path, result, text, job, &points, &fits, err);
out:
    free(text);
    sl_table_release(&fits);
    sl_table_release(&points);
    return rc;
}
