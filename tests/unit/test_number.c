/* Texts to doubles: what is a number, and the same bits as the C library's strtod.  SL_NUMBERS=100
 * tries a hundred times as many, and SL_NUMBERS_SEED others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <inttypes.h>
#include <math.h>

#include "../support/random.h"
#include "scoreline/number.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void test_syntax(void **state)
{
    static const char *const good[] = {
        "0",  "-0", "+1",     "1.",  ".5",     "-.5e3",          "1e5",      "1E+05", "1e-5",
        " 1", "1 ", "\t1\t ", "007", "1e0005", "0e999999999999", "00.00e-7",
    };
    static const char *const bad[] = {
        "",
        " ",
        "\t",
        ".",
        "-",
        "+",
        "e5",
        ".e5",
        "1e",
        "1e+",
        "1e-",
        "--1",
        "+-1",
        "1..2",
        "1.2.",
        "1 2",
        "1,5",
        "0x1",
        "0x1p3",
        "inf",
        "-Inf",
        "nan",
        "NaN",
        "1f",
        "1d5",
        "1e5.",
        "1e 5",
        "1_0",
        "\r1",
        "1\r",
        "\n1",
        "infinity",
        "\xc2\xa0"
        "1",
        "1e5e5",
        "- 1",
        "\v1",
    };
    double value;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        value = NAN;
        if (!sl_parse_f64((struct sl_slice){good[i], strlen(good[i])}, &value))
            fail_msg("refused '%s'", good[i]);
        if (bits_of(value) != bits_of(strtod(good[i], NULL)))
            fail_msg("'%s' gave %.17g", good[i], value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (sl_parse_f64((struct sl_slice){bad[i], strlen(bad[i])}, &value))
            fail_msg("took '%s' for %.17g", bad[i], value);
    assert_false(sl_parse_f64((struct sl_slice){"1\0", 2}, &value));
    assert_false(sl_parse_f64((struct sl_slice){"\0001", 2}, &value));
}

static void test_slice_ends(void **state)
{
    double value;

    (void)state;
    assert_true(sl_parse_f64((struct sl_slice){"12345", 3}, &value));
    assert_true(value == 123);
    assert_true(sl_parse_f64((struct sl_slice){"1e59", 3}, &value));
    assert_true(value == 1e5);
    assert_false(sl_parse_f64((struct sl_slice){"1e5", 2}, &value));
}

static void check(const char *text, size_t n_bytes)
{
    double value = NAN;
    double expected = strtod(text, NULL);

    if (!sl_parse_f64((struct sl_slice){text, n_bytes}, &value))
        fail_msg("refused '%.200s'", text);
    if (bits_of(value) != bits_of(expected))
        fail_msg("'%.200s' gave %a, expected %a", text, value, expected);
}

static void check_text(const char *text)
{
    check(text, strlen(text));
}

/* Halfway cases, limits of the formats, long and leading zeros. */
static void test_known_hard_ones(void **state)
{
    static const char *const texts[] = {
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740995",
        "9007199254740993.0000000000000000000000000000000000000000000000000000000001",
        "18446744073709551615",
        "18446744073709551616",
        "9999999999999999999",
        "10000000000000000000",
        "99999999999999999999",
        "1e22",
        "1e23",
        "9007199254740993e22",
        "123456789012345678e-22",
        "1e-22",
        "1e-23",
        "8.5e22",
        "4503599627370497.5",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "2e308",
        "1e309",
        "-1e400",
        "1e999999999999999999999",
        "1e-999999999999999999999",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.47e-324",
        "5e-324",
        "1e-400",
        "0.1",
        "0.2",
        "0.3",
        "6.02214076e23",
        "3.14159265358979",
        "0.000000000000000000000000000000000000000000000000000000000000000000000000000000001",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_text(texts[i]);
}

/* Far more digits than are kept, where only the last decides. */
static void test_very_long_ones(void **state)
{
    enum { LENGTH = 5000 };
    char *text = malloc(LENGTH + 64);

    (void)state;
    assert_non_null(text);
    for (int last = '0'; last <= '1'; last++) {
        memset(text, '0', LENGTH);
        memcpy(text, "9007199254740993.", 17); /* halfway */
        text[LENGTH - 1] = (char)last;
        text[LENGTH] = '\0';
        check_text(text);
        memcpy(text + LENGTH, "e-17", 5);
        check_text(text);
        memset(text, '0', LENGTH);
        memcpy(text, "1.", 2);
        text[LENGTH - 1] = (char)last;
        snprintf(text + LENGTH, 64, "e%d", LENGTH);
        check_text(text);
        memset(text, '0', LENGTH);
        memcpy(text, "0.", 2);
        memcpy(text + LENGTH - 20, "90071992547409930000", 20);
        text[LENGTH - 1] = (char)last;
        snprintf(text + LENGTH, 64, "e%d", LENGTH);
        check_text(text);
    }
    memset(text, '7', LENGTH);
    text[LENGTH] = '\0';
    check_text(text);
    text[700] = '.';
    memcpy(text + LENGTH, "e-690", 6);
    check_text(text);
    free(text);
}

static struct random random_from(uint64_t seed)
{
    const char *other = getenv("SL_NUMBERS_SEED");

    return (struct random){seed + 1000 * (other != NULL ? strtoull(other, NULL, 10) : 0)};
}

static int many(int n)
{
    const char *factor = getenv("SL_NUMBERS");

    return factor != NULL ? n * (int)strtol(factor, NULL, 10) : n;
}

enum { MANY = 400000 };

/* Any double in the digits that give it back, and in fewer and more. */
static void test_random_bits(void **state)
{
    struct random random = random_from(1);

    (void)state;
    for (int i = 0; i < many(MANY); i++) {
        uint64_t bits = next_random(&random);
        double   value;
        char     text[64];

        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, "%.*e", 10 + i % 14, value);
        check_text(text);
    }
}

