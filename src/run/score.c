/* The whole scoring pass, top-down.  Every rank takes chunks from the scheduler until there are
 * none; a chunk is read, decoded, transformed, predicted and kept.  Of a shard, chunks that lie
 * before it are only scanned: where it begins, and with which record, follows from them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "progress.h"
#include "run_impl.h"
#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "scoreline/source.h"
#include "scoreline/stop.h"

/* What one rank carries from chunk to chunk. */
struct scorer {
    struct run               *run;
    struct sl_column_request *requests; /* of the recipe, then the kept columns */
    int                       n_requests;
    struct sl_source         *source;
    struct sl_column_block    block;
    struct sl_column_block    no_columns; /* of chunks that are scanned only */
    struct sl_design          design;
    struct sl_matrix          scores;
    double                   *score_of; /* [SL_BLOCK_ROWS] each row's as one number */
};

static sl_status scorer_init(struct scorer *s, struct sl_error *err);
static void      scorer_release(struct scorer *s);
static sl_status do_chunk(void *state, int64_t task, const struct sl_start *start,
                          struct sl_sched *sched, struct sl_span *span, struct sl_error *err);
static bool      chunk_continues(const void *state, int64_t task);

static int64_t   chunk_cost(const void *state, int64_t task);
static sl_status expect_chunks(struct run *run, struct sl_error *err);
static void      note_chunk(void *state, int64_t task, int rank, const struct sl_span *span);

static const struct sl_sched_ops chunk_tasks = {
    .run = do_chunk, .continues = chunk_continues, .cost = chunk_cost, .note = note_chunk};

static struct sl_sched_opts sched_opts(const struct run *run)
{
    return (struct sl_sched_opts){.n_tasks = run->plan.n_chunks,
                                  .is_static = run->job->score.schedule == SL_SCHEDULE_STATIC,
                                  .stop = sl_stop_asked,
                                  .watch = run->watch};
}

