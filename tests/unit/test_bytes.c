/* Byte ranges of files: sizes, reads at the edges, and every refusal with its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "scoreline/bytes.h"

/* A directory with `ten` (ten bytes), `empty` and `pipe`. */
struct place {
    char directory[64];
    char path[128];
};

static const char *in_place(struct place *place, const char *name)
{
    snprintf(place->path, sizeof place->path, "%s/%s", place->directory, name);
    return place->path;
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    strncpy(place->directory, "/tmp/scoreline_bytes_XXXXXX", sizeof place->directory - 1);
    assert_non_null(mkdtemp(place->directory));
    put_file(in_place(place, "ten"), "0123456789");
    put_file(in_place(place, "empty"), "");
    assert_int_equal(mkfifo(in_place(place, "pipe"), 0600), 0);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    unlink(in_place(place, "ten"));
    unlink(in_place(place, "empty"));
    unlink(in_place(place, "pipe"));
    rmdir(place->directory);
    free(place);
    return 0;
}

static void test_stat(void **state)
{
    struct place        *place = *state;
    struct sl_bytes_info info;
    struct sl_error      err;
    struct stat          status;

    assert_int_equal(sl_bytes_stat(in_place(place, "ten"), &info, &err), SL_OK);
    assert_int_equal(info.n_bytes, 10);
    assert_int_equal(stat(place->path, &status), 0);
    assert_true(info.mtime_ns ==
                (int64_t)status.st_mtim.tv_sec * 1000000000 + (int64_t)status.st_mtim.tv_nsec);
    assert_int_equal(sl_bytes_stat(in_place(place, "empty"), &info, &err), SL_OK);
    assert_int_equal(info.n_bytes, 0);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } cases[] = {
        {"absent", "no such file"},
        {"", "is a directory"},
        {"pipe", "is no regular file"},
        {"ten/x", "not a directory"},
    };
    struct place *place = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char          *path = in_place(place, cases[i].name);
        char                 expected[256];
        struct sl_bytes     *bytes = NULL;
        struct sl_bytes_info info;
        struct sl_error      err = {0};
        char                *data = NULL;
        size_t               n_bytes;

        snprintf(expected, sizeof expected, "'%s': %s", path, cases[i].text);
        assert_int_equal(sl_bytes_stat(path, &info, &err), SL_EINPUT);
        assert_string_equal(err.text, expected);
        assert_int_equal(sl_bytes_open(path, &bytes, &err), SL_EINPUT);
        assert_string_equal(err.text, expected);
        assert_null(bytes);
        assert_int_equal(sl_bytes_slurp(path, 100, &data, &n_bytes, &err), SL_EINPUT);
        assert_string_equal(err.text, expected);
        assert_null(data);
    }
    sl_bytes_close(NULL);
}

static void test_read(void **state)
{
    static const struct {
        int64_t     offset;
        size_t      n_bytes;
        const char *text;
    } cases[] = {
        {0, 10, "0123456789"}, {0, 20, "0123456789"}, {3, 4, "3456"}, {9, 1, "9"},
        {9, 5, "9"},           {10, 5, ""},           {99, 5, ""},    {4, 0, ""},
    };
    struct place    *place = *state;
    struct sl_bytes *bytes = NULL;
    struct sl_error  err;

    assert_int_equal(sl_bytes_open(in_place(place, "ten"), &bytes, &err), SL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char   to[32] = {0};
        size_t n_read;

        assert_int_equal(sl_bytes_read(bytes, cases[i].offset, cases[i].n_bytes, to, &n_read, &err),
                         SL_OK);
        assert_int_equal(n_read, strlen(cases[i].text));
        assert_string_equal(to, cases[i].text);
    }
    sl_bytes_close(bytes);
}

static void test_slurp(void **state)
{
    struct place   *place = *state;
    struct sl_error err;
    char            expected[256];
    char           *data = NULL;
    size_t          n_bytes;

    assert_int_equal(sl_bytes_slurp(in_place(place, "ten"), 10, &data, &n_bytes, &err), SL_OK);
    assert_int_equal(n_bytes, 10);
    assert_string_equal(data, "0123456789");
    free(data);
    data = NULL;
    assert_int_equal(sl_bytes_slurp(in_place(place, "empty"), 10, &data, &n_bytes, &err), SL_OK);
    assert_int_equal(n_bytes, 0);
    assert_string_equal(data, "");
    free(data);
    data = NULL;
    assert_int_equal(sl_bytes_slurp(in_place(place, "ten"), 9, &data, &n_bytes, &err), SL_EINPUT);
    snprintf(expected, sizeof expected, "'%s': has 10 bytes, more than the 9 allowed", place->path);
    assert_string_equal(err.text, expected);
    assert_null(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stat, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_slurp, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
