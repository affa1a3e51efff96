/* JSON in and out: syntax and its places, comments, keys given twice, numbers to the last bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scoreline/json.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static struct sl_json_doc *parse(const char *text)
{
    struct sl_json_doc *doc = NULL;
    struct sl_error     err = {0};

    if (sl_json_parse(text, strlen(text), "t.json", &doc, &err) != SL_OK)
        fail_msg("%s: %s", text, err.text);
    return doc;
}

static char *print(const struct sl_json *value, bool pretty)
{
    struct sl_error err = {0};
    char           *text = NULL;

    assert_int_equal(sl_json_print(value, pretty, &text, &err), SL_OK);
    return text;
}

/* What is refused, and the whole message. */
static const struct {
    const char *text;
    const char *message;
} bad[] = {
    {"", "t.json: line 1, column 1: expected a value, got the end of the text"},
    {" \n ", "t.json: line 2, column 2: expected a value, got the end of the text"},
    {"{\"a\" 1}", "t.json: line 1, column 6: expected ':', got '1'"},
    {"{\"a\":1,}", "t.json: line 1, column 8: expected a key in double quotes, got '}'"},
    {"{\"a\":1 \"b\":2}", "t.json: line 1, column 8: expected ',' or '}', got '\"b\"'"},
    {"{'a':1}", "t.json: line 1, column 2: expected a key in double quotes or '}', got ''a''"},
    {"{\n  \"a\": tru\n}", "t.json: line 2, column 8: expected a value, got 'tru'"},
    {"{\"a\": True}", "t.json: line 1, column 7: expected a value, got 'True'"},
    {"nullx", "t.json: line 1, column 1: expected a value, got 'nullx'"},
    {"null5", "t.json: line 1, column 5: expected the end of the text, got '5'"},
    {"[1,]", "t.json: line 1, column 4: expected a value, got ']'"},
    {"[1 2]", "t.json: line 1, column 4: expected ',' or ']', got '2'"},
    {"[1,2", "t.json: line 1, column 5: expected ',' or ']', got the end of the text"},
    {"[1}", "t.json: line 1, column 3: expected ',' or ']', got '}'"},
    {"{]", "t.json: line 1, column 2: expected a key in double quotes or '}', got ']'"},
    {"]", "t.json: line 1, column 1: expected a value, got ']'"},
    {"[,1]", "t.json: line 1, column 2: expected a value or ']', got ','"},
    {"{\"a\":1:2}", "t.json: line 1, column 7: expected ',' or '}', got ':'"},
    {"{} x", "t.json: line 1, column 4: expected the end of the text, got 'x'"},
    {"1 2", "t.json: line 1, column 3: expected the end of the text, got '2'"},
    {"[.5]", "t.json: line 1, column 2: expected a value or ']', got '.5'"},
    {"[+1]", "t.json: line 1, column 2: expected a value or ']', got '+1'"},
    {"[NaN]", "t.json: line 1, column 2: expected a value or ']', got 'NaN'"},
    {"01", "t.json: line 1, column 1: a malformed number"},
    {"1.", "t.json: line 1, column 1: a malformed number"},
    {"-", "t.json: line 1, column 1: a malformed number"},
    {"1e", "t.json: line 1, column 1: a malformed number"},
    {"1-2", "t.json: line 1, column 1: a malformed number"},
    {"[0, 1e999]", "t.json: line 1, column 5: a number beyond the range of a double"},
    {"\"a", "t.json: line 1, column 1: this text has no closing quote on its line"},
    {"[\"a\nb\"]", "t.json: line 1, column 2: this text has no closing quote on its line"},
    {"\"a\tb\"",
     "t.json: line 1, column 3: a control character inside a text (write it as \\uXXXX)"},
    {"\"\\x\"", "t.json: line 1, column 2: an unknown escape (a backslash itself is \\\\)"},
    {"\"\\", "t.json: line 1, column 2: an unknown escape (a backslash itself is \\\\)"},
    {"\"\\u12g4\"", "t.json: line 1, column 2: \\u needs four hexadecimal digits"},
    {"\"\\u12", "t.json: line 1, column 2: \\u needs four hexadecimal digits"},
    {"\"\\u0000\"", "t.json: line 1, column 2: a NUL character inside a text"},
    {"\"\\ud800\"", "t.json: line 1, column 2: half of a surrogate pair"},
    {"\"\\udc00\\ud800\"", "t.json: line 1, column 2: half of a surrogate pair"},
    {"\"\\ud83d\\ud83d\"", "t.json: line 1, column 2: half of a surrogate pair"},
    {"[1, /* 2\n", "t.json: line 1, column 5: this comment has no end"},
    {"/*/", "t.json: line 1, column 1: this comment has no end"},
    {"[1 / 2]", "t.json: line 1, column 4: expected ',' or ']', got '/'"},
    {"// one\n/* two\n three */ [x]",
     "t.json: line 3, column 12: expected a value or ']', got 'x'"},
    {"[\"\xC3\xA9\", x]", "t.json: line 1, column 7: expected a value, got 'x'"}, /* characters */
    {"\xEF\xBB\xBF[x", "t.json: line 1, column 2: expected a value or ']', got 'x'"},
    {"\r\n[\r\n x", "t.json: line 3, column 2: expected a value or ']', got 'x'"},
    {"[\v1]", "t.json: line 1, column 2: expected a value or ']', got the byte 0x0b"},
    {"{\"a\":1,\"a\":2}", "t.json: $.a: this key is given twice"},
    {"{\"a\":{\"b\":[0,{\"c\":1,\"d\":2,\"c\":3}]}}",
     "t.json: $.a.b[1].c: this key is given twice"},
    {"[{\"a b\":{\"\":1,\"\":2}}]", "t.json: $[0][\"a b\"][\"\"]: this key is given twice"},
    {"{\"a\":1,\"\\u0061\":2}", "t.json: $.a: this key is given twice"},
};

