/* The recipe: what it requests, learns, does to blocks, and keeps in a model file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "../support/model_text.h"
#include "../support/number_block.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))
#define NA         NAN

enum { N_ROWS = 4, MAX_FEATURES = 4 };

/* A feature as a test states it; expr NULL: a bare column. */
struct stated {
    const char            *name, *expr;
    enum sl_missing_policy missing;
    double                 fill;
    enum sl_scale          scale;
    bool                   indicator;
};

static struct sl_error err;

/* The job's texts are not const; nobody writes to them. */
static sl_status create(const struct stated *stated, int n, const char *label,
                        struct sl_recipe **recipe)
{
    struct sl_feature_spec features[MAX_FEATURES] = {0};
    char                   empty[] = "", dash[] = "-";
    char                  *missing[] = {empty, dash};
    struct sl_recipe_spec  spec = {.n_features = n,
                                   .features = features,
                                   .label = (char *)(uintptr_t)label,
                                   .n_missing = 2,
                                   .missing = missing};

    for (int i = 0; i < n; i++) {
        const char *expr = stated[i].expr != NULL ? stated[i].expr : stated[i].name;

        features[i] = (struct sl_feature_spec){
            .name = (char *)(uintptr_t)stated[i].name,
            .expr = (char *)(uintptr_t)expr,
            .bare = stated[i].expr == NULL,
            .missing = stated[i].missing,
            .fill = stated[i].fill,
            .scale = stated[i].scale,
            .indicator = stated[i].indicator,
        };
    }
    return sl_recipe_create(&spec, true, recipe, &err);
}

static void requests_name_each_column_once(void **state)
{
    static const struct stated features[] = {
        {.name = "d", .expr = "x - y"},
        {.name = "e", .expr = "d * x"},
        {.name = "z"},
    };
    static const struct {
        const char *name;
        bool        optional;
    } want[] = {{"x", false}, {"y", false}, {"z", false}, {"won", true}};
    const struct sl_column_request *got;
    const char *const              *columns;
    struct sl_recipe               *recipe;
    int                             n;

    (void)state;
    assert_int_equal(create(features, 3, "won > 0 and d > y", &recipe), SL_OK);
    got = sl_recipe_requests(recipe, &n);
    assert_int_equal(n, N_OF(want));
    for (int i = 0; i < n; i++) {
        assert_string_equal(got[i].name, want[i].name);
        assert_int_equal(got[i].optional, want[i].optional);
        assert_int_equal(got[i].type, SL_NUMBER);
    }
    columns = sl_recipe_columns(recipe, &n);
    assert_int_equal(n, 3);
    assert_string_equal(columns[1], "e");
    sl_recipe_free(recipe);
}

static void faulty_recipes_are_refused(void **state)
{
    static const struct stated twice[] = {{.name = "x"}, {.name = "x", .expr = "y"}};
    static const struct stated nameless[] = {{.name = "", .expr = "y"}};
    static const struct stated fine[] = {{.name = "x"}};
    static const struct stated strict[] = {{.name = "x", .indicator = true}};
    static const struct stated dropped[] = {
        {.name = "x", .missing = SL_MISSING_DROP_ROW, .indicator = true}};
    static const struct stated taken[] = {
        {.name = "x", .missing = SL_MISSING_MEAN, .indicator = true}, {.name = "x:missing"}};
    static const struct stated takes[] = {
        {.name = "x:missing"}, {.name = "x", .missing = SL_MISSING_MEAN, .indicator = true}};
    static const struct {
        const struct stated *features;
        int                  n;
        const char          *label, *message;
    } cases[] = {
        {twice, 2, "x > 0", "$.features[1].name: 'x' is the name of features[0]"},
        {nameless, 1, "x > 0", "$.features[0].name: empty"},
        {strict, 1, "x > 0",
         "$.features[0].indicator: without effect where \"missing\" is \"error\": no row that "
         "lacks "
         "the feature is used; fill it (\"mean\", \"median\" or a number)"},
        {dropped, 1, "x > 0",
         "$.features[0].indicator: without effect where \"missing\" is \"drop_row\": no row that "
         "lacks the feature is used; fill it (\"mean\", \"median\" or a number)"},
        {taken, 2, "x > 0",
         "$.features[1].name: 'x:missing' is the indicator's column of features[0]"},
        {takes, 2, "x > 0",
         "$.features[1].indicator: its column 'x:missing' has the name of features[0]"},
        {fine, 0, "x > 0", "$.features: at least one feature is needed"},
        {fine, 1, NULL, "$.label: an expression is needed"},
        {fine, 1, "x >",
         "$.label: position 4: the expression ends where a number, a name or '(' "
         "is wanted"},
    };
    struct sl_recipe *recipe;

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_int_equal(create(cases[i].features, cases[i].n, cases[i].label, &recipe), SL_EJOB);
        assert_string_equal(err.text, cases[i].message);
    }
}

