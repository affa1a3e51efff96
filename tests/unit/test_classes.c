/* The label's classes, and the weights of rows: what they become in training, in the model file and
 * where rows are scored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "../support/model_text.h"
#include "../support/text_table.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static struct sl_error err;

static char *text(const char *literal)
{
    return (char *)(uintptr_t)literal; /* nobody writes to it */
}

/* One feature, `x`; empty texts are missing. */
static sl_status create(const char *label, const char *weight, struct sl_recipe **recipe)
{
    char                   empty[] = "", name[] = "x", expr[] = "x + 0";
    char                  *missing[] = {empty};
    struct sl_feature_spec feature = {
        .name = name, .expr = expr, .missing = SL_MISSING_MEAN, .scale = SL_SCALE_STANDARD};
    struct sl_recipe_spec spec = {.n_features = 1,
                                  .features = &feature,
                                  .label = text(label),
                                  .weight = text(weight),
                                  .n_missing = 1,
                                  .missing = missing};

    return sl_recipe_create(&spec, true, recipe, &err);
}

/* A column `y` of these texts, separated by commas, and one of numbers; freed by the caller. */
static char *table_of(const char *texts)
{
    struct sl_text  table = {0};
    struct sl_slice field;

    assert_int_equal(sl_text_add(&table, &err, "x,y\n"), SL_OK);
    for (int i = 0; (field = table_field(texts, i)).data != NULL; i++)
        assert_int_equal(sl_text_add(&table, &err, "%d,%.*s\n", i, (int)field.n_bytes, field.data),
                         SL_OK);
    return table.data;
}

static char *joined_classes(const struct sl_recipe *recipe)
{
    struct sl_text         out = {0};
    int                    n;
    const struct sl_slice *classes = sl_recipe_classes(recipe, &n);

    assert_int_equal(sl_text_add(&out, &err, "%s", ""), SL_OK);
    for (int i = 0; i < n; i++)
        assert_int_equal(sl_text_add(&out, &err, "%s%.*s", i > 0 ? "|" : "",
                                     (int)classes[i].n_bytes, classes[i].data),
                         SL_OK);
    return out.data;
}

/* The class of each row, 'o' for one that is none, '?' for none at all. */
static char *joined_labels(const struct sl_design *design)
{
    struct sl_text out = {0};

    assert_int_equal(sl_text_add(&out, &err, "%s", ""), SL_OK);
    for (size_t i = 0; i < design->x.n_rows; i++) {
        const double label = design->label[i];

        if (isnan(label) || label == SL_LABEL_OTHER)
            assert_int_equal(sl_text_add(&out, &err, "%c", isnan(label) ? '?' : 'o'), SL_OK);
        else
            assert_int_equal(sl_text_add(&out, &err, "%d", (int)label), SL_OK);
    }
    return out.data;
}

