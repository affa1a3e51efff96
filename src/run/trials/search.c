/* The search, top-down: plan, read the rows, fit all candidates in all splits, rank them, refit the
 * best to all rows, and say so. */
#include "search.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../about.h"
#include "../inspect/rehearse.h"
#include "../progress.h"
#include "scoreline/clock.h"
#include "scoreline/run.h"
#include "scoreline/sink.h"

/* --- plan ------------------------------------------------------------------------------------- */

static sl_status check_wishes(const struct search *search, struct sl_error *err)
{
    const struct run *run = search->run;

    if (!run->job->search.is_given)
        return sl_fail(err, SL_EJOB, "%s: $: lacks the key 'search', which says what to try",
                       run->job->file);
    if (run->save_model != NULL && !run->job->search.refit)
        return sl_fail(err, SL_EJOB,
                       "%s: $.search.refit: is false, so there is no model for --save-model",
                       run->job->file);
    return SL_OK;
}

/* Rank 0. */
static sl_status make_plan(struct search *search, struct sl_error *err)
{
    struct run          *run = search->run;
    char                 found[sizeof run->fingerprint.run] = "";
    bool                 is_ours = false;
    int                  n_splits;
    enum sl_output_state state;
    sl_status            rc;

    SL_TRY(run_list_training(run, err));
    SL_TRY(search_list_candidates(search, err));
    SL_TRY(search_check_variants(search, err));
    SL_TRY(splits_count(&search->spec->cv, &run->training, &n_splits, err));
    SL_TRY(run_fingerprint_trials(run, "search", err));
    /* which is best is part of how the model comes about */
    memcpy(run->fingerprint.training, run->fingerprint.run, sizeof run->fingerprint.training);
    SL_TRY(run_check_paths(run, err));
    state = search_look(run->output, found, sizeof found);
    SL_TRY(run_check_output(run, state, found, run->fingerprint.run, err));
    if (run->opts->dry_run || run->output == NULL)
        goto out;
    if (run->is_complete) {
        run_forget_journal(run);
        goto out;
    }
    SL_TRY(run_open_parts(run, &is_ours, err));
    if (run->opts->resume == SL_RESUME_REQUIRE && !is_ours)
        SL_TRY(sl_fail(err, SL_EOUTPUT,
                       "--resume require: '%s' holds nothing of this job that could be resumed",
                       sl_parts_path(run->parts)));
    /* whoever had the lock before may have finished it meanwhile */
    state = search_look(run->output, found, sizeof found);
    rc = run_check_output(run, state, found, run->fingerprint.run, err);
out:
    return rc;
}

static sl_status plan(struct search *search, struct sl_error *err)
{
    struct run *run = search->run;
    sl_status   rc;

    SL_TRY(run_share_job(run, err));
    run->output = run->opts->output;
    rc = search_check_name(run->output, err);
    if (rc == SL_OK)
        rc = check_wishes(search, err);
    if (rc == SL_OK)
        rc = search_take_features(search, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    rc = sl_comm_rank(run->comm) == 0 ? make_plan(search, err) : SL_OK;
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    run_share_complete(run);
out:
    return rc;
}

static sl_status rehearse(struct search *search, struct sl_error *err)
{
    const struct sl_run_opts *opts = search->run->opts;
    struct sl_json_doc       *doc = NULL;
    sl_status                 rc = SL_OK;

    if (sl_comm_rank(search->run->comm) != 0)
        goto out;
    SL_TRY(sl_json_create(&doc, err));
    SL_TRY(search_describe(search, sl_json_root(doc), err));
    rc = run_tell(opts->results, opts->as_json, sl_json_root(doc), sl_report_search_plan, err);
out:
    sl_json_close(doc);
    return sl_comm_agree(search->run->comm, rc, err);
}

/* --- the work --------------------------------------------------------------------------------- */

static sl_status read_rows(struct search *search, struct sl_error *err)
{
    struct run *run = search->run;
    sl_status   rc;

    run_progress_enter(run, sl_phase_name(SL_PHASE_TRAIN));
    SL_TRY(trial_rows_read(run, &search->rows, err));
    rc = sl_comm_rank(run->comm) != 0 ? search_list_candidates(search, err) : SL_OK;
    if (rc == SL_OK)
        rc = search_list_units(search, err);
    rc = sl_comm_agree(run->comm, rc, err);
out:
    return rc;
}

static sl_status fit_all(struct search *search, struct sl_error *err)
{
    struct trial_results results = {.n_units = 0};
    sl_status            rc;

    SL_TRY(search_deal(search, &results, err));
    search->n_resumed = results.n_resumed;
    rc = sl_comm_agree(search->run->comm, search_rank(search, &results, err), err);
out:
    trial_results_release(&results);
    return rc;
}

/* The best as `train` would train it: the job with its features and parameters. */
static sl_status refit(struct search *search, struct sl_error *err)
{
    struct run                 *run = search->run;
    const struct grid          *grid = &search->grid;
    const size_t                best = search->by_rank[0];
    const struct trial_variant *variant = &search->variants[grid->variants[best]];
    const struct sl_recipe_spec all = run->job->recipe;
    sl_status                   rc;

    if (run->save_model == NULL)
        return SL_OK;
    run_progress_enter(run, sl_phase_name(SL_PHASE_TRAIN));
    trial_rows_release(&search->rows);
    run->job->recipe = variant->spec;
    memcpy(run->params, grid->params + best * (size_t)grid->n_params,
           (size_t)grid->n_params * sizeof *run->params);
    rc = run_train(run, err);
    run->job->recipe = all;
    return rc;
}

static void tell(const struct search *search, double total_s)
{
    FILE         *notes = search->run->opts->notes;
    const int64_t n_fits = search_n_fits(search);
    int64_t       n_unfit = 0, n_open = 0;

    if (notes == NULL)
        return;
    for (int64_t i = 0; i < n_fits; i++) {
        n_unfit += search->states[i] == SEARCH_UNFIT;
        n_open += search->states[i] == SEARCH_NOT_CONVERGED;
    }
    if (n_unfit > 0)
        fprintf(notes,
                "scoreline: warning: %" PRId64 " of %" PRId64
                " fits have no score; the first is candidate %zu in split %s: %s\n",
                n_unfit, n_fits, search->first_unfit.candidate,
                search->splits.names[search->first_unfit.split], search->first_unfit.why.text);
    if (n_open > 0)
        fprintf(notes,
                "scoreline: warning: %" PRId64 " of %" PRId64
                " fits did not converge; raise max_iter or scale the features\n",
                n_open, n_fits);
    fprintf(notes,
            "scoreline: %" PRId64 " fits of %zu candidates in %d splits of %zu rows; %d rank%s, "
            "%.3f s, of which %.3f s a rank for fits\n",
            n_fits, search->grid.n, search->splits.n, search->splits.n_rows,
            sl_comm_size(search->run->comm), sl_comm_size(search->run->comm) == 1 ? "" : "s",
            total_s, search->fit_s / sl_comm_size(search->run->comm));
}

/* Rank 0. */
static sl_status write_result(struct search *search, double total_s, struct sl_error *err)
{
    const struct run   *run = search->run;
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, err));
    SL_TRY(search_to_json(search, sl_json_root(doc), err));
    SL_TRY(search_write(search, sl_json_root(doc), err));
    if (run->opts->results != NULL)
        sl_report_search(run->opts->results, sl_json_root(doc));
    tell(search, total_s);
