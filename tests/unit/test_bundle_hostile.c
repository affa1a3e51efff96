/* Model files from untrusted hands: edits of real ones, far too much of everything, and thousands
 * of mutations.  Each is read, or refused with its place in the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../support/trained_bundle.h"
#include "scoreline/memory.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static struct sl_error err;

/* --- real models ------------------------------------------------------------------------------ */

static const char matches[] =
    "id,n,winner_rank,loser_rank,winner_age,loser_age,winner_hand,loser_hand,surface\n"
    "d,1,10,20,20.5,21,R,L,Clay\n"
    "d,2,30,15,,19,L,R,Grass\n"
    "d,3,7,70,25,31,R,L,Clay\n"
    "d,4,55,3,22.25,18,R,R,\n"
    "d,5,12,120,23,24,L,R,Hard\n"
    "d,6,90,45,30,,R,L,Hard\n"
    "d,7,8,33,19,20,R,R,Grass\n"
    "d,8,64,5,28,26,L,L,Clay\n";

/* Rows that training had not: a level of its own, nothing known of the ages. */
static const char strangers[] =
    "id,n,winner_rank,loser_rank,winner_age,loser_age,winner_hand,loser_hand,surface\n"
    "d,1,10,20,20.5,21,R,L,Clay\n"
    "d,4,55,3,22.25,18,R,R,\n"
    "d,6,90,45,,,R,L,Hard\n"
    "d,8,64,5,28,26,L,L,\xff\n"
    "d,9,1,2,,,U,L,Grass\n"
    "d,10,1,2,,,U,U,Grass\n";

static char *print_everything(void)
{
    char  winner[] = "winner_", loser[] = "loser_", a[] = "a_", b[] = "b_", a_won[] = "a_won";
    char  gap[] = "gap", gap_expr[] = "log(b_rank) - log(a_rank)", age[] = "a_age";
    char  surface[] = "surface", hand[] = "hand", a_hand[] = "a_hand", right[] = "R";
    char  ignore[] = "ignore", id[] = "id", n[] = "n", empty[] = "";
    char *as[] = {a, b}, *key[] = {id, n}, *missing[] = {empty};
    struct sl_feature_spec features[] = {
        {.name = gap, .expr = gap_expr, .missing = SL_MISSING_DROP_ROW, .scale = SL_SCALE_STANDARD},
        {.name = surface,
         .categorical = surface,
         .missing = SL_MISSING_LEVEL,
         .handle_unknown = ignore,
         .max_levels = 100},
        {.name = age,
         .expr = age,
         .bare = true,
         .missing = SL_MISSING_MEAN,
         .scale = SL_SCALE_STANDARD,
         .indicator = true},
        {.name = hand,
         .categorical = a_hand,
         .missing = SL_MISSING_DROP_ROW,
         .drop = SL_DROP_FIRST,
         .handle_unknown = right,
         .max_levels = 7,
         .trim = true},
    };
    struct sl_recipe_spec spec = {.n_features = N_OF(features),
                                  .features = features,
                                  .orient = {.first = winner,
                                             .second = loser,
                                             .n_as = 2,
                                             .as = as,
                                             .label = a_won,
                                             .n_key = 2,
                                             .key = key,
                                             .seed = 2015},
                                  .label = a_won,
                                  .n_missing = 1,
                                  .missing = missing};
    struct sl_bundle      bundle;
    char                 *text;

    train_bundle(&spec, matches, strangers, &bundle);
    assert_int_equal(sl_copy_text("{\"job\":\"j\"}", &bundle.provenance, &err), SL_OK);
    assert_int_equal(sl_bundle_print(&bundle, &text, &err), SL_OK);
    sl_bundle_release(&bundle);
    return text;
}

/* Three classes, a number and levels of which the first is dropped. */
static char *print_three(void)
{
    static const char      table[] = "x,c,kind\n"
                                     "1,u,low\n"
                                     "2.5,v,mid\n"
                                     "3,u,high\n"
                                     "1.5,w,low\n"
                                     "2.25,v,mid\n"
                                     "0.5,w,low\n"
                                     "2,u,high\n"
                                     "3.5,w,mid\n";
    char                   x[] = "x", c[] = "c", kind[] = "kind", error[] = "error", empty[] = "";
    char                  *missing[] = {empty};
    struct sl_feature_spec features[] = {
        {.name = x, .expr = x, .bare = true, .scale = SL_SCALE_STANDARD},
        {.name = c,
         .categorical = c,
         .drop = SL_DROP_FIRST,
         .handle_unknown = error,
         .max_levels = 9},
    };
    struct sl_recipe_spec spec = {.n_features = N_OF(features),
                                  .features = features,
                                  .label = kind,
                                  .n_missing = 1,
                                  .missing = missing};
    struct sl_bundle      bundle;
    char                 *text;

    train_bundle(&spec, table, table, &bundle);
    assert_int_equal(sl_bundle_print(&bundle, &text, &err), SL_OK);
    sl_bundle_release(&bundle);
    return text;
}