static void faults_have_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct sl_json_doc *doc = NULL;
        struct sl_error     err = {0};

        if (sl_json_parse(bad[i].text, strlen(bad[i].text), "t.json", &doc, &err) != SL_EJOB)
            fail_msg("accepted: %s", bad[i].text);
        assert_string_equal(err.text, bad[i].message);
        assert_null(doc);
    }
}

static void nul_bytes_are_refused(void **state)
{
    struct sl_json_doc *doc = NULL;
    struct sl_error     err = {0};

    (void)state;
    assert_int_equal(sl_json_parse("[1,\0 2]", 7, "t.json", &doc, &err), SL_EJOB);
    assert_string_equal(err.text, "t.json: line 1, column 4: expected a value, got the byte 0x00");
    assert_int_equal(sl_json_parse("[1]\0", 4, "t.json", &doc, &err), SL_EJOB);
    assert_string_equal(
        err.text, "t.json: line 1, column 4: expected the end of the text, got the byte 0x00");
    assert_int_equal(sl_json_parse("[\"a\0b\"]", 7, "t.json", &doc, &err), SL_EJOB);
    assert_string_equal(err.text, "t.json: line 1, column 4: a NUL byte inside a text");
    assert_int_equal(sl_json_parse(NULL, 0, "t.json", &doc, &err), SL_EJOB);
}

static void only_given_bytes_are_read(void **state)
{
    struct sl_json_doc *doc = NULL;
    struct sl_error     err = {0};

    (void)state;
    assert_int_equal(sl_json_parse("[1]garbage", 3, "t.json", &doc, &err), SL_OK);
    sl_json_close(doc);
}

static void nesting_has_a_limit(void **state)
{
    char                text[2 * 65 + 1] = "";
    struct sl_json_doc *doc = NULL;
    struct sl_error     err = {0};

    (void)state;
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    assert_int_equal(sl_json_parse(text, 128, "t.json", &doc, &err), SL_OK);
    sl_json_close(doc);
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_int_equal(sl_json_parse(text, 130, "t.json", &doc, &err), SL_EJOB);
    assert_string_equal(err.text, "t.json: line 1, column 65: nested more than 64 deep");
}

