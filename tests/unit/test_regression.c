/* Metrics of numbers: closed forms, and sums that no order and no size of terms can spoil. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/metrics.h"

enum { MOST_ROWS = 2000 };

static struct sl_error err;

/* Rows of partitions, in the order in which they are given. */
struct rows {
    size_t           n;
    int              n_partitions;
    const bool      *trained_on;
    int              partition[MOST_ROWS];
    double           label[MOST_ROWS];
    double           value[MOST_ROWS];
    uint8_t          status[MOST_ROWS];
    enum sl_deviance deviance;
};

static sl_status give(void *state, struct sl_metrics *to, struct sl_error *fault)
{
    struct rows           *r = state;
    struct sl_table_column value = {.dtype = SL_F64, .n_items = 1, .cells.f64 = r->value};
    struct sl_table_column label = {.dtype = SL_F64, .n_items = 1, .cells.f64 = r->label};
    struct sl_table_column status = {.dtype = SL_U8, .n_items = 1, .cells.u8 = r->status};
    sl_status              rc = SL_OK;

    for (size_t i = 0; i < r->n && rc == SL_OK; i++) {
        const struct sl_scores one = {
            .probability = &value, .label = &label, .status = &status, .at = i, .n_rows = 1};

        rc = sl_metrics_add(to, r->partition[i], &one, fault);
    }
    return rc;
}

static void measure(struct rows *r, struct sl_measured *out)
{
    const struct sl_metrics_spec spec = {.n_classes = 0,
                                         .deviance = r->deviance,
                                         .n_partitions = r->n_partitions,
                                         .trained_on = r->trained_on,
                                         .n_rows = (int64_t)r->n,
                                         .state = r,
                                         .give = give};

    if (sl_metrics_measure(sl_comm_self(), &spec, out, &err) != SL_OK)
        fail_msg("%s", err.text);
}

static void put(struct rows *r, int partition, double label, double value)
{
    r->partition[r->n] = partition;
    r->label[r->n] = label;
    r->value[r->n] = value;
    r->status[r->n++] = SL_ROW_SCORED;
}

static const bool second_is_trained_on[] = {false, true};

static void a_few_rows_by_hand(void **state)
{
    static struct rows      r;
    struct sl_measured      out;
    struct sl_number_values v;

    (void)state;
    r = (struct rows){.n_partitions = 2, .trained_on = second_is_trained_on};
    put(&r, 0, 1.0, 2.0);
    put(&r, 0, 3.0, 3.0);
    put(&r, 0, 8.0, 6.0);
    put(&r, 1, 5.0, 4.0);
    put(&r, 0, NAN, 4.0);
    put(&r, 0, 9.0, NAN);
    r.status[5] = SL_ROW_MISSING;
    measure(&r, &out);
    v = out.numbers[SL_HELD_OUT]; /* mean 4, squared deviations 9 + 1 + 16, errors 1, 0, 2 */
    assert_int_equal(v.n_rows, 3);
    assert_true(v.r2 == 1.0 - 5.0 / 26.0);
    assert_true(v.rmse == sqrt(5.0 / 3.0) && v.mae == 1.0 && v.deviance == 5.0 / 3.0);
    v = out.numbers[SL_TRAINED_ON];
    assert_true(v.n_rows == 1 && isnan(v.r2) && v.rmse == 1.0); /* one label has no spread */
    v = out.numbers[SL_ALL]; /* mean 4.25, squared deviations 26.75 */
    assert_true(v.n_rows == 4 && fabs(v.r2 - (1.0 - 6.0 / 26.75)) < 1e-16);
    assert_int_equal(out.values[SL_ALL].n_rows, 4);
    assert_memory_equal(&out.numbers[SL_HELD_OUT], &out.numbers[SL_FIRST_PARTITION],
                        sizeof *out.numbers);
    sl_measured_release(&out);
}

