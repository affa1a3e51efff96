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
#include "scoreline/hash.h"
#include "scoreline/memory.h"

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
        int n = cases[i].n;

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

enum { N_SHARDED = 5 };
static const int64_t sharded_bytes[N_SHARDED] = {0, 10, 3, 0,
                                                 21}; /* the last two of one partition */

/* A plan of four partitions whose texts sl_partition_release() can free. */
static void make_sharded(struct sl_plan *plan, int64_t chunk_bytes)
{
    struct sl_error err;

    *plan = (struct sl_plan){.n_partitions = 4, .n_files = N_SHARDED};
    assert_int_equal(sl_alloc_array(4, sizeof *plan->partitions, &plan->partitions, &err), SL_OK);
    assert_int_equal(sl_alloc_array(N_SHARDED, sizeof *plan->files, &plan->files, &err), SL_OK);
    for (int f = 0; f < N_SHARDED; f++)
        plan->files[f].n_bytes = sharded_bytes[f];
    for (int p = 0; p < 4; p++)
        plan->partitions[p] =
            (struct sl_partition){.first_file = p, .n_files = p == 3 ? 2 : 1, .index = p};
    assert_int_equal(sl_catalog_cut(plan, chunk_bytes, &err), SL_OK);
}

/* One shard, whose chunks go on where those of the shards before it ended; what is scanned only
 * goes from the beginning of its partition to there. */
static void check_shard(const struct sl_plan *plan, int64_t *file, int64_t *byte, bool *has_empty)
{
    int64_t scanned_file = -1;
    int64_t scanned = 0;

    for (int64_t c = 0; c < plan->n_chunks; c++) {
        const struct sl_chunk *chunk = &plan->chunks[c];

        assert_in_range(chunk->partition, 0, plan->n_partitions - 1);
        assert_int_equal(plan->partitions[chunk->partition].index,
                         chunk->file == 4 ? 3 : chunk->file);
        if (chunk->scan_only) {
            assert_int_equal(chunk->partition, 0);
            assert_int_equal(chunk->first_byte, chunk->file == scanned_file ? scanned : 0);
            scanned_file = chunk->file;
            scanned = chunk->end_byte;
            continue;
        }
        if (chunk->first_byte == chunk->end_byte) {
            assert_int_equal(sharded_bytes[chunk->file], 0);
            assert_false(has_empty[chunk->file]);
            has_empty[chunk->file] = true;
            continue;
        }
        while (*file < N_SHARDED && *byte == sharded_bytes[*file]) {
            ++*file;
            *byte = 0;
        }
        if (scanned_file == chunk->file)
            assert_int_equal(chunk->first_byte, scanned);
        scanned_file = -1;
        assert_int_equal(chunk->file, *file);
        assert_int_equal(chunk->first_byte, *byte);
        *byte = chunk->end_byte;
    }
}

