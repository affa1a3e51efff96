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

#include "scoreline/block.h"
#include "scoreline/hash.h"
#include "scoreline/metrics.h"
#include "scoreline/mpi_handle.h"

enum { MOST_ROWS = 1200, MOST_PARTITIONS = 1100 };

struct rows {
    int     n;
    int     n_partitions;
    bool    trained_on[MOST_PARTITIONS];
    int     partition[MOST_ROWS];
    double  p[MOST_ROWS];
    int8_t  label[MOST_ROWS];
    uint8_t status[MOST_ROWS];
};

static void draw(struct rows *rows, int n, int n_partitions, uint64_t n_values, int one_class)
{
    rows->n = n;
    rows->n_partitions = n_partitions;
    for (int k = 0; k < n_partitions; k++)
        rows->trained_on[k] = k % 4 == 1;
    for (int i = 0; i < n; i++) {
        uint64_t h = sl_mix64((uint64_t)i * 1000003 + n_values);

        rows->partition[i] = (int)(sl_mix64(h) % (uint64_t)n_partitions);
        rows->p[i] = (double)(h % n_values) / (double)(n_values > 1 ? n_values - 1 : 1);
        rows->label[i] = one_class ? 1 : (int8_t)(sl_mix64(h + 1) % 3 == 0);
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
        return rows->p[i] < 0.5 ? n_ranks - 1 : 0;
    case N_SPREADS:
        break;
    }
    return 0;
}

/* rank < 0: all rows. */
static void evaluate(const struct sl_comm *comm, const struct rows *rows, enum spread spread,
                     int rank, int n_ranks, struct sl_metric_values *values)
{
    struct sl_metrics *metrics = NULL;
    struct sl_error    err;

    assert_int_equal(sl_metrics_create(rows->n_partitions, rows->trained_on, &metrics, &err),
                     SL_OK);
    for (int i = 0; i < rows->n; i++) {
        int8_t predicted = rows->p[i] > 0.5;

        if (rank < 0 || rank_of(rows, i, spread, n_ranks) == rank)
            assert_int_equal(sl_metrics_add(metrics, rows->partition[i], 1, &rows->p[i], &predicted,
                                            &rows->label[i], &rows->status[i], &err),
                             SL_OK);
    }
    assert_int_equal(sl_metrics_reduce(comm, metrics, values, &err), SL_OK);
    sl_metrics_free(metrics);
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

static double count_all_pairs(const struct rows *rows, int group)
{
    int64_t twice_won = 0;
    int64_t n_pairs = 0;

    for (int i = 0; i < rows->n; i++) {
        if (!is_in(rows, i, group) || rows->label[i] != 1)
            continue;
        for (int j = 0; j < rows->n; j++) {
            if (!is_in(rows, j, group) || rows->label[j] != 0)
                continue;
            n_pairs++;
            twice_won += rows->p[i] > rows->p[j] ? 2 : rows->p[i] == rows->p[j];
        }
    }
    return n_pairs == 0 ? (double)NAN : (double)twice_won / (2 * (double)n_pairs);
}

static void any_spread_gives_the_same_bits(void **state)
{
    static const struct {
        int      n;
        int      n_partitions;
        uint64_t n_values;
        int      one_class;
    } cases[] = {
        {0, 3, 5, 0},          {1, 1, 5, 0},    {2, 2, 2, 0},
        {300, 4, 1, 0},        {300, 4, 3, 0},  {700, 17, 40, 0},
        {1200, 5, 1000000, 0}, {200, 3, 50, 1}, {1200, MOST_PARTITIONS, 7, 0},
    };
    const struct sl_comm    *comm = *state;
    static const size_t      n_most = SL_FIRST_PARTITION + MOST_PARTITIONS;
    struct rows             *rows = malloc(sizeof *rows);
    struct sl_metric_values *alone = malloc(n_most * sizeof *alone);
    struct sl_metric_values *together = malloc(n_most * sizeof *together);

    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        size_t n_groups = SL_FIRST_PARTITION + (size_t)cases[c].n_partitions;

        draw(rows, cases[c].n, cases[c].n_partitions, cases[c].n_values, cases[c].one_class);
        evaluate(sl_comm_self(), rows, RUNS, -1, 1, alone);
        for (size_t g = 0; g < n_groups && g < 20; g++) {
            double auc = count_all_pairs(rows, (int)g);

            assert_true(isnan(auc) ? isnan(alone[g].roc_auc) : alone[g].roc_auc == auc);
        }
        for (enum spread s = 0; s < N_SPREADS; s++) {
            evaluate(comm, rows, s, sl_comm_rank(comm), sl_comm_size(comm), together);
            assert_memory_equal(alone, together, n_groups * sizeof *alone);
        }
    }
    free(rows);
    free(alone);
    free(together);
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
    };
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    sl_comm_free(comm);
    MPI_Finalize();
    return failed;
}
