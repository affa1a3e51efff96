/* Partitions: which there are, in which order, under which names; chunks; the fingerprint. */
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

#include "scoreline/catalog.h"

static char *tours[] = {"wta", "atp"};
static char *years[] = {"2014", "2015", "2016"};

/* A directory with TOUR/YEAR.csv for both tours and all years, but atp/2016. */
struct place {
    char                 directory[64];
    char                 path[128];
    struct sl_key        keys[2];
    struct sl_input_spec spec;
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

static const char *const files[] = {"wta/2014.csv", "wta/2015.csv", "wta/2016.csv", "atp/2014.csv",
                                    "atp/2015.csv"};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    strncpy(place->directory, "/tmp/scoreline_catalog_XXXXXX", sizeof place->directory - 1);
    assert_non_null(mkdtemp(place->directory));
    assert_int_equal(mkdir(in_place(place, "wta"), 0700), 0);
    assert_int_equal(mkdir(in_place(place, "atp"), 0700), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put_file(in_place(place, files[i]), files[i]);
    put_file(in_place(place, "wta/2016.csv"), "");
    place->keys[0] = (struct sl_key){strdup("tour"), 2, tours};
    place->keys[1] = (struct sl_key){strdup("year"), 3, years};
    place->spec = (struct sl_input_spec){.root = place->directory,
                                         .path = strdup("{tour}/{year}.csv"),
                                         .n_keys = 2,
                                         .keys = place->keys};
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(in_place(place, files[i]));
    rmdir(in_place(place, "wta"));
    rmdir(in_place(place, "atp"));
    rmdir(place->directory);
    free(place->keys[0].name);
    free(place->keys[1].name);
    free(place->spec.path);
    free(place);
    return 0;
}

static void set_path(struct place *place, const char *path)
{
    free(place->spec.path);
    place->spec.path = strdup(path);
}

static void expect_names(const struct sl_plan *plan, int n, const char *const *names)
{
    assert_int_equal(plan->n_partitions, n);
    for (int i = 0; i < n; i++)
        assert_string_equal(plan->partitions[i].name, names[i]);
}

static void test_list(void **state)
{
    static const char *const expected[] = {"wta/2014", "wta/2015", "atp/2014", "atp/2015"};
    struct place            *place = *state;
    char                    *wanted_years[] = {years[1], years[0]};
    struct sl_key            wanted = {place->keys[1].name, 2, wanted_years};
    struct sl_selection      selection = {1, &wanted};
    struct sl_plan           plan;
    struct sl_error          err;

    assert_int_equal(sl_catalog_list(&place->spec, &selection, NULL, &plan, &err), SL_OK);
    expect_names(&plan, 4, expected);
    assert_int_equal(plan.n_keys, 2);
    assert_string_equal(plan.keys[1], "year");
    assert_string_equal(plan.partitions[2].values[0], "atp");
    assert_string_equal(plan.partitions[2].values[1], "2014");
    assert_string_equal(plan.partitions[2].source, in_place(place, "atp/2014.csv"));
    assert_string_equal(plan.files[2].path, in_place(place, "atp/2014.csv"));
    assert_int_equal(plan.partitions[2].n_bytes, strlen("atp/2014.csv"));
    assert_true(plan.files[2].mtime_ns > 0);
    assert_false(plan.partitions[2].trained_on);
    assert_int_equal(plan.n_chunks, 0);
    sl_plan_release(&plan);
}

/* OR within a key, AND over keys. */
static void test_selection(void **state)
{
    static const char *const expected[] = {"wta/2014", "wta/2016"};
    struct place            *place = *state;
    char                    *wanted_years[] = {years[2], years[0]};
    struct sl_key            wanted[] = {{place->keys[1].name, 2, wanted_years},
                                         {place->keys[0].name, 1, tours}};
    struct sl_selection      selection = {2, wanted};
    struct sl_plan           plan;
    struct sl_error          err;

    assert_int_equal(sl_catalog_list(&place->spec, &selection, NULL, &plan, &err), SL_OK);
    expect_names(&plan, 2, expected);
    sl_plan_release(&plan);
}

static void test_without_keys(void **state)
{
    static const char *const expected[] = {"wta/2014.csv"};
    struct place            *place = *state;
    struct sl_selection      all = {0, NULL};
    struct sl_plan           plan;
    struct sl_error          err;

    set_path(place, "wta/2014.csv");
    place->spec.n_keys = 0;
    assert_int_equal(sl_catalog_list(&place->spec, &all, NULL, &plan, &err), SL_OK);
    expect_names(&plan, 1, expected);
    sl_plan_release(&plan);
    set_path(place, in_place(place, "wta/2014.csv")); /* an absolute path needs no root */
    assert_int_equal(sl_catalog_list(&place->spec, &all, NULL, &plan, &err), SL_OK);
    assert_string_equal(plan.partitions[0].source, place->path);
    sl_plan_release(&plan);
}

static void expect_error(struct place *place, const struct sl_selection *selection, sl_status code,
                         const char *text)
{
    struct sl_plan  plan;
    struct sl_error err = {0};

    assert_int_equal(sl_catalog_list(&place->spec, selection, NULL, &plan, &err), code);
    assert_string_equal(err.text, text);
    assert_null(plan.partitions);
}

static void test_errors(void **state)
{
    struct place       *place = *state;
    char               *absent[] = {(char[]){"1999"}};
    char                misspelt[] = "yaer";
    struct sl_key       bad_value = {place->keys[1].name, 1, absent};
    struct sl_key       bad_key = {misspelt, 1, years};
    struct sl_selection all = {0, NULL};
    char                text[256];

    snprintf(text, sizeof text, "partition 'atp/2016': '%s/atp/2016.csv': no such file",
             place->directory);
    expect_error(place, &all, SL_EINPUT, text);
    expect_error(place, &(struct sl_selection){1, &bad_value}, SL_EJOB,
                 "data.partitions: key 'year' has no value '1999'");
    expect_error(place, &(struct sl_selection){1, &bad_key}, SL_EJOB,
                 "data.partitions has no key 'yaer', did you mean 'year'?");
    set_path(place, "{tour}/{jahr}.csv");
    expect_error(place, &all, SL_EJOB, "data.path: '{jahr}' is no key of data.partitions");
    set_path(place, "{tour}");
    snprintf(text, sizeof text, "partition 'wta/2014': '%s/wta': is a directory", place->directory);
    expect_error(place, &all, SL_EINPUT, text);
}

static void test_cut(void **state)
{
    static const struct {
        int64_t chunk_bytes;
        int     n;
        int64_t first[4]; /* of each chunk; the last one ends at 10 */
    } cases[] = {
        {0, 1, {0}},    {10, 1, {0}},      {11, 1, {0}},         {5, 2, {0, 5}},
        {9, 2, {0, 9}}, {4, 3, {0, 4, 8}}, {3, 4, {0, 3, 6, 9}}, {INT64_MAX, 1, {0}},
    };
    struct sl_error err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_file      in_file[] = {{.n_bytes = 0}, {.n_bytes = 10}, {.n_bytes = 2}};
        struct sl_partition partitions[] = {{.n_files = 1}, {.first_file = 1, .n_files = 2}};
        struct sl_plan      plan = {
                 .n_partitions = 2, .partitions = partitions, .n_files = 3, .files = in_file};
        int                 n = cases[i].n;

        assert_int_equal(sl_catalog_cut(&plan, cases[i].chunk_bytes, &err), SL_OK);
        assert_true(plan.n_chunks > n + 1);
        assert_int_equal(plan.chunks[0].partition, 0);
        assert_int_equal(plan.chunks[0].first_byte, 0);
        assert_int_equal(plan.chunks[0].end_byte, 0);
        for (int c = 0; c < n; c++) {
            assert_int_equal(plan.chunks[c + 1].partition, 1);
            assert_int_equal(plan.chunks[c + 1].file, 1);
            assert_int_equal(plan.chunks[c + 1].first_byte, cases[i].first[c]);
            assert_int_equal(plan.chunks[c + 1].end_byte, c + 1 < n ? cases[i].first[c + 1] : 10);
        }
        assert_int_equal(plan.chunks[n + 1].partition, 1);
        assert_int_equal(plan.chunks[n + 1].file, 2);
        assert_int_equal(plan.chunks[n + 1].first_byte, 0);
        assert_int_equal(plan.chunks[plan.n_chunks - 1].end_byte, 2);
        free(plan.chunks);
    }
}

