/* The tables for people, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/score_rows.h"
#include "scoreline/clock.h"
#include "scoreline/report.h"
#include "scoreline/timing.h"

static void metrics_by_partition(void **state)
{
    struct sl_partition        partitions[] = {{.name = "2000"},
                                               {.name = "2015/\xC3\x89t\xC3\xA9-long", .trained_on = true},
                                               {.name = "2016"}};
    const struct sl_plan       plan = {.n_partitions = 3, .partitions = partitions};
    const struct sl_row_counts counts[] = {{3, 2, 1, 0}, {1234567890, 1234567000, 889, 1}, {0}};
    const double               none = (double)NAN;
    struct sl_metric_values    values[] = {
           {2, 0.5, 0.25, none, none, 0.125, 1},
           {1234567000, 1, 0.000001, 1, 0, 0, 0.5},
           {1234567002, 0.999999, 12.5, 0.75, 0, 0.0000004, 0.5},
           {2, 0.5, 0.25, none, none, 0.125, 1},
           {1234567000, 1, 0.000001, 1, 0, 0, 0.5},
           {0, none, none, none, none, none, none},
    };
    const char *expected =
        "partition              rows      scored  missing  rejected  accuracy   log loss       AUC"
        "     Brier\n"
        "2000                      3           2        1         0  0.500000   0.250000         -"
        "  0.125000\n"
        "2015/\xC3\x89t\xC3\xA9-long *  1234567890  1234567000      889         1  1.000000"
        "   0.000001  1.000000  0.000000\n"
        "2016                      0           0        0         0         -          -         -"
        "         -\n"
        "\n"
        "held out                  3           2        1         0  0.500000   0.250000         -"
        "  0.125000\n"
        "trained on    *  1234567890  1234567000      889         1  1.000000   0.000001  1.000000"
        "  0.000000\n"
        "all              1234567893  1234567002      890         1  0.999999  12.500000  0.750000"
        "  0.000000\n"
        "* the model was trained on these rows\n";
    const struct sl_measured measured = {.n_classes = 2, .n_partitions = 3, .values = values};
    char                    *text = NULL;
    size_t                   n_bytes = 0;
    FILE                    *to = open_memstream(&text, &n_bytes);
    (void)state;

    sl_report_metrics(to, &plan, counts, &measured);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static void numbers_by_partition(void **state)
{
    struct sl_partition        partitions[] = {{.name = "1"}};
    const struct sl_plan       plan = {.n_partitions = 1, .partitions = partitions};
    const struct sl_row_counts counts[] = {{3, 3, 0, 0}};
    struct sl_metric_values    values[4] = {{0}};
    struct sl_number_values    numbers[] = {{3, 0.5, 12345.678, 1e-7, 1e12},
                                            {0, NAN, NAN, NAN, NAN},
                                            {3, 0.5, 12345.678, 1e-7, 1e12},
                                            {3, -0.25, 2, 3, 4}};
    const struct sl_measured   measured = {
          .n_classes = 0, .n_partitions = 1, .values = values, .numbers = numbers};
    const char *expected =
        "partition     rows  scored  missing  rejected         R2     RMSE    MAE  deviance\n"
        "1                3       3        0         0  -0.250000        2      3         4\n"
        "\n"
        "held out         3       3        0         0   0.500000  12345.7  1e-07     1e+12\n"
        "trained on *     0       0        0         0          -        -      -         -\n"
        "all              3       3        0         0   0.500000  12345.7  1e-07     1e+12\n"
        "* the model was trained on these rows\n";
    char  *text = NULL;
    size_t n_bytes = 0;
    FILE  *to = open_memstream(&text, &n_bytes);
    (void)state;

    sl_report_metrics(to, &plan, counts, &measured);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static const struct sl_timing timing = {
    .seconds = {[SL_PHASE_PLAN] = {0.001, 0.001, 0.001},
                [SL_PHASE_SCAN] = {1, 2, 3},
                [SL_PHASE_WAIT] = {0, 0.499, 1},
                [SL_PHASE_COMBINE] = {0.5, 1.5, 123.45678}},
    .total_s = {3.9, 4, 4.1},
    .slowest = {2, "node7", 3.6, 3},
    .partition = {"2015", 1.5, 3000000000},
    .work_s = 2,
    .n_bytes = 5000000000,
    .n_rows = 30000000,
    .memory = {1, 64 << 20},
};

static void timing_by_phase(void **state)
{
    const char *expected =
        "section         min s       avg s       max s  % of total  imbalance %\n"
        "plan           0.0010      0.0010      0.0010         0.0          0.0\n"
        "wait           0.0000      0.4990      1.0000        12.5        100.4\n"
        "scan           1.0000      2.0000      3.0000        50.0         50.0\n"
        "combine        0.5000      1.5000    123.4568        37.5       8130.5\n"
        "total          3.9000      4.0000      4.1000       100.0          2.5\n"
        "slowest rank       2 on node7: busy for 3.6000 s, 20.0 % more than the average\n"
        "slowest partition  '2015': 1.5000 s, 2.000 GB/s\n"
        "throughput         2.500 GB/s, 1.5e+07 rows/s over 2.0000 s\n"
        "peak memory        64.0 MiB, rank 1\n";
    char  *text = NULL;
    size_t n_bytes = 0;
    FILE  *to = open_memstream(&text, &n_bytes);
    (void)state;

    sl_report_timing(to, &timing);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static double number_at(const struct sl_json *from, const char *outer, const char *inner)
{
    return sl_json_number(sl_json_find(sl_json_find(from, outer), inner));
}

static void timing_as_json(void **state)
{
    struct sl_json_doc   *doc = NULL;
    struct sl_error       err;
    const struct sl_json *root;
    const struct sl_json *seconds;
    (void)state;

    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_timing_to_json(&timing, sl_json_root(doc), &err), SL_OK);
    root = sl_json_root(doc);
    seconds = sl_json_find(root, "seconds");
    for (int p = 0; p < SL_N_PHASES; p++) {
        const char *name = sl_phase_name((enum sl_phase)p);

        assert_true(number_at(seconds, name, "min") == timing.seconds[p].min);
        assert_true(number_at(seconds, name, "avg") == timing.seconds[p].avg);
        assert_true(number_at(seconds, name, "max") == timing.seconds[p].max);
    }
    assert_true(sl_json_number(sl_json_find(root, "total_s")) == 4);
    assert_true(sl_json_number(sl_json_find(root, "bytes_per_s")) == 2.5e9);
    assert_true(sl_json_number(sl_json_find(root, "rows_per_s")) == 1.5e7);
    assert_true(number_at(root, "slowest_rank", "rank") == 2);
    assert_true(number_at(root, "slowest_partition", "bytes") == 3e9);
    assert_true(number_at(root, "peak_memory", "bytes") == 64 << 20);
    sl_json_close(doc);
}

/* All time is some phase's, whatever is entered when. */
static void phases_add_up(void **state)
{
    struct sl_stopwatch watch;
    double              seconds[SL_N_PHASES];
    double              sum = 0;
    const double        before = sl_clock_now();
    (void)state;

    sl_stopwatch_start(&watch, SL_PHASE_START);
    for (int p = 0; p < SL_N_PHASES; p++) {
        const enum sl_phase now = watch.phase;

        assert_int_equal(sl_stopwatch_enter(&watch, (enum sl_phase)p), now);
        sl_clock_sleep(0.001);
    }
    const double total = sl_stopwatch_read(&watch, seconds);
    const double after = sl_clock_now();

    for (int p = 0; p < SL_N_PHASES; p++) {
        assert_true(seconds[p] >= 0.001);
        sum += seconds[p];
    }
    assert_true(sum == total);
    assert_true(total <= after - before);
    assert_int_equal(sl_stopwatch_enter(NULL, SL_PHASE_READ), SL_PHASE_READ);
}

