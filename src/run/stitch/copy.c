/* Rows of the pieces into the whole.  Every rank has an even share of the output's rows, whatever
 * pieces they lie in, and goes through it in blocks: once for the metrics, which the file must have
 * before its rows, and once for the rows. */
#include <stdlib.h>
#include <string.h>

#include "../progress.h"
#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"
#include "stitch.h"

enum {
    MOST_OPEN = 64, /* pieces at once */
    BLOCK_BYTES = 64 << 20,
    MOST_BLOCK_ROWS = 1 << 20,
};

/* A share of the output's rows, read block by block. */
struct reader {
    struct stitch     *s;
    struct sl_scored **open; /* [opts->n_files] */
    int                n_open;
    struct sl_table    rows;
    int64_t            next_row;
    int64_t            end_row;
    size_t             segment; /* of next_row, or before it */
};

static void close_pieces(struct reader *r)
{
    for (int p = 0; r->open != NULL && p < r->s->opts->n_files; p++) {
        sl_scored_close(r->open[p]);
        r->open[p] = NULL;
    }
    r->n_open = 0;
}

static sl_status piece_at(struct reader *r, int32_t piece, const struct sl_scored **out,
                          struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (r->open[piece] == NULL) {
        if (r->n_open == MOST_OPEN)
            close_pieces(r);
        rc = sl_scored_open(r->s->opts->files[piece], &r->open[piece], err);
        r->n_open++;
    }
    *out = r->open[piece];
    return rc;
}

static sl_status reader_init(struct reader *r, struct stitch *s, struct sl_error *err)
{
    const int64_t rank = sl_comm_rank(s->comm);
    const int64_t size = sl_comm_size(s->comm);

    *r = (struct reader){.s = s,
                         .next_row = s->n_rows / size * rank + s->n_rows % size * rank / size,
                         .end_row =
                             s->n_rows / size * (rank + 1) + s->n_rows % size * (rank + 1) / size};
    return sl_alloc_array((size_t)s->opts->n_files, sizeof *r->open, &r->open, err);
}

static void reader_release(struct reader *r)
{
    sl_table_release(&r->rows);
    close_pieces(r);
    free(r->open);
}

/* The next rows that are neighbours in one piece, at most `most`. */
static struct stitch_segment next_segment(struct reader *r, int64_t most)
{
    const struct stitch_segment *segments = r->s->segments;
    struct stitch_segment        next;
    int64_t                      skipped;
    int64_t                      n_left = r->end_row - r->next_row;

    while (segments[r->segment].to + segments[r->segment].n_rows <= r->next_row)
        r->segment++;
    next = segments[r->segment];
    skipped = r->next_row - next.to;
    next.from += skipped;
    next.to += skipped;
    next.n_rows -= skipped;
    next.n_rows = next.n_rows < n_left ? next.n_rows : n_left;
    next.n_rows = next.n_rows < most ? next.n_rows : most;
    r->next_row += next.n_rows;
    return next;
}

/* --- metrics ---------------------------------------------------------------------------------- */

static sl_status add_segment(struct reader *r, const struct stitch_segment *segment,
                             struct sl_metrics *metrics, struct sl_error *err)
{
    const int               n_classes = r->s->n_classes;
    const struct sl_scored *scored;
    struct sl_scores        scores;
    enum sl_phase           before;
    sl_status               rc;

    SL_TRY(piece_at(r, segment->piece, &scored, err));
    if (r->rows.columns == NULL)
        SL_TRY(scored_select_scores(scored, n_classes, &r->rows, err));
    before = sl_stopwatch_enter(r->s->watch, SL_PHASE_READ);
    rc = sl_scored_read(scored, segment->from, (size_t)segment->n_rows, &r->rows, err);
    sl_stopwatch_enter(r->s->watch, before);
    SL_TRY(rc);
    SL_TRY(scored_scores_at(scored, n_classes, &r->rows, 0, (size_t)segment->n_rows, segment->from,
                            &scores, err));
    rc = sl_metrics_add(metrics, segment->partition, &scores, err);
out:
    return rc;
}

static sl_status give_share(void *state, struct sl_metrics *to, struct sl_error *err)
{
    struct stitch *s = state;
    const int64_t  most = (int64_t)scored_block_rows(s->n_classes > 0 ? (size_t)s->n_classes : 1);
    struct reader  r = {.s = NULL};
    sl_status      rc = reader_init(&r, s, err);

    while (rc == SL_OK && r.next_row < r.end_row) {
        const struct stitch_segment segment = next_segment(&r, most);

        rc = add_segment(&r, &segment, to, err);
    }
    reader_release(&r);
    return rc;
}

