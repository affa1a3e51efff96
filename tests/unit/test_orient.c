/* Head-to-head rows: the coin is the documented one, and pairs of columns, label and names follow
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "../../src/feature/orient.h"
#include "../support/model_text.h"
#include "../support/text_table.h"
#include "scoreline/memory.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static struct sl_error err;

/* What is not under test: prefixes of the file and of the model. */
static char  winner[] = "winner_", loser[] = "loser_", a[] = "a_", b[] = "b_";
static char *as[] = {a, b};
static char  a_won[] = "a_won", tourney[] = "tourney_id", match[] = "match_num";
static char *keys[] = {tourney, match};

static struct sl_orient_spec orientation(int64_t seed)
{
    return (struct sl_orient_spec){.first = winner,
                                   .second = loser,
                                   .n_as = 2,
                                   .as = as,
                                   .label = a_won,
                                   .n_key = 2,
                                   .key = keys,
                                   .seed = seed};
}

/* --- the coin --------------------------------------------------------------------------------- */

/* By the definitions that hash.h names, once more: FNV-1a (Fowler, Noll and Vo) ... */
static uint64_t fnv_1a(uint64_t hash, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hash ^= (unsigned char)bytes[i];
        hash *= UINT64_C(1099511628211);
    }
    return hash;
}

/* ... and the output that SplitMix64 gives next in that state. */
static uint64_t splitmix64(uint64_t state)
{
    uint64_t z = state + UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t coin(int64_t seed, const struct sl_slice *texts, int n)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (int i = 0; i < 8; i++) {
        const char byte = (char)(unsigned char)((uint64_t)seed >> (8 * i));

        hash = fnv_1a(hash, &byte, 1);
    }
    for (int i = 0; i < n; i++) {
        hash = fnv_1a(hash, texts[i].data, texts[i].n_bytes);
        hash = fnv_1a(hash, "", 1);
    }
    return splitmix64(hash);
}

/* The coins of one block that has two key columns and nothing else. */
static void toss(int64_t seed, const struct sl_slice (*texts)[2], size_t n_rows, bool *is_second)
{
    const struct sl_orient_spec spec = orientation(seed);
    struct sl_column_request    requests[] = {{.name = tourney, .type = SL_TEXT},
                                              {.name = match, .type = SL_TEXT}};
    struct sl_column_block      block;
    struct sl_orient            orient;
    int                         index;

    assert_int_equal(sl_column_block_init(&block, requests, 2, &err), SL_OK);
    assert_int_equal(sl_orient_init(&orient, &spec, &err), SL_OK);
    assert_int_equal(sl_orient_column(&orient, SL_NUMBER, -1, -1, false, &index, &err), SL_OK);
    block.n_rows = n_rows;
    for (size_t i = 0; i < n_rows; i++)
        for (int k = 0; k < 2; k++)
            block.columns[k].values.text[i] = texts[i][k];
    orient.key_requests[0] = 0;
    orient.key_requests[1] = 1;
    sl_orient_block(&orient, &block);
    for (size_t i = 0; i < n_rows; i++)
        is_second[i] = orient.columns[index].column.values.number[i] == 0.0;
    sl_orient_release(&orient);
    sl_column_block_release(&block);
}

#define TEXT(bytes)                                                                                \
    {                                                                                              \
        bytes, sizeof(bytes) - 1                                                                   \
    }

