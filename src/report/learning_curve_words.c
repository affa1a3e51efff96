/* The answer of a learning curve in plain sentences: at which size it flattens, and whether what
 * the job trains on is enough; docs/learning-curve.md has the rule behind both. */
#include <math.h>
#include <stdio.h>

#include "layout.h"
#include "learning_curve.h"
#include "scoreline/report.h"

enum { NAMES_BYTES = 160, ROWS_BYTES = 48 };

/* What sentences speak of, taken from the result; scores as people see them. */
struct story {
    FILE                *to;
    struct curve_measure measure;
    int                  n_points;
    double               first_size, before_size, largest_size, flat_size;
    double               before_score, largest_score, flat_score;
    double               standard_error;
    bool                 is_best; /* at the largest size: nothing is left to gain */
    double               job_size, job_score;
    char                 job[NAMES_BYTES];
};

static double mean_of(const struct sl_json *point, double sign)
{
    return sign * layout_get_number(sl_json_find(point, "validation"), "mean");
}

static struct story read_story(FILE *to, const struct sl_json *result)
{
    const struct sl_json *answer = sl_json_find(result, "answer");
    const struct sl_json *subset = sl_json_find(result, "job_subset");
    const double          sign = curve_sign_of(result);
    struct story          s = {.to = to,
                               .measure = curve_measure_of(result),
                               .flat_size = layout_get_number(answer, "flattens_at"),
                               .standard_error = layout_get_number(answer, "standard_error"),
                               .is_best = sl_json_bool(sl_json_find(answer, "is_best")),
                               .job_size = layout_get_number(subset, "train_size"),
                               .job_score = mean_of(subset, sign)};

    curve_format_names(sl_json_find(subset, "partitions"), s.job, sizeof s.job);
    for (const struct sl_json *p = sl_json_first(sl_json_find(result, "points")); p != NULL;
         p = sl_json_next(p)) {
        s.before_size = s.largest_size;
        s.before_score = s.largest_score;
        s.largest_size = layout_get_number(p, "train_size");
        s.largest_score = mean_of(p, sign);
        if (s.n_points++ == 0)
            s.first_size = s.largest_size;
        if (s.largest_size == s.flat_size)
            s.flat_score = s.largest_score;
    }
    return s;
}

static bool is_flat(const struct story *s)
{
    return s->flat_size < s->largest_size;
}

static void put_rows(const struct story *s, double n)
{
    char rows[ROWS_BYTES];

    curve_format_rows(n, rows, sizeof rows);
    fprintf(s->to, "%s rows", rows);
}

static void tell_curve(const struct story *s)
{
    if (s->n_points < 2) {
        fprintf(s->to, "Where the curve flattens cannot be told from one size.");
        return;
    }
    if (isnan(s->flat_size)) {
        fputs(
            "Where the curve flattens cannot be told: no fit of the largest size could be judged.",
            s->to);
        return;
    }
    fprintf(s->to, "The %s in validation ", s->measure.name);
    if (!is_flat(s) && s->is_best) {
        fprintf(s->to, "is as good as can be, %.4g, with ", s->largest_score);
        put_rows(s, s->largest_size);
        fprintf(s->to, ", the most that were tried, and %.4g with ", s->before_score);
        put_rows(s, s->before_size);
        fputs(".", s->to);
        return;
    }
    if (!is_flat(s)) {
        fputs("still improves at ", s->to);
        put_rows(s, s->largest_size);
        fprintf(s->to, ", the most that were tried: it is %.4g there and %.4g with ",
                s->largest_score, s->before_score);
        put_rows(s, s->before_size);
        fprintf(s->to, ", worse by more than one standard error (%.2g).", s->standard_error);
        return;
    }
    fputs("is flat from ", s->to);
    put_rows(s, s->flat_size);
    if (s->flat_size == s->first_size)
        fputs(" on, the fewest that were tried", s->to);
    else
        fputs(" on", s->to);
    fprintf(s->to, ": it is %.4g there and %.4g with ", s->flat_score, s->largest_score);
    put_rows(s, s->largest_size);
    fprintf(s->to, ", and from there on nowhere worse by more than one standard error (%.2g).",
            s->standard_error);
}

/* "Training on 2015, as the job does, ". */
static void begin_subset(const struct story *s, const char *verdict)
{
    fprintf(s->to, "\nTraining on ");
    layout_text(s->to, s->job);
    fprintf(s->to, ", as the job does, %s: ", verdict);
}

static void put_comparison(const struct story *s)
{
    fprintf(s->to, "these ");
    put_rows(s, s->job_size);
    fprintf(s->to, " give %.4g, and the most that were tried, ", s->job_score);
    put_rows(s, s->largest_size);
    fprintf(s->to, ", give %.4g", s->largest_score);
}

/* The partitions tried are those of the job: how large it is, is all that was asked. */
static void tell_same(const struct story *s, bool is_enough)
{
    if (is_enough) {
        begin_subset(s, "is enough");
        fputs(is_flat(s) ? "fewer of its rows would do as well." : "nothing is left to gain.",
              s->to);
        return;
    }
    begin_subset(s, "may not be enough");
    fputs("how much more rows would help is seen with more partitions in "
          "learning_curve.partitions.",
          s->to);
}

static void tell_subset(const struct story *s, const struct sl_json *enough, bool is_same)
{
    const bool is_known = sl_json_kind(enough) == SL_JSON_BOOL;

    if (is_same && (is_known || !is_flat(s))) {
        tell_same(s, sl_json_bool(enough));
    } else if (!is_known) {
        begin_subset(s, "does as well as what was tried, but more would be better");
        put_comparison(s);
        fputs(", where the curve still improves.", s->to);
    } else if (sl_json_bool(enough)) {
        begin_subset(s, "is enough");
        put_comparison(s);
        fprintf(s->to, ", no more than one standard error (%.2g) apart.", s->standard_error);
    } else {
        begin_subset(s, "is not enough");
        put_comparison(s);
        fprintf(s->to, ", better by more than one standard error (%.2g).", s->standard_error);
        if (is_flat(s) && s->flat_size <= s->job_size)
            fputs(" It is not their number, at which the curve is flat, but which rows they are.",
                  s->to);
    }
}

static void tell_failures(const struct story *s, const struct sl_json *result)
{
    const double n_failed = layout_get_number(result, "n_failed");
    const double n_unfinished = layout_get_number(result, "n_not_converged");

    if (n_failed > 0)
        fprintf(s->to, "\n%.0f of %.0f fits could not be made, and do not count: the first one, %s",
                n_failed, layout_get_number(result, "n_fits"),
                layout_word(sl_json_find(result, "first_failure")));
    if (n_unfinished > 0)
        fprintf(s->to, "\n%.0f fits did not converge: their scores are not those of the optimum.",
                n_unfinished);
}

void sl_report_learning_curve_words(FILE *to, const struct sl_json *result)
{
    const struct sl_json *subset = sl_json_find(result, "job_subset");
    const struct sl_json *enough = sl_json_find(sl_json_find(result, "answer"), "enough");
    const struct story    s = read_story(to, result);

    tell_curve(&s);
    if (!isnan(s.job_score) && !isnan(s.standard_error) && s.n_points > 1)
        tell_subset(&s, enough, sl_json_bool(sl_json_find(subset, "is_all")));
    tell_failures(&s, result);
    fputc('\n', to);
}
