/* Partitions and rows of an output file.  Partitions may be many and small, so blocks are read
 * across them and cut afterwards. */
#include "scored_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/block.h"
#include "scoreline/memory.h"
#include "scoreline/model.h"
#include "scoreline/rows.h"

enum { BLOCK_CELLS = 64 << 10 };

static sl_status fill_counts(const struct sl_scored *scored, struct scored_partitions *to,
                             struct sl_error *err)
{
    const struct sl_table_column *rows, *n_scored, *missing, *rejected, *first_row;
    sl_status                     rc;

    SL_TRY(sl_scored_find(scored, &to->table, "rows", SL_I64, &rows, err));
    SL_TRY(sl_scored_find(scored, &to->table, "scored", SL_I64, &n_scored, err));
    SL_TRY(sl_scored_find(scored, &to->table, "missing", SL_I64, &missing, err));
    SL_TRY(sl_scored_find(scored, &to->table, "rejected", SL_I64, &rejected, err));
    SL_TRY(sl_scored_find(scored, &to->table, "first_row", SL_I64, &first_row, err));
    SL_TRY(sl_alloc_array(to->table.n_rows, sizeof *to->counts, &to->counts, err));
    for (size_t i = 0; i < to->table.n_rows; i++)
        to->counts[i] = (struct sl_row_counts){.n_rows = rows->cells.i64[i],
                                               .n_scored = n_scored->cells.i64[i],
                                               .n_missing = missing->cells.i64[i],
                                               .n_rejected = rejected->cells.i64[i]};
    to->first_row = first_row->cells.i64;
out:
    return rc;
}

static sl_status copy_slice(struct sl_slice slice, char **out, struct sl_error *err)
{
    sl_status rc = sl_alloc_array(slice.n_bytes + 1, 1, out, err);

    if (rc == SL_OK && slice.n_bytes > 0)
        memcpy(*out, slice.data, slice.n_bytes);
    return rc;
}

static sl_status fill_plan(const struct sl_scored *scored, struct scored_partitions *to,
                           struct sl_error *err)
{
    const struct sl_table_column *name, *trained_on;
    sl_status                     rc;

    SL_TRY(sl_scored_find(scored, &to->table, "name", SL_FIXED_TEXT, &name, err));
    SL_TRY(sl_scored_find(scored, &to->table, "trained_on", SL_U8, &trained_on, err));
    SL_TRY(
        sl_alloc_array(to->table.n_rows, sizeof *to->plan.partitions, &to->plan.partitions, err));
    SL_TRY(sl_int_from_i64((int64_t)to->table.n_rows, "partitions", &to->plan.n_partitions, err));
    for (int i = 0; i < to->plan.n_partitions; i++) {
        struct sl_partition *p = &to->plan.partitions[i];

        SL_TRY(copy_slice(sl_table_text(name, (size_t)i), &p->name, err));
        p->trained_on = trained_on->cells.u8[i] != 0;
    }
out:
    return rc;
}

/* Each is among the rows, so that adding up cannot overflow. */
static bool are_of(const struct sl_row_counts *counts, int64_t n_rows)
{
    const int64_t each[] = {counts->n_scored, counts->n_missing, counts->n_rejected};

    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        if (each[i] < 0 || each[i] > n_rows)
            return false;
    return true;
}

/* One partition after the other, none overlapping, no row left over. */
static sl_status check_cover(const struct sl_scored *scored, const struct scored_partitions *p,
                             struct sl_error *err)
{
    int64_t next = 0;

    for (int i = 0; i < p->plan.n_partitions; i++) {
        int64_t n_rows = p->counts[i].n_rows;

        if (p->first_row[i] != next || n_rows < 0 || n_rows > sl_scored_n_rows(scored) - next ||
            !are_of(&p->counts[i], n_rows))
            return sl_fail(err, SL_EINPUT,
                           "'%s': /partitions and /predictions disagree about the rows of '%s'",
                           sl_scored_path(scored), p->plan.partitions[i].name);
        next += n_rows;
    }
    if (next != sl_scored_n_rows(scored))
        return sl_fail(err, SL_EINPUT,
                       "'%s': %" PRId64 " rows in /predictions, %" PRId64 " in /partitions",
                       sl_scored_path(scored), sl_scored_n_rows(scored), next);
    return SL_OK;
}