/* Worked out by another program. */
static const struct {
    int64_t         seed;
    struct sl_slice texts[2];
    uint64_t        hash;
} known[] = {
    {2015, {TEXT("2015-D001"), TEXT("1")}, UINT64_C(0x2460b33a07e5e0e9)},
    {2015, {TEXT("2015-D001"), TEXT("2")}, UINT64_C(0x7e9b920585e861ff)},
    {2015, {TEXT("2015-D001"), TEXT("3")}, UINT64_C(0x5bc975d38bf969ec)},
    {2015, {TEXT("2015-D001"), TEXT("4")}, UINT64_C(0xb88a04be9f7458c4)},
    {2015, {TEXT("2015-D001"), TEXT("5")}, UINT64_C(0xe8361d2151a272f3)},
    {2015, {TEXT("2015-D001"), TEXT("6")}, UINT64_C(0x4443db094976a5aa)},
    {2015, {TEXT("2015-D001"), TEXT("7")}, UINT64_C(0xb40139c8c897148f)},
    {2015, {TEXT("2015-D001"), TEXT("8")}, UINT64_C(0x8e408b9c3b58b68f)},
    {2015, {TEXT("2015-D0011"), TEXT("")}, UINT64_C(0xd099421a1b5973d2)},
    {2015, {TEXT("2015-D001"), TEXT("01")}, UINT64_C(0xcd71b6edb9a8f234)},
    {2015, {TEXT(""), TEXT("2015-D0011")}, UINT64_C(0x88263b003eeeeca8)},
    {0, {TEXT(""), TEXT("")}, UINT64_C(0x976d61d898d20a0c)},
    {-1, {TEXT("a"), TEXT("b")}, UINT64_C(0xac1b23543fa6ea29)},
    {INT64_C(-9007199254740992), {TEXT("x"), TEXT("y")}, UINT64_C(0xd17f979b66e6e42e)},
    {2016, {TEXT("2015-D001"), TEXT("1")}, UINT64_C(0xb05846f058a88342)},
    {2015, {TEXT("a\0"), TEXT("\xff")}, UINT64_C(0xead283c49ba1f23c)},
};

static void coins_are_the_documented_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(known); i++) {
        bool is_second;

        assert_true(coin(known[i].seed, known[i].texts, 2) == known[i].hash);
        toss(known[i].seed, &known[i].texts, 1, &is_second);
        assert_int_equal(is_second, known[i].hash >> 63);
    }
}

/* Rows of many tournaments: each as computed here, about half of them swapped, and not the same
 * half with another seed. */
static void coins_depend_on_seed_and_key_alone(void **state)
{
    static char            names[SL_BLOCK_ROWS][2][24];
    static struct sl_slice texts[SL_BLOCK_ROWS][2];
    bool                   is_second[2][SL_BLOCK_ROWS];
    int                    n_second = 0, n_alike = 0;

    (void)state;
    for (int i = 0; i < SL_BLOCK_ROWS; i++) {
        snprintf(names[i][0], sizeof names[i][0], "2015-D%03d", i / 37);
        snprintf(names[i][1], sizeof names[i][1], "%d", i % 37);
        for (int k = 0; k < 2; k++)
            texts[i][k] = (struct sl_slice){names[i][k], strlen(names[i][k])};
    }
    toss(2015, (const struct sl_slice(*)[2])texts, SL_BLOCK_ROWS, is_second[0]);
    toss(2016, (const struct sl_slice(*)[2])texts, SL_BLOCK_ROWS, is_second[1]);
    for (int i = 0; i < SL_BLOCK_ROWS; i++) {
        bool alone;

        assert_int_equal(is_second[0][i], coin(2015, texts[i], 2) >> 63);
        toss(2015, (const struct sl_slice(*)[2])texts[i], 1, &alone);
        assert_int_equal(alone, is_second[0][i]);
        n_second += is_second[0][i];
        n_alike += is_second[0][i] == is_second[1][i];
    }
    assert_in_range(n_second, 448, 576); /* four standard deviations */
    assert_in_range(n_alike, 448, 576);
}

/* --- names ------------------------------------------------------------------------------------ */

static void names_are_told_apart(void **state)
{
    static const struct {
        const char         *name;
        enum sl_orient_name kind;
        const char         *rest;
    } cases[] = {
        {"a_rank", SL_ORIENT_FIRST, "rank"},
        {"b_rank", SL_ORIENT_SECOND, "rank"},
        {"a_won", SL_ORIENT_LABEL, NULL},
        {"a_won_", SL_ORIENT_FIRST, "won_"},
        {"b_won", SL_ORIENT_SECOND, "won"},
        {"winner_rank", SL_ORIENT_HIDDEN, "rank"},
        {"loser_rank", SL_ORIENT_HIDDEN, "rank"},
        {"winner", SL_ORIENT_PLAIN, NULL},
        {"winner_", SL_ORIENT_PLAIN, NULL},
        {"a_", SL_ORIENT_PLAIN, NULL},
        {"A_rank", SL_ORIENT_PLAIN, NULL},
        {"surface", SL_ORIENT_PLAIN, NULL},
        {"", SL_ORIENT_PLAIN, NULL},
        {"_a_rank", SL_ORIENT_PLAIN, NULL},
    };
    const struct sl_orient_spec spec = orientation(0), none = {.seed = 3};
    struct sl_orient            orient;
    const char                 *rest;

    (void)state;
    assert_int_equal(sl_orient_init(&orient, &spec, &err), SL_OK);
    for (size_t i = 0; i < N_OF(cases); i++) {
        rest = NULL;
        assert_int_equal(sl_orient_look(&orient, cases[i].name, &rest), cases[i].kind);
        if (cases[i].rest != NULL)
            assert_string_equal(rest, cases[i].rest);
    }
    sl_orient_release(&orient);
    assert_int_equal(sl_orient_init(&orient, &none, &err), SL_OK);
    assert_int_equal(sl_orient_look(&orient, "winner_rank", &rest), SL_ORIENT_PLAIN);
    sl_orient_release(&orient);
}

