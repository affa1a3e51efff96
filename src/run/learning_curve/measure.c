/* All fits of a learning curve.  Each is a unit of work of its own, and what is found is its
 * scores: who makes it, and what was made before, cannot matter. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "curve.h"
#include "scoreline/memory.h"

/* --- the rows --------------------------------------------------------------------------------- */

static sl_status share_roles(struct curve *curve, struct sl_error *err)
{
    const struct sl_comm *comm = curve->run.comm;
    const size_t          n = (size_t)curve->run.training.n_partitions;
    sl_status             rc = SL_OK;

    if (sl_comm_rank(comm) != 0)
        rc = sl_alloc_array(n, sizeof *curve->roles, &curve->roles, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    sl_comm_share(comm, 0, curve->roles, n * sizeof *curve->roles);
out:
    return rc;
}

static int ascending(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* Up to which key rows of the job are in its sample. */
static sl_status last_of_sample(const struct curve *curve, const struct sl_sample_spec *sample,
                                uint64_t *last, struct sl_error *err)
{
    uint64_t *keys = NULL;
    size_t    n = 0;
    sl_status rc;

    *last = UINT64_MAX;
    SL_TRY(sl_alloc_array(curve->rows.n, sizeof *keys, &keys, err));
    for (size_t i = 0; i < curve->rows.n; i++)
        if ((curve->row_roles[i] & CURVE_OF_JOB) != 0)
            keys[n++] = curve->rows.keys[i];
    qsort(keys, n, sizeof *keys, ascending);
    if (sample->n_rows > 0 && (size_t)sample->n_rows < n)
        *last = keys[sample->n_rows - 1];
    else if (sample->fraction > 0.0 && sample->fraction < 1.0)
        *last = (uint64_t)ldexp(sample->fraction, 64) - 1;
out:
    free(keys);
    return rc;
}

/* The job's sample is one of its rows alone, not of all. */
static sl_status assign_roles(struct curve *curve, const struct sl_sample_spec *sample,
                              struct sl_error *err)
{
    const struct trial_rows *rows = &curve->rows;
    uint64_t                 last;
    sl_status                rc;

    SL_TRY(sl_alloc_array(rows->n, sizeof *curve->row_roles, &curve->row_roles, err));
    for (size_t i = 0; i < rows->n; i++)
        curve->row_roles[i] = curve->roles[rows->partitions[i]];
    SL_TRY(last_of_sample(curve, sample, &last, err));
    for (size_t i = 0; i < rows->n; i++)
        if (rows->keys[i] > last)
            curve->row_roles[i] &= (unsigned char)~CURVE_OF_JOB;
out:
    return rc;
}

static sl_status all_features(struct curve *curve, struct sl_error *err)
{
    const struct sl_job *job = curve->run.job;
    int                 *numbers = NULL;
    sl_status            rc;

    SL_TRY(sl_alloc_array((size_t)job->recipe.n_features, sizeof *numbers, &numbers, err));
    for (int j = 0; j < job->recipe.n_features; j++)
        numbers[j] = j;
    rc = trial_variant_init(&curve->features, "", job, numbers, job->recipe.n_features, err);
out:
    free(numbers);
    return rc;
}

/* What is to be drawn, now that the rows are known. */
static sl_status prepare(struct curve *curve, const struct sl_sample_spec *sample,
                         struct sl_error *err)
{
    const struct sl_job                 *job = curve->run.job;
    const struct sl_learning_curve_spec *spec = &job->learning_curve;
    size_t                               n_judging, most;
    sl_status                            rc;

    SL_TRY(assign_roles(curve, sample, err));
    curve->drawn = (struct curve_rows){.n = curve->rows.n,
                                       .keys = curve->rows.keys,
                                       .roles = curve->row_roles,
                                       .n_splits = (int)spec->n_splits,
                                       .n_repeats = (int)spec->n_repeats,
                                       .random_state = spec->random_state};
    n_judging = curve_count(&curve->drawn, CURVE_VALIDATED);
    if (n_judging < (size_t)spec->n_splits)
        return sl_fail(err, SL_EINPUT,
                       "%zu rows to judge by cannot be dealt to %d folds; name more partitions, or "
                       "fewer folds in learning_curve.n_splits",
                       n_judging, curve->drawn.n_splits);
    most = curve_most(&curve->drawn);
    if (most == 0)
        return sl_fail(err, SL_EINPUT,
                       "nothing to train on: none of the rows of learning_curve.partitions has all "
                       "features and a label");
    rc = curve_sizes(spec->train_sizes, spec->n_train_sizes, most, &curve->sizes, &curve->n_sizes,
                     err);
    if (rc == SL_EJOB)
        sl_error_in(err, "%s", job->file);
    SL_TRY(rc);
    SL_TRY(all_features(curve, err));
    SL_TRY(trial_scoring(&curve->run, "learning_curve", spec->scoring, &curve->scoring, err));
    curve->estimator = (struct trial_estimator){.ops = curve->run.estimator,
                                                .params = curve->run.params,
                                                .is_weighted = job->recipe.weight != NULL,
                                                .threshold = job->score.decision_threshold};
out:
    return rc;
}

sl_status curve_read(struct run *run, struct sl_error *err)
{
    struct curve               *curve = curve_of(run);
    const struct sl_sample_spec sample = run->job->train.sample;
    sl_status                   rc;

    run->job->train.sample.n_rows = 0;
    run->job->train.sample.fraction = 0;
    SL_TRY(trial_rows_read(run, &curve->rows, err));
    SL_TRY(share_roles(curve, err));
    rc = sl_comm_agree(run->comm, prepare(curve, &sample, err), err);
out:
    return rc;
}

/* --- the fits --------------------------------------------------------------------------------- */

/* What a unit finds: scores, and behind them why there are none. */
struct finding {
    struct curve_fit fit;
    char             why[200];
};

static int64_t one(const void *state, int64_t unit)
{
    (void)state;
    (void)unit;
    return 1;
}

static sl_status judge(const struct curve *curve, const struct trial_fold *fold,
                       const struct sl_model *model, const struct sl_design *rows, double *score,
                       struct sl_error *err)
{
    struct sl_weighed judged;
    sl_status         rc = trial_judge(fold, &curve->estimator, model, rows, &judged, err);

    if (rc == SL_OK)
        *score = trial_score(&judged, curve->scoring);
    return rc;
}

static sl_status fit_and_judge(const struct curve *curve, const struct curve_draw *draw,
                               struct curve_fit *fit, struct sl_error *err)
{
    struct trial_fold    fold = {.recipe = NULL};
    struct sl_model     *model = NULL;
    struct sl_fit_report report = {0};
    sl_status            rc;

    SL_TRY(trial_fold_make(&curve->rows, &curve->features, draw->train, draw->test, &fold, err));
    SL_TRY(trial_fit(&fold, &curve->estimator, NULL, &model, &report, err));
    fit->is_converged = report.converged;
    SL_TRY(judge(curve, &fold, model, &fold.train, &fit->training, err));
    SL_TRY(judge(curve, &fold, model, &fold.test, &fit->validation, err));
out:
    sl_model_free(model);
    trial_fold_release(&fold);
    return rc;
}

/* Whether a fit could be made, and has a score, is part of the answer. */
static sl_status take_failure(const struct curve *curve, sl_status rc, const struct sl_error *fault,
                              struct finding *found)
{
    if (rc == SL_EINPUT) {
        found->fit.is_failed = true;
        snprintf(found->why, sizeof found->why, "%.190s", fault->text);
        return SL_OK;
    }
    if (rc == SL_OK && isnan(found->fit.validation)) {
        found->fit.is_failed = true;
        snprintf(found->why, sizeof found->why,
                 "%s of the rows that judge is not defined: they, or those fitted to, lack a class",
                 sl_scoring_names[curve->scoring]);
    }
    return rc;
}

/* Sizes change fastest, so that whoever is dealt some units in a row has small ones and large. */
static sl_status run_unit(void *state, int64_t unit, struct sl_sched *sched, struct sl_text *result,
                          bool *is_done, struct sl_error *err)
{
    const struct curve *curve = state;
    const int           n_here = curve->n_sizes + 1;
    const int           n_splits = curve->drawn.n_splits;
    const int           size = (int)(unit % n_here);
    const int           fold = (int)(unit / n_here % n_splits);
    const int           repeat = (int)(unit / n_here / n_splits);
    struct finding      found = {.why = ""};
    struct curve_draw   draw = {.numbers = NULL};
    sl_status           rc;

    if (!sl_sched_poll(sched))
        return SL_OK;
    found.fit.training = found.fit.validation = (double)NAN;
    SL_TRY(curve_draw(&curve->drawn, repeat, fold, size < curve->n_sizes ? curve->sizes[size] : 0,
                      &draw, err));
    found.fit.n_train = (int64_t)draw.train.n;
    rc = fit_and_judge(curve, &draw, &found.fit, err);
    SL_TRY(take_failure(curve, rc, err, &found));
    SL_TRY(sl_text_add_bytes(result, &found, sizeof found, err));
    *is_done = true;
out:
    curve_draw_release(&draw);
    return rc;
}

/* The units' results, one behind the other. */
static sl_status take_results(struct curve *curve, struct sl_error *err)
{
    const struct trial_results *results = &curve->results;
    sl_status                   rc;

    SL_TRY(sl_alloc_array((size_t)results->n_units, sizeof *curve->fits, &curve->fits, err));
    for (int64_t u = 0; u < results->n_units; u++) {
        if (results->of[u].n_bytes != sizeof(struct finding))
            return sl_fail(err, SL_EBUG, "learning curve: a result of %zu bytes",
                           results->of[u].n_bytes);
        memcpy(&curve->fits[u], results->of[u].data, sizeof *curve->fits);
        if (curve->fits[u].is_failed && curve->failure == NULL)
            curve->failure = results->of[u].data + offsetof(struct finding, why);
    }
out:
    return rc;
}

sl_status curve_measure(struct run *run, struct sl_error *err)
{
    struct curve           *curve = curve_of(run);
    const struct trial_work work = {.phase = "learning curve",
                                    .what = "fits",
                                    .n_units = (int64_t)(curve->n_sizes + 1) *
                                               curve->drawn.n_splits * curve->drawn.n_repeats,
                                    .size = one,
                                    .run = run_unit,
                                    .state = curve};
    sl_status               rc;

    SL_TRY(trial_deal(run, &work, &curve->results, err));
    rc = sl_comm_agree(run->comm, take_results(curve, err), err);
out:
    return rc;
}
