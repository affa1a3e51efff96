/* Which rows are trained on: samples by fraction, by number and by class are a matter of the rows'
 * keys alone, in whatever order and blocks they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "../../src/run/training_set.h"
#include "../support/text_table.h"

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

enum { N_ROWS = 12000, N_CLASSES = 3 };

static struct sl_error err;

/* --- rows ---------------------------------------------------------------------------------------
 */

/* Row i of all: half of them in each of two partitions; of every twenty, twelve are of class b,
 * seven of a, and one of c. */
static const char *partition_of(int i)
{
    return i < N_ROWS / 2 ? "year=2014" : "year=2015";
}

static int64_t record_of(int i)
{
    return i % (N_ROWS / 2);
}

static int class_of(int i)
{
    return i % 20 == 0 ? 2 : i % 20 < 13;
}

static uint64_t key_of(const struct sl_sample_spec *sample, int i)
{
    return training_key(sample, partition_of(i), record_of(i));
}

static struct sl_recipe *make_recipe(void)
{
    char                   x[] = "x", level[] = "level", y[] = "y", error[] = "error", empty[] = "";
    char                  *missing[] = {empty};
    struct sl_feature_spec features[] = {
        {.name = x, .expr = x, .bare = true},
        {.name = level, .categorical = level, .handle_unknown = error, .max_levels = 100000},
    };
    struct sl_recipe_spec spec = {
        .n_features = 2, .features = features, .label = y, .n_missing = 1, .missing = missing};
    struct sl_recipe *recipe;

    assert_int_equal(sl_recipe_create(&spec, true, &recipe, &err), SL_OK);
    return recipe;
}

/* What is learned from, and by what recipe. */
struct taken {
    struct sl_recipe   *recipe;
    struct training_set set;
    size_t              most_rows; /* that were held at a time */
};

/* Rows order [first] and those behind it as a block. */
static void take_block(struct taken *t, const int *order, int n)
{
    const struct sl_terms          *terms = sl_recipe_terms(t->recipe);
    struct sl_text                  table = {0};
    struct sl_column_block          block = {0};
    struct sl_design                design;
    int                             n_requests;
    const struct sl_column_request *requests = sl_recipe_requests(t->recipe, &n_requests);

    assert_int_equal(sl_text_add(&table, &err, "x,level,y\n"), SL_OK);
    for (int i = 0; i < n; i++)
        assert_int_equal(sl_text_add(&table, &err, "%d,l%d,%c\n", order[i], order[i] / 2,
                                     'a' + class_of(order[i])),
                         SL_OK);
    read_table(requests, n_requests, table.data, &block);
    assert_int_equal(
        sl_design_init(&design, SL_BLOCK_ROWS, terms->n_numeric, terms->n_categorical, &err),
        SL_OK);
    assert_int_equal(sl_recipe_evaluate(t->recipe, &block, &design, &err), SL_OK);
    for (int i = 0; i < n; i++) {
        const uint64_t key = key_of(t->set.sample, order[i]);

        if (training_set_skips(&t->set, key))
            continue;
        assert_int_equal(
            training_set_add(&t->set, t->recipe, &block, &design, (size_t)i, key, &err), SL_OK);
        if (t->set.rows.x.n_rows > t->most_rows)
            t->most_rows = t->set.rows.x.n_rows;
    }
    sl_design_release(&design);
    sl_column_block_release(&block);
    sl_text_release(&table);
}

static void take(struct taken *t, const struct sl_sample_spec *sample, const int *order, int n,
                 int block_rows)
{
    *t = (struct taken){.recipe = make_recipe()};
    assert_int_equal(training_set_init(&t->set, sample, t->recipe, &err), SL_OK);
    for (int i = 0; i < n; i += block_rows)
        take_block(t, order + i, n - i < block_rows ? n - i : block_rows);
    assert_int_equal(training_set_finish(sl_comm_self(), &t->set, t->recipe, &err), SL_OK);
}

static void taken_release(struct taken *t)
{
    training_set_release(&t->set);
    sl_recipe_free(t->recipe);
}

/* Rows as they are numbered, forwards. */
static const int *forwards(void)
{
    static int order[N_ROWS];

    for (int i = 0; i < N_ROWS; i++)
        order[i] = i;
    return order;
}

/* --- keys ---------------------------------------------------------------------------------------
 */

