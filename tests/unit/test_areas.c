/* The area under the ROC curve in little room: however small it is, the bits that a count of all
 * pairs gives; from bins, within the bound that is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/metrics/score_bins.h"
#include "../../src/metrics/score_list.h"
#include "../../src/metrics/ties.h"
#include "../support/score_rows.h"
#include "scoreline/block.h"
#include "scoreline/hash.h"
#include "scoreline/metrics.h"

/* --- ties --- */

static int compare_ties(const void *a, const void *b)
{
    struct sl_tie x;
    struct sl_tie y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (x.key != y.key)
        return x.key < y.key ? -1 : 1;
    return (x.who > y.who) - (x.who < y.who);
}

/* Neighbours that are equal as one, the slow way. */
static size_t combine(struct sl_tie *ties, size_t n)
{
    size_t n_left = 0;

    qsort(ties, n, sizeof *ties, compare_ties);
    for (size_t i = 0; i < n; i++) {
        if (n_left > 0 && compare_ties(&ties[n_left - 1], &ties[i]) == 0)
            ties[n_left - 1].n_rows += ties[i].n_rows;
        else
            ties[n_left++] = ties[i];
    }
    return n_left;
}

enum shape { SPREAD, CLUSTERED, FEW, EQUAL, ASCENDING, N_SHAPES };

static uint64_t key_of_shape(enum shape shape, size_t i, uint64_t h)
{
    switch (shape) {
    case SPREAD:
        return h >> 2;
    case CLUSTERED: /* every number of digits that agree */
        return (h & 0xffffff) >> (h >> 58);
    case FEW:
        return h % 5 << 50;
    case ASCENDING:
        return i * 3;
    case EQUAL:
    case N_SHAPES:
        break;
    }
    return UINT64_C(0x3FE0000000000000);
}

static void ties_are_sorted_and_combined(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 24, 25, 300, 9000};
    struct sl_tie      *ties = malloc(9000 * sizeof *ties);
    struct sl_tie      *expected = malloc(9000 * sizeof *ties);
    (void)state;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (enum shape shape = 0; shape < N_SHAPES; shape++) {
            const size_t n = sizes[s];
            size_t       n_left;

            for (size_t i = 0; i < n; i++) {
                const uint64_t h = sl_mix64(i + 31 * n);

                ties[i] = (struct sl_tie){.key = key_of_shape(shape, i, h),
                                          .who = (uint32_t)(sl_mix64(h) % (shape == FEW ? 3 : 400)),
                                          .n_rows = 1 + (uint32_t)(h % 2)};
            }
            memcpy(expected, ties, n * sizeof *ties);
            n_left = combine(expected, n);
            assert_int_equal(sl_ties_sort(ties, n), n_left);
            assert_memory_equal(ties, expected, n_left * sizeof *ties);
            for (size_t i = 0; i < n_left; i += 1 + n_left / 50) {
                const size_t below = sl_ties_below(ties, n_left, ties[i].key);

                assert_true(ties[below].key == ties[i].key);
                assert_true(below == 0 || ties[below - 1].key < ties[i].key);
            }
        }
    }
    free(expected);
    free(ties);
}

/* Rows that would not fit 32 bits stay two ties. */
static void counts_do_not_overflow(void **state)
{
    struct sl_tie ties[3] = {{5, 1, UINT32_MAX}, {5, 1, 2}, {5, 1, 3}};
    uint64_t      n_rows = 0;
    size_t        n;
    (void)state;

    n = sl_ties_sort(ties, 3);
    for (size_t i = 0; i < n; i++)
        n_rows += ties[i].n_rows;
    assert_true(n_rows == (uint64_t)UINT32_MAX + 5);
}

static struct sl_tie recent[SL_N_RECENT];

static void add_one(struct sl_score_list *list, uint64_t key, uint32_t who)
{
    const double probability = sl_number_of(key);

    sl_score_list_add(list, &probability, &who, 1);
}

