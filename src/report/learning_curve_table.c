/* A learning curve as a table, and under it what it says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "learning_curve.h"
#include "scoreline/report.h"

#define N(array) ((int)(sizeof(array) / sizeof *(array)))

enum { LINE_BYTES = 100 };

static sl_status add_side(struct sl_json *line, const struct sl_json *score, double sign,
                          const char *const keys[2], struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_json_add_number(line, keys[0], sign * layout_get_number(score, "mean"), err));
    rc = sl_json_add_number(line, keys[1], layout_get_number(score, "std"), err);
out:
    return rc;
}

static sl_status add_line(struct sl_json *list, const struct sl_json *result,
                          const struct sl_json *point, const char *mark, struct sl_error *err)
{
    static const char *const training[2] = {"training", "training_std"};
    static const char *const validation[2] = {"validation", "validation_std"};
    const double             sign = curve_sign_of(result);
    struct sl_json          *line;
    sl_status                rc;

    SL_TRY(sl_json_add_object(list, NULL, &line, err));
    SL_TRY(sl_json_add_copy(line, "rows", sl_json_find(point, "train_size"), err));
    SL_TRY(add_side(line, sl_json_find(point, "training"), sign, training, err));
    SL_TRY(add_side(line, sl_json_find(point, "validation"), sign, validation, err));
    SL_TRY(sl_json_add_copy(line, "fits", sl_json_find(point, "n_fits"), err));
    SL_TRY(sl_json_add_copy(line, "failed", sl_json_find(point, "n_failed"), err));
    rc = sl_json_add_text(line, "mark", mark, err);
out:
    return rc;
}

static sl_status add_lines(struct sl_json *list, const struct sl_json *result, struct sl_error *err)
{
    const struct sl_json *subset = sl_json_find(result, "job_subset");
    const double flat_at = layout_get_number(sl_json_find(result, "answer"), "flattens_at");
    sl_status    rc = SL_OK;

    for (const struct sl_json *p = sl_json_first(sl_json_find(result, "points")); p != NULL;
         p = sl_json_next(p))
        SL_TRY(add_line(list, result, p, layout_get_number(p, "train_size") == flat_at ? "*" : "",
                        err));
    if (sl_json_kind(subset) == SL_JSON_OBJECT)
        rc = add_line(list, result, subset, "job", err);
out:
    return rc;
}

/* Words by words, so that no line is longer than a terminal; a line end begins another. */
static void put_wrapped(FILE *to, const char *text)
{
    size_t at = 0;

    for (const char *word = text; *word != '\0';) {
        const size_t n = strcspn(word, " \n");

        if (at > 0 && at + 1 + n > LINE_BYTES) {
            fputc('\n', to);
            at = 0;
        }
        at += (size_t)fprintf(to, "%s%.*s", at > 0 ? " " : "", (int)n, word);
        word += n;
        if (*word == '\n') {
            fputc('\n', to);
            at = 0;
        }
        word += *word != '\0';
    }
}

void sl_report_learning_curve(FILE *to, const struct sl_json *result)
{
    static const struct layout_column columns[] = {
        {"rows", "rows", NULL, LAYOUT_COUNT, NULL},
        {"", "mark", NULL, LAYOUT_TEXT, NULL},
        {"training", "training", NULL, LAYOUT_NUMBER, NULL},
        {"std", "training_std", NULL, LAYOUT_NUMBER, NULL},
        {"validation", "validation", NULL, LAYOUT_NUMBER, NULL},
        {"std", "validation_std", NULL, LAYOUT_NUMBER, NULL},
        {"fits", "fits", NULL, LAYOUT_COUNT, NULL},
        {"failed", "failed", NULL, LAYOUT_COUNT, NULL},
    };
    const struct curve_measure measure = curve_measure_of(result);
    struct sl_json_doc        *doc = NULL;
    struct sl_json            *list;
    struct sl_error            unused;

    fprintf(to, "%s%s%s, %s is better\n\n", measure.name, measure.unit != NULL ? ", " : "",
            measure.unit != NULL ? measure.unit : "", curve_sign_of(result) < 0 ? "less" : "more");
    if (sl_json_create(&doc, &unused) == SL_OK &&
        sl_json_add_list(sl_json_root(doc), "lines", &list, &unused) == SL_OK &&
        add_lines(list, result, &unused) == SL_OK)
        layout_table(to, list, columns, N(columns));
    fputs("* flat from here on; job: the rows that the job trains on\n\n", to);
    put_wrapped(to, layout_word(sl_json_find(sl_json_find(result, "answer"), "words")));
    sl_json_close(doc);
}

void sl_report_learning_curve_plan(FILE *to, const struct sl_json *plan)
{
    const struct sl_json *sizes = sl_json_find(plan, "train_sizes");
    const double          n_splits = layout_get_number(plan, "n_splits");
    const double          n_repeats = layout_get_number(plan, "n_repeats");

    layout_name(to, "job");
    layout_text(to, layout_get_text(plan, "job"));
    fprintf(to, ", %s, judged by %s\n", layout_get_text(plan, "estimator"),
            layout_get_text(plan, "scoring"));
    layout_name(to, "rows of");
    layout_words(to, sl_json_find(plan, "partitions"), 40);
    fputc('\n', to);
    layout_name(to, "judged on");
    layout_words(to, sl_json_find(plan, "validated_on"), 40);
    fprintf(to, ", in %.0f folds\n", n_splits);
    layout_name(to, "and the job");
    fputs("trained on ", to);
    layout_words(to, sl_json_find(plan, "job_subset"), 40);
    fputc('\n', to);
    layout_name(to, "sizes");
    for (const struct sl_json *size = sl_json_first(sizes); size != NULL; size = sl_json_next(size))
        fprintf(to, "%.10g%s", sl_json_number(size), sl_json_next(size) != NULL ? ", " : "");
    fprintf(to, "%s: %.0f fits each (%.0f folds, %.0f repeat%s)\n",
            sl_json_count(sizes) == 0 ? "halves of all that can be trained on" : "",
            n_splits * n_repeats, n_splits, n_repeats, n_repeats == 1 ? "" : "s");
    layout_name(to, "memory");
    layout_size(to, plan, "memory_bytes");
    fprintf(to, " on every rank, for %s%.0f rows\n",
            sl_json_bool(sl_json_find(plan, "rows_are_exact")) ? "" : "about ",
            layout_get_number(plan, "rows"));
}
