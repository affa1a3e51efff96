/* Telling how far a run is.  Ranks say of each chunk when it is done, so that rank 0 knows; a
 * thread of its own draws that and writes it down, and never makes the work wait for a disk or a
 * terminal. */
#include "progress.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "scoreline/progress.h"
#include "scoreline/ticker.h"

static const double tick_s = 0.5;
static const double status_every_s = 1.0;

struct run_progress {
    const struct run        *run;
    struct sl_ticker        *ticker;
    double                   status_due; /* the thread's own */
    pthread_mutex_t          drawing;    /* lock of the next three */
    double                   line_due;
    bool                     is_drawn; /* a bar */
    bool                     is_hushed;
    pthread_mutex_t          counting; /* lock of all below */
    struct sl_parts         *parts;    /* NULL: nothing lies beside the output */
    struct sl_progress       now;
    double                   phase_began;
    int64_t                  n_bytes_before; /* that an earlier run did */
    bool                    *is_done;        /* [plan.n_chunks] */
    struct sl_progress_rank *ranks;          /* [size of comm]; silent_s is a moment of the clock */
};

/* --- telling ---------------------------------------------------------------------------------- */

/* What is known, with times that are up to now; the ranks are a copy in `ranks`. */
static void look(const struct run_progress *p, struct sl_progress_rank *ranks,
                 struct sl_progress *out)
{
    const double now = sl_clock_now();

    *out = p->now;
    out->phase_s = now - p->phase_began;
    for (int r = 0; r < out->n_ranks; r++) {
        ranks[r] = p->ranks[r];
        ranks[r].silent_s = now - p->ranks[r].silent_s;
    }
    out->ranks = ranks;
    sl_progress_finish(out, p->n_bytes_before);
}

static sl_status add_head(const struct run *run, const char *state, struct sl_json *root,
                          struct sl_error *err)
{
    char      date[32];
    sl_status rc;

    sl_clock_date(date, sizeof date);
    SL_TRY(sl_json_add_text(root, "format", "scoreline-status", err));
    SL_TRY(sl_json_add_number(root, "version", 1, err));
    SL_TRY(sl_json_add_text(root, "run", run->run_id, err));
    SL_TRY(sl_json_add_text(root, "state", state, err));
    SL_TRY(sl_json_add_text(root, "updated", date, err));
    SL_TRY(sl_json_add_number(root, "elapsed_s", sl_clock_now() - run->began, err));
out:
    return rc;
}

/* NULL where memory is short: then there is no news this time. */
static char *print_status(const struct run *run, const struct sl_progress *progress,
                          sl_status ended, const struct sl_error *why)
{
    struct sl_json_doc *doc = NULL;
    struct sl_error     ignored;
    char               *text = NULL;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, &ignored));
    SL_TRY(add_head(run, why == NULL ? "running" : "ended", sl_json_root(doc), &ignored));
    SL_TRY(sl_progress_to_json(progress, sl_json_root(doc), &ignored));
    if (why != NULL) {
        SL_TRY(sl_json_add_number(sl_json_root(doc), "exit", sl_exit_code(ended), &ignored));
        SL_TRY(sl_json_add_text(sl_json_root(doc), "message", why->text, &ignored));
    }
    rc = sl_json_print(sl_json_root(doc), false, &text, &ignored);
out:
    sl_json_close(doc);
    return rc == SL_OK ? text : NULL;
}

/* A disk that takes no status is no reason to end a run. */
static void write_status(const struct run *run, struct sl_parts *parts,
                         const struct sl_progress *progress, sl_status ended,
                         const struct sl_error *why)
{
    struct sl_error ignored;
    char           *text = parts != NULL ? print_status(run, progress, ended, why) : NULL;

    if (text != NULL &&
        sl_parts_show(parts, SL_PARTS_STATUS, text, strlen(text), &ignored) != SL_OK)
        ignored.code = SL_OK;
    free(text);
}

static void draw(struct run_progress *p, const struct sl_progress *progress)
{
    const struct sl_run_opts *opts = p->run->opts;

    if (opts->notes == NULL || p->is_hushed || opts->progress == SL_PROGRESS_NONE)
        return;
    if (opts->progress == SL_PROGRESS_BAR) {
        sl_report_progress_bar(opts->notes, progress);
        p->is_drawn = true;
    } else if (sl_clock_now() >= p->line_due) {
        fputs("scoreline: ", opts->notes);
        sl_report_progress(opts->notes, progress);
        fputs("\n", opts->notes);
        p->line_due = sl_clock_now() + opts->progress_s;
    } else {
        return;
    }
    fflush(opts->notes);
}

/* What is counted is locked for a moment only: terminals and disks may take long, and the work is
 * not to wait for them. */
static void tick(void *state)
{
    struct run_progress     *p = state;
    struct sl_progress_rank *ranks;
    struct sl_progress       progress;
    struct sl_error          ignored;
    struct sl_parts         *parts;

    if (sl_alloc_array((size_t)sl_comm_size(p->run->comm), sizeof *ranks, &ranks, &ignored) !=
        SL_OK)
        return;
    pthread_mutex_lock(&p->counting);
    look(p, ranks, &progress);
    parts = p->parts;
    pthread_mutex_unlock(&p->counting);
    pthread_mutex_lock(&p->drawing);
    draw(p, &progress);
    pthread_mutex_unlock(&p->drawing);
    if (sl_clock_now() >= p->status_due) {
        p->status_due = sl_clock_now() + status_every_s - 0.5 * tick_s;
        write_status(p->run, parts, &progress, SL_OK, NULL);
    }
    free(ranks);
}