sl_status scored_partitions_read(struct sl_scored *scored, struct scored_partitions *out,
                                 struct sl_error *err)
{
    sl_status rc;

    *out = (struct scored_partitions){.first_row = NULL};
    SL_TRY(sl_scored_table(scored, "partitions", &out->table, err));
    SL_TRY(fill_counts(scored, out, err));
    SL_TRY(fill_plan(scored, out, err));
    SL_TRY(check_cover(scored, out, err));
out:
    if (rc != SL_OK)
        scored_partitions_release(out);
    return rc;
}

void scored_partitions_release(struct scored_partitions *partitions)
{
    sl_plan_release(&partitions->plan);
    sl_table_release(&partitions->table);
    free(partitions->counts);
    *partitions = (struct scored_partitions){.first_row = NULL};
}

/* --- rows ------------------------------------------------------------------------------------- */

size_t scored_block_rows(size_t n_items)
{
    return n_items < BLOCK_CELLS ? BLOCK_CELLS / n_items : 1;
}

void scored_walk_begin(const struct sl_scored *scored, const struct scored_partitions *partitions,
                       struct scored_walk *walk)
{
    *walk = (struct scored_walk){
        .scored = scored, .partitions = partitions, .end_row = sl_scored_n_rows(scored)};
}

void scored_walk_end(struct scored_walk *walk)
{
    sl_table_release(&walk->rows);
}

static sl_status read_block(struct scored_walk *walk, struct sl_error *err)
{
    int64_t n_left = walk->end_row - walk->next_row;
    size_t  n_items = 1;
    size_t  n;

    for (int i = 0; i < walk->rows.n_columns; i++)
        if (walk->rows.columns[i].n_items > n_items)
            n_items = walk->rows.columns[i].n_items;
    n = scored_block_rows(n_items);
    n = n_left < (int64_t)n ? (size_t)n_left : n;
    walk->first_row = walk->next_row;
    return sl_scored_read(walk->scored, walk->next_row, n, &walk->rows, err);
}

sl_status scored_walk_next(struct scored_walk *walk, struct scored_run *run, struct sl_error *err)
{
    const struct scored_partitions *p = walk->partitions;
    int64_t                         block_end = walk->first_row + (int64_t)walk->rows.n_rows;
    int64_t                         end;
    sl_status                       rc;

    *run = (struct scored_run){.n_rows = 0};
    if (walk->next_row == walk->end_row)
        return SL_OK;
    if (walk->next_row == block_end) {
        rc = read_block(walk, err);
        if (rc != SL_OK)
            return rc;
        block_end = walk->first_row + (int64_t)walk->rows.n_rows;
    }
    while (p->first_row[walk->partition] + p->counts[walk->partition].n_rows <= walk->next_row)
        walk->partition++;
    end = p->first_row[walk->partition] + p->counts[walk->partition].n_rows;
    end = end < block_end ? end : block_end;
    *run = (struct scored_run){.partition = walk->partition,
                               .at = (size_t)(walk->next_row - walk->first_row),
                               .n_rows = (size_t)(end - walk->next_row),
                               .first_row = walk->next_row};
    walk->next_row = end;
    return SL_OK;
}

/* --- classes ---------------------------------------------------------------------------------- */

sl_status scored_classes_read(struct sl_scored *scored, struct scored_classes *out,
                              struct sl_error *err)
{
    const struct sl_table_column *name;
    sl_status                     rc;

