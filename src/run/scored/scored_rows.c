/* Partitions and rows of an output file.  Partitions may be many and small, so blocks are read
 * across them and cut afterwards. */
#include "scored_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/block.h"
#include "scoreline/json.h"
#include "scoreline/memory.h"

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

/* One partition after the other, none overlapping, no row left over. */
static sl_status check_cover(const struct sl_scored *scored, const struct scored_partitions *p,
                             struct sl_error *err)
{
    int64_t next = 0;

    for (int i = 0; i < p->plan.n_partitions; i++) {
        int64_t n_rows = p->counts[i].n_rows;

        if (p->first_row[i] != next || n_rows < 0 || n_rows > sl_scored_n_rows(scored) - next)
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
    size_t  n = n_left < SCORED_BLOCK_ROWS ? (size_t)n_left : SCORED_BLOCK_ROWS;

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

/* --- scores ----------------------------------------------------------------------------------- */

enum { C_PROBABILITY, C_PREDICTED, C_LABEL, C_STATUS, N_COLUMNS };

sl_status scored_select_scores(const struct sl_scored *scored, struct sl_table *rows,
                               struct sl_error *err)
{
    static const char *const   names[N_COLUMNS] = {"probability", "predicted", "label", "status"};
    static const enum sl_dtype dtypes[N_COLUMNS] = {SL_F64, SL_I8, SL_I8, SL_U8};
    sl_status                  rc = sl_scored_select(scored, names, N_COLUMNS, rows, err);

    for (int i = 0; i < N_COLUMNS && rc == SL_OK; i++) {
        const struct sl_table_column *ignored;

        rc = sl_scored_find(scored, rows, names[i], dtypes[i], &ignored, err);
    }
    return rc;
}

sl_status scored_scores_at(const struct sl_scored *scored, const struct sl_table *rows, size_t at,
                           size_t n_rows, int64_t first_row, struct scored_scores *out,
                           struct sl_error *err)
{
    const struct sl_table_column *c = rows->columns;

    *out = (struct scored_scores){.n_rows = n_rows,
                                  .probability = c[C_PROBABILITY].cells.f64 + at,
                                  .predicted = c[C_PREDICTED].cells.i8 + at,
                                  .label = c[C_LABEL].cells.i8 + at,
                                  .status = c[C_STATUS].cells.u8 + at};
    for (size_t i = 0; i < n_rows; i++)
        if (out->status[i] == SL_ROW_SCORED &&
            !(out->probability[i] >= 0 && out->probability[i] <= 1))
            return sl_fail(err, SL_EINPUT,
                           "'%s': /predictions/probability: row %" PRId64 ": %g is no probability",
                           sl_scored_path(scored), first_row + (int64_t)i, out->probability[i]);
    return SL_OK;
}

/* --- the job ---------------------------------------------------------------------------------- */

static const struct sl_json *member(const struct sl_json *object, const char *key)
{
    return object != NULL && sl_json_kind(object) == SL_JSON_OBJECT ? sl_json_find(object, key)
                                                                    : NULL;
}

sl_status scored_job_number(const struct sl_scored *scored, const char *object, const char *key,
                            double otherwise, double *out, struct sl_error *err)
{
    struct sl_json_doc   *doc = NULL;
    const struct sl_json *value;
    char                 *text = NULL;
    size_t                n_bytes;
    sl_status             rc;

    *out = otherwise;
    SL_TRY(sl_scored_provenance(scored, "provenance/job", &text, &n_bytes, err));
    if (text == NULL)
        goto out;
    SL_TRY(sl_json_parse(text, n_bytes, "/provenance/job", &doc, err));
    value = member(member(sl_json_root(doc), object), key);
    if (value != NULL && sl_json_kind(value) == SL_JSON_NUMBER)
        *out = sl_json_number(value);
out:
    if (rc == SL_EJOB) { /* the job is part of the input here */
        rc = err->code = SL_EINPUT;
        sl_error_in(err, "'%s'", sl_scored_path(scored));
    }
    sl_json_close(doc);
    free(text);
    return rc;
}
