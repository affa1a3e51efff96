/* What is learned of a column of numbers: its profile, fill, mean and standard deviation.  Each
 * column is made whole on one rank, which learns from it and tells the others. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"

/* Columns of a round: one for each rank. */
struct round {
    const struct sl_comm *comm;
    struct sl_feature   **features; /* [n] */
    int                   n;
    struct sl_matrix     *x;
    size_t               *n_to, *n_from; /* [ranks] */
    double               *known;         /* scratch: a column without what is missing */
    size_t                known_capacity;
    bool                  is_brief; /* no profiles */
};

static sl_status learn_fill(struct round *round, struct sl_feature *feature, const double *x,
                            size_t n_rows, struct sl_error *err);
static sl_status fill_column(const struct sl_feature *feature, double *x, size_t n_rows,
                             struct sl_error *err);
static sl_status scale_column(struct sl_feature *feature, double *x, size_t n_rows,
                              struct sl_error *err);

/* A whole column, which is filled and scaled. */
static sl_status fit_number(struct round *round, struct sl_feature *feature, double *column,
                            size_t n_rows, struct sl_error *err)
{
    sl_status rc;

    feature->mean = 0.0;
    feature->std = 1.0;
    sl_profile_release(&feature->profile);
    if (!round->is_brief)
        SL_TRY(sl_profile_init_numbers(&feature->profile, column, n_rows, err));
    SL_TRY(learn_fill(round, feature, column, n_rows, err));
    SL_TRY(fill_column(feature, column, n_rows, err));
    SL_TRY(scale_column(feature, column, n_rows, err));
out:
    return rc;
}

static double *column_of(const struct round *round, int i)
{
    return round->x->data + (size_t)round->features[i]->index * round->x->ld;
}

/* This rank's column of the round, whole; none if it has none. */
static sl_status make_whole(const struct round *round, void **whole, size_t *n_rows,
                            struct sl_error *err)
{
    const size_t n_here = round->x->n_rows;
    double      *parts = NULL;
    sl_status    rc = sl_alloc_array((size_t)round->n * n_here, sizeof *parts, &parts, err);

    SL_TRY(sl_comm_agree(round->comm, rc, err));
    for (int i = 0; i < sl_comm_size(round->comm); i++)
        round->n_to[i] = i < round->n ? n_here * sizeof *parts : 0;
    for (int i = 0; i < round->n; i++)
        if (n_here > 0)
            memcpy(parts + (size_t)i * n_here, column_of(round, i), n_here * sizeof *parts);
    SL_TRY(sl_comm_exchange(round->comm, parts, round->n_to, whole, round->n_from, err));
    *n_rows = 0;
    for (int i = 0; i < sl_comm_size(round->comm); i++)
        *n_rows += round->n_from[i] / sizeof *parts;
out:
    free(parts);
    return rc;
}

/* A profile of numbers has no arrays of its own: a feature's may travel as it is. */
static void share_learned(const struct round *round, int i)
{
    struct sl_feature *feature = round->features[i];

    sl_comm_share(round->comm, i, &feature->fill, sizeof feature->fill);
    sl_comm_share(round->comm, i, &feature->mean, sizeof feature->mean);
    sl_comm_share(round->comm, i, &feature->std, sizeof feature->std);
    if (sl_comm_rank(round->comm) != i)
        sl_profile_release(&feature->profile);
    sl_comm_share(round->comm, i, &feature->profile, sizeof feature->profile);
    if (sl_comm_size(round->comm) > 1)
        sl_feature_transform(feature, column_of(round, i), round->x->n_rows);
}

/* The first feature at fault is the lowest rank's. */
static sl_status fit_round(struct round *round, struct sl_error *err)
{
    const int rank = sl_comm_rank(round->comm);
    void     *whole = NULL;
    size_t    n_rows = round->x->n_rows;
    sl_status rc = SL_OK;

    if (sl_comm_size(round->comm) > 1)
        SL_TRY(make_whole(round, &whole, &n_rows, err));
    if (rank < round->n)
        rc = fit_number(round, round->features[rank],
                        whole != NULL ? whole : column_of(round, rank), n_rows, err);
    free(whole);
    SL_TRY(sl_comm_agree(round->comm, rc, err));
    for (int i = 0; i < round->n; i++)
        share_learned(round, i);
out:
    return rc;
}

