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

#include "scoreline/report.h"

static void metrics_by_partition(void **state)
{
    struct sl_partition           partitions[] = {{.name = "2000"},
                                                  {.name = "2015/\xC3\x89t\xC3\xA9-long", .trained_on = true},
                                                  {.name = "2016"}};
    const struct sl_plan          plan = {.n_partitions = 3, .partitions = partitions};
    const struct sl_row_counts    counts[] = {{3, 2, 1, 0}, {1234567890, 1234567000, 889, 1}, {0}};
    const double                  none = (double)NAN;
    const struct sl_metric_values values[] = {
        {2, 0.5, 0.25, none, 0.125, 1},
        {1234567000, 1, 0.000001, 1, 0, 0.5},
        {1234567002, 0.999999, 12.5, 0.75, 0.0000004, 0.5},
        {2, 0.5, 0.25, none, 0.125, 1},
        {1234567000, 1, 0.000001, 1, 0, 0.5},
        {0, none, none, none, none, none},
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
    char  *text = NULL;
    size_t n_bytes = 0;
    FILE  *to = open_memstream(&text, &n_bytes);
    (void)state;

    sl_report_metrics(to, &plan, counts, values);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static void timing_by_phase(void **state)
{
    const double min_s[SL_N_PHASES] = {0.001, 0.01, 1, 0, 0.25, 0.5, 0};
    const double avg_s[SL_N_PHASES] = {0.001, 0.01, 2, 0.5, 0.25, 0.5, 0};
    const double max_s[SL_N_PHASES] = {0.001, 0.01, 3, 1, 0.25, 123.45678, 0};
    const char  *expected = "section       min s      avg s      max s  % of total\n"
                            "plan         0.0010     0.0010     0.0010         0.0\n"
                            "train        0.0100     0.0100     0.0100         0.2\n"
                            "score        1.0000     2.0000     3.0000        50.0\n"
                            "wait         0.0000     0.5000     1.0000        12.5\n"
                            "collect      0.2500     0.2500     0.2500         6.2\n"
                            "combine      0.5000     0.5000   123.4568        12.5\n"
                            "publish      0.0000     0.0000     0.0000         0.0\n"
                            "total                              4.0000       100.0\n";
    char        *text = NULL;
    size_t       n_bytes = 0;
    FILE        *to = open_memstream(&text, &n_bytes);
    (void)state;

    sl_report_timing(to, min_s, avg_s, max_s, 4);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static void phases_have_names(void **state)
{
    (void)state;
    assert_string_equal(sl_phase_name(SL_PHASE_PLAN), "plan");
    assert_string_equal(sl_phase_name(SL_PHASE_PUBLISH), "publish");
    for (int p = 0; p < SL_N_PHASES; p++)
        assert_non_null(sl_phase_name((enum sl_phase)p));
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
    struct sl_evaluator  evaluator = {0};
    struct sl_evaluation found;
    struct sl_error      err;
    char                *text = NULL;
    size_t               n_bytes = 0;
    FILE                *to = open_memstream(&text, &n_bytes);
    (void)state;

    assert_int_equal(sl_evaluator_add(&evaluator, 12, p, label, status, &err), SL_OK);
    assert_int_equal(sl_evaluator_finish(&evaluator, 0.5, &found, &err), SL_OK);
    found.group = SL_HELD_OUT;
    sl_report_evaluation(to, &found);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
    sl_evaluator_release(&evaluator);
}

/* Fewer rows than deciles, one class only, none at all: nothing is divided by 0. */
static void evaluation_of_few(void **state)
{
    const double         p[] = {0.25, 0.75};
    const int8_t         label[] = {0, 0};
    const uint8_t        status[] = {0, 0};
    struct sl_evaluator  evaluator = {0};
    struct sl_evaluation found;
    struct sl_error      err;
    int64_t              n_rows = 0;
    (void)state;

    assert_int_equal(sl_evaluator_finish(&evaluator, 0.5, &found, &err), SL_OK);
    assert_int_equal(found.n_rows, 0);
    assert_true(isnan(found.deciles[0].captured) && isnan(found.bins[9].observed));
    assert_int_equal(sl_evaluator_add(&evaluator, 2, p, label, status, &err), SL_OK);
    assert_int_equal(sl_evaluator_finish(&evaluator, 0.5, &found, &err), SL_OK);
    for (int d = 0; d < SL_N_DECILES; d++) {
        n_rows += found.deciles[d].n_rows;
        assert_true(isnan(found.deciles[d].lift) && isnan(found.deciles[d].captured));
    }
    assert_int_equal(n_rows, 2);
    assert_int_equal(found.confusion.n_false_positive, 1);
    assert_true(isnan(sl_confusion_rates(&found.confusion).recall));
    sl_evaluator_release(&evaluator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_by_partition), cmocka_unit_test(timing_by_phase),
        cmocka_unit_test(phases_have_names),    cmocka_unit_test(evaluation),
        cmocka_unit_test(evaluation_of_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
