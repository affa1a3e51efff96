/* What came of a learning curve, as JSON: everything that tables, sentences and pictures say comes
 * from it. */
#include <stdlib.h>
#include <string.h>

#include "curve.h"
#include "scoreline/memory.h"
#include "scoreline/version.h"

enum { FORMAT_VERSION = 1 };

#define ADD_NUMBERS(to, numbers, err)                                                              \
    sl_json_add_numbers(to, numbers, sizeof(numbers) / sizeof *(numbers), err)

/* The fit of a repeat and a fold to a size. */
static const struct curve_fit *fit_at(const struct curve *curve, int repeat, int fold, int size)
{
    return &curve->fits[((size_t)repeat * (size_t)curve->drawn.n_splits + (size_t)fold) *
                            ((size_t)curve->n_sizes + 1) +
                        (size_t)size];
}

static struct curve_point sum_up(const struct curve *curve, int size, struct curve_fit *of_size)
{
    size_t n = 0;

    for (int r = 0; r < curve->drawn.n_repeats; r++)
        for (int f = 0; f < curve->drawn.n_splits; f++)
            of_size[n++] = *fit_at(curve, r, f, size);
    return curve_sum_up(of_size, n);
}

sl_status curve_add_partitions(const struct curve *curve, enum curve_role role, const char *key,
                               struct sl_json *to, struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, key, &list, err));
    for (int p = 0; p < curve->run.training.n_partitions; p++)
        if ((curve->roles[p] & role) != 0)
            SL_TRY(sl_json_add_text(list, NULL, curve->run.training.partitions[p].name, err));
out:
    return rc;
}

static sl_status add_head(const struct curve *curve, struct sl_json *root, struct sl_error *err)
{
    const struct run                    *run = &curve->run;
    const struct sl_learning_curve_spec *spec = &run->job->learning_curve;
    const struct sl_json_number          counts[] = {
                 {"n_rows", (double)curve_count(&curve->drawn, CURVE_POOL)},
                 {"n_rows_validated", (double)curve_count(&curve->drawn, CURVE_VALIDATED)},
                 {"n_splits", (double)spec->n_splits},
                 {"n_repeats", (double)spec->n_repeats},
                 {"random_state", (double)spec->random_state},
    };
    sl_status rc;

    SL_TRY(sl_json_add_text(root, "format", CURVE_FORMAT, err));
    SL_TRY(sl_json_add_number(root, "version", FORMAT_VERSION, err));
    SL_TRY(sl_json_add_text(root, "software", sl_version_line(), err));
    SL_TRY(sl_json_add_text(root, "fingerprint", run->fingerprint.run, err));
    SL_TRY(sl_json_add_text(root, "job", run->job->name, err));
    SL_TRY(sl_json_add_text(root, "estimator", run->estimator->name, err));
    SL_TRY(sl_model_print_params(run->estimator, run->params, root, err));
    SL_TRY(sl_json_add_text(root, "scoring", sl_scoring_names[curve->scoring], err));
    SL_TRY(curve_add_partitions(curve, CURVE_POOL, "partitions", root, err));
    SL_TRY(curve_add_partitions(curve, CURVE_VALIDATED, "validated_on", root, err));
    rc = ADD_NUMBERS(root, counts, err);
out:
    return rc;
}

static sl_status add_spread(struct sl_json *to, const char *key, const struct curve_spread *s,
                            struct sl_error *err)
{
    const struct sl_json_number counts[] = {
        {"mean", s->mean}, {"std", s->std}, {"min", s->min}, {"max", s->max}};
    struct sl_json *object;
    sl_status       rc;

    SL_TRY(sl_json_add_object(to, key, &object, err));
    rc = ADD_NUMBERS(object, counts, err);
out:
    return rc;
}

static sl_status fill_point(struct sl_json *to, const struct curve_point *point,
                            struct sl_error *err)
{
    const struct sl_json_number counts[] = {
        {"n_fits", (double)point->n_fits},
        {"n_failed", (double)point->n_failed},
        {"n_not_converged", (double)point->n_not_converged},
    };
    sl_status rc;

    SL_TRY(sl_json_add_number(to, "train_size", point->train_size, err));
    SL_TRY(add_spread(to, "training", &point->training, err));
    SL_TRY(add_spread(to, "validation", &point->validation, err));
    rc = ADD_NUMBERS(to, counts, err);
out:
    return rc;
}

static sl_status add_points(const struct curve *curve, const struct curve_point *points,
                            struct sl_json *root, struct sl_error *err)
{
    struct sl_json *list, *object;
    sl_status       rc;

    SL_TRY(sl_json_add_list(root, "points", &list, err));
    for (int s = 0; s < curve->n_sizes; s++) {
        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(fill_point(object, &points[s], err));
    }
out:
    return rc;
}

/* Whether sizes are drawn from the very rows that the job trains on. */
static bool is_pool_of_job(const struct curve *curve)
{
    for (size_t i = 0; i < curve->drawn.n; i++) {
        const unsigned char roles = curve->row_roles[i];

        if (((roles & CURVE_POOL) != 0) != ((roles & CURVE_OF_JOB) != 0))
            return false;
    }
    return true;
}

static sl_status add_subset(const struct curve *curve, const struct curve_point *of_job,
                            struct sl_json *root, struct sl_error *err)
{
    struct sl_json *object;
    sl_status       rc;

