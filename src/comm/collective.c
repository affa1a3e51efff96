/* What all ranks do together.  With one rank nothing is sent, and MPI need not have been started.
 */
#include <stdlib.h>
#include <string.h>

#include "comm_impl.h"
#include "scoreline/clock.h"
#include "scoreline/memory.h"

enum {
    PIECE_BYTES = 1 << 30, /* MPI counts are ints */
    TAG_BYTES = 1,
};

/* All ranks come to a collective call.  MPI's own waits go round and round; a rank that comes early
 * rests between looks here, and leaves its processor to threads that fit and to ranks that are more
 * than cores. */
static void meet(const struct sl_comm *comm)
{
    double      since = 0;
    int         all_are_here = 0;
    MPI_Request request;

    MPI_Ibarrier(comm->mpi, &request);
    MPI_Test(&request, &all_are_here, MPI_STATUS_IGNORE);
    while (!all_are_here) {
        sl_clock_rest(&since);
        MPI_Test(&request, &all_are_here, MPI_STATUS_IGNORE);
    }
}

static enum sl_phase begin_wait(const struct sl_comm *comm)
{
    const enum sl_phase before = sl_stopwatch_enter(comm->watch, SL_PHASE_WAIT);

    if (comm->size > 1)
        meet(comm);
    return before;
}

static void end_wait(const struct sl_comm *comm, enum sl_phase before)
{
    sl_stopwatch_enter(comm->watch, before);
}

static void reduce(const struct sl_comm *comm, void *values, size_t n, MPI_Datatype type, MPI_Op op)
{
    enum sl_phase before;

    if (comm->size == 1 || n == 0)
        return;
    before = begin_wait(comm);
    MPI_Allreduce(MPI_IN_PLACE, values, (int)n, type, op, comm->mpi);
    end_wait(comm, before);
}

sl_status sl_comm_agree(const struct sl_comm *comm, sl_status rc, struct sl_error *err)
{
    int lowest = rc == SL_OK ? comm->size : comm->rank;

    if (comm->size == 1)
        return rc;
    reduce(comm, &lowest, 1, MPI_INT, MPI_MIN);
    if (lowest == comm->size)
        return SL_OK;
    if (lowest == comm->rank)
        err->code = rc;
    sl_comm_share(comm, lowest, err, sizeof *err);
    return err->code;
}

static int piece_of(size_t n_bytes)
{
    return n_bytes < PIECE_BYTES ? (int)n_bytes : PIECE_BYTES;
}

sl_status sl_comm_bcast_bytes(const struct sl_comm *comm, void **data, size_t *n_bytes,
                              struct sl_error *err)
{
    int64_t   n = comm->rank == 0 ? (int64_t)*n_bytes : 0;
    char     *to = *data;
    sl_status rc = SL_OK;

    if (comm->size == 1)
        return SL_OK;
    sl_comm_bcast_i64(comm, 0, &n, 1);
    if (comm->rank != 0)
        rc = sl_alloc_array((size_t)n, 1, &to, err);
    rc = sl_comm_agree(comm, rc, err);
    if (rc != SL_OK) {
        if (comm->rank != 0)
            free(to);
        return rc;
    }
    *data = to;
    *n_bytes = (size_t)n;
    sl_comm_share(comm, 0, to, (size_t)n);
    return SL_OK;
}

void sl_comm_sum_i64(const struct sl_comm *comm, int64_t *values, size_t n)
{
    reduce(comm, values, n, MPI_INT64_T, MPI_SUM);
}

void sl_comm_max_i64(const struct sl_comm *comm, int64_t *values, size_t n)
{
    reduce(comm, values, n, MPI_INT64_T, MPI_MAX);
}

void sl_comm_max_f64(const struct sl_comm *comm, double *values, size_t n)
{
    reduce(comm, values, n, MPI_DOUBLE, MPI_MAX);
}

void sl_comm_min_f64(const struct sl_comm *comm, double *values, size_t n)
{
    reduce(comm, values, n, MPI_DOUBLE, MPI_MIN);
}

void sl_comm_sum_f64(const struct sl_comm *comm, double *values, size_t n)
{
    reduce(comm, values, n, MPI_DOUBLE, MPI_SUM);
}

void sl_comm_bcast_i64(const struct sl_comm *comm, int root, int64_t *values, size_t n)
{
    sl_comm_share(comm, root, values, n * sizeof *values);
}

void sl_comm_any(const struct sl_comm *comm, bool *values, size_t n)
{
    reduce(comm, values, n, MPI_C_BOOL, MPI_LOR);
}

int64_t sl_comm_before_i64(const struct sl_comm *comm, int64_t value)
{
    sl_comm_before_many_i64(comm, &value, 1);
    return value;
}

void sl_comm_before_many_i64(const struct sl_comm *comm, int64_t *values, size_t n)
{
    const enum sl_phase before = begin_wait(comm);

    if (comm->size > 1 && n > 0)
        MPI_Exscan(MPI_IN_PLACE, values, (int)n, MPI_INT64_T, MPI_SUM, comm->mpi);
    end_wait(comm, before);
    if (comm->rank == 0)
        memset(values, 0, n * sizeof *values); /* MPI leaves rank 0's as they are */
}

void sl_comm_share(const struct sl_comm *comm, int root, void *data, size_t n)
{
    const enum sl_phase before = begin_wait(comm);
    char               *at = data;

    while (comm->size > 1 && n > 0) {
        int piece = piece_of(n);

        MPI_Bcast(at, piece, MPI_BYTE, root, comm->mpi);
        at += piece;
        n -= (size_t)piece;
    }
    end_wait(comm, before);
}