/* Midpoints of neighbours (54 bits, in all their digits), and what lies just beside them. */
static void test_midpoints(void **state)
{
    static const char *const tails[] = {".5", ".4999999999999999999999999",
                                        ".5000000000000000000000",
                                        ".50000000000000000000000000000000001"};
    struct random            random = random_from(2);

    (void)state;
    for (int i = 0; i < many(MANY / 10); i++) {
        uint64_t mantissa = next_random(&random) >> 11 | UINT64_C(1) << 52;
        int      exponent = (int)(next_random(&random) % 140) - 70;
        char     text[512];

        snprintf(text, sizeof text, "%" PRIu64 "%s", mantissa, tails[i % 4]);
        check_text(text);
        snprintf(text, sizeof text, "%" PRIu64 "5e-%d", mantissa, 1 + i % 40);
        check_text(text);
        if (i % 10 == 0) {
            snprintf(text, sizeof text, "%.200f", ldexp((double)mantissa, exponent));
            check_text(text);
        }
    }
}

/* Digits, point and exponent at random: short ones, as files have them, and long ones. */
static void test_random_decimals(void **state)
{
    struct random random = random_from(3);

    (void)state;
    for (int i = 0; i < many(5 * MANY); i++) {
        uint64_t r = next_random(&random);
        size_t   n_digits = 1 + r % (i % 10 == 0 ? 40 : 20);
        size_t   point = (r >> 8) % (n_digits + 1);
        char     text[80];
        size_t   n = 0;

        if ((r >> 16 & 3) == 0)
            text[n++] = (r >> 18 & 1) != 0 ? '-' : '+';
        for (size_t k = 0; k < n_digits; k++) {
            if (k == point)
                text[n++] = '.';
            text[n++] = (char)('0' + next_random(&random) % 10);
        }
        text[n] = '\0';
        if ((r >> 20 & 1) != 0)
            snprintf(text + n, sizeof text - n, "e%d", (int)((r >> 24) % 80) - 40);
        else if ((r >> 21 & 7) == 0)
            snprintf(text + n, sizeof text - n, "E%+d", (int)((r >> 24) % 700) - 350);
        check_text(text);
    }
}

