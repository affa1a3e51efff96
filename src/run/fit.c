/* What is learned from the rows to train on: recipe, estimator, and what is told of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/clock.h"
#include "scoreline/json.h"
#include "scoreline/memory.h"
#include "scoreline/version.h"
#include "training_set.h"

static sl_status make_provenance(const struct run *run, char **out, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_json     *to;
    char                date[32];
    sl_status           rc;

    sl_clock_date(date, sizeof date);
    SL_TRY(sl_json_create(&doc, err));
    to = sl_json_root(doc);
    SL_TRY(sl_json_add_text(to, "job", run->job->name, err));
    SL_TRY(sl_json_add_text(to, "created", date, err));
    SL_TRY(sl_json_add_text(to, "software", sl_version_line(), err));
    SL_TRY(run_tell_training(run, to, err));
    SL_TRY(sl_json_print(to, false, out, err));
out:
    sl_json_close(doc);
    return rc;
}

/* Levels as many as this are seldom meant. */
static void warn_of_levels(const struct run *run)
{
    const char *name;
    int         n_levels;
    int         j = -1;

    if (run->opts->notes == NULL)
        return;
    while ((j = sl_recipe_find_wide(run->bundle.recipe, j + 1, &name, &n_levels)) >= 0)
        fprintf(run->opts->notes, "scoreline: warning: feature '%s' has %d levels: is it an id?\n",
                name, n_levels);
}

static bool takes_steps(const struct sl_model_ops *ops)
{
    for (int i = 0; ops->params[i].name != NULL; i++)
        if (strcmp(ops->params[i].name, "max_iter") == 0)
            return true;
    return false;
}

static void warn_of_fit(const struct run *run)
{
    const struct sl_fit_report *fit = &run->bundle.fit;

    if (run->opts->notes == NULL || fit->converged)
        return;
    if (fit->is_unbounded)
        fprintf(run->opts->notes,
                "scoreline: warning: %s found no optimum in %d iterations: some rows can be told "
                "without error, and without a penalty coefficients grow without end; set one\n",
                fit->solver, fit->n_iter);
    else
        fprintf(run->opts->notes,
                "scoreline: warning: %s did not converge in %d iterations (gradient %.3g); %sscale "
                "the features\n",
                fit->solver, fit->n_iter, fit->gradient_norm,
                takes_steps(run->estimator) ? "raise train.params.max_iter or " : "");
}

/* What the model says of this rank's rows, block after block. */
static sl_status score_rows(const struct sl_model *model, const struct sl_design *rows,
                            double **scores, struct sl_error *err)
{
    const size_t     n_rows = rows->x.n_rows;
    struct sl_matrix y = {0};
    sl_status        rc;

    SL_TRY(sl_alloc_array(n_rows, sizeof **scores, scores, err));
    SL_TRY(sl_matrix_init(&y, SL_BLOCK_ROWS, (size_t)sl_model_n_outputs(model), err));
    for (size_t first = 0; first < n_rows; first += SL_BLOCK_ROWS) {
        const size_t           left = n_rows - first;
        const struct sl_design part =
            sl_design_part(rows, first, left < SL_BLOCK_ROWS ? left : SL_BLOCK_ROWS);

        SL_TRY(sl_model_predict(model, &part, &y, err));
        sl_score_of(&y, *scores + first);
    }
out:
    sl_matrix_release(&y);
    return rc;
}

/* Probabilities have bins of their own; those of values are made of them. */
static sl_status make_profile(struct sl_bundle *bundle, const double *scores, size_t n,
                              struct sl_error *err)
{
    return sl_recipe_is_number(bundle->recipe)
               ? sl_profile_init_numbers(&bundle->score_profile, scores, n, err)
               : sl_profile_init_scores(&bundle->score_profile, scores, n, err);
}

