/* Shortest decimals: known ones letter by letter, random ones against strtod and against the fewest
 * digits that printf needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/decimal.h"
#include "scoreline/hash.h"

enum { N_RANDOM = 400000 };

static void known_numbers(void **state)
{
    static const struct {
        double      value;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-1500, "-1500"},
        {0.1, "0.1"},
        {0.25, "0.25"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100, "100"},
        {0.0001, "0.0001"},
        {0.00001234, "0.00001234"},
        {0.000001, "1e-6"},
        {1e16, "10000000000000000"},
        {1e17, "1e17"},
        {1e21, "1e21"},
        {1e22, "1e22"},
        {1e23, "1e23"},
        {123456789012345678.0, "1.2345678901234568e17"},
        {9007199254740991.0, "9007199254740991"},
        {9007199254740993.0, "9007199254740992"},
        {5e-324, "5e-324"},
        {2.2250738585072009e-308, "2.225073858507201e-308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e308"},
        /* at a power of two the interval is narrower below: 16 digits, where nearest has 17 */
        {0x1p-44, "5.684341886080802e-14"},
        {0x1p+976, "6.386688990511104e293"},
        {9.5367431640625e-7, "9.5367431640625e-7"},
        {(double)INFINITY, "inf"},
        {-(double)INFINITY, "-inf"},
        {(double)NAN, "nan"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[SL_DECIMAL_BYTES + 1] = "";

        text[sl_format_f64(cases[i].value, text)] = '\0';
        assert_string_equal(text, cases[i].text);
    }
}

static int count_digits(const char *text)
{
    int n = 0;
    int n_zeros = 0; /* at the end so far */

    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
            continue;
        n++;
        n_zeros = *text == '0' ? n_zeros + 1 : 0;
    }
    return n - n_zeros;
}

/* The fewest digits with which printf's nearest text reads back. */
static int digits_needed(double value)
{
    for (int n = 1; n < 17; n++) {
        char text[40];

        snprintf(text, sizeof text, "%.*e", n - 1, value);
        if (strtod(text, NULL) == value)
            return n;
    }
    return 17;
}

/* All bit patterns, probabilities, short decimals, and the neighbours of powers of two. */
static double random_number(uint64_t i)
{
    static const double units[] = {1, 10, 100, 1e3, 1e4, 1e6, 1e8, 1e12};
    uint64_t            bits = sl_mix64(i);
    double              value;

    if (i % 4 == 1)
        return (double)(bits >> 11) * 0x1p-53;
    if (i % 4 == 2)
        return (double)(int64_t)(bits >> (bits & 63)) / units[(bits >> 6) & 7];
    if (i % 4 == 3)
        bits = (bits & UINT64_C(0x7FF0000000000000)) + (bits & 7) - 3;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void random_numbers(void **state)
{
    (void)state;

    for (uint64_t i = 0; i < N_RANDOM; i++) {
        const double value = random_number(i);
        char         text[SL_DECIMAL_BYTES + 1] = "";
        char        *end;
        double       back;

        if (!isfinite(value))
            continue;
        text[sl_format_f64(value, text)] = '\0';
        back = strtod(text, &end);
        if (memcmp(&back, &value, sizeof back) != 0 || *end != '\0')
            fail_msg("%a: '%s' reads back as %a", value, text, back);
        if (count_digits(text) > digits_needed(value))
            fail_msg("%a: '%s', %d digits are enough", value, text, digits_needed(value));
    }
}

static void integers(void **state)
{
    static const struct {
        int64_t     value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {-10, "-10"},
        {99, "99"},
        {100, "100"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[SL_DECIMAL_BYTES + 1] = "";

        text[sl_format_i64(cases[i].value, text)] = '\0';
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers),
        cmocka_unit_test(random_numbers),
        cmocka_unit_test(integers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