/* All lengths of digits and all exponents that a double can have, and some beyond. */
static void test_random_products(void **state)
{
    struct random random = random_from(4);

    (void)state;
    for (int i = 0; i < many(MANY); i++) {
        uint64_t digits = next_random(&random) >> (next_random(&random) % 60);
        char     text[64];

        snprintf(text, sizeof text, "%" PRIu64 "e%d", digits,
                 (int)(next_random(&random) % 680) - 350);
        check_text(text);
    }
}

/* The digits of midpoints of neighbours, of any size, cut off and rounded behind so many that what
 * is left lies ever closer to them; the smallest doubles among them. */
static void test_close_to_midpoints(void **state)
{
    struct random random = random_from(5);

    (void)state;
    for (int i = 0; i < many(MANY / 4); i++) {
        uint64_t bits = next_random(&random) >> 1;
        double   low;
        double   high;
        char     text[1200];

        if (i % 4 == 0)
            bits = bits >> 11 >> (next_random(&random) % 52); /* subnormal */
        memcpy(&low, &bits, sizeof low);
        high = nextafter(low, INFINITY);
        if (!isfinite(high))
            continue;
        snprintf(text, sizeof text, "%.*Le", i % 100 == 0 ? 800 : 14 + i % 17,
                 ((long double)low + (long double)high) / 2);
        check_text(text);
    }
}

/* Ties: few digits that are midpoints exactly, by small powers of two and ten. */
static void test_ties(void **state)
{
    struct random random = random_from(6);

    (void)state;
    for (int i = 0; i < many(MANY / 4); i++) {
        uint64_t odd = (next_random(&random) >> 11 | UINT64_C(1) << 53) | 1;
        int      shift = (int)(next_random(&random) % 60) - 25;
        char     text[128];

        snprintf(text, sizeof text, "%.*Lf", shift < 0 ? -shift : 0,
                 ldexpl((long double)odd, shift));
        check_text(text);
        snprintf(text, sizeof text, "%" PRIu64 "e%d", odd / 5 * 5, 1 + i % 30);
        check_text(text);
    }
}

/* Every split of digits around the point and around the eight that are read at once. */
static void test_lengths(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 40; n++) {
        for (size_t point = 0; point <= n; point++) {
            for (size_t zeros = 0; zeros <= n; zeros += 3) {
                char   text[64];
                size_t at = 0;

                for (size_t i = 0; i < n; i++) {
                    if (i == point)
                        text[at++] = '.';
                    text[at++] = (char)(i < zeros ? '0' : '0' + (7 * i + n) % 10);
                }
                text[at] = '\0';
                check_text(text);
            }
        }
    }
}

static void test_eight_digits(void **state)
{
    struct random random = random_from(7);

    (void)state;
    for (int i = 0; i < many(MANY); i++) {
        uint64_t value = next_random(&random) % 100000000;
        char     text[32];

        snprintf(text, sizeof text, "%08" PRIu64, value);
        assert_true(sl_are_digits(sl_digits_of(text)));
        assert_true(sl_eight_digits(sl_digits_of(text)) == value);
    }
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < 8; at++) {
            char text[] = "12345678";

            text[at] = (char)c;
            assert_int_equal(sl_are_digits(sl_digits_of(text)), c >= '0' && c <= '9');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_slice_ends),
        cmocka_unit_test(test_known_hard_ones),
        cmocka_unit_test(test_very_long_ones),
        cmocka_unit_test(test_random_bits),
        cmocka_unit_test(test_midpoints),
        cmocka_unit_test(test_random_decimals),
        cmocka_unit_test(test_random_products),
        cmocka_unit_test(test_close_to_midpoints),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_eight_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
