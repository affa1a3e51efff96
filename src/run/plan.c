/* First stage: rank 0 reads the job, finds the inputs, looks at the output; every rank then holds
 * the same job and the same plan.  All that can be wrong with a job is found here, before anything
 * runs. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_impl.h"
#include "scoreline/bytes.h"
#include "scoreline/catalog.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"

enum { MAX_JOB_BYTES = 16 << 20 };

static sl_status plan(struct run      *run, sl_status (*make)(struct run *, struct sl_error *),
                      struct sl_error *err);

/* The job file's text, and from it the job, on every rank. */
sl_status run_share_job(struct run *run, struct sl_error *err)
{
    const struct sl_run_opts *opts = run->opts;
    char                     *text = NULL;
    void                     *bytes;
    size_t                    n_bytes = 0;
    sl_status                 rc = SL_OK;

    if (sl_comm_rank(run->comm) == 0) {
        rc = sl_bytes_slurp(opts->job_file, MAX_JOB_BYTES, &text, &n_bytes, err);
        if (rc == SL_EINPUT) /* a job that cannot be read is a fault of the job */
            rc = err->code = SL_EJOB;
    }
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    bytes = text;
    rc = sl_comm_bcast_bytes(run->comm, &bytes, &n_bytes, err);
    text = bytes;
    if (rc == SL_OK)
        rc = sl_comm_agree(
            run->comm,
            sl_job_parse(text, n_bytes, opts->job_file, opts->n_sets, opts->sets, &run->job, err),
            err);
out:
    free(text);
    return rc;
}

