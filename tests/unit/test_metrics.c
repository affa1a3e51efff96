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
#include "../support/score_rows.h"
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

/* Row by row, so that blocks of one are tested too. */
static sl_status give(void *state, struct sl_metrics *to, struct sl_error *err)
{
    const struct score_rows *rows = state;
    struct sl_table_column   columns[4];
    sl_status                rc = SL_OK;

    score_columns(rows, columns);
    for (size_t i = 0; i < rows->n && rc == SL_OK; i++) {
        const struct sl_scores one = scores_at(columns, i, 1);

        rc = sl_metrics_add(to, rows->partition == NULL ? 0 : rows->partition[i], &one, err);
    }
    return rc;
}

static struct sl_measured measure(struct score_rows *rows, int n_partitions, const bool *trained_on,
                                  size_t memory)
{
    const struct sl_metrics_spec spec = {.n_classes = rows->n_classes,
                                         .n_partitions = n_partitions,
                                         .trained_on = trained_on,
                                         .n_rows = (int64_t)rows->n,
                                         .memory = memory,
                                         .state = rows,
                                         .give = give};
    struct sl_measured           measured;
    struct sl_error              err;

    assert_int_equal(sl_metrics_measure(sl_comm_self(), &spec, &measured, &err), SL_OK);
    return measured;
}

/* Two classes, one partition, all rows scored. */
static struct sl_measured evaluate(const bool *trained_on, size_t n, const double *p,
                                   const int8_t *label)
{
    int8_t           *predicted = calloc(n + 1, 1);
    uint8_t          *status = calloc(n + 1, 1);
    struct score_rows rows = {
        .n = n, .n_classes = 2, .p = p, .predicted = predicted, .label = label, .status = status};
    struct sl_measured measured;

    for (size_t i = 0; i < n; i++)
        predicted[i] = p[i] > 0.5;
    measured = measure(&rows, 1, trained_on, 0);
    free(predicted);
    free(status);
    return measured;
}

static void as_scikit_learn_says(void **state)
{
    const bool         trained_on[1] = {false};
    struct sl_measured measured =
        evaluate(trained_on, REFERENCE_ROWS, reference_probability, reference_label);
    struct sl_metric_values *values = measured.values;
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
    for (int k = 0; k < 2; k++) {
        const struct sl_class_values *v = &measured.classes[SL_ALL * 2 + k];
        const int64_t                *cells = measured.confusion + SL_ALL * 4;

        assert_true(v->roc_auc == values[SL_ALL].roc_auc);
        assert_int_equal(v->n_rows, cells[k * 2] + cells[k * 2 + 1]);
        assert_int_equal(v->n_predicted, cells[k] + cells[2 + k]);
        assert_int_equal(v->n_correct, cells[k * 3]);
    }
    sl_measured_release(&measured);
}

/* However many classes have their turn at once. */
static void several_classes_as_scikit_learn_says(void **state)
{
    static const uint8_t status[REFERENCE_ROWS] = {SL_ROW_SCORED};
    static const size_t  memories[] = {0, 1, 2 * 16 * REFERENCE_ROWS, 3 * 16 * REFERENCE_ROWS};
    const bool           trained_on[1] = {true};
    struct score_rows    rows = {.n = REFERENCE_ROWS,
                                 .n_classes = REFERENCE_CLASSES,
                                 .p = reference_several,
                                 .predicted = reference_most_probable,
                                 .label = reference_several_label,
                                 .status = status};
    (void)state;

    for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
        struct sl_measured             got = measure(&rows, 1, trained_on, memories[m]);
        const struct sl_metric_values *v = &got.values[SL_TRAINED_ON];
        const struct sl_class_values  *classes = got.classes + SL_ALL * REFERENCE_CLASSES;

        assert_int_equal(v->n_rows, REFERENCE_ROWS);
        assert_true(fabs(v->accuracy - REFERENCE_SEVERAL_ACCURACY) < 1e-15);
        assert_true(fabs(v->log_loss - REFERENCE_SEVERAL_LOG_LOSS) < 1e-13);
        assert_true(fabs(v->roc_auc - REFERENCE_SEVERAL_ROC_AUC) < 1e-14);
        assert_true(fabs(v->brier - REFERENCE_SEVERAL_BRIER) < 1e-14);
        assert_true(isnan(v->base_rate));
        assert_memory_equal(v, &got.values[SL_FIRST_PARTITION], sizeof *v);
        assert_memory_equal(got.confusion + SL_ALL * 16, reference_confusion, 16 * sizeof(int64_t));
        for (int k = 0; k < REFERENCE_CLASSES; k++) {
            assert_true(fabs(classes[k].precision - reference_precision[k]) < 1e-15);
            assert_true(fabs(classes[k].recall - reference_recall[k]) < 1e-15);
            assert_true(fabs(classes[k].roc_auc - reference_roc_auc[k]) < 1e-14);
            assert_int_equal(got.classes[SL_HELD_OUT * REFERENCE_CLASSES + k].n_rows, 0);
            assert_true(isnan(got.classes[SL_HELD_OUT * REFERENCE_CLASSES + k].recall));
        }
        sl_measured_release(&got);
    }
}

