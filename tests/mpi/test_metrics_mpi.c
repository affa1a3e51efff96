/* Metrics do not depend on the number of ranks nor on which rank has which rows: the same bits as
 * one rank with all of them, and as a count of all pairs one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "../support/score_rows.h"
#include "scoreline/block.h"
#include "scoreline/hash.h"
#include "scoreline/metrics.h"
#include "scoreline/mpi_handle.h"

enum { MOST_ROWS = 1200, MOST_PARTITIONS = 1100, MOST_CLASSES = 7 };

struct rows {
    int     n;
    int     n_partitions;
    bool    trained_on[MOST_PARTITIONS];
    int     partition[MOST_ROWS];
    int     n_classes;
    double  p[MOST_ROWS * MOST_CLASSES];
    int8_t  predicted[MOST_ROWS];
    int8_t  label[MOST_ROWS];
    uint8_t status[MOST_ROWS];
};

/* Of several classes the probabilities need not add up to 1. */
static void draw_scores(struct rows *rows, int i, uint64_t h, uint64_t n_values)
{
    const int n = rows->n_classes > 2 ? rows->n_classes : 1;
    double   *p = rows->p + i * n;
    int       most = 0;

    for (int k = 0; k < n; k++) {
        p[k] = (double)(h % n_values) / (double)(n_values > 1 ? n_values - 1 : 1);
        most = p[k] > p[most] ? k : most;
        h = sl_mix64(h + 5);
    }
    rows->predicted[i] = (int8_t)(n > 1 ? most : p[0] > 0.5);
}

static void draw(struct rows *rows, int n, int n_partitions, uint64_t n_values, int one_class,
                 int n_classes)
{
    rows->n = n;
    rows->n_classes = n_classes;
    rows->n_partitions = n_partitions;
    for (int k = 0; k < n_partitions; k++)
        rows->trained_on[k] = k % 4 == 1;
    for (int i = 0; i < n; i++) {
        uint64_t h = sl_mix64((uint64_t)i * 1000003 + n_values);

        rows->partition[i] = (int)(sl_mix64(h) % (uint64_t)n_partitions);
        draw_scores(rows, i, h, n_values);
        rows->label[i] = one_class ? 1 : (int8_t)(sl_mix64(h + 1) % 3 == 0);
        if (n_classes > 2 && !one_class)
            rows->label[i] = (int8_t)(sl_mix64(h + 1) % (uint64_t)n_classes);
        rows->status[i] = sl_mix64(h + 2) % 10 == 0 ? SL_ROW_MISSING : SL_ROW_SCORED;
    }
}

enum spread { ROUND_ROBIN, RUNS, ALL_ON_LAST, RANDOM, BY_VALUE, N_SPREADS };

static int rank_of(const struct rows *rows, int i, enum spread spread, int n_ranks)
{
    switch (spread) {
    case ROUND_ROBIN:
        return i % n_ranks;
    case RUNS:
        return (int)((int64_t)i * n_ranks / rows->n);
    case ALL_ON_LAST:
        return n_ranks - 1;
    case RANDOM:
        return (int)(sl_mix64((uint64_t)i + 77) % (uint64_t)n_ranks);
    case BY_VALUE:
        return rows->predicted[i] == 0 ? n_ranks - 1 : 0;
    case N_SPREADS:
        break;
    }
    return 0;
}

/* A rank's share; rank < 0: all rows. */
struct share {
    const struct rows *rows;
    enum spread        spread;
    int                rank;
    int                n_ranks;
};

static sl_status give(void *state, struct sl_metrics *to, struct sl_error *err)
{
    const struct share     *share = state;
    const struct rows      *rows = share->rows;
    const struct score_rows all = {.n_classes = rows->n_classes,
                                   .p = rows->p,
                                   .predicted = rows->predicted,
                                   .label = rows->label,
                                   .status = rows->status};
    struct sl_table_column  columns[4];
    sl_status               rc = SL_OK;

    score_columns(&all, columns);
    for (int i = 0; i < rows->n && rc == SL_OK; i++) {
        const struct sl_scores one = scores_at(columns, (size_t)i, 1);

        if (share->rank < 0 || rank_of(rows, i, share->spread, share->n_ranks) == share->rank)
            rc = sl_metrics_add(to, rows->partition[i], &one, err);
    }
    return rc;
}

