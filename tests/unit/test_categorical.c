/* Categorical features: which levels are columns, what becomes of levels that are missing or that
 * training had not, and what later expressions see of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "../support/model_text.h"
#include "../support/text_table.h"
#include "scoreline/memory.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static struct sl_error err;

static char *text(const char *literal)
{
    return (char *)(uintptr_t)literal; /* nobody writes to it */
}

/* Empty texts and NA are missing. */
static sl_status create(struct sl_feature_spec *features, int n, const char *label,
                        struct sl_recipe **recipe)
{
    char                  empty[] = "", na[] = "NA";
    char                 *missing[] = {empty, na};
    struct sl_recipe_spec spec = {.n_features = n,
                                  .features = features,
                                  .label = text(label),
                                  .n_missing = 2,
                                  .missing = missing};

    return sl_recipe_create(&spec, true, recipe, &err);
}

/* The options of a feature; where they are silent as in a job. */
struct options {
    enum sl_missing_policy missing;
    enum sl_drop           drop;
    bool                   trim;
    const char            *handle_unknown;
    int64_t                max_levels;
};

/* The feature `c` of the column `c`. */
static struct sl_feature_spec levels_of_c(const struct options *options)
{
    const char *unknown = options->handle_unknown != NULL ? options->handle_unknown : "ignore";

    return (struct sl_feature_spec){.name = text("c"),
                                    .categorical = text("c"),
                                    .missing = options->missing,
                                    .drop = options->drop,
                                    .trim = options->trim,
                                    .handle_unknown = text(unknown),
                                    .max_levels =
                                        options->max_levels > 0 ? options->max_levels : 5000};
}

/* A column `c` of these texts, separated by commas, and labels 0 and 1 in turn; freed by the
 * caller. */
static char *table_of(const char *texts)
{
    struct sl_text  table = {0};
    struct sl_slice field;

    assert_int_equal(sl_text_add(&table, &err, "c,y\n"), SL_OK);
    for (int i = 0; (field = table_field(texts, i)).data != NULL; i++)
        assert_int_equal(
            sl_text_add(&table, &err, "%.*s,%d\n", (int)field.n_bytes, field.data, i % 2), SL_OK);
    return table.data;
}

static char *joined_columns(const struct sl_recipe *recipe)
{
    struct sl_text     out = {0};
    int                n;
    const char *const *columns = sl_recipe_columns(recipe, &n);

    assert_int_equal(sl_text_add(&out, &err, "%s", ""), SL_OK);
    for (int j = 0; j < n; j++)
        assert_int_equal(sl_text_add(&out, &err, "%s%s", j > 0 ? "|" : "", columns[j]), SL_OK);
    return out.data;
}