/* Worked out by another program. */
static const struct {
    int64_t     seed;
    const char *partition;
    int64_t     record;
    uint64_t    key;
} keys[] = {
    {INT64_C(0), "year=2015", INT64_C(0), UINT64_C(0xc539169f45bc4b38)},
    {INT64_C(0), "year=2015", INT64_C(1), UINT64_C(0xb297ae680482bceb)},
    {INT64_C(0), "", INT64_C(0), UINT64_C(0x1c52877bb93e97f8)},
    {INT64_C(7), "year=2015", INT64_C(1), UINT64_C(0x19700178e36e68a3)},
    {INT64_C(-1), "tour=wta,year=2015", INT64_C(1099511627781), UINT64_C(0xf630db401745cdc9)},
    {INT64_C(-9007199254740991), "x", INT64_C(999), UINT64_C(0x2d6a2c5ad9232e54)},
};

static void keys_are_the_documented_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(keys); i++) {
        const struct sl_sample_spec sample = {.n_rows = 5, .seed = keys[i].seed};

        assert_true(training_key(&sample, keys[i].partition, keys[i].record) == keys[i].key);
    }
}

/* --- samples ------------------------------------------------------------------------------------
 */

static const struct sl_sample_spec samples[] = {
    {.seed = 1}, /* all */
    {.fraction = 1.0},
    {.fraction = 0.5, .seed = 2015},
    {.fraction = 0.01},
    {.fraction = 1e-9},
    {.n_rows = 1},
    {.n_rows = 3, .seed = 5},
    {.n_rows = 100, .seed = 2015},
    {.n_rows = 7777},
    {.n_rows = N_ROWS},
    {.n_rows = INT64_C(1) << 50},
    {.n_rows = 100, .stratify = true},
    {.n_rows = 6, .stratify = true},
    {.n_rows = 5001, .stratify = true, .seed = -3},
    {.n_rows = N_ROWS, .stratify = true},
    {.fraction = 0.5, .stratify = true},
    {.fraction = 0.0123, .stratify = true, .seed = 9},
    {.fraction = 1e-9, .stratify = true},
    {.fraction = 1.0, .stratify = true},
};

/* How many rows of each class a stratified sample has: shares rounded by the largest remainder. For
 * the samples above no two remainders are alike. */
static void shares(int64_t n, int64_t *most)
{
    static const int64_t of_twenty[N_CLASSES] = {7, 12, 1};
    int64_t              left = n;

    for (int c = 0; c < N_CLASSES; c++) {
        most[c] = n * of_twenty[c] / 20;
        left -= most[c];
    }
    for (; left > 0; left--) {
        int best = 0;

        for (int c = 1; c < N_CLASSES; c++)
            if (n * of_twenty[c] - 20 * most[c] > n * of_twenty[best] - 20 * most[best])
                best = c;
        most[best]++;
    }
}

/* How many rows of a class have smaller keys. */
static int64_t rank_of(const struct sl_sample_spec *sample, int i, bool by_class)
{
    const uint64_t key = key_of(sample, i);
    int64_t        rank = 0;

    for (int k = 0; k < N_ROWS; k++)
        rank += (!by_class || class_of(k) == class_of(i)) && key_of(sample, k) < key;
    return rank;
}

static void tell_bounds(const struct sl_sample_spec *sample, int64_t n, uint64_t *bounds);

/* Whether a row is in a sample, by the definition. */
static void tell_members(const struct sl_sample_spec *sample, bool *is_in)
{
    uint64_t bounds[N_CLASSES];
    int64_t  n = sample->n_rows;

    if (sample->stratify && n == 0)
        n = (int64_t)fmax(1.0, floor(sample->fraction * N_ROWS + 0.5));
    for (int c = 0; c < N_CLASSES; c++)
        bounds[c] = UINT64_MAX;
    if (n > 0 && n < N_ROWS)
        tell_bounds(sample, n, bounds);
    for (int i = 0; i < N_ROWS; i++) {
        is_in[i] = key_of(sample, i) < bounds[class_of(i)];
        if (n == 0 && sample->fraction > 0.0)
            is_in[i] = (double)key_of(sample, i) < sample->fraction * 0x1p64;
    }
}

/* The key at which each class ends: of rank n, or of the class's share. */
static void tell_bounds(const struct sl_sample_spec *sample, int64_t n, uint64_t *bounds)
{
    static uint64_t all[N_ROWS];
    int64_t         most[N_CLASSES] = {n, n, n};

    for (int i = 0; i < N_ROWS; i++)
        all[i] = key_of(sample, i);
    if (sample->stratify)
        shares(n, most);
    for (int c = 0; c < N_CLASSES; c++) {
        uint64_t low = 0, high = UINT64_MAX;

        while (low < high) { /* the least bound below which there are that many */
            const uint64_t middle = low + (high - low) / 2;
            int64_t        n_below = 0;

            for (int i = 0; i < N_ROWS; i++)
                n_below += (!sample->stratify || class_of(i) == c) && all[i] < middle;
            if (n_below < most[c])
                low = middle + 1;
            else
                high = middle;
        }
        bounds[c] = low;
    }
}

