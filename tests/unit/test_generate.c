/* The demo data set: its shape, and that every machine writes the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scoreline/hash.h"
#include "scoreline/generate.h"

enum { N_COLUMNS = 49, MATCH_NUM = 6, WINNER_POINTS = 46, LOSER_POINTS = 48 };

static const char header[] =
    "tourney_id,tourney_name,surface,draw_size,tourney_level,tourney_date,match_num,winner_id,"
    "winner_seed,winner_entry,winner_name,winner_hand,winner_ht,winner_ioc,winner_age,loser_id,"
    "loser_seed,loser_entry,loser_name,loser_hand,loser_ht,loser_ioc,loser_age,score,best_of,round,"
    "minutes,w_ace,w_df,w_svpt,w_1stIn,w_1stWon,w_2ndWon,w_SvGms,w_bpSaved,w_bpFaced,l_ace,l_df,"
    "l_svpt,l_1stIn,l_1stWon,l_2ndWon,l_SvGms,l_bpSaved,l_bpFaced,winner_rank,winner_rank_points,"
    "loser_rank,loser_rank_points\n";

struct place {
    char  directory[64]; /* made anew for a test */
    char  file[256];
    char *text; /* of the file read last */
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    snprintf(place->directory, sizeof place->directory, "/tmp/scoreline-generate-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    char          command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", place->directory);
    assert_int_equal(system(command), 0);
    free(place->text);
    free(place);
    return 0;
}

static void generate(struct sl_generate_opts opts)
{
    struct sl_error err = {0};

    if (sl_generate(&opts, &err) != SL_OK)
        fail_msg("%s", err.text);
}

static char *read_year(struct place *place, const char *directory, int year)
{
    struct stat info;
    FILE       *file;

    snprintf(place->file, sizeof place->file, "%s/wta_matches_%d.csv", directory, year);
    file = fopen(place->file, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &info), 0);
    free(place->text);
    place->text = calloc(1, (size_t)info.st_size + 1);
    assert_non_null(place->text);
    assert_int_equal(fread(place->text, 1, (size_t)info.st_size, file), info.st_size);
    fclose(file);
    return place->text;
}

/* Cut a line into its fields, in place; no field of this data holds a comma. */
static char *split_line(char *line, char **fields)
{
    char *end = strchr(line, '\n');
    int   n = 0;

    assert_non_null(end);
    *end = '\0';
    for (char *field = line; field != NULL; n++) {
        assert_in_range(n, 0, N_COLUMNS - 1);
        fields[n] = field;
        field = strchr(field, ',');
        if (field != NULL)
            *field++ = '\0';
    }
    assert_int_equal(n, N_COLUMNS);
    return end + 1;
}

static void test_shape(void **state)
{
    struct place *place = *state;
    char         *line;
    char         *fields[N_COLUMNS] = {NULL};
    char          tournament[32] = "";
    long          match = 0;
    int           n_rows = 0, n_missing = 0, n_positive = 0;

    generate((struct sl_generate_opts){2000, 2000, place->directory, 2820, 7, false});
    line = read_year(place, place->directory, 2000);
    assert_memory_equal(line, header, sizeof header - 1);
    for (line += sizeof header - 1; *line != '\0'; n_rows++) {
        line = split_line(line, fields);
        match = strcmp(tournament, fields[0]) == 0 ? match + 1 : 1;
        snprintf(tournament, sizeof tournament, "%s", fields[0]);
        assert_int_equal(strtol(fields[MATCH_NUM], NULL, 10), match);
        n_missing += fields[WINNER_POINTS][0] == '\0' || fields[LOSER_POINTS][0] == '\0';
        n_positive +=
            strtol(fields[WINNER_POINTS], NULL, 10) > strtol(fields[LOSER_POINTS], NULL, 10);
    }
    assert_int_equal(n_rows, 2820);
    assert_string_equal(tournament, "2000-071"); /* the calendar has begun anew */
    assert_in_range(n_missing, 2820 * 4 / 100, 2820 * 8 / 100);
    assert_in_range(n_positive, 2820 * 52 / 100, 2820 * 75 / 100);
}

static uint64_t hash_of(const char *text)
{
    struct sl_hash hash;

    sl_hash_init(&hash);
    sl_hash_add(&hash, text, strlen(text));
    return sl_hash_value(&hash);
}