/* What became of each row: the number of its column, '-' if all are 0, '?' if it is not scored. */
static char *joined_codes(struct sl_recipe *recipe, const char *texts, int64_t *fault_row)
{
    char                  *table = table_of(texts);
    struct sl_text         out = {0};
    struct sl_column_block block;
    struct sl_design       design;

    if (apply_table(recipe, table, &block, &design, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sl_text_add(&out, &err, "%s", ""), SL_OK);
    for (size_t i = 0; i < design.x.n_rows; i++) {
        const int32_t n_columns = sl_recipe_terms(recipe)->items[0].n_columns;
        const int32_t code = design.codes[i];
        char          digit = (char)('0' + code);

        assert_in_range(code, 0, n_columns);
        if (design.status[i] != SL_ROW_SCORED)
            assert_int_equal(code, n_columns);
        digit = code == n_columns ? '-' : digit;
        digit = design.status[i] != SL_ROW_SCORED ? '?' : digit;
        assert_int_equal(sl_text_add(&out, &err, "%c", digit), SL_OK);
    }
    *fault_row = design.fault_row;
    sl_design_release(&design);
    sl_column_block_release(&block);
    free(table);
    return out.data;
}

/* --- levels and codes --------------------------------------------------------------------- */

static const struct {
    const char    *what;
    struct options options;
    const char    *train, *columns, *score, *codes;
    int            fault_row; /* + 1; 0: none */
} cases[] = {
    {"byte order, whatever was met first",
     {.missing = SL_MISSING_ERROR},
     "b,a,Z,\xc3\xa9,B,a,~,1",
     "c=1|c=B|c=Z|c=a|c=b|c=~|c=\xc3\xa9",
     "\xc3\xa9,~,b,a,Z,B,1,z",
     "6543210-",
     0},
    {"blanks and case count",
     {.missing = SL_MISSING_ERROR},
     "a,a ,A, a",
     "c= a|c=A|c=a|c=a ",
     " a,A,a,a ,a  , A",
     "0123--",
     0},
    {"levels are texts",
     {.missing = SL_MISSING_ERROR},
     "1,01,1.0,10,2,-1,1e0",
     "c=-1|c=01|c=1|c=1.0|c=10|c=1e0|c=2",
     "01,1,1.0,001,+1,2",
     "123--6",
     0},
    {"one level", {.missing = SL_MISSING_ERROR}, "x,x,x", "c=x", "x,y,x", "0-0", 0},
    {"the first is dropped", {.drop = SL_DROP_FIRST}, "b,c,a", "c=b|c=c", "a,b,c,d", "-01-", 0},
    {"the only one is dropped", {.drop = SL_DROP_FIRST}, "x,x", "", "x,y", "--", 0},
    {"bytes that are no text",
     {.missing = SL_MISSING_ERROR},
     "\xff,a,\xc3\x28",
     "c=a|c=\\xc3(|c=\\xff",
     "\xff,\xc3\x28,a,\xfe",
     "210-",
     0},
    /* missing */
    {"missing is a fault", {.missing = SL_MISSING_ERROR}, "a,b", "c=a|c=b", "a,,b,NA", "0?1?", 2},
    {"rows without are left out",
     {.missing = SL_MISSING_DROP_ROW},
     "a,,b,NA,c,a",
     "c=a|c=b|c=c",
     "a,,b,NA,d",
     "0?1?-",
     0},
    {"missing is a level",
     {.missing = SL_MISSING_LEVEL},
     "b,,a,NA",
     "c=a|c=b|c=(missing)",
     "a,b,,NA,c",
     "0122-",
     0},
    {"missing is unknown where training missed none",
     {.missing = SL_MISSING_LEVEL},
     "b,a",
     "c=a|c=b",
     "a,b,,NA,c",
     "01---",
     0},
    {"nothing but missing", {.missing = SL_MISSING_LEVEL}, ",NA,", "c=(missing)", ",a", "0-", 0},
    {"nothing but missing, the first dropped",
     {.missing = SL_MISSING_LEVEL, .drop = SL_DROP_FIRST},
     ",NA,",
     "c=(missing)",
     ",a",
     "0-",
     0},
    {"missing is no first level",
     {.missing = SL_MISSING_LEVEL, .drop = SL_DROP_FIRST},
     "b,,a",
     "c=b|c=(missing)",
     "a,b,,c",
     "-01-",
     0},
    {"a level that is called (missing)",
     {.missing = SL_MISSING_LEVEL},
     "(missing),a,,~",
     "c=(missing)|c=a|c=~|c=(missing)",
     "(missing),a,~,,NA",
     "01233",
     0},
    {"the same, none missing",
     {.missing = SL_MISSING_LEVEL},
     "(missing),a",
     "c=(missing)|c=a",
     "(missing),a,",
     "01-",
     0},
    /* unknown levels */
    {"unknown ones are a fault",
     {.handle_unknown = "error"},
     "a,b",
     "c=a|c=b",
     "b,c,a,d",
     "1?0?",
     2},
    {"unknown ones count as a level",
     {.handle_unknown = "b"},
     "a,b,c",
     "c=a|c=b|c=c",
     "a,z,b,c",
     "0112",
     0},
    {"unknown ones count as the first, which is dropped",
     {.drop = SL_DROP_FIRST, .handle_unknown = "a"},
     "a,b,c",
     "c=b|c=c",
     "a,z,b,c",
     "--01",
     0},
    {"missing ones too, where training missed none",
     {.missing = SL_MISSING_LEVEL, .handle_unknown = "b"},
     "a,b,c",
     "c=a|c=b|c=c",
     "a,z,,c",
     "0112",
     0},
    {"but not where it did",
     {.missing = SL_MISSING_LEVEL, .handle_unknown = "b"},
     "a,b,",
     "c=a|c=b|c=(missing)",
     "a,z,,b",
     "0121",
     0},
    {"a level named as the option",
     {.handle_unknown = "ignore"},
     "ignore,error",
     "c=error|c=ignore",
     "ignore,error,x",
     "10-",
     0},
    {"missing is a fault as any that is unknown",
     {.missing = SL_MISSING_LEVEL, .handle_unknown = "error"},
     "a,b",
     "c=a|c=b",
     "a,,b,NA,c",
     "0?1??",
     2},
    {"but not where training missed some",
     {.missing = SL_MISSING_LEVEL, .handle_unknown = "error"},
     "a,b,",
     "c=a|c=b|c=(missing)",
     "a,,b,NA,c",
     "0212?",
     5},
    /* blanks */
    {"blanks are taken off",
     {.missing = SL_MISSING_LEVEL, .trim = true},
     "a, a,a ,\t a \t,  ,b c",
     "c=a|c=b c|c=(missing)",
     "a,  a,b c ,b  c, NA ,",
     "001-22",
     0},
    {"blanks stay", {.missing = SL_MISSING_LEVEL}, "  ,a", "c=  |c=a", "  , ,a, a", "0-1-", 0},
};

static void levels_become_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_feature_spec feature = levels_of_c(&cases[i].options);
        char                  *table = table_of(cases[i].train);
        struct sl_recipe      *made, *loaded, *recipe;
        struct sl_design       set;
        char                  *saved, *again;

        assert_int_equal(create(&feature, 1, "y == 1", &made), SL_OK);
        if (fit_table(made, table, &set, &err) != SL_OK)
            fail_msg("%s: %s", cases[i].what, err.text);
        saved = print_recipe(made);
        if (parse_recipe(saved, &loaded, &err) != SL_OK)
            fail_msg("%s: %s\n%s", cases[i].what, err.text, saved);
        again = print_recipe(loaded);
        assert_string_equal(saved, again);
        recipe = made;
        for (int round = 0; round < 2; round++, recipe = loaded) {
            int64_t fault_row;
            char   *columns = joined_columns(recipe);
            char   *codes = joined_codes(recipe, cases[i].score, &fault_row);

            if (strcmp(columns, cases[i].columns) != 0)
                fail_msg("%s: the columns are %s", cases[i].what, columns);
            if (strcmp(codes, cases[i].codes) != 0)
                fail_msg("%s: the codes are %s", cases[i].what, codes);
            assert_int_equal(fault_row, cases[i].fault_row - 1);
            free(columns);
            free(codes);
        }
        free(saved);
        free(again);
        free(table);
        sl_design_release(&set);
        sl_recipe_free(made);
        sl_recipe_free(loaded);
    }
}