/* Some rows were won, some not. */
static const double wins[N_ROWS] = {1, 0, 1, 1};

/* Fits to a column of four rows and gives back what became of them. */
static sl_status fit_column(const struct stated *feature, const double *x,
                            struct sl_recipe **recipe, double *out)
{
    struct sl_design set = {0};
    sl_status        rc;

    assert_int_equal(create(feature, 1, "won == 1", recipe), SL_OK);
    rc = fit_numbers(*recipe, x, wins, N_ROWS, &set, &err);
    memcpy(out, set.x.data, N_ROWS * sizeof *out);
    sl_design_release(&set);
    return rc;
}

static const struct {
    struct stated feature;
    double        x[N_ROWS], want[N_ROWS];
} fits[] = {
    {{.name = "x"}, {1, 2, 3, 4}, {1, 2, 3, 4}},
    {{.name = "x", .missing = SL_MISSING_MEAN}, {1, NA, 3, 8}, {1, 4, 3, 8}},
    {{.name = "x", .missing = SL_MISSING_MEDIAN}, {1, NA, 3, 8}, {1, 3, 3, 8}},
    {{.name = "x", .missing = SL_MISSING_MEDIAN}, {NA, 9, NA, 4}, {6.5, 9, 6.5, 4}},
    {{.name = "x", .missing = SL_MISSING_CONSTANT, .fill = -1}, {1, NA, NA, 2}, {1, -1, -1, 2}},
    {{.name = "x", .missing = SL_MISSING_CONSTANT, .fill = -1}, {NA, NA, NA, NA}, {-1, -1, -1, -1}},
    /* mean and deviation are those of the filled column, divided by n */
    {{.name = "x", .missing = SL_MISSING_MEAN, .scale = SL_SCALE_STANDARD},
     {1, NA, 3, 2},
     {-1.4142135623730949, 0, 1.4142135623730949, 0}},
    {{.name = "x", .missing = SL_MISSING_CONSTANT, .fill = 9, .scale = SL_SCALE_STANDARD},
     {1, NA, 1, 9},
     {-1, 1, -1, 1}},
    {{.name = "x", .scale = SL_SCALE_STANDARD}, {0.1, 0.1, 0.1, 0.1}, {0, 0, 0, 0}},
    {{.name = "x", .missing = SL_MISSING_MEAN, .scale = SL_SCALE_STANDARD},
     {0.1, 0.1, NA, 0.1},
     {0, 0, 0, 0}},
    {{.name = "x", .scale = SL_SCALE_STANDARD},
     {1e9 + 1, 1e9 + 1, 1e9 + 3, 1e9 + 3},
     {-1, -1, 1, 1}},
};

static void fitting_fills_and_scales(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(fits); i++) {
        struct sl_recipe *recipe;
        double            got[N_ROWS];

        if (fit_column(&fits[i].feature, fits[i].x, &recipe, got) != SL_OK)
            fail_msg("case %zu: %s", i, err.text);
        for (size_t row = 0; row < N_ROWS; row++) {
            if (got[row] != fits[i].want[row])
                fail_msg("case %zu, row %zu: %.17g, not %.17g", i, row, got[row],
                         fits[i].want[row]);
        }
        sl_recipe_free(recipe);
    }
}

