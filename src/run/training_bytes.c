/* Memory that training takes, reckoned before it is taken. */
#include <math.h>

#include "run_impl.h"
#include "scoreline/text.h"

int run_most_columns(const struct run *run)
{
    const struct sl_recipe_spec *spec = &run->job->recipe;
    int                          n_columns = spec->n_features;

    for (int j = 0; j < spec->n_features; j++)
        n_columns += spec->features[j].indicator;
    return n_columns;
}

int64_t run_training_bytes(const struct run *run, int64_t n_rows, int n_columns, int n_outputs)
{
    const struct sl_recipe_spec *spec = &run->job->recipe;
    int64_t                      row_bytes = 0;
    const double                 n_slots = n_columns + 1.0;
    const double                 n_coef = n_slots * n_outputs;
    const double                 n_pairs = n_outputs * (n_outputs + 1.0) / 2.0;
    double                       n_bytes;

    for (int j = 0; j < spec->n_features; j++)
        row_bytes += spec->features[j].categorical != NULL
                         ? (int64_t)sizeof(int32_t)
                         : (int64_t)sizeof(double) * (1 + spec->features[j].indicator);
    /* status, label, weight and key; arrays grow by half; the column whose fill is learned */
    row_bytes = (row_bytes + 1 + 3 * (int64_t)sizeof(double)) * 3 / 2 + (int64_t)sizeof(double);
    /* Hessian and its factor, and what it is added up in, with a block of rows; each further thread
       takes another of the latter, all of them 1 GiB */
    n_bytes =
        (double)n_rows * (double)row_bytes +
        (2 * n_coef * n_coef + 34 * n_coef +
         2 * (n_pairs * n_slots * n_slots + SL_BLOCK_ROWS * (2 * n_slots + 3.0 * n_outputs + 9))) *
            (double)sizeof(double);
    return n_bytes < 0x1p62 ? (int64_t)n_bytes : INT64_C(1) << 62;
}

sl_status run_check_training_rows(const struct run *run, size_t n_rows, int n_columns,
                                  int n_outputs, struct sl_error *err)
{
    const int64_t limit = run->job->train.max_bytes;
    char          text[32];

    if (limit == 0 || run_training_bytes(run, (int64_t)n_rows, n_columns, n_outputs) <= limit)
        return SL_OK;
    sl_format_bytes((double)limit, text, sizeof text);
    return sl_fail(err, SL_EINPUT,
                   "training takes more memory than train.max_bytes (%s): %zu rows of %d column%s "
                   "so far; train on fewer partitions, take a sample, or raise it",
                   text, n_rows, n_columns, n_columns == 1 ? "" : "s");
}

/* The most that a rank reads, of 1. */
static double largest_share(const struct sl_plan *training, int n_ranks)
{
    int64_t n_before = 0, here = 0, most = 0;
    int     last = -1;

    for (int32_t p = 0; p < training->n_partitions; p++) {
        const int64_t n_bytes = training->partitions[p].n_bytes;
        const int     rank = run_training_reader(training, n_ranks, n_before, n_bytes);

        here = rank == last ? here + n_bytes : n_bytes;
        last = rank;
        most = here > most ? here : most;
        n_before += n_bytes;
    }
    return n_before > 0 ? (double)most / (double)n_before : 1.0;
}

int64_t run_training_rank_bytes(const struct run *run, int64_t n_rows)
{
    const int     n_ranks = sl_comm_size(run->comm);
    const int     n_columns = run_most_columns(run);
    const int64_t column_bytes = 3 * (int64_t)sizeof(double); /* as it is, known values, sorted */
    double        most;

    if (run->job->train.mode == SL_TRAIN_ROOT || n_ranks == 1)
        return run_training_bytes(run, n_rows, n_columns, 1);
    /* when rows move the new arrays, which do not grow, stand beside the old ones */
    most = ceil((double)n_rows * largest_share(&run->training, n_ranks)) * 5.0 / 3.0;
    return run_training_bytes(run, (int64_t)most, n_columns, 1) + n_rows * column_bytes;
}