/* --- recipes ---------------------------------------------------------------------------------- */

/* A feature as a test states it. */
struct stated {
    const char *name, *expr, *categorical;
};
enum { MAX_FEATURES = 6 };

static char *text(const char *literal)
{
    return (char *)(uintptr_t)literal; /* nobody writes to it */
}

static sl_status create(const struct stated *stated, int n, const char *label, const char *weight,
                        struct sl_recipe **recipe)
{
    struct sl_feature_spec features[MAX_FEATURES] = {0};
    char                   empty[] = "";
    char                  *missing[] = {empty};
    struct sl_recipe_spec  spec = {.n_features = n,
                                   .features = features,
                                   .orient = orientation(2015),
                                   .label = text(label),
                                   .weight = text(weight),
                                   .n_missing = 1,
                                   .missing = missing};

    for (int j = 0; j < n; j++)
        features[j] = (struct sl_feature_spec){
            .name = text(stated[j].name),
            .expr = text(stated[j].expr),
            .categorical = text(stated[j].categorical),
            .missing = stated[j].categorical != NULL ? SL_MISSING_LEVEL : SL_MISSING_MEAN,
            .handle_unknown = text("ignore"),
            .max_levels = 100};
    return sl_recipe_create(&spec, true, recipe, &err);
}

/* Matches 1 to 6 of one tournament; of 1, 2, 4 and 6 the loser comes first. */
static const char matches[] = "tourney_id,match_num,winner_rank,loser_rank,winner_hand,loser_hand,"
                              "surface,sets\n"
                              "2015-D001,1,10,20,R,L,Clay,2\n"
                              "2015-D001,2,30,15,L,R,Grass,3\n"
                              "2015-D001,3,7,70,R,L,Clay,2\n"
                              "2015-D001,4,55,3,R,R,Hard,3\n"
                              "2015-D001,5,12,120,L,R,Grass,2\n"
                              "2015-D001,6,90,45,R,L,Hard,2\n";
enum { N_MATCHES = 6 };

static const struct stated ranks[] = {
    {"a_rank", "a_rank", NULL},
    {"gap", "b_rank - a_rank", NULL},
    {"left", "a_hand == 'L'", NULL},
    {"hand", NULL, "b_hand"},
    {"surface", NULL, "surface"},
    {"lefter", "if(hand == 'L', 1, 0)", NULL}, /* of b: a categorical feature is its column */
};

