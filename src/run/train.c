/* Second stage: read the training partitions, fit recipe and estimator.  Rank 0 does it alone, or
 * all ranks together, each with the rows of the partitions it is dealt: one way for both, rank 0
 * alone being a team of one.  The model file, as text, is what every rank gets, so that what was
 * broadcast is what can be kept.  What is read is in read_training.c, what is learned in fit.c. */
#include <string.h>

#include "run_impl.h"
#include "scoreline/catalog.h"
#include "scoreline/file.h"
#include "scoreline/stop.h"
#include "training_set.h"

/* Collective on comm. */
static sl_status train(struct run *run, const struct sl_comm *comm, struct sl_error *err)
{
    struct training_set set = {.sample = NULL};
    sl_status           rc;

    SL_TRY(run_read_training(run, comm, &set, err));
    SL_TRY(run_fit(run, comm, &set, err));
    if (sl_stop_asked()) /* the solver took it for the end: what it says is no optimum */
        rc = sl_stop_fail(" while the model was fitted; run the same command again", err);
out:
    training_set_release(&set);
    return rc;
}

/* Rank 0: the model as text, which one that is given is already. */
static sl_status keep_model(struct run *run, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (run->opts->model == NULL && !run->is_fitted) {
        SL_TRY(sl_bundle_print(&run->bundle, &run->model_text, err));
        run->model_bytes = strlen(run->model_text) + 1;
        SL_TRY(run_fingerprint_model(run, err));
        if (run->parts != NULL)
            SL_TRY(run_keep_fitted(run, err));
    }
    if (run->save_model != NULL)
        rc = sl_file_save(run->save_model, run->model_text, run->model_bytes - 1, err);
out:
    return rc;
}

/* On rank 0 all of the model, on others perhaps some of it. */
static sl_status make_model(struct run *run, struct sl_error *err)
{
    const bool is_rank_0 = sl_comm_rank(run->comm) == 0;
    const bool trains = run->opts->model == NULL && !run->is_fitted;
    sl_status  rc = SL_OK;

    if (trains && run->job->train.mode == SL_TRAIN_DISTRIBUTED) {
        SL_TRY(run_share_training(run, err));
        SL_TRY(train(run, run->comm, err));
    } else if (trains && is_rank_0) {
        rc = train(run, sl_comm_self(), err);
    }
    if (rc == SL_OK && is_rank_0 && trains)
        rc = sl_catalog_check(&run->training, err);
    if (rc == SL_OK && is_rank_0)
        rc = keep_model(run, err);
out:
    return sl_comm_agree(run->comm, rc, err);
}

sl_status run_train(struct run *run, struct sl_error *err)
{
    void     *bytes;
    sl_status rc;

    SL_TRY(make_model(run, err));
    bytes = run->model_text;
    rc = sl_comm_bcast_bytes(run->comm, &bytes, &run->model_bytes, err);
    run->model_text = bytes;
    if (rc != SL_OK)
        return rc;
    if (sl_comm_rank(run->comm) != 0) {
        sl_bundle_release(&run->bundle);
        rc = sl_bundle_parse(run->model_text, run->model_bytes - 1, "broadcast model", &run->bundle,
                             err);
    }
    rc = sl_comm_agree(run->comm, rc, err);
out:
    return rc;
}
