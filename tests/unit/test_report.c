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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_by_partition),
        cmocka_unit_test(timing_by_phase),
        cmocka_unit_test(phases_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
