/* Profiles in a file: they read back exactly, and what no profile can be is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/profile.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))
#define NA         ((double)NAN)
#define INF        ((double)INFINITY)

enum { MAX_ROWS = 1000 };

static struct sl_error err;

static char *print(const struct sl_profile *p)
{
    struct sl_json_doc *doc;
    char               *text;

    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_profile_save(p, sl_json_root(doc), &err), SL_OK);
    assert_int_equal(sl_json_print(sl_json_root(doc), false, &text, &err), SL_OK);
    sl_json_close(doc);
    return text;
}

/* n_levels below 0: numbers. */
static sl_status load(const char *text, int32_t n_levels, struct sl_profile *p)
{
    struct sl_json_doc   *doc;
    const struct sl_json *root;
    sl_status             rc;

    if (sl_json_parse(text, strlen(text), "m.json", &doc, &err) != SL_OK)
        fail_msg("%s: %s", text, err.text);
    root = sl_json_root(doc);
    rc = n_levels < 0 ? sl_profile_load_numbers(doc, root, p, &err)
                      : sl_profile_load_levels(doc, root, n_levels, p, &err);
    sl_json_close(doc);
    return rc;
}

static void assert_reads_back(const struct sl_profile *p)
{
    char             *text = print(p), *again;
    struct sl_profile q;

    if (load(text, p->is_categorical ? p->n_levels : -1, &q) != SL_OK)
        fail_msg("%s: %s", text, err.text);
    assert_int_equal(q.n_bins, p->n_bins);
    assert_int_equal(q.n_rows, p->n_rows);
    assert_int_equal(q.n_levels, p->n_levels);
    assert_memory_equal(q.counts, p->counts, sizeof p->counts);
    assert_memory_equal(q.edges, p->edges, sizeof p->edges);
    if (!isnan(p->mean)) {
        assert_memory_equal(&q.min, &p->min, sizeof p->min);
        assert_memory_equal(&q.max, &p->max, sizeof p->max);
        assert_memory_equal(&q.mean, &p->mean, sizeof p->mean);
    }
    if (p->is_categorical)
        assert_memory_equal(q.places, p->places, (size_t)p->n_levels + 2);
    again = print(&q);
    assert_string_equal(text, again);
    sl_profile_release(&q);
    free(text);
    free(again);
}

static void a_profile_reads_back_exactly(void **state)
{
    static const double odd[] = {0.1, -0x1p-1074, 1.0 / 3, DBL_MAX, -DBL_MAX, 1e22, -0.0, NA, INF};
    int64_t             trained[40];
    double              x[MAX_ROWS];
    struct sl_profile   p;

    (void)state;
    for (size_t i = 0; i < MAX_ROWS; i++)
        x[i] = (double)(sl_mix64(i) >> 11) * 0x1p-53;
    for (int i = 0; i < 40; i++)
        trained[i] = (int64_t)(sl_mix64((uint64_t)i) % 1000);
    for (size_t n = 0; n <= N_OF(odd); n++) {
        assert_int_equal(sl_profile_init_numbers(&p, odd + N_OF(odd) - n, n, &err), SL_OK);
        assert_reads_back(&p);
        sl_profile_release(&p);
    }
    for (size_t n = 0; n <= MAX_ROWS; n = 3 * n + 1) {
        assert_int_equal(sl_profile_init_numbers(&p, x, n, &err), SL_OK);
        assert_reads_back(&p);
        sl_profile_release(&p);
        assert_int_equal(sl_profile_init_scores(&p, x, n, &err), SL_OK);
        assert_reads_back(&p);
        sl_profile_release(&p);
    }
    for (int32_t n = 0; n <= 40; n++) {
        assert_int_equal(sl_profile_init_levels(&p, trained, n, n % 3, &err), SL_OK);
        assert_reads_back(&p);
        sl_profile_release(&p);
    }
}

#define ROWS(rows, missing)  "{\"rows\":" rows ",\"missing\":" missing
#define RANGE                ",\"min\":1,\"max\":4,\"mean\":2"
#define NUMBERS(edges, list) ROWS("9", "2") RANGE ",\"edges\":" edges ",\"counts\":" list "}"
#define WITH_RANGE(range)    ROWS("9", "2") range ",\"edges\":[],\"counts\":[7]}"
#define LEVELS(list)         ROWS("9", "2") ",\"counts\":" list "}"
#define A_COUNT              ": expected a count (a whole number below 2^53)"

