/* Fourth stage: every chunk has its place; all ranks write their rows into one file together, which
 * then gets its name. */
#include <stdlib.h>
#include <string.h>

#include "about.h"
#include "progress.h"
#include "run_impl.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"
#include "scoreline/version.h"

enum {
    N_ATTRIBUTES = 8,
    N_OWN = 4, /* texts of /provenance that are of the job */
    N_PROVENANCE = N_OWN + ABOUT_N_TEXTS,
    BATCH_ROWS = 64 << 10
};

/* The width of every text column, that of the widest rank; 0 for the others.  What a wrong guess
 * left behind does not count. */
static sl_status agree_widths(const struct run *run, int64_t **out, struct sl_error *err)
{
    const struct sl_table *table = &run->rows.table;
    int64_t               *widths = NULL;
    sl_status              rc;

    rc = sl_alloc_array((size_t)table->n_columns, sizeof *widths, &widths, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    for (int i = 0; i < table->n_columns; i++)
        widths[i] = table->columns[i].dtype == SL_FIXED_TEXT ? SL_LEAST_WIDTH : 0;
    for (int64_t c = 0; c < run->plan.n_chunks; c++)
        if (run->totals.mine[c] >= 0)
            sl_journal_widen(run->journal, (size_t)run->totals.mine[c], widths);
    for (int i = 0; i < run->job->output.n_keep; i++) /* whatever an earlier run's file says */
        if (widths[run->rows.n_fixed + i] > run->job->output.keep[i].max_width)
            widths[run->rows.n_fixed + i] = run->job->output.keep[i].max_width;
    sl_comm_max_i64(run->comm, widths, (size_t)table->n_columns);
    *out = widths;
out:
    return rc;
}

/* Texts that say where a file came from. */
struct texts {
    struct about         about;
    struct sl_named_text attributes[N_ATTRIBUTES];
    struct sl_named_text provenance[N_PROVENANCE];
};

static void list_texts(const struct run *run, struct texts *texts)
{
    const struct about        *about = &texts->about;
    const struct sl_named_text attributes[N_ATTRIBUTES] = {
        {"Conventions", "CF-1.10"},
        {"title", run->job->name},
        {"history", about->history},
        {"source", sl_version_line()},
        {"run_id", run->run_id},
        {"fingerprint", run->totals.n_skipped > 0 ? run->fingerprint.job : run->fingerprint.run},
        {"model_fingerprint", run->fingerprint.model},
        {"scoring_fingerprint", run->fingerprint.scoring},
    };
    const struct sl_named_text provenance[N_OWN] = {
        {"job", run->job->text},
        {"job_file", run->job->file},
        {"model", run->model_text},
        {"partitions", run->plan.names != NULL ? run->plan.names : ""},
    };

    memcpy(texts->attributes, attributes, sizeof attributes);
    memcpy(texts->provenance, provenance, sizeof provenance);
    about_list(about, run->opts->command, texts->provenance + N_OWN);
}

/* Rows of several chunks, and where they go. */
struct batch {
    int64_t         next_chunk; /* that was not looked at */
    struct sl_slab *slabs;      /* [n_chunks] */
    size_t          n_slabs;
};

static void fill_partition(struct sl_rows *rows, size_t from, int32_t partition)
{
    int32_t *cells = rows->table.columns[SL_ROWS_PARTITION].cells.i32;

    for (size_t i = from; i < rows->table.n_rows; i++)
        cells[i] = partition;
}

/* The next of this rank's rows, until there are enough for one write. */
static sl_status take_batch(struct run *run, struct batch *batch, struct sl_error *err)
{
    struct sl_rows *rows = &run->rows;
    sl_status       rc = SL_OK;

    sl_table_clear(&rows->table);
    batch->n_slabs = 0;
    while (batch->next_chunk < run->plan.n_chunks && rows->table.n_rows < BATCH_ROWS) {
        const int64_t c = batch->next_chunk++;
        const size_t  from = rows->table.n_rows;

        if (run->totals.mine[c] < 0 || run_mine(run, c)->n_rows == 0)
            continue;
        SL_TRY(
            sl_journal_read(run->journal, (size_t)run->totals.mine[c], SL_JOURNAL_ROWS, rows, err));
        fill_partition(rows, from, run->plan.chunks[c].partition);
        batch->slabs[batch->n_slabs++] =
            (struct sl_slab){.from = from,
                             .to = run->totals.first_row[c],
                             .n_rows = (int64_t)(rows->table.n_rows - from)};
    }
out:
    return rc;
}

/* Batch by batch, until no rank has more. */
static sl_status write_rows(struct run *run, const int64_t *widths, struct sl_sink *sink,
                            struct sl_error *err)
{
    struct batch  batch = {0};
    const int64_t row_bytes = sl_table_row_bytes(&run->rows.table, widths);
    int64_t       n_done = 0;
    int64_t       news[2]; /* rows written, and ranks that have more */
    sl_status     rc;

    rc = sl_alloc_array((size_t)run->plan.n_chunks, sizeof *batch.slabs, &batch.slabs, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    run_progress_expect(run->progress, run->totals.first_row[run->plan.n_chunks] * row_bytes);
    do {
        SL_TRY(sl_comm_agree(run->comm, take_batch(run, &batch, err), err));
        SL_TRY(sl_sink_write(sink, &run->rows.table, batch.slabs, batch.n_slabs, err));
        news[0] = (int64_t)run->rows.table.n_rows;
        news[1] = batch.next_chunk < run->plan.n_chunks;
        sl_comm_sum_i64(run->comm, news, 2);
        n_done += news[0];
        run_progress_count(run->progress, n_done * row_bytes, n_done);
    } while (news[1] > 0);
out:
    free(batch.slabs);
    return rc;
}

static sl_status write_file(struct run *run, const struct sl_sink_spec *spec,
                            struct sl_table *profile, struct sl_error *err)
{
    struct sl_sink *sink = NULL;
    sl_status       rc;

    SL_TRY(sl_sink_create(run->comm, spec, &sink, err));
    SL_TRY(write_rows(run, spec->widths, sink, err));
    SL_TRY(run_update_profile(run->comm, run->watch, &run->pace, profile, err));
    run_progress_enter(run->progress, "publish", run->parts);
    sl_stopwatch_enter(run->watch, SL_PHASE_PUBLISH);
    SL_TRY(sl_sink_commit(sink, profile, err));
    run->is_written = true;
out:
    sl_sink_close(sink);
    return rc;
}

sl_status run_combine(struct run *run, struct sl_error *err)
{
    struct texts    texts;
    struct sl_text  temp = {0};
    struct sl_table tables[RUN_N_TABLES] = {{0}};
    int64_t        *widths = NULL;
    sl_status       rc;

    SL_TRY(run_tables(run, tables, err));
    SL_TRY(agree_widths(run, &widths, err));
    about_tell(run->comm, run->opts->command, &texts.about);
    list_texts(run, &texts);
    SL_TRY(sl_comm_agree(run->comm, sl_parts_locate(run->output, "output", &temp, err), err));
    const struct sl_sink_spec spec = {.path = run->output,
                                      .temp = temp.data,
                                      .attributes = texts.attributes,
                                      .n_attributes = N_ATTRIBUTES,
                                      .provenance = texts.provenance,
                                      .n_provenance = N_PROVENANCE,
                                      .tables = tables,
                                      .n_tables = RUN_N_TABLES,
                                      .rows = &run->rows.table,
                                      .widths = widths,
                                      .n_rows = run->totals.first_row[run->plan.n_chunks],
                                      .compress = (int)run->job->output.compress,
                                      .is_partial = run->totals.n_skipped > 0};
    rc = write_file(run, &spec, &tables[RUN_TABLE_PROFILE], err);
out:
    sl_text_release(&temp);
    free(widths);
    for (int i = 0; i < RUN_N_TABLES; i++)
        sl_table_release(&tables[i]);
    return rc;
}
