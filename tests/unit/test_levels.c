/* Levels: texts of any bytes are found again, ordered, saved and read back; lists that are not as
 * they would be written are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/feature/levels.h"
#include "scoreline/memory.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))
#define TEXT(bytes)                                                                                \
    {                                                                                              \
        bytes, sizeof(bytes) - 1                                                                   \
    }

enum { MANY = 50000 };

static struct sl_error err;

static bool same(struct sl_slice a, struct sl_slice b)
{
    return a.n_bytes == b.n_bytes && (a.n_bytes == 0 || memcmp(a.data, b.data, a.n_bytes) == 0);
}

/* Texts that are easily taken for one another. */
static const struct sl_slice odd[] = {
    TEXT(""),         TEXT("\0"),      TEXT("\0\0"),      TEXT("a"),         TEXT("a\0"),
    TEXT("A"),        TEXT(" a"),      TEXT("a "),        TEXT("1"),         TEXT("01"),
    TEXT("1.0"),      TEXT("\xff"),    TEXT("\xc3\x28"),  TEXT("\xc3\xa9"),  TEXT("e\xcc\x81"),
    TEXT("abcdefgh"), TEXT("abcdefg"), TEXT("abcdefghi"), TEXT("abcdefg\0"), TEXT("(missing)"),
    TEXT("\x7f"),     TEXT("\x80"),    TEXT("\"\\\n"),
};
enum { N_ODD = N_OF(odd) };

static void add_all(struct sl_levels *levels, const struct sl_slice *texts, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        int32_t number = -1;

        assert_int_equal(sl_levels_add(levels, texts[i], &number, &err), SL_OK);
        assert_int_equal(number, i);
    }
}

static void texts_are_found_by_all_their_bytes(void **state)
{
    struct sl_levels levels = {0};
    int32_t          number;

    (void)state;
    for (int32_t i = 0; i < N_ODD; i++)
        assert_int_equal(sl_levels_find(&levels, odd[i]), -1);
    add_all(&levels, odd, N_ODD);
    for (int32_t i = 0; i < N_ODD; i++) {
        assert_int_equal(sl_levels_find(&levels, odd[i]), i);
        assert_true(same(sl_levels_get(&levels, i), odd[i]));
        assert_int_equal(sl_levels_add(&levels, odd[i], &number, &err), SL_OK);
        assert_int_equal(number, i);
    }
    assert_int_equal(levels.n, N_ODD);
    assert_int_equal(sl_levels_find(&levels, (struct sl_slice)TEXT("b")), -1);
    sl_levels_release(&levels);
    assert_int_equal(levels.n, 0);
    assert_int_equal(sl_levels_find(&levels, odd[0]), -1);
}

/* Texts of every length up to 39 bytes, each differing from its neighbours somewhere. */
static struct sl_slice nth(int32_t i, char out[64])
{
    snprintf(out, 64, "%.*s%d", (int)(i % 30), "the same beginning of all texts", i);
    return (struct sl_slice){out, strlen(out)};
}

static void thousands_of_levels_are_kept_apart(void **state)
{
    struct sl_levels levels = {0};
    bool            *is_used;
    int32_t         *map;
    char             text[64];
    int32_t          number;

    (void)state;
    for (int32_t i = 0; i < MANY; i++) {
        assert_int_equal(sl_levels_add(&levels, nth(i, text), &number, &err), SL_OK);
        assert_int_equal(number, i);
    }
    for (int32_t i = 0; i < MANY; i++)
        assert_int_equal(sl_levels_find(&levels, nth(i, text)), i);
    assert_int_equal(sl_levels_find(&levels, nth(MANY, text)), -1);
    assert_int_equal(sl_alloc_array(MANY, sizeof *is_used, &is_used, &err), SL_OK);
    assert_int_equal(sl_alloc_array(MANY, sizeof *map, &map, &err), SL_OK);
    for (int32_t i = 0; i < MANY; i++)
        is_used[i] = i % 3 != 0;
    assert_int_equal(sl_levels_settle(&levels, SL_ORDER_BYTES, is_used, map, &err), SL_OK);
    assert_int_equal(levels.n, MANY - (MANY + 2) / 3);
    for (int32_t i = 0; i < MANY; i++) {
        assert_int_equal(sl_levels_find(&levels, nth(i, text)), map[i]);
        assert_int_equal(map[i] == -1, i % 3 == 0);
    }
    for (int32_t i = 1; i < levels.n; i++)
        assert_true(sl_level_compare(SL_ORDER_BYTES, sl_levels_get(&levels, i - 1),
                                     sl_levels_get(&levels, i)) < 0);
    free(is_used);
    free(map);
    sl_levels_release(&levels);
}