/* Of whatever comes the list has all below an end that it names. */
static void a_full_list_keeps_the_lowest(void **state)
{
    enum { N = 5000, CAPACITY = 64 };
    struct sl_tie        items[CAPACITY];
    struct sl_score_list list = {.capacity = CAPACITY, .items = items, .recent = recent};
    size_t               n_wanted = 0;
    size_t               n_kept = 0;
    (void)state;

    assert_true(CAPACITY >= sl_score_list_least(3));
    sl_score_list_begin(&list, 1000, 90000);
    for (uint64_t i = 0; i < N; i++)
        add_one(&list, sl_mix64(i) % 100000, (uint32_t)(i % 6));
    sl_score_list_sort(&list);
    for (uint64_t i = 0; i < N; i++)
        n_wanted += sl_mix64(i) % 100000 >= 1000 && sl_mix64(i) % 100000 < list.end;
    for (size_t i = 0; i < list.n; i++)
        n_kept += items[i].n_rows;
    assert_true(list.end < 90000 && n_wanted > 0);
    assert_int_equal(n_wanted, n_kept);
    assert_true(items[0].key >= 1000 && items[list.n - 1].key < list.end);
}

/* Rows by key and who, counted in order, are what the list says: where they come again and again,
 * where they never do, and where the one becomes the other on the way. */
static void a_list_counts_every_row(void **state)
{
    enum { N = 300000, N_KEYS = 50, N_WHO = 4 };
    static struct sl_tie items[N];
    static int64_t       n_of[N_KEYS][N_WHO];
    struct sl_score_list list = {.capacity = N, .items = items, .recent = recent};
    (void)state;

    for (int turn = 0; turn < 2; turn++) {
        int64_t n_seen = 0;

        memset(n_of, 0, sizeof n_of);
        sl_score_list_begin(&list, 0, SL_KEYS_END);
        for (uint64_t i = 0; i < N; i++) {
            const bool     is_new = (i < N / 2) == (turn == 0) && i % 10 != 0;
            const uint64_t hash = sl_mix64(i);
            const uint32_t who = (uint32_t)(hash >> 32) % N_WHO;

            add_one(&list, is_new ? N_KEYS + i : hash % N_KEYS, who);
            if (!is_new)
                n_of[hash % N_KEYS][who]++;
        }
        sl_score_list_sort(&list);
        for (size_t i = 0; i < list.n; i++) {
            n_seen += items[i].n_rows;
            if (items[i].key < N_KEYS)
                n_of[items[i].key][items[i].who] -= items[i].n_rows;
            assert_true(i == 0 || items[i].key > items[i - 1].key ||
                        (items[i].key == items[i - 1].key && items[i].who > items[i - 1].who));
        }
        assert_int_equal(n_seen, N);
        for (int k = 0; k < N_KEYS; k++)
            for (int w = 0; w < N_WHO; w++)
                assert_int_equal(n_of[k][w], 0);
    }
}

/* --- bins --- */

static void bins_rise_with_the_probability(void **state)
{
    static const double edges[] = {0,        0x1p-1074, 0x1p-43,     0x1p-32, 0x1p-31, 1e-5,
                                   0.249999, 0.25,      0.3,         0.5,     0.7,     0.75,
                                   0.999,    0.9999999, 1 - 0x1p-53, 1};
    static int64_t      ones[SL_SCORE_BINS];
    unsigned            last = 0;
    uint64_t            begin = 0;
    (void)state;

    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        assert_true(sl_score_bin(edges[i]) >= last && sl_score_bin(edges[i]) < SL_SCORE_BINS);
        last = sl_score_bin(edges[i]);
    }
    assert_int_equal(sl_score_bin(0), 0);
    assert_int_equal(sl_score_bin(0.5), SL_SCORE_BINS / 2);
    assert_int_equal(sl_score_bin(1), SL_SCORE_BINS - 1);
    /* ends of ranges that hold one bin each are where bins change */
    for (unsigned b = 0; b < SL_SCORE_BINS; b++)
        ones[b] = 1;
    for (unsigned b = 0; b < SL_SCORE_BINS; b++) {
        const uint64_t end = sl_score_bins_end(ones, begin, 1);

        assert_int_equal(sl_score_bin(sl_number_of(begin)), b);
        assert_int_equal(sl_score_bin(sl_number_of(end - 1)), b);
        begin = end;
    }
    assert_true(begin == SL_KEYS_END);
    assert_true(sl_score_bins_end(ones, 0, 1e9) == SL_KEYS_END);
}

