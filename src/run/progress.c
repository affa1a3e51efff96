/* Telling how far a run is.  Ranks say of each chunk when it is done, so that rank 0 knows; a
 * thread of its own draws that and writes it down, and never makes the work wait for a disk or a
 * terminal. */
#include "progress.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "scoreline/ticker.h"

static const double tick_s = 0.5;
static const double status_every_s = 1.0;

struct run_progress {
    struct run_progress_spec spec;
    int                      n_ranks;
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
    bool                    *is_done;        /* [n_chunks] */
    struct sl_progress_rank *ranks;          /* [n_ranks]; silent_s is a moment of the clock */
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

static sl_status add_head(const struct run_progress_spec *spec, const char *state,
                          struct sl_json *root, struct sl_error *err)
{
    char      date[32];
    sl_status rc;

    sl_clock_date(date, sizeof date);
    SL_TRY(sl_json_add_text(root, "format", "scoreline-status", err));
    SL_TRY(sl_json_add_number(root, "version", 1, err));
    SL_TRY(sl_json_add_text(root, "run", spec->run_id, err));
    SL_TRY(sl_json_add_text(root, "state", state, err));
    SL_TRY(sl_json_add_text(root, "updated", date, err));
    SL_TRY(sl_json_add_number(root, "elapsed_s", sl_clock_now() - spec->began, err));
out:
    return rc;
}

/* NULL where memory is short: then there is no news this time. */
static char *print_status(const struct run_progress_spec *spec, const struct sl_progress *progress,
                          sl_status ended, const struct sl_error *why)
{
    struct sl_json_doc *doc = NULL;
    struct sl_error     ignored;
    char               *text = NULL;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, &ignored));
    SL_TRY(add_head(spec, why == NULL ? "running" : "ended", sl_json_root(doc), &ignored));
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
static void write_status(const struct run_progress_spec *spec, struct sl_parts *parts,
                         const struct sl_progress *progress, sl_status ended,
                         const struct sl_error *why)
{
    struct sl_error ignored;
    char           *text = parts != NULL ? print_status(spec, progress, ended, why) : NULL;

    if (text != NULL &&
        sl_parts_show(parts, SL_PARTS_STATUS, text, strlen(text), &ignored) != SL_OK)
        ignored.code = SL_OK;
    free(text);
}

static void draw(struct run_progress *p, const struct sl_progress *progress)
{
    FILE *notes = p->spec.notes;

    if (notes == NULL || p->is_hushed || p->spec.form == SL_PROGRESS_NONE)
        return;
    if (p->spec.form == SL_PROGRESS_BAR) {
        sl_report_progress_bar(notes, progress);
        p->is_drawn = true;
    } else if (sl_clock_now() >= p->line_due) {
        fputs("scoreline: ", notes);
        sl_report_progress(notes, progress);
        fputs("\n", notes);
        p->line_due = sl_clock_now() + p->spec.every_s;
    } else {
        return;
    }
    fflush(notes);
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

    if (sl_alloc_array((size_t)p->n_ranks, sizeof *ranks, &ranks, &ignored) != SL_OK)
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
        write_status(&p->spec, parts, &progress, SL_OK, NULL);
    }
    free(ranks);
}

/* --- counting --------------------------------------------------------------------------------- */

sl_status run_progress_begin(const struct sl_comm *comm, const struct run_progress_spec *spec,
                             struct run_progress **out, struct sl_error *err)
{
    struct run_progress *p = NULL;
    sl_status            rc;

    if (sl_comm_rank(comm) != 0)
        return SL_OK;
    SL_TRY(sl_alloc_array(1, sizeof *p, &p, err));
    *p = (struct run_progress){.spec = *spec,
                               .n_ranks = sl_comm_size(comm),
                               .now = {.phase = "plan"},
                               .phase_began = spec->began,
                               .line_due = spec->began + spec->every_s};
    pthread_mutex_init(&p->drawing, NULL);
    pthread_mutex_init(&p->counting, NULL);
    *out = p;
    rc = sl_ticker_start(tick_s, tick, p, &p->ticker, err);
out:
    return rc;
}