sl_status stitch_metrics(struct stitch *s, struct sl_error *err)
{
    const struct sl_metrics_spec spec = {.n_classes = s->n_classes,
                                         .deviance = s->deviance,
                                         .n_partitions = s->n_partitions,
                                         .trained_on = s->trained_on,
                                         .n_rows = s->n_rows / sl_comm_size(s->comm) + 1,
                                         .exact_rows = s->exact_rows,
                                         .state = s,
                                         .give = give_share};

    return sl_metrics_measure(s->comm, &spec, &s->measured, err);
}

/* --- rows ------------------------------------------------------------------------------------- */

static int64_t block_rows(const struct stitch *s, const struct sl_table *columns)
{
    int64_t row_bytes = 1;
    int64_t n;

    for (int i = 0; i < columns->n_columns; i++)
        row_bytes += (int64_t)sl_column_bytes(&columns->columns[i]) + s->widths[i];
    n = BLOCK_BYTES / row_bytes;
    return n < 1 ? 1 : n < MOST_BLOCK_ROWS ? n : MOST_BLOCK_ROWS;
}

/* The rows' partition is that of the whole. */
static sl_status set_partition(const struct reader *r, size_t at, int32_t partition,
                               struct sl_error *err)
{
    struct sl_table_column *column = sl_table_find(&r->rows, "partition", SL_I32);

    if (column == NULL)
        return sl_fail(err, SL_EINPUT, "'%s': it has no /predictions/partition",
                       r->s->opts->files[r->s->reference]);
    for (size_t i = at; i < r->rows.n_rows; i++)
        column->cells.i32[i] = partition;
    return SL_OK;
}

static void clear(struct sl_table *rows)
{
    rows->n_rows = 0;
    for (int i = 0; i < rows->n_columns; i++)
        rows->columns[i].bytes.n_bytes = 0;
}

static sl_status read_block(struct reader *r, int64_t most, int64_t row_bytes, struct sl_error *err)
{
    const enum sl_phase before = sl_stopwatch_enter(r->s->watch, SL_PHASE_READ);
    int64_t             end = r->next_row + most < r->end_row ? r->next_row + most : r->end_row;
    sl_status           rc = SL_OK;

    clear(&r->rows);
    while (r->next_row < end) {
        const struct sl_scored     *scored;
        const size_t                at = r->rows.n_rows;
        const struct stitch_segment next = next_segment(r, end - r->next_row);
        const double                began = sl_clock_now();

        SL_TRY(piece_at(r, next.piece, &scored, err));
        SL_TRY(sl_scored_append(scored, next.from, (size_t)next.n_rows, &r->rows, err));
        SL_TRY(set_partition(r, at, next.partition, err));
        run_pace_add(&r->s->pace, next.partition, sl_clock_now() - began, next.n_rows * row_bytes,
                     next.n_rows);
    }
out:
    sl_stopwatch_enter(r->s->watch, before);
    return rc;
}

sl_status stitch_copy(struct stitch *s, const struct sl_table *columns, struct sl_sink *sink,
                      struct sl_error *err)
{
    const int64_t most = block_rows(s, columns);
    const int64_t row_bytes = sl_table_row_bytes(columns, s->widths);
    int64_t       n_done = 0; /* by all ranks */
    struct reader r = {.s = NULL};
    int64_t       n_blocks; /* of the rank that has most: writing is collective */
    sl_status     rc = reader_init(&r, s, err);

    if (rc == SL_OK)
        rc = sl_table_like(columns, &r.rows, err);
    SL_TRY(sl_comm_agree(s->comm, rc, err));
    run_progress_expect(s->progress, s->n_rows * row_bytes);
    n_blocks = (r.end_row - r.next_row + most - 1) / most;
    sl_comm_max_i64(s->comm, &n_blocks, 1);
    for (int64_t b = 0; b < n_blocks; b++) {
        struct sl_slab slab = {.to = r.next_row};
        int64_t        n_now;

        SL_TRY(sl_comm_agree(s->comm, read_block(&r, most, row_bytes, err), err));
        slab.n_rows = (int64_t)r.rows.n_rows;
        SL_TRY(sl_sink_write(sink, &r.rows, &slab, slab.n_rows > 0, err));
        n_now = slab.n_rows;
        sl_comm_sum_i64(s->comm, &n_now, 1);
        n_done += n_now;
        run_progress_count(s->progress, n_done * row_bytes, n_done);
    }
out:
    reader_release(&r);
    return rc;
}