static void assert_members(const struct taken *t, const bool *is_in, size_t which)
{
    bool is_there[N_ROWS] = {false};

    for (size_t i = 0; i < t->set.rows.x.n_rows; i++) {
        const int row = (int)t->set.rows.x.data[i];

        assert_in_range(row, 0, N_ROWS - 1);
        assert_false(is_there[row]);
        is_there[row] = true;
        assert_true(t->set.keys[i] == key_of(t->set.sample, row));
    }
    for (int i = 0; i < N_ROWS; i++)
        if (is_there[i] != is_in[i])
            fail_msg("sample %zu: row %d is %s", which, i, is_there[i] ? "taken" : "left out");
}

static void samples_are_the_smallest_keys(void **state)
{
    static bool is_in[N_ROWS];

    (void)state;
    for (size_t s = 0; s < N_OF(samples); s++) {
        struct taken t;

        take(&t, &samples[s], forwards(), N_ROWS, SL_BLOCK_ROWS);
        tell_members(&samples[s], is_in);
        assert_members(&t, is_in, s);
        taken_release(&t);
    }
}

static void samples_have_the_size_they_should(void **state)
{
    static const struct {
        struct sl_sample_spec sample;
        size_t                n, of_class[N_CLASSES];
    } sizes[] = {
        {{.n_rows = 100}, 100, {0}},
        {{.n_rows = 11999}, 11999, {0}},
        {{.n_rows = 13000}, N_ROWS, {4200, 7200, 600}},
        {{.n_rows = 100, .stratify = true}, 100, {35, 60, 5}},
        {{.n_rows = 101, .stratify = true}, 101, {35, 61, 5}}, /* 35.35, 60.6, 5.05 */
        {{.n_rows = 9, .stratify = true}, 9, {3, 5, 1}},       /* 3.15, 5.4, 0.45 */
        {{.n_rows = 1, .stratify = true}, 1, {0, 1, 0}},
        {{.fraction = 0.25, .stratify = true}, 3000, {1050, 1800, 150}},
        {{.fraction = 1e-6, .stratify = true}, 1, {0, 1, 0}},
    };

    (void)state;
    for (size_t s = 0; s < N_OF(sizes); s++) {
        size_t       of_class[N_CLASSES] = {0};
        struct taken t;

        take(&t, &sizes[s].sample, forwards(), N_ROWS, 1000);
        assert_int_equal(t.set.rows.x.n_rows, sizes[s].n);
        for (size_t i = 0; i < t.set.rows.x.n_rows; i++)
            of_class[class_of((int)t.set.rows.x.data[i])]++;
        for (int c = 0; c < N_CLASSES && sizes[s].of_class[1] > 0; c++)
            assert_int_equal(of_class[c], sizes[s].of_class[c]);
        taken_release(&t);
    }
}

/* Rows shuffled by a generator of their own. */
static const int *shuffled(void)
{
    static int order[N_ROWS];
    uint64_t   random = 20150101;

    memcpy(order, forwards(), sizeof order);
    for (int i = N_ROWS - 1; i > 0; i--) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const int k = (int)((random >> 33) % (uint64_t)(i + 1)), swapped = order[i];

        order[i] = order[k];
        order[k] = swapped;
    }
    return order;
}

static const int *backwards(void)
{
    static int order[N_ROWS];

    for (int i = 0; i < N_ROWS; i++)
        order[i] = N_ROWS - 1 - i;
    return order;
}

static void neither_order_nor_blocks_matter(void **state)
{
    static bool is_in[N_ROWS];
    const int  *orders[] = {shuffled(), backwards(), forwards()};
    const int   block_rows[] = {SL_BLOCK_ROWS, 97, 1};

    (void)state;
    for (size_t s = 0; s < N_OF(samples); s += 2) {
        tell_members(&samples[s], is_in);
        for (size_t o = 0; o < N_OF(orders); o++) {
            struct taken t;

            take(&t, &samples[s], orders[o], N_ROWS, block_rows[o]);
            assert_members(&t, is_in, s);
            taken_release(&t);
        }
    }
}