/* What is read, printed again on one line. */
static const struct {
    const char *text;
    const char *printed;
} good[] = {
    {"\xEF\xBB\xBF{}", "{}"},
    {" [ ] ", "[]"},
    {"// no\n[1, // one\r\n/* * / // */ 2]// end", "[1,2]"},
    {"[/**/1/***/,/*\n*/2]", "[1,2]"},
    {"\"http://x /* y */ // z\"", "\"http://x /* y */ // z\""},
    {"\"a\\\"// \\\\\" // c", "\"a\\\"// \\\\\""},
    {"[true,false,null,\"\"]", "[true,false,null,\"\"]"},
    {"\"\\u00e9\\ud83d\\ude00\\/\\n\"", "\"\xC3\xA9\xF0\x9F\x98\x80/\\u000a\""},
    {"{\"b\":1,\"a\":{\"B\":[[],{}]},\"A\":0}", "{\"b\":1,\"a\":{\"B\":[[],{}]},\"A\":0}"},
    {"[0,-0,10,1e3,1E+2,2.50]", "[0,-0,10,1000,100,2.5]"},
    {"[1e22,123456789012345678]", "[1e+22,1.2345678901234568e+17]"},
    {"0.1000000000000000055511151231257827021181583404541015625", "0.1"},
};

static void good_texts_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(good); i++) {
        struct sl_json_doc *doc = parse(good[i].text);
        char               *printed = print(sl_json_root(doc), false);

        assert_string_equal(printed, good[i].printed);
        free(printed);
        sl_json_close(doc);
    }
}

static void numbers_read_back_exactly(void **state)
{
    double numbers[] = {0.1,
                        1.0 / 3.0,
                        2.5963119812616609,
                        1.308261247474216,
                        -0.6352013819088689,
                        5e-324,
                        1.7976931348623157e308,
                        9007199254740991.0,
                        9007199254740993.0,
                        1e15 + 0.3,
                        nextafter(1.0, 2.0),
                        nextafter(0.3, 0.0)};

    (void)state;
    for (size_t i = 0; i < N_OF(numbers); i++) {
        struct sl_error     err = {0};
        struct sl_json_doc *doc = NULL;
        struct sl_json_doc *back;
        char               *text;

        assert_int_equal(sl_json_create(&doc, &err), SL_OK);
        assert_int_equal(sl_json_add_number(sl_json_root(doc), "x", numbers[i], &err), SL_OK);
        text = print(sl_json_root(doc), true);
        back = parse(text);
        assert_true(sl_json_number(sl_json_find(sl_json_root(back), "x")) == numbers[i]);
        free(text);
        sl_json_close(back);
        sl_json_close(doc);
    }
}

