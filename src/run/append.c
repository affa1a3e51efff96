/* One predicted block becomes rows of the chunk under way.  What is wrong with the data is written
 * down here, not raised: the chunk may rest on a wrong guess. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/memory.h"
#include "scoreline/source.h"

/* What is appended, and to what. */
struct append {
    const struct run             *run;
    const struct sl_job          *job;
    struct sl_rows               *rows;
    struct sl_rows_chunk         *chunk;
    const struct sl_source       *source;
    const struct sl_column_block *block;
    const struct sl_design       *design;
    int                           n_recipe_columns;
    int                           n_classes;
};

/* The earliest fault of a chunk is the one that counts. */
SL_PRINTF(4, 5)
static void set_fault(struct append *a, size_t row, sl_status code, const char *format, ...)
{
    struct sl_data_fault *fault = &a->chunk->fault;
    va_list               args;

    if (fault->code != SL_OK && fault->place.record <= a->block->places[row].record)
        return;
    fault->code = code;
    fault->place = a->block->places[row];
    va_start(args, format);
    vsnprintf(fault->text, sizeof fault->text, format, args);
    va_end(args);
}

/* Of two classes the second where it is probable enough, else the most probable; of equal ones the
 * first. */
static int32_t predict(const struct append *a, const double *p, size_t n)
{
    size_t most = 0;

    if (n == 1)
        return p[0] >= a->job->score.decision_threshold;
    for (size_t k = 1; k < n; k++)
        if (p[k] > p[most])
            most = k;
    return (int32_t)most;
}

static void put_scores(struct append *a, const struct sl_matrix *scores)
{
    struct sl_table_column *columns = a->rows->table.columns;
    size_t                  at = a->rows->table.n_rows;
    const size_t            n = columns[SL_ROWS_PROBABILITY].n_items;
    double                 *p = columns[SL_ROWS_PROBABILITY].cells.f64 + at * n;
    uint8_t                *status = columns[SL_ROWS_STATUS].cells.u8 + at;

    for (size_t i = 0; i < a->block->n_rows; i++, p += n) {
        bool is_scored = a->design->status[i] == SL_ROW_SCORED;

        for (size_t k = 0; k < n; k++)
            p[k] = is_scored ? scores->data[k * scores->ld + i] : (double)NAN;
        if (a->n_classes > 0)
            sl_table_set_class(&columns[SL_ROWS_PREDICTED], at + i,
                               is_scored ? predict(a, p, n) : -1);
        status[i] = a->design->status[i];
        a->chunk->n_missing += a->design->status[i] == SL_ROW_MISSING;
    }
}

static int32_t class_of(const struct append *a, double label)
{
    if (isnan(label))
        return SL_LABEL_UNKNOWN;
    return label >= 0 && label < a->n_classes && label == floor(label) ? (int32_t)label
                                                                       : SL_LABEL_OTHER;
}

/* What a label makes of a column that is not there says nothing. */
static void put_labels(struct append *a, int32_t partition)
{
    const bool              is_known = a->chunk->lacks < 0;
    struct sl_table_column *columns = a->rows->table.columns;
    size_t                  at = a->rows->table.n_rows;

    for (size_t i = 0; i < a->block->n_rows; i++) {
        if (a->n_classes > 0)
            sl_table_set_class(&columns[SL_ROWS_LABEL], at + i,
                               is_known ? class_of(a, a->design->label[i]) : SL_LABEL_UNKNOWN);
        else
            columns[SL_ROWS_LABEL].cells.f64[at + i] = is_known ? a->design->label[i] : (double)NAN;
        columns[SL_ROWS_PARTITION].cells.i32[at + i] = partition;
    }
}

static sl_status put_kept_texts(struct append *a, const struct sl_keep_spec *keep,
                                const struct sl_slice *texts, struct sl_table_column *to,
                                struct sl_error *err)
{
    size_t    max_width = (size_t)keep->max_width;
    sl_status rc = SL_OK;