static const struct {
    const char *label, *train, *classes, *type, *trained, *score, *scored;
} cases[] = {
    /* texts, in byte order */
    {"y", "b,a,b,,C", "C|a|b", "text", "2120", "a,b,C,c,,b ", "120o?o"},
    {"y", "z\xc3\xa9,z", "z|z\xc3\xa9", "text", "10", "z,z\xc3\xa9,z\xc3", "01o"},
    {"y", "loss,win,(missing)", "(missing)|loss|win", "text", "120", "win,(missing),", "20?"},
    /* integers, in theirs, however they are written */
    {"y", "1,0,1", "0|1", "integer", "101", "0,1,2,-1,,x", "01oo?o"},
    {"y", "1,01,1.0,0,-0,+1e0", "0|1", "integer", "111001", "001,1.00,10e-1,0.0,-0,1.5,0x1,one",
     "11100ooo"},
    {"y", "10,9,-1,-10,100", "-10|-1|9|10|100", "integer", "32104", "-1,-10,9.0,1e1,1", "1023o"},
    {"y", "300,255,256", "255|256|300", "integer", "201", "300,256,255,257,-300", "210oo"},
    {"y", "-9007199254740991,9007199254740991", "-9007199254740991|9007199254740991", "integer",
     "01", "9007199254740991,9007199254740990", "1o"},
    /* texts, if but one is no integer: then they are as they are written */
    {"y", "1,x,01,1", "01|1|x", "text", "1201", "1,01,1.0,x,2", "10o2o"},
    {"y", "0.5,1,x", "0.5|1|x", "text", "012", "0.5,.5,1,1.0", "0o1o"},
    {"y", "1,nan", "1|nan", "text", "01", "nan,1,inf", "10o"},
    /* of numbers beyond 2^53 not all can be told apart */
    {"y", "9007199254740992,9007199254740993,1", "1|9007199254740992|9007199254740993", "text",
     "120", "9007199254740992,9007199254740993,9007199254740994", "12o"},
    /* expressions */
    {"y > 1", "1,2,3,", "0|1", "integer", "011", "1,5,,-1", "01?0"},
    {"y * 2", "1,2,1", "2|4", "integer", "010", "2,1,3,1.5,", "10oo?"},
    {"-y", "1,2,1", "-2|-1", "integer", "101", "2,1,3", "01o"},
    {"y * 1000", "1,2,1", "1000|2000", "integer", "010", "2,1,3", "10o"},
    {"if(y > 1, 'win', 'loss')", "2,1,0", "loss|win", "text", "100", "0,9,", "01?"},
    {"coalesce(y, 'none')", "a,,b", "a|b|none", "text", "021", ",a,c", "20o"},
    {"if(y > 1, '1', '01')", "2,1,0", "1", NULL, NULL, NULL, NULL}, /* one class, see below */
    {"x > 1", "a,b,c", "0|1", "integer", "001", "a,b,c,d", "0011"},
};

static void assert_joined(const char *what, char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        fail_msg("%s: %s, not %s", what, got, want);
    free(got);
}

static void labels_become_classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        char             *train = table_of(cases[i].train);
        struct sl_recipe *made, *loaded, *recipe;
        struct sl_design  set;
        char             *saved, *again, type[64];

        if (create(cases[i].label, NULL, &made) != SL_OK)
            fail_msg("%s: %s", cases[i].label, err.text);
        if (cases[i].type == NULL) {
            assert_int_equal(fit_table(made, train, &set, &err), SL_EINPUT);
            sl_design_release(&set);
            sl_recipe_free(made);
            free(train);
            continue;
        }
        if (fit_table(made, train, &set, &err) != SL_OK)
            fail_msg("%s of %s: %s", cases[i].label, cases[i].train, err.text);
        assert_joined(cases[i].train, joined_classes(made), cases[i].classes);
        assert_joined(cases[i].train, joined_labels(&set), cases[i].trained);
        saved = print_recipe(made);
        snprintf(type, sizeof type, "\"label_type\":\"%s\"", cases[i].type);
        if (strstr(saved, type) == NULL)
            fail_msg("%s: %s", cases[i].train, saved);
        if (parse_recipe(saved, &loaded, &err) != SL_OK)
            fail_msg("%s\n%s", err.text, saved);
        again = print_recipe(loaded);
        assert_string_equal(saved, again);
        recipe = made;
        for (int round = 0; round < 2; round++, recipe = loaded) {
            char                  *score = table_of(cases[i].score);
            struct sl_column_block block;
            struct sl_design       design;

            assert_joined(cases[i].train, joined_classes(recipe), cases[i].classes);
            assert_int_equal(apply_table(recipe, score, &block, &design, &err), SL_OK);
            assert_joined(cases[i].score, joined_labels(&design), cases[i].scored);
            sl_design_release(&design);
            sl_column_block_release(&block);
            free(score);
        }
        free(saved);
        free(again);
        free(train);
        sl_design_release(&set);
        sl_recipe_free(made);
        sl_recipe_free(loaded);
    }
}

