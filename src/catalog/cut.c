/* Cuts the files of partitions into chunks: byte ranges that know nothing of what lies in them. */
#include <stdlib.h>

#include "scoreline/catalog.h"
#include "scoreline/memory.h"

static int64_t count_chunks(int64_t n_bytes, int64_t chunk_bytes)
{
    if (n_bytes == 0 || chunk_bytes <= 0)
        return 1;
    return n_bytes / chunk_bytes + (n_bytes % chunk_bytes > 0);
}

/* How many chunks were put at `to`. */
static int64_t cut_file(const struct sl_plan *plan, int32_t partition, int32_t file,
                        int64_t chunk_bytes, struct sl_chunk *to)
{
    int64_t n_bytes = plan->files[file].n_bytes;
    int64_t n_chunks = count_chunks(n_bytes, chunk_bytes);

    for (int64_t c = 0; c < n_chunks; c++)
        to[c] = (struct sl_chunk){
            .partition = partition,
            .file = file,
            .first_byte = c * chunk_bytes,
            .end_byte = c + 1 < n_chunks ? (c + 1) * chunk_bytes : n_bytes,
        };
    return n_chunks;
}

sl_status sl_catalog_cut(struct sl_plan *plan, int64_t chunk_bytes, struct sl_error *err)
{
    struct sl_chunk *chunks = NULL;
    int64_t          n = 0;
    sl_status        rc;

    for (int32_t f = 0; f < plan->n_files; f++)
        n += count_chunks(plan->files[f].n_bytes, chunk_bytes);
    SL_TRY(sl_alloc_array((size_t)n, sizeof *chunks, &chunks, err));
    n = 0;
    for (int32_t p = 0; p < plan->n_partitions; p++) {
        int32_t first = plan->partitions[p].first_file;

        for (int32_t f = first; f < first + plan->partitions[p].n_files; f++)
            n += cut_file(plan, p, f, chunk_bytes, chunks + n);
    }
    free(plan->chunks);
    plan->chunks = chunks;
    plan->n_chunks = n;
out:
    return rc;
}