out:
    sl_json_close(doc);
    return rc;
}

static sl_status report(struct search *search, struct sl_error *err)
{
    struct run            *run = search->run;
    const double           total_s = sl_clock_now() - run->began;
    const struct run_count counts[] = {
        {"ranks", sl_comm_size(run->comm)},       {"partitions", run->training.n_partitions},
        {"bytes", sl_plan_bytes(&run->training)}, {"rows", (int64_t)search->splits.n_rows},
        {"candidates", (int64_t)search->grid.n},  {"splits", search->splits.n},
        {"fits", search_n_fits(search)},          {"units", search->n_units},
        {"units_resumed", search->n_resumed}};
    sl_status rc = SL_OK;

    run_progress_hush(run);
    if (sl_comm_rank(run->comm) == 0)
        rc = write_result(search, total_s, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    rc = run_save_summary(run, counts, sizeof counts / sizeof *counts, total_s, err);
out:
    return rc;
}

static sl_status timed(struct search *search, enum sl_phase phase,
                       sl_status (*stage)(struct search *, struct sl_error *), struct sl_error *err)
{
    const double    began = sl_clock_now();
    const sl_status rc = stage(search, err);

    search->run->seconds[phase] += sl_clock_now() - began;
    return rc;
}

static void leave(struct run *run, sl_status rc, const struct sl_error *err)
{
    run_progress_end(run, rc, err);
    sl_parts_close(run->parts, rc == SL_OK         ? SL_PARTS_REMOVE
                               : rc == SL_ESTOPPED ? SL_PARTS_KEEP
                                                   : SL_PARTS_KEEP_JOURNAL);
    run->parts = NULL;
    run_release(run);
}

sl_status sl_search(const struct sl_comm *comm, const struct sl_run_opts *opts,
                    struct sl_error *err)
{
    struct run run = {
        .comm = comm, .opts = opts, .save_model = opts->save_model, .began = sl_clock_now()};
    struct search search = {.run = &run};
    sl_status     rc;

    about_run_id(run.run_id);
    run_limit_time(&run);
    SL_TRY(sl_comm_agree(comm, run_progress_begin(&run, err), err));
    SL_TRY(timed(&search, SL_PHASE_PLAN, plan, err));
    if (opts->dry_run)
        SL_TRY(rehearse(&search, err));
    if (opts->dry_run || run.is_complete)
        goto out;
    SL_TRY(timed(&search, SL_PHASE_TRAIN, read_rows, err));
    SL_TRY(timed(&search, SL_PHASE_SCORE, fit_all, err));
    SL_TRY(timed(&search, SL_PHASE_TRAIN, refit, err));
    SL_TRY(report(&search, err));
out:
    search_release(&search);
    leave(&run, rc, err);
    return rc;
}
