/* A learning curve as a picture, from its JSON; docs/learning-curve.md has both. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "chart.h"
#include "layout.h"
#include "learning_curve.h"
#include "scoreline/memory.h"
#include "scoreline/report.h"

enum { TEXT_BYTES = 256, N_SIDES = 2 };

static const char *const sides[N_SIDES] = {"training", "validation"};

/* The points' numbers, [n] each in one array that is freed by its first, x. */
struct columns {
    int     n;
    double *x;
    double *y[N_SIDES];
    double *spread[N_SIDES];
};

/* What is written, where the result does not have it as it is. */
struct texts {
    char title[TEXT_BYTES];
    char metadata[TEXT_BYTES];
    char note[TEXT_BYTES];
    char y_title[TEXT_BYTES];
    char mark[TEXT_BYTES];
    char point[TEXT_BYTES];
};

static sl_status take_columns(const struct sl_json *result, struct columns *columns,
                              struct sl_error *err)
{
    const struct sl_json *points = sl_json_find(result, "points");
    const size_t          n = sl_json_count(points);
    size_t                i = 0;
    sl_status             rc;

    SL_TRY(sl_alloc_array((1 + 2 * N_SIDES) * n, sizeof(double), &columns->x, err));
    columns->n = (int)n;
    for (size_t s = 0; s < N_SIDES; s++) {
        columns->y[s] = columns->x + (1 + 2 * s) * n;
        columns->spread[s] = columns->x + (2 + 2 * s) * n;
    }
    for (const struct sl_json *p = sl_json_first(points); p != NULL; p = sl_json_next(p), i++) {
        columns->x[i] = layout_get_number(p, "train_size");
        for (int s = 0; s < N_SIDES; s++) {
            const struct sl_json *score = sl_json_find(p, sides[s]);

            columns->y[s][i] = curve_sign_of(result) * layout_get_number(score, "mean");
            columns->spread[s][i] = layout_get_number(score, "std");
        }
    }
out:
    return rc;
}

static void write_texts(const struct sl_json *result, struct texts *texts)
{
    const struct curve_measure measure = curve_measure_of(result);
    const struct sl_json      *subset = sl_json_find(result, "job_subset");
    const struct sl_json      *answer = sl_json_find(result, "answer");
    char                       names[128];
    char                       rows[48];

    snprintf(texts->title, TEXT_BYTES, "Learning curve of %s",
             layout_word(sl_json_find(result, "job")));
    snprintf(texts->metadata, TEXT_BYTES, "%s %s", layout_word(sl_json_find(result, "format")),
             layout_word(sl_json_find(result, "fingerprint")));
    snprintf(texts->note, TEXT_BYTES, "%s, %.0f fits a size: %.0f folds, %.0f repeat%s",
             layout_word(sl_json_find(result, "estimator")),
             layout_get_number(result, "n_splits") * layout_get_number(result, "n_repeats"),
             layout_get_number(result, "n_splits"), layout_get_number(result, "n_repeats"),
             layout_get_number(result, "n_repeats") == 1 ? "" : "s");
    snprintf(texts->y_title, TEXT_BYTES, "%s (%s%s%s is better)", measure.name,
             measure.unit != NULL ? measure.unit : "", measure.unit != NULL ? "; " : "",
             curve_sign_of(result) < 0 ? "less" : "more");
    curve_format_rows(layout_get_number(answer, "flattens_at"), rows, sizeof rows);
    snprintf(texts->mark, TEXT_BYTES, "flat from %s rows on", rows);
    curve_format_names(sl_json_find(subset, "partitions"), names, sizeof names);
    snprintf(texts->point, TEXT_BYTES, "as the job trains: on %s", names);
}

static struct chart_point subset_point(const struct sl_json *result, const char *name)
{
    const struct sl_json *subset = sl_json_find(result, "job_subset");
    const struct sl_json *score = sl_json_find(subset, "validation");
    struct chart_point    point = {NULL, 0, 0, 0};

    if (score == NULL)
        return point;
    point.name = name;
    point.x = layout_get_number(subset, "train_size");
    point.y = curve_sign_of(result) * layout_get_number(score, "mean");
    point.spread = layout_get_number(score, "std");
    return point;
}

static struct chart_line line_of(const struct sl_json *answer, const char *key, double sign,
                                 const char *name)
{
    const double at = sign * layout_get_number(answer, key);

    return (struct chart_line){isfinite(at) ? name : NULL, at};
}

sl_status sl_report_learning_curve_svg(FILE *to, const struct sl_json *result, struct sl_error *err)
{
    const struct sl_json *answer = sl_json_find(result, "answer");
    const double          sign = curve_sign_of(result);
    struct columns        columns = {0};
    struct texts          texts;
    sl_status             rc;

    SL_TRY(take_columns(result, &columns, err));
    write_texts(result, &texts);
    {
        const struct chart_curve curves[N_SIDES] = {
            {"training", CHART_DASHED, columns.y[0], columns.spread[0]},
            {"validation", CHART_SOLID, columns.y[1], columns.spread[1]}};
        const struct chart chart = {
            .title = texts.title,
            .description = layout_word(sl_json_find(answer, "words")),
            .metadata = texts.metadata,
            .note = texts.note,
            .x_title = "rows trained on",
            .y_title = texts.y_title,
            .x_is_whole = true,
            .n_points = columns.n,
            .x = columns.x,
            .n_curves = N_SIDES,
            .curves = curves,
            .band = "mean \xC2\xB1 1 standard deviation over fits",
            .point = subset_point(result, texts.point),
            .mark = line_of(answer, "flattens_at", 1, texts.mark),
            .level = line_of(answer, "threshold", sign, "one standard error off the largest size"),
        };

        chart_print(to, &chart);
    }
out:
    free(columns.x);
    return rc;
}