static void phases_have_names(void **state)
{
    (void)state;
    assert_string_equal(sl_phase_name(SL_PHASE_PLAN), "plan");
    assert_string_equal(sl_phase_name(SL_PHASE_OTHER), "other");
    for (int p = 0; p < SL_N_PHASES; p++) {
        assert_non_null(sl_phase_name((enum sl_phase)p));
        assert_non_null(sl_phase_meaning((enum sl_phase)p));
    }
}

static sl_status give_rows(void *state, struct sl_evaluator *to, struct sl_error *err)
{
    const struct score_rows *rows = state;
    struct sl_table_column   columns[4];
    (void)err;

    score_columns(rows, columns);
    const struct sl_scores scores = scores_at(columns, 0, rows->n);
    sl_evaluator_add(to, &scores);
    return SL_OK;
}

static struct sl_evaluation evaluate(struct score_rows *rows)
{
    const struct sl_evaluation_spec spec = {.threshold = 0.5, .state = rows, .give = give_rows};
    struct sl_evaluation            found;
    struct sl_error                 err;

    assert_int_equal(sl_evaluation_make(&spec, &found, &err), SL_OK);
    return found;
}

/* Twelve rows, of which ten count: 0.1 and 0.7 are at the ends of bins, three are equal. */
static void evaluation(void **state)
{
    const double  p[] = {0.95, 0.7, 0.1, 0.5, 0.5, 0.5, 0.0, 1.0, 0.3, 0.85, 0.6, 0.6};
    const int8_t  label[] = {1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, -1};
    const uint8_t status[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    const char   *expected =
        "what follows is of the 10 held out rows with a label\n\n"
        "decile       rows  positives  base rate     mean p       lift   captured\n"
        "     1          1          1   1.000000   1.000000   1.666667   0.166667\n"
        "     2          1          1   1.000000   0.950000   1.666667   0.333333\n"
        "     3          1          1   1.000000   0.850000   1.666667   0.500000\n"
        "     4          1          1   1.000000   0.700000   1.666667   0.666667\n"
        "     5          1          1   1.000000   0.500000   1.666667   0.833333\n"
        "     6          1          0   0.000000   0.500000   0.000000   0.833333\n"
        "     7          1          0   0.000000   0.500000   0.000000   0.833333\n"
        "     8          1          1   1.000000   0.300000   1.666667   1.000000\n"
        "     9          1          0   0.000000   0.100000   0.000000   1.000000\n"
        "    10          1          0   0.000000   0.000000   0.000000   1.000000\n"
        "\n"
        "probability       rows     mean p   observed\n"
        "0.0 to 0.1           2   0.050000   0.000000\n"
        "0.1 to 0.2           0          -          -\n"
        "0.2 to 0.3           1   0.300000   1.000000\n"
        "0.3 to 0.4           0          -          -\n"
        "0.4 to 0.5           3   0.500000   0.333333\n"
        "0.5 to 0.6           0          -          -\n"
        "0.6 to 0.7           1   0.700000   1.000000\n"
        "0.7 to 0.8           0          -          -\n"
        "0.8 to 0.9           1   0.850000   1.000000\n"
        "0.9 to 1.0           2   0.975000   1.000000\n"
        "\n"
        "threshold 0.5  predicted 0  predicted 1\n"
        "label 0                  2            2\n"
        "label 1                  1            5\n"
        "accuracy     0.700000\n"
        "precision    0.714286\n"
        "recall       0.833333\n"
        "specificity  0.500000\n"
        "F1           0.769231\n";
    struct score_rows    rows = {.n = 12, .n_classes = 2, .p = p, .label = label, .status = status};
    struct sl_evaluation found = evaluate(&rows);
    char                *text = NULL;
    size_t               n_bytes = 0;
    FILE                *to = open_memstream(&text, &n_bytes);
    (void)state;

    found.group = SL_HELD_OUT;
    sl_report_evaluation(to, &found);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

/* Fewer rows than deciles, one class only, none at all: nothing is divided by 0. */
static void evaluation_of_few(void **state)
{
    const double         p[] = {0.25, 0.75};
    const int8_t         label[] = {0, 0};
    const uint8_t        status[] = {0, 0};
    struct score_rows    rows = {.n_classes = 2, .p = p, .label = label, .status = status};
    struct sl_evaluation found = evaluate(&rows);
    int64_t              n_rows = 0;
    (void)state;

    assert_int_equal(found.n_rows, 0);
    assert_true(isnan(found.deciles[0].captured) && isnan(found.bins[9].observed));
    rows.n = 2;
    found = evaluate(&rows);
    for (int d = 0; d < SL_N_DECILES; d++) {
        n_rows += found.deciles[d].n_rows;
        assert_true(isnan(found.deciles[d].lift) && isnan(found.deciles[d].captured));
    }
    assert_int_equal(n_rows, 2);
    assert_int_equal(found.confusion.n_false_positive, 1);
    assert_true(isnan(sl_confusion_rates(&found.confusion).recall));
}

/* --- classes --- */

static void fill_measured(struct sl_measured *m, int n_classes)
{
    const size_t n = (size_t)n_classes;

    *m = (struct sl_measured){.n_classes = n_classes};
    m->values = calloc(SL_FIRST_PARTITION, sizeof *m->values);
    m->classes = calloc(SL_FIRST_PARTITION * n, sizeof *m->classes);
    m->confusion = calloc(SL_FIRST_PARTITION * n * n, sizeof *m->confusion);
}

static char *classes_text(enum sl_metric_group group, const struct sl_slice *names,
                          const struct sl_measured *m)
{
    char  *text = NULL;
    size_t n_bytes = 0;
    FILE  *to = open_memstream(&text, &n_bytes);

    sl_report_classes(to, group, names, m);
    fclose(to);
    return text;
}

static void classes_and_their_matrix(void **state)
{
    static const struct sl_slice names[] = {
        {"Hard", 4}, {"\xC3\xA9 \x1b", 4}, {"a name of more than twenty-four bytes", 37}};
    const char          *expected = "what follows is of the 10 held out rows with a label\n\n"
                                    "class                          rows  predicted    correct  precision   "
                                    "  recall        AUC\n"
                                    "Hard                              7          8          6   0.750000   "
                                    "0.857143   0.625000\n"
                                    "\xC3\xA9 ?                               0          2          0   "
                                    "0.000000          -          -\n"
                                    "a name of more than t...          3          0          0          -   "
                                    "0.000000   0.500000\n"
                                    "\n"
                                    "rows by label (down) and prediction (across)\n"
                                    "label                     Hard   \xC3\xA9 ?  a name of more than t...\n"
                                    "Hard                         6     1                         0\n"
                                    "\xC3\xA9 ?                          0     0                         0\n"
                                    "a name of more than t...     2     1                         0\n";
    static const int64_t cells[] = {6, 1, 0, 0, 0, 0, 2, 1, 0};
    const struct sl_class_values classes[] = {{7, 8, 6, 0.75, 6.0 / 7, 0.625, 0},
                                              {0, 2, 0, 0, (double)NAN, (double)NAN, (double)NAN},
                                              {3, 0, 0, (double)NAN, 0, 0.5, 0}};
    struct sl_measured           m;
    char                        *text;
    (void)state;

    fill_measured(&m, 3);
    m.values[SL_HELD_OUT].n_rows = 10;
    memcpy(m.classes + SL_HELD_OUT * 3, classes, sizeof classes);
    memcpy(m.confusion + SL_HELD_OUT * 9, cells, sizeof cells);
    text = classes_text(SL_HELD_OUT, names, &m);
    assert_string_equal(text, expected);
    free(text);
    text = classes_text(SL_ALL, names, &m);
    assert_string_equal(text,
                        "no scored row has a known label: there is nothing to compare with\n");
    free(text);
    sl_measured_release(&m);
}

/* Of thirty classes the twenty with most rows, in their order; what the others have is not lost. */
static void many_classes_are_cut(void **state)
{
    enum { N = 30 };
    struct sl_slice    names[N];
    char               texts[N][8];
    struct sl_measured m;
    char              *text;
    int64_t            sum = 0;
    (void)state;

    fill_measured(&m, N);
    for (int k = 0; k < N; k++) {
        int64_t n_rows = k % 3 == 0 ? 1 : 100 + k;

        names[k] = (struct sl_slice){texts[k], (size_t)snprintf(texts[k], 8, "c%d", k)};
        m.classes[k].n_rows = n_rows;
        m.confusion[k * N + (k + 1) % N] = n_rows;
        m.values[SL_HELD_OUT].n_rows += n_rows;
    }
    text = classes_text(SL_HELD_OUT, names, &m);
    assert_null(strstr(text, "\nc0 "));
    assert_non_null(strstr(text, "\nc1 "));
    assert_non_null(strstr(text, "\nc29 "));
    assert_null(strstr(text, "\nc27 "));
    assert_non_null(
        strstr(text, "\n10 more classes, none of more rows: /class_metrics has them\n"));
    for (const char *word = strstr(text, "(across)"); *word != '\0';) {
        word += strspn(word, " \n");
        sum += strtoll(word, NULL, 10);
        word += strcspn(word, " \n");
    }
    assert_int_equal(sum, m.values[SL_HELD_OUT].n_rows);
    free(text);
    sl_measured_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_by_partition),
        cmocka_unit_test(numbers_by_partition),
        cmocka_unit_test(timing_by_phase),
        cmocka_unit_test(timing_as_json),
        cmocka_unit_test(phases_add_up),
        cmocka_unit_test(phases_have_names),
        cmocka_unit_test(evaluation),
        cmocka_unit_test(evaluation_of_few),
        cmocka_unit_test(classes_and_their_matrix),
        cmocka_unit_test(many_classes_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