static void integers_are_never_rounded(void **state)
{
    static const struct {
        const char *text;
        bool        is_integer;
        int64_t     value;
    } cases[] = {
        {"0", true, 0},
        {"-7", true, -7},
        {"2e3", true, 2000},
        {"4294967296", true, 4294967296}, /* beyond cJSON's valueint */
        {"9007199254740991", true, 9007199254740991},
        {"-9007199254740991", true, -9007199254740991},
        {"9007199254740992", false, 0}, /* 2^53 + 1 reads as this one */
        {"9007199254740993", false, 0},
        {"0.5", false, 0},
        {"1e300", false, 0},
        {"\"1\"", false, 0},
        {"true", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_json_doc *doc = parse(cases[i].text);
        int64_t             value = 0;

        assert_int_equal(sl_json_integer(sl_json_root(doc), &value), cases[i].is_integer);
        assert_true(value == cases[i].value);
        sl_json_close(doc);
    }
}

static void getters_look_and_do_not_touch(void **state)
{
    struct sl_json_doc   *doc = parse("{\"a\":1.5,\"b\":\"t\",\"c\":true,\"d\":[1,2],\"e\":null}");
    const struct sl_json *root = sl_json_root(doc);
    const struct sl_json *a = sl_json_find(root, "a");

    (void)state;
    assert_int_equal(sl_json_count(root), 5);
    assert_ptr_equal(sl_json_first(root), a);
    assert_string_equal(sl_json_key(a), "a");
    assert_null(sl_json_find(root, "A"));
    assert_null(sl_json_find(a, "a"));
    assert_true(sl_json_number(a) == 1.5);
    assert_null(sl_json_text(a));
    assert_string_equal(sl_json_text(sl_json_next(a)), "t");
    assert_true(isnan(sl_json_number(sl_json_next(a))));
    assert_true(sl_json_bool(sl_json_find(root, "c")));
    assert_false(sl_json_bool(a));
    assert_null(sl_json_key(sl_json_first(sl_json_find(root, "d"))));
    assert_int_equal(sl_json_kind(sl_json_find(root, "e")), SL_JSON_NULL);
    assert_null(sl_json_next(sl_json_find(root, "e")));
    assert_string_equal(sl_json_kind_name(sl_json_kind(root)), "an object");
    sl_json_close(doc);
}

static void faults_name_the_path(void **state)
{
    struct sl_json_doc   *doc = parse("{\"a\":{\"b\":[1,{\"c d\":2}]}}");
    const struct sl_json *b = sl_json_find(sl_json_find(sl_json_root(doc), "a"), "b");
    struct sl_error       err = {0};
    char                  small[6];

    (void)state;
    assert_int_equal(sl_json_fail(doc, sl_json_root(doc), SL_EJOB, &err, "no"), SL_EJOB);
    assert_string_equal(err.text, "t.json: $: no");
    assert_int_equal(sl_json_fail(doc, sl_json_first(sl_json_next(sl_json_first(b))),
                                  SL_EUNSUPPORTED, &err, "not %d", 2),
                     SL_EUNSUPPORTED);
    assert_string_equal(err.text, "t.json: $.a.b[1][\"c d\"]: not 2");
    sl_json_path(doc, sl_json_first(b), small, sizeof small);
    assert_string_equal(small, "$.a.b");
    sl_json_close(doc);
}

static void trees_are_built(void **state)
{
    struct sl_error     err = {0};
    struct sl_json_doc *doc = NULL;
    struct sl_json_doc *other = parse("[1,{\"k\":\"v\"}]");
    struct sl_json     *root;
    struct sl_json     *list;
    struct sl_json     *object;
    char               *text;

    (void)state;
    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    root = sl_json_root(doc);
    assert_int_equal(sl_json_add_text(root, "t", "\"\x01\\", &err), SL_OK);
    assert_int_equal(sl_json_add_bool(root, "b", false, &err), SL_OK);
    assert_int_equal(sl_json_add_list(root, "l", &list, &err), SL_OK);
    assert_int_equal(sl_json_add_number(list, NULL, NAN, &err), SL_OK);
    assert_int_equal(sl_json_add_object(list, NULL, &object, &err), SL_OK);
    assert_int_equal(sl_json_add_copy(object, "c", sl_json_root(other), &err), SL_OK);
    sl_json_close(other);
    text = print(root, false);
    assert_string_equal(
        text, "{\"t\":\"\\\"\\u0001\\\\\",\"b\":false,\"l\":[null,{\"c\":[1,{\"k\":\"v\"}]}]}");
    free(text);

    assert_int_equal(sl_json_replace(root, "l", sl_json_find(object, "c"), &err), SL_OK);
    assert_int_equal(sl_json_replace(root, "n", sl_json_find(root, "b"), &err), SL_OK);
    text = print(root, true);
    assert_string_equal(text,
                        "{\n  \"t\": \"\\\"\\u0001\\\\\",\n  \"b\": false,\n  \"l\": [\n"
                        "    1,\n    {\n      \"k\": \"v\"\n    }\n  ],\n  \"n\": false\n}\n");
    free(text);
    sl_json_close(doc);
}

/* A member of a list has no key, wherever it came from: else it would print and be found as one. */
static void copies_in_lists_have_no_key(void **state)
{
    struct sl_error     err = {0};
    struct sl_json_doc *doc = parse("{\"a\":{\"b\":1}}");
    struct sl_json     *list;
    char                path[32];

    (void)state;
    assert_int_equal(sl_json_add_list(sl_json_root(doc), "l", &list, &err), SL_OK);
    assert_int_equal(sl_json_add_copy(list, NULL, sl_json_find(sl_json_root(doc), "a"), &err),
                     SL_OK);
    assert_null(sl_json_key(sl_json_first(list)));
    sl_json_path(doc, sl_json_first(sl_json_first(list)), path, sizeof path);
    assert_string_equal(path, "$.l[0].b");
    sl_json_close(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_have_their_place),
        cmocka_unit_test(nul_bytes_are_refused),
        cmocka_unit_test(only_given_bytes_are_read),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(good_texts_are_read),
        cmocka_unit_test(numbers_read_back_exactly),
        cmocka_unit_test(integers_are_never_rounded),
        cmocka_unit_test(getters_look_and_do_not_touch),
        cmocka_unit_test(faults_name_the_path),
        cmocka_unit_test(trees_are_built),
        cmocka_unit_test(copies_in_lists_have_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
