/* First stage: rank 0 reads the job, finds the inputs, looks at the output; every rank then holds
 * the same job and the same plan.  All that can be wrong with a job is found here, before anything
 * runs. */
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/bytes.h"
#include "scoreline/catalog.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"

enum { MAX_JOB_BYTES = 16 << 20 };

/* The job file's text, and from it the job, on every rank. */
static sl_status share_job(struct run *run, struct sl_error *err)
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
    int                       n_kept = run->job->output.n_keep;
    int                       n_requests;
    sl_status                 rc;

    SL_TRY(sl_model_check(&run->job->train, &run->estimator, &run->params, err));
    SL_TRY(sl_recipe_create(&run->job->recipe, &recipe, err));
    SL_TRY(run_requests(recipe, &run->job->output, &requests, &n_requests, err));
    SL_TRY(sl_rows_init(&rows, requests + n_requests - n_kept, n_kept, 0, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "%s", run->job->file);
    sl_rows_release(&rows);
    free(requests);
    sl_recipe_free(recipe);
    return rc;
}

/* Better now than when the work is done. */
static sl_status check_can_write(const struct run *run, struct sl_error *err)
{
    const char *const paths[] = {run->output, run->opts->save_model, run->opts->summary};
    sl_status         rc = SL_OK;

    for (size_t i = 0; rc == SL_OK && i < sizeof paths / sizeof *paths; i++)
        if (paths[i] != NULL)
            rc = sl_sink_probe(paths[i], err);
    return rc;
}

static sl_status check_output(struct run *run, struct sl_error *err)
{
    char                 found[sizeof run->fingerprint] = "";
    enum sl_output_state state = sl_sink_look(run->output, found, sizeof found);

    if (state != SL_OUTPUT_ABSENT && run->opts->if_exists == SL_IF_EXISTS_FAIL) {
        if (state != SL_OUTPUT_COMPLETE)
            return sl_fail(
                err, SL_EOUTPUT,
                "output '%s' exists and is no complete output of scoreline; name another "
                "with -o, or give --if-exists replace",
                run->output);
        if (strcmp(found, run->fingerprint) != 0)
            return sl_fail(err, SL_EOUTPUT,
                           "output '%s' exists, made by another job or from other inputs; name "
                           "another with -o, or give --if-exists replace",
                           run->output);
        run->is_complete = true;
        return SL_OK;
    }
    return check_can_write(run, err);
}

/* Rank 0: everything that needs the file system. */
static sl_status make_plan(struct run *run, struct sl_error *err)
{
    const struct sl_job *job = run->job;
    sl_status            rc;

    SL_TRY(check_model(run, err));
    SL_TRY(sl_catalog_list(&job->input, &job->train.partitions, NULL, &run->training, err));
    SL_TRY(sl_catalog_list(&job->input, &job->score.partitions, NULL, &run->plan, err));
    SL_TRY(sl_catalog_mark_trained(&run->plan, &run->training, err));
    SL_TRY(sl_catalog_cut(&run->training, 0, err));
    SL_TRY(sl_catalog_cut(&run->plan, job->score.chunk_bytes, err));
    SL_TRY(run_fingerprint(job, &run->training, &run->plan, run->fingerprint, err));
    SL_TRY(check_output(run, err));
out:
    return rc;
}

static sl_status share_plan(struct run *run, struct sl_error *err)
{
    bool      is_rank_0 = sl_comm_rank(run->comm) == 0;
    void     *packed = NULL;
    size_t    n_bytes = 0;
    sl_status rc = SL_OK;

    if (is_rank_0)
        rc = sl_plan_pack(&run->plan, &packed, &n_bytes, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    SL_TRY(sl_comm_bcast_bytes(run->comm, &packed, &n_bytes, err));
    if (!is_rank_0)
        rc = sl_plan_unpack(packed, n_bytes, &run->plan, err);
    rc = sl_comm_agree(run->comm, rc, err);
out:
    free(packed);
    return rc;
}

sl_status run_plan(struct run *run, struct sl_error *err)
{
    int64_t   is_complete = 0;
    sl_status rc;

    SL_TRY(share_job(run, err));
    run->output = run->opts->output != NULL ? run->opts->output : run->job->output.path;
    rc = sl_comm_rank(run->comm) == 0 ? make_plan(run, err) : SL_OK;
    SL_TRY(sl_comm_agree(run->comm, rc, err));

    is_complete = run->is_complete;
    sl_comm_bcast_i64(run->comm, 0, &is_complete, 1);
    run->is_complete = is_complete != 0;
    if (run->is_complete && run->opts->notes != NULL)
        fprintf(run->opts->notes,
                "scoreline: '%s' is already there and complete, nothing to do%s\n", run->output,
                run->opts->save_model != NULL || run->opts->summary != NULL
                    ? "; model and summary are written by a run only: see --if-exists"
                    : "");
    if (!run->is_complete)
        SL_TRY(share_plan(run, err));
out:
    return rc;
}