/* --- areas --- */

enum { MOST_ROWS = 700, MOST_CLASSES = 4, MOST_PARTITIONS = 50 };

struct drawn {
    struct score_rows rows;
    size_t            at_once; /* rows of a block */
    int               n_partitions;
    int               n_readings;
    bool              trained_on[MOST_PARTITIONS];
    int               partition[MOST_ROWS];
    double            p[MOST_ROWS * MOST_CLASSES];
    int8_t            predicted[MOST_ROWS];
    int8_t            label[MOST_ROWS];
    uint8_t           status[MOST_ROWS];
};

static sl_status give(void *state, struct sl_metrics *to, struct sl_error *err)
{
    struct drawn          *d = state;
    struct sl_table_column columns[4];
    sl_status              rc = SL_OK;

    d->n_readings++;
    score_columns(&d->rows, columns);
    for (size_t i = 0; i < d->rows.n && rc == SL_OK;) {
        size_t n = 1;

        while (i + n < d->rows.n && n < d->at_once && d->partition[i + n] == d->partition[i])
            n++;
        const struct sl_scores block = scores_at(columns, i, n);

        rc = sl_metrics_add(to, d->partition[i], &block, err);
        i += n;
    }
    return rc;
}

static struct sl_measured measure(struct drawn *d, size_t memory, int64_t exact_rows)
{
    const struct sl_metrics_spec spec = {.n_classes = d->rows.n_classes,
                                         .n_partitions = d->n_partitions,
                                         .trained_on = d->trained_on,
                                         .n_rows = (int64_t)d->rows.n,
                                         .memory = memory,
                                         .exact_rows = exact_rows,
                                         .state = d,
                                         .give = give};
    struct sl_measured           measured;
    struct sl_error              err;

    d->n_readings = 0;
    assert_int_equal(sl_metrics_measure(sl_comm_self(), &spec, &measured, &err), SL_OK);
    return measured;
}

struct shape_of_rows {
    size_t n;
    int    n_partitions;
    int    n_classes;
    int    n_values; /* different scores; 0: hardly two are equal */
    double scale;    /* of scores */
    bool   one_class;
};

/* Rows of a partition lie together but for some, as chunks of different files may alternate. */
static void draw(struct drawn *d, const struct shape_of_rows *shape)
{
    const size_t n_items = shape->n_classes > 2 ? (size_t)shape->n_classes : 1;

    d->rows = (struct score_rows){.n = shape->n,
                                  .n_classes = shape->n_classes,
                                  .partition = d->partition,
                                  .p = d->p,
                                  .predicted = d->predicted,
                                  .label = d->label,
                                  .status = d->status};
    d->n_partitions = shape->n_partitions;
    for (int k = 0; k < MOST_PARTITIONS; k++)
        d->trained_on[k] = k % 3 == 1;
    for (size_t i = 0; i < shape->n; i++) {
        uint64_t h = sl_mix64(i + 7777 * (uint64_t)shape->n_values);

        d->partition[i] = (int)((i / 9) % (size_t)shape->n_partitions);
        for (size_t k = 0; k < n_items; k++) {
            const double u = (double)(h >> 11) * 0x1p-53;

            d->p[i * n_items + k] =
                shape->scale *
                (shape->n_values > 0 ? floor(u * shape->n_values) / shape->n_values : u);
            h = sl_mix64(h);
        }
        d->label[i] = (int8_t)(shape->one_class ? 1 : sl_mix64(h + 1) % (unsigned)shape->n_classes);
        d->predicted[i] = (int8_t)(h % (unsigned)shape->n_classes);
        d->status[i] = sl_mix64(h + 2) % 11 == 0 ? SL_ROW_MISSING : SL_ROW_SCORED;
        if (d->status[i] != SL_ROW_SCORED)
            for (size_t k = 0; k < n_items; k++)
                d->p[i * n_items + k] = (double)NAN;
        if (sl_mix64(h + 3) % 13 == 0)
            d->label[i] = -1;
    }
}

