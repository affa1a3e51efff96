/* Units of work dealt to ranks, and what they find brought together.  Rank 0 has what an earlier
 * run found; each rank keeps what it finds in memory, and from some moment on in a ledger of its
 * own beside the output. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../progress.h"
#include "scoreline/clock.h"
#include "scoreline/ledger.h"
#include "scoreline/memory.h"
#include "scoreline/stop.h"
#include "trials.h"

enum { MOST_LEDGER_BYTES = 1 << 30 };

/* One rank's part in it. */
struct dealer {
    struct run              *run;
    const struct trial_work *work;
    bool                    *is_known; /* [n_units] by an earlier run */
    int64_t                  n_open;
    int64_t                 *open;   /* [n_open] units to be done */
    struct sl_text           found;  /* of this rank: unit, length, bytes, ... */
    size_t                   n_kept; /* bytes of it that are in the ledger */
    char                    *path;
    struct sl_ledger        *ledger;
    double                   opens_at; /* sl_clock_now() from which on results are kept there */
    int64_t                  n_done;   /* of what is counted, by all ranks; rank 0 */
};

static void dealer_release(struct dealer *d)
{
    sl_ledger_close(d->ledger);
    free(d->path);
    free(d->is_known);
    free(d->open);
    sl_text_release(&d->found);
}

/* --- results as bytes ------------------------------------------------------------------------- */

static sl_status add_found(struct sl_text *found, int64_t unit, struct sl_slice result,
                           struct sl_error *err)
{
    sl_status rc = sl_text_add_bytes(found, &unit, sizeof unit, err);

    return rc == SL_OK ? sl_text_add_slice(found, result, err) : rc;
}

/* The next of them; *at goes on behind it. */
static struct sl_slice take_found(const char **at, int64_t *unit)
{
    memcpy(unit, *at, sizeof *unit);
    *at += sizeof *unit;
    return sl_slice_take(at);
}

/* --- what an earlier run found ---------------------------------------------------------------- */

static sl_status take_up_file(struct dealer *d, const char *name, struct sl_error *err)
{
    char           *text = NULL;
    size_t          n_bytes = 0, at = 0;
    int64_t         unit;
    struct sl_slice result;
    sl_status       rc;

    SL_TRY(sl_parts_read(d->run->parts, name, MOST_LEDGER_BYTES, &text, &n_bytes, err));
    while (text != NULL && sl_ledger_next((struct sl_slice){text, n_bytes}, d->run->fingerprint.run,
                                          &at, &unit, &result)) {
        if (unit < 0 || unit >= d->work->n_units || d->is_known[unit])
            continue;
        d->is_known[unit] = true;
        SL_TRY(add_found(&d->found, unit, result, err));
    }
    d->n_kept = d->found.n_bytes;
out:
    free(text);
    return rc;
}

/* Rank 0. */
static sl_status take_up(struct dealer *d, struct sl_error *err)
{
    char    **names = NULL;
    size_t    n = 0;
    sl_status rc;

    if (d->run->parts == NULL)
        return SL_OK;
    SL_TRY(sl_parts_list(d->run->parts, &names, &n, err));
    for (size_t i = 0; i < n; i++)
        SL_TRY(take_up_file(d, names[i], err));
out:
    sl_parts_free_names(names, n);
    return rc;
}

/* --- beginning -------------------------------------------------------------------------------- */

static sl_status open_ledger(struct dealer *d, bool has_parts, struct sl_error *err)
{
    struct run    *run = d->run;
    struct sl_text path = {0};
    char           name[64];
    sl_status      rc;

    d->opens_at = run->began + run->job->output.journal_after;
    if (!has_parts)
        return SL_OK;
    snprintf(name, sizeof name, "%s-%d.journal", run->run_id, sl_comm_rank(run->comm));
    rc = sl_parts_locate(run->output, name, &path, err);
    d->path = path.data;
    return rc == SL_OK ? sl_ledger_create(d->path, run->fingerprint.run, &d->ledger, err) : rc;
}

static sl_status list_open(struct dealer *d, struct sl_error *err)
{
    const int64_t n = d->work->n_units;
    sl_status     rc = sl_alloc_array((size_t)n, sizeof *d->open, &d->open, err);

    for (int64_t u = 0; rc == SL_OK && u < n; u++)
        if (!d->is_known[u])
            d->open[d->n_open++] = u;
    return rc;
}

