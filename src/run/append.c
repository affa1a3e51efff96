/* One predicted block becomes rows of the chunk under way.  What is wrong with the data is written
 * down here, not raised: the chunk may rest on a wrong guess. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "run_impl.h"
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

/* The most probable class; of equal ones the first. */
static int32_t most_of(const double *p, size_t n)
{
    size_t most = 0;

    for (size_t k = 1; k < n; k++)
        if (p[k] > p[most])
            most = k;
    return (int32_t)most;
}

/* Of two classes, the loop that most rows go through: a few instructions for several rows. */
static void put_one_score(const struct append *a, const double *restrict score, double *restrict p,
                          int8_t *restrict predicted)
{
    const uint8_t *restrict status = a->design->status;
    const double threshold = a->job->score.decision_threshold;

    for (size_t i = 0; i < a->block->n_rows; i++) {
        const bool is_scored = status[i] == SL_ROW_SCORED;

        p[i] = is_scored ? score[i] : (double)NAN;
        predicted[i] = (int8_t)(is_scored ? score[i] >= threshold : -1);
    }
}

/* The same of numbers, where nothing is predicted besides. */
static void put_values(const struct append *a, const double *score, double *value)
{
    for (size_t i = 0; i < a->block->n_rows; i++)
        value[i] = a->design->status[i] == SL_ROW_SCORED ? score[i] : (double)NAN;
}

static void put_several_scores(struct append *a, const struct sl_matrix *scores, double *p)
{
    struct sl_table_column *predicted = &a->rows->table.columns[SL_ROWS_PREDICTED];
    const size_t            n = scores->n_cols;

    for (size_t i = 0; i < a->block->n_rows; i++, p += n) {
        const bool is_scored = a->design->status[i] == SL_ROW_SCORED;

        for (size_t k = 0; k < n; k++)
            p[k] = is_scored ? scores->data[k * scores->ld + i] : (double)NAN;
        sl_table_set_class(predicted, a->rows->table.n_rows + i, is_scored ? most_of(p, n) : -1);
    }
}

static void put_scores(struct append *a, const struct sl_matrix *scores)
{
    struct sl_table_column *columns = a->rows->table.columns;
    const size_t            at = a->rows->table.n_rows;
    const size_t            n = columns[SL_ROWS_PROBABILITY].n_items;
    double                 *p = columns[SL_ROWS_PROBABILITY].cells.f64 + at * n;

    if (a->n_classes == 0)
        put_values(a, scores->data, p);
    else if (n == 1)
        put_one_score(a, scores->data, p, columns[SL_ROWS_PREDICTED].cells.i8 + at);
    else
        put_several_scores(a, scores, p);
    memcpy(columns[SL_ROWS_STATUS].cells.u8 + at, a->design->status, a->block->n_rows);
    for (size_t i = 0; i < a->block->n_rows; i++)
        a->chunk->n_missing += a->design->status[i] == SL_ROW_MISSING;
}

static int32_t class_of(const struct append *a, double label)
{
    if (isnan(label))
        return SL_LABEL_UNKNOWN;
    return label >= 0 && label < a->n_classes && label == floor(label) ? (int32_t)label
                                                                       : SL_LABEL_OTHER;
}

/* The same for few classes, in a loop that takes several rows at once: what is between two classes
 * or not a number is cut off by the comparisons. */
static void put_few_labels(const struct append *a, int8_t *restrict to)
{
    const double *restrict label = a->design->label;
    const double n_classes = a->n_classes;

    for (size_t i = 0; i < a->block->n_rows; i++) {
        const bool   is_near = label[i] >= 0 && label[i] < n_classes;
        const double near = is_near ? label[i] : 0.0;
        const int    whole = (int)near;
        const int class = is_near && (double)whole == near ? whole : SL_LABEL_OTHER;

        to[i] = (int8_t)(label[i] == label[i] ? class : SL_LABEL_UNKNOWN);
    }
}

static void put_class_labels(struct append *a, struct sl_table_column *to, size_t at, bool is_known)
{
    if (is_known && to->dtype == SL_I8) {
        put_few_labels(a, to->cells.i8 + at);
        return;
    }
    for (size_t i = 0; i < a->block->n_rows; i++)
        sl_table_set_class(to, at + i,
                           is_known ? class_of(a, a->design->label[i]) : SL_LABEL_UNKNOWN);
}

static void put_number_labels(const struct append *a, double *to, bool is_known)
{
    for (size_t i = 0; i < a->block->n_rows; i++)
        to[i] = is_known ? a->design->label[i] : (double)NAN;
}

/* What a label makes of a column that is not there says nothing. */
static void put_labels(struct append *a)
{
    struct sl_table_column *to = &a->rows->table.columns[SL_ROWS_LABEL];
    const size_t            at = a->rows->table.n_rows;
    const bool              is_known = a->chunk->lacks < 0;

    if (a->n_classes == 0)
        put_number_labels(a, to->cells.f64 + at, is_known);
    else
        put_class_labels(a, to, at, is_known);
}

static void check_widths(struct append *a, const struct sl_keep_spec *keep,
                         const struct sl_slice *texts)
{
    const size_t max_width = (size_t)keep->max_width;

    for (size_t i = 0; i < a->block->n_rows; i++) {
        if (texts[i].n_bytes <= max_width)
            continue;
        set_fault(a, i, SL_EINPUT,
                  "column '%s': %zu bytes to be kept, more than max_width %zu; raise it or set "
                  "\"truncate\": true",
                  keep->column, texts[i].n_bytes, max_width);
        return;
    }
}

static sl_status put_kept_texts(struct append *a, const struct sl_keep_spec *keep,
                                const struct sl_slice *texts, struct sl_table_column *to,
                                struct sl_error *err)
{
    if (!keep->truncate)
        check_widths(a, keep, texts);
    return sl_table_put_texts(to, a->rows->table.n_rows, texts, a->block->n_rows,
                              (size_t)keep->max_width, err);
}

static sl_status put_kept(struct append *a, struct sl_error *err)
{
    const struct sl_output_spec *output = &a->job->output;
    size_t                       at = a->rows->table.n_rows;
    size_t                       n = a->block->n_rows;
    sl_status                    rc = SL_OK;

    for (int k = 0; k < output->n_keep; k++) {
        const struct sl_column *from = &a->block->columns[a->n_recipe_columns + k];
        struct sl_table_column *to = &a->rows->table.columns[a->rows->n_fixed + k];

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
    const struct sl_reject reject = {.chunk = a->chunk->chunk,
                                     .place = a->block->places[row],
                                     .reason = a->block->reject[row],
                                     .column = a->block->reject_column[row]};
    char                   what[160];

    a->chunk->n_rejected++;
    if (a->job->score.bad_rows.policy == SL_BAD_ROWS_FAIL) {
        run_describe_reject(a->run, a->source, a->block, row, what, sizeof what);
        set_fault(a, row, SL_EBADROWS, "%s", what);
    }
    return sl_rows_reject(a->rows, &reject, err);
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

sl_status run_append(struct run *run, const struct sl_source *source,
                     const struct sl_column_block *block, const struct sl_design *design,
                     const struct sl_matrix *scores, struct sl_error *err)
{
    struct append a = {.run = run,
                       .job = run->job,
                       .rows = &run->rows,
                       .chunk = &run->rows.chunk,
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
    put_labels(&a);
    SL_TRY(put_kept(&a, err));
    SL_TRY(put_rejects(&a, err));
    note_missing(&a, run->bundle.recipe);
    a.chunk->n_rows += (int64_t)block->n_rows;
    run->rows.table.n_rows += block->n_rows;
out:
    return rc;
}