/* --- order -------------------------------------------------------------------------------- */

static const struct {
    enum sl_level_order order;
    int32_t             n;
    struct sl_slice     texts[6];
    bool                is_used[6];
    int32_t             map[6];
} orders[] = {
    {SL_ORDER_BYTES, 0, {{NULL, 0}}, {false}, {0}},
    {SL_ORDER_BYTES, 3, {TEXT("b"), TEXT("a"), TEXT("")}, {1, 1, 1}, {2, 1, 0}},
    {SL_ORDER_BYTES,
     4,
     {TEXT("a\0"), TEXT("a"), TEXT("a "), TEXT("B")},
     {1, 1, 1, 1},
     {2, 1, 3, 0}},
    /* bytes, not characters nor numbers; above 127 they are not negative */
    {SL_ORDER_BYTES,
     4,
     {TEXT("\xc3\xa9"), TEXT("z"), TEXT("\xff"), TEXT("\x01")},
     {1, 1, 1, 1},
     {2, 1, 3, 0}},
    {SL_ORDER_BYTES,
     5,
     {TEXT("10"), TEXT("9"), TEXT("1"), TEXT("01"), TEXT("-1")},
     {1, 1, 1, 1, 1},
     {3, 4, 2, 1, 0}},
    {SL_ORDER_BYTES, 4, {TEXT("d"), TEXT("c"), TEXT("b"), TEXT("a")}, {1, 0, 1, 0}, {1, -1, 0, -1}},
    {SL_ORDER_BYTES, 2, {TEXT("d"), TEXT("c")}, {0, 0}, {-1, -1}},
    {SL_ORDER_INTEGERS,
     5,
     {TEXT("10"), TEXT("9"), TEXT("-1"), TEXT("0"), TEXT("-10")},
     {1, 1, 1, 1, 1},
     {4, 3, 1, 2, 0}},
    {SL_ORDER_INTEGERS,
     3,
     {TEXT("9007199254740992"), TEXT("-9007199254740992"), TEXT("100")},
     {1, 1, 1},
     {2, 0, 1}},
};

static void levels_are_settled_in_order(void **state)
{
    (void)state;
    for (size_t c = 0; c < N_OF(orders); c++) {
        struct sl_levels levels = {0};
        int32_t          map[6] = {0};
        int32_t          n_used = 0;

        add_all(&levels, orders[c].texts, orders[c].n);
        assert_int_equal(sl_levels_settle(&levels, orders[c].order, orders[c].is_used, map, &err),
                         SL_OK);
        for (int32_t i = 0; i < orders[c].n; i++) {
            if (map[i] != orders[c].map[i])
                fail_msg("case %zu: level %d becomes %d, not %d", c, i, map[i], orders[c].map[i]);
            n_used += orders[c].is_used[i];
            if (map[i] >= 0)
                assert_true(same(sl_levels_get(&levels, map[i]), orders[c].texts[i]));
            assert_int_equal(sl_levels_find(&levels, orders[c].texts[i]), map[i]);
        }
        assert_int_equal(levels.n, n_used);
        sl_levels_release(&levels);
    }
}

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