static struct sl_measured evaluate(const struct sl_comm *comm, struct share *share, size_t memory,
                                   int64_t exact_rows)
{
    const struct rows           *rows = share->rows;
    const struct sl_metrics_spec spec = {.n_classes = rows->n_classes,
                                         .n_partitions = rows->n_partitions,
                                         .trained_on = rows->trained_on,
                                         .n_rows = rows->n,
                                         .memory = memory,
                                         .exact_rows = exact_rows,
                                         .state = share,
                                         .give = give};
    struct sl_measured           measured;
    struct sl_error              err;

    assert_int_equal(sl_metrics_measure(comm, &spec, &measured, &err), SL_OK);
    return measured;
}

static bool is_in(const struct rows *rows, int i, int group)
{
    if (rows->status[i] != SL_ROW_SCORED)
        return false;
    if (group == SL_ALL)
        return true;
    if (group >= SL_FIRST_PARTITION)
        return rows->partition[i] == group - SL_FIRST_PARTITION;
    return rows->trained_on[rows->partition[i]] == (group == SL_TRAINED_ON);
}

static double score(const struct rows *rows, int i, int class)
{
    return rows->n_classes > 2 ? rows->p[i * rows->n_classes + class] : rows->p[i];
}

/* Of a class against all others. */
static double count_all_pairs(const struct rows *rows, int group, int class)
{
    int64_t twice_won = 0;
    int64_t n_pairs = 0;

    for (int i = 0; i < rows->n; i++) {
        if (!is_in(rows, i, group) || rows->label[i] != class)
            continue;
        for (int j = 0; j < rows->n; j++) {
            if (!is_in(rows, j, group) || rows->label[j] == class)
                continue;
            n_pairs++;
            twice_won += score(rows, i, class) > score(rows, j, class)
                             ? 2
                             : score(rows, i, class) == score(rows, j, class);
        }
    }
    return n_pairs == 0 ? (double)NAN : (double)twice_won / (2 * (double)n_pairs);
}

static bool same(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b;
}

static void check_areas(const struct rows *rows, const struct sl_measured *m)
{
    for (int g = 0; g < SL_FIRST_PARTITION + rows->n_partitions && g < 12; g++) {
        double sum = 0;

        for (int k = rows->n_classes == 2; k < rows->n_classes; k++) {
            double auc = count_all_pairs(rows, g, k);

            sum += auc;
            if (g < SL_FIRST_PARTITION)
                assert_true(same(m->classes[g * rows->n_classes + k].roc_auc, auc));
        }
        assert_true(same(m->values[g].roc_auc, sum / (rows->n_classes > 2 ? rows->n_classes : 1)));
    }
}

