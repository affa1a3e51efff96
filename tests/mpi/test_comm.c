/* The MPI layer: agreement, bytes to all, exchange and gathering of unequal amounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mpi.h>

#include "scoreline/memory.h"
#include "scoreline/mpi_handle.h"

static struct sl_comm *comm;

static void the_lowest_failing_rank_is_heard(void **state)
{
    int             last = sl_comm_size(comm) - 1;
    struct sl_error err = {0};
    sl_status       rc = SL_OK;

    (void)state;
    assert_int_equal(sl_comm_agree(comm, SL_OK, &err), SL_OK);
    if (sl_comm_rank(comm) >= last / 2)
        rc = sl_fail(&err, SL_EOUTPUT, "rank %d", sl_comm_rank(comm));
    assert_int_equal(sl_comm_agree(comm, rc, &err), SL_EOUTPUT);
    assert_int_equal(err.code, SL_EOUTPUT);
    assert_int_equal(strtol(err.text + 5, NULL, 10), last / 2);
}

static void bytes_reach_every_rank(void **state)
{
    struct sl_error err = {0};
    char            text[] = "to whom it may concern";
    void           *data = sl_comm_rank(comm) == 0 ? text : NULL;
    size_t          n_bytes = sl_comm_rank(comm) == 0 ? sizeof text : 0;

    (void)state;
    assert_int_equal(sl_comm_bcast_bytes(comm, &data, &n_bytes, &err), SL_OK);
    assert_int_equal(n_bytes, sizeof text);
    assert_string_equal(data, text);
    if (sl_comm_rank(comm) != 0)
        free(data);
}

/* Rank r sends r + s + 1 bytes of value r * 16 + s to rank s, but nothing to itself. */
static void unequal_amounts_are_exchanged(void **state)
{
    int             size = sl_comm_size(comm);
    int             rank = sl_comm_rank(comm);
    struct sl_error err = {0};
    size_t         *n_to = NULL;
    size_t         *n_from = NULL;
    unsigned char   to[4096];
    unsigned char  *from = NULL;
    void           *received = NULL;
    size_t          n = 0;

    (void)state;
    assert_int_equal(sl_alloc_array((size_t)size, sizeof *n_to, &n_to, &err), SL_OK);
    assert_int_equal(sl_alloc_array((size_t)size, sizeof *n_from, &n_from, &err), SL_OK);
    for (int s = 0; s < size; s++) {
        n_to[s] = s == rank ? 0 : (size_t)(rank + s + 1);
        memset(to + n, rank * 16 + s, n_to[s]);
        n += n_to[s];
    }
    assert_int_equal(sl_comm_exchange(comm, to, n_to, &received, n_from, &err), SL_OK);
    from = received;
    for (int r = 0; r < size; r++) {
        assert_int_equal(n_from[r], r == rank ? 0 : r + rank + 1);
        for (size_t i = 0; i < n_from[r]; i++)
            assert_int_equal(*from++, r * 16 + rank);
    }
    free(received);
    free(n_from);
    free(n_to);
}

static void rank_0_gathers_in_order(void **state)
{
    int             rank = sl_comm_rank(comm);
    struct sl_error err = {0};
    unsigned char   own[64];
    void           *all = NULL;
    size_t          n_all = 99;
    size_t          at = 0;

    (void)state;
    memset(own, rank + 1, sizeof own);
    assert_int_equal(sl_comm_gather_bytes(comm, own, (size_t)(2 * rank), &all, &n_all, &err), SL_OK);
    if (rank == 0)
        for (int r = 0; r < sl_comm_size(comm); r++)
            for (int i = 0; i < 2 * r; i++)
                assert_int_equal(((unsigned char *)all)[at++], r + 1);
    assert_int_equal(n_all, at);
    free(all);
}

static void integers_are_reduced(void **state)
{
    int     size = sl_comm_size(comm);
    int64_t sum[2] = {1, sl_comm_rank(comm)};
    int64_t most = sl_comm_rank(comm);

    (void)state;
    sl_comm_sum_i64(comm, sum, 2);
    sl_comm_max_i64(comm, &most, 1);
    assert_int_equal(sum[0], size);
    assert_int_equal(sum[1], size * (size - 1) / 2);
    assert_int_equal(most, size - 1);
}

static void one_process_needs_no_mpi(void **state)
{
    const struct sl_comm *self = sl_comm_self();
    struct sl_error       err = {0};
    void                 *all = NULL;
    size_t                n_all = 0;
    struct sl_message     message;

    (void)state;
    assert_int_equal(sl_comm_rank(self), 0);
    assert_int_equal(sl_comm_size(self), 1);
    assert_int_equal(sl_comm_agree(self, SL_EINPUT, &err), SL_EINPUT);
    assert_int_equal(sl_comm_gather_bytes(self, "abc", 3, &all, &n_all, &err), SL_OK);
    assert_int_equal(n_all, 3);
    assert_memory_equal(all, "abc", 3);
    assert_false(sl_comm_poll(self, &message));
    free(all);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_failing_rank_is_heard),
        cmocka_unit_test(bytes_reach_every_rank),
        cmocka_unit_test(unequal_amounts_are_exchanged),
        cmocka_unit_test(rank_0_gathers_in_order),
        cmocka_unit_test(integers_are_reduced),
        cmocka_unit_test(one_process_needs_no_mpi),
    };
    struct sl_error err;
    int             failed = 1;

    MPI_Init(&argc, &argv);
    if (sl_comm_from_mpi(MPI_COMM_WORLD, &comm, &err) == SL_OK)
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    sl_comm_free(comm);
    MPI_Finalize();
    return failed;
}