static void test_mark_trained(void **state)
{
    struct place *place = *state;
    struct sl_key wanted[] = {{place->keys[1].name, 1, &years[1]}, {place->keys[0].name, 1, tours}};
    struct sl_selection one = {2, wanted};
    struct sl_selection some = {1, wanted};
    struct sl_plan      plan;
    struct sl_plan      trained;
    struct sl_error     err;

    assert_int_equal(sl_catalog_list(&place->spec, &some, NULL, &plan, &err), SL_OK);
    assert_int_equal(sl_catalog_list(&place->spec, &one, NULL, &trained, &err), SL_OK);
    assert_int_equal(sl_catalog_mark_trained(&plan, &trained, &err), SL_OK);
    assert_true(plan.partitions[0].trained_on);
    assert_false(plan.partitions[1].trained_on);
    sl_plan_release(&plan);
    sl_plan_release(&trained);
}

static uint64_t fingerprint(struct place *place)
{
    struct sl_key       wanted = {place->keys[0].name, 1, tours};
    struct sl_selection selection = {1, &wanted};
    struct sl_plan      plan;
    struct sl_error     err;
    uint64_t            hash;

    assert_int_equal(sl_catalog_list(&place->spec, &selection, NULL, &plan, &err), SL_OK);
    for (int i = 0; i < plan.n_files; i++)
        plan.files[i].mtime_ns = 0; /* so that contents alone tell */
    assert_int_equal(sl_catalog_fingerprint(&plan, &hash, &err), SL_OK);
    sl_plan_release(&plan);
    return hash;
}

static void test_fingerprint(void **state)
{
    enum { LONG = 20000 };
    struct place *place = *state;
    char         *data = malloc(LONG + 1);
    uint64_t      before;
    uint64_t      whole;

    assert_non_null(data);
    before = fingerprint(place);
    assert_true(before == fingerprint(place));
    memset(data, 'x', LONG);
    data[LONG] = '\0';
    put_file(in_place(place, "wta/2016.csv"), data);
    whole = fingerprint(place);
    assert_true(whole != before);
    data[4095] = 'y';
    put_file(place->path, data);
    assert_true(fingerprint(place) != whole);
    data[4095] = 'x';
    data[LONG - 4096] = 'y';
    put_file(place->path, data);
    assert_true(fingerprint(place) != whole);
    data[LONG - 4096] = 'x';
    put_file(place->path, data);
    assert_true(fingerprint(place) == whole);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_selection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
        cmocka_unit_test(test_cut),
        cmocka_unit_test_setup_teardown(test_mark_trained, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fingerprint, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