static void nothing_to_learn_from_is_an_input_fault(void **state)
{
    static const struct {
        struct stated feature;
        double        x[N_ROWS];
        sl_status     code;
        const char   *message;
    } cases[] = {
        {{.name = "x", .missing = SL_MISSING_MEAN},
         {NA, NA, NA, NA},
         SL_EINPUT,
         "feature 'x' has no value in the training rows to learn its mean from"},
        {{.name = "x", .missing = SL_MISSING_MEDIAN},
         {NA, NA, NA, NA},
         SL_EINPUT,
         "feature 'x' has no value in the training rows to learn its median from"},
        {{.name = "x"}, {1, 2, NA, 4}, SL_EBUG, "feature 'x' is missing in training row 2"},
        {{.name = "x", .scale = SL_SCALE_STANDARD},
         {-1.7e308, 1.7e308, 1.7e308, 1.7e308},
         SL_EINPUT,
         "feature 'x' has values too far apart to be scaled"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_recipe *recipe;
        double            got[N_ROWS];

        assert_int_equal(fit_column(&cases[i].feature, cases[i].x, &recipe, got), cases[i].code);
        assert_string_equal(err.text, cases[i].message);
        sl_recipe_free(recipe);
    }
}

/* Three features, one of each way to miss; rows: whole, rejected, missing in turn. */
static const struct stated policies[] = {
    {.name = "p", .missing = SL_MISSING_ERROR},
    {.name = "q", .expr = "q * 2", .missing = SL_MISSING_DROP_ROW, .scale = SL_SCALE_STANDARD},
    {.name = "r", .expr = "p / q", .missing = SL_MISSING_MEAN, .scale = SL_SCALE_STANDARD},
};
enum { N_BLOCK = 7 };
static const double             p[N_BLOCK] = {1, 2, NA, 4, 5, NA, 0.1};
static const double             q[N_BLOCK] = {3, 1, 5, NA, 0, NA, 3.7};
static const double             won[N_BLOCK] = {1, 1, 0, 1, NA, 0, 0};
static const struct test_column columns[] = {{"p", p}, {"q", q}, {"won", won}};

static void learn_policies(struct sl_recipe **recipe)
{
    const double     x[] = {1, 2, 3, 4, /* p */ 1, 3, 3, 9, /* q */ 0.5, NA, 1.25, 2 /* r */};
    struct sl_design set;

    assert_int_equal(create(policies, 3, "won == 1", recipe), SL_OK);
    assert_int_equal(fit_numbers(*recipe, x, wins, N_ROWS, &set, &err), SL_OK);
    sl_design_release(&set);
}

static void apply_to_block(struct sl_recipe *recipe, struct sl_design *design)
{
    struct sl_column_block block = {0};

    assert_true(fill_block(recipe, columns, N_OF(columns), N_BLOCK, &block, &err));
    block.reject[1] = SL_TOO_FEW_FIELDS;
    assert_int_equal(sl_design_init(design, SL_BLOCK_ROWS, 3, 0, &err), SL_OK);
    assert_int_equal(sl_recipe_apply(recipe, &block, design, &err), SL_OK);
    sl_column_block_release(&block);
}

static void rows_get_their_status(void **state)
{
    const uint8_t status[N_BLOCK] = {SL_ROW_SCORED, SL_ROW_REJECTED, SL_ROW_MISSING, SL_ROW_MISSING,
                                     SL_ROW_SCORED, SL_ROW_MISSING,  SL_ROW_SCORED};
    const double  label[N_BLOCK] = {1, NA, 0, 1, NA, 0, 0};
    struct sl_design  design;
    struct sl_recipe *recipe;

    (void)state;
    learn_policies(&recipe);
    apply_to_block(recipe, &design);
    assert_memory_equal(design.status, status, sizeof status);
    for (size_t i = 0; i < N_BLOCK; i++) {
        assert_true(isnan(label[i]) ? isnan(design.label[i]) : design.label[i] == label[i]);
        for (size_t j = 0; status[i] != SL_ROW_SCORED && j < 3; j++)
            assert_true(design.x.data[j * design.x.ld + i] == 0.0);
    }
    assert_int_equal(design.fault_row, 2);
    assert_int_equal(design.fault_feature, 0);
    assert_int_equal(design.n_nonfinite, 1); /* 5 / 0 */
    assert_int_equal(design.x.n_rows, N_BLOCK);
    sl_design_release(&design);
    sl_recipe_free(recipe);
}

/* q is scaled before r is looked at, but r is made of q as it is in the file. */
static void values_are_those_of_training(void **state)
{
    const double      mean_q = 4.0, std_q = 3.0, mean_r = 1.25, std_r = sqrt(1.125 / 4);
    struct sl_design  design;
    struct sl_recipe *recipe;

    (void)state;
    learn_policies(&recipe);
    apply_to_block(recipe, &design);
    const double *x = design.x.data;
    size_t        ld = design.x.ld;

    assert_true(x[0] == 1.0 && x[6] == 0.1);
    assert_true(x[ld] == (6.0 - mean_q) / std_q && x[ld + 4] == (0.0 - mean_q) / std_q);
    assert_true(x[2 * ld + 4] == 0.0); /* filled by the mean */
    assert_true(fabs(x[2 * ld] - (1.0 / 3.0 * 0.5 - mean_r) / std_r) < 1e-15);
    sl_design_release(&design);
    sl_recipe_free(recipe);
}

/* Whether rows of the block could be learned from, and what is at fault where that is an error. */
static void assert_judged(struct sl_recipe *recipe)
{
    static const enum sl_row_use want[N_BLOCK] = {SL_ROW_USABLE,   SL_ROW_USABLE, SL_ROW_FAULT,
                                                  SL_ROW_LEFT_OUT, SL_ROW_USABLE, SL_ROW_FAULT,
                                                  SL_ROW_USABLE};
    struct sl_column_block       block = {0};
    struct sl_design             design;
    char                         text[200];

    assert_true(fill_block(recipe, columns, N_OF(columns), N_BLOCK, &block, &err));
    assert_int_equal(sl_design_init(&design, SL_BLOCK_ROWS, 3, 0, &err), SL_OK);
    assert_int_equal(sl_recipe_evaluate(recipe, &block, &design, &err), SL_OK);
    for (size_t i = 0; i < N_BLOCK; i++) {
        int feature = -1;

        assert_int_equal(sl_recipe_judge(recipe, &design, i, &feature), want[i]);
        assert_int_equal(feature, want[i] == SL_ROW_FAULT ? 0 : -1);
    }
    assert_string_equal(sl_recipe_describe_missing(recipe, 0, text, sizeof text),
                        "feature 'p' is missing; say in the job what to do (\"missing\": "
                        "\"drop_row\", \"mean\", \"median\" or a number)");
    sl_design_release(&design);
    sl_column_block_release(&block);
}

static void a_saved_recipe_is_the_same_recipe(void **state)
{
    struct sl_design  before, after;
    struct sl_recipe *recipe, *loaded;
    char             *text, *again;

    (void)state;
    learn_policies(&recipe);
    apply_to_block(recipe, &before);
    text = print_recipe(recipe);
    assert_int_equal(parse_recipe(text, &loaded, &err), SL_OK);
    again = print_recipe(loaded);
    assert_string_equal(text, again);
    apply_to_block(loaded, &after);
    for (size_t j = 0; j < 3; j++)
        assert_memory_equal(before.x.data + j * before.x.ld, after.x.data + j * after.x.ld,
                            N_BLOCK * sizeof(double));
    assert_judged(recipe);
    assert_judged(loaded);
    free(text);
    free(again);
    sl_design_release(&before);
    sl_design_release(&after);
    sl_recipe_free(recipe);
    sl_recipe_free(loaded);
}

/* Of four features three ask for an indicator, and two of those were missing in training. */
static const struct stated indicated[] = {
    {.name = "p", .missing = SL_MISSING_MEAN, .scale = SL_SCALE_STANDARD, .indicator = true},
    {.name = "q", .missing = SL_MISSING_MEAN, .indicator = true},
    {.name = "r", .expr = "p / q", .missing = SL_MISSING_CONSTANT, .fill = 7, .indicator = true},
    {.name = "s", .expr = "p", .missing = SL_MISSING_MEDIAN},
};
enum { N_INDICATED = 6 };

static void learn_indicators(struct sl_recipe **recipe, struct sl_design *set)
{
    static const double data[] = {1, NA, 3,  2, /* p */ 1, 3,  3, 9, /* q */
                                  1, NA, NA, 4, /* r */ 1, NA, 3, 2 /* s */};

    assert_int_equal(create(indicated, 4, "won == 1", recipe), SL_OK);
    assert_int_equal(fit_numbers(*recipe, data, wins, N_ROWS, set, &err), SL_OK);
}

static void indicators_are_learned(void **state)
{
    static const char *const names[N_INDICATED] = {"p", "q", "r", "s", "p:missing", "r:missing"};
    static const double      want[] = {1,         3, 3, 9, /* q */ 1,         7, 7, 4,
                                       /* r */ 1, 2, 3, 2, /* s */
                                       0,         1, 0, 0, /* p:missing */ 0, 1, 1, 0 /* r:missing */};
    struct sl_recipe        *recipe;
    struct sl_design         set;
    const char *const       *got;
    int                      n;

    (void)state;
    assert_int_equal(create(indicated, 4, "won == 1", &recipe), SL_OK);
    sl_recipe_columns(recipe, &n);
    assert_int_equal(n, 4); /* until it is fitted */
    sl_recipe_free(recipe);
    learn_indicators(&recipe, &set);
    got = sl_recipe_columns(recipe, &n);
    assert_int_equal(n, N_INDICATED);
    for (int j = 0; j < n; j++)
        assert_string_equal(got[j], names[j]);
    assert_int_equal(set.x.n_cols, N_INDICATED);
    assert_true(set.x.data[0] == -1.4142135623730949 && set.x.data[1] == 0.0);
    assert_memory_equal(set.x.data + 4, want, sizeof want);
    assert_memory_equal(set.label, wins, sizeof wins);
    sl_design_release(&set);
    sl_recipe_free(recipe);
}

static void apply_indicators(struct sl_recipe *recipe, struct sl_design *design)
{
    struct sl_column_block block = {0};

    assert_true(fill_block(recipe, columns, N_OF(columns), N_BLOCK, &block, &err));
    block.reject[1] = SL_TOO_FEW_FIELDS;
    assert_int_equal(sl_design_init(design, SL_BLOCK_ROWS, N_INDICATED, 0, &err), SL_OK);
    assert_int_equal(sl_recipe_apply(recipe, &block, design, &err), SL_OK);
    sl_column_block_release(&block);
}

/* q was never missing in training: where it is now, it is filled and that is all. */
static void indicators_tell_what_was_filled(void **state)
{
    static const double p_missing[N_BLOCK] = {0, 0, 1, 0, 0, 1, 0};
    static const double r_missing[N_BLOCK] = {0, 0, 1, 1, 1, 1, 0};
    struct sl_recipe   *recipe, *loaded, *used;
    struct sl_design    set;
    char               *text, *again;

    (void)state;
    learn_indicators(&recipe, &set);
    text = print_recipe(recipe);
    assert_non_null(strstr(text, "\"indicator\":true,\"had_missing\":false"));
    if (parse_recipe(text, &loaded, &err) != SL_OK)
        fail_msg("%s", err.text);
    again = print_recipe(loaded);
    assert_string_equal(text, again);
    used = recipe;
    for (int round = 0; round < 2; round++, used = loaded) {
        struct sl_design design;

        apply_indicators(used, &design);
        const double *data = design.x.data;
        const size_t  ld = design.x.ld;

        assert_true(data[ld + 3] == 4.0 && data[2 * ld + 4] == 7.0);
        assert_memory_equal(data + 4 * ld, p_missing, sizeof p_missing);
        assert_memory_equal(data + 5 * ld, r_missing, sizeof r_missing);
        for (size_t i = 0; i < N_BLOCK; i++)
            assert_int_equal(design.status[i], i == 1 ? SL_ROW_REJECTED : SL_ROW_SCORED);
        sl_design_release(&design);
    }
    free(text);
    free(again);
    sl_design_release(&set);
    sl_recipe_free(recipe);
    sl_recipe_free(loaded);
}

/* What is missing in texts goes with the model, if it reads any. */
static void missing_texts_are_saved_with_texts(void **state)
{
    static const struct {
        struct stated feature;
        const char   *label, *missing;
    } cases[] = {
        {{.name = "x"}, "x > 0", NULL},
        {{.name = "clay", .expr = "surface == 'Clay'"}, "x > 0", ",\"missing\":[\"\",\"-\"]}}"},
        {{.name = "x"}, "ismissing(y)", ",\"missing\":[\"\",\"-\"]}}"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        const double      data[] = {1, 2};
        struct sl_design  set;
        struct sl_recipe *recipe, *loaded;
        char             *text, *again;

        assert_int_equal(create(&cases[i].feature, 1, cases[i].label, &recipe), SL_OK);
        assert_int_equal(fit_numbers(recipe, data, wins, 2, &set, &err), SL_OK);
        sl_design_release(&set);
        text = print_recipe(recipe);
        if (cases[i].missing == NULL)
            assert_null(strstr(text, "\"missing\":["));
        else
            assert_string_equal(strstr(text, ",\"missing\":["), cases[i].missing);
        assert_int_equal(parse_recipe(text, &loaded, &err), SL_OK);
        again = print_recipe(loaded);
        assert_string_equal(text, again);
        free(text);
        free(again);
        sl_recipe_free(recipe);
        sl_recipe_free(loaded);
    }
}

#define MODEL(recipe) "{\"classes\":[\"0\",\"1\"],\"recipe\":" recipe "}"
#define LABEL         "\"label\":\"x > 0\",\"label_type\":\"integer\""
#define FEATURE(rest) MODEL("{\"features\":[{\"name\":\"x\"," rest "," NO_PROFILE "}]," LABEL "}")

#define FILLED "\"column\":\"x\",\"missing\":\"mean\",\"scale\":\"none\",\"fill\":1,"

#define FEATURE_AND(expr, rest)                                                                    \
    MODEL("{\"features\":[{\"name\":\"x\"," expr                                                   \
          ",\"missing\":\"error\",\"scale\":\"none\"," NO_PROFILE "}]," LABEL rest "}")

static const struct {
    const char *text, *message;
} bad_files[] = {
    {FEATURE_AND("\"expr\":\"y == 'a'\"", ""), "m.json: $.recipe: missing key 'missing'"},
    {FEATURE_AND("\"column\":\"x\"", ",\"missing\":[]"),
     "m.json: $.recipe: 'missing' without texts to read"},
    {FEATURE_AND("\"expr\":\"y == 'a'\"", ",\"missing\":\"NA\""),
     "m.json: $.recipe.missing: expected a list, got a text"},
    {FEATURE_AND("\"expr\":\"y == 'a'\"", ",\"missing\":[\"\",0]"),
     "m.json: $.recipe.missing[1]: expected a text, got a number"},
    {FEATURE_AND("\"expr\":\"y == 'a'\"", ",\"missing\":[\"a\"]"),
     "m.json: $.recipe: $.features[0].expr: position 6: nothing equals 'a', which data.missing "
     "says is "
     "missing: write ismissing(y)"},
    {FEATURE_AND("\"expr\":\"y + 'a'\"", ",\"missing\":[]"),
     "m.json: $.recipe: $.features[0].expr: position 3: '+' wants a number on its right, not a "
     "text"},
    {"[]", "m.json: $: expected an object, got a list"},
    {"{}", "m.json: $: missing key 'recipe'"},
    {MODEL("[]"), "m.json: $.recipe: expected an object, got a list"},
    {MODEL("{\"label\":\"x\"}"), "m.json: $.recipe: missing key 'features'"},
    {MODEL("{\"features\":[],\"label\":\"x\"}"),
     "m.json: $.recipe: $.features: at least one feature is needed"},
    {MODEL("{\"features\":[],\"label\":\"x\",\"labels\":1}"),
     "m.json: $.recipe.labels: unknown key, did you mean 'label'?"},
    {MODEL("{\"features\":[3],\"label\":\"x\"}"),
     "m.json: $.recipe.features[0]: expected an object, got a number"},
    {MODEL("{\"features\":[{\"name\":\"x\",\"column\":\"x\",\"missing\":\"error\",\"scale\":"
           "\"none\"}]," LABEL "}"),
     "m.json: $.recipe.features[0]: missing key 'profile'"},
    {FEATURE("\"missing\":\"error\",\"scale\":\"none\""),
     "m.json: $.recipe.features[0]: missing key 'expr'"},
    {FEATURE("\"column\":\"x\",\"missing\":\"errors\",\"scale\":\"none\""),
     "m.json: $.recipe.features[0].missing: unknown choice, did you mean 'error'?"},
    {FEATURE("\"column\":\"x\",\"missing\":true,\"scale\":\"none\""),
     "m.json: $.recipe.features[0].missing: expected a text, got true or false"},
    {FEATURE("\"column\":\"x\",\"missing\":\"mean\",\"scale\":\"none\""),
     "m.json: $.recipe.features[0]: missing key 'fill'"},
    {FEATURE("\"column\":\"x\",\"missing\":\"mean\",\"scale\":\"none\",\"fill\":\"1\""),
     "m.json: $.recipe.features[0].fill: expected a number, got a text"},
    {FEATURE("\"column\":\"x\",\"missing\":\"error\",\"scale\":\"none\",\"fill\":1"),
     "m.json: $.recipe.features[0].fill: unknown key"},
    {FEATURE("\"column\":\"x\",\"missing\":\"error\",\"scale\":\"standard\",\"mean\":1,\"std\":0"),
     "m.json: $.recipe.features[0].std: expected more than 0"},
    {FEATURE("\"column\":\"x\",\"missing\":0.5,\"scale\":\"none\",\"fill\":0.25"),
     "m.json: $.recipe.features[0].fill: 0.25, but 'missing' is 0.5"},
    {FEATURE(FILLED "\"indicator\":true"),
     "m.json: $.recipe.features[0]: missing key 'had_missing'"},
    {FEATURE(FILLED "\"indicator\":1,\"had_missing\":true"),
     "m.json: $.recipe.features[0].indicator: expected true or false, got a number"},
    {FEATURE(FILLED "\"indicator\":false,\"had_missing\":true"),
     "m.json: $.recipe.features[0].indicator: expected true"},
    {FEATURE(FILLED "\"indicator\":true,\"had_missing\":1"),
     "m.json: $.recipe.features[0].had_missing: expected true or false, got a number"},
    {FEATURE(FILLED "\"had_missing\":true"),
     "m.json: $.recipe.features[0].had_missing: unknown key, did you mean 'missing'?"},
    {FEATURE("\"column\":\"x\",\"missing\":\"drop_row\",\"scale\":\"none\",\"indicator\":true,"
             "\"had_missing\":true"),
     "m.json: $.recipe: $.features[0].indicator: without effect where \"missing\" is \"drop_row\": "
     "no row "
     "that lacks the feature is used; fill it (\"mean\", \"median\" or a number)"},
    {FEATURE("\"expr\":\"x +\",\"missing\":\"error\",\"scale\":\"none\""),
     "m.json: $.recipe: $.features[0].expr: position 4: the expression ends where a number, a name "
     "or '(' "
     "is wanted"},
};

static void odd_files_are_refused(void **state)
{
    struct sl_recipe *recipe;

    (void)state;
    for (size_t i = 0; i < N_OF(bad_files); i++) {
        if (parse_recipe(bad_files[i].text, &recipe, &err) != SL_EJOB)
            fail_msg("%s: status %d", bad_files[i].text, (int)err.code);
        assert_string_equal(err.text, bad_files[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_name_each_column_once),
        cmocka_unit_test(faulty_recipes_are_refused),
        cmocka_unit_test(fitting_fills_and_scales),
        cmocka_unit_test(nothing_to_learn_from_is_an_input_fault),
        cmocka_unit_test(rows_get_their_status),
        cmocka_unit_test(values_are_those_of_training),
        cmocka_unit_test(a_saved_recipe_is_the_same_recipe),
        cmocka_unit_test(indicators_are_learned),
        cmocka_unit_test(indicators_tell_what_was_filled),
        cmocka_unit_test(missing_texts_are_saved_with_texts),
        cmocka_unit_test(odd_files_are_refused),
    };

    return cmocka_run_group_tests_name("recipe", tests, NULL, NULL);
}