static void test_shards_have_every_byte_once(void **state)
{
    static const int64_t chunk_bytes[] = {0, 1, 2, 7, 100};
    struct sl_error      err;

    (void)state;
    for (int64_t n = 1; n <= 40; n++) {
        for (size_t k = 0; k < sizeof chunk_bytes / sizeof *chunk_bytes; k++) {
            bool    has_empty[N_SHARDED] = {false};
            int64_t file = 0;
            int64_t byte = 0;
            int64_t total = 0;

            for (int64_t i = 1; i <= n; i++) {
                struct sl_plan plan;

                make_sharded(&plan, chunk_bytes[k]);
                assert_int_equal(sl_catalog_shard(&plan, i, n, &err), SL_OK);
                assert_in_range(sl_plan_bytes(&plan), 34 / n, (34 + n - 1) / n);
                total += sl_plan_bytes(&plan);
                check_shard(&plan, &file, &byte, has_empty);
                sl_plan_release(&plan);
            }
            assert_int_equal(total, 34);
            assert_int_equal(file, N_SHARDED - 1);
            assert_int_equal(byte, sharded_bytes[N_SHARDED - 1]);
            assert_true(has_empty[0] && has_empty[3]);
        }
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

/* Partitions found, holes and stars, in a directory with a few files that are none of them. */
static const char *const extra[] = {"wta/2016.csv.bak", "wta/.2013.csv", "wta/2014-b.csv",
                                    "wta/2014-a.csv",   "atp/10.csv",    "atp/9.csv",
                                    "atp/x.csv"};

static int set_up_more(void **state)
{
    struct place *place;
    int           rc = set_up(state);

    place = *state;
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
        put_file(in_place(place, extra[i]), "12345");
    assert_int_equal(mkdir(in_place(place, "atp/1999.csv"), 0700), 0);
    assert_int_equal(symlink("9.csv", in_place(place, "atp/7.csv")), 0);
    assert_int_equal(symlink("nowhere", in_place(place, "atp/8.csv")), 0);
    return rc;
}

static int tear_down_more(void **state)
{
    struct place *place = *state;

    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
        unlink(in_place(place, extra[i]));
    rmdir(in_place(place, "atp/1999.csv"));
    unlink(in_place(place, "atp/7.csv"));
    unlink(in_place(place, "atp/8.csv"));
    return tear_down(state);
}

/* "name:index:files bytes" of each partition. */
static void describe(const struct sl_plan *plan, char *out, size_t out_bytes)
{
    size_t n = 0;

    out[0] = '\0';
    for (int i = 0; i < plan->n_partitions && n < out_bytes; i++) {
        const struct sl_partition *p = &plan->partitions[i];
        int64_t                    first_byte = 0;

        n += (size_t)snprintf(out + n, out_bytes - n, "%s%s:%d:%dx%d", i > 0 ? " " : "", p->name,
                              p->index, p->n_files, (int)p->n_bytes);
        for (int32_t f = p->first_file; f < p->first_file + p->n_files; f++) {
            assert_int_equal(plan->files[f].first_byte, first_byte);
            first_byte += plan->files[f].n_bytes;
        }
        assert_int_equal(first_byte, p->n_bytes);
    }
    snprintf(out + n, n < out_bytes ? out_bytes - n : 0, " of %d", plan->n_all);
}

struct listing_case {
    const char   *path;
    const char   *tours; /* values given, by blanks; NULL: to be found */
    const char   *years;
    enum sl_holes holes;
    const char   *wanted; /* years selected, NULL: all */
    const char   *only;   /* tours of --only, NULL: all */
    const char   *found;
    const char   *fault; /* %s is the directory */
};

static const struct listing_case listing_cases[] = {
    {"{tour}/{year}.csv", "wta atp", "2014 2015", SL_HOLES_FAIL, NULL, NULL,
     "wta/2014:0:1x12 wta/2015:1:1x12 atp/2014:2:1x12 atp/2015:3:1x12 of 4", NULL},
    {"{tour}/{year}.csv", "wta atp", "2014 2016", SL_HOLES_SKIP, NULL, NULL,
     "wta/2014:0:1x12 wta/2016:1:1x0 atp/2014:2:1x12 of 3", NULL},
    {"{tour}/{year}.csv", "atp wta", "2016 2014", SL_HOLES_SKIP, NULL, "wta",
     "wta/2016:1:1x0 wta/2014:2:1x12 of 3", NULL},
    /* what --only leaves out is not looked at where holes are faults */
    {"{tour}/{year}.csv", "atp wta", "2016 2014", SL_HOLES_FAIL, NULL, "wta",
     "wta/2016:2:1x0 wta/2014:3:1x12 of 4", NULL},
    {"{tour}/{year}.csv", "wta", "2012 2014", SL_HOLES_FAIL, NULL, NULL, NULL,
     "partition 'wta/2012': '%s/wta/2012.csv': no such file"},
    {"{tour}/{year}.csv", "atp", "2016 2017", SL_HOLES_SKIP, NULL, NULL, NULL,
     "'%s/{tour}/{year}.csv': no file for any of the partitions wanted"},
    {"{tour}/{year}.csv", "wta", NULL, SL_HOLES_FAIL, NULL, NULL,
     "wta/2014:0:1x12 wta/2015:1:1x12 wta/2016:2:1x0 wta/2014-a:3:1x5 wta/2014-b:4:1x5 of 5", NULL},
    {"{tour}/{year}.csv", "atp", NULL, SL_HOLES_FAIL, NULL, NULL,
     "atp/7:0:1x5 atp/9:1:1x5 atp/10:2:1x5 atp/2014:3:1x12 atp/2015:4:1x12 atp/x:5:1x5 of 6", NULL},
    {"{tour}/2014.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "atp:0:1x12 wta:1:1x12 of 2", NULL},
    {"{tour}/2016.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "wta:0:1x0 of 1", NULL},
    {"{tour}/{year}.csv", NULL, "2015 2014", SL_HOLES_FAIL, NULL, NULL,
     "2015/atp:0:1x12 2015/wta:1:1x12 2014/atp:2:1x12 2014/wta:3:1x12 of 4", NULL},
    {"{tour}/{year}.csv", NULL, "2015 2016", SL_HOLES_FAIL, NULL, NULL, NULL,
     "partition '2016/atp': '%s/atp/2016.csv': no such file"},
    {"{tour}/{year}.csv", NULL, "2015 2016", SL_HOLES_SKIP, NULL, NULL,
     "2015/atp:0:1x12 2015/wta:1:1x12 2016/wta:2:1x0 of 3", NULL},
    {"{tour}/{year}.csv", NULL, NULL, SL_HOLES_FAIL, "2014 2016", NULL,
     "atp/2014:0:1x12 wta/2014:1:1x12 wta/2016:2:1x0 of 3", NULL},
    {"{tour}/{year}.csv", NULL, NULL, SL_HOLES_FAIL, "2014 2016", "wta",
     "wta/2014:1:1x12 wta/2016:2:1x0 of 3", NULL},
    {"{tour}/{year}.csv", NULL, NULL, SL_HOLES_FAIL, "2017", NULL, NULL,
     "'{tour}/{year}.csv': no file with '2017' for {year}, did you mean '2014'?"},
    {"{tour}/{year}.csv", NULL, NULL, SL_HOLES_SKIP, "2017 2014", NULL,
     "atp/2014:0:1x12 wta/2014:1:1x12 of 2", NULL},
    {"{tour}/{year}.tsv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, NULL,
     "'%s/{tour}/{year}.tsv': no file matches"},
    {"nowhere/{tour}.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, NULL,
     "'%s/nowhere/{tour}.csv': no file matches"},
    {"wta/{year}*.csv", NULL, "2014 2016", SL_HOLES_FAIL, NULL, NULL, "2014:0:3x22 2016:1:1x0 of 2",
     NULL},
    {"wta/{year}-*.csv", NULL, "2014", SL_HOLES_FAIL, NULL, NULL, "2014:0:2x10 of 1", NULL},
    {"wta/{year}-*.csv", NULL, "2015", SL_HOLES_FAIL, NULL, NULL, NULL,
     "partition '2015': '%s/wta/2015-*.csv': no file matches"},
    {"wta/{year}-*.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "2014:0:2x10 of 1", NULL},
    {"wta/{year}*", NULL, NULL, SL_HOLES_FAIL, NULL, NULL,
     "2014:0:3x22 2015:1:1x12 2016:2:2x5 of 3", NULL},
    {"{tour}*/2014.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "atp:0:1x12 wta:1:1x12 of 2", NULL},
    {"wta/{tour}{year}.csv", NULL, "4", SL_HOLES_FAIL, NULL, NULL, "4/201:0:1x12 of 1", NULL},
    {"w*a/{year}-*.*", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "2014:0:2x10 of 1", NULL},
    {"*/{year}.csv", NULL, "2014 2015", SL_HOLES_FAIL, NULL, NULL, "2014:0:2x24 2015:1:2x24 of 2",
     NULL},
    {"*/*{year}.csv", NULL, "4 5", SL_HOLES_FAIL, NULL, NULL, "4:0:2x24 5:1:2x24 of 2", NULL},
    {"*/2014*.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "*/2014*.csv:0:4x34 of 1", NULL},
    {"*/2014.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "*/2014.csv:0:2x24 of 1", NULL},
    {"wta/*", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "wta/*:0:6x39 of 1", NULL},
    {"wta/.{year}.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, "2013:0:1x5 of 1", NULL},
    {"{tour}/20{year}-{tour}.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL, NULL,
     "'%s/{tour}/20{year}-{tour}.csv': no file matches"},
    {"wta/{year}-{tour}.csv", NULL, NULL, SL_HOLES_FAIL, NULL, NULL,
     "2014/a:0:1x5 2014/b:1:1x5 of 2", NULL},
    {"wta/{year}{tour}.csv", NULL, "2014", SL_HOLES_FAIL, NULL, NULL,
     "2014/-a:0:1x5 2014/-b:1:1x5 of 2", NULL},
    {"*/{year}*", NULL, "2015 201", SL_HOLES_FAIL, NULL, NULL, NULL,
     "'%s/atp/2015.csv' belongs to two partitions, '2015' and '201'"},
};

/* Values between blanks; `to` points into text, which gets a copy of them. */
static int split(char text[64], const char *values, char **to)
{
    int n = 0;

    if (values == NULL)
        return 0;
    snprintf(text, 64, "%s", values);
    for (char *p = text; p != NULL; n++) {
        to[n] = p;
        p = strchr(p, ' ');
        if (p != NULL)
            *p++ = '\0';
    }
    return n;
}

/* The keys as job.c leaves them: those with values first, then those of the path. */
static int give_keys(const struct listing_case *c, struct sl_key *keys, char **texts,
                     char *values[2][8])
{
    static char       tour[] = "tour";
    static char       year[] = "year";
    char             *names[2] = {tour, year};
    const char       *given[2] = {c->tours, c->years};
    const char *const places[2] = {strstr(c->path, "{tour}"), strstr(c->path, "{year}")};
    int               n = 0;
    int               first = places[1] != NULL && places[0] != NULL && places[1] < places[0];

    for (int k = 0; k < 2; k++)
        if (given[k] != NULL)
            keys[n++] = (struct sl_key){names[k], split(texts[k], given[k], values[k]), values[k]};
    for (int i = 0; i < 2; i++) {
        int k = i == 0 ? first : !first;

        if (given[k] == NULL && places[k] != NULL)
            keys[n++] = (struct sl_key){names[k], 0, NULL};
    }
    return n;
}

static void check_listing(struct place *place, const struct listing_case *c)
{
    char          texts[4][64];
    char         *text_of[2] = {texts[0], texts[1]};
    char         *values[2][8];
    char         *wanted[8];
    char         *only_wanted[8];
    struct sl_key keys[2];
    struct sl_key year = {(char[]){"year"}, split(texts[2], c->wanted, wanted), wanted};
    struct sl_key tour = {(char[]){"tour"}, split(texts[3], c->only, only_wanted), only_wanted};
    struct sl_selection  selection = {c->wanted != NULL, &year};
    struct sl_selection  only = {1, &tour};
    struct sl_input_spec spec = {.root = place->directory,
                                 .path = (char *)(uintptr_t)c->path,
                                 .keys = keys,
                                 .holes = c->holes};
    struct sl_plan       plan;
    struct sl_error      err = {0};
    char                 found[512];
    sl_status            rc;

    spec.n_keys = give_keys(c, keys, text_of, values);
    rc = sl_catalog_list(&spec, &selection, c->only != NULL ? &only : NULL, &plan, &err);
    assert_int_equal(rc == SL_OK, c->fault == NULL);
    if (c->fault == NULL) {
        describe(&plan, found, sizeof found);
        assert_string_equal(found, c->found);
    } else {
        snprintf(found, sizeof found, c->fault, place->directory);
        assert_string_equal(err.text, found);
    }
    sl_plan_release(&plan);
}

static void test_listings(void **state)
{
    for (size_t i = 0; i < sizeof listing_cases / sizeof *listing_cases; i++)
        check_listing(*state, &listing_cases[i]);
}

/* A plan goes to the other ranks as bytes. */
static void test_pack(void **state)
{
    struct place       *place = *state;
    struct sl_selection all = {0, NULL};
    struct sl_plan      plan;
    struct sl_plan      copy;
    struct sl_error     err;
    void               *data = NULL;
    size_t              n_bytes;
    char                texts[2][512];

    set_path(place, "{tour}/{year}*");
    place->keys[1].n_values = 2;
    assert_int_equal(sl_catalog_list(&place->spec, &all, NULL, &plan, &err), SL_OK);
    assert_int_equal(sl_catalog_cut(&plan, 5, &err), SL_OK);
    plan.partitions[1].trained_on = true;
    assert_int_equal(sl_plan_pack(&plan, &data, &n_bytes, &err), SL_OK);
    assert_int_equal(sl_plan_unpack(data, n_bytes, &copy, &err), SL_OK);
    describe(&plan, texts[0], sizeof texts[0]);
    describe(&copy, texts[1], sizeof texts[1]);
    assert_string_equal(texts[0], texts[1]);
    assert_int_equal(copy.n_chunks, plan.n_chunks);
    assert_memory_equal(copy.chunks, plan.chunks, (size_t)plan.n_chunks * sizeof *plan.chunks);
    assert_true(copy.partitions[1].trained_on);
    assert_string_equal(copy.partitions[3].source, plan.partitions[3].source);
    assert_string_equal(copy.files[copy.n_files - 1].path, plan.files[plan.n_files - 1].path);
    assert_int_equal(copy.files[0].mtime_ns, plan.files[0].mtime_ns);
    sl_plan_release(&copy);
    for (size_t n = 0; n < n_bytes; n++) {
        assert_int_equal(sl_plan_unpack(data, n, &copy, &err), SL_EBUG);
        assert_null(copy.partitions);
    }
    free(data);
    sl_plan_release(&plan);
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
    assert_int_equal(plan.n_partitions, 3);
    assert_int_equal(sl_catalog_fingerprint(&plan, &err), SL_OK);
    hash = sl_mix64(sl_mix64(plan.partitions[0].input) ^ plan.partitions[1].input) ^
           plan.partitions[2].input;
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
        cmocka_unit_test_setup_teardown(test_listings, set_up_more, tear_down_more),
        cmocka_unit_test_setup_teardown(test_pack, set_up, tear_down),
        cmocka_unit_test(test_shards_have_every_byte_once),
        cmocka_unit_test_setup_teardown(test_fingerprint, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