    *out = (struct scored_classes){.n = 0};
    SL_TRY(sl_scored_table(scored, "classes", &out->table, err));
    SL_TRY(sl_scored_find(scored, &out->table, "name", SL_FIXED_TEXT, &name, err));
    if (out->table.n_rows == 1 || out->table.n_rows > SL_MOST_CLASSES) {
        rc = sl_fail(err, SL_EINPUT, "'%s': /classes has %zu rows, not 2 to %d, nor none",
                     sl_scored_path(scored), out->table.n_rows, SL_MOST_CLASSES);
        goto out;
    }
    SL_TRY(sl_alloc_array(out->table.n_rows, sizeof *out->names, &out->names, err));
    for (size_t k = 0; k < out->table.n_rows; k++)
        out->names[k] = sl_table_text(name, k);
    out->n = (int)out->table.n_rows;
out:
    if (rc != SL_OK)
        scored_classes_release(out);
    return rc;
}

void scored_classes_release(struct scored_classes *classes)
{
    sl_table_release(&classes->table);
    free(classes->names);
    *classes = (struct scored_classes){.n = 0};
}

sl_status scored_add_text(struct sl_json *to, const char *key, struct sl_slice text,
                          struct sl_error *err)
{
    char     *copy = NULL;
    sl_status rc = copy_slice(text, &copy, err);

    if (rc == SL_OK)
        rc = sl_json_add_text(to, key, copy, err);
    free(copy);
    return rc;
}

/* --- scores ----------------------------------------------------------------------------------- */

enum { C_PROBABILITY, C_PREDICTED, C_LABEL, C_STATUS, N_COLUMNS };

static const char *const score_columns[N_COLUMNS] = {"probability", "predicted", "label", "status"};

enum { V_VALUE, V_LABEL, V_STATUS, N_VALUE_COLUMNS };

static sl_status select_numbers(const struct sl_scored *scored, struct sl_table *rows,
                                struct sl_error *err)
{
    static const char *const   names[N_VALUE_COLUMNS] = {"value", "label", "status"};
    static const enum sl_dtype dtypes[N_VALUE_COLUMNS] = {SL_F64, SL_F64, SL_U8};
    sl_status                  rc = sl_scored_select(scored, names, N_VALUE_COLUMNS, rows, err);

    for (int i = 0; i < N_VALUE_COLUMNS && rc == SL_OK; i++) {
        const struct sl_table_column *ignored;

        rc = sl_scored_find_items(scored, rows, names[i], dtypes[i], 0, &ignored, err);
    }
    return rc;
}

sl_status scored_select_scores(const struct sl_scored *scored, int n_classes, struct sl_table *rows,
                               struct sl_error *err)
{
    const enum sl_dtype class_dtype = sl_rows_class_dtype(n_classes);
    const enum sl_dtype dtypes[N_COLUMNS] = {SL_F64, class_dtype, class_dtype, SL_U8};
    sl_status           rc;

    if (n_classes == 0)
        return select_numbers(scored, rows, err);
    rc = sl_scored_select(scored, score_columns, N_COLUMNS, rows, err);

    for (int i = 0; i < N_COLUMNS && rc == SL_OK; i++) {
        const bool                    is_several = i == C_PROBABILITY && n_classes > 2;
        const struct sl_table_column *ignored;

        rc = sl_scored_find_items(scored, rows, score_columns[i], dtypes[i],
                                  is_several ? (size_t)n_classes : 0, &ignored, err);
    }
    return rc;
}

/* What a scored row says; *fault is left NULL where that can be. */
static void check_row(const struct sl_scores *s, size_t i, int n_classes, const char **fault,
                      double *value)
{
    const size_t  n = s->probability->n_items;
    const int32_t predicted = sl_table_class(s->predicted, i);
    const int32_t label = sl_table_class(s->label, i);

    for (size_t k = 0; k < n; k++) {
        const double p = s->probability->cells.f64[i * n + k];

        if (!(p >= 0 && p <= 1)) {
            *fault = "probability";
            *value = p;
            return;
        }
    }
    if (predicted < 0 || predicted >= n_classes) {
        *fault = "predicted";
        *value = predicted;
    } else if (label < SL_LABEL_OTHER || label >= n_classes) {
        *fault = "label";
        *value = label;
    }
}

sl_status scored_scores_at(const struct sl_scored *scored, int n_classes,
                           const struct sl_table *rows, size_t at, size_t n_rows, int64_t first_row,
                           struct sl_scores *out, struct sl_error *err)
{
    const struct sl_table_column *c = rows->columns;
    const char                   *fault = NULL;
    double                        value = 0;

