/* Ties to the ranks that their keys belong to: splitters by regular sampling, one exchange, one
 * sort. Rows were merged into ties before, so that a probability which most rows share burdens no
 * rank. */
#include <stdlib.h>
#include <string.h>

#include "pairs.h"
#include "radix.h"
#include "scoreline/memory.h"

enum {
    SAMPLES_PER_RANK = 32
}; /* of each rank, for each rank: ranges then differ by some percent */

static sl_status order_by_key(struct sl_ties *ties, struct sl_error *err)
{
    struct sl_tie   *sorted = NULL;
    struct sl_keyed *keys = NULL;
    sl_status        rc;

    SL_TRY(sl_alloc_array(ties->n, sizeof *sorted, &sorted, err));
    SL_TRY(sl_alloc_array(ties->n, 2 * sizeof *keys, &keys, err));
    for (size_t i = 0; i < ties->n; i++)
        keys[i] = (struct sl_keyed){.key = ties->items[i].key, .value = i};
    sl_radix_sort(keys, keys + ties->n, ties->n);
    for (size_t i = 0; i < ties->n; i++)
        sorted[i] = ties->items[keys[i].value];
    free(ties->items);
    ties->items = sorted;
    sorted = NULL;
out:
    free(keys);
    free(sorted);
    return rc;
}

/* Keys at regular places, as many as the rank's share of all ties asks for. */
static sl_status take_samples(const struct sl_comm *comm, const struct sl_ties *ties,
                              uint64_t **samples, size_t *n_samples, struct sl_error *err)
{
    int64_t   n_all = (int64_t)ties->n;
    double    wanted = (double)sl_comm_size(comm) * sl_comm_size(comm) * SAMPLES_PER_RANK;
    sl_status rc;

    sl_comm_sum_i64(comm, &n_all, 1);
    *n_samples = ties->n == 0 ? 0 : (size_t)(wanted * (double)ties->n / (double)n_all) + 1;
    rc = sl_alloc_array(*n_samples, sizeof **samples, samples, err);
    for (size_t i = 0; rc == SL_OK && i < *n_samples; i++)
        (*samples)[i] =
            ties->items[(size_t)((double)ties->n * ((double)i + 0.5) / (double)*n_samples)].key;
    return sl_comm_agree(comm, rc, err);
}

static sl_status choose_splitters(int n_ranks, const void *samples, size_t n_bytes,
                                  uint64_t *splitters, struct sl_error *err)
{
    size_t           n = n_bytes / sizeof(uint64_t);
    struct sl_keyed *keys = NULL;
    sl_status        rc = sl_alloc_array(n, 2 * sizeof *keys, &keys, err);

    if (rc != SL_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        memcpy(&keys[i].key, (const char *)samples + i * sizeof(uint64_t), sizeof(uint64_t));
    sl_radix_sort(keys, keys + n, n);
    for (int r = 1; r < n_ranks; r++)
        splitters[r - 1] = n == 0 ? 0 : keys[n * (size_t)r / (size_t)n_ranks].key;
    free(keys);
    return SL_OK;
}

/* splitters [ranks - 1], ascending: the first keys of ranks 1, 2, ... */
static sl_status find_splitters(const struct sl_comm *comm, const struct sl_ties *ties,
                                uint64_t **splitters, struct sl_error *err)
{
    int       n_ranks = sl_comm_size(comm);
    uint64_t *samples = NULL;
    size_t    n_samples = 0;
    void     *all = NULL;
    size_t    n_bytes = 0;
    sl_status rc;

    SL_TRY(take_samples(comm, ties, &samples, &n_samples, err));
    SL_TRY(sl_comm_gather_bytes(comm, samples, n_samples * sizeof *samples, &all, &n_bytes, err));
    rc = sl_alloc_array((size_t)n_ranks, sizeof **splitters, splitters, err);
    if (rc == SL_OK && sl_comm_rank(comm) == 0)
        rc = choose_splitters(n_ranks, all, n_bytes, *splitters, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    sl_comm_bcast_i64(comm, 0, (int64_t *)*splitters, (size_t)n_ranks - 1);
out:
    free(all);
    free(samples);
    return rc;
}

/* Bytes for each rank; ties are sorted, so what goes to a rank lies together. */
static void count_bytes(const struct sl_ties *ties, const uint64_t *splitters, int n_ranks,
                        size_t *n_to)
{
    size_t begin = 0;

    for (int r = 0; r < n_ranks; r++) {
        size_t end = begin;

        while (end < ties->n && (r == n_ranks - 1 || ties->items[end].key < splitters[r]))
            end++;
        n_to[r] = (end - begin) * sizeof *ties->items;
        begin = end;
    }
}

static sl_status exchange(const struct sl_comm *comm, struct sl_ties *ties,
                          const uint64_t *splitters, struct sl_error *err)
{
    int       n_ranks = sl_comm_size(comm);
    size_t   *n_to = NULL;
    void     *received = NULL;
    size_t    n_bytes = 0;
    sl_status rc = sl_alloc_array((size_t)n_ranks, 2 * sizeof *n_to, &n_to, err);

    SL_TRY(sl_comm_agree(comm, rc, err));
    size_t *n_from = n_to + n_ranks;
    count_bytes(ties, splitters, n_ranks, n_to);
    SL_TRY(sl_comm_exchange(comm, ties->items, n_to, &received, n_from, err));
    for (int r = 0; r < n_ranks; r++)
        n_bytes += n_from[r];
    free(ties->items);
    *ties = (struct sl_ties){.n = n_bytes / sizeof *ties->items, .items = received};
out:
    free(n_to);
    return rc;
}

sl_status sl_ties_spread(const struct sl_comm *comm, struct sl_ties *ties, struct sl_error *err)
{
    uint64_t *splitters = NULL;
    sl_status rc = SL_OK;

    if (sl_comm_size(comm) == 1)
        return SL_OK;
    SL_TRY(find_splitters(comm, ties, &splitters, err));
    SL_TRY(exchange(comm, ties, splitters, err));
    rc = sl_comm_agree(comm, order_by_key(ties, err), err);
out:
    free(splitters);
    return rc;
}
