/* What units found becomes scores by candidate and split, and these a ranking. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/numeric.h"
#include "scoreline/version.h"
#include "search.h"

void search_release(struct search *search)
{
    for (int v = 0; v < search->n_variants; v++)
        trial_variant_release(&search->variants[v]);
    free(search->variants);
    grid_release(&search->grid);
    grid_paths_release(&search->paths);
    trial_rows_release(&search->rows);
    splits_release(&search->splits);
    free(search->units);
    trial_fold_release(&search->ready.fold);
    free(search->ready.train);
    free(search->ready.test);
    free(search->scores);
    free(search->states);
    free(search->means);
    free(search->stds);
    free(search->ranks);
    free(search->by_rank);
}

const char *search_scoring_name(const struct search *search)
{
    return sl_scoring_names[search->scoring];
}

/* --- scores ----------------------------------------------------------------------------------- */

static sl_status make_room(struct search *search, struct sl_error *err)
{
    const size_t n = search->grid.n;
    const size_t n_splits = (size_t)search->splits.n;
    sl_status    rc;

    SL_TRY(sl_alloc_array(n * n_splits, sizeof *search->scores, &search->scores, err));
    SL_TRY(sl_alloc_array(n * n_splits, sizeof *search->states, &search->states, err));
    SL_TRY(sl_alloc_array(n, sizeof *search->means, &search->means, err));
    SL_TRY(sl_alloc_array(n, sizeof *search->stds, &search->stds, err));
    SL_TRY(sl_alloc_array(n, sizeof *search->ranks, &search->ranks, err));
    SL_TRY(sl_alloc_array(n, sizeof *search->by_rank, &search->by_rank, err));
out:
    return rc;
}

static void note_unfit(struct search *search, size_t candidate, int split, struct sl_slice why)
{
    struct sl_error *first = &search->first_unfit.why;

    if (first->text[0] != '\0' &&
        (search->first_unfit.candidate < candidate ||
         (search->first_unfit.candidate == candidate && search->first_unfit.split <= split)))
        return;
    search->first_unfit.candidate = candidate;
    search->first_unfit.split = split;
    snprintf(first->text, sizeof first->text, "%.*s", (int)why.n_bytes, why.data);
}

static void take_unit(struct search *search, const struct search_unit *unit, struct sl_slice result)
{
    const struct grid_path *path = &search->paths.paths[unit->path];
    const char             *at = result.data;

    for (size_t i = 0; i < path->n; i++) {
        const size_t        candidate = search->paths.order[path->first + i];
        const size_t        to = candidate * (size_t)search->splits.n + (size_t)unit->split;
        struct search_found found;

        memcpy(&found, at, sizeof found);
        at += sizeof found;
        search->scores[to] = found.score;
        search->states[to] = (uint8_t)found.state;
        search->fit_s += found.fit_s;
        if (found.state == SEARCH_UNFIT)
            note_unfit(search, candidate, unit->split, sl_slice_take(&at));
    }
}

/* As numpy's mean and std: NaN if any split has no score. */
static void find_moments(struct search *search, size_t candidate)
{
    const size_t      n = (size_t)search->splits.n;
    const double     *scores = search->scores + candidate * n;
    bool              has_all = true;
    struct sl_moments moments = {.mean = (double)NAN, .std = (double)NAN};

    for (size_t s = 0; s < n; s++)
        has_all = has_all && isfinite(scores[s]);
    if (has_all)
        sl_moments(scores, n, &moments);
    search->means[candidate] = moments.mean;
    search->stds[candidate] = moments.std;
}

/* --- ranks ------------------------------------------------------------------------------------ */

struct placed {
    double mean;
    size_t candidate;
};

/* The greatest first, those without a score last; of equal ones the earlier candidate. */
static int by_mean(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;

    if (isnan(a->mean) != isnan(b->mean))
        return isnan(a->mean) - isnan(b->mean);
    if (!isnan(a->mean) && a->mean != b->mean)
        return a->mean > b->mean ? -1 : 1;
    return (a->candidate > b->candidate) - (a->candidate < b->candidate);
}