    if (n_classes == 0) {
        *out = (struct sl_scores){.probability = &c[V_VALUE],
                                  .label = &c[V_LABEL],
                                  .status = &c[V_STATUS],
                                  .at = at,
                                  .n_rows = n_rows};
        return SL_OK;
    }
    *out = (struct sl_scores){.probability = &c[C_PROBABILITY],
                              .predicted = &c[C_PREDICTED],
                              .label = &c[C_LABEL],
                              .status = &c[C_STATUS],
                              .at = at,
                              .n_rows = n_rows};
    for (size_t i = at; i < at + n_rows; i++) {
        if (c[C_STATUS].cells.u8[i] == SL_ROW_SCORED)
            check_row(out, i, n_classes, &fault, &value);
        if (fault != NULL)
            return sl_fail(err, SL_EINPUT, "'%s': /predictions/%s: row %" PRId64 ": %g is no %s",
                           sl_scored_path(scored), fault, first_row + (int64_t)(i - at), value,
                           strcmp(fault, "probability") == 0 ? fault : "class");
    }
    return SL_OK;
}

/* --- the job ---------------------------------------------------------------------------------- */

static const struct sl_json *member(const struct sl_json *object, const char *key)
{
    return object != NULL && sl_json_kind(object) == SL_JSON_OBJECT ? sl_json_find(object, key)
                                                                    : NULL;
}

/* A text of the file's provenance as JSON; *doc stays NULL where it has none. */
static sl_status read_provenance(const struct sl_scored *scored, const char *path,
                                 struct sl_json_doc **doc, struct sl_error *err)
{
    char     *text = NULL;
    size_t    n_bytes;
    sl_status rc;

    SL_TRY(sl_scored_provenance(scored, path + 1, &text, &n_bytes, err));
    if (text != NULL)
        rc = sl_json_parse(text, n_bytes, path, doc, err);
out:
    if (rc == SL_EJOB) { /* the job is part of the input here */
        rc = err->code = SL_EINPUT;
        sl_error_in(err, "'%s'", sl_scored_path(scored));
    }
    free(text);
    return rc;
}

sl_status scored_deviance(const struct sl_scored *scored, enum sl_deviance *out,
                          struct sl_error *err)
{
    size_t                            n;
    const struct sl_model_ops *const *kinds = sl_model_kinds(&n);
    struct sl_json_doc               *doc = NULL;
    const struct sl_json             *estimator = NULL;
    sl_status                         rc;

    *out = SL_DEVIANCE_SQUARE;
    SL_TRY(read_provenance(scored, "/provenance/model", &doc, err));
    if (doc != NULL)
        estimator = member(sl_json_root(doc), "estimator");
    for (size_t i = 0; estimator != NULL && sl_json_text(estimator) != NULL && i < n; i++)
        if (strcmp(kinds[i]->name, sl_json_text(estimator)) == 0)
            *out = kinds[i]->deviance;
out:
    sl_json_close(doc);
    return rc;
}

sl_status scored_job_number(const struct sl_scored *scored, const char *object, const char *key,
                            double otherwise, double *out, struct sl_error *err)
{
    struct sl_json_doc   *doc = NULL;
    const struct sl_json *value;
    sl_status             rc;

    *out = otherwise;
    SL_TRY(read_provenance(scored, "/provenance/job", &doc, err));
    if (doc == NULL)
        return SL_OK;
    value = member(member(sl_json_root(doc), object), key);
    if (value != NULL && sl_json_kind(value) == SL_JSON_NUMBER)
        *out = sl_json_number(value);
out:
    sl_json_close(doc);
    return rc;
}

sl_status scored_exact_rows(const struct sl_scored *scored, int64_t *out, struct sl_error *err)
{
    double    number;
    sl_status rc;

    SL_TRY(scored_job_number(scored, "metrics", "exact_rows", 0, &number, err));
    *out = number >= 1 && number <= UINT32_MAX ? (int64_t)number : SL_METRICS_EXACT_ROWS;
out:
    return rc;
}
