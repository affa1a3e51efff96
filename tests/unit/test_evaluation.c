/* Deciles that are found by counting against those of sorted rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/score_rows.h"
#include "scoreline/block.h"
#include "scoreline/evaluation.h"
#include "scoreline/hash.h"

enum { MOST_ROWS = 3000 };

struct drawn {
    struct score_rows rows;
    size_t            at_once;
    double            p[MOST_ROWS];
    int8_t            label[MOST_ROWS];
    uint8_t           status[MOST_ROWS];
};

static sl_status give(void *state, struct sl_evaluator *to, struct sl_error *err)
{
    const struct drawn    *d = state;
    struct sl_table_column columns[4];
    (void)err;

    score_columns(&d->rows, columns);
    for (size_t i = 0; i < d->rows.n; i += d->at_once) {
        const size_t           n = d->rows.n - i < d->at_once ? d->rows.n - i : d->at_once;
        const struct sl_scores block = scores_at(columns, i, n);

        sl_evaluator_add(to, &block);
    }
    return SL_OK;
}

static void draw(struct drawn *d, size_t n, int n_values, double scale)
{
    d->rows = (struct score_rows){
        .n = n, .n_classes = 2, .p = d->p, .label = d->label, .status = d->status};
    for (size_t i = 0; i < n; i++) {
        const uint64_t h = sl_mix64(i + n);
        const double   u = (double)(h >> 11) * 0x1p-53;

        d->p[i] = scale * (n_values > 0 ? floor(u * n_values) / n_values : u);
        d->label[i] = (int8_t)((int)(sl_mix64(h) % 7) < 3 ? 1 : (int)(sl_mix64(h) % 7) / 6 * -1);
        d->status[i] = sl_mix64(h + 1) % 9 == 0 ? SL_ROW_MISSING : SL_ROW_SCORED;
    }
}

/* A row that counts, and its place among them. */
struct ranked {
    double p;
    int    label;
    size_t place;
};

static int most_probable_first(const void *a, const void *b)
{
    struct ranked x;
    struct ranked y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (x.p != y.p)
        return x.p > y.p ? -1 : 1;
    return (x.place > y.place) - (x.place < y.place);
}

static size_t rank_rows(const struct drawn *d, struct ranked *ranked)
{
    size_t n = 0;

    for (size_t i = 0; i < d->rows.n; i++)
        if (d->status[i] == SL_ROW_SCORED && d->label[i] >= 0) {
            ranked[n] = (struct ranked){d->p[i], d->label[i], n};
            n++;
        }
    qsort(ranked, n, sizeof *ranked, most_probable_first);
    return n;
}

static void check(struct drawn *d, struct ranked *ranked)
{
    const struct sl_evaluation_spec spec = {.threshold = 0.25, .state = d, .give = give};
    const size_t                    n = rank_rows(d, ranked);
    struct sl_evaluation            found;
    struct sl_error                 err;
    int64_t                         n_in_bins = 0;

    assert_int_equal(sl_evaluation_make(&spec, &found, &err), SL_OK);
    assert_int_equal(found.n_rows, n);
    for (size_t k = 0; k < SL_N_DECILES; k++) {
        const size_t begin = k * n / SL_N_DECILES;
        const size_t end = (k + 1) * n / SL_N_DECILES;
        int64_t      n_positive = 0;
        double       sum = 0;

        for (size_t i = begin; i < end; i++) {
            n_positive += ranked[i].label;
            sum += ranked[i].p;
        }
        assert_int_equal(found.deciles[k].n_rows, end - begin);
        assert_int_equal(found.deciles[k].n_positive, n_positive);
        if (end > begin)
            assert_true(fabs(found.deciles[k].mean_probability * (double)(end - begin) - sum) <=
                        1e-13 * (1 + sum));
    }
    for (int b = 0; b < SL_N_BINS; b++)
        n_in_bins += found.bins[b].n_rows;
    assert_int_equal(n_in_bins, n);
}

static void deciles_are_those_of_sorted_rows(void **state)
{
    static const struct {
        size_t n;
        int    n_values;
        double scale;
    } cases[] = {{0, 0, 1},
                 {1, 0, 1},
                 {7, 0, 1},
                 {23, 2, 1},
                 {400, 0, 1},
                 {3000, 0, 1},
                 {3000, 1, 1},
                 {3000, 3, 1},
                 {3000, 40, 1},
                 {2999, 0, 1e-9},
                 {3000, 2, 0x1p-1073},
                 {1000, 0, 0x1p-1060}};
    struct drawn  *d = malloc(sizeof *d);
    struct ranked *ranked = malloc(MOST_ROWS * sizeof *ranked);
    (void)state;

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        draw(d, cases[c].n, cases[c].n_values, cases[c].scale);
        for (d->at_once = 1; d->at_once <= MOST_ROWS; d->at_once *= 53)
            check(d, ranked);
    }
    free(ranked);
    free(d);
}

static sl_status give_fault(void *state, struct sl_evaluator *to, struct sl_error *err)
{
    int *n_left = state;
    (void)to;

    return (*n_left)-- == 0 ? sl_fail(err, SL_EINPUT, "rows are gone") : SL_OK;
}

/* In whatever reading it is. */
static void a_fault_ends_it(void **state)
{
    (void)state;
    for (int reading = 0; reading < 5; reading++) {
        int                             n_left = reading;
        const struct sl_evaluation_spec spec = {.state = &n_left, .give = give_fault};
        struct sl_evaluation            found;
        struct sl_error                 err;

        assert_int_equal(sl_evaluation_make(&spec, &found, &err), SL_EINPUT);
        assert_string_equal(err.text, "rows are gone");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deciles_are_those_of_sorted_rows),
        cmocka_unit_test(a_fault_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
