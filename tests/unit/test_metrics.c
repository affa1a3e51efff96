/* Metrics of one rank: against scikit-learn, against a count of all pairs, and at the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../golden/metrics_reference.h"
#include "scoreline/block.h"
#include "scoreline/hash.h"
#include "scoreline/metrics.h"

/* --- fixed point --- */

static void sums_are_exact_and_carry(void **state)
{
    static const struct {
        double term;
        int    n;
        double sum;
    } cases[] = {
        {0.0, 1, 0.0},
        {0.1, 10, 1.0},
        {63.5, 100000, 6350000.0},
        {-63.5, 100000, -6350000.0},
        {0x1p-56, 3, 0x3p-56},
        {0x1p-58, 1000, 0.0},
        {-0x1p-56, 1, -0x1p-56},
    };
    (void)state;

    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct sl_fixed sum = {0};

        for (int i = 0; i < cases[c].n; i++)
            sl_fixed_add(&sum, cases[c].term);
        assert_true(fabs(sl_fixed_value(&sum) - cases[c].sum) <= cases[c].n * 0x1p-57);
        if (cases[c].term != 0.1)
            assert_true(sl_fixed_value(&sum) == cases[c].sum);
    }
}

static void grouping_does_not_matter(void **state)
{
    struct sl_fixed whole = {0};
    struct sl_fixed part[7] = {{0}};
    (void)state;

    for (int i = 0; i < 5000; i++) {
        double term = (double)(sl_mix64((uint64_t)i) >> 11) * 0x1p-48 - 16;

        sl_fixed_add(&whole, term);
        sl_fixed_add(&part[sl_mix64((uint64_t)i + 99) % 7], term);
    }
    for (int i = 6; i > 0; i--)
        sl_fixed_merge(&part[i - 1], &part[i]);
    assert_memory_equal(&whole, &part[0], sizeof whole);
}

/* --- whole metrics --- */

/* One partition unless said otherwise, all rows scored. */
static struct sl_metric_values *evaluate(int n_partitions, const bool *trained_on, size_t n,
                                         const int *partition, const double *p, const int8_t *label)
{
    struct sl_metrics       *metrics = NULL;
    struct sl_metric_values *values =
        calloc(SL_FIRST_PARTITION + (size_t)n_partitions, sizeof *values);
    struct sl_error err;

    assert_int_equal(sl_metrics_create(n_partitions, trained_on, &metrics, &err), SL_OK);
    for (size_t i = 0; i < n; i++) {
        int8_t  predicted = p[i] > 0.5;
        uint8_t status = SL_ROW_SCORED;

        assert_int_equal(sl_metrics_add(metrics, partition == NULL ? 0 : partition[i], 1, &p[i],
                                        &predicted, &label[i], &status, &err),
                         SL_OK);
    }
    assert_int_equal(sl_metrics_reduce(sl_comm_self(), metrics, values, &err), SL_OK);
    sl_metrics_free(metrics);
    return values;
}

static void as_scikit_learn_says(void **state)
{
    const bool               trained_on[1] = {false};
    struct sl_metric_values *values =
        evaluate(1, trained_on, REFERENCE_ROWS, NULL, reference_probability, reference_label);
    (void)state;

    for (int g = 0; g < 4; g++) {
        if (g == SL_TRAINED_ON)
            continue;
        assert_int_equal(values[g].n_rows, REFERENCE_ROWS);
        assert_true(fabs(values[g].accuracy - REFERENCE_ACCURACY) < 1e-15);
        assert_true(fabs(values[g].log_loss - REFERENCE_LOG_LOSS) < 1e-14);
        assert_true(fabs(values[g].roc_auc - REFERENCE_ROC_AUC) < 1e-14);
        assert_true(fabs(values[g].brier - REFERENCE_BRIER) < 1e-15);
    }
    assert_int_equal(values[SL_TRAINED_ON].n_rows, 0);
    free(values);
}