static sl_status round_init(struct round *round, const struct sl_comm *comm, struct sl_matrix *x,
                            struct sl_error *err)
{
    const size_t n = (size_t)sl_comm_size(comm);
    sl_status    rc;

    *round = (struct round){.comm = comm, .x = x};
    SL_TRY(sl_alloc_array(n, sizeof *round->features, &round->features, err));
    SL_TRY(sl_alloc_array(n, sizeof *round->n_to, &round->n_to, err));
    SL_TRY(sl_alloc_array(n, sizeof *round->n_from, &round->n_from, err));
out:
    return rc;
}

sl_status sl_recipe_fit_numbers(const struct sl_comm *comm, struct sl_recipe *recipe,
                                struct sl_matrix *x, struct sl_error *err)
{
    struct round round;
    sl_status    rc;

    SL_TRY(sl_comm_agree(comm, round_init(&round, comm, x, err), err));
    round.is_brief = recipe->is_brief;
    for (int j = 0; j < recipe->n_features; j++) {
        if (!sl_feature_is_categorical(&recipe->features[j]))
            round.features[round.n++] = &recipe->features[j];
        if (round.n < sl_comm_size(comm) && j + 1 < recipe->n_features)
            continue;
        SL_TRY(fit_round(&round, err));
        round.n = 0;
    }
out:
    free(round.known);
    free(round.features);
    free(round.n_to);
    free(round.n_from);
    return rc;
}

/* Halves first: the sum of two large numbers may overflow. */
static double median_of(double *x, size_t n)
{
    qsort(x, n, sizeof *x, sl_compare_f64);
    return n % 2 == 1 ? x[n / 2] : 0.5 * x[n / 2 - 1] + 0.5 * x[n / 2];
}

static sl_status learn_fill(struct round *round, struct sl_feature *feature, const double *x,
                            size_t n_rows, struct sl_error *err)
{
    bool              is_median = feature->spec.missing == SL_MISSING_MEDIAN;
    struct sl_moments moments;
    size_t            n = 0;
    sl_status         rc;

    feature->fill = feature->spec.fill;
    if (!is_median && feature->spec.missing != SL_MISSING_MEAN)
        return SL_OK;
    rc = sl_grow_array(&round->known, &round->known_capacity, n_rows, sizeof *round->known, err);
    if (rc != SL_OK)
        return rc;
    for (size_t i = 0; i < n_rows; i++) {
        if (!isnan(x[i]))
            round->known[n++] = x[i];
    }
    if (n == 0)
        return sl_fail(err, SL_EINPUT,
                       "feature '%s' has no value in the training rows to learn its %s from",
                       feature->spec.name, is_median ? "median" : "mean");
    if (is_median) {
        feature->fill = median_of(round->known, n);
        return SL_OK;
    }
    sl_moments(round->known, n, &moments);
    feature->fill = moments.mean;
    return SL_OK;
}

static sl_status fill_column(const struct sl_feature *feature, double *x, size_t n_rows,
                             struct sl_error *err)
{
    for (size_t i = 0; i < n_rows; i++) {
        if (!isnan(x[i]))
            continue;
        if (!sl_feature_fills(feature))
            return sl_fail(err, SL_EBUG, "feature '%s' is missing in training row %zu",
                           feature->spec.name, i);
        x[i] = feature->fill;
    }
    return SL_OK;
}

/* A deviation too small for a double counts as none. */
static sl_status scale_column(struct sl_feature *feature, double *x, size_t n_rows,
                              struct sl_error *err)
{
    struct sl_moments moments;

    if (feature->spec.scale == SL_SCALE_NONE)
        return SL_OK;
    if (n_rows == 0)
        return sl_fail(err, SL_EINPUT, "feature '%s' has no training rows to learn its scale from",
                       feature->spec.name);
    sl_moments(x, n_rows, &moments);
    feature->mean = moments.mean;
    feature->std = moments.std > 0.0 ? moments.std : 1.0;
    for (size_t i = 0; i < n_rows; i++) {
        x[i] = sl_feature_scaled(feature, x[i]);
        if (!isfinite(x[i]))
            return sl_fail(err, SL_EINPUT, "feature '%s' has values too far apart to be scaled",
                           feature->spec.name);
    }
    return SL_OK;
}