static const struct {
    int32_t     n_levels; /* below 0: numbers */
    const char *text, *message;
} bad[] = {
    {-1, "[]", "$: expected an object, got a list"},
    {-1, "{}", "$: missing key 'rows'"},
    {-1, "{\"rows\":9}", "$: missing key 'missing'"},
    {-1, ROWS("\"9\"", "2") "}", "$.rows: expected a number, got a text"},
    {-1, ROWS("-1", "2") "}", "$.rows" A_COUNT},
    {-1, ROWS("1.5", "2") "}", "$.rows" A_COUNT},
    {-1, ROWS("9007199254740992", "2") "}", "$.rows" A_COUNT},
    {-1, ROWS("9", "null") "}", "$.missing: expected a number, got null"},
    {-1, ROWS("9", "-2") "}", "$.missing" A_COUNT},
    {-1, ROWS("9", "10") "}", "$.missing: more than the 9 rows"},
    {-1, ROWS("9", "2") "}", "$: missing key 'min'"},
    {-1, ROWS("9", "2") RANGE "}", "$: missing key 'edges'"},
    {-1, ROWS("9", "2") RANGE ",\"edges\":[]}", "$: missing key 'counts'"},
    {-1, ROWS("9", "2") RANGE ",\"edge\":[]}", "$.edge: unknown key, did you mean 'edges'?"},
    {-1, ROWS("9", "9") RANGE ",\"edges\":[],\"counts\":[0]}", "$.min: unknown key"},
    {-1, WITH_RANGE(",\"min\":5,\"max\":4,\"mean\":4.5"), "$.min: more than \"max\""},
    {-1, WITH_RANGE(",\"min\":1,\"max\":4,\"mean\":0.9"),
     "$.mean: not between \"min\" and \"max\""},
    {-1, WITH_RANGE(",\"min\":1,\"max\":4,\"mean\":4.1"),
     "$.mean: not between \"min\" and \"max\""},
    {-1, WITH_RANGE(",\"min\":null,\"max\":4,\"mean\":2"), "$.min: expected a number, got null"},
    {-1, WITH_RANGE(",\"min\":1,\"max\":4,\"mean\":[2]"), "$.mean: expected a number, got a list"},
    {-1, NUMBERS("2", "[3,4]"), "$.edges: expected a list, got a number"},
    {-1, NUMBERS("[true]", "[3,4]"), "$.edges[0]: expected a number, got true or false"},
    {-1, NUMBERS("[2,3,3]", "[3,4,0,0]"), "$.edges[2]: not more than the edge before it"},
    {-1, NUMBERS("[2,1]", "[3,4,0]"), "$.edges[1]: not more than the edge before it"},
    {-1, NUMBERS("[-0.0,0]", "[3,4,0]"), "$.edges[1]: not more than the edge before it"},
    {-1, NUMBERS("[1,2,3,4,5,6,7,8,9,10]", "[7]"), "$.edges: expected at most 9 numbers, got 10"},
    {-1, NUMBERS("[2]", "{\"a\":3,\"b\":4}"), "$.counts: expected a list, got an object"},
    {-1, NUMBERS("[2]", "[3]"), "$.counts: expected 2 counts, got 1"},
    {-1, NUMBERS("[]", "[3,4]"), "$.counts: expected 1 count, got 2"},
    {-1, NUMBERS("[2]", "[3,\"4\"]"), "$.counts[1]" A_COUNT},
    {-1, NUMBERS("[2]", "[3.5,3.5]"), "$.counts[0]" A_COUNT},
    {-1, NUMBERS("[2]", "[8,-1]"), "$.counts[0]: the counts are more than the 7 rows not missing"},
    {-1, NUMBERS("[2]", "[7,-1]"), "$.counts[1]" A_COUNT},
    {-1, NUMBERS("[2]", "[3,5]"), "$.counts[1]: the counts are more than the 7 rows not missing"},
    {-1, NUMBERS("[2]", "[3,3]"), "$.counts: the counts are 1 less than the rows not missing"},
    {-1, NUMBERS("[2]", "[9007199254740991,9007199254740991]"),
     "$.counts[0]: the counts are more than the 7 rows not missing"},
    {3, "null", "$: expected an object, got null"},
    {3, LEVELS("[3,4]"), "$.counts: expected 3 counts, got 2"},
    {3, LEVELS("[3,4,0,0]"), "$.counts: expected 3 counts, got 4"},
    {3, LEVELS("[3,4,1]"), "$.counts[2]: the counts are more than the 7 rows not missing"},
    {3, LEVELS("[3,3,0]"), "$.counts: the counts are 1 less than the rows not missing"},
    {3, LEVELS("[3,4,null]"), "$.counts[2]" A_COUNT},
    {3, LEVELS("7"), "$.counts: expected a list, got a number"},
    {2147483645, LEVELS("[7]"), "$.counts: expected 2147483645 counts, got 1"},
    {0, LEVELS("[]"), "$.counts: the counts are 7 less than the rows not missing"},
    {3, NUMBERS("[]", "[3,4,0]"), "$.min: unknown key"},
};

static void what_no_profile_can_be_is_refused(void **state)
{
    char message[256];

    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct sl_profile p;

        if (load(bad[i].text, bad[i].n_levels, &p) != SL_EJOB)
            fail_msg("%s: status %d", bad[i].text, (int)err.code);
        snprintf(message, sizeof message, "m.json: %s", bad[i].message);
        assert_string_equal(err.text, message);
        sl_profile_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_reads_back_exactly),
        cmocka_unit_test(what_no_profile_can_be_is_refused),
    };

    return cmocka_run_group_tests_name("profile_json", tests, NULL, NULL);
}