    for (size_t i = 0; i < a->block->n_rows && rc == SL_OK; i++) {
        struct sl_slice text = texts[i];

        if (text.n_bytes > max_width && !keep->truncate)
            set_fault(a, i, SL_EINPUT,
                      "column '%s': %zu bytes to be kept, more than max_width %zu; raise it or set "
                      "\"truncate\": true",
                      keep->column, text.n_bytes, max_width);
        if (text.n_bytes > max_width)
            text.n_bytes = max_width;
        rc = sl_table_put_text(to, a->rows->table.n_rows + i, text, err);
    }
    return rc;
}

static sl_status put_kept(struct append *a, struct sl_error *err)
{
    const struct sl_output_spec *output = &a->job->output;
    size_t                       at = a->rows->table.n_rows;
    size_t                       n = a->block->n_rows;
    sl_status                    rc = SL_OK;

    for (int k = 0; k < output->n_keep; k++) {
        const struct sl_column *from = &a->block->columns[a->n_recipe_columns + k];
        struct sl_table_column *to = &a->rows->table.columns[sl_rows_first_kept(a->n_classes) + k];

        switch (from->type) {
        case SL_NUMBER:
            memcpy(to->cells.f64 + at, from->values.number, n * sizeof(double));
            break;
        case SL_INTEGER:
            memcpy(to->cells.i64 + at, from->values.integer, n * sizeof(int64_t));
            break;
        case SL_TEXT:
            SL_TRY(put_kept_texts(a, &output->keep[k], from->values.text, to, err));
            break;
        }
    }
out:
    return rc;
}

static sl_status put_reject(struct append *a, size_t row, struct sl_error *err)
{
    struct sl_rows *rows = a->rows;
    char            what[160];
    sl_status       rc;

    a->chunk->n_rejected++;
    if (a->job->score.bad_rows.policy == SL_BAD_ROWS_FAIL) {
        run_describe_reject(a->run, a->source, a->block, row, what, sizeof what);
        set_fault(a, row, SL_EBADROWS, "%s", what);
    }
    if (a->chunk->n_rejected > rows->max_rejects)
        return SL_OK;
    rc = sl_grow_array(&rows->rejects, &rows->reject_capacity, rows->n_rejects + 1,
                       sizeof *rows->rejects, err);
    if (rc != SL_OK)
        return rc;
    a->chunk->n_rejects++;
    rows->rejects[rows->n_rejects++] = (struct sl_reject){.chunk = a->chunk->chunk,
                                                          .place = a->block->places[row],
                                                          .reason = a->block->reject[row],
                                                          .column = a->block->reject_column[row]};
    return SL_OK;
}

static sl_status put_rejects(struct append *a, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t i = 0; i < a->block->n_rows && rc == SL_OK; i++)
        if (a->block->reject[i] != SL_GOOD)
            rc = put_reject(a, i, err);
    return rc;
}

/* A feature that may not be missing is. */
static void note_missing(struct append *a, const struct sl_recipe *recipe)
{
    char what[256];

    if (a->design->fault_row >= 0)
        set_fault(a, (size_t)a->design->fault_row, SL_EINPUT, "%s",
                  sl_recipe_describe_fault(recipe, a->design, what, sizeof what));
}

sl_status run_append(struct run *run, const struct sl_chunk *chunk, const struct sl_source *source,
                     const struct sl_column_block *block, const struct sl_design *design,
                     const struct sl_matrix *scores, struct sl_error *err)
{
    struct append a = {.run = run,
                       .job = run->job,
                       .rows = &run->rows,
                       .chunk = sl_rows_current(&run->rows),
                       .source = source,
                       .block = block,
                       .design = design};
    sl_status     rc;

    if (block->n_rows == 0)
        return SL_OK;
    sl_recipe_requests(run->bundle.recipe, &a.n_recipe_columns);
    sl_recipe_classes(run->bundle.recipe, &a.n_classes);
    SL_TRY(sl_table_reserve(&run->rows.table, block->n_rows, err));
    put_scores(&a, scores);
    put_labels(&a, chunk->partition);
    SL_TRY(put_kept(&a, err));
    SL_TRY(put_rejects(&a, err));
    note_missing(&a, run->bundle.recipe);
    a.chunk->n_rows += (int64_t)block->n_rows;
    run->rows.table.n_rows += block->n_rows;
out:
    return rc;
}
