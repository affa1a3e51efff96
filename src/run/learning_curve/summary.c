/* Many fits summed up, and what follows from that. */
#include <math.h>

#include "curve.h"
#include "scoreline/numeric.h"

static double score_of(const struct curve_fit *fit, bool is_training)
{
    return is_training ? fit->training : fit->validation;
}

static struct curve_spread spread_of(const struct curve_fit *fits, size_t n, bool is_training)
{
    struct curve_spread s = {0, NAN, NAN, NAN, NAN};
    struct sl_sum       sum = {0}, squares = {0};

    for (size_t i = 0; i < n; i++) {
        const double x = score_of(&fits[i], is_training);

        if (isnan(x))
            continue;
        s.min = s.n == 0 ? x : fmin(s.min, x);
        s.max = s.n == 0 ? x : fmax(s.max, x);
        s.n++;
        sl_sum_add(&sum, x);
    }
    if (s.n == 0)
        return s;
    s.mean = fmin(fmax(sl_sum_value(&sum) / (double)s.n, s.min), s.max);
    for (size_t i = 0; i < n; i++) {
        const double x = score_of(&fits[i], is_training);

        if (!isnan(x))
            sl_sum_add_product(&squares, x - s.mean, x - s.mean);
    }
    s.std = sqrt(sl_sum_value(&squares) / (double)s.n);
    return s;
}

struct curve_point curve_sum_up(const struct curve_fit *fits, size_t n)
{
    struct curve_point point = {.n_fits = (int64_t)n,
                                .training = spread_of(fits, n, true),
                                .validation = spread_of(fits, n, false)};
    double             n_rows = 0;

    for (size_t i = 0; i < n; i++) {
        point.n_failed += fits[i].is_failed;
        point.n_not_converged += !fits[i].is_failed && !fits[i].is_converged;
        n_rows += (double)fits[i].n_train;
    }
    point.train_size = n > 0 ? n_rows / (double)n : NAN;
    return point;
}

/* The sample's, as for an error of the mean. */
static double standard_error(const struct curve_spread *s, int n_splits)
{
    if (s->n < 2)
        return NAN;
    return s->std * sqrt((double)s->n / (double)(s->n - 1)) / sqrt(n_splits);
}

struct curve_answer curve_answer_of(const struct curve_point *points, int n, int n_splits,
                                    double best, const struct curve_point *of_job)
{
    struct curve_answer answer = {-1, NAN, NAN, false, CURVE_UNDECIDED};

    if (n < 2)
        return answer;
    answer.standard_error = standard_error(&points[n - 1].validation, n_splits);
    answer.threshold = points[n - 1].validation.mean - answer.standard_error;
    if (isnan(answer.threshold))
        return answer;
    answer.is_best = points[n - 1].validation.mean >= best;
    answer.flat_from = n - 1;
    while (answer.flat_from > 0 && points[answer.flat_from - 1].validation.mean >= answer.threshold)
        answer.flat_from--;
    if (of_job == NULL || isnan(of_job->validation.mean))
        return answer;
    if (of_job->validation.mean < answer.threshold)
        answer.enough = CURVE_NOT_ENOUGH;
    else if (answer.flat_from < n - 1 || answer.is_best)
        answer.enough = CURVE_ENOUGH;
    return answer;
}