    SL_TRY(sl_json_add_object(root, "job_subset", &object, err));
    SL_TRY(curve_add_partitions(curve, CURVE_OF_JOB, "partitions", object, err));
    SL_TRY(sl_json_add_number(object, "n_rows", (double)curve_count(&curve->drawn, CURVE_OF_JOB),
                              err));
    SL_TRY(sl_json_add_bool(object, "is_all", is_pool_of_job(curve), err));
    rc = fill_point(object, of_job, err);
out:
    return rc;
}

static sl_status add_failures(const struct curve *curve, const struct curve_point *points,
                              struct sl_json *root, struct sl_error *err)
{
    struct sl_json_number counts[] = {{"n_fits", 0}, {"n_failed", 0}, {"n_not_converged", 0}};
    sl_status             rc;

    for (int s = 0; s <= curve->n_sizes; s++) {
        counts[0].value += (double)points[s].n_fits;
        counts[1].value += (double)points[s].n_failed;
        counts[2].value += (double)points[s].n_not_converged;
    }
    SL_TRY(ADD_NUMBERS(root, counts, err));
    if (curve->failure != NULL)
        rc = sl_json_add_text(root, "first_failure", curve->failure, err);
out:
    return rc;
}

/* Scores of each fit, [n_repeats][n_splits] one behind the other. */
static sl_status add_fits(const struct curve *curve, struct sl_json *root, struct sl_error *err)
{
    struct sl_json *list, *object;
    sl_status       rc;

    SL_TRY(sl_json_add_list(root, "fits", &list, err));
    for (int r = 0; r < curve->drawn.n_repeats; r++)
        for (int f = 0; f < curve->drawn.n_splits; f++)
            for (int s = 0; s <= curve->n_sizes; s++) {
                const struct curve_fit     *fit = fit_at(curve, r, f, s);
                const struct sl_json_number counts[] = {{"repeat", r},
                                                        {"fold", f},
                                                        {"train_size", (double)fit->n_train},
                                                        {"training", fit->training},
                                                        {"validation", fit->validation}};

                SL_TRY(sl_json_add_object(list, NULL, &object, err));
                SL_TRY(ADD_NUMBERS(object, counts, err));
                SL_TRY(sl_json_add_bool(object, "converged", fit->is_converged, err));
                SL_TRY(sl_json_add_bool(object, "of_job", s == curve->n_sizes, err));
            }
out:
    return rc;
}

/* --- the answer ------------------------------------------------------------------------------- */

static sl_status add_null(struct sl_json *to, const char *key, struct sl_error *err)
{
    return sl_json_add_number(to, key, strtod("nan", NULL), err); /* no number is null */
}

static sl_status add_words(struct sl_json *root, struct sl_json *answer, struct sl_error *err)
{
    char     *text = NULL;
    size_t    n_bytes = 0;
    FILE     *to = open_memstream(&text, &n_bytes);
    sl_status rc;

    if (to == NULL)
        return sl_fail(err, SL_ENOMEM, "out of memory");
    sl_report_learning_curve_words(to, root);
    if (fclose(to) != 0)
        rc = sl_fail(err, SL_ENOMEM, "out of memory");
    else
        rc = sl_json_add_text(answer, "words", text, err);
    free(text);
    return rc;
}

static sl_status add_answer(const struct curve *curve, const struct curve_point *points,
                            struct sl_json *root, struct sl_error *err)
{
    const struct curve_answer answer =
        curve_answer_of(points, curve->n_sizes, curve->drawn.n_splits,
                        trial_best_score(curve->scoring), &points[curve->n_sizes]);
    struct sl_json *object;
    sl_status       rc;

    SL_TRY(sl_json_add_object(root, "answer", &object, err));
    if (answer.flat_from >= 0)
        SL_TRY(sl_json_add_number(object, "flattens_at", points[answer.flat_from].train_size, err));
    else
        SL_TRY(add_null(object, "flattens_at", err));
    SL_TRY(sl_json_add_number(object, "standard_error", answer.standard_error, err));
    SL_TRY(sl_json_add_number(object, "threshold", answer.threshold, err));
    SL_TRY(sl_json_add_bool(object, "is_best", answer.is_best, err));
    if (answer.enough == CURVE_UNDECIDED)
        SL_TRY(add_null(object, "enough", err));
    else
        SL_TRY(sl_json_add_bool(object, "enough", answer.enough == CURVE_ENOUGH, err));
    rc = add_words(root, object, err);
out:
    return rc;
}

sl_status curve_tell(const struct curve *curve, struct sl_json_doc **doc, struct sl_error *err)
{
    const size_t        n_of_size = (size_t)curve->drawn.n_splits * (size_t)curve->drawn.n_repeats;
    struct curve_point *points = NULL;
    struct curve_fit   *of_size = NULL;
    struct sl_json     *root;
    sl_status           rc;

    SL_TRY(sl_json_create(doc, err));
    root = sl_json_root(*doc);
    SL_TRY(sl_alloc_array((size_t)curve->n_sizes + 1, sizeof *points, &points, err));
    SL_TRY(sl_alloc_array(n_of_size, sizeof *of_size, &of_size, err));
    for (int s = 0; s <= curve->n_sizes; s++)
        points[s] = sum_up(curve, s, of_size);
    SL_TRY(add_head(curve, root, err));
    SL_TRY(add_points(curve, points, root, err));
    SL_TRY(add_subset(curve, &points[curve->n_sizes], root, err));
    SL_TRY(add_failures(curve, points, root, err));
    SL_TRY(add_answer(curve, points, root, err));
    SL_TRY(add_fits(curve, root, err));
out:
    free(points);
    free(of_size);
    return rc;
}
