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

/* Word to stop comes so long before the end that what is in memory reaches the disk. */
void run_limit_time(const struct run *run)
{
    const double max_time_s = run->opts->max_time_s;

    if (max_time_s >= 0)
        sl_stop_at(run->began + fmax(max_time_s - RUN_SYNC_S, 0.5 * max_time_s));
}

sl_status run_timed(struct run *run, enum sl_phase                                        phase,
                    sl_status (*stage)(struct run *, struct sl_error *), struct sl_error *err)
{
    double    began = sl_clock_now();
    sl_status rc;

    run_progress_enter(run, sl_phase_name(phase));
    rc = stage(run, err);
    run->seconds[phase] += sl_clock_now() - began;
    return rc;
}

void run_release(struct run *run)
{
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
    run_progress_end(run, rc, err);
    sl_parts_close(run->parts, rc == SL_OK         ? SL_PARTS_REMOVE
                               : rc == SL_ESTOPPED ? SL_PARTS_KEEP
                                                   : SL_PARTS_KEEP_JOURNAL);
    run->parts = NULL;
    if (synced != SL_OK)
        return sl_fail(err, synced, "%s", syncing.text);
    return rc;
}

sl_status sl_run(const struct sl_comm *comm, const struct sl_run_opts *opts, struct sl_error *err)
{
    struct run run = {
        .comm = comm, .opts = opts, .save_model = opts->save_model, .began = sl_clock_now()};
    sl_status rc;

    about_run_id(run.run_id);
    run_limit_time(&run);
    SL_TRY(sl_comm_agree(comm, run_progress_begin(&run, err), err));
    SL_TRY(run_timed(&run, SL_PHASE_PLAN, run_plan, err));
    if (opts->dry_run)
        SL_TRY(run_rehearse(&run, err));
    if (opts->dry_run || run.is_complete)
        goto out;
    SL_TRY(run_timed(&run, SL_PHASE_TRAIN, run_train, err));
    SL_TRY(run_check_stop(&run, err));
    SL_TRY(run_timed(&run, SL_PHASE_SCORE, run_score, err));
    SL_TRY(run_timed(&run, SL_PHASE_COLLECT, run_collect, err));
    SL_TRY(run_check_stop(&run, err));
    SL_TRY(run_timed(&run, SL_PHASE_COMBINE, run_combine, err));
    run_progress_hush(&run);
    SL_TRY(run_report(&run, sl_clock_now() - run.began, err));
    rc = run_check_skipped(&run, err);
out:
    rc = leave(&run, rc, err);
    run_release(&run);
    return rc;
}

sl_status sl_train(const struct sl_comm *comm, const struct sl_run_opts *opts, struct sl_error *err)
{
    struct run run = {
        .comm = comm, .opts = opts, .save_model = opts->output, .began = sl_clock_now()};
    sl_status rc;

    run_limit_time(&run);
    SL_TRY(sl_comm_agree(comm, run_progress_begin(&run, err), err));
    SL_TRY(run_timed(&run, SL_PHASE_PLAN, run_plan_training, err));
    if (opts->dry_run)
        SL_TRY(run_rehearse(&run, err));
    if (opts->dry_run || run.is_complete)
        goto out;
    SL_TRY(run_timed(&run, SL_PHASE_TRAIN, run_train, err));
    run_progress_hush(&run);
    SL_TRY(run_report_training(&run, sl_clock_now() - run.began, err));
out:
    run_progress_end(&run, rc, err);
    run_release(&run);
    return rc;
}