/* Where shares of classes are alike down to the remainder, keys decide, not who came first. */
static void shares_that_are_alike_are_rounded_by_key(void **state)
{
    static const struct sl_sample_spec sample = {.n_rows = 3, .stratify = true};
    int                                order[8], n_of_b[2] = {0};

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct taken t;
        int          n = 0;

        for (int i = 1; n < 4; i++) /* four of class b */
            if (class_of(i) == 1)
                order[turn == 0 ? n++ : 7 - n++] = i;
        for (int i = 1; n < 8; i++) /* and of a */
            if (class_of(i) == 0)
                order[turn == 0 ? n++ : 7 - n++] = i;
        take(&t, &sample, order, 8, 3);
        assert_int_equal(t.set.rows.x.n_rows, 3);
        for (size_t i = 0; i < 3; i++)
            n_of_b[turn] += class_of((int)t.set.rows.x.data[i]) == 1;
        taken_release(&t);
    }
    assert_in_range(n_of_b[0], 1, 2);
    assert_int_equal(n_of_b[0], n_of_b[1]);
}

/* Rows that cannot be in the sample any more are let go on the way. */
static void memory_is_bounded_by_the_sample(void **state)
{
    static const struct sl_sample_spec few = {.n_rows = 50};
    static const struct sl_sample_spec of_each = {.n_rows = 50, .stratify = true};
    struct taken                       t;

    (void)state;
    take(&t, &few, forwards(), N_ROWS, SL_BLOCK_ROWS);
    assert_in_range(t.most_rows, 50, 4096 + 2 * 50);
    taken_release(&t);
    take(&t, &of_each, forwards(), N_ROWS, SL_BLOCK_ROWS);
    assert_in_range(t.most_rows, 50, 4096 + 2 * N_CLASSES * 50);
    taken_release(&t);
}

/* --- what comes of them -------------------------------------------------------------------------
 */

static bool check_is(const struct taken *t, size_t check, int row)
{
    return t->set.checks.block.columns[0].values.number[check] == row;
}

/* The checks are the rows of the smallest keys, of those that are trained on. */
static void checks_are_of_the_sample(void **state)
{
    const int *orders[] = {forwards(), backwards()};

    (void)state;
    for (size_t s = 0; s < N_OF(samples); s++) {
        static bool is_in[N_ROWS];

        tell_members(&samples[s], is_in);
        for (size_t o = 0; o < N_OF(orders); o++) {
            struct taken t;
            size_t       n_found = 0;

            take(&t, &samples[s], orders[o], N_ROWS, SL_BLOCK_ROWS);
            for (int i = 0; i < N_ROWS; i++) {
                size_t n_checks = 0;

                for (size_t k = 0; k < t.set.checks.n_rows; k++)
                    n_checks += check_is(&t, k, i);
                if (n_checks > 0 && !is_in[i])
                    fail_msg("sample %zu: row %d is a check and not in the sample", s, i);
                if (n_checks > 0)
                    assert_true(rank_of(&samples[s], i, false) < TRAINING_CHECKS);
                n_found += n_checks;
            }
            assert_int_equal(n_found, t.set.checks.n_rows);
            assert_int_equal(t.set.checks.block.n_rows, t.set.checks.n_rows);
            if (!samples[s].stratify && t.set.rows.x.n_rows < TRAINING_CHECKS)
                assert_int_equal(n_found, t.set.rows.x.n_rows);
            if (!samples[s].stratify && t.set.rows.x.n_rows >= TRAINING_CHECKS)
                assert_int_equal(n_found, TRAINING_CHECKS);
            taken_release(&t);
        }
    }
}

/* Levels and classes of rows that are not in the sample are none. */
static void what_is_left_out_is_not_learned(void **state)
{
    static const struct sl_sample_spec sample = {.n_rows = 9, .seed = 4, .stratify = true};
    struct taken                       t;
    int                                n, n_columns;

    (void)state;
    take(&t, &sample, forwards(), N_ROWS, SL_BLOCK_ROWS);
    if (sl_recipe_fit(sl_comm_self(), t.recipe, &t.set.rows, &err) != SL_OK)
        fail_msg("%s", err.text);
    sl_recipe_classes(t.recipe, &n);
    assert_int_equal(n, N_CLASSES);
    sl_recipe_columns(t.recipe, &n_columns);
    assert_in_range(n_columns, 1 + 5, 1 + 9); /* x, and levels of two rows each */
    for (size_t i = 0; i < t.set.rows.x.n_rows; i++)
        assert_true(t.set.rows.label[i] == class_of((int)t.set.rows.x.data[i]));
    taken_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_the_documented_ones),
        cmocka_unit_test(samples_are_the_smallest_keys),
        cmocka_unit_test(samples_have_the_size_they_should),
        cmocka_unit_test(neither_order_nor_blocks_matter),
        cmocka_unit_test(shares_that_are_alike_are_rounded_by_key),
        cmocka_unit_test(memory_is_bounded_by_the_sample),
        cmocka_unit_test(checks_are_of_the_sample),
        cmocka_unit_test(what_is_left_out_is_not_learned),
    };

    return cmocka_run_group_tests_name("training_set", tests, NULL, NULL);
}
