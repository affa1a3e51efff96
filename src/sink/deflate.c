/* Chunks are compressed here and not by HDF5: its filters in parallel want every rank in every
 * write, and a disk that fills up in the midst of one leaves ranks waiting for each other. */
#include "deflate.h"

#include <zlib.h>

#include "scoreline/memory.h"

/* All first bytes, then all second bytes, ...: what numbers have in common comes together. */
static void shuffle(const char *cells, size_t n_cells, size_t cell_bytes, char *to)
{
    for (size_t b = 0; b < cell_bytes; b++)
        for (size_t i = 0; i < n_cells; i++)
            *to++ = cells[i * cell_bytes + b];
}

sl_status sl_deflate(const char *cells, size_t n_cells, size_t cell_bytes, int level, char *scratch,
                     struct sl_text *out, struct sl_error *err)
{
    size_t    n_bytes = n_cells * cell_bytes;
    uLongf    room = compressBound(n_bytes);
    sl_status rc;

    if (cell_bytes > 1 && n_cells > 1) {
        shuffle(cells, n_cells, cell_bytes, scratch);
        cells = scratch;
    }
    SL_TRY(sl_grow_array(&out->data, &out->capacity, out->n_bytes + room + 1, 1, err));
    if (compress2((Bytef *)out->data + out->n_bytes, &room, (const Bytef *)cells, n_bytes, level) !=
        Z_OK)
        return sl_fail(err, SL_ENOMEM, "out of memory: cannot compress %zu bytes", n_bytes);
    out->n_bytes += room;
out:
    return rc;
}