void run_progress_enter(struct run_progress *p, const char *phase, struct sl_parts *parts)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->now = (struct sl_progress){.phase = phase};
    p->phase_began = sl_clock_now();
    p->n_bytes_before = 0;
    p->parts = parts;
    pthread_mutex_unlock(&p->counting);
}

void run_progress_expect(struct run_progress *p, int64_t n_bytes)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->now.n_bytes = n_bytes;
    pthread_mutex_unlock(&p->counting);
}

void run_progress_count(struct run_progress *p, int64_t n_bytes, int64_t n_rows)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->now.n_bytes_done = n_bytes;
    p->now.n_rows = n_rows;
    pthread_mutex_unlock(&p->counting);
}

/* Numbers that are no bytes take the place of bytes. */
void run_progress_expect_count(struct run_progress *p, const char *what, int64_t n,
                               int64_t n_before)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->counting);
    p->now.counted = what;
    p->now.n_bytes = n;
    p->now.n_bytes_done = n_before;
    p->n_bytes_before = n_before;
    pthread_mutex_unlock(&p->counting);
}

sl_status run_progress_expect_chunks(struct run_progress *p, int64_t n_chunks, int64_t n_bytes,
                                     struct sl_error *err)
{
    sl_status rc;

    if (p == NULL)
        return SL_OK;
    SL_TRY(sl_alloc_array((size_t)n_chunks, sizeof *p->is_done, &p->is_done, err));
    SL_TRY(sl_alloc_array((size_t)p->n_ranks, sizeof *p->ranks, &p->ranks, err));
    for (int r = 0; r < p->n_ranks; r++)
        p->ranks[r].silent_s = sl_clock_now();
    pthread_mutex_lock(&p->counting);
    p->now.n_chunks = n_chunks;
    p->now.n_bytes = n_bytes;
    p->now.n_ranks = p->n_ranks;
    pthread_mutex_unlock(&p->counting);
out:
    return rc;
}

static void count_chunk(struct run_progress *p, const struct run_progress_chunk *done)
{
    struct sl_progress_rank *rank = &p->ranks[done->rank];

    p->is_done[done->chunk] = true;
    p->now.n_chunks_done++;
    p->now.n_bytes_done += done->n_bytes;
    rank->n_chunks++;
    rank->n_bytes += done->n_bytes;
    if (done->is_resumed) {
        p->n_bytes_before += done->n_bytes;
    } else {
        p->now.n_rows += done->n_rows;
        rank->n_rows += done->n_rows;
    }
}

bool run_progress_chunk(struct run_progress *p, const struct run_progress_chunk *done)
{
    bool is_first;

    if (p == NULL)
        return false;
    pthread_mutex_lock(&p->counting);
    p->ranks[done->rank].silent_s = sl_clock_now();
    is_first = !p->is_done[done->chunk];
    if (is_first)
        count_chunk(p, done);
    pthread_mutex_unlock(&p->counting);
    return is_first;
}

/* --- the end ---------------------------------------------------------------------------------- */

void run_progress_hush(struct run_progress *p)
{
    if (p == NULL || p->is_hushed)
        return;
    pthread_mutex_lock(&p->drawing);
    p->is_hushed = true;
    if (p->is_drawn)
        sl_report_progress_clear(p->spec.notes);
    pthread_mutex_unlock(&p->drawing);
}

void run_progress_end(struct run_progress *p, sl_status rc, const struct sl_error *err)
{
    if (p == NULL)
        return;
    run_progress_hush(p);
    sl_ticker_stop(p->ticker);
    if (rc != SL_OK && p->parts != NULL) { /* else what is beside the output goes */
        struct sl_progress last = p->now;

        last.phase_s = sl_clock_now() - p->phase_began;
        last.n_ranks = 0; /* none is at work any more */
        sl_progress_finish(&last, p->n_bytes_before);
        write_status(&p->spec, p->parts, &last, rc, err);
    }
    pthread_mutex_destroy(&p->drawing);
    pthread_mutex_destroy(&p->counting);
    free(p->is_done);
    free(p->ranks);
    free(p);
}
