/* Third stage: what the ranks found becomes one whole.  Counts by chunk are added, every chunk gets
 * its place, faults and rejects their line in the file, and the metrics their value. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/catalog.h"
#include "scoreline/memory.h"

/* By chunk; of what is LACKING one more than the request. */
enum count { RECORDS, LINES, MISSING, REJECTED, BEGIN, END, LACKING, N_COUNTS };

static sl_status totals_init(struct run *run, int64_t **by_chunk, struct sl_error *err)
{
    struct run_totals *t = &run->totals;
    size_t             n_chunks = (size_t)run->plan.n_chunks;
    size_t             n_partitions = (size_t)run->plan.n_partitions;
    sl_status          rc;

    SL_TRY(sl_alloc_array(n_chunks * N_COUNTS, sizeof **by_chunk, by_chunk, err));
    SL_TRY(sl_alloc_array(n_chunks + 1, sizeof *t->first_row, &t->first_row, err));
    SL_TRY(sl_alloc_array(n_chunks, sizeof *t->mine, &t->mine, err));
    SL_TRY(sl_alloc_array(n_partitions, sizeof *t->counts, &t->counts, err));
    SL_TRY(sl_alloc_array(n_partitions, sizeof *t->extents, &t->extents, err));
    for (size_t p = 0; p < n_partitions; p++)
        t->extents[p].lacks = -1;
out:
    return rc;
}

void run_totals_release(struct run_totals *totals, int n_partitions)
{
    free(totals->first_row);
    free(totals->mine);
    free(totals->counts);
    free(totals->extents);
    for (int p = 0; totals->reasons != NULL && p < n_partitions; p++)
        free(totals->reasons[p]);
    free(totals->reasons);
    free(totals->skipped);
    sl_measured_release(&totals->measured);
    free(totals->rejects);
    free(totals->drift);
    *totals = (struct run_totals){0};
}

/* The last try of every chunk whose result is this rank's to give. */
static void find_mine(struct run *run)
{
    const int     rank = sl_comm_rank(run->comm);
    const int64_t n = (int64_t)sl_journal_n(run->journal);

    for (int64_t c = 0; c < run->plan.n_chunks; c++)
        run->totals.mine[c] = -1;
    for (int64_t i = 0; i < n; i++) {
        const int64_t chunk = sl_journal_chunk(run->journal, (size_t)i)->chunk;

        if (run->sched.owner[chunk] == rank)
            run->totals.mine[chunk] = i;
    }
}

const struct sl_rows_chunk *run_mine(const struct run *run, int64_t chunk)
{
    const int64_t i = run->totals.mine[chunk];

    return i < 0 ? NULL : sl_journal_chunk(run->journal, (size_t)i);
}

static void count_chunks(struct run *run, int64_t *by_chunk)
{
    struct run_totals *t = &run->totals;
    int64_t            sums[] = {0, 0, 0}; /* not finite, chunks and rows resumed */

    for (int64_t c = 0; c < run->plan.n_chunks; c++) {
        const struct sl_rows_chunk *mine = run_mine(run, c);
        int64_t                    *n = &by_chunk[c * N_COUNTS];

        if (mine == NULL)
            continue;
        n[RECORDS] = mine->n_records;
        n[LINES] = mine->n_lines;
        n[MISSING] = mine->n_missing;
        n[REJECTED] = mine->n_rejected;
        n[BEGIN] = mine->begin;
        n[END] = mine->end;
        n[LACKING] = mine->lacks + 1;
        sums[0] += mine->n_nonfinite;
        sums[1] += mine->is_resumed;
        sums[2] += mine->is_resumed ? mine->n_rows : 0;
    }
    sl_comm_sum_i64(run->comm, by_chunk, (size_t)run->plan.n_chunks * N_COUNTS);
    sl_comm_sum_i64(run->comm, sums, 3);
    t->n_nonfinite = sums[0];
    t->n_chunks_resumed = sums[1];
    t->n_rows_resumed = sums[2];
}

static void count_rows(struct sl_row_counts *counts, int64_t n_rows, const int64_t *n)
{
    counts->n_rows += n_rows;
    counts->n_missing += n[MISSING];
    counts->n_rejected += n[REJECTED];
    counts->n_scored += n_rows - n[MISSING] - n[REJECTED];
}

