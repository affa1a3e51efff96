/* Partition keys as columns: what each type makes of a value, whatever the file has. */
#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "scoreline/source.h"

static const char data[] = "region,x\nfile,1\nfile,no number\nfile\nfile,4\n";

static char  key_region[] = "region";
static char  key_year[] = "year";
static char *keys[] = {key_region, key_year};
static char  na[] = "NA";
static char *missing[] = {na};

static const struct sl_input_spec spec = {.delimiter = ',',
                                          .quote = '"',
                                          .n_missing = 1,
                                          .missing = missing,
                                          .max_field_bytes = 100,
                                          .max_record_bytes = 1000};

static int set_up(void **state)
{
    char *path = strdup("/tmp/scoreline_source_XXXXXX");
    int   fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, sizeof data - 1), sizeof data - 1);
    assert_int_equal(close(fd), 0);
    *state = path;
    return 0;
}

static int tear_down(void **state)
{
    unlink(*state);
    free(*state);
    return 0;
}

static struct sl_column_request request_of(char *name, enum sl_type type)
{
    return (struct sl_column_request){.name = name, .type = type};
}

static struct sl_source_range range_of(const char *path, char *const *values)
{
    return (struct sl_source_range){.path = path,
                                    .end_byte = sizeof data - 1,
                                    .is_certain = true,
                                    .n_keys = 2,
                                    .keys = keys,
                                    .values = values};
}

/* The file's own column of that name is not read, and a bad record keeps its key. */
static void test_text(void **state)
{
    char                    *values[] = {(char[]){"east"}, (char[]){"NA"}};
    char                     x[] = "x";
    struct sl_column_request requests[] = {request_of(key_region, SL_TEXT),
                                           request_of(x, SL_NUMBER), request_of(key_year, SL_TEXT)};
    struct sl_source_range   range = range_of(*state, values);
    struct sl_source        *source = NULL;
    struct sl_column_block   block;
    struct sl_error          err = {0};

    assert_int_equal(sl_column_block_init(&block, requests, 3, &err), SL_OK);
    assert_int_equal(sl_source_open(&spec, &range, requests, 3, &source, &err), SL_OK);
    assert_int_equal(sl_source_next(source, &block, &err), SL_OK);
    assert_int_equal(block.n_rows, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(sl_slice_equals(block.columns[0].values.text[i], "east"));
        assert_true(sl_slice_equals(block.columns[2].values.text[i], "NA"));
    }
    assert_int_equal(block.reject[1], SL_NOT_A_NUMBER);
    assert_int_equal(block.reject[2], SL_TOO_FEW_FIELDS);
    assert_true(block.columns[1].values.number[3] == 4.0);
    sl_source_close(source);
    sl_column_block_release(&block);
}

/* A second open of the same source has other values. */
static void test_numbers(void **state)
{
    static const struct {
        const char *value;
        double      number; /* NAN: missing */
        int64_t     integer;
        bool        is_number;
        bool        is_integer;
    } cases[] = {
        {"2015", 2015, 2015, true, true},
        {"007", 7, 7, true, true},
        {"-3", -3, -3, true, true},
        {"1.5", 1.5, 0, true, false},
        {"NA", (double)NAN, SL_INTEGER_MISSING, true, true},
        {"1e999", (double)NAN, 0, true, false},
        {"2015-01", 0, 0, false, false},
        {"east", 0, 0, false, false},
    };
    struct sl_column_request requests[] = {request_of(key_year, SL_NUMBER),
                                           request_of(key_year, SL_INTEGER)};
    struct sl_source        *source = NULL;
    struct sl_column_block   block[2];
    struct sl_error          err = {0};
    char                     text[2][128];

    for (int t = 0; t < 2; t++)
        assert_int_equal(sl_column_block_init(&block[t], &requests[t], 1, &err), SL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char                  *values[] = {key_region, (char *)(uintptr_t)cases[i].value};
        struct sl_source_range range = range_of(*state, values);
        const bool             fits[2] = {cases[i].is_number, cases[i].is_integer};

        for (int t = 0; t < 2; t++) {
            sl_status rc = sl_source_open(&spec, &range, &requests[t], 1, &source, &err);

            assert_int_equal(rc, fits[t] ? SL_OK : SL_EINPUT);
            snprintf(text[t], sizeof text[t], "partition key 'year' is '%s', which is no %s",
                     cases[i].value, t == 0 ? "number" : "integer");
            if (rc != SL_OK)
                assert_string_equal(err.text, text[t]);
            else
                assert_int_equal(sl_source_next(source, &block[t], &err), SL_OK);
            if (rc != SL_OK)
                continue;
            assert_int_equal(block[t].n_rows, 4);
            if (t == 1)
                assert_int_equal(block[t].columns[0].values.integer[3], cases[i].integer);
            else if (isnan(cases[i].number))
                assert_true(isnan(block[t].columns[0].values.number[3]));
            else
                assert_true(block[t].columns[0].values.number[3] == cases[i].number);
        }
    }
    sl_source_close(source);
    for (int t = 0; t < 2; t++)
        sl_column_block_release(&block[t]);
}

/* After a failed open there are no rows, also where the one before had not been read. */
static void test_failed_open_has_no_rows(void **state)
{
    char                    *values[] = {key_region, (char[]){"5"}};
    struct sl_column_request request = request_of(key_year, SL_NUMBER);
    struct sl_source_range   range = range_of(*state, values);
    struct sl_source        *source = NULL;
    struct sl_column_block   block;
    struct sl_error          err = {0};

    assert_int_equal(sl_column_block_init(&block, &request, 1, &err), SL_OK);
    assert_int_equal(sl_source_open(&spec, &range, &request, 1, &source, &err), SL_OK);
    values[1] = key_region;
    assert_int_equal(sl_source_open(&spec, &range, &request, 1, &source, &err), SL_EINPUT);
    assert_int_equal(sl_source_next(source, &block, &err), SL_OK);
    assert_int_equal(block.n_rows, 0);
    sl_source_close(source);
    sl_column_block_release(&block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_open_has_no_rows, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