/* Rows that were trained on have the codes that they would be scored with. */
static void training_and_scoring_agree(void **state)
{
    static const struct options options[] = {{.missing = SL_MISSING_LEVEL},
                                             {.missing = SL_MISSING_LEVEL, .drop = SL_DROP_FIRST},
                                             {.missing = SL_MISSING_LEVEL, .trim = true}};
    static const char           table[] = "c,y\nb,1\n,0\n a,1\na,0\nNA,1\nb ,1\n";

    (void)state;
    for (size_t i = 0; i < N_OF(options); i++) {
        struct sl_feature_spec feature = levels_of_c(&options[i]);
        struct sl_recipe      *recipe;
        struct sl_column_block block;
        struct sl_design       set, design;

        assert_int_equal(create(&feature, 1, "y == 1", &recipe), SL_OK);
        assert_int_equal(fit_table(recipe, table, &set, &err), SL_OK);
        assert_int_equal(apply_table(recipe, table, &block, &design, &err), SL_OK);
        assert_int_equal(set.x.n_rows, 6);
        assert_memory_equal(set.codes, design.codes, 6 * sizeof(int32_t));
        assert_memory_equal(set.label, design.label, 6 * sizeof(double));
        sl_design_release(&set);
        sl_design_release(&design);
        sl_column_block_release(&block);
        sl_recipe_free(recipe);
    }
}

/* Terms are in the order of features, numbers and levels among one another; indicators behind. */
static void columns_lie_in_the_order_of_features(void **state)
{
    static const char      table[] = "c,d,x,z,y\nb,u,1,,1\na,u,2,3,0\nb,v,3,4,1\n";
    struct sl_feature_spec features[] = {
        levels_of_c(&(struct options){.missing = SL_MISSING_ERROR}),
        {.name = text("x"), .expr = text("x"), .bare = true},
        levels_of_c(&(struct options){.missing = SL_MISSING_ERROR, .drop = SL_DROP_FIRST}),
        {.name = text("z"),
         .expr = text("z"),
         .bare = true,
         .missing = SL_MISSING_MEAN,
         .indicator = true},
    };
    static const struct sl_term want[] = {
        {0, 2, 0, true}, {2, 1, 0, false}, {3, 1, 1, true}, {4, 1, 1, false}, {5, 1, 2, false}};
    const struct sl_terms *terms;
    struct sl_recipe      *recipe;
    struct sl_design       set;
    char                  *columns;

    (void)state;
    features[2].name = text("d");
    features[2].categorical = text("d");
    assert_int_equal(create(features, N_OF(features), "y == 1", &recipe), SL_OK);
    terms = sl_recipe_terms(recipe);
    assert_int_equal(terms->n_numeric, 2);
    assert_int_equal(terms->n_categorical, 2);
    assert_int_equal(terms->n_columns, 2); /* before it is fitted there are no levels */
    assert_int_equal(fit_table(recipe, table, &set, &err), SL_OK);
    terms = sl_recipe_terms(recipe);
    assert_int_equal(terms->n_terms, N_OF(want));
    assert_int_equal(terms->n_columns, 6);
    for (int t = 0; t < terms->n_terms; t++) {
        assert_int_equal(terms->items[t].first_column, want[t].first_column);
        assert_int_equal(terms->items[t].n_columns, want[t].n_columns);
        assert_int_equal(terms->items[t].index, want[t].index);
        assert_int_equal(terms->items[t].is_categorical, want[t].is_categorical);
    }
    columns = joined_columns(recipe);
    assert_string_equal(columns, "c=a|c=b|x|d=v|z|z:missing");
    assert_true(set.x.data[2 * set.x.ld] == 1.0 && set.x.data[set.x.ld] == 3.5);
    free(columns);
    sl_design_release(&set);
    sl_recipe_free(recipe);
}

