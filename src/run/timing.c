/* What each rank spent its time on, brought together.  Nothing here can fail: it is told of runs
 * that did, too. */
#include "scoreline/timing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_impl.h"
#include "scoreline/memory.h"

sl_status run_pace_init(struct run_pace *pace, int n_partitions, struct sl_error *err)
{
    sl_status rc;

    pace->n_partitions = n_partitions;
    SL_TRY(sl_alloc_array((size_t)n_partitions, sizeof *pace->seconds, &pace->seconds, err));
    SL_TRY(sl_alloc_array((size_t)n_partitions, sizeof *pace->bytes, &pace->bytes, err));
out:
    return rc;
}

void run_pace_release(struct run_pace *pace)
{
    free(pace->seconds);
    free(pace->bytes);
    *pace = (struct run_pace){0};
}

void run_pace_add(struct run_pace *pace, int32_t partition, double seconds, int64_t n_bytes,
                  int64_t n_rows)
{
    pace->seconds[partition] += seconds;
    pace->bytes[partition] += n_bytes;
    pace->n_chunks++;
    pace->n_bytes += n_bytes;
    pace->n_rows += n_rows;
}

/* --- over the ranks --------------------------------------------------------------------------- */

static struct sl_spread spread_of(const struct sl_comm *comm, double value)
{
    struct sl_spread spread = {value, value, value};

    sl_comm_min_f64(comm, &spread.min, 1);
    sl_comm_sum_f64(comm, &spread.avg, 1);
    sl_comm_max_f64(comm, &spread.max, 1);
    spread.avg /= sl_comm_size(comm);
    return spread;
}

static void spread_phases(const struct sl_comm *comm, const double own[SL_N_PHASES],
                          struct sl_timing *out)
{
    double of[3][SL_N_PHASES]; /* min, sum, max */

    for (int i = 0; i < 3; i++)
        memcpy(of[i], own, sizeof of[i]);
    sl_comm_min_f64(comm, of[0], SL_N_PHASES);
    sl_comm_sum_f64(comm, of[1], SL_N_PHASES);
    sl_comm_max_f64(comm, of[2], SL_N_PHASES);
    for (int p = 0; p < SL_N_PHASES; p++)
        out->seconds[p] = (struct sl_spread){of[0][p], of[1][p] / sl_comm_size(comm), of[2][p]};
}

/* The first rank that has the greatest value, which `value` becomes. */
static int rank_of_most(const struct sl_comm *comm, double *value)
{
    const double own = *value;
    int64_t      first;

    sl_comm_max_f64(comm, value, 1);
    first = own >= *value ? -sl_comm_rank(comm) : -sl_comm_size(comm);
    sl_comm_max_i64(comm, &first, 1);
    return (int)-first;
}

static void find_slowest(const struct sl_comm *comm, double busy_s, struct sl_timing *out)
{
    out->slowest.avg_busy_s = spread_of(comm, busy_s).avg;
    out->slowest.busy_s = busy_s;
    out->slowest.rank = rank_of_most(comm, &out->slowest.busy_s);
    if (gethostname(out->slowest.host, sizeof out->slowest.host - 1) != 0)
        out->slowest.host[0] = '\0';
    sl_comm_share(comm, out->slowest.rank, out->slowest.host, sizeof out->slowest.host);
}

static int slowest_of(const struct run_pace *pace)
{
    int slowest = -1;

    for (int p = 0; pace->bytes != NULL && p < pace->n_partitions; p++)
        if (pace->seconds[p] > (slowest >= 0 ? pace->seconds[slowest] : 0))
            slowest = p;
    return slowest;
}

/* Its name is the caller's to know: here it is only an index, negative if there is none.  Where all
 * ranks may have a part of a partition, all of them have the arrays; otherwise a partition is one
 * rank's. */
static int find_slowest_partition(const struct sl_comm *comm, struct run_pace *pace,
                                  struct sl_timing *out)
{
    bool    lacks = pace->bytes == NULL;
    int64_t found[2]; /* index and bytes */
    int     rank = 0;
    int     p;

    sl_comm_any(comm, &lacks, 1);
    if (!lacks) {
        sl_comm_sum_f64(comm, pace->seconds, (size_t)pace->n_partitions);
        sl_comm_sum_i64(comm, pace->bytes, (size_t)pace->n_partitions);
    }
    p = slowest_of(pace);
    out->partition.seconds = p >= 0 ? pace->seconds[p] : 0;
    rank = rank_of_most(comm, &out->partition.seconds);
    found[0] = p;
    found[1] = p >= 0 && pace->bytes != NULL ? pace->bytes[p] : 0;
    sl_comm_bcast_i64(comm, rank, found, 2);
    out->partition.n_bytes = found[1];
    return (int)found[0];
}

int run_time(const struct sl_comm *comm, const struct sl_stopwatch *watch, struct run_pace *pace,
             double work_s, struct sl_timing *out)
{
    double       own[SL_N_PHASES];
    const double total_s = sl_stopwatch_read(watch, own);
    int64_t      sums[] = {pace->n_bytes, pace->n_rows};
    double       memory = (double)sl_memory_peak();

    *out = (struct sl_timing){.total_s = spread_of(comm, total_s)};
    spread_phases(comm, own, out);
    find_slowest(comm, total_s - own[SL_PHASE_START] - own[SL_PHASE_WAIT], out);
    sl_comm_sum_i64(comm, sums, 2);
    out->n_bytes = sums[0];
    out->n_rows = sums[1];
    out->work_s = spread_of(comm, work_s).max;
    out->memory.rank = rank_of_most(comm, &memory);
    out->memory.n_bytes = (int64_t)memory;
    return find_slowest_partition(comm, pace, out);
}