static void edges(void **state)
{
    static const struct {
        int    n;
        double p[4];
        int8_t label[4];
        double auc; /* below 0: undefined */
        double log_loss;
    } cases[] = {
        {0, {0}, {0}, -1, -1},
        {1, {0.5}, {1}, -1, 0.6931471805599453},
        {2, {0.5, 0.5}, {0, 1}, 0.5, 0.6931471805599453},
        {2, {0.25, 0.75}, {0, 1}, 1.0, 0.2876820724517809},
        {2, {0.75, 0.25}, {0, 1}, 0.0, 1.3862943611198906},
        {2, {-0.0, 0.0}, {0, 1}, 0.5, 18.021826694558577}, /* (52 log 2 + 2^-52) / 2 */
        {2, {1.0, 0.0}, {0, 1}, 0.0, 36.04365338911715},
        {4, {0.1, 0.4, 0.4, 0.8}, {0, 1, 0, 1}, 0.875, -1},
        {4, {0.1, 0.4, 0.4, 0.8}, {1, 1, 1, 1}, -1, -1},
    };
    const bool trained_on[1] = {true};
    (void)state;

    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct sl_metric_values *v =
            evaluate(1, trained_on, (size_t)cases[c].n, NULL, cases[c].p, cases[c].label);
        const struct sl_metric_values *own = &v[SL_FIRST_PARTITION];

        assert_int_equal(own->n_rows, cases[c].n);
        assert_true(cases[c].auc < 0 ? isnan(own->roc_auc) : own->roc_auc == cases[c].auc);
        if (cases[c].log_loss > 0)
            assert_true(fabs(own->log_loss - cases[c].log_loss) < 1e-14);
        assert_memory_equal(own, &v[SL_TRAINED_ON], sizeof *own);
        assert_memory_equal(own, &v[SL_ALL], sizeof *own);
        assert_int_equal(v[SL_HELD_OUT].n_rows, 0);
        assert_true(isnan(v[SL_HELD_OUT].accuracy) && isnan(v[SL_HELD_OUT].log_loss) &&
                    isnan(v[SL_HELD_OUT].roc_auc) && isnan(v[SL_HELD_OUT].brier) &&
                    isnan(v[SL_HELD_OUT].base_rate));
        free(v);
    }
}

static void rows_that_do_not_count(void **state)
{
    const double            p[] = {0.9, 0.9, 0.9, (double)NAN, 0.9, 0.2};
    const int8_t            predicted[] = {1, 1, 1, -1, 1, 0};
    const int8_t            label[] = {1, -1, -2, 1, 0, 0};
    const uint8_t           status[] = {SL_ROW_SCORED,   SL_ROW_SCORED,  SL_ROW_SCORED,
                                        SL_ROW_REJECTED, SL_ROW_MISSING, SL_ROW_SCORED};
    const bool              trained_on[] = {false, true};
    struct sl_metrics      *metrics = NULL;
    struct sl_metric_values values[SL_FIRST_PARTITION + 2];
    struct sl_error         err;
    (void)state;

    assert_int_equal(sl_metrics_create(2, trained_on, &metrics, &err), SL_OK);
    assert_int_equal(sl_metrics_add(metrics, 1, 6, p, predicted, label, status, &err), SL_OK);
    assert_int_equal(sl_metrics_reduce(sl_comm_self(), metrics, values, &err), SL_OK);
    assert_int_equal(values[SL_ALL].n_rows, 2);
    assert_true(values[SL_ALL].base_rate == 0.5);
    assert_true(values[SL_ALL].accuracy == 1.0);
    assert_true(values[SL_TRAINED_ON].roc_auc == 1.0);
    assert_int_equal(values[SL_FIRST_PARTITION].n_rows, 0);
    sl_metrics_free(metrics);
}

static void what_is_no_probability_is_refused(void **state)
{
    static const double bad[] = {-0x1p-1074, 1.0000000000000002, (double)NAN, (double)INFINITY};
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct sl_metrics *metrics = NULL;
        struct sl_error    err;
        const bool         trained_on[1] = {false};

        assert_int_equal(sl_metrics_create(1, trained_on, &metrics, &err), SL_OK);
        assert_int_equal(sl_metrics_add(metrics, 0, 1, &bad[i], (int8_t[]){1}, (int8_t[]){1},
                                        (uint8_t[]){SL_ROW_SCORED}, &err),
                         SL_EBUG);
        assert_non_null(strstr(err.text, "is no probability"));
        sl_metrics_free(metrics);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_exact_and_carry),
        cmocka_unit_test(grouping_does_not_matter),
        cmocka_unit_test(as_scikit_learn_says),
        cmocka_unit_test(edges),
        cmocka_unit_test(rows_that_do_not_count),
        cmocka_unit_test(what_is_no_probability_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