/* The bytes are part of what the demo promises: a change of them is a change of the data set. */
static void test_bytes(void **state)
{
    struct place *place = *state;
    const struct {
        int      year;
        bool     quote_all;
        uint64_t hash;
    } cases[] = {
        {2000, false, UINT64_C(0x1f4883f1c7e1f180)},
        {2015, false, UINT64_C(0x388f4c27fe7839e7)},
        {2015, true, UINT64_C(0x1afc95881ef251ca)},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t hash;

        generate((struct sl_generate_opts){cases[i].year, cases[i].year, place->directory, 2800,
                                           2015, cases[i].quote_all});
        hash = hash_of(read_year(place, place->directory, cases[i].year));
        if (hash != cases[i].hash)
            fail_msg("case %zu: 0x%016llx", i, (unsigned long long)hash);
    }
}

static void test_a_year_depends_on_itself_only(void **state)
{
    struct place *place = *state;
    uint64_t      alone;

    generate((struct sl_generate_opts){2003, 2003, place->directory, 500, 1, false});
    alone = hash_of(read_year(place, place->directory, 2003));
    generate((struct sl_generate_opts){2001, 2004, place->directory, 500, 1, false});
    assert_true(hash_of(read_year(place, place->directory, 2003)) == alone);
    generate((struct sl_generate_opts){2003, 2003, place->directory, 500, 2, false});
    assert_false(hash_of(read_year(place, place->directory, 2003)) == alone);
}

static void test_quotes_are_all_that_differs(void **state)
{
    struct place *place = *state;
    uint64_t      plain;
    char         *text, *to;
    size_t        n_quotes = 0;

    generate((struct sl_generate_opts){2016, 2016, place->directory, 100, 1, false});
    plain = hash_of(read_year(place, place->directory, 2016));
    generate((struct sl_generate_opts){2016, 2016, place->directory, 100, 1, true});
    text = to = read_year(place, place->directory, 2016);
    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '"')
            n_quotes++;
        else
            *to++ = *from;
    }
    *to = '\0';
    assert_int_equal(n_quotes, 101 * 2 * N_COLUMNS);
    assert_true(hash_of(text) == plain);
}

static void test_no_rows(void **state)
{
    struct place *place = *state;

    generate((struct sl_generate_opts){1999, 1999, place->directory, 0, 1, false});
    assert_string_equal(read_year(place, place->directory, 1999), header);
}

static void test_directories_are_made(void **state)
{
    struct place *place = *state;
    char          deep[128];

    snprintf(deep, sizeof deep, "%s/a//b/c/", place->directory);
    generate((struct sl_generate_opts){2000, 2000, deep, 1, 1, false});
    read_year(place, deep, 2000);
    snprintf(place->file, sizeof place->file, "%s/wta_matches_2000.csv.tmp", deep);
    assert_int_equal(access(place->file, F_OK), -1); /* renamed */
}

static void test_faults(void **state)
{
    struct place           *place = *state;
    struct sl_generate_opts opts = {2000, 2000, place->file, 1, 1, false};
    struct sl_error         err = {0};
    char                    expected[512];
    FILE                   *file;

    /* A file stands where a directory is wanted. */
    snprintf(place->file, sizeof place->file, "%s/file", place->directory);
    file = fopen(place->file, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(sl_generate(&opts, &err), SL_EOUTPUT);
    snprintf(expected, sizeof expected, "cannot write '%s/wta_matches_2000.csv': %s",
             place->file, strerror(ENOTDIR));
    assert_string_equal(err.text, expected);

    /* The final name is taken by a directory: nothing unfinished is left behind. */
    opts.directory = place->directory;
    snprintf(place->file, sizeof place->file, "%s/wta_matches_2000.csv", place->directory);
    assert_int_equal(mkdir(place->file, 0777), 0);
    assert_int_equal(sl_generate(&opts, &err), SL_EOUTPUT);
    snprintf(expected, sizeof expected, "cannot write '%s': %s", place->file, strerror(EISDIR));
    assert_string_equal(err.text, expected);
    strncat(place->file, ".tmp", sizeof place->file - strlen(place->file) - 1);
    assert_int_equal(access(place->file, F_OK), -1);

    opts.first_year = 2001;
    assert_int_equal(sl_generate(&opts, &err), SL_EUSAGE);
    assert_string_equal(err.text, "years 2001..2000: expected a range within 1..9999");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shape, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_year_depends_on_itself_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_quotes_are_all_that_differs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_directories_are_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_faults, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("generate", tests, NULL, NULL);
}
