/* The main job, top-down: plan, train, broadcast, score, combine, publish.  With a model that is
 * given, planning reads it and training only broadcasts it. */
#include "scoreline/run.h"

#include <math.h>
#include <stdlib.h>

#include "about.h"
#include "progress.h"
#include "run_impl.h"
#include "scoreline/clock.h"
#include "scoreline/stop.h"

void run_limit_time(const struct run *run, double more_s)
{
    const double max_time_s = run->opts->max_time_s;
    const double sync_s = fmax(RUN_SYNC_S, 2 * sl_journal_sync_s(run->journal));

    if (max_time_s >= 0)
        sl_stop_at(run->began + fmax(max_time_s - sync_s - more_s, 0.5 * max_time_s));
}

/* All rows go to the output as they went to the journal, and take as long; what an earlier run
 * wrote has not been measured, so that a run which finds all done always tries. */
static void leave_time_to_publish(const struct run *run)
{
    double seconds[SL_N_PHASES];

    sl_stopwatch_read(run->watch, seconds);
    run_limit_time(run, seconds[SL_PHASE_JOURNAL]);
}

void run_enter(struct run *run, const char *name, enum sl_phase phase)
{
    run_progress_enter(run->progress, name, run->parts);
    sl_stopwatch_enter(run->watch, phase);
}

static sl_status timed(struct run *run, const char *name, enum sl_phase phase,
                       sl_status (*stage)(struct run *, struct sl_error *), struct sl_error *err)
{
    const double began = sl_clock_now();
    sl_status    rc;

    run_enter(run, name, phase);
    rc = stage(run, err);
    sl_stopwatch_enter(run->watch, SL_PHASE_OTHER);
    run->stage_s = sl_clock_now() - began;
    return rc;
}

void run_release(struct run *run)
{
    run_pace_release(&run->pace);
    run_totals_release(&run->totals, run->plan.n_partitions);
    sl_sched_result_release(&run->sched);
    sl_journal_close(run->journal);
    free(run->journal_path);
    run_old_release(&run->old);
    sl_rows_release(&run->rows);
    sl_bundle_release(&run->bundle);
    free(run->model_text);
    sl_plan_release(&run->plan);
    sl_plan_release(&run->training);
    for (int i = 0; i < run->n_left_out; i++)
        free(run->left_out[i].column);
    free(run->left_out);
    free(run->params);
    sl_job_free(run->job);
}

/* What is done stays where the same command will find it, if this one did not get to its end;
 * behind an output that is there nothing is left. */
static sl_status leave(struct run *run, sl_status rc, struct sl_error *err)
{
    struct sl_error syncing;
    sl_status       synced = SL_OK;

    /* with these all ranks have a journal, or none has */
    if (run->journal != NULL && (rc == SL_EBADROWS || rc == SL_ESTOPPED)) {
        synced = sl_journal_sync(run->journal, &syncing);
        if (synced == SL_OK && run->parts != NULL && run->totals.n_skipped > 0)
            synced = run_save_manifest(run, &syncing);
        synced = sl_comm_agree(run->comm, synced, &syncing);
    }
    run_progress_end(run->progress, rc, err);
    run->progress = NULL;
    sl_parts_close(run->parts, rc == SL_OK         ? SL_PARTS_REMOVE
                               : rc == SL_ESTOPPED ? SL_PARTS_KEEP
                                                   : SL_PARTS_KEEP_JOURNAL);
    run->parts = NULL;
    if (synced != SL_OK)
        return sl_fail(err, synced, "%s", syncing.text);
    return rc;
}

sl_status run_end(struct run *run, sl_status rc, struct sl_error *err)
{
    sl_stopwatch_enter(run->watch, SL_PHASE_PUBLISH);
    rc = leave(run, rc, err);
    if (!run->opts->dry_run)
        rc = run_report(run, rc, err);
    run_release(run);
    return rc;
}

void run_begin(struct run *run, struct sl_stopwatch *own)
{
    run->watch = run->opts->watch != NULL ? run->opts->watch : own;
    sl_clock_date(run->date, sizeof run->date);
    run_limit_time(run, 0);
}

sl_status run_begin_progress(struct run *run, struct sl_error *err)
{
    const struct sl_run_opts      *opts = run->opts;
    const struct run_progress_spec spec = {.run_id = run->run_id,
                                           .began = run->began,
                                           .notes = opts->notes,
                                           .form = opts->progress,
                                           .every_s = opts->progress_s};

    if (opts->dry_run)
        return SL_OK;
    return sl_comm_agree(run->comm, run_progress_begin(run->comm, &spec, &run->progress, err), err);
}

static sl_status run_stages(struct run *run, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(run_begin_progress(run, err));
    SL_TRY(timed(run, "plan", SL_PHASE_PLAN, run_plan, err));
    if (run->opts->dry_run)
        SL_TRY(run_rehearse(run, err));
    if (run->opts->dry_run || run->is_complete)
        goto out;
    SL_TRY(timed(run, "train", SL_PHASE_TRAIN, run_train, err));
    SL_TRY(run_check_stop(run, err));
    rc = timed(run, "score", SL_PHASE_OTHER, run_score, err);
    run->work_s = run->stage_s;
    SL_TRY(rc);
    SL_TRY(timed(run, "collect", SL_PHASE_COLLECT, run_collect, err));
    leave_time_to_publish(run);
    SL_TRY(run_check_stop(run, err));
    sl_journal_rest(run->journal);
    SL_TRY(timed(run, "combine", SL_PHASE_COMBINE, run_combine, err));
    rc = run_check_skipped(run, err);
out:
    return rc;
}

sl_status sl_run(const struct sl_comm *comm, const struct sl_run_opts *opts, struct sl_error *err)
{
    struct run run = {
        .comm = comm, .opts = opts, .save_model = opts->save_model, .began = sl_clock_now()};
    struct sl_stopwatch watch;

    sl_stopwatch_start(&watch, SL_PHASE_OTHER);
    about_run_id(run.run_id);
    run_begin(&run, &watch);
    return run_end(&run, run_stages(&run, err), err);
}

static sl_status train_stages(struct run *run, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(run_begin_progress(run, err));
    SL_TRY(timed(run, "plan", SL_PHASE_PLAN, run_plan_training, err));
    if (run->opts->dry_run)
        SL_TRY(run_rehearse(run, err));
    if (!run->opts->dry_run && !run->is_complete)
        rc = timed(run, "train", SL_PHASE_TRAIN, run_train, err);
out:
    return rc;
}

sl_status sl_train(const struct sl_comm *comm, const struct sl_run_opts *opts, struct sl_error *err)
{
    struct run          run = {.comm = comm,
                               .opts = opts,
                               .trains_only = true,
                               .save_model = opts->output,
                               .began = sl_clock_now()};
    struct sl_stopwatch watch;

    sl_stopwatch_start(&watch, SL_PHASE_OTHER);
    run_begin(&run, &watch);
    return run_end(&run, train_stages(&run, err), err);
}
