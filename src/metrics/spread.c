/* Ties to the ranks that their keys belong to: splitters by regular sampling, one exchange a slice,
 * one sort.  Rows were merged into ties before, so that a probability which most rows share burdens
 * no rank. */
#include "spread.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

/* Slices then differ by some percent; of very many ranks by more. */
enum { SAMPLES_FOR_A_SLICE = 32, MOST_SAMPLES = 1 << 17 };

void sl_spread_release(struct sl_spread *spread)
{
    free(spread->first_keys);
    *spread = (struct sl_spread){0};
}

static size_t n_slices(const struct sl_comm *comm)
{
    return (size_t)sl_comm_size(comm) * SL_N_SLICES;
}

/* Keys at regular places, as many as the rank's share of all ties asks for. */
static sl_status take_samples(const struct sl_spread *s, const struct sl_comm *comm,
                              uint64_t **samples, size_t *n_samples, struct sl_error *err)
{
    int64_t   n_all = (int64_t)s->n;
    double    wanted = (double)n_slices(comm) * SAMPLES_FOR_A_SLICE * sl_comm_size(comm);
    sl_status rc;

    wanted = wanted < MOST_SAMPLES ? wanted : MOST_SAMPLES;
    sl_comm_sum_i64(comm, &n_all, 1);
    *n_samples = s->n == 0 ? 0 : (size_t)(wanted * (double)s->n / (double)n_all) + 1;
    rc = sl_alloc_array(*n_samples, sizeof **samples, samples, err);
    for (size_t i = 0; rc == SL_OK && i < *n_samples; i++)
        (*samples)[i] =
            s->ties[(size_t)((double)s->n * ((double)i + 0.5) / (double)*n_samples)].key;
    return sl_comm_agree(comm, rc, err);
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x;
    uint64_t y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void choose_first_keys(void *samples, size_t n, uint64_t *first_keys, size_t n_keys)
{
    qsort(samples, n, sizeof(uint64_t), compare_keys);
    for (size_t i = 1; n > 0 && i < n_keys; i++)
        memcpy(&first_keys[i], (char *)samples + n * i / n_keys * sizeof(uint64_t),
               sizeof(uint64_t));
}

sl_status sl_spread_init(struct sl_spread *spread, const struct sl_comm *comm,
                         const struct sl_tie *ties, size_t n, struct sl_error *err)
{
    const size_t n_keys = n_slices(comm);
    uint64_t    *samples = NULL;
    size_t       n_samples = 0;
    void        *all = NULL;
    size_t       n_bytes = 0;
    sl_status    rc;

    *spread = (struct sl_spread){.ties = ties, .n = n};
    SL_TRY(take_samples(spread, comm, &samples, &n_samples, err));
    SL_TRY(sl_comm_gather_bytes(comm, samples, n_samples * sizeof *samples, &all, &n_bytes, err));
    rc = sl_alloc_array(n_keys + 1, sizeof *spread->first_keys, &spread->first_keys, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    if (sl_comm_rank(comm) == 0)
        choose_first_keys(all, n_bytes / sizeof(uint64_t), spread->first_keys, n_keys);
    sl_comm_share(comm, 0, spread->first_keys, n_keys * sizeof *spread->first_keys);
    spread->first_keys[n_keys] = SL_KEYS_END;
out:
    free(all);
    free(samples);
    return rc;
}

/* Where this rank's ties of a slice of rank r lie. */
static const struct sl_tie *slice_of(const struct sl_spread *s, size_t r, int slice, size_t *n)
{
    const uint64_t *keys = s->first_keys + r * SL_N_SLICES + (size_t)slice;
    const size_t    begin = sl_ties_below(s->ties, s->n, keys[0]);

    *n = sl_ties_below(s->ties, s->n, keys[1]) - begin;
    return s->ties + begin;
}

/* The slice of every rank, one after the other. */
static sl_status pack_slices(const struct sl_spread *s, size_t n_ranks, int slice,
                             struct sl_tie **packed, size_t *n_to, struct sl_error *err)
{
    size_t    n_all = 0;
    size_t    n;
    sl_status rc;

    for (size_t r = 0; r < n_ranks; r++) {
        (void)slice_of(s, r, slice, &n);
        n_all += n;
    }
    SL_TRY(sl_alloc_array(n_all, sizeof **packed, packed, err));
    n_all = 0;
    for (size_t r = 0; r < n_ranks; r++) {
        const struct sl_tie *own = slice_of(s, r, slice, &n);

        memcpy(*packed + n_all, own, n * sizeof *own);
        n_to[r] = n * sizeof *own;
        n_all += n;
    }
out:
    return rc;
}

sl_status sl_spread_take(const struct sl_spread *spread, const struct sl_comm *comm, int slice,
                         struct sl_tie **taken, size_t *n_taken, struct sl_error *err)
{
    const size_t   n_ranks = (size_t)sl_comm_size(comm);
    struct sl_tie *packed = NULL;
    size_t        *n_to = NULL; /* bytes for, then of each rank */
    void          *from = NULL;
    size_t         n_bytes = 0;
    sl_status      rc = sl_alloc_array(n_ranks, 2 * sizeof *n_to, &n_to, err);

    if (rc == SL_OK)
        rc = pack_slices(spread, n_ranks, slice, &packed, n_to, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(sl_comm_exchange(comm, packed, n_to, &from, n_to + n_ranks, err));
    for (size_t r = 0; r < n_ranks; r++)
        n_bytes += n_to[n_ranks + r];
    *taken = from;
    *n_taken = sl_ties_sort(*taken, n_bytes / sizeof **taken);
out:
    free(packed);
    free(n_to);
    return rc;
}