/* --- what is said of them ------------------------------------------------------------------- */

static void what_cannot_be_learned_is_said(void **state)
{
    static const struct {
        struct options options;
        const char    *train, *message;
    } bad[] = {
        {{.max_levels = 2},
         "a,b,c",
         "feature 'c': column 'c' has 3 levels in the training rows, more than max_levels 2; is it "
         "an id? leave it out, or raise max_levels"},
        {{.handle_unknown = "d"},
         "a,b,c",
         "feature 'c': handle_unknown is 'd', which is no level in the training rows (nor 'ignore' "
         "or 'error')"},
        {{.missing = SL_MISSING_LEVEL, .handle_unknown = "(missing)"},
         "a,b,",
         "feature 'c': handle_unknown is '(missing)', which is no level in the training rows (nor "
         "'ignore' or 'error')"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct sl_feature_spec feature = levels_of_c(&bad[i].options);
        char                  *table = table_of(bad[i].train);
        struct sl_recipe      *recipe;
        struct sl_design       set;

        assert_int_equal(create(&feature, 1, "y == 1", &recipe), SL_OK);
        assert_int_equal(fit_table(recipe, table, &set, &err), SL_EINPUT);
        assert_string_equal(err.text, bad[i].message);
        free(table);
        sl_design_release(&set);
        sl_recipe_free(recipe);
    }
}

static void faults_of_rows_are_described(void **state)
{
    static const struct {
        struct options options;
        const char    *score, *message;
    } bad[] = {
        {{.handle_unknown = "error"},
         "a,zzz",
         "feature 'c': 'zzz' is no level that training had, and \"handle_unknown\" is \"error\""},
        {{.handle_unknown = "error"},
         "a,\x1b[31m",
         "feature 'c': '?[31m' is no level that training had, and \"handle_unknown\" is \"error\""},
        {{.missing = SL_MISSING_ERROR},
         "a,",
         "feature 'c' is missing; say in the job what to do (\"missing\": \"drop_row\" or "
         "\"level\")"},
        {{.missing = SL_MISSING_LEVEL, .handle_unknown = "error"},
         "a,",
         "feature 'c' is missing, which it never was in training, and \"handle_unknown\" is "
         "\"error\""},
    };
    char said[256];

    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct sl_feature_spec feature = levels_of_c(&bad[i].options);
        char                  *train = table_of("a,b"), *score = table_of(bad[i].score);
        struct sl_recipe      *recipe;
        struct sl_column_block block;
        struct sl_design       set, design;

        assert_int_equal(create(&feature, 1, "y == 1", &recipe), SL_OK);
        assert_int_equal(fit_table(recipe, train, &set, &err), SL_OK);
        assert_int_equal(apply_table(recipe, score, &block, &design, &err), SL_OK);
        assert_int_equal(design.fault_row, 1);
        assert_string_equal(sl_recipe_describe_fault(recipe, &design, said, sizeof said),
                            bad[i].message);
        free(train);
        free(score);
        sl_design_release(&set);
        sl_design_release(&design);
        sl_column_block_release(&block);
        sl_recipe_free(recipe);
    }
}