static void assert_reads_back(char *text)
{
    char            *again;
    struct sl_bundle bundle;

    if (sl_bundle_parse(text, strlen(text), "m.json", &bundle, &err) != SL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sl_bundle_print(&bundle, &again, &err), SL_OK);
    assert_string_equal(text, again);
    sl_bundle_release(&bundle);
    free(text);
    free(again);
}

static void models_of_everything_read_back(void **state)
{
    (void)state;
    assert_reads_back(print_everything());
    assert_reads_back(print_three());
}

/* One or two edits of a model, and what is said of it then. */
struct edit {
    const char *after, *from, *to;
};
struct bad_model {
    struct edit edits[2];
    const char *message; /* its beginning */
};
static const struct bad_model hostile[] = {
    {{{"", "\"version\": 1,", "\"version\": 1,\n \"classes\": [],"}, {NULL, NULL, NULL}},
     "m.json: $.classes: this key is given twice"},
    {{{"\"recipe\": {", "\"orient\"", "\"features\": [], \"orient\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features: this key is given twice"},
    {{{"", "\"recipe\"", "\"Recipe\""}, {NULL, NULL, NULL}},
     "m.json: $.Recipe: unknown key, did you mean 'recipe'?"},
    {{{"", "\"recipe\": {", "\"recipe\": [], \"x\": {"}, {NULL, NULL, NULL}},
     "m.json: $.x: unknown key"},
    {{{"\"orient\"", "\"second\": \"loser_\"", "\"second\": \"\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.orient.second: expected a text that is not empty"},
    {{{"\"orient\"", "\"seed\": 2015", "\"seed\": 1e999"}, {NULL, NULL, NULL}}, "m.json: line "},
    {{{"\"orient\"", "\"seed\": 2015", "\"seed\": 2016"}, {NULL, NULL, NULL}}, "m.json: $.checks["},
    {{{"\"orient\"", "\"first\": \"winner_\"", "\"first\": \"loser_\""}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].inputs: expected 6 inputs, got 9"},
    {{{"\"orient\"", "\"as\": [\"a_\", \"b_\"]", "\"as\": [\"a_\"]"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.orient.as: expected at least 2 texts"},
    {{{"\"orient\"", "\"key\": [\"id\", \"n\"]", "\"key\": [\"id\"]"}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].inputs: expected 8 inputs, got 9"},
    {{{"\"orient\"", "\"key\": [\"id\", \"n\"]", "\"key\": [\"n\", \"id\"]"}, {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"features\"", "\"drop_row\"", "\"drop\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[0].missing: unknown choice"},
    {{{"\"features\"", "\"expr\": \"log", "\"expr\": \"lag"}, {NULL, NULL, NULL}},
     "m.json: $.recipe: $.features[0].expr: position 1: unknown function 'lag', did you mean "
     "'log'?"},
    {{{"\"features\"", "\"expr\": \"log", "\"expr\": \"winner_rank + log"}, {NULL, NULL, NULL}},
     "m.json: $.recipe: $.features[0].expr: position 1: 'winner_rank' would tell which of the two "
     "came first: with orient it is 'a_rank' or 'b_rank'"},
    {{{"\"features\"", "\"expr\": \"log(b_rank) - log(a_rank)\"", "\"expr\": \"\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[0].expr: expected a text that is not empty"},
    {{{"\"name\": \"gap\"", "\"mean\": ", "\"mean\": 1e999, \"x\": "}, {NULL, NULL, NULL}},
     "m.json: line "},
    {{{"\"name\": \"gap\"", "\"mean\": ", "\"mean\": NaN, \"x\": "}, {NULL, NULL, NULL}},
     "m.json: line "},
    {{{"\"name\": \"gap\"", "\"mean\": ", "\"mean\": null, \"x\": "}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[0].mean: expected a number, got null"},
    {{{"\"name\": \"gap\"", "\"std\": ", "\"std\": -"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[0].std: expected more than 0"},
    {{{"\"name\": \"gap\"", "\"std\": ", "\"std\": 0, \"x\": "}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[0].std: expected more than 0"},
    {{{"\"name\": \"gap\"", "\"scale\": \"standard\"", "\"scale\": \"none\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[0].mean: unknown key"},
    {{{"\"name\": \"gap\"", "\"missing\": \"drop_row\"", "\"missing\": \"mean\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[0]: missing key 'fill'"},
    {{{"\"features\"", "\"name\": \"gap\"", "\"name\": \"surface\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe: $.features[1].name: 'surface' is the name of features[0]"},
    {{{"\"features\"", "\"name\": \"gap\"", "\"name\": \"\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe: $.features[0].name: empty"},
    {{{"\"features\"", "\"name\": \"gap\"", "\"name\": \"gap\", \"drop\": \"none\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[0].drop: unknown key"},
    {{{"\"name\": \"surface\"", "\"categorical\": \"surface\"", "\"categorical\": \"\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].categorical: expected a text that is not empty"},
    {{{"\"name\": \"surface\"", "\"categorical\": \"surface\"", "\"categorical\": 1"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].categorical: expected a text, got a number"},
    {{{"\"name\": \"surface\"", "\"categorical\": \"surface\"", "\"categorical\": \"winner_hand\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe: $.features[1].categorical: 'winner_hand' would tell which of the two came "
     "first: with orient it is 'a_hand' or 'b_hand'"},
    {{{"\"name\": \"surface\"", "\"categorical\": \"surface\"",
       "\"categorical\": \"surface\", \"expr\": \"surface\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].expr: unknown key"},
    {{{"\"name\": \"surface\"", "\"missing\": \"level\"", "\"missing\": 1"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].missing: expected a text, got a number"},
    {{{"\"name\": \"surface\"", "\"missing\": \"level\"", "\"missing\": \"mean\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].missing: is not for a feature of this kind"},
    {{{"\"name\": \"surface\"", "\"missing\": \"level\"", "\"missing\": \"error\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].had_missing: unknown key, did you mean 'missing'?"},
    {{{"\"name\": \"surface\"", "\"handle_unknown\": \"ignore\"", "\"handle_unknown\": \"\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].handle_unknown: expected a text that is not empty"},
    {{{"\"name\": \"surface\"", "\"handle_unknown\": \"ignore\"", "\"handle_unknown\": 3"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].handle_unknown: expected a text, got a number"},
    {{{"\"name\": \"surface\"", "\"handle_unknown\": \"ignore\"", "\"handle_unknown\": \"Carpet\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].handle_unknown: is no level of the feature"},
    {{{"\"name\": \"surface\"", "\"handle_unknown\": \"ignore\"", "\"handle_unknown\": \"Clay\""},
      {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"name\": \"surface\"", "\"handle_unknown\": \"ignore\"", "\"handle_unknown\": \"error\""},
      {NULL, NULL, NULL}},
     "m.json: $.checks: check 3 cannot be scored: an input is missing"},
    {{{"\"name\": \"surface\"", "\"drop\": \"none\"", "\"drop\": 0"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].drop: expected a text, got a number"},
    {{{"\"name\": \"surface\"", "\"drop\": \"none\"", "\"drop\": \"last\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].drop: unknown choice"},
    {{{"\"name\": \"surface\"", "\"drop\": \"none\"", "\"drop\": \"first\""}, {NULL, NULL, NULL}},
     "m.json: $.columns: expected 7 texts, got 8"},
    {{{"\"name\": \"surface\"", "\"max_levels\": 100", "\"max_levels\": 2"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].levels: 3 of them, at most 2 are allowed"},
    {{{"\"name\": \"surface\"", "\"max_levels\": 100", "\"max_levels\": 0"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].max_levels: expected an integer from 1 to 1000000"},
    {{{"\"name\": \"surface\"", "\"max_levels\": 100", "\"max_levels\": -1"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].max_levels: expected an integer from 1 to 1000000"},
    {{{"\"name\": \"surface\"", "\"max_levels\": 100", "\"max_levels\": 1e300"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].max_levels: expected an integer from 1 to 1000000"},
    {{{"\"name\": \"surface\"", "\"max_levels\": 100", "\"max_levels\": 99999999999999999999"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].max_levels: expected an integer from 1 to 1000000"},
    {{{"\"name\": \"surface\"", "\"max_levels\": 100", "\"max_levels\": \"100\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].max_levels: expected a number, got a text"},
    {{{"\"name\": \"surface\"", "\"trim\": false", "\"trim\": 0"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].trim: expected true or false, got a number"},
    {{{"\"name\": \"surface\"", "\"trim\": false", "\"trim\": null"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].trim: expected true or false, got null"},
    {{{"\"name\": \"surface\"", "\"had_missing\": true", "\"had_missing\": false"},
      {NULL, NULL, NULL}},
     "m.json: $.columns: expected 7 texts, got 8"},
    {{{"\"name\": \"surface\"", "\"had_missing\": true,", ""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1]: missing key 'had_missing'"},
    {{{"\"name\": \"surface\"", "\"levels\": [\"Clay\", \"Grass\", \"Hard\"]",
       "\"levels\": [\"Grass\", \"Clay\", \"Hard\"]"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].levels[1]: not in order, or given twice"},
    {{{"\"name\": \"surface\"", "\"levels\": [\"Clay\", \"Grass\", \"Hard\"]",
       "\"levels\": [\"Clay\", \"Clay\", \"Hard\"]"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].levels[1]: not in order, or given twice"},
    {{{"\"name\": \"surface\"", "\"levels\": [\"Clay\", \"Grass\", \"Hard\"]", "\"levels\": []"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].profile.counts: expected 0 counts, got 3"},
    {{{"\"name\": \"surface\"", "\"levels\": [\"Clay\", \"Grass\", \"Hard\"]",
       "\"levels\": \"Clay\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].levels: expected a list, got a text"},
    {{{"\"name\": \"surface\"", "\"levels\": [\"Clay\", \"Grass\", \"Hard\"]",
       "\"levels\": [\"Clay\", \"Grass\", \"Hard\", {\"hex\": \"ff\"}]"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].profile.counts: expected 4 counts, got 3"},
    {{{"\"name\": \"surface\"", "\"levels\": [\"Clay\", \"Grass\", \"Hard\"]",
       "\"levels\": [\"Clay\", \"Grass\", \"Hard\", {\"hex\": \"f\"}]"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].levels[3].hex: expected bytes of two hexadecimal digits, a "
     "blank between them"},
    {{{"\"name\": \"surface\"", "\"levels\": [\"Clay\", \"Grass\", \"Hard\"]",
       "\"levels\": [\"Clay\", \"Grass\", \"Hard\", {\"hex\": \"ff f\"}]"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].levels[3].hex: expected bytes of two hexadecimal digits, a "
     "blank between them"},
    {{{"\"name\": \"surface\"", "\"levels\": [\"Clay\", \"Grass\", \"Hard\"]",
       "\"levels\": [\"Clay\", \"Grass\", \"Hard\", {}]"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].levels[3]: missing key 'hex'"},
    {{{"\"name\": \"surface\"", "\"Clay\"", "\"Clax\""}, {NULL, NULL, NULL}},
     "m.json: $.columns[1]: expected \"surface=Clax\""},
    {{{"\"name\": \"surface\"", "\"Clay\"", "\"Clax\""},
      {"\"columns\"", "surface=Clay", "surface=Clax"}},
     "m.json: $.checks["},
    {{{"\"name\": \"surface\"", "\"Clay\"", "\"\""}, {"\"columns\"", "surface=Clay", "surface="}},
     "m.json: $.checks["},
    {{{"\"name\": \"surface\"", "\"Clay\"", "{\"hex\": \"00\"}"},
      {"\"columns\"", "surface=Clay", "surface=\\\\x00"}},
     "m.json: $.checks["},
    {{{"\"name\": \"a_age\"", "\"fill\": ", "\"fill\": -"}, {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"name\": \"a_age\"", "\"fill\": ", "\"fil\": "}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[2].fil: unknown key, did you mean 'fill'?"},
    {{{"\"name\": \"a_age\"", "\"profile\": {", "\"profile\": {\"x\": 1, "}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[2].profile.x: unknown key"},
    {{{"\"score_profile\"", "\"rows\": ", "\"rows\": 1"}, {NULL, NULL, NULL}},
     "m.json: $.score_profile.counts: the counts are 10 less than the rows not missing"},
    {{{"", "\"score_profile\": {", "\"score_profile\": [], \"x\": {"}, {NULL, NULL, NULL}},
     "m.json: $.x: unknown key"},
    {{{"", "\"score_profile\"", "\"score_profiles\""}, {NULL, NULL, NULL}},
     "m.json: $.score_profiles: unknown key, did you mean 'score_profile'?"},
    {{{"\"name\": \"a_age\"", "\"indicator\": true", "\"indicator\": false"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[2].indicator: expected true"},
    {{{"\"name\": \"a_age\"", "\"had_missing\": true", "\"had_missing\": false"},
      {NULL, NULL, NULL}},
     "m.json: $.columns: expected 7 texts, got 8"},
    {{{"\"name\": \"a_age\"", "\"column\": \"a_age\"", "\"column\": \"b_age\""},
      {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"name\": \"a_age\"", "\"column\": \"a_age\"", "\"column\": \"a_won\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe: $.features[2].expr: 'a_won' tells which of the two came first: it is for "
     "the label"},
    {{{"\"name\": \"a_age\"", "\"column\": \"a_age\"", "\"column\": \"\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[2].column: expected a text that is not empty"},
    {{{"\"name\": \"hand\"", "\"handle_unknown\": \"R\"", "\"handle_unknown\": \"L\""},
      {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"name\": \"hand\"", "\"handle_unknown\": \"R\"", "\"handle_unknown\": \"ignore\""},
      {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"name\": \"hand\"", "\"drop\": \"first\"", "\"drop\": \"none\""}, {NULL, NULL, NULL}},
     "m.json: $.columns: expected 9 texts, got 8"},
    {{{"\"name\": \"hand\"", "\"trim\": true", "\"trim\": true, \"had_missing\": true"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.features[3].had_missing: unknown key, did you mean 'missing'?"},
    {{{"\"name\": \"hand\"", "\"categorical\": \"a_hand\"", "\"categorical\": \"b_hand\""},
      {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"", "\"label\": \"a_won\",\n    \"label_type\"", "\"label\": \"\",\n    \"label_type\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe: $.label: position 1: the expression ends where a number, a name or '(' is "
     "wanted"},
    {{{"", "\"label_type\": \"integer\"", "\"label_type\": \"real\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.label_type: expected \"text\", \"integer\" or \"number\""},
    {{{"", "\"label_type\": \"integer\"", "\"label_type\": \"text\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.label_type: expected \"integer\": all classes are"},
    {{{"", "\"label_type\": \"integer\"", "\"label_type\": \"integer\", \"weight\": \"\""},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.weight: expected a text that is not empty"},
    {{{"", "\"label_type\": \"integer\"", "\"label_type\": \"integer\", \"weight\": 2"},
      {NULL, NULL, NULL}},
     "m.json: $.recipe.weight: expected a text, got a number"},
    {{{"", "\"classes\": [\"0\", \"1\"]", "\"classes\": [\"1\", \"0\"]"}, {NULL, NULL, NULL}},
     "m.json: $.classes[1]: not in order, or given twice"},
    {{{"", "\"classes\": [\"0\", \"1\"]", "\"classes\": [\"0\"]"}, {NULL, NULL, NULL}},
     "m.json: $.classes: expected at least 2 classes, got 1"},
    {{{"", "\"classes\": [\"0\", \"1\"]", "\"classes\": []"}, {NULL, NULL, NULL}},
     "m.json: $.classes: expected at least 2 classes, got 0"},
    {{{"", "\"classes\": [\"0\", \"1\"]", "\"classes\": null"}, {NULL, NULL, NULL}},
     "m.json: $.classes: expected a list, got null"},
    {{{"", "\"classes\": [\"0\", \"1\"]", "\"classes\": [\"0\", \"1\", \"2\"]"},
      {NULL, NULL, NULL}},
     "m.json: $.coef: expected 3 rows of coefficients, got 1"},
    {{{"", "\"missing\": [\"\"]", "\"missing\": [\"\", 1]"}, {NULL, NULL, NULL}},
     "m.json: $.recipe.missing[1]: expected a text, got a number"},
    {{{"", "\"missing\": [\"\"]", "\"missing\": [\"Grass\"]"}, {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"", "\"missing\": [\"\"]", "\"missing\": []"}, {NULL, NULL, NULL}}, "m.json: $.checks["},
    {{{"\"columns\"", "\"surface=Clay\"", "\"surface=Hard\""}, {NULL, NULL, NULL}},
     "m.json: $.columns[1]: expected \"surface=Clay\""},
    {{{"\"columns\"", "\"surface=Clay\", ", ""}, {NULL, NULL, NULL}},
     "m.json: $.columns: expected 8 texts, got 7"},
    {{{"\"columns\"", "\"a_age:missing\"", "1"}, {NULL, NULL, NULL}},
     "m.json: $.columns[7]: expected \"a_age:missing\""},
    {{{"\"coef\": [", "[", "[[], "}, {NULL, NULL, NULL}},
     "m.json: $.coef[0]: expected 8 numbers, got 9"},
    {{{"\"coef\": [", "[", "[1e999, "}, {NULL, NULL, NULL}}, "m.json: line "},
    {{{"\"coef\": [", "[", "[null, "}, {NULL, NULL, NULL}},
     "m.json: $.coef[0]: expected 8 numbers, got 9"},
    {{{"\"intercept\": [", "", "1, "}, {NULL, NULL, NULL}},
     "m.json: $.intercept: expected 1 number, got 2"},
    {{{"\"intercept\": [", "", "1e309, "}, {NULL, NULL, NULL}}, "m.json: line "},
    {{{"", "\"intercept\": [", "\"intercept\": [], \"x\": ["}, {NULL, NULL, NULL}},
     "m.json: $.x: unknown key"},
    {{{"\"checks\"", "\"inputs\": {", "\"input\": {"}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].input: unknown key, did you mean 'inputs'?"},
    {{{"\"checks\"", "\"inputs\": {", "\"inputs\": [], \"x\": {"}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].x: unknown key"},
    {{{"\"checks\"", "\"winner_rank\": ", "\"winner_renk\": "}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].inputs: missing key 'winner_rank'"},
    {{{"\"checks\"", "\"winner_rank\": ", "\"extra\": 1, \"winner_rank\": "}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].inputs: expected 9 inputs, got 10"},
    {{{"\"checks\"", "\"winner_rank\": ", "\"winner_rank\": \"1\", \"x\": "}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].inputs: expected 9 inputs, got 10"},
    {{{"\"checks\"", "\"winner_rank\": 10", "\"winner_rank\": null"}, {NULL, NULL, NULL}},
     "m.json: $.checks: check 0 cannot be scored: an input is missing"},
    {{{"\"checks\"", "\"winner_rank\": 10", "\"winner_rank\": -1e999"}, {NULL, NULL, NULL}},
     "m.json: line "},
    {{{"\"checks\"", "\"winner_rank\": 10", "\"winner_rank\": 1e300"}, {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"checks\"", "\"loser_hand\": \"L\"", "\"loser_hand\": \"R\""}, {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"checks\"", "\"winner_hand\": \"R\"", "\"winner_hand\": 1"}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].inputs.winner_hand: expected a text, got a number"},
    {{{"\"checks\"", "\"loser_hand\": \"L\"", "\"loser_hand\": \"\""}, {NULL, NULL, NULL}},
     "m.json: $.checks: check 0 cannot be scored: an input is missing"},
    {{{"\"checks\"", "\"surface\": \"Clay\"", "\"surface\": {\"hex\": \"f\"}"}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].inputs.surface.hex: expected bytes of two hexadecimal digits, a blank "
     "between them"},
    {{{"\"checks\"", "\"surface\": \"Clay\"", "\"surface\": {\"hex\": \"43 6c 61 78\"}"},
      {NULL, NULL, NULL}},
     "m.json: $.checks["},
    {{{"\"checks\"", "\"id\": \"d\"", "\"id\": \"f\""}, {NULL, NULL, NULL}}, "m.json: $.checks["},
    {{{"\"checks\"", "\"score\": ", "\"score\": -"}, {NULL, NULL, NULL}}, "m.json: $.checks["},
    {{{"\"checks\"", "\"score\": ", "\"score\": 1"}, {NULL, NULL, NULL}}, "m.json: $.checks["},
    {{{"\"checks\"", "\"score\": ", "\"score\": NaN, \"x\": "}, {NULL, NULL, NULL}},
     "m.json: line "},
    {{{"\"checks\"", "[", "[3, "}, {NULL, NULL, NULL}},
     "m.json: $.checks[0]: expected an object, got a number"},
    {{{"\"checks\"", "[", "[{}, "}, {NULL, NULL, NULL}},
     "m.json: $.checks[0]: missing key 'inputs'"},
    {{{"", "\"checks\": [", "\"checks\": {}, \"x\": ["}, {NULL, NULL, NULL}},
     "m.json: $.x: unknown key"},
    {{{"\"provenance\"", "{", "[], \"x\": {"}, {NULL, NULL, NULL}}, "m.json: $.x: unknown key"},
};

static const struct bad_model hostile_of_three[] = {
    {{{"", "\"low\", \"mid\"", "\"mid\", \"low\""}, {"", "\"high\"", "\"high\""}},
     "m.json: $.classes[2]: not in order, or given twice"},
    {{{"\"classes\"", "\"mid\"", "\"low\""}, {NULL, NULL, NULL}},
     "m.json: $.classes[2]: not in order, or given twice"},
    {{{"\"classes\"", ", \"mid\"", ""}, {NULL, NULL, NULL}},
     "m.json: $.coef: expected 1 row of coefficients, got 3"},
    {{{"\"classes\"", "\"mid\"", "\"mid\", \"top\""}, {NULL, NULL, NULL}},
     "m.json: $.coef: expected 4 rows of coefficients, got 3"},
    {{{"", "\"high\", \"low\", \"mid\"", "\"1\", \"2\", \"3\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.label_type: expected \"integer\": all classes are"},
    {{{"", "\"label_type\": \"text\"", "\"label_type\": \"integer\""}, {NULL, NULL, NULL}},
     "m.json: $.classes[0]: expected the digits of an integer"},
    {{{"\"coef\": [", "[", "[], ["}, {NULL, NULL, NULL}},
     "m.json: $.coef: expected 3 rows of coefficients, got 4"},
    {{{"\"coef\": [", "],\n    [", "],\n    [0, "}, {NULL, NULL, NULL}},
     "m.json: $.coef[1]: expected 3 numbers, got 4"},
    {{{"\"coef\": [", "],\n    [", "],\n    [], ["}, {NULL, NULL, NULL}},
     "m.json: $.coef: expected 3 rows of coefficients, got 4"},
    {{{"\"intercept\": [", "", "0, "}, {NULL, NULL, NULL}},
     "m.json: $.intercept: expected 3 numbers, got 4"},
    {{{"\"score\": [", "", "0, "}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].score: expected 3 numbers, got 4"},
    {{{"\"checks\"", "\"x\": ", "\"kind2\": "}, {NULL, NULL, NULL}},
     "m.json: $.checks[0].inputs: missing key 'x'"},
    {{{"", "\"handle_unknown\": \"error\"", "\"handle_unknown\": \"x\""}, {NULL, NULL, NULL}},
     "m.json: $.recipe.features[1].handle_unknown: is no level of the feature"},
    {{{"\"levels\": ", "\"v\"", "\"w\""}, {"\"levels\": ", "\"w\", \"w\"", "\"w\", \"x\""}},
     "m.json: $.columns[1]: expected \"c=w\""},
    {{{"\"checks\"", "\"c\": \"u\"", "\"c\": \"t\""}, {NULL, NULL, NULL}},
     "m.json: $.checks: check 0 cannot be scored: an input is missing"},
    {{{"\"checks\"", "\"c\": \"u\"", "\"c\": \"v\""}, {NULL, NULL, NULL}}, "m.json: $.checks["},
    {{{"\"levels\": ", "\"u\"", "\"ua\""}, {NULL, NULL, NULL}},
     "m.json: $.checks: check 6 cannot be scored: an input is missing"},
};

static char *edited(const char *text, const struct edit edits[2])
{
    char *one = altered(text, edits[0].after, edits[0].from, edits[0].to);
    char *two = NULL;

    if (one == NULL)
        fail_msg("no '%s' behind '%s' in\n%s", edits[0].from, edits[0].after, text);
    if (edits[1].from == NULL)
        return one;
    two = altered(one, edits[1].after, edits[1].from, edits[1].to);
    if (two == NULL)
        fail_msg("no '%s' behind '%s' in\n%s", edits[1].from, edits[1].after, one);
    free(one);
    return two;
}

static void assert_refused(char *text, const struct bad_model *models, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char            *other = edited(text, models[i].edits);
        struct sl_bundle bundle;

        if (sl_bundle_parse(other, strlen(other), "m.json", &bundle, &err) != SL_EJOB)
            fail_msg("case %zu, %s: status %d", i, models[i].edits[0].to, (int)err.code);
        if (strncmp(err.text, models[i].message, strlen(models[i].message)) != 0)
            fail_msg("case %zu, %s: %s", i, models[i].edits[0].to, err.text);
        assert_null(bundle.recipe);
        assert_null(bundle.model);
        free(other);
    }
    free(text);
}

static void hostile_models_are_refused(void **state)
{
    (void)state;
    assert_refused(print_everything(), hostile, N_OF(hostile));
    assert_refused(print_three(), hostile_of_three, N_OF(hostile_of_three));
}

/* A bit of any number that scores depend on, with the checks of rows that depend on it. */
static void all_that_was_learned_is_checked(void **state)
{
    static const char *const after[] = {
        "\"name\": \"gap\",",   "\"mean\": ",    "\"std\": ",
        "\"name\": \"a_age\",", "\"fill\": ",    "\"coef\": [\n    [",
        "\"intercept\": [",     "\"checks\": [", "\"winner_rank\": ",
    };
    static const int at[][2] = {{0, 1}, {0, 2}, {3, 4}, {3, 1}, {3, 2}, {5, -1}, {6, -1}, {7, 8}};
    char            *text = print_everything();

    (void)state;
    for (size_t i = 0; i < N_OF(at); i++) {
        const size_t   begin = (size_t)(strstr(text, after[at[i][0]]) - text);
        char          *end = nudged(text + begin, at[i][1] < 0 ? after[at[i][0]] : after[at[i][1]]);
        struct sl_text other = {0};
        struct sl_bundle bundle;

        assert_int_equal(sl_text_add_bytes(&other, text, begin, &err), SL_OK);
        assert_int_equal(sl_text_add(&other, &err, "%s", end), SL_OK);
        if (sl_bundle_parse(other.data, other.n_bytes, "m.json", &bundle, &err) != SL_EJOB)
            fail_msg("%s %s: passed the checks", after[at[i][0]],
                     after[at[i][1] < 0 ? 0 : at[i][1]]);
        assert_non_null(strstr(err.text, "m.json: $.checks["));
        assert_non_null(strstr(err.text, "the file was altered or damaged"));
        sl_text_release(&other);
        free(end);
    }
    free(text);
}

/* Far too much of everything: refused in little time and memory. */
static void huge_models_are_refused(void **state)
{
    static const struct {
        const char *after, *from, *unit;
        int         n;
        const char *message;
    } cases[] = {
        {"\"provenance\": {", "\"job\": \"j\"", "[", 200000, "m.json: line "},
        {"\"provenance\": {", "\"job\": ", "{\"a\":", 70, "m.json: line "},
        {"\"levels\": [", "\"Clay\"", "\"Clay\",", 101, "m.json: $.recipe.features[1].levels: 10"},
        {"\"classes\": [", "\"0\"", "\"0\",", 1001,
         "m.json: $.classes: 1003 of them, at most 1000"},
        {"\"checks\": [", "{", "0,", 256, "m.json: $.checks: 262 checks, at most 256 are allowed"},
        {"\"coef\": [", "[", "[],", 100000, "m.json: $.coef: expected 1 row of coefficients, got"},
        {"\"columns\": [", "\"gap\"", "\"gap\",", 50000,
         "m.json: $.columns: expected 8 texts, got"},
    };
    char *text = print_everything();

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_text   many = {0};
        struct sl_bundle bundle;
        char            *other;

        for (int k = 0; k < cases[i].n; k++)
            assert_int_equal(sl_text_add(&many, &err, "%s", cases[i].unit), SL_OK);
        assert_int_equal(sl_text_add(&many, &err, "%s", cases[i].from), SL_OK);
        other = altered(text, cases[i].after, cases[i].from, many.data);
        assert_non_null(other);
        assert_int_equal(sl_bundle_parse(other, strlen(other), "m.json", &bundle, &err), SL_EJOB);
        if (strncmp(err.text, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("case %zu: %s", i, err.text);
        sl_text_release(&many);
        free(other);
    }
    free(text);
}

/* --- mutations ----------------------------------------------------------------------------------
 */

/* A generator of its own, so that every run tries the same. */
static uint32_t draw(uint64_t *random, uint32_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*random >> 33) % below);
}

/* Where tokens begin: words, numbers and signs. */
static size_t next_token(const char *text, size_t n, size_t at)
{
    static const char signs[] = "[]{}:,\" \n";

    while (at < n && strchr(signs, text[at]) == NULL)
        at++;
    while (at < n && strchr(" \n", text[at]) != NULL)
        at++;
    return at < n ? at + 1 : n;
}

/* Two pieces of the text change places. */
static void swap_tokens(char *text, size_t n, uint64_t *random)
{
    const size_t a = next_token(text, n, draw(random, (uint32_t)n));
    const size_t b = next_token(text, n, draw(random, (uint32_t)n));
    const size_t first = a < b ? a : b, second = a < b ? b : a;
    const size_t end_of_first = next_token(text, n, first), end = next_token(text, n, second);
    char        *copy;

    if (end_of_first > second)
        return;
    copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, text, n);
    text += first;
    memcpy(text, copy + second, end - second);
    text += end - second;
    memcpy(text, copy + end_of_first, second - end_of_first);
    text += second - end_of_first;
    memcpy(text, copy + first, end_of_first - first);
    free(copy);
}

/* Bytes that matter in such files, and any. */
static char some_byte(uint64_t *random)
{
    static const char signs[] = "[]{}:,\"0123456789.-+eE \\nulatrfs";
    const uint32_t    k = draw(random, 2 * sizeof signs);

    return k < sizeof signs ? signs[k] : (char)(unsigned char)draw(random, 256);
}

static void mutate(char *text, size_t *n, uint64_t *random)
{
    const uint32_t n_changes = 1 + draw(random, 3);

    for (uint32_t i = 0; i < n_changes; i++) {
        const size_t at = draw(random, (uint32_t)*n);

        switch (draw(random, 5)) {
        case 0:
            text[at] = (char)(text[at] ^ (char)(1 << draw(random, 7)));
            break;
        case 1:
            text[at] = some_byte(random);
            break;
        case 2: /* a byte less */
            memmove(text + at, text + at + 1, *n - at - 1);
            *n -= 1;
            break;
        case 3:
            swap_tokens(text, *n, random);
            break;
        default: /* cut short, now and then */
            *n = draw(random, 8) == 0 ? at + 1 : *n;
            break;
        }
    }
}

/* Whatever is done to a file, it is read or refused; what is read can be written again. */
static void mutated_models_are_read_or_refused(void **state)
{
    enum { N_MUTATIONS = 6000 };

    char    *texts[] = {print_everything(), print_three()};
    size_t   n_most = strlen(texts[0]) + strlen(texts[1]);
    char    *other = malloc(n_most);
    uint64_t random = 2015;
    int      n_read = 0, n_of_json = 0;

    (void)state;
    assert_non_null(other);
    for (int i = 0; i < N_MUTATIONS; i++) {
        const char      *text = texts[i % 2];
        struct sl_bundle bundle;
        size_t           n_bytes = strlen(text);
        char            *again = NULL;
        sl_status        rc;

        memcpy(other, text, n_bytes);
        mutate(other, &n_bytes, &random);
        rc = sl_bundle_parse(other, n_bytes, "m.json", &bundle, &err);
        if (rc != SL_OK && (rc != SL_EJOB || strncmp(err.text, "m.json: ", 8) != 0))
            fail_msg("mutation %d: status %d, %s\n%.*s", i, (int)rc, err.text, (int)n_bytes, other);
        n_of_json += rc != SL_OK && strncmp(err.text, "m.json: $", 9) == 0;
        if (rc != SL_OK)
            continue;
        n_read++;
        assert_int_equal(sl_bundle_print(&bundle, &again, &err), SL_OK);
        free(again);
        sl_bundle_release(&bundle);
    }
    assert_in_range(n_read, N_MUTATIONS / 100, N_MUTATIONS / 2);
    assert_in_range(n_of_json, N_MUTATIONS / 10, N_MUTATIONS);
    free(other);
    free(texts[0]);
    free(texts[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_of_everything_read_back),
        cmocka_unit_test(hostile_models_are_refused),
        cmocka_unit_test(all_that_was_learned_is_checked),
        cmocka_unit_test(huge_models_are_refused),
        cmocka_unit_test(mutated_models_are_read_or_refused),
    };

    return cmocka_run_group_tests_name("bundle_hostile", tests, NULL, NULL);
}