/* What a chunk adds to what is known of its partition; its records' number within that is known. */
static void widen_extent(struct run *run, int64_t c, const int64_t *n, bool is_first)
{
    const struct sl_chunk *chunk = &run->plan.chunks[c];
    const struct sl_file  *file = &run->plan.files[chunk->file];
    struct run_extent     *extent = &run->totals.extents[chunk->partition];

    if (is_first) {
        extent->first_record = n[RECORDS];
        extent->first_byte = file->first_byte + (chunk->first_byte == 0 ? 0 : n[BEGIN]);
        extent->lacks = -1;
    }
    extent->end_byte =
        file->first_byte + (chunk->end_byte == file->n_bytes ? file->n_bytes : n[END]);
    if (extent->lacks < 0)
        extent->lacks = (int32_t)n[LACKING] - 1;
}

/* Row numbers in the output; and by_chunk's records become those before the chunk in its partition,
 * its lines those before it in its file, which is what places in the chunk are counted from. */
static void place_chunks(struct run *run, int64_t *by_chunk)
{
    struct run_totals *t = &run->totals;
    int64_t            records_before = 0;
    int64_t            lines_before = 0;
    int32_t            last_kept = -1; /* partition of the last chunk that was not only scanned */

    for (int64_t c = 0; c < run->plan.n_chunks; c++) {
        const struct sl_chunk *chunk = &run->plan.chunks[c];
        int64_t               *n = &by_chunk[c * N_COUNTS];
        const int64_t          n_records = n[RECORDS];
        const int64_t          n_lines = n[LINES];

        if (c > 0 && chunk->partition != chunk[-1].partition)
            records_before = 0;
        if (c > 0 && chunk->file != chunk[-1].file)
            lines_before = 0;
        n[RECORDS] = records_before;
        n[LINES] = lines_before;
        records_before += n_records;
        lines_before += n_lines;
        t->first_row[c + 1] = t->first_row[c];
        if (chunk->scan_only || (t->skipped != NULL && t->skipped[chunk->partition]))
            continue;
        t->first_row[c + 1] += n_records;
        count_rows(&t->counts[chunk->partition], n_records, n);
        widen_extent(run, c, n, chunk->partition != last_kept);
        last_kept = chunk->partition;
    }
}

/* The earliest fault in the data ends the run, with the same words whatever rank met it. */
static sl_status raise_fault(const struct run *run, const int64_t *by_chunk, struct sl_error *err)
{
    int64_t                     chunk = run->sched.first_fault;
    const struct sl_rows_chunk *mine;
    sl_status                   rc = SL_OK;

    if (chunk < 0)
        return SL_OK;
    mine = run_mine(run, chunk);
    if (mine != NULL) {
        const struct sl_chunk      *at = &run->plan.chunks[chunk];
        const struct sl_data_fault *fault = &mine->fault;

        rc = sl_fail(err, fault->code,
                     "partition '%s', '%s': line %" PRId64 " (record %" PRId64 ", byte %" PRId64
                     "): %s",
                     run->plan.partitions[at->partition].name, run->plan.files[at->file].path,
                     by_chunk[chunk * N_COUNTS + LINES] + fault->place.line + 1,
                     by_chunk[chunk * N_COUNTS + RECORDS] + fault->place.record, fault->place.byte,
                     fault->text);
    }
    return sl_comm_agree(run->comm, rc, err);
}

/* Rejects of a chunk, their places counted within the partition and the file. */
static sl_status add_rejects(struct run *run, int64_t c, const int64_t *by_chunk,
                             struct sl_reject *own, size_t *n_own, struct sl_error *err)
{
    const size_t most = (size_t)run->job->output.max_rejects;
    sl_status    rc;

    rc = sl_journal_read(run->journal, (size_t)run->totals.mine[c], SL_JOURNAL_REJECTS, &run->rows,
                         err);
    for (size_t i = 0; rc == SL_OK && i < run->rows.n_rejects && *n_own < most; i++) {
        struct sl_reject *reject = &own[(*n_own)++];

        *reject = run->rows.rejects[i];
        reject->chunk = c;
        reject->place.record += by_chunk[c * N_COUNTS + RECORDS];
        reject->place.line += by_chunk[c * N_COUNTS + LINES];
    }
    return rc;
}