static void deviances_of_counts(void **state)
{
    static struct rows r;
    struct sl_measured out;

    (void)state;
    r = (struct rows){
        .n_partitions = 2, .trained_on = second_is_trained_on, .deviance = SL_DEVIANCE_POISSON};
    put(&r, 0, 0.0, 1.5); /* 2 * 1.5 */
    put(&r, 0, 2.0, 1.0); /* 2 (2 log 2 - 1) */
    put(&r, 0, 4.0, 4.0); /* 0 */
    measure(&r, &out);
    assert_true(fabs(out.numbers[SL_ALL].deviance - (1.0 + 4.0 * log(2.0)) / 3.0) < 1e-15);
    assert_true(isnan(out.numbers[SL_TRAINED_ON].mae) && out.numbers[SL_TRAINED_ON].n_rows == 0);
    sl_measured_release(&out);
}

/* Terms of all sizes, each order of which would round to another sum. */
static void order_changes_no_bit(void **state)
{
    static struct rows r;
    struct sl_measured first, other;

    (void)state;
    r = (struct rows){.n_partitions = 2, .trained_on = second_is_trained_on};
    for (size_t i = 0; i < MOST_ROWS; i++) {
        const double size = ldexp(1.0, (int)(sl_mix64(i) % 200) - 100);

        put(&r, (int)(i % 2), size * (double)(sl_mix64(i + 7) % 1000), size / 3.0);
    }
    measure(&r, &first);
    for (size_t i = 0; i < MOST_ROWS / 2; i += 2) { /* partitions stay */
        const size_t k = MOST_ROWS - 2 - i;
        const double label = r.label[i], value = r.value[i];

        r.label[i] = r.label[k];
        r.value[i] = r.value[k];
        r.label[k] = label;
        r.value[k] = value;
    }
    measure(&r, &other);
    assert_memory_equal(first.numbers, other.numbers,
                        (SL_FIRST_PARTITION + 2) * sizeof *first.numbers);
    sl_measured_release(&first);
    sl_measured_release(&other);
}

static void small_terms_beside_large_ones_count(void **state)
{
    static struct rows r;
    struct sl_measured out;

    (void)state;
    r = (struct rows){.n_partitions = 2, .trained_on = second_is_trained_on};
    put(&r, 0, 1e150, 0.0);
    for (int i = 0; i < 1000; i++)
        put(&r, 0, 1e-150, 0.0);
    put(&r, 0, -1e150, 0.0);
    put(&r, 1, 5e-324, 0.0); /* the least number there is */
    measure(&r, &out);
    assert_true(out.numbers[SL_FIRST_PARTITION].mae == 2e150 / 1002.0);
    assert_true(out.numbers[SL_FIRST_PARTITION + 1].mae == 5e-324);
    sl_measured_release(&out);
}

/* Labels that agree in most of their digits: the spread is what is left of them. */
static void spread_far_from_0_keeps_its_digits(void **state)
{
    static struct rows r;
    struct sl_measured out;

    (void)state;
    r = (struct rows){.n_partitions = 2, .trained_on = second_is_trained_on};
    for (int i = 0; i < 100; i++)
        put(&r, 0, 1e12 + i % 2, 1e12 + 0.5);
    measure(&r, &out);
    assert_true(out.numbers[SL_ALL].r2 == 0.0);
    assert_true(out.numbers[SL_ALL].rmse == 0.5);
    sl_measured_release(&out);
}

static void what_is_no_number_makes_none(void **state)
{
    static struct rows r;
    struct sl_measured out;

    (void)state;
    r = (struct rows){.n_partitions = 2, .trained_on = second_is_trained_on};
    put(&r, 0, 1.0, INFINITY);
    put(&r, 0, 2.0, 1.0);
    put(&r, 1, 2.0, 1.0);
    measure(&r, &out);
    assert_true(isnan(out.numbers[SL_HELD_OUT].rmse) && isnan(out.numbers[SL_HELD_OUT].mae));
    assert_true(out.numbers[SL_TRAINED_ON].rmse == 1.0);
    sl_measured_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_rows_by_hand),
        cmocka_unit_test(deviances_of_counts),
        cmocka_unit_test(order_changes_no_bit),
        cmocka_unit_test(small_terms_beside_large_ones_count),
        cmocka_unit_test(spread_far_from_0_keeps_its_digits),
        cmocka_unit_test(what_is_no_number_makes_none),
    };

    return cmocka_run_group_tests_name("regression", tests, NULL, NULL);
}