static bool is_in(const struct drawn *d, size_t i, int group)
{
    if (d->status[i] != SL_ROW_SCORED || d->label[i] < 0)
        return false;
    if (group == SL_ALL)
        return true;
    if (group >= SL_FIRST_PARTITION)
        return d->partition[i] == group - SL_FIRST_PARTITION;
    return d->trained_on[d->partition[i]] == (group == SL_TRAINED_ON);
}

static double count_all_pairs(const struct drawn *d, int group, int class)
{
    const size_t n_items = d->rows.n_classes > 2 ? (size_t)d->rows.n_classes : 1;
    const size_t item = n_items > 1 ? (size_t) class : 0;
    int64_t      twice_won = 0;
    int64_t      n_pairs = 0;

    for (size_t i = 0; i < d->rows.n; i++) {
        if (!is_in(d, i, group) || d->label[i] != class)
            continue;
        for (size_t j = 0; j < d->rows.n; j++) {
            const double own = d->p[i * n_items + item];
            const double other = d->p[j * n_items + item];

            if (!is_in(d, j, group) || d->label[j] == class)
                continue;
            n_pairs++;
            twice_won += own > other ? 2 : own == other;
        }
    }
    return n_pairs == 0 ? (double)NAN : (double)twice_won / (2 * (double)n_pairs);
}

static bool same(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b;
}

static void check_areas(const struct drawn *d, const struct sl_measured *m)
{
    const int n_classes = d->rows.n_classes;

    for (int g = 0; g < SL_FIRST_PARTITION + d->n_partitions; g++) {
        double sum = 0;

        for (int k = n_classes == 2; k < n_classes; k++) {
            const double area = count_all_pairs(d, g, k);

            sum += area;
            if (g < SL_FIRST_PARTITION) {
                assert_true(same(m->classes[g * n_classes + k].roc_auc, area));
                assert_true(same(m->classes[g * n_classes + k].roc_auc_error, area * 0));
            }
        }
        assert_true(same(m->values[g].roc_auc, sum / (n_classes > 2 ? n_classes : 1)));
        assert_true(same(m->values[g].roc_auc_error, sum * 0));
    }
}

static void check_same(const struct sl_measured *a, const struct sl_measured *b)
{
    const size_t n = (size_t)a->n_classes;

    assert_memory_equal(a->values, b->values,
                        (SL_FIRST_PARTITION + (size_t)a->n_partitions) * sizeof *a->values);
    assert_memory_equal(a->classes, b->classes, SL_FIRST_PARTITION * n * sizeof *a->classes);
    assert_memory_equal(a->confusion, b->confusion,
                        SL_FIRST_PARTITION * n * n * sizeof *a->confusion);
}

static const struct shape_of_rows shapes[] = {
    {0, 1, 2, 0, 1, false},     {1, 1, 2, 0, 1, false},    {MOST_ROWS, 1, 2, 0, 1, false},
    {700, 1, 2, 1, 1, false},   {700, 3, 2, 4, 1, false},  {700, 3, 2, 0, 1e-12, false},
    {700, 7, 2, 100, 1, false}, {500, 2, 2, 0, 1, true},   {700, 50, 2, 0, 1, false},
    {400, 2, 3, 0, 1, false},   {400, 50, 4, 9, 1, false}, {700, 2, 4, 0, 0x1p-1070, false},
};
enum { N_ROW_SHAPES = sizeof shapes / sizeof *shapes };

static void any_room_gives_the_same_bits(void **state)
{
    static const size_t memories[] = {1, 40 * 16, 111 * 16, 500 * 16, 1500 * 16, 1 << 20};
    static const size_t blocks[] = {1, 7, 300, 5, 1000, 64};
    struct drawn       *d = malloc(sizeof *d);
    (void)state;

    for (size_t c = 0; c < N_ROW_SHAPES; c++) {
        struct sl_measured large;

        draw(d, &shapes[c]);
        d->at_once = 1000;
        large = measure(d, 0, 0);
        assert_int_equal(d->n_readings, 1);
        check_areas(d, &large);
        for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
            struct sl_measured got;

            d->at_once = blocks[m];
            got = measure(d, memories[m], 0);
            check_same(&large, &got);
            if (memories[m] == 1 && shapes[c].n > 500 && shapes[c].n_values == 0)
                assert_true(d->n_readings > 3);
            sl_measured_release(&got);
        }
        sl_measured_release(&large);
    }
    free(d);
}

