/* A learning curve that is not measured: what would be read and fitted, as far as that is known
 * without reading all of it. */
#include "../inspect/rehearse.h"
#include "curve.h"

static sl_status add_sizes(const struct sl_learning_curve_spec *spec, struct sl_json *to,
                           struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "train_sizes", &list, err));
    for (int i = 0; i < spec->n_train_sizes; i++)
        SL_TRY(sl_json_add_number(list, NULL, spec->train_sizes[i], err));
out:
    return rc;
}

static sl_status describe(struct curve *curve, struct sl_json *to, struct sl_error *err)
{
    struct run                          *run = &curve->run;
    const struct sl_learning_curve_spec *spec = &run->job->learning_curve;
    sl_status                            rc;

    SL_TRY(sl_json_add_text(to, "job", run->job->name, err));
    SL_TRY(sl_json_add_text(to, "estimator", run->estimator->name, err));
    SL_TRY(sl_json_add_text(to, "scoring", sl_scoring_names[curve->scoring], err));
    SL_TRY(curve_add_partitions(curve, CURVE_POOL, "partitions", to, err));
    SL_TRY(curve_add_partitions(curve, CURVE_VALIDATED, "validated_on", to, err));
    SL_TRY(curve_add_partitions(curve, CURVE_OF_JOB, "job_subset", to, err));
    SL_TRY(add_sizes(spec, to, err));
    SL_TRY(sl_json_add_number(to, "n_splits", (double)spec->n_splits, err));
    SL_TRY(sl_json_add_number(to, "n_repeats", (double)spec->n_repeats, err));
    rc = trial_rows_describe(run, to, err);
out:
    return rc;
}

sl_status curve_rehearse(struct curve *curve, struct sl_error *err)
{
    const struct sl_run_opts *opts = curve->run.opts;
    struct sl_json_doc       *doc = NULL;
    sl_status                 rc = SL_OK;

    if (sl_comm_rank(curve->run.comm) == 0) {
        rc = sl_json_create(&doc, err);
        if (rc == SL_OK)
            rc = describe(curve, sl_json_root(doc), err);
        if (rc == SL_OK)
            rc = run_tell(opts->results, opts->as_json, sl_json_root(doc),
                          sl_report_learning_curve_plan, err);
        sl_json_close(doc);
    }
    return sl_comm_agree(curve->run.comm, rc, err);
}