/* The label is there where the column is; a file that lacks it has no labels. */
static void labels_are_optional_where_rows_are_scored(void **state)
{
    static const char     *labels[] = {"y", "y > 0", "if(y == 'a', 1, 0)"};
    struct sl_column_block block;
    struct sl_design       set, design;

    (void)state;
    for (size_t i = 0; i < N_OF(labels); i++) {
        char             *table = table_of(i == 2 ? "a,b" : "0,1");
        struct sl_recipe *recipe;
        int               n;

        assert_int_equal(create(labels[i], NULL, &recipe), SL_OK);
        assert_int_equal(fit_table(recipe, table, &set, &err), SL_OK);
        assert_true(sl_recipe_inputs(recipe, &n)[n - 1].optional);
        assert_int_equal(apply_table(recipe, "x\n1\n2\n", &block, &design, &err), SL_OK);
        assert_true(isnan(design.label[0]) && isnan(design.label[1]));
        assert_int_equal(design.status[0], SL_ROW_SCORED);
        free(table);
        sl_design_release(&set);
        sl_design_release(&design);
        sl_column_block_release(&block);
        sl_recipe_free(recipe);
    }
}

static void what_is_no_class_is_refused(void **state)
{
    static const struct {
        const char *label, *train, *message;
    } bad[] = {
        {"y + 0", "0,1,0.5", "label is 0.5; classes are integers or texts"},
        {"y", "0,.5,1",
         "label 'y' has numbers that are not whole (.5), which are no classes: make a condition of "
         "it, as in \"y > .5\""},
        {"y * 1e16", "1,2", "label is 10000000000000000; classes are integers or texts"},
        {"y", "a,a,a",
         "all 3 training rows are of class a, nothing can be learned from one class: train on "
         "partitions that hold both, or mend the label"},
        {"y", "1,01,1.0",
         "all 3 training rows are of class 1, nothing can be learned from one class: train on "
         "partitions that hold both, or mend the label"},
        {"y > 5", "1,2",
         "all 2 training rows are of class 0, nothing can be learned from one class: train on "
         "partitions that hold both, or mend the label"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        char             *table = table_of(bad[i].train);
        struct sl_recipe *recipe;
        struct sl_design  set;

        assert_int_equal(create(bad[i].label, NULL, &recipe), SL_OK);
        if (fit_table(recipe, table, &set, &err) != SL_EINPUT)
            fail_msg("%s of %s: status %d", bad[i].label, bad[i].train, (int)err.code);
        assert_string_equal(err.text, bad[i].message);
        free(table);
        sl_design_release(&set);
        sl_recipe_free(recipe);
    }
}

static void a_thousand_classes_are_many(void **state)
{
    static const char *const labels[] = {"y", "x"};

    (void)state;
    for (size_t i = 0; i < N_OF(labels); i++) {
        for (int n = 1000; n <= 1001; n++) {
            struct sl_text    table = {0};
            struct sl_recipe *recipe;
            struct sl_design  set;
            int               n_classes;

            assert_int_equal(sl_text_add(&table, &err, "x,y\n"), SL_OK);
            for (int row = 0; row < n; row++)
                assert_int_equal(sl_text_add(&table, &err, "%d,c%d\n", row, row), SL_OK);
            assert_int_equal(create(labels[i], NULL, &recipe), SL_OK);
            assert_int_equal(fit_table(recipe, table.data, &set, &err),
                             n > 1000 ? SL_EINPUT : SL_OK);
            if (n > 1000)
                assert_string_equal(err.text, "the label has more than 1000 classes");
            else
                for (int row = 0; row < n && i == 1; row++)
                    assert_true(set.label[row] == row);
            sl_recipe_classes(recipe, &n_classes);
            assert_in_range(n_classes, 1000, 1001);
            sl_text_release(&table);
            sl_design_release(&set);
            sl_recipe_free(recipe);
        }
    }
}

/* --- in a model file -------------------------------------------------------------------------- */

#define MODEL(classes, type, label)                                                                \
    "{\"classes\":" classes ",\"recipe\":{\"features\":[{\"name\":\"x\",\"column\":\"x\","         \
    "\"missing\":\"error\",\"scale\":\"none\"," NO_PROFILE "}],\"label\":\"" label                 \
    "\",\"label_type\":" type "}}"

static void odd_classes_are_refused(void **state)
{
    static const struct {
        const char *model, *message;
    } bad[] = {
        {"{\"recipe\":{\"features\":[{\"name\":\"x\",\"column\":\"x\",\"missing\":\"error\","
         "\"scale\":\"none\"," NO_PROFILE "}],\"label\":\"x > 0\",\"label_type\":\"integer\"}}",
         "m.json: $: missing key 'classes'"},
        {MODEL("[\"0\",\"1\"]", "1", "x > 0"),
         "m.json: $.recipe.label_type: expected a text, got a number"},
        {MODEL("[\"0\",\"1\"]", "\"number\"", "x > 0"),
         "m.json: $.classes: the label is a number, which has no classes"},
        {MODEL("[\"0\",\"1\"]", "\"real\"", "x > 0"),
         "m.json: $.recipe.label_type: expected \"text\", \"integer\" or \"number\""},
        {MODEL("[\"0\",\"1\"]", "\"text\"", "x > 0"),
         "m.json: $.recipe.label_type: expected \"integer\": all classes are"},
        {MODEL("[\"01\",\"2\"]", "\"text\"", "x > 0"),
         "m.json: $.recipe.label_type: expected \"integer\": all classes are"},
        {MODEL("[\"01\",\"2\"]", "\"integer\"", "x > 0"),
         "m.json: $.classes[0]: expected the digits of an integer"},
        {MODEL("[\"-0\",\"2\"]", "\"integer\"", "x > 0"),
         "m.json: $.classes[0]: expected the digits of an integer"},
        {MODEL("[\"0\",\"a\"]", "\"integer\"", "x > 0"),
         "m.json: $.classes[1]: expected the digits of an integer"},
        {MODEL("[\"0\",\"9007199254740992\"]", "\"integer\"", "x > 0"),
         "m.json: $.classes[1]: expected the digits of an integer"},
        {MODEL("[\"1\",\"0\"]", "\"integer\"", "x > 0"),
         "m.json: $.classes[1]: not in order, or given twice"},
        {MODEL("[\"1\",\"1\"]", "\"integer\"", "x > 0"),
         "m.json: $.classes[1]: not in order, or given twice"},
        {MODEL("[\"1\"]", "\"integer\"", "x > 0"),
         "m.json: $.classes: expected at least 2 classes, got 1"},
        {MODEL("[]", "\"integer\"", "x > 0"),
         "m.json: $.classes: expected at least 2 classes, got 0"},
        {MODEL("{}", "\"integer\"", "x > 0"), "m.json: $.classes: expected a list, got an object"},
        {MODEL("[\"a\",\"b\"]", "\"text\"", "x > 0"),
         "m.json: $.recipe.label_type: expected \"integer\": the label is a number"},
    };
    struct sl_recipe *recipe;

    (void)state;
    if (parse_recipe(MODEL("[\"0\",\"1\"]", "\"integer\"", "x > 0"), &recipe, &err) != SL_OK)
        fail_msg("%s", err.text);
    sl_recipe_free(recipe);
    for (size_t i = 0; i < N_OF(bad); i++) {
        if (parse_recipe(bad[i].model, &recipe, &err) != SL_EJOB)
            fail_msg("accepted: %s", bad[i].model);
        assert_string_equal(err.text, bad[i].message);
    }
}

/* --- weights ------------------------------------------------------------------------------------
 */

/* Rows of the set have the weights of the rows they were; a feature counts as it was read. */
static void rows_have_weights(void **state)
{
    static const char table[] = "x,y,w\n1,0,2\n2,1,\n,0,4\n4,1,0\n5,0,0.25\n";
    static const struct {
        const char *weight;
        int         n;
        double      want[5];
    } weights[] = {
        {NULL, 5, {1, 1, 1, 1, 1}},
        {"w", 4, {2, 4, 0, 0.25}},
        {"w * 2 + 1", 4, {5, 9, 1, 1.5}},
        {"coalesce(w, 7)", 5, {2, 7, 4, 0, 0.25}},
        {"x", 4, {1, 2, 4, 5}},
        {"1 / (w - 4)", 3, {-0.5, -0.25, -1.0 / 3.75}}, /* 1 / 0 is missing */
        {"if(y == '1', 3, 1)", 5, {1, 3, 1, 3, 1}},
        {"w - 2", 4, {0, 2, -2, -1.75}}, /* it is for training to refuse them */
    };

    (void)state;
    for (size_t i = 0; i < N_OF(weights); i++) {
        struct sl_recipe *recipe;
        struct sl_design  set;

        if (create("y", weights[i].weight, &recipe) != SL_OK ||
            fit_table(recipe, table, &set, &err) != SL_OK)
            fail_msg("%s: %s", weights[i].weight, err.text);
        assert_int_equal(set.x.n_rows, weights[i].n);
        for (int row = 0; row < weights[i].n; row++)
            assert_true(set.weight[row] == weights[i].want[row]);
        sl_design_release(&set);
        sl_recipe_free(recipe);
    }
}

static void weights_are_for_training(void **state)
{
    static const char               table[] = "x,y,w,v\n1,0,2,a\n2,1,1,b\n";
    const struct sl_column_request *requests;
    struct sl_recipe               *recipe, *loaded;
    struct sl_column_block          block;
    struct sl_design                set, design;
    char                           *saved;
    int                             n;

    (void)state;
    assert_int_equal(create("y", "if(v == 'a', w + x, w + y)", &recipe), SL_OK);
    requests = sl_recipe_requests(recipe, &n);
    assert_int_equal(n, 5); /* x, y as a text; v, w, y as a number */
    assert_string_equal(requests[2].name, "v");
    assert_true(requests[2].optional && requests[3].optional && requests[4].optional);
    sl_recipe_inputs(recipe, &n);
    assert_int_equal(n, 2);
    assert_int_equal(fit_table(recipe, table, &set, &err), SL_OK);
    assert_true(set.weight[0] == 3.0 && set.weight[1] == 2.0);
    sl_recipe_requests(recipe, &n);
    assert_int_equal(n, 2);
    saved = print_recipe(recipe);
    assert_non_null(strstr(saved, "\"weight\":\"if(v == 'a', w + x, w + y)\""));
    assert_int_equal(parse_recipe(saved, &loaded, &err), SL_OK);
    sl_recipe_requests(loaded, &n);
    assert_int_equal(n, 2);
    assert_int_equal(apply_table(loaded, "x,y\n1,0\n", &block, &design, &err), SL_OK);
    assert_true(design.weight[0] == 1.0);
    free(saved);
    sl_design_release(&set);
    sl_design_release(&design);
    sl_column_block_release(&block);
    sl_recipe_free(recipe);
    sl_recipe_free(loaded);
}

static void odd_weights_are_refused(void **state)
{
    static const struct {
        const char *weight, *message;
    } bad[] = {
        {"w +",
         "$.weight: position 4: the expression ends where a number, a name or '(' is wanted"},
        {"'a'", "$.weight: position 1: the result is a text, a number or a comparison is wanted "
                "(compare it "
                "with something, such as x == 'a')"},
    };
    struct sl_recipe *recipe;

    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        assert_int_equal(create("y", bad[i].weight, &recipe), SL_EJOB);
        assert_string_equal(err.text, bad[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_become_classes),
        cmocka_unit_test(labels_are_optional_where_rows_are_scored),
        cmocka_unit_test(what_is_no_class_is_refused),
        cmocka_unit_test(a_thousand_classes_are_many),
        cmocka_unit_test(odd_classes_are_refused),
        cmocka_unit_test(rows_have_weights),
        cmocka_unit_test(weights_are_for_training),
        cmocka_unit_test(odd_weights_are_refused),
    };

    return cmocka_run_group_tests_name("classes", tests, NULL, NULL);
}