static bool are_tied(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static sl_status order(struct search *search, struct sl_error *err)
{
    const size_t   n = search->grid.n;
    struct placed *placed = NULL;
    sl_status      rc = sl_alloc_array(n, sizeof *placed, &placed, err);

    if (rc != SL_OK)
        return rc;
    for (size_t c = 0; c < n; c++)
        placed[c] = (struct placed){search->means[c], c};
    qsort(placed, n, sizeof *placed, by_mean);
    for (size_t i = 0; i < n; i++) {
        const bool is_tie = i > 0 && are_tied(placed[i].mean, placed[i - 1].mean);

        search->by_rank[i] = placed[i].candidate;
        search->ranks[placed[i].candidate] =
            is_tie ? search->ranks[placed[i - 1].candidate] : (int64_t)i + 1;
    }
    free(placed);
    return SL_OK;
}

sl_status search_rank(struct search *search, const struct trial_results *results,
                      struct sl_error *err)
{
    sl_status rc;

    SL_TRY(make_room(search, err));
    for (int64_t u = 0; u < search->n_units; u++)
        take_unit(search, &search->units[u], results->of[u]);
    for (size_t c = 0; c < search->grid.n; c++)
        find_moments(search, c);
    SL_TRY(order(search, err));
    if (isnan(search->means[search->by_rank[0]]))
        rc =
            sl_fail(err, SL_EINPUT,
                    "no candidate has a score in every split; the first that has none is candidate "
                    "%zu in split %s: %.300s",
                    search->first_unfit.candidate, search->splits.names[search->first_unfit.split],
                    search->first_unfit.why.text);
out:
    return rc;
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static sl_status add_param(const struct sl_param *param, double value, struct sl_json *to,
                           struct sl_error *err)
{
    switch (param->type) {
    case SL_PARAM_BOOL:
        return sl_json_add_bool(to, param->name, value != 0.0, err);
    case SL_PARAM_CHOICE:
        return sl_json_add_text(to, param->name, param->choices[(int)value], err);
    case SL_PARAM_REAL:
    case SL_PARAM_INTEGER:
    case SL_PARAM_NUMBERS: /* never tried */
        break;
    }
    return sl_json_add_number(to, param->name, value, err);
}

/* What a candidate is: its features where there are several sets, and the parameters tried. */
static sl_status add_what(const struct search *search, size_t candidate, struct sl_json *to,
                          struct sl_error *err)
{
    const struct grid *grid = &search->grid;
    const double      *params = grid->params + candidate * (size_t)grid->n_params;
    struct sl_json    *object;
    sl_status          rc;

    SL_TRY(sl_json_add_number(to, "candidate", (double)candidate, err));
    if (search->spec->n_features > 0)
        SL_TRY(sl_json_add_text(to, "features", search->variants[grid->variants[candidate]].name,
                                err));
    SL_TRY(sl_json_add_object(to, "params", &object, err));
    for (int i = 0; i < grid->n_tried; i++)
        SL_TRY(add_param(&grid->ops->params[grid->tried[i]], params[grid->tried[i]], object, err));
out:
    return rc;
}

static sl_status add_scores(const struct search *search, size_t candidate, struct sl_json *to,
                            struct sl_error *err)
{
    const size_t    n = (size_t)search->splits.n;
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_number(to, "rank_test_score", (double)search->ranks[candidate], err));
    SL_TRY(sl_json_add_number(to, "mean_test_score", search->means[candidate], err));
    SL_TRY(sl_json_add_number(to, "std_test_score", search->stds[candidate], err));
    SL_TRY(sl_json_add_list(to, "split_test_scores", &list, err));
    for (size_t s = 0; s < n; s++)
        SL_TRY(sl_json_add_number(list, NULL, search->scores[candidate * n + s], err));
out:
    return rc;
}

static sl_status add_splits(const struct search *search, struct sl_json *to, struct sl_error *err)
{
    struct sl_json *list, *item;
    size_t         *train = NULL, *test = NULL;
    size_t          n_train, n_test;
    sl_status       rc;

    SL_TRY(sl_alloc_array(search->splits.n_rows, sizeof *train, &train, err));
    SL_TRY(sl_alloc_array(search->splits.n_rows, sizeof *test, &test, err));
    SL_TRY(sl_json_add_list(to, "splits", &list, err));
    for (int s = 0; s < search->splits.n; s++) {
        splits_list(&search->splits, s, train, &n_train, test, &n_test);
        SL_TRY(sl_json_add_object(list, NULL, &item, err));
        SL_TRY(sl_json_add_text(item, "name", search->splits.names[s], err));
        SL_TRY(sl_json_add_number(item, "train_rows", (double)n_train, err));
        SL_TRY(sl_json_add_number(item, "test_rows", (double)n_test, err));
    }
out:
    free(train);
    free(test);
    return rc;
}

static sl_status add_candidates(const struct search *search, struct sl_json *to,
                                struct sl_error *err)
{
    struct sl_json *list, *item;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "candidates", &list, err));
    for (size_t c = 0; c < search->grid.n; c++) {
        SL_TRY(sl_json_add_object(list, NULL, &item, err));
        SL_TRY(add_what(search, c, item, err));
        SL_TRY(add_scores(search, c, item, err));
    }
out:
    return rc;
}

static double count_state(const struct search *search, enum search_fit_state state)
{
    const size_t n = search->grid.n * (size_t)search->splits.n;
    double       count = 0;

    for (size_t i = 0; i < n; i++)
        count += search->states[i] == state;
    return count;
}

static sl_status add_best(const struct search *search, struct sl_json *to, struct sl_error *err)
{
    const size_t    best = search->by_rank[0];
    struct sl_json *item;
    sl_status       rc;

    SL_TRY(sl_json_add_object(to, "best", &item, err));
    SL_TRY(add_what(search, best, item, err));
    SL_TRY(sl_json_add_number(item, "mean_test_score", search->means[best], err));
    SL_TRY(sl_json_add_number(item, "std_test_score", search->stds[best], err));
out:
    return rc;
}

sl_status search_to_json(const struct search *search, struct sl_json *to, struct sl_error *err)
{
    const struct run *run = search->run;
    sl_status         rc;

    SL_TRY(sl_json_add_text(to, "format", "scoreline-search", err));
    SL_TRY(sl_json_add_number(to, "version", 1, err));
    SL_TRY(sl_json_add_text(to, "software", sl_version_line(), err));
    SL_TRY(sl_json_add_text(to, "job", run->job->name, err));
    SL_TRY(sl_json_add_text(to, "fingerprint", run->fingerprint.run, err));
    SL_TRY(sl_json_add_text(to, "estimator", run->estimator->name, err));
    SL_TRY(sl_json_add_text(to, "scoring", search_scoring_name(search), err));
    SL_TRY(sl_json_add_number(to, "rows", (double)search->splits.n_rows, err));
    SL_TRY(sl_json_add_number(to, "fits", (double)search_n_fits(search), err));
    SL_TRY(sl_json_add_number(to, "not_converged", count_state(search, SEARCH_NOT_CONVERGED), err));
    SL_TRY(sl_json_add_number(to, "unfit", count_state(search, SEARCH_UNFIT), err));
    SL_TRY(add_best(search, to, err));
    SL_TRY(add_splits(search, to, err));
    SL_TRY(add_candidates(search, to, err));
out:
    return rc;
}