/* Every rank knows which units are to be done. */
static sl_status begin(struct dealer *d, struct sl_error *err)
{
    const struct sl_comm *comm = d->run->comm;
    bool                  has_parts = d->run->parts != NULL;
    sl_status             rc;

    rc = sl_alloc_array((size_t)d->work->n_units, sizeof *d->is_known, &d->is_known, err);
    if (rc == SL_OK && sl_comm_rank(comm) == 0)
        rc = take_up(d, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    sl_comm_any(comm, d->is_known, (size_t)d->work->n_units);
    sl_comm_any(comm, &has_parts, 1);
    sl_comm_share(comm, 0, d->run->run_id, sizeof d->run->run_id);
    sl_comm_share(comm, 0, d->run->fingerprint.run, sizeof d->run->fingerprint.run);
    rc = list_open(d, err);
    if (rc == SL_OK)
        rc = open_ledger(d, has_parts, err);
    rc = sl_comm_agree(comm, rc, err);
out:
    return rc;
}

/* --- the work --------------------------------------------------------------------------------- */

/* What is not in the ledger yet goes there. */
static sl_status keep(struct dealer *d, struct sl_error *err)
{
    sl_status rc = SL_OK;

    while (d->ledger != NULL && d->n_kept < d->found.n_bytes && rc == SL_OK) {
        const char           *at = d->found.data + d->n_kept;
        int64_t               unit;
        const struct sl_slice result = take_found(&at, &unit);

        rc = sl_ledger_add(d->ledger, unit, result, err);
        d->n_kept = (size_t)(at - d->found.data);
    }
    return rc;
}

static sl_status do_unit(void *state, int64_t task, const struct sl_start *start,
                         struct sl_sched *sched, struct sl_span *span, struct sl_error *err)
{
    struct dealer *d = state;
    const int64_t  unit = d->open[task];
    struct sl_text result = {0};
    bool           is_done = false;
    sl_status      rc;

    (void)start;
    *span = (struct sl_span){0};
    rc = d->work->run(d->work->state, unit, sched, &result, &is_done, err);
    if (rc == SL_ESTOPPED) {
        is_done = false;
        rc = SL_OK;
    }
    SL_TRY(rc);
    if (!is_done)
        goto out;
    span->n_items = d->work->size(d->work->state, unit);
    SL_TRY(add_found(&d->found, unit,
                     (struct sl_slice){result.data != NULL ? result.data : "", result.n_bytes},
                     err));
    if (sl_clock_now() >= d->opens_at)
        SL_TRY(keep(d, err));
out:
    sl_text_release(&result);
    return rc;
}

static bool continues(const void *state, int64_t task)
{
    (void)state;
    (void)task;
    return false;
}

static int64_t cost(const void *state, int64_t task)
{
    const struct dealer *d = state;

    return d->work->size(d->work->state, d->open[task]);
}

static void note(void *state, int64_t task, int rank, const struct sl_span *span)
{
    struct dealer *d = state;

    (void)task;
    (void)rank;
    d->n_done += span->n_items;
    run_progress_count(d->run, d->n_done);
}

static void expect(struct dealer *d)
{
    int64_t n_all = 0;

    for (int64_t u = 0; u < d->work->n_units; u++) {
        const int64_t size = d->work->size(d->work->state, u);

        n_all += size;
        d->n_done += d->is_known[u] ? size : 0;
    }
    run_progress_enter(d->run, d->work->phase);
    run_progress_expect_count(d->run, d->work->what, n_all, d->n_done);
}

/* --- the end ---------------------------------------------------------------------------------- */

void trial_results_release(struct trial_results *results)
{
    free(results->of);
    free(results->bytes);
    *results = (struct trial_results){.n_units = 0};
}

/* The results of all ranks on all of them; a unit without one has no data. */
static sl_status collect(struct dealer *d, struct trial_results *results, struct sl_error *err)
{
    const struct sl_comm *comm = d->run->comm;
    size_t                n_bytes = 0;
    const char           *at;
    sl_status             rc;

    results->n_units = d->work->n_units;
    results->n_resumed = d->work->n_units - d->n_open;
    rc = sl_alloc_array((size_t)results->n_units, sizeof *results->of, &results->of, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(sl_comm_allgather_bytes(comm, d->found.data, d->found.n_bytes, &results->bytes, &n_bytes,
                                   err));
    at = results->bytes;
    for (const char *end = at + n_bytes; at < end;) {
        int64_t               unit;
        const struct sl_slice result = take_found(&at, &unit);

        results->of[unit] = result;
    }
out:
    return rc;
}

static sl_status stop(const struct dealer *d, const struct trial_results *results,
                      struct sl_error *err)
{
    char      what[160];
    int64_t   n_done = 0, n_all = 0;
    sl_status rc;

    for (int64_t u = 0; u < results->n_units; u++) {
        const int64_t size = d->work->size(d->work->state, u);

        n_all += size;
        n_done += results->of[u].data != NULL ? size : 0;
    }
    snprintf(what, sizeof what,
             ": %" PRId64 " of %" PRId64 " %s are done; run the same command "
             "again%s",
             n_done, n_all, d->work->what,
             d->ledger != NULL ? " to go on" : "; with -o it would go on");
    rc = sl_comm_agree(d->run->comm, sl_stop_asked() ? sl_stop_fail(what, err) : SL_OK, err);
    return rc != SL_OK ? rc : sl_stop_fail(what, err);
}

static bool is_whole(const struct trial_results *results)
{
    for (int64_t u = 0; u < results->n_units; u++)
        if (results->of[u].data == NULL)
            return false;
    return true;
}

/* When not all is done, what is goes to the disk. */
static sl_status leave(struct dealer *d, struct sl_error *err)
{
    sl_status rc = keep(d, err);

    if (rc == SL_OK && d->ledger != NULL)
        rc = sl_ledger_sync(d->ledger, err);
    return sl_comm_agree(d->run->comm, rc, err);
}

sl_status trial_deal(struct run *run, const struct trial_work *work, struct trial_results *results,
                     struct sl_error *err)
{
    static const struct sl_sched_ops tasks = {
        .run = do_unit, .continues = continues, .cost = cost, .note = note};
    struct dealer          d = {.run = run, .work = work};
    struct sl_sched_result sched = {.owner = NULL};
    sl_status              rc;

    *results = (struct trial_results){.n_units = 0};
    SL_TRY(begin(&d, err));
    expect(&d);
    const struct sl_sched_opts opts = {.n_tasks = d.n_open, .stop = sl_stop_asked};
    SL_TRY(sl_sched_run(run->comm, &opts, &tasks, &d, &sched, err));
    SL_TRY(collect(&d, results, err));
    if (is_whole(results))
        goto out;
    SL_TRY(leave(&d, err));
    rc = stop(&d, results, err);
out:
    sl_sched_result_release(&sched);
    dealer_release(&d);
    return rc;
}