/* Rows of few scores fit any room: equal ones take no more than one. */
static void equal_scores_take_no_room(void **state)
{
    const struct shape_of_rows shape = {MOST_ROWS, 1, 2, 3, 1, false};
    struct drawn              *d = malloc(sizeof *d);
    struct sl_measured         got;
    (void)state;

    draw(d, &shape);
    d->at_once = 50;
    got = measure(d, 16 * 16, 0);
    assert_int_equal(d->n_readings, 1);
    check_areas(d, &got);
    sl_measured_release(&got);
    free(d);
}

static void check_bound(double area, double error, double exact)
{
    if (isnan(exact)) {
        assert_true(isnan(area) && isnan(error));
        return;
    }
    assert_true(error >= 0 && error <= 0.5);
    assert_true(fabs(area - exact) <= error + 1e-15);
}

/* All but the areas is as it is without bins. */
static void bins_keep_their_bound(void **state)
{
    static const size_t memories[] = {0, 1};
    struct drawn       *d = malloc(sizeof *d);
    (void)state;

    for (size_t c = 0; c < N_ROW_SHAPES; c++) {
        struct sl_measured exact;

        if (shapes[c].n < 2)
            continue;
        draw(d, &shapes[c]);
        d->at_once = 77;
        exact = measure(d, 0, 0);
        for (size_t m = 0; m < 2; m++) {
            struct sl_measured got = measure(d, memories[m], 1);

            for (int g = 0; g < SL_FIRST_PARTITION + d->n_partitions; g++) {
                const struct sl_metric_values *v = &got.values[g];

                check_bound(v->roc_auc, v->roc_auc_error, exact.values[g].roc_auc);
                assert_true(same(v->log_loss, exact.values[g].log_loss));
                assert_true(same(v->brier, exact.values[g].brier));
                assert_int_equal(v->n_rows, exact.values[g].n_rows);
            }
            for (int k = 0; k < SL_FIRST_PARTITION * d->rows.n_classes; k++)
                check_bound(got.classes[k].roc_auc, got.classes[k].roc_auc_error,
                            exact.classes[k].roc_auc);
            sl_measured_release(&got);
        }
        sl_measured_release(&exact);
    }
    free(d);
}

/* A hundred scores lie in bins of their own: the area is exact, and it is the bound that does not
 * know.  Up to exact_rows rows that count nothing comes from bins. */
static void bins_begin_beyond_exact_rows(void **state)
{
    const struct shape_of_rows shape = {MOST_ROWS, 3, 2, 100, 1, false};
    struct drawn              *d = malloc(sizeof *d);
    struct sl_measured         exact;
    struct sl_measured         at_limit;
    struct sl_measured         beyond;
    int64_t                    n_rows;
    (void)state;

    draw(d, &shape);
    d->at_once = 77;
    exact = measure(d, 0, 0);
    n_rows = exact.values[SL_ALL].n_rows;
    assert_true(n_rows < MOST_ROWS);
    at_limit = measure(d, 1, n_rows);
    check_same(&exact, &at_limit);
    beyond = measure(d, 1, n_rows - 1);
    assert_true(beyond.values[SL_ALL].roc_auc_error > 0);
    assert_true(beyond.values[SL_ALL].roc_auc == exact.values[SL_ALL].roc_auc);
    sl_measured_release(&exact);
    sl_measured_release(&at_limit);
    sl_measured_release(&beyond);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ties_are_sorted_and_combined),
        cmocka_unit_test(counts_do_not_overflow),
        cmocka_unit_test(a_full_list_keeps_the_lowest),
        cmocka_unit_test(a_list_counts_every_row),
        cmocka_unit_test(bins_rise_with_the_probability),
        cmocka_unit_test(any_room_gives_the_same_bits),
        cmocka_unit_test(equal_scores_take_no_room),
        cmocka_unit_test(bins_keep_their_bound),
        cmocka_unit_test(bins_begin_beyond_exact_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