static void texts_compare_as_bytes_or_as_integers(void **state)
{
    static const struct {
        struct sl_slice a, b;
        int             by_bytes, by_integers;
    } cases[] = {
        {TEXT(""), TEXT(""), 0, 0},         {TEXT(""), TEXT("a"), -1, -1},
        {TEXT("a"), TEXT("a\0"), -1, -1},   {TEXT("2"), TEXT("10"), 1, -1},
        {TEXT("-2"), TEXT("-10"), 1, 1},    {TEXT("7"), TEXT("007"), 1, 0},
        {TEXT("\x80"), TEXT("\x7f"), 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_int_equal(sign(sl_level_compare(SL_ORDER_BYTES, cases[i].a, cases[i].b)),
                         cases[i].by_bytes);
        assert_int_equal(sign(sl_level_compare(SL_ORDER_BYTES, cases[i].b, cases[i].a)),
                         -cases[i].by_bytes);
        assert_int_equal(sign(sl_level_compare(SL_ORDER_INTEGERS, cases[i].a, cases[i].b)),
                         cases[i].by_integers);
    }
}

/* --- in a model file ---------------------------------------------------------------------- */

static char *save(const struct sl_levels *levels)
{
    struct sl_json_doc *doc;
    char               *text;

    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_levels_save(levels, sl_json_root(doc), "levels", &err), SL_OK);
    assert_int_equal(sl_json_print(sl_json_root(doc), false, &text, &err), SL_OK);
    sl_json_close(doc);
    return text;
}

static sl_status load(const char *text, enum sl_level_order order, int64_t most,
                      struct sl_levels *levels)
{
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    *levels = (struct sl_levels){0};
    SL_TRY(sl_json_parse(text, strlen(text), "m.json", &doc, &err));
    rc = sl_levels_load(doc, sl_json_root(doc), "levels", order, most, levels, &err);
out:
    sl_json_close(doc);
    return rc;
}

static void saved_levels_read_back(void **state)
{
    bool             is_used[N_ODD];
    int32_t          map[N_ODD];
    struct sl_levels levels = {0}, loaded;
    char            *text;

    (void)state;
    add_all(&levels, odd, N_ODD);
    for (int i = 0; i < N_ODD; i++)
        is_used[i] = true;
    assert_int_equal(sl_levels_settle(&levels, SL_ORDER_BYTES, is_used, map, &err), SL_OK);
    text = save(&levels);
    if (load(text, SL_ORDER_BYTES, N_ODD, &loaded) != SL_OK)
        fail_msg("%s\n%s", err.text, text);
    assert_int_equal(loaded.n, N_ODD);
    for (int32_t i = 0; i < N_ODD; i++) {
        assert_true(same(sl_levels_get(&loaded, i), sl_levels_get(&levels, i)));
        assert_int_equal(sl_levels_find(&loaded, odd[i]), map[i]);
    }
    free(text);
    sl_levels_release(&levels);
    sl_levels_release(&loaded);
}

static void bytes_that_are_no_text_are_written_in_digits(void **state)
{
    static const struct {
        struct sl_slice text;
        const char     *json;
    } cases[] = {
        {TEXT(""), "{\"levels\":[\"\"]}"},
        {TEXT("Clay"), "{\"levels\":[\"Clay\"]}"},
        {TEXT("\xc3\xa9"), "{\"levels\":[\"\xc3\xa9\"]}"},
        {TEXT("\x01"), "{\"levels\":[\"\\u0001\"]}"},
        {TEXT("a\0"), "{\"levels\":[{\"hex\":\"61 00\"}]}"},
        {TEXT("\xc3\x28"), "{\"levels\":[{\"hex\":\"c3 28\"}]}"},
        {TEXT("\xed\xa0\x80"), "{\"levels\":[{\"hex\":\"ed a0 80\"}]}"},        /* a surrogate */
        {TEXT("\xc0\x80"), "{\"levels\":[{\"hex\":\"c0 80\"}]}"},               /* overlong */
        {TEXT("\xf4\x90\x80\x80"), "{\"levels\":[{\"hex\":\"f4 90 80 80\"}]}"}, /* too large */
        {TEXT("\xe2\x82"), "{\"levels\":[{\"hex\":\"e2 82\"}]}"},               /* cut short */
        {TEXT("\xf0\x9f\x8e\xbe"), "{\"levels\":[\"\xf0\x9f\x8e\xbe\"]}"},
    };

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_levels levels = {0}, loaded;
        char            *text;

        add_all(&levels, &cases[i].text, 1);
        text = save(&levels);
        assert_string_equal(text, cases[i].json);
        assert_int_equal(load(text, SL_ORDER_BYTES, 1, &loaded), SL_OK);
        assert_true(same(sl_levels_get(&loaded, 0), cases[i].text));
        free(text);
        sl_levels_release(&levels);
        sl_levels_release(&loaded);
    }
}