/* --- counting --------------------------------------------------------------------------------- */

sl_status run_progress_begin(struct run *run, struct sl_error *err)
{
    struct run_progress *p = NULL;
    sl_status            rc = SL_OK;

    if (sl_comm_rank(run->comm) != 0 || run->opts->dry_run)
        return SL_OK;
    SL_TRY(sl_alloc_array(1, sizeof *p, &p, err));
    *p = (struct run_progress){.run = run,
                               .now = {.phase = sl_phase_name(SL_PHASE_PLAN)},
                               .phase_began = run->began,
                               .line_due = run->began + run->opts->progress_s};
    pthread_mutex_init(&p->drawing, NULL);
    pthread_mutex_init(&p->counting, NULL);
    run->progress = p;
    rc = sl_ticker_start(tick_s, tick, p, &p->ticker, err);
out:
    return rc;
}

void run_progress_enter(struct run *run, const char *phase)
{
    struct run_progress *p = run->progress;

    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->now = (struct sl_progress){.phase = phase};
    p->phase_began = sl_clock_now();
    p->n_bytes_before = 0;
    p->parts = run->parts;
    pthread_mutex_unlock(&p->counting);
}

void run_progress_expect(struct run *run, int64_t n_bytes)
{
    struct run_progress *p = run->progress;

    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->now.n_bytes = n_bytes;
    pthread_mutex_unlock(&p->counting);
}

void run_progress_read(struct run *run, int64_t n_bytes, int64_t n_records)
{
    struct run_progress *p = run->progress;

    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->now.n_bytes_done = n_bytes;
    p->now.n_rows = n_records;
    pthread_mutex_unlock(&p->counting);
}

/* Numbers that are no bytes take the place of bytes. */
void run_progress_expect_count(struct run *run, const char *what, int64_t n, int64_t n_before)
{
    struct run_progress *p = run->progress;

    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->now.counted = what;
    p->now.n_bytes = n;
    p->now.n_bytes_done = n_before;
    p->n_bytes_before = n_before;
    pthread_mutex_unlock(&p->counting);
}

void run_progress_count(struct run *run, int64_t n_done)
{
    run_progress_read(run, n_done, 0);
}

/* What it takes to do a chunk, whether its rows are wanted or only counted. */
static int64_t bytes_of(const struct run *run, int64_t chunk)
{
    return run->plan.chunks[chunk].end_byte - run->plan.chunks[chunk].first_byte;
}

sl_status run_progress_expect_chunks(struct run *run, struct sl_error *err)
{
    struct run_progress *p = run->progress;
    const int            n_ranks = sl_comm_size(run->comm);
    sl_status            rc;

    if (p == NULL)
        return SL_OK;
    SL_TRY(sl_alloc_array((size_t)run->plan.n_chunks, sizeof *p->is_done, &p->is_done, err));
    SL_TRY(sl_alloc_array((size_t)n_ranks, sizeof *p->ranks, &p->ranks, err));
    for (int r = 0; r < n_ranks; r++)
        p->ranks[r].silent_s = sl_clock_now();
    pthread_mutex_lock(&p->counting);
    p->now.n_chunks = run->plan.n_chunks;
    for (int64_t c = 0; c < run->plan.n_chunks; c++)
        p->now.n_bytes += bytes_of(run, c);
    p->now.n_ranks = n_ranks;
    pthread_mutex_unlock(&p->counting);
out:
    return rc;
}

void run_progress_chunk(struct run *run, int64_t chunk, int rank, int64_t n_rows)
{
    struct run_progress *p = run->progress;

    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->ranks[rank].silent_s = sl_clock_now();
    if (!p->is_done[chunk]) {
        const int64_t n_bytes = bytes_of(run, chunk);

        p->is_done[chunk] = true;
        p->now.n_chunks_done++;
        p->now.n_bytes_done += n_bytes;
        p->ranks[rank].n_chunks++;
        p->ranks[rank].n_bytes += n_bytes;
        if (run->plan.chunks[chunk].resumed > 0) {
            p->n_bytes_before += n_bytes;
        } else {
            p->now.n_rows += n_rows;
            p->ranks[rank].n_rows += n_rows;
        }
    }
    pthread_mutex_unlock(&p->counting);
}

/* --- the end ---------------------------------------------------------------------------------- */

void run_progress_hush(struct run *run)
{
    struct run_progress *p = run->progress;

    if (p == NULL || p->is_hushed)
        return;
    pthread_mutex_lock(&p->drawing);
    p->is_hushed = true;
    if (p->is_drawn)
        sl_report_progress_clear(run->opts->notes);
    pthread_mutex_unlock(&p->drawing);
}

void run_progress_end(struct run *run, sl_status rc, const struct sl_error *err)
{
    struct run_progress *p = run->progress;

    if (p == NULL)
        return;
    run_progress_hush(run);
    sl_ticker_stop(p->ticker);
    if (rc != SL_OK && p->parts != NULL) { /* else what is beside the output goes */
        struct sl_progress last = p->now;

        last.phase_s = sl_clock_now() - p->phase_began;
        last.n_ranks = 0; /* none is at work any more */
        sl_progress_finish(&last, p->n_bytes_before);
        write_status(run, p->parts, &last, rc, err);
    }
    pthread_mutex_destroy(&p->drawing);
    pthread_mutex_destroy(&p->counting);
    free(p->is_done);
    free(p->ranks);
    free(p);
    run->progress = NULL;
}