sl_status run_score(struct run *run, struct sl_error *err)
{
    const struct sl_sched_opts opts = sched_opts(run);
    struct scorer              s = {.run = run};
    sl_status                  rc;

    rc = scorer_init(&s, err);
    if (rc == SL_OK)
        rc = run_pace_init(&run->pace, run->plan.n_partitions, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    SL_TRY(sl_comm_agree(run->comm, expect_chunks(run, err), err));
    SL_TRY(sl_comm_agree(run->comm, run_open_journal(run, err), err));
    SL_TRY(sl_sched_run(run->comm, &opts, &chunk_tasks, &s, &run->sched, err));
    if (run->sched.is_stopped)
        rc = run_stop(run, err);
out:
    scorer_release(&s);
    return rc;
}

struct sl_sched_share run_share(struct run *run, int n_ranks, int rank)
{
    const struct sl_sched_opts opts = sched_opts(run);
    const struct scorer        s = {.run = run};

    return sl_sched_share(n_ranks, rank, &opts, &chunk_tasks, &s);
}

static bool chunk_continues(const void *state, int64_t task)
{
    const struct scorer   *s = state;
    const struct sl_chunk *chunks = s->run->plan.chunks;

    return chunks[task].file == chunks[task - 1].file;
}

/* A file costs something to open; a record is read sooner than what it came from is scored. */
static int64_t chunk_cost(const void *state, int64_t task)
{
    enum { OPENING = 64 << 10, SOONER = 16 };
    const struct scorer   *s = state;
    const struct sl_chunk *chunk = &s->run->plan.chunks[task];
    const int64_t          n_bytes = chunk->end_byte - chunk->first_byte;

    return OPENING + (chunk->resumed > 0 ? n_bytes / SOONER : n_bytes);
}

static void note_chunk(void *state, int64_t task, int rank, const struct sl_span *span)
{
    struct run                     *run = ((struct scorer *)state)->run;
    const struct sl_chunk          *chunk = &run->plan.chunks[task];
    const struct run_progress_chunk done = {.chunk = task,
                                            .rank = rank,
                                            .n_bytes = chunk->end_byte - chunk->first_byte,
                                            .n_rows = span->n_items,
                                            .is_resumed = chunk->resumed > 0};
    const int64_t                   n_rows = chunk->scan_only ? 0 : span->n_items;

    if (!run_progress_chunk(run->progress, &done))
        return;
    run->done.n_chunks++;
    run->done.n_rows += n_rows;
    run->done.n_chunks_resumed += done.is_resumed;
    run->done.n_rows_resumed += done.is_resumed ? n_rows : 0;
}

/* What it takes to do a chunk counts, whether its rows are wanted or only counted. */
static sl_status expect_chunks(struct run *run, struct sl_error *err)
{
    int64_t n_bytes = 0;

    for (int64_t c = 0; c < run->plan.n_chunks; c++)
        n_bytes += run->plan.chunks[c].end_byte - run->plan.chunks[c].first_byte;
    return run_progress_expect_chunks(run->progress, run->plan.n_chunks, n_bytes, err);
}

static struct sl_source_range range_of(const struct run *run, const struct sl_chunk *chunk,
                                       const struct sl_start *start)
{
    struct sl_source_range range = run_range(&run->plan, chunk->partition, chunk->file);

    range.first_byte = chunk->first_byte;
    range.end_byte = chunk->end_byte;
    range.begin = start->begin;
    range.is_certain = start->is_certain;
    range.watch = run->watch;
    return range;
}

/* What the scheduler must know of the chunk that was done. */
static struct sl_span span_of(struct scorer *s)
{
    struct sl_rows_chunk   *done = &s->run->rows.chunk;
    struct sl_source_extent extent;

    sl_source_extent(s->source, &extent);
    done->n_records = extent.n_records;
    done->n_lines = extent.n_lines;
    done->begin = extent.begin;
    done->end = extent.end;
    done->n_nonfinite = s->design.n_nonfinite;
    return (struct sl_span){.begin = extent.begin,
                            .end = extent.end,
                            .gave_up = extent.gave_up,
                            .fault = done->fault.code != SL_OK && !run_skips(s->run),
                            .n_items = done->n_records};
}

/* How scores are spread, as values of features are. */
static void count_scores(struct scorer *s, int64_t *counts)
{
    const struct sl_bundle *bundle = &s->run->bundle;

    sl_score_of(&s->scores, s->score_of);
    sl_profile_count_numbers(&bundle->score_profile, s->score_of, s->design.status, s->block.n_rows,
                             counts + sl_recipe_n_counts(bundle->recipe));
}

/* Read, decode, transform, predict, keep. */
static sl_status score_chunk(struct scorer *s, const struct sl_source_range *range,
                             struct sl_sched *sched, bool *is_wanted, struct sl_error *err)
{
    struct run           *run = s->run;
    struct sl_rows_chunk *done = &run->rows.chunk;
    sl_status             rc;

    sl_stopwatch_enter(run->watch, SL_PHASE_SCAN);
    SL_TRY(sl_source_open(&run->job->input, range, s->requests, s->n_requests, &s->source, err));
    done->lacks = sl_source_lacks(s->source);
    s->design.counts = run->rows.counts;
    do {
        sl_stopwatch_enter(run->watch, SL_PHASE_SCAN);
        SL_TRY(sl_source_next(s->source, &s->block, err));
        sl_stopwatch_enter(run->watch, SL_PHASE_FEATURES);
        SL_TRY(sl_recipe_apply(run->bundle.recipe, &s->block, &s->design, err));
        sl_stopwatch_enter(run->watch, SL_PHASE_PREDICT);
        SL_TRY(sl_model_predict(run->bundle.model, &s->design, &s->scores, err));
        count_scores(s, s->design.counts);
        sl_stopwatch_enter(run->watch, SL_PHASE_KEEP);
        SL_TRY(run_append(run, s->source, &s->block, &s->design, &s->scores, err));
        *is_wanted = sl_sched_poll(sched);
    } while (s->block.n_rows > 0 && (done->fault.code == SL_OK || run_skips(run)) && *is_wanted);
out:
    return rc;
}

/* Read for its records' number and end alone. */
static sl_status scan_chunk(struct scorer *s, const struct sl_source_range *range,
                            struct sl_sched *sched, bool *is_wanted, struct sl_error *err)
{
    sl_status rc;

    sl_stopwatch_enter(s->run->watch, SL_PHASE_SCAN);
    SL_TRY(sl_source_open(&s->run->job->input, range, NULL, 0, &s->source, err));
    do {
        SL_TRY(sl_source_next(s->source, &s->no_columns, err));
        *is_wanted = sl_sched_poll(sched);
    } while (s->no_columns.n_rows > 0 && *is_wanted);
out:
    return rc;
}

/* What an earlier run found of a chunk, if that holds. */
static sl_status take_up(struct run *run, int64_t task, const struct sl_start *start,
                         struct sl_span *span, bool *taken, struct sl_error *err)
{
    const int64_t               begin = start->is_certain ? start->begin : SL_BEGIN_UNKNOWN;
    const struct sl_rows_chunk *chunk;
    sl_status                   rc;

    rc = sl_journal_adopt(run->journal, &run->plan.chunks[task], task, begin, taken, err);
    if (rc != SL_OK || !*taken)
        return rc;
    chunk = sl_journal_chunk(run->journal, sl_journal_n(run->journal) - 1);
    /* which of them is the first is known when they are read again, and the later record counts */
    if (chunk->n_rejected > 0 && run->job->score.bad_rows.policy == SL_BAD_ROWS_FAIL)
        *taken = false;
    *span = (struct sl_span){.begin = chunk->begin, .end = chunk->end, .n_items = chunk->n_records};
    return SL_OK;
}

/* What cannot be read now may be in a moment: file systems that are far away have such moments. */
static sl_status try_chunk(struct scorer *s, int64_t task, const struct sl_start *start,
                           struct sl_sched *sched, bool *is_wanted, struct sl_error *err)
{
    struct run                  *run = s->run;
    const struct sl_chunk       *chunk = &run->plan.chunks[task];
    const struct sl_source_range range = range_of(run, chunk, start);
    sl_status                    rc;

    for (int64_t i = 1;; i++) {
        sl_rows_begin(&run->rows, task);
        run->rows.chunk.is_certain = start->is_certain;
        s->design.n_nonfinite = 0; /* what an earlier try or chunk met is not this one's */
        rc = chunk->scan_only ? scan_chunk(s, &range, sched, is_wanted, err)
                              : score_chunk(s, &range, sched, is_wanted, err);
        if (rc != SL_EINPUT || i >= run->job->score.tries || !sl_sched_poll(sched))
            return rc;
        sl_clock_sleep(0.2);
    }
}

/* A chunk that cannot be read, which is all that is known of it. */
static struct sl_span make_void(struct run *run, int64_t task, const struct sl_error *err)
{
    const struct sl_chunk *chunk = &run->plan.chunks[task];
    struct sl_rows_chunk  *done = &run->rows.chunk;

    sl_rows_begin(&run->rows, task);
    done->begin = chunk->first_byte;
    done->end = chunk->end_byte;
    done->is_void = true;
    done->fault.code = SL_EINPUT;
    snprintf(done->fault.text, sizeof done->fault.text, "%.*s", (int)sizeof done->fault.text - 1,
             err->text);
    return (struct sl_span){.begin = done->begin, .end = done->end, .is_void = true};
}

/* The chunk, if it does not have to be taken up.  Kept is what may count: not what gave up, nor
 * what was left half done. */
static sl_status make_chunk(struct scorer *s, int64_t task, const struct sl_start *start,
                            struct sl_sched *sched, struct sl_span *span, struct sl_error *err)
{
    struct run            *run = s->run;
    const struct sl_chunk *chunk = &run->plan.chunks[task];
    const double           began = sl_clock_now();
    bool                   is_wanted = true;
    sl_status              rc;

    rc = try_chunk(s, task, start, sched, &is_wanted, err);
    *span = rc == SL_OK ? span_of(s) : (struct sl_span){0};
    if (rc == SL_EINPUT && run_skips(run)) {
        *span = make_void(run, task, err);
        rc = SL_OK;
    }
    SL_TRY(rc);
    sl_stopwatch_enter(run->watch, SL_PHASE_JOURNAL);
    if (is_wanted && !span->gave_up)
        SL_TRY(sl_journal_add(run->journal, chunk, &run->rows, err));
    run_limit_time(run, 0);
    run_pace_add(&run->pace, chunk->partition, sl_clock_now() - began, run_chunk_bytes(chunk),
                 run->rows.chunk.n_rows);
out:
    return rc;
}

/* Rank-local.  May run twice for one chunk; what it finds is provisional until the chunk before it
 * is known to end where this one began. */
static sl_status do_chunk(void *state, int64_t task, const struct sl_start *start,
                          struct sl_sched *sched, struct sl_span *span, struct sl_error *err)
{
    struct scorer         *s = state;
    struct run            *run = s->run;
    const struct sl_chunk *chunk = &run->plan.chunks[task];
    const enum sl_phase    before = sl_stopwatch_enter(run->watch, SL_PHASE_JOURNAL);
    bool                   is_done = false;
    sl_status              rc = SL_OK;

    if (chunk->resumed > 0)
        SL_TRY(take_up(run, task, start, span, &is_done, err));
    if (!is_done)
        rc = make_chunk(s, task, start, sched, span, err);
out:
    sl_stopwatch_enter(run->watch, before);
    if (rc != SL_OK)
        sl_error_in(err, "partition '%s'", run->plan.partitions[chunk->partition].name);
    return rc;
}

static sl_status init_rows(struct scorer *s, int n_recipe, int n_classes, struct sl_error *err)
{
    const struct sl_output_spec *output = &s->run->job->output;
    const struct sl_rows_spec    spec = {.n_classes = n_classes,
                                         .n_requests = s->n_requests,
                                         .kept = s->requests + n_recipe,
                                         .n_kept = output->n_keep,
                                         .max_rejects = output->max_rejects,
                                         .n_counts = run_n_counts(&s->run->bundle)};

    return sl_rows_init(&s->run->rows, &spec, err);
}

static sl_status scorer_init(struct scorer *s, struct sl_error *err)
{
    const struct run      *run = s->run;
    const struct sl_terms *terms = sl_recipe_terms(run->bundle.recipe);
    int                    n_recipe;
    int                    n_classes;
    sl_status              rc;

    sl_recipe_requests(run->bundle.recipe, &n_recipe);
    sl_recipe_classes(run->bundle.recipe, &n_classes);
    SL_TRY(run_requests(run->bundle.recipe, &run->job->output, &s->requests, &s->n_requests, err));
    SL_TRY(sl_column_block_init(&s->block, s->requests, s->n_requests, err));
    SL_TRY(sl_column_block_init(&s->no_columns, NULL, 0, err));
    SL_TRY(sl_design_init(&s->design, SL_BLOCK_ROWS, terms->n_numeric, terms->n_categorical, err));
    SL_TRY(sl_matrix_init(&s->scores, SL_BLOCK_ROWS, (size_t)sl_model_n_outputs(run->bundle.model),
                          err));
    SL_TRY(init_rows(s, n_recipe, n_classes, err));
    SL_TRY(sl_alloc_array(SL_BLOCK_ROWS, sizeof *s->score_of, &s->score_of, err));
out:
    return rc;
}

static void scorer_release(struct scorer *s)
{
    sl_source_close(s->source);
    free(s->score_of);
    sl_matrix_release(&s->scores);
    sl_design_release(&s->design);
    sl_column_block_release(&s->no_columns);
    sl_column_block_release(&s->block);
    free(s->requests);
}