static void many_levels_are_suspicious(void **state)
{
    struct sl_feature_spec features[] = {
        levels_of_c(&(struct options){.max_levels = 1010}),
        levels_of_c(&(struct options){.max_levels = 1009}),
        levels_of_c(&(struct options){.max_levels = 101}),
    };
    char              levels[1000] = "";
    char             *table;
    struct sl_recipe *recipe;
    struct sl_design  set;
    const char       *name;
    int               n_levels;

    (void)state;
    features[1].name = text("e");
    features[2].name = text("f");
    for (int i = 0; i < 101; i++)
        snprintf(levels + strlen(levels), sizeof levels - strlen(levels), "%s%d", i > 0 ? "," : "",
                 i);
    table = table_of(levels);
    assert_int_equal(create(features, 3, "y == 1", &recipe), SL_OK);
    assert_int_equal(fit_table(recipe, table, &set, &err), SL_OK);
    assert_int_equal(sl_recipe_find_wide(recipe, 0, &name, &n_levels), 1);
    assert_string_equal(name, "e");
    assert_int_equal(n_levels, 101);
    assert_int_equal(sl_recipe_find_wide(recipe, 2, &name, &n_levels), 2);
    assert_string_equal(name, "f");
    assert_int_equal(sl_recipe_find_wide(recipe, 3, &name, &n_levels), -1);
    free(table);
    sl_design_release(&set);
    sl_recipe_free(recipe);
}

/* --- in expressions ------------------------------------------------------------------------- */

/* Behind the feature `kind` of the column `c`. */
static void later_expressions_see_the_column(void **state)
{
    static const char table[] = "c,kind,y\n12,90,1\n7,80,0\n,70,1\n";
    static const struct {
        const char *expr;
        double      want[3];
    } exprs[] = {
        {"kind * 2", {24, 14, NAN}},
        {"kind == '7'", {0, 1, NAN}},
        {"if(ismissing(kind), -1, kind)", {12, 7, -1}},
        {"c + kind", {24, 14, NAN}},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(exprs); i++) {
        struct sl_feature_spec features[] = {
            levels_of_c(&(struct options){.missing = SL_MISSING_LEVEL}),
            {.name = text("f"), .expr = text(exprs[i].expr), .missing = SL_MISSING_DROP_ROW},
        };
        struct sl_recipe      *recipe;
        struct sl_column_block block = {0};
        struct sl_design       design;
        int                    n;

        features[0].name = text("kind");
        if (create(features, 2, "y == 1 and kind != '7'", &recipe) != SL_OK)
            fail_msg("%s: %s", exprs[i].expr, err.text);
        sl_recipe_requests(recipe, &n);
        read_table(sl_recipe_requests(recipe, &n), n, table, &block);
        assert_int_equal(sl_design_init(&design, SL_BLOCK_ROWS, 1, 1, &err), SL_OK);
        assert_int_equal(sl_recipe_evaluate(recipe, &block, &design, &err), SL_OK);
        for (size_t row = 0; row < 3; row++) {
            const double got = design.x.data[row], want = exprs[i].want[row];

            if (isnan(want) ? !isnan(got) : got != want)
                fail_msg("%s, row %zu: %g", exprs[i].expr, row, got);
        }
        assert_true(design.label[0] == 1.0 && design.label[1] == 0.0 && isnan(design.label[2]));
        sl_design_release(&design);
        sl_column_block_release(&block);
        sl_recipe_free(recipe);
    }
}

/* What a feature is made of is a column, also where an earlier feature bears its name. */
static void levels_are_those_of_a_column(void **state)
{
    static const char      table[] = "c,d,y\na,u,1\nb,v,0\n";
    struct sl_feature_spec features[] = {
        levels_of_c(&(struct options){.missing = SL_MISSING_ERROR}),
        levels_of_c(&(struct options){.missing = SL_MISSING_ERROR})};
    struct sl_recipe *recipe;
    struct sl_design  set;
    char             *columns;

    (void)state;
    features[0].name = text("d"); /* of c */
    features[1].name = text("e");
    features[1].categorical = text("d");
    assert_int_equal(create(features, 2, "y == 1", &recipe), SL_OK);
    assert_int_equal(fit_table(recipe, table, &set, &err), SL_OK);
    columns = joined_columns(recipe);
    assert_string_equal(columns, "d=a|d=b|e=u|e=v");
    free(columns);
    sl_design_release(&set);
    sl_recipe_free(recipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_become_columns),
        cmocka_unit_test(training_and_scoring_agree),
        cmocka_unit_test(columns_lie_in_the_order_of_features),
        cmocka_unit_test(what_cannot_be_learned_is_said),
        cmocka_unit_test(faults_of_rows_are_described),
        cmocka_unit_test(many_levels_are_suspicious),
        cmocka_unit_test(later_expressions_see_the_column),
        cmocka_unit_test(levels_are_those_of_a_column),
    };

    return cmocka_run_group_tests_name("categorical", tests, NULL, NULL);
}