void sl_comm_allgather_i64(const struct sl_comm *comm, int64_t value, int64_t *all)
{
    const enum sl_phase before = begin_wait(comm);

    if (comm->size > 1)
        MPI_Allgather(&value, 1, MPI_INT64_T, all, 1, MPI_INT64_T, comm->mpi);
    else
        all[0] = value;
    end_wait(comm, before);
}

/* Both directions at once, in pieces; either may be longer. */
static void swap_bytes(const struct sl_comm *comm, int to_rank, const char *to, size_t n_to,
                       int from_rank, char *from, size_t n_from)
{
    const enum sl_phase before = sl_stopwatch_enter(comm->watch, SL_PHASE_WAIT);

    while (n_to > 0 || n_from > 0) {
        int give = piece_of(n_to);
        int take = piece_of(n_from);

        MPI_Sendrecv(to, give, MPI_BYTE, give > 0 ? to_rank : MPI_PROC_NULL, TAG_BYTES, from, take,
                     MPI_BYTE, take > 0 ? from_rank : MPI_PROC_NULL, TAG_BYTES, comm->mpi,
                     MPI_STATUS_IGNORE);
        to += give;
        n_to -= (size_t)give;
        from += take;
        n_from -= (size_t)take;
    }
    end_wait(comm, before);
}

void sl_comm_give(const struct sl_comm *comm, int to, const void *data, size_t n)
{
    swap_bytes(comm, to, data, n, MPI_PROC_NULL, NULL, 0);
}

void sl_comm_take(const struct sl_comm *comm, int from, void *data, size_t n)
{
    swap_bytes(comm, MPI_PROC_NULL, NULL, 0, from, data, n);
}

static size_t sum_before(const size_t *n, int end)
{
    size_t sum = 0;

    for (int r = 0; r < end; r++)
        sum += n[r];
    return sum;
}

sl_status sl_comm_exchange(const struct sl_comm *comm, const void *to, const size_t *n_to,
                           void **from, size_t *n_from, struct sl_error *err)
{
    int           size = comm->size;
    int           rank = comm->rank;
    char         *received = NULL;
    enum sl_phase before;
    sl_status     rc;

    _Static_assert(sizeof(size_t) == sizeof(uint64_t), "sizes travel as 64-bit integers");
    before = begin_wait(comm);
    if (size > 1)
        MPI_Alltoall(n_to, 1, MPI_UINT64_T, n_from, 1, MPI_UINT64_T, comm->mpi);
    else
        n_from[0] = n_to[0];
    end_wait(comm, before);
    rc = sl_alloc_array(sum_before(n_from, size), 1, &received, err);
    rc = sl_comm_agree(comm, rc, err);
    if (rc != SL_OK) {
        free(received);
        return rc;
    }
    if (n_to[rank] > 0)
        memcpy(received + sum_before(n_from, rank), (const char *)to + sum_before(n_to, rank),
               n_to[rank]);
    for (int step = 1; step < size; step++) {
        int next = (rank + step) % size;
        int last = (rank - step + size) % size;

        swap_bytes(comm, next, (const char *)to + sum_before(n_to, next), n_to[next], last,
                   received + sum_before(n_from, last), n_from[last]);
    }
    *from = received;
    return SL_OK;
}

/* Counts to rank 0, the sum returned there; others get 0. */
static size_t gather_counts(const struct sl_comm *comm, size_t n_bytes, size_t *n_from)
{
    const enum sl_phase before = begin_wait(comm);

    if (comm->size == 1)
        n_from[0] = n_bytes;
    else
        MPI_Gather(&n_bytes, 1, MPI_UINT64_T, n_from, 1, MPI_UINT64_T, 0, comm->mpi);
    end_wait(comm, before);
    return comm->rank == 0 ? sum_before(n_from, comm->size) : 0;
}

sl_status sl_comm_gather_bytes(const struct sl_comm *comm, const void *data, size_t n_bytes,
                               void **all, size_t *n_all, struct sl_error *err)
{
    size_t   *n_from = NULL;
    char     *to = NULL;
    sl_status rc;

    *all = NULL;
    rc = sl_alloc_array((size_t)comm->size, sizeof *n_from, &n_from, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    *n_all = gather_counts(comm, n_bytes, n_from);
    rc = sl_alloc_array(*n_all, 1, &to, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    *all = to;
    if (comm->rank != 0)
        swap_bytes(comm, 0, data, n_bytes, MPI_PROC_NULL, NULL, 0);
    else if (n_bytes > 0)
        memcpy(to, data, n_bytes);
    for (int r = 1; comm->rank == 0 && r < comm->size; r++)
        swap_bytes(comm, MPI_PROC_NULL, NULL, 0, r, to + sum_before(n_from, r), n_from[r]);
    to = NULL;
out:
    free(to);
    free(n_from);
    return rc;
}

sl_status sl_comm_allgather_bytes(const struct sl_comm *comm, const void *data, size_t n_bytes,
                                  void **all, size_t *n_all, struct sl_error *err)
{
    sl_status rc = sl_comm_gather_bytes(comm, data, n_bytes, all, n_all, err);

    if (rc != SL_OK)
        return rc;
    if (comm->rank != 0) {
        free(*all);
        *all = NULL;
    }
    rc = sl_comm_bcast_bytes(comm, all, n_all, err);
    if (rc != SL_OK && comm->rank == 0) {
        free(*all);
        *all = NULL;
    }
    return rc;
}