/* Without rows of a class there is no mean of the areas; the other classes have theirs. */
static void a_class_without_rows(void **state)
{
    const double      p[] = {0.5, 0.25, 0.25, 0.5, 0.5, 0, 0, 1, 0, 0.125, 0.25, 0.625};
    const int8_t      predicted[] = {0, 0, 1, 2};
    const int8_t      label[] = {0, 1, 1, -2};
    const uint8_t     status[4] = {SL_ROW_SCORED};
    const bool        trained_on[1] = {false};
    struct score_rows rows = {
        .n = 4, .n_classes = 3, .p = p, .predicted = predicted, .label = label, .status = status};
    struct sl_measured got = measure(&rows, 1, trained_on, 0);
    (void)state;

    assert_int_equal(got.values[SL_HELD_OUT].n_rows, 3);
    assert_true(isnan(got.values[SL_HELD_OUT].roc_auc));
    assert_true(got.values[SL_HELD_OUT].accuracy == 2.0 / 3);
    /* (0.25 + 0.0625 + 0.0625) + (0.25 + 0.25) + 0 */
    assert_true(got.values[SL_HELD_OUT].brier == 0.875 / 3);
    assert_true(got.classes[0].roc_auc == 0.75); /* 0.5 against 0.5 and 0 */
    assert_true(got.classes[1].roc_auc == 1);
    assert_true(isnan(got.classes[2].roc_auc) && isnan(got.classes[2].precision) &&
                isnan(got.classes[2].recall));
    assert_true(got.classes[0].precision == 0.5 && got.classes[1].recall == 0.5);
    sl_measured_release(&got);
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
        struct sl_measured got =
            evaluate(trained_on, (size_t)cases[c].n, cases[c].p, cases[c].label);
        const struct sl_metric_values *v = got.values;
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
        sl_measured_release(&got);
    }
}

static void rows_that_do_not_count(void **state)
{
    const double       p[] = {0.9, 0.9, 0.9, (double)NAN, 0.9, 0.2};
    const int8_t       predicted[] = {1, 1, 1, -1, 1, 0};
    const int8_t       label[] = {1, -1, -2, 1, 0, 0};
    const uint8_t      status[] = {SL_ROW_SCORED,   SL_ROW_SCORED,  SL_ROW_SCORED,
                                   SL_ROW_REJECTED, SL_ROW_MISSING, SL_ROW_SCORED};
    const bool         trained_on[] = {false, true};
    const int          partition[] = {1, 1, 1, 1, 1, 1};
    struct score_rows  rows = {.n = 6,
                               .n_classes = 2,
                               .partition = partition,
                               .p = p,
                               .predicted = predicted,
                               .label = label,
                               .status = status};
    struct sl_measured got = measure(&rows, 2, trained_on, 0);
    (void)state;

    assert_int_equal(got.values[SL_ALL].n_rows, 2);
    assert_true(got.values[SL_ALL].base_rate == 0.5);
    assert_true(got.values[SL_ALL].accuracy == 1.0);
    assert_true(got.values[SL_TRAINED_ON].roc_auc == 1.0);
    assert_int_equal(got.values[SL_FIRST_PARTITION].n_rows, 0);
    sl_measured_release(&got);
}

static void refused(struct score_rows *rows, int n_classes, const char *text)
{
    const bool                   trained_on[1] = {false};
    const struct sl_metrics_spec spec = {.n_classes = n_classes,
                                         .n_partitions = 1,
                                         .trained_on = trained_on,
                                         .n_rows = 1,
                                         .state = rows,
                                         .give = give};
    struct sl_measured           measured;
    struct sl_error              err;

    assert_int_equal(sl_metrics_measure(sl_comm_self(), &spec, &measured, &err), SL_EBUG);
    assert_non_null(strstr(err.text, text));
    assert_null(measured.values);
}

static void what_cannot_be_is_refused(void **state)
{
    static const double  bad[] = {-0x1p-1074, 1.0000000000000002, (double)NAN, (double)INFINITY};
    static const double  good[] = {0.5, 0.25, 0.25};
    static const uint8_t status[1] = {SL_ROW_SCORED};
    struct score_rows    rows = {.n = 1,
                                 .n_classes = 2,
                                 .predicted = (int8_t[]){1},
                                 .label = (int8_t[]){1},
                                 .status = status};
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const double of_three[] = {0, 0, bad[i]};

        rows.n_classes = 2;
        rows.p = &bad[i];
        refused(&rows, 2, "is no probability");
        rows.n_classes = 3;
        rows.p = of_three;
        refused(&rows, 3, "is no probability");
    }
    rows.p = good;
    refused(&rows, 2, "3 probabilities for 2 classes");
    rows.label = (int8_t[]){3};
    refused(&rows, 3, "label 3, predicted 1: no class");
    rows.label = (int8_t[]){0};
    rows.predicted = (int8_t[]){-1};
    refused(&rows, 3, "label 0, predicted -1: no class");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_exact_and_carry),
        cmocka_unit_test(grouping_does_not_matter),
        cmocka_unit_test(as_scikit_learn_says),
        cmocka_unit_test(several_classes_as_scikit_learn_says),
        cmocka_unit_test(a_class_without_rows),
        cmocka_unit_test(edges),
        cmocka_unit_test(rows_that_do_not_count),
        cmocka_unit_test(what_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
