/* Cuts partitions into chunks: byte ranges that know nothing of what lies in them. */
#include <stdlib.h>

#include "scoreline/catalog.h"
#include "scoreline/memory.h"

static int64_t count_chunks(int64_t n_bytes, int64_t chunk_bytes)
{
    if (n_bytes == 0 || chunk_bytes <= 0)
        return 1;
    return n_bytes / chunk_bytes + (n_bytes % chunk_bytes > 0);
}

sl_status sl_catalog_cut(struct sl_plan *plan, int64_t chunk_bytes, struct sl_error *err)
{
    struct sl_chunk *chunks = NULL;
    int64_t          n = 0;
    sl_status        rc;

    for (int i = 0; i < plan->n_partitions; i++)
        n += count_chunks(plan->partitions[i].n_bytes, chunk_bytes);
    SL_TRY(sl_alloc_array((size_t)n, sizeof *chunks, &chunks, err));
    n = 0;
    for (int32_t i = 0; i < plan->n_partitions; i++) {
        int64_t n_bytes = plan->partitions[i].n_bytes;
        int64_t n_chunks = count_chunks(n_bytes, chunk_bytes);

        for (int64_t c = 0; c < n_chunks; c++)
            chunks[n++] = (struct sl_chunk){
                .partition = i,
                .first_byte = c * chunk_bytes,
                .end_byte = c + 1 < n_chunks ? (c + 1) * chunk_bytes : n_bytes,
            };
    }
    free(plan->chunks);
    plan->chunks = chunks;
    plan->n_chunks = n;
out:
    return rc;
}
