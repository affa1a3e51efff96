/* A share of a plan: of all files, laid end to end, the bytes between two cuts.  The cuts depend on
 * sizes alone, not on chunks, so that shards made with other chunks fit together all the same. */
#include <stdlib.h>

#include "scoreline/catalog.h"
#include "scoreline/memory.h"

struct shard {
    int64_t first_byte; /* both of all files laid end to end */
    int64_t end_byte;
    bool    is_last;
};

/* total * i / n, which would not fit; the product of two below n does. */
static int64_t cut_at(int64_t total, int64_t i, int64_t n)
{
    return total / n * i + total % n * i / n;
}

/* What is being kept of a plan. */
struct keeping {
    struct shard     shard;
    struct sl_chunk *chunks;
    int64_t          n_chunks;
    int64_t          at; /* where the next chunk begins, in all files */
};

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void keep_part(struct keeping *k, struct sl_chunk chunk, int64_t first_byte,
                      int64_t end_byte, bool scan_only)
{
    chunk.first_byte = first_byte;
    chunk.end_byte = end_byte;
    chunk.scan_only = scan_only;
    k->chunks[k->n_chunks++] = chunk;
}

/* An empty file is where its neighbours meet: of the shard that begins there, or of the last. */
static bool has_empty(const struct keeping *k)
{
    const struct shard *s = &k->shard;

    return k->at >= s->first_byte && (k->at < s->end_byte || (k->at == s->end_byte && s->is_last));
}

/* What lies before the shard, and in it; whether anything lies in it. */
static bool keep_chunk(struct keeping *k, const struct sl_chunk *chunk)
{
    int64_t n_bytes = chunk->end_byte - chunk->first_byte;
    int64_t begin = chunk->first_byte + clamp(k->shard.first_byte - k->at, 0, n_bytes);
    int64_t end = chunk->first_byte + clamp(k->shard.end_byte - k->at, 0, n_bytes);
    bool    is_in = n_bytes == 0 ? has_empty(k) : begin < end;

    if (begin > chunk->first_byte)
        keep_part(k, *chunk, chunk->first_byte, begin, true);
    if (is_in)
        keep_part(k, *chunk, begin, end, false);
    k->at += n_bytes;
    return is_in;
}

/* The chunks of each partition; those of one that has none in the shard are forgotten again.
 * is_kept [n_partitions]. */
static void keep_chunks(const struct sl_plan *plan, struct keeping *k, bool *is_kept)
{
    int64_t before = 0; /* chunks kept of earlier partitions */

    for (int64_t c = 0; c < plan->n_chunks; c++) {
        int32_t partition = plan->chunks[c].partition;

        is_kept[partition] |= keep_chunk(k, &plan->chunks[c]);
        if (c + 1 < plan->n_chunks && plan->chunks[c + 1].partition == partition)
            continue;
        if (!is_kept[partition])
            k->n_chunks = before;
        before = k->n_chunks;
    }
}

/* Files stay as they are: those of partitions that went are looked at by nobody. */
static void drop_partitions(struct sl_plan *plan, const bool *is_kept, int32_t *new_index)
{
    int32_t n = 0;

    for (int32_t p = 0; p < plan->n_partitions; p++) {
        new_index[p] = n;
        if (is_kept[p])
            plan->partitions[n++] = plan->partitions[p];
        else
            sl_partition_release(&plan->partitions[p], plan->n_keys);
    }
    plan->n_partitions = n;
}

sl_status sl_catalog_shard(struct sl_plan *plan, int64_t i, int64_t n, struct sl_error *err)
{
    int64_t        total = sl_plan_bytes(plan);
    struct keeping k = {.shard = {cut_at(total, i - 1, n), cut_at(total, i, n), i == n}};
    bool          *is_kept = NULL;
    int32_t       *new_index = NULL;
    sl_status      rc;

    /* the first cut may make two chunks of one */
    SL_TRY(sl_alloc_array((size_t)plan->n_chunks + 1, sizeof *k.chunks, &k.chunks, err));
    SL_TRY(sl_alloc_array((size_t)plan->n_partitions, sizeof *is_kept, &is_kept, err));
    SL_TRY(sl_alloc_array((size_t)plan->n_partitions, sizeof *new_index, &new_index, err));
    keep_chunks(plan, &k, is_kept);
    drop_partitions(plan, is_kept, new_index);
    for (int64_t c = 0; c < k.n_chunks; c++)
        k.chunks[c].partition = new_index[k.chunks[c].partition];
    free(plan->chunks);
    plan->chunks = k.chunks;
    plan->n_chunks = k.n_chunks;
    k.chunks = NULL;
out:
    free(new_index);
    free(is_kept);
    free(k.chunks);
    return rc;
}