/* The profile of all ranks' scores, on rank 0, and the scores of the checks, which are there. */
static sl_status tell_scores(struct sl_bundle *bundle, const struct sl_comm *comm,
                             const struct sl_design *rows, struct sl_error *err)
{
    double   *scores = NULL;
    void     *all = NULL;
    size_t    n_bytes = rows->x.n_rows * sizeof *scores;
    sl_status rc;

    SL_TRY(sl_comm_agree(comm, score_rows(bundle->model, rows, &scores, err), err));
    if (sl_comm_size(comm) > 1)
        SL_TRY(sl_comm_gather_bytes(comm, scores, n_bytes, &all, &n_bytes, err));
    if (sl_comm_rank(comm) == 0) {
        rc = make_profile(bundle, all != NULL ? all : scores, n_bytes / sizeof *scores, err);
        if (rc == SL_OK)
            rc = sl_checks_score(&bundle->checks, bundle->recipe, bundle->model, err);
    }
    rc = sl_comm_agree(comm, rc, err);
out:
    free(all);
    free(scores);
    return rc;
}

/* Each rank gets the rows that the estimator wants of it. */
static sl_status spread_rows(struct run *run, const struct sl_comm *comm, struct training_set *set,
                             int n_classes, struct sl_error *err)
{
    const struct sl_terms *terms = sl_recipe_terms(run->bundle.recipe);
    const bool             is_weighted = run->job->recipe.weight != NULL;
    const int              size = sl_comm_size(comm);
    size_t                *first_of = NULL;
    int64_t                n_used;
    sl_status              rc;

    if (size == 1)
        return SL_OK;
    rc = sl_alloc_array((size_t)size, sizeof *first_of, &first_of, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    n_used = training_set_n_used(set, is_weighted);
    sl_comm_sum_i64(comm, &n_used, 1);
    for (int r = 0; r < size; r++)
        first_of[r] = sl_model_share(run->estimator, terms, n_classes, (size_t)n_used, size, r);
    rc = training_set_spread(comm, set, is_weighted, first_of, err);
out:
    free(first_of);
    return rc;
}

static sl_status fit_model(struct run *run, const struct sl_comm *comm, struct training_set *set,
                           int n_classes, struct sl_error *err)
{
    struct sl_bundle      *bundle = &run->bundle;
    const bool             is_weighted = run->job->recipe.weight != NULL;
    const struct sl_terms *terms = sl_recipe_terms(bundle->recipe);
    sl_status              rc;

    SL_TRY(spread_rows(run, comm, set, n_classes, err));
    rc = run_check_training_rows(run, set->rows.x.n_rows, (int)terms->n_columns,
                                 n_classes > 2 ? n_classes : 1, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    const struct sl_fit_in in = {.comm = comm,
                                 .terms = terms,
                                 .x = &set->rows,
                                 .y = set->rows.label,
                                 .weight = is_weighted ? set->rows.weight : NULL,
                                 .n_classes = n_classes,
                                 .params = run->params};
    rc = sl_model_fit(run->estimator, &in, &bundle->model, &bundle->fit, err);
out:
    return rc;
}

sl_status run_fit(struct run *run, const struct sl_comm *comm, struct training_set *set,
                  struct sl_error *err)
{
    struct sl_bundle *bundle = &run->bundle;
    int               n_classes;
    sl_status         rc;

    SL_TRY(sl_recipe_fit(comm, bundle->recipe, &set->rows, err));
    sl_recipe_classes(bundle->recipe, &n_classes);
    SL_TRY(run_check_threshold(run->job, n_classes, err));
    warn_of_levels(run);
    SL_TRY(fit_model(run, comm, set, n_classes, err));
    bundle->checks = set->checks;
    set->checks = (struct sl_checks){.n_rows = 0};
    SL_TRY(tell_scores(bundle, comm, &set->rows, err));
    if (sl_comm_rank(comm) == 0) {
        rc = make_provenance(run, &bundle->provenance, err);
        warn_of_fit(run);
    }
    rc = sl_comm_agree(comm, rc, err);
out:
    return rc;
}
