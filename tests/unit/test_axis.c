/* Round numbers at axes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../../src/report/axis.h"

struct labels_case {
    double      low, high;
    bool        may_be_log;
    bool        is_whole;
    double      room;
    const char *labels; /* those that are there, by blanks */
};

static void labels_are_round(void **state)
{
    static const struct labels_case cases[] = {
        {0.55, 0.83, false, false, 60, "0.55 0.60 0.65 0.70 0.75 0.80"},
        {0, 1, false, false, 100, "0.0 0.2 0.4 0.6 0.8 1.0"},
        {-3, 4, false, false, 80,
         "\xE2\x88\x92"
         "3 "
         "\xE2\x88\x92"
         "2 "
         "\xE2\x88\x92"
         "1 0 1 2 3 4"},
        {120000, 139000, false, false, 80, "120,000 125,000 130,000 135,000"},
        {1e-12, 3e-12, false, false, 80, "1.0e-12 1.5e-12 2.0e-12 2.5e-12 3.0e-12"},
        {1234.5, 1234.5, false, false, 100, "1,150 1,200 1,250 1,300 1,350"},
        {0, 0, false, false, 200,
         "\xE2\x88\x92"
         "1 0 1"},
        {17, 18, false, true, 60, "17 18"},
        {20, 2000, true, true, 60, "20 50 100 200 500 1,000 2,000"},
        {20, 200000, true, true, 100, "100 1,000 10,000 100,000"},
        {100, 200, true, true, 100, "100 120 140 160 180 200"}, /* less than a decade: not so */
        {1, 1e18, true, true, 60,
         "1 100 10,000 1,000,000 100,000,000 1e+10 1e+12 1e+14 1e+16 1e+18"},
        {-1.7e308, 1.7e308, false, false, 250,
         "\xE2\x88\x92"
         "1e+308 0 1e+308"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct axis      axis = axis_over(cases[i].low, cases[i].high, 0, cases[i].may_be_log);
        struct axis_tick ticks[AXIS_MOST_TICKS];
        char             all[AXIS_MOST_TICKS * (AXIS_LABEL_BYTES + 1)] = "";
        int              n;

        axis.is_whole = cases[i].is_whole;
        axis.at_low = 100;
        axis.at_high = 700;
        n = axis_ticks(&axis, cases[i].room, ticks);
        for (int k = 0; k < n; k++) {
            assert_true(ticks[k].at >= 100 - 1e-6 && ticks[k].at <= 700 + 1e-6);
            if (ticks[k].label[0] == '\0')
                continue;
            if (all[0] != '\0')
                strncat(all, " ", sizeof all - strlen(all) - 1);
            strncat(all, ticks[k].label, sizeof all - strlen(all) - 1);
        }
        assert_string_equal(all, cases[i].labels);
    }
}

static void places_are_in_proportion(void **state)
{
    struct axis axis = axis_over(10, 1000, 0, true);
    (void)state;

    axis.at_low = 0;
    axis.at_high = 200;
    assert_true(axis.is_log);
    assert_float_equal(axis_place(&axis, 100), 100, 1e-9);
    axis = axis_over(-1, 3, 0.25, false);
    axis.at_low = 400; /* upwards */
    axis.at_high = 0;
    assert_float_equal(axis.low, -2, 1e-12);
    assert_float_equal(axis.high, 4, 1e-12);
    assert_float_equal(axis_place(&axis, 1), 200, 1e-9);
}

/* Labels stand as far from each other as they were given room. */
static void labels_have_room(void **state)
{
    (void)state;

    for (double high = 11; high < 1e12; high *= 3.7) {
        for (double room = 40; room < 200; room += 30) {
            struct axis      axis = axis_over(1, high, 0.04, true);
            struct axis_tick ticks[AXIS_MOST_TICKS];
            double           last = -INFINITY;
            int              n;

            axis.at_low = 80;
            axis.at_high = 730;
            n = axis_ticks(&axis, room, ticks);
            for (int k = 0; k < n; k++) {
                if (ticks[k].label[0] == '\0')
                    continue;
                assert_true(ticks[k].at - last >= room - 1e-6);
                last = ticks[k].at;
            }
            assert_true(isfinite(last));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_round),
        cmocka_unit_test(places_are_in_proportion),
        cmocka_unit_test(labels_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
