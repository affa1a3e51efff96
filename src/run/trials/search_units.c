/* The units of a search: a path of candidates through one split.  The recipe is fitted inside the
 * split, once for all paths that a rank goes through one after the other. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "search.h"

sl_status search_list_units(struct search *search, struct sl_error *err)
{
    const struct grid_paths *paths = &search->paths;
    size_t                   begin = 0;
    sl_status                rc;

    SL_TRY(splits_make(&search->spec->cv, &search->run->training, &search->rows, &search->splits,
                       err));
    SL_TRY(sl_alloc_array(paths->n_paths * (size_t)search->splits.n, sizeof *search->units,
                          &search->units, err));
    SL_TRY(sl_alloc_array(search->rows.n, sizeof *search->ready.train, &search->ready.train, err));
    SL_TRY(sl_alloc_array(search->rows.n, sizeof *search->ready.test, &search->ready.test, err));
    search->ready.variant = -1;
    /* of a variant all paths through a split stand together: they want the same fold */
    for (size_t end = 1; end <= paths->n_paths; end++) {
        if (end < paths->n_paths && paths->paths[end].variant == paths->paths[begin].variant)
            continue;
        for (int32_t s = 0; s < search->splits.n; s++)
            for (size_t p = begin; p < end; p++)
                search->units[search->n_units++] = (struct search_unit){(int32_t)p, s};
        begin = end;
    }
out:
    return rc;
}

/* --- one unit --------------------------------------------------------------------------------- */

/* What cannot be learned from or judged is an answer; other faults are not. */
static sl_status make_ready(struct search *search, int32_t variant, int32_t split,
                            struct sl_error *err)
{
    struct search_ready *ready = &search->ready;
    size_t               n_train, n_test;

    if (ready->variant == variant && ready->split == split)
        return SL_OK;
    trial_fold_release(&ready->fold);
    ready->variant = variant;
    ready->split = split;
    splits_list(&search->splits, split, ready->train, &n_train, ready->test, &n_test);
    ready->rc = trial_fold_make(
        &search->rows, &search->variants[variant], (struct trial_subset){n_train, ready->train},
        (struct trial_subset){n_test, ready->test}, &ready->fold, &ready->fault);
    if (ready->rc == SL_OK || ready->rc == SL_EINPUT)
        return SL_OK;
    *err = ready->fault;
    ready->variant = -1;
    return ready->rc;
}

static sl_status add_found(struct sl_text *result, const struct search_found *found,
                           const struct sl_error *why, struct sl_error *err)
{
    sl_status rc = sl_text_add_bytes(result, found, sizeof *found, err);

    if (rc == SL_OK && found->state == SEARCH_UNFIT)
        rc = sl_text_add_slice(result, (struct sl_slice){why->text, strlen(why->text)}, err);
    return rc;
}

/* A candidate, from where *model ends if that is there; *model is then its own. */
static sl_status fit_candidate(struct search *search, size_t candidate, struct sl_model **model,
                               struct sl_text *result, struct sl_error *err)
{
    const struct grid           *grid = &search->grid;
    const struct trial_fold     *fold = &search->ready.fold;
    const struct trial_estimator what = {.ops = grid->ops,
                                         .params =
                                             grid->params + candidate * (size_t)grid->n_params,
                                         .is_weighted = search->run->job->recipe.weight != NULL,
                                         .threshold = search->run->job->score.decision_threshold,
                                         .without_curve = search->scoring != SL_SCORING_ROC_AUC};
    const double                 began = sl_clock_now();
    struct search_found          found = {.score = (double)NAN, .state = SEARCH_UNFIT};
    struct sl_error              fault = search->ready.fault;
    struct sl_fit_report         report = {.converged = false};
    struct sl_model             *fitted = NULL;
    struct sl_weighed            weighed;
    sl_status                    rc = search->ready.rc;

    if (rc == SL_OK)
        rc = trial_fit(fold, &what, *model, &fitted, &report, &fault);
    found.fit_s = sl_clock_now() - began;
    if (rc == SL_OK) {
        rc = trial_judge(fold, &what, fitted, &fold->test, &weighed, &fault);
        found.score = rc == SL_OK ? trial_score(&weighed, search->scoring) : found.score;
        found.state = report.converged ? SEARCH_FITTED : SEARCH_NOT_CONVERGED;
    }
    if (rc == SL_OK && !isfinite(found.score)) {
        found.state = SEARCH_UNFIT;
        sl_fail(&fault, SL_EINPUT, "%s has no value for the rows that judge",
                search_scoring_name(search));
    }
    if (fitted != NULL) {
        sl_model_free(*model);
        *model = fitted;
    }
    if (rc == SL_OK || rc == SL_EINPUT)
        return add_found(result, &found, &fault, err);
    *err = fault;
    return rc;
}

static const struct grid_path *path_of(const struct search *search, int64_t unit)
{
    return &search->paths.paths[search->units[unit].path];
}

static sl_status run_unit(void *state, int64_t unit, struct sl_sched *sched, struct sl_text *result,
                          bool *is_done, struct sl_error *err)
{
    struct search          *search = state;
    const struct grid_path *path = path_of(search, unit);
    struct sl_model        *model = NULL;
    size_t                  n_done = 0;
    sl_status               rc;

    SL_TRY(make_ready(search, path->variant, search->units[unit].split, err));
    do
        SL_TRY(
            fit_candidate(search, search->paths.order[path->first + n_done], &model, result, err));
    while (++n_done < path->n && sl_sched_poll(sched));
    *is_done = n_done == path->n;
out:
    sl_model_free(model);
    return rc;
}

static int64_t unit_size(const void *state, int64_t unit)
{
    return (int64_t)path_of(state, unit)->n;
}

sl_status search_deal(struct search *search, struct trial_results *results, struct sl_error *err)
{
    const struct trial_work work = {.phase = "search",
                                    .what = "fits",
                                    .n_units = search->n_units,
                                    .size = unit_size,
                                    .run = run_unit,
                                    .state = search};

    return trial_deal(search->run, &work, results, err);
}