static void other_lists_are_refused(void **state)
{
    static const char hex[] = "expected bytes of two hexadecimal digits, a blank between them";
    static const struct {
        const char         *list;
        enum sl_level_order order;
        const char         *where, *message;
    } cases[] = {
        {"\"a\"", SL_ORDER_BYTES, "", "expected a list, got a text"},
        {"{\"hex\":\"61\"}", SL_ORDER_BYTES, "", "expected a list, got an object"},
        {"[\"b\",\"a\"]", SL_ORDER_BYTES, "[1]", "not in order, or given twice"},
        {"[\"a\",\"a\"]", SL_ORDER_BYTES, "[1]", "not in order, or given twice"},
        {"[\"\",\"\"]", SL_ORDER_BYTES, "[1]", "not in order, or given twice"},
        {"[\"a\",{\"hex\":\"61\"}]", SL_ORDER_BYTES, "[1]", "not in order, or given twice"},
        {"[\"a\",\"b\",\"c\",\"d\"]", SL_ORDER_BYTES, "", "4 of them, at most 3 are allowed"},
        {"[\"a\",1]", SL_ORDER_BYTES, "[1]", "expected a text, got a number"},
        {"[null]", SL_ORDER_BYTES, "[0]", "expected a text, got null"},
        {"[[]]", SL_ORDER_BYTES, "[0]", "expected a text, got a list"},
        {"[{}]", SL_ORDER_BYTES, "[0]", "missing key 'hex'"},
        {"[{\"hex\":\"61\",\"x\":1}]", SL_ORDER_BYTES, "[0].x", "unknown key"},
        {"[{\"hex\":1}]", SL_ORDER_BYTES, "[0].hex", "expected a text, got a number"},
        {"[{\"hex\":\"6\"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[{\"hex\":\"616\"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[{\"hex\":\"6162\"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[{\"hex\":\"61 6\"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[{\"hex\":\"61  62\"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[{\"hex\":\"61 \"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[{\"hex\":\" 61\"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[{\"hex\":\"6G\"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[{\"hex\":\"FF\"}]", SL_ORDER_BYTES, "[0].hex", hex},
        {"[\"10\",\"9\"]", SL_ORDER_INTEGERS, "[1]", "not in order, or given twice"},
        {"[\"1\",\"01\"]", SL_ORDER_INTEGERS, "[1]", "not in order, or given twice"},
        {"[\"1\",\"a\"]", SL_ORDER_INTEGERS, "[1]", "expected the digits of an integer"},
        {"[\"1.0\"]", SL_ORDER_INTEGERS, "[0]", "expected the digits of an integer"},
        {"[\"\"]", SL_ORDER_INTEGERS, "[0]", "expected the digits of an integer"},
        {"[\" 1\"]", SL_ORDER_INTEGERS, "[0]", "expected the digits of an integer"},
        {"[\"99999999999999999999\"]", SL_ORDER_INTEGERS, "[0]",
         "expected the digits of an integer"},
    };
    char text[200], message[200];

    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct sl_levels levels;

        snprintf(text, sizeof text, "{\"levels\":%s}", cases[i].list);
        snprintf(message, sizeof message, "m.json: $.levels%s: %s", cases[i].where,
                 cases[i].message);
        if (load(text, cases[i].order, 3, &levels) != SL_EJOB)
            fail_msg("accepted: %s", text);
        assert_string_equal(err.text, message);
        sl_levels_release(&levels);
    }
    assert_int_equal(load("{}", SL_ORDER_BYTES, 3, &(struct sl_levels){0}), SL_EJOB);
    assert_string_equal(err.text, "m.json: $: missing key 'levels'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found_by_all_their_bytes),
        cmocka_unit_test(thousands_of_levels_are_kept_apart),
        cmocka_unit_test(levels_are_settled_in_order),
        cmocka_unit_test(texts_compare_as_bytes_or_as_integers),
        cmocka_unit_test(saved_levels_read_back),
        cmocka_unit_test(bytes_that_are_no_text_are_written_in_digits),
        cmocka_unit_test(other_lists_are_refused),
    };

    return cmocka_run_group_tests_name("levels", tests, NULL, NULL);
}