static void rows_are_turned_by_their_coins(void **state)
{
    struct sl_recipe      *recipe;
    struct sl_column_block block;
    struct sl_design       set, design;

    (void)state;
    if (create(ranks, N_OF(ranks), "a_won", NULL, &recipe) != SL_OK ||
        fit_table(recipe, matches, &set, &err) != SL_OK ||
        apply_table(recipe, matches, &block, &design, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(design.x.n_rows, N_MATCHES);
    for (int i = 0; i < N_MATCHES; i++) {
        const char           *line = table_line(matches, (size_t)i + 1);
        const struct sl_slice id[] = {table_field(line, 0), table_field(line, 1)};
        const bool            is_second = coin(2015, id, 2) >> 63;
        const double          winners = strtod(table_field(line, 2).data, NULL);
        const double          losers = strtod(table_field(line, 3).data, NULL);
        const char            hand_of_a = *table_field(line, is_second ? 5 : 4).data;
        const char            hand_of_b = *table_field(line, is_second ? 4 : 5).data;
        const double         *x = design.x.data + i;

        assert_true(x[0] == (is_second ? losers : winners));
        assert_true(x[design.x.ld] == (is_second ? winners - losers : losers - winners));
        assert_true(x[2 * design.x.ld] == (hand_of_a == 'L'));
        assert_true(x[3 * design.x.ld] == (hand_of_b == 'L'));
        assert_int_equal(design.codes[i], hand_of_b == 'R'); /* levels L, R */
        assert_true(design.label[i] == (is_second ? 0.0 : 1.0));
        assert_true(set.label[i] == design.label[i]);
        for (size_t j = 0; j < 4; j++)
            assert_true(set.x.data[j * set.x.ld + (size_t)i] == x[j * design.x.ld]);
    }
    sl_design_release(&set);
    sl_design_release(&design);
    sl_column_block_release(&block);
    sl_recipe_free(recipe);
}

static void both_columns_of_a_pair_are_asked_for(void **state)
{
    static const struct {
        const char  *name;
        enum sl_type type;
        bool         optional;
    } want[] = {
        {"winner_rank", SL_NUMBER, false}, {"loser_rank", SL_NUMBER, false},
        {"winner_hand", SL_TEXT, false},   {"loser_hand", SL_TEXT, false},
        {"surface", SL_TEXT, false},       {"tourney_id", SL_TEXT, false},
        {"match_num", SL_TEXT, false},     {"winner_age", SL_NUMBER, true},
        {"loser_age", SL_NUMBER, true},    {"sets", SL_NUMBER, true},
    };
    const struct sl_column_request *got;
    struct sl_recipe               *recipe;
    int                             n;

    (void)state;
    assert_int_equal(create(ranks, N_OF(ranks), "a_won == 1 and a_age > 0", "sets", &recipe),
                     SL_OK);
    got = sl_recipe_requests(recipe, &n);
    assert_int_equal(n, N_OF(want));
    for (int i = 0; i < n; i++) {
        assert_string_equal(got[i].name, want[i].name);
        if (got[i].type != want[i].type)
            fail_msg("%s", got[i].name);
        assert_int_equal(got[i].optional, want[i].optional);
    }
    sl_recipe_inputs(recipe, &n);
    assert_int_equal(n, N_OF(want) - 1); /* without the weight's */
    sl_recipe_free(recipe);
}

/* A weight that reads a pair of its own is gone when the recipe is fitted, and with it what it
 * read: blocks to be scored have no such columns. */
static void pairs_that_weights_read_go_with_them(void **state)
{
    static const struct stated feature[] = {{"gap", "b_rank - a_rank", NULL}};
    static const char      weighed[] = "tourney_id,match_num,winner_rank,loser_rank,winner_sets,"
                                       "loser_sets,winner_hand,loser_hand\n"
                                       "2015-D001,1,10,20,2,0,R,L\n"
                                       "2015-D001,2,20,10,2,1,R,L\n"
                                       "2015-D001,3,30,10,2,1,R,L\n"
                                       "2015-D001,4,40,10,2,0,R,L\n";
    static const char      scored[] = "tourney_id,match_num,winner_rank,loser_rank\n"
                                      "2015-D001,1,10,20\n"
                                      "2015-D001,3,30,10\n";
    struct sl_recipe      *recipe;
    struct sl_column_block block;
    struct sl_design       set, design;

    (void)state;
    if (create(feature, 1, "a_won", "if(a_hand == 'L', a_sets + 10, a_sets)", &recipe) != SL_OK ||
        fit_table(recipe, weighed, &set, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(set.x.n_rows, 4);
    for (size_t i = 0; i < 4; i++) {
        const char           *line = table_line(weighed, i + 1);
        const struct sl_slice id[] = {table_field(line, 0), table_field(line, 1)};
        const bool            is_second = coin(2015, id, 2) >> 63;
        const double          sets = strtod(table_field(line, is_second ? 5 : 4).data, NULL);

        assert_true(set.weight[i] == (is_second ? sets + 10 : sets));
    }
    if (apply_table(recipe, scored, &block, &design, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(block.n_columns, 4);
    assert_true(design.x.data[0] == set.x.data[0] && design.x.data[1] == set.x.data[2]);
    assert_true(design.weight[0] == 1.0);
    sl_design_release(&set);
    sl_design_release(&design);
    sl_column_block_release(&block);
    sl_recipe_free(recipe);
}

static void what_tells_who_came_first_is_refused(void **state)
{
    static const struct {
        struct stated feature;
        const char   *label, *weight, *message;
    } cases[] = {
        {{"x", "winner_rank", NULL},
         "a_won",
         NULL,
         "$.features[0].expr: position 1: 'winner_rank' would tell which of the two came first: "
         "with orient it "
         "is 'a_rank' or 'b_rank'"},
        {{"x", NULL, "loser_hand"},
         "a_won",
         NULL,
         "$.features[0].categorical: 'loser_hand' would tell which of the two came first: with "
         "orient it is 'a_hand' or 'b_hand'"},
        {{"x", "surface == 'Clay' and loser_hand == 'L'", NULL},
         "a_won",
         NULL,
         "$.features[0].expr: position 23: 'loser_hand' would tell which of the two came first: "
         "with orient it "
         "is 'a_hand' or 'b_hand'"},
        {{"x", "a_rank", NULL},
         "winner_rank > 3",
         NULL,
         "$.label: position 1: 'winner_rank' would tell which of the two came first: with orient "
         "it is "
         "'a_rank' or 'b_rank'"},
        {{"x", "a_rank", NULL},
         "a_won",
         "loser_sets",
         "$.weight: position 1: 'loser_sets' would tell which of the two came first: with orient "
         "it is "
         "'a_sets' or 'b_sets'"},
        {{"x", "a_won", NULL},
         "a_won",
         NULL,
         "$.features[0].expr: position 1: 'a_won' tells which of the two came first: it is for the "
         "label"},
        {{"x", "a_rank + a_won", NULL},
         "a_won",
         NULL,
         "$.features[0].expr: position 10: 'a_won' tells which of the two came first: it is for "
         "the label"},
        {{"x", NULL, "a_won"},
         "a_won",
         NULL,
         "$.features[0].categorical: 'a_won' is 1 or 0, not a text"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_recipe *recipe;

        if (create(&cases[i].feature, 1, cases[i].label, cases[i].weight, &recipe) != SL_EJOB)
            fail_msg("case %zu was accepted", i);
        assert_string_equal(err.text, cases[i].message);
    }
}

/* --- in a model file -------------------------------------------------------------------------- */

static void an_oriented_recipe_reads_back(void **state)
{
    static const char orient[] =
        "\"recipe\":{\"orient\":{\"first\":\"winner_\",\"second\":\"loser_\","
        "\"as\":[\"a_\",\"b_\"],\"label\":\"a_won\",\"key\":[\"tourney_id\","
        "\"match_num\"],\"seed\":2015},";
    struct sl_recipe      *recipe, *loaded;
    struct sl_column_block block[2];
    struct sl_design       set, design[2];
    char                  *saved, *again;

    (void)state;
    assert_int_equal(create(ranks, N_OF(ranks), "a_won", "a_rank + sets", &recipe), SL_OK);
    if (fit_table(recipe, matches, &set, &err) != SL_OK)
        fail_msg("%s", err.text);
    saved = print_recipe(recipe);
    assert_non_null(strstr(saved, orient));
    assert_non_null(strstr(saved, "\"weight\":\"a_rank + sets\""));
    if (parse_recipe(saved, &loaded, &err) != SL_OK)
        fail_msg("%s", err.text);
    again = print_recipe(loaded);
    assert_string_equal(saved, again);
    assert_int_equal(apply_table(recipe, matches, &block[0], &design[0], &err), SL_OK);
    assert_int_equal(apply_table(loaded, matches, &block[1], &design[1], &err), SL_OK);
    for (size_t j = 0; j < design[0].x.n_cols; j++)
        assert_memory_equal(design[0].x.data + j * design[0].x.ld,
                            design[1].x.data + j * design[1].x.ld, N_MATCHES * sizeof(double));
    assert_memory_equal(design[0].codes, design[1].codes, N_MATCHES * sizeof(int32_t));
    assert_memory_equal(design[0].label, design[1].label, N_MATCHES * sizeof(double));
    for (int i = 0; i < 2; i++) {
        sl_design_release(&design[i]);
        sl_column_block_release(&block[i]);
    }
    free(saved);
    free(again);
    sl_design_release(&set);
    sl_recipe_free(recipe);
    sl_recipe_free(loaded);
}

#define ORIENT(members)                                                                            \
    "{\"classes\":[\"0\",\"1\"],\"recipe\":{\"orient\":" members                                   \
    ",\"features\":[{\"name\":\"x\",\"column\":\"a_x\",\"missing\":\"error\",\"scale\":"           \
    "\"none\"," NO_PROFILE                                                                         \
    "}],\"label\":\"a_won\",\"label_type\":\"integer\",\"missing\":[\"\"]}}"
#define PREFIXES "\"first\":\"w_\",\"second\":\"l_\",\"label\":\"a_won\","

static void odd_orientations_are_refused(void **state)
{
    static const struct {
        const char *model, *message;
    } cases[] = {
        {ORIENT("[]"), "m.json: $.recipe.orient: expected an object, got a list"},
        {ORIENT("{}"), "m.json: $.recipe.orient: missing key 'first'"},
        {ORIENT("{" PREFIXES "\"as\":[\"a_\",\"b_\"],\"key\":[\"k\"]}"),
         "m.json: $.recipe.orient: missing key 'seed'"},
        {ORIENT("{" PREFIXES "\"as\":[\"a_\",\"b_\"],\"key\":[\"k\"],\"seed\":1.5}"),
         "m.json: $.recipe.orient.seed: expected an integer from -9007199254740992 to "
         "9007199254740992"},
        {ORIENT("{" PREFIXES "\"as\":[\"a_\"],\"key\":[\"k\"],\"seed\":1}"),
         "m.json: $.recipe.orient.as: expected at least 2 texts"},
        {ORIENT("{" PREFIXES "\"as\":[\"a_\",\"b_\",\"c_\"],\"key\":[\"k\"],\"seed\":1}"),
         "m.json: $.recipe.orient.as: expected two texts"},
        {ORIENT("{" PREFIXES "\"as\":[\"a_\",\"\"],\"key\":[\"k\"],\"seed\":1}"),
         "m.json: $.recipe.orient.as[1]: expected a text that is not empty"},
        {ORIENT("{" PREFIXES "\"as\":[\"a_\",\"b_\"],\"key\":[],\"seed\":1}"),
         "m.json: $.recipe.orient.key: expected at least 1 texts"},
        {ORIENT("{" PREFIXES "\"as\":[\"a_\",\"b_\"],\"key\":[\"k\",3],\"seed\":1}"),
         "m.json: $.recipe.orient.key[1]: expected a text that is not empty"},
        {ORIENT("{" PREFIXES "\"as\":[\"a_\",\"b_\"],\"key\":[\"k\"],\"seed\":1,\"sead\":2}"),
         "m.json: $.recipe.orient.sead: unknown key, did you mean 'seed'?"},
        {ORIENT("{\"first\":\"\",\"second\":\"l_\",\"label\":\"a_won\",\"as\":[\"a_\",\"b_\"],"
                "\"key\":[\"k\"],\"seed\":1}"),
         "m.json: $.recipe.orient.first: expected a text that is not empty"},
        {ORIENT("{\"first\":\"w_\",\"second\":\"l_\",\"label\":\"\",\"as\":[\"a_\",\"b_\"],"
                "\"key\":[\"k\"],\"seed\":1}"),
         "m.json: $.recipe.orient.label: expected a text that is not empty"},
    };
    static const char fine[] =
        ORIENT("{" PREFIXES "\"as\":[\"a_\",\"b_\"],\"key\":[\"k\"],\"seed\":1}");
    struct sl_recipe *recipe;

    (void)state;
    if (parse_recipe(fine, &recipe, &err) != SL_OK)
        fail_msg("%s", err.text);
    sl_recipe_free(recipe);
    for (size_t i = 0; i < N_OF(cases); i++) {
        if (parse_recipe(cases[i].model, &recipe, &err) != SL_EJOB)
            fail_msg("accepted: %s", cases[i].model);
        assert_string_equal(err.text, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coins_are_the_documented_ones),
        cmocka_unit_test(coins_depend_on_seed_and_key_alone),
        cmocka_unit_test(names_are_told_apart),
        cmocka_unit_test(rows_are_turned_by_their_coins),
        cmocka_unit_test(both_columns_of_a_pair_are_asked_for),
        cmocka_unit_test(pairs_that_weights_read_go_with_them),
        cmocka_unit_test(what_tells_who_came_first_is_refused),
        cmocka_unit_test(an_oriented_recipe_reads_back),
        cmocka_unit_test(odd_orientations_are_refused),
    };

    return cmocka_run_group_tests_name("orient", tests, NULL, NULL);
}
