/* Rules of a search: what goes with what. */
#include <string.h>

#include "job_internal.h"

#define N_OF(list) (sizeof(list) / sizeof(list)[0])

static sl_status check_method(const struct sl_job_check *c, const struct sl_json *search)
{
    static const char *const     of_random[] = {"n_iter", "random_state"};
    const struct sl_search_spec *spec = &c->job->search;
    const struct sl_json        *v = sl_json_first(sl_json_find(search, "params"));

    if (spec->method == SL_SEARCH_RANDOM)
        return SL_OK;
    for (int i = 0; i < spec->n_params; i++, v = sl_json_next(v))
        if (spec->params[i].draw != SL_DRAW_LIST)
            return sl_job_fail(c->reader, v, SL_EJOB, c->err,
                               "a distribution is for the method 'random', a grid wants a list");
    return sl_job_refuse_keys(c, search, of_random, N_OF(of_random), "is for the method 'random'");
}

static sl_status check_key(const struct sl_job_check *c, const struct sl_json *cv)
{
    const struct sl_input_spec *in = &c->job->input;
    const char                 *by = c->job->search.cv.by;
    struct sl_error             fault;
    sl_status                   rc;

    if (by == NULL)
        return sl_job_fail(c->reader, cv, SL_EJOB, c->err,
                           "lacks the key 'by': the partition key whose values are left out");
    if (sl_job_find_key(in->keys, in->n_keys, (struct sl_slice){by, strlen(by)}) != NULL)
        return SL_OK;
    rc = sl_job_fail_key(in, by, SL_EJOB, &fault);
    return sl_job_fail(c->reader, sl_json_find(cv, "by"), rc, c->err, "%s", fault.text);
}

static sl_status check_cv(const struct sl_job_check *c, const struct sl_json *cv)
{
    static const char *const of_folds[] = {"n_splits", "shuffle", "random_state"};
    static const char *const of_keys[] = {"by", "min_train"};
    static const char *const of_windows[] = {"min_train"};
    static const char *const of_shuffles[] = {"random_state"};
    const struct sl_cv_spec *spec = &c->job->search.cv;
    sl_status                rc;

    if (spec->method == SL_CV_KFOLD || spec->method == SL_CV_STRATIFIED_KFOLD) {
        SL_TRY(sl_job_refuse_keys(c, cv, of_keys, N_OF(of_keys),
                                  "is for the methods that leave out values of a partition key"));
        if (!spec->shuffle)
            rc = sl_job_refuse_keys(c, cv, of_shuffles, N_OF(of_shuffles),
                                    "has no effect where rows are not shuffled");
        goto out;
    }
    SL_TRY(sl_job_refuse_keys(c, cv, of_folds, N_OF(of_folds),
                              "is for the methods 'kfold' and 'stratified_kfold'"));
    if (spec->method == SL_CV_LEAVE_ONE_OUT)
        SL_TRY(sl_job_refuse_keys(c, cv, of_windows, N_OF(of_windows),
                                  "is for the method 'expanding_window'"));
    rc = check_key(c, cv);
out:
    return rc;
}

sl_status sl_job_check_search(const struct sl_job_check *c)
{
    struct sl_search_spec *spec = &c->job->search;
    const struct sl_json  *search = sl_json_find(sl_job_at(c, ""), "search");
    const struct sl_json  *set = sl_json_first(sl_json_find(search, "features"));
    sl_status              rc = SL_OK;

    spec->is_given = search != NULL;
    if (search == NULL)
        return SL_OK;
    SL_TRY(check_method(c, search));
    SL_TRY(check_cv(c, sl_json_find(search, "cv")));
    if (set != NULL && c->job->recipe.group.except != NULL)
        return sl_job_fail(c->reader, sl_json_find(search, "features"), SL_EJOB, c->err,
                           "cannot be given where $.features are all columns but some: list them");
    for (int i = 0; i < spec->n_features; i++, set = sl_json_next(set))
        SL_TRY(sl_job_check_features(c, spec->features[i].features, spec->features[i].n_features,
                                     set));
out:
    return rc;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool sl_job_same_feature(const struct sl_feature_spec *a, const struct sl_feature_spec *b)
{
    const bool same_fill = a->missing != SL_MISSING_CONSTANT || a->fill == b->fill;

    return same_text(a->name, b->name) && same_text(a->expr, b->expr) && a->bare == b->bare &&
           same_text(a->categorical, b->categorical) && a->missing == b->missing && same_fill &&
           a->scale == b->scale && a->indicator == b->indicator && a->drop == b->drop &&
           same_text(a->handle_unknown, b->handle_unknown) && a->max_levels == b->max_levels &&
           a->trim == b->trim;
}