/* Estimator, parameters, expressions and names are checked before any file is looked at. */
static sl_status check_model(struct run *run, struct sl_error *err)
{
    struct sl_recipe         *recipe = NULL;
    struct sl_column_request *requests = NULL;
    struct sl_rows            rows = {0};
    const int                 n_kept = run->job->output.n_keep;
    int                       n_requests;
    sl_status                 rc;

    SL_TRY(run_take_estimator(run, err));
    SL_TRY(sl_recipe_create(&run->job->recipe, true, &recipe, err));
    SL_TRY(run_requests(recipe, &run->job->output, &requests, &n_requests, err));
    const struct sl_rows_spec spec = {.n_classes = sl_recipe_is_number(recipe) ? 0 : 2,
                                      .kept = requests + n_requests - n_kept,
                                      .n_kept = n_kept};
    SL_TRY(sl_rows_init(&rows, &spec, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "%s", run->job->file);
    sl_rows_release(&rows);
    free(requests);
    sl_recipe_free(recipe);
    return rc;
}

/* What an earlier run of the same command left, which came no further. */
static bool is_own_model(const struct run *run, const char *path)
{
    char found[sizeof run->fingerprint.training] = "";

    return run_look_at_model(path, found, sizeof found) == SL_OUTPUT_COMPLETE &&
           strcmp(found, run->fingerprint.training) == 0;
}

/* Better now than when the work is done. */
static sl_status check_can_write(const struct run *run, struct sl_error *err)
{
    const char *const paths[] = {run->output, run->save_model, run->opts->summary};
    const char *const model = run->opts->save_model;
    sl_status         rc = SL_OK;

    if (model != NULL && run->opts->if_exists == SL_IF_EXISTS_FAIL && access(model, F_OK) == 0 &&
        !is_own_model(run, model))
        return sl_fail(err, SL_EOUTPUT,
                       "model '%s' exists; name another with --save-model, or give --if-exists "
                       "replace",
                       model);
    for (size_t i = 0; rc == SL_OK && i < sizeof paths / sizeof *paths; i++)
        if (paths[i] != NULL)
            rc = sl_sink_probe(paths[i], err);
    return rc;
}

static sl_status refuse_output(const struct run *run, const char *what, struct sl_error *err)
{
    return sl_fail(err, SL_EOUTPUT,
                   "output '%s' exists%s; name another with -o, or give --if-exists replace",
                   run->output, what);
}

/* What there is of the output, `found` being the fingerprint it bears. */
sl_status run_check_output(struct run *run, enum sl_output_state state, const char *found,
                           const char *wanted, struct sl_error *err)
{
    const bool is_ours = state == SL_OUTPUT_PARTIAL && strcmp(found, run->fingerprint.job) == 0;

    if (state == SL_OUTPUT_ABSENT || is_ours || run->opts->if_exists == SL_IF_EXISTS_REPLACE)
        return check_can_write(run, err);
    if (state != SL_OUTPUT_COMPLETE)
        return refuse_output(run, " and is no complete output of scoreline", err);
    if (strcmp(found, wanted) != 0)
        return refuse_output(run, ", made by another job or from other inputs", err);
    run->is_complete = true;
    return SL_OK;
}

/* What is to be trained on, checked as far as it can be without reading it. */
sl_status run_list_training(struct run *run, struct sl_error *err)
{
    const struct sl_job *job = run->job;
    sl_status            rc;

    SL_TRY(sl_job_check_training(job, err));
    if (job->recipe.group.except == NULL)
        SL_TRY(check_model(run, err));
    SL_TRY(sl_catalog_list(&job->input, &job->train.partitions, NULL, &run->training, err));
    SL_TRY(sl_catalog_cut(&run->training, 0, err));
    if (job->recipe.group.except != NULL) {
        SL_TRY(run_expand_features(run, err));
        SL_TRY(check_model(run, err));
    }
    run->plans_training = true;
    SL_TRY(run_check_training_size(run, err));
    SL_TRY(run_fingerprint_training(run, err));
out:
    return rc;
}

/* What is to be scored: of the job's selection what is left by --only, and of that a shard. */
static sl_status plan_scoring(struct run *run, struct sl_error *err)
{
    const struct sl_job      *job = run->job;
    const struct sl_run_opts *opts = run->opts;
    struct sl_selection       only = {0};
    sl_status                 rc;

    SL_TRY(sl_selection_parse(&job->input, opts->n_only, opts->only, &only, err));
    SL_TRY(sl_catalog_list(&job->input, &job->score.partitions, &only, &run->plan, err));
    SL_TRY(sl_catalog_mark_trained(&run->plan, &run->training, err));
    SL_TRY(sl_catalog_cut(&run->plan, job->score.chunk_bytes, err));
    if (opts->shard.n > 0)
        SL_TRY(sl_catalog_shard(&run->plan, opts->shard.i, opts->shard.n, err));
    run->plans_scoring = true;
    SL_TRY(run_fingerprint(run, err));
out:
    sl_selection_release(&only);
    return rc;
}

static bool leaves_training_to_a_model(const struct sl_job *job)
{
    return job->recipe.n_features == 0 && job->recipe.group.except == NULL &&
           job->recipe.label == NULL && job->train.estimator == NULL;
}

/* Rank 0: what is to be read. */
static sl_status make_input_plan(struct run *run, struct sl_error *err)
{
    sl_status rc;

    if (run->opts->model != NULL)
        SL_TRY(run_read_model(run, err));
    else if (!leaves_training_to_a_model(run->job))
        SL_TRY(run_list_training(run, err));
    SL_TRY(plan_scoring(run, err));
out:
    return rc;
}

/* Rank 0: everything that needs the file system. */
static sl_status make_plan(struct run *run, struct sl_error *err)
{
    char                 found[sizeof run->fingerprint.run] = "";
    enum sl_output_state state;
    sl_status            rc;

    if (run->opts->model == NULL)
        SL_TRY(sl_job_check_training(run->job, err));
    SL_TRY(make_input_plan(run, err));
    SL_TRY(run_check_paths(run, err));
    state = sl_sink_look(run->output, found, sizeof found);
    SL_TRY(run_check_output(run, state, found, run->fingerprint.run, err));
    if (run->opts->dry_run)
        goto out;
    if (run->is_complete) {
        run_forget_journal(run);
        goto out;
    }
    SL_TRY(run_look_for_journal(run, err));
    /* whoever had the lock before may have finished it meanwhile */
    state = sl_sink_look(run->output, found, sizeof found);
    rc = run_check_output(run, state, found, run->fingerprint.run, err);
out:
    return rc;
}

/* The same where the output is a model. */
static sl_status make_training_plan(struct run *run, struct sl_error *err)
{
    char                 found[sizeof run->fingerprint.training] = "";
    enum sl_output_state state;
    sl_status            rc;

    SL_TRY(run_list_training(run, err));
    SL_TRY(run_check_paths(run, err));
    state = run_look_at_model(run->output, found, sizeof found);
    rc = run_check_output(run, state, found, run->fingerprint.training, err);
out:
    return rc;
}

sl_status run_share_plan(const struct sl_comm *comm, struct sl_plan *plan, struct sl_error *err)
{
    bool      is_rank_0 = sl_comm_rank(comm) == 0;
    void     *packed = NULL;
    size_t    n_bytes = 0;
    sl_status rc = SL_OK;

    if (is_rank_0)
        rc = sl_plan_pack(plan, &packed, &n_bytes, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(sl_comm_bcast_bytes(comm, &packed, &n_bytes, err));
    if (!is_rank_0)
        rc = sl_plan_unpack(packed, n_bytes, plan, err);
    rc = sl_comm_agree(comm, rc, err);
out:
    free(packed);
    return rc;
}

sl_status run_plan(struct run *run, struct sl_error *err)
{
    sl_status rc = plan(run, make_plan, err);

    if (rc == SL_OK && !run->is_complete)
        rc = run_share_plan(run->comm, &run->plan, err);
    return rc == SL_OK && !run->is_complete ? run_share_old(run, err) : rc;
}

sl_status run_plan_inputs(struct run *run, struct sl_error *err)
{
    return plan(run, make_input_plan, err);
}

sl_status run_plan_training(struct run *run, struct sl_error *err)
{
    return plan(run, make_training_plan, err);
}

/* Whatever rank 0 plans: every rank has the job, and knows whether there is anything to do. */
static sl_status plan(struct run      *run, sl_status (*make)(struct run *, struct sl_error *),
                      struct sl_error *err)
{
    sl_status rc;

    SL_TRY(run_share_job(run, err));
    run->output = run->opts->output != NULL ? run->opts->output : run->job->output.path;
    rc = sl_comm_rank(run->comm) == 0 ? make(run, err) : SL_OK;
    SL_TRY(sl_comm_agree(run->comm, rc, err));

    run_share_complete(run);
out:
    return rc;
}

void run_share_complete(struct run *run)
{
    int64_t is[2];

    is[0] = run->is_complete;
    is[1] = run->is_fitted;
    sl_comm_bcast_i64(run->comm, 0, is, 2);
    run->is_complete = is[0] != 0;
    run->is_fitted = is[1] != 0;
    if (run->is_complete && run->opts->notes != NULL)
        fprintf(run->opts->notes,
                "scoreline: '%s' is already there and complete, nothing to do%s\n", run->output,
                run->opts->save_model != NULL || run->opts->summary != NULL
                    ? "; model and summary are written by a run only: see --if-exists"
                    : "");
}