/* The first max_rejects of this rank are enough: more are not written of all of them together. */
static sl_status list_rejects(struct run *run, const int64_t *by_chunk, struct sl_reject **own,
                              size_t *n_own, struct sl_error *err)
{
    int64_t   n = 0;
    sl_status rc;

    for (int64_t c = 0; c < run->plan.n_chunks; c++)
        n += run_mine(run, c) != NULL ? run_mine(run, c)->n_rejected : 0;
    n = n < run->job->output.max_rejects ? n : run->job->output.max_rejects;
    SL_TRY(sl_alloc_array((size_t)n, sizeof **own, own, err));
    for (int64_t c = 0; c < run->plan.n_chunks && (int64_t)*n_own < n; c++)
        if (run_mine(run, c) != NULL && run_mine(run, c)->n_rejected > 0)
            SL_TRY(add_rejects(run, c, by_chunk, *own, n_own, err));
out:
    return rc;
}

/* This rank's rejects, settled, to rank 0. */
static sl_status collect_rejects(struct run *run, const int64_t *by_chunk, struct sl_error *err)
{
    struct sl_reject *own = NULL;
    size_t            n_own = 0;
    sl_status         rc;

    SL_TRY(sl_comm_agree(run->comm, list_rejects(run, by_chunk, &own, &n_own, err), err));
    rc = run_gather_rejects(run, own, n_own, err);
out:
    free(own);
    return rc;
}

/* The rows that are this rank's to give. */
static sl_status give_rows(void *state, struct sl_metrics *to, struct sl_error *err)
{
    struct run                   *run = state;
    const struct sl_table_column *columns = run->rows.table.columns;
    sl_status                     rc = SL_OK;

    for (int64_t c = 0; c < run->plan.n_chunks; c++) {
        const int64_t i = run->totals.mine[c];

        if (i < 0)
            continue;
        sl_rows_begin(&run->rows, c);
        SL_TRY(sl_journal_read(run->journal, (size_t)i, SL_JOURNAL_SCORES, &run->rows, err));
        const struct sl_scores scores = {.probability = &columns[SL_ROWS_PROBABILITY],
                                         .predicted = sl_recipe_is_number(run->bundle.recipe)
                                                          ? NULL
                                                          : &columns[SL_ROWS_PREDICTED],
                                         .label = &columns[SL_ROWS_LABEL],
                                         .status = &columns[SL_ROWS_STATUS],
                                         .n_rows = run->rows.table.n_rows};

        SL_TRY(sl_metrics_add(to, run->plan.chunks[c].partition, &scores, err));
    }
out:
    return rc;
}

/* How many those are. */
static int64_t count_own_rows(const struct run *run)
{
    int64_t n = 0;

    for (int64_t c = 0; c < run->plan.n_chunks; c++)
        n += run_mine(run, c) != NULL ? run_mine(run, c)->n_rows : 0;
    return n;
}

static sl_status collect_metrics(struct run *run, struct sl_error *err)
{
    bool     *trained_on = NULL;
    int       n_classes;
    sl_status rc;

    rc = sl_alloc_array((size_t)run->plan.n_partitions, sizeof *trained_on, &trained_on, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    for (int i = 0; i < run->plan.n_partitions; i++)
        trained_on[i] = run->plan.partitions[i].trained_on;
    sl_recipe_classes(run->bundle.recipe, &n_classes);
    const struct sl_metrics_spec spec = {.n_classes = n_classes,
                                         .deviance = sl_model_kind(run->bundle.model)->deviance,
                                         .n_partitions = run->plan.n_partitions,
                                         .trained_on = trained_on,
                                         .n_rows = count_own_rows(run),
                                         .exact_rows = run->job->metrics.exact_rows,
                                         .state = run,
                                         .give = give_rows};
    rc = sl_metrics_measure(run->comm, &spec, &run->totals.measured, err);
out:
    free(trained_on);
    return rc;
}

sl_status run_collect(struct run *run, struct sl_error *err)
{
    const bool is_rank_0 = sl_comm_rank(run->comm) == 0;
    int64_t   *by_chunk = NULL;
    sl_status  rc;

    rc = is_rank_0 ? sl_catalog_check(&run->plan, err) : SL_OK;
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    SL_TRY(sl_comm_agree(run->comm, totals_init(run, &by_chunk, err), err));
    find_mine(run);
    SL_TRY(run_find_skipped(run, err));
    count_chunks(run, by_chunk);
    place_chunks(run, by_chunk);
    SL_TRY(raise_fault(run, by_chunk, err));
    SL_TRY(collect_rejects(run, by_chunk, err));
    run->is_collected = true;
    SL_TRY(run_check_rejects(run, err));
    SL_TRY(run_collect_drift(run, err));
    sl_stopwatch_enter(run->watch, SL_PHASE_METRICS);
    SL_TRY(collect_metrics(run, err));
out:
    free(by_chunk);
    return rc;
}
