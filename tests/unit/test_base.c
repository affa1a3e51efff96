/* Errors, memory, texts, hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scoreline/error.h"
#include "scoreline/file.h"
#include "scoreline/hash.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

static void error_says_where_first(void **state)
{
    struct sl_error err = {0};

    (void)state;
    assert_int_equal(sl_fail(&err, SL_EINPUT, "line %d: bad", 12), SL_EINPUT);
    sl_error_in(&err, "partition '%s'", "2003");
    assert_string_equal(err.text, "partition '2003': line 12: bad");
    assert_int_equal(err.code, SL_EINPUT);
}

static void long_errors_are_cut_not_overrun(void **state)
{
    struct sl_error err = {0};
    char            longer[3 * SL_ERROR_BYTES];

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(sl_fail(&err, SL_EJOB, "%s", longer), SL_EJOB);
    assert_int_equal(strlen(err.text), SL_ERROR_BYTES - 1);
    sl_error_in(&err, "%s", longer);
    assert_true(strlen(err.text) < SL_ERROR_BYTES);
    assert_int_equal(err.text[0], 'x');
}

static void exit_codes_are_as_documented(void **state)
{
    static const int expected[] = {0, 2, 3, 3, 4, 5, 6, 75, 71, 70};

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(sl_exit_code((sl_status)i), expected[i]);
    assert_int_equal(sl_exit_code((sl_status)99), 70);
}

static void arrays_check_their_size(void **state)
{
    struct sl_error err = {0};
    double         *data = NULL;
    size_t          capacity = 0;

    (void)state;
    assert_int_equal(sl_alloc_array(SIZE_MAX / 4, sizeof *data, &data, &err), SL_ENOMEM);
    assert_null(data);
    assert_int_equal(sl_grow_array(&data, &capacity, SIZE_MAX / 4, sizeof *data, &err), SL_ENOMEM);
    assert_int_equal(capacity, 0);
    assert_int_equal(sl_grow_array(&data, &capacity, 10, sizeof *data, &err), SL_OK);
    data[9] = 1;
    assert_int_equal(sl_grow_array(&data, &capacity, 11, sizeof *data, &err), SL_OK);
    assert_true(capacity >= 15);
    assert_true(data[9] == 1);
    free(data);
}

static void integers_are_exact(void **state)
{
    static const struct {
        const char *text;
        int         ok;
        int64_t     value;
    } cases[] = {
        {"0", 1, 0},
        {"-0", 1, 0},
        {"+7", 1, 7},
        {"9223372036854775807", 1, INT64_MAX},
        {"9223372036854775808", 0, 0},
        {"-9223372036854775808", 1, INT64_MIN},
        {"-9223372036854775809", 0, 0},
        {"99999999999999999999999", 0, 0},
        {"", 0, 0},
        {"-", 0, 0},
        {"1 ", 0, 0},
        {"12.0", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 0;

        assert_int_equal(
            sl_parse_i64((struct sl_slice){cases[i].text, strlen(cases[i].text)}, &value),
            cases[i].ok);
        assert_int_equal(value, cases[i].value);
    }
}

static void sizes_have_units(void **state)
{
    int64_t value = 0;

    (void)state;
    assert_true(sl_parse_bytes("16MiB", &value));
    assert_int_equal(value, 16 << 20);
    assert_true(sl_parse_bytes("3 kB", &value));
    assert_int_equal(value, 3000);
    assert_true(sl_parse_bytes("77", &value));
    assert_int_equal(value, 77);
    assert_false(sl_parse_bytes("16 mib", &value));
    assert_false(sl_parse_bytes("-1", &value));
    assert_false(sl_parse_bytes("9999999999GiB", &value));
    assert_false(sl_parse_bytes("MiB", &value));
}

static void the_nearest_name_is_near(void **state)
{
    static const char *const names[] = {"partitions", "missing", "delimiter", "quote"};
    char                     hint[64];

    (void)state;
    assert_string_equal(sl_nearest_name("partition", names, 4), "partitions");
    assert_string_equal(sl_nearest_name("Delimeter", names, 4), "delimiter");
    assert_string_equal(sl_nearest_name("misisng", names, 4), "missing");
    assert_null(sl_nearest_name("colour", names, 4));
    assert_string_equal(sl_suggest("quot", names, 4, hint, sizeof hint), ", did you mean 'quote'?");
    assert_string_equal(sl_suggest("zzzz", names, 4, hint, sizeof hint), "");
}

/* Values computed from the two public definitions by an independent program. */
static void the_hash_is_the_documented_one(void **state)
{
    struct sl_hash hash;

    (void)state;
    sl_hash_init(&hash);
    assert_true(hash.state == UINT64_C(14695981039346656037));
    sl_hash_add(&hash, "a", 1);
    assert_true(hash.state == UINT64_C(0xaf63dc4c8601ec8c)); /* FNV-1a of "a" */
    assert_true(sl_mix64(0) == UINT64_C(0xe220a8397b1dcdaf)); /* SplitMix64, seed 0, first output */
}

static void a_file_is_whole_or_absent(void **state)
{
    struct sl_error err = {0};

    (void)state;
    assert_int_equal(sl_file_save("/nonexistent/x.json", "x", 1, &err), SL_EOUTPUT);
    assert_string_equal(err.text, "cannot write '/nonexistent/x.json': No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_says_where_first),
        cmocka_unit_test(long_errors_are_cut_not_overrun),
        cmocka_unit_test(exit_codes_are_as_documented),
        cmocka_unit_test(arrays_check_their_size),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(the_nearest_name_is_near),
        cmocka_unit_test(the_hash_is_the_documented_one),
        cmocka_unit_test(a_file_is_whole_or_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