static void check_counts(const struct rows *rows, const struct sl_measured *m)
{
    for (int g = 0; g < SL_FIRST_PARTITION; g++) {
        int64_t counts[MOST_CLASSES][MOST_CLASSES] = {{0}};

        for (int i = 0; i < rows->n; i++)
            if (is_in(rows, i, g))
                counts[rows->label[i]][rows->predicted[i]]++;
        for (int k = 0; k < rows->n_classes; k++)
            assert_memory_equal(m->confusion + (g * rows->n_classes + k) * rows->n_classes,
                                counts[k], (size_t)rows->n_classes * sizeof(int64_t));
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

static void any_spread_gives_the_same_bits(void **state)
{
    static const struct {
        int      n;
        int      n_partitions;
        uint64_t n_values;
        int      one_class;
        int      n_classes;
    } cases[] = {
        {0, 3, 5, 0, 2},          {1, 1, 5, 0, 2},    {2, 2, 2, 0, 2},
        {300, 4, 1, 0, 2},        {300, 4, 3, 0, 2},  {700, 17, 40, 0, 2},
        {1200, 5, 1000000, 0, 2}, {200, 3, 50, 1, 2}, {1200, MOST_PARTITIONS, 7, 0, 2},
        {0, 3, 5, 0, 3},          {5, 2, 9, 0, 3},    {600, 4, 30, 0, 3},
        {700, 9, 100000, 0, 7},   {300, 3, 20, 1, 5}, {1200, MOST_PARTITIONS, 7, 0, 4},
    };
    /* all at once, as few as can be, and between */
    static const size_t   memories[N_SPREADS] = {0, 1, 100 * 16, 1, 300 * 16};
    const struct sl_comm *comm = *state;
    struct rows          *rows = malloc(sizeof *rows);

    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct share       all = {.rows = rows, .rank = -1};
        struct sl_measured alone;

        draw(rows, cases[c].n, cases[c].n_partitions, cases[c].n_values, cases[c].one_class,
             cases[c].n_classes);
        alone = evaluate(sl_comm_self(), &all, 0, 0);
        check_areas(rows, &alone);
        check_counts(rows, &alone);
        for (enum spread s = 0; s < N_SPREADS; s++) {
            struct share       share = {rows, s, sl_comm_rank(comm), sl_comm_size(comm)};
            struct sl_measured together = evaluate(comm, &share, memories[s], 0);

            check_same(&alone, &together);
            sl_measured_release(&together);
        }
        sl_measured_release(&alone);
    }
    free(rows);
}

/* Bins are added as integers. */
static void bins_give_the_same_bits(void **state)
{
    static const size_t   memories[N_SPREADS] = {0, 1, 1, 3 << 20, 0};
    const struct sl_comm *comm = *state;
    struct rows          *rows = malloc(sizeof *rows);

    for (int n_classes = 2; n_classes <= 4; n_classes += 2) {
        struct share       all = {.rows = rows, .rank = -1};
        struct sl_measured alone;

        draw(rows, 700, 5, 1000000, 0, n_classes);
        alone = evaluate(sl_comm_self(), &all, 0, 1);
        assert_true(alone.values[SL_ALL].roc_auc_error > 0);
        for (enum spread s = 0; s < N_SPREADS; s++) {
            struct share       share = {rows, s, sl_comm_rank(comm), sl_comm_size(comm)};
            struct sl_measured together = evaluate(comm, &share, memories[s], 1);

            check_same(&alone, &together);
            sl_measured_release(&together);
        }
        sl_measured_release(&alone);
    }
    free(rows);
}

/* A rank whose rows are wrong ends the measuring on all, in whatever reading it is. */
static sl_status give_fault(void *state, struct sl_metrics *to, struct sl_error *err)
{
    struct share *share = state;

    if (share->rank == share->n_ranks - 1 && share->spread-- == 0)
        return sl_fail(err, SL_EINPUT, "rows are gone");
    return give(&(struct share){.rows = share->rows, .rank = -1}, to, err);
}

static void a_fault_on_one_rank_ends_all(void **state)
{
    const struct sl_comm *comm = *state;
    struct rows          *rows = malloc(sizeof *rows);

    draw(rows, 50, 2, 9, 0, 4);
    for (int reading = 0; reading < 4; reading++) {
        struct share share = {rows, (enum spread)reading, sl_comm_rank(comm), sl_comm_size(comm)};
        const struct sl_metrics_spec spec = {.n_classes = 4,
                                             .n_partitions = 2,
                                             .trained_on = rows->trained_on,
                                             .n_rows = 50,
                                             .memory = 1,
                                             .state = &share,
                                             .give = give_fault};
        struct sl_measured           measured;
        struct sl_error              err;

        assert_int_equal(sl_metrics_measure(comm, &spec, &measured, &err), SL_EINPUT);
        assert_string_equal(err.text, "rows are gone");
        assert_null(measured.values);
    }
    free(rows);
}

int main(int argc, char **argv)
{
    struct sl_comm *comm = NULL;
    struct sl_error err;
    int             failed;

    MPI_Init(&argc, &argv);
    if (sl_comm_from_mpi(MPI_COMM_WORLD, &comm, &err) != SL_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(any_spread_gives_the_same_bits, comm),
        cmocka_unit_test_prestate(bins_give_the_same_bits, comm),
        cmocka_unit_test_prestate(a_fault_on_one_rank_ends_all, comm),
    };
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    sl_comm_free(comm);
    MPI_Finalize();
    return failed;
}
