/* Parts of rows; see parts.h. */
#include "parts.h"

enum { MAX_PARTS = 128 };
/* Of the sums of all parts together. */
static const double most_bytes = 0x1p30;

size_t sl_parts_slots(const struct sl_terms *terms)
{
    return (size_t)terms->n_columns + (size_t)terms->n_categorical + 1;
}

struct sl_parts sl_parts_of(double part_doubles, size_t n_rows, int n_ranks)
{
    const size_t    n_batches = (n_rows + SL_BATCH_ROWS - 1) / SL_BATCH_ROWS;
    const double    fitting = most_bytes / (part_doubles * sizeof(double));
    const size_t    most = fitting >= MAX_PARTS ? MAX_PARTS : fitting < 1.0 ? 1 : (size_t)fitting;
    struct sl_parts parts = {.n_rows = n_rows, .part_batches = 1, .n_ranks = n_ranks};

    if (n_batches > most)
        parts.part_batches = (n_batches + most - 1) / most;
    parts.n = (n_batches + parts.part_batches - 1) / parts.part_batches;
    return parts;
}

size_t sl_parts_first(const struct sl_parts *parts, int rank)
{
    const size_t n_ranks = (size_t)parts->n_ranks;

    return ((size_t)rank * parts->n + n_ranks - 1) / n_ranks;
}

size_t sl_parts_first_row(const struct sl_parts *parts, int rank)
{
    const size_t row = sl_parts_first(parts, rank) * parts->part_batches * SL_BATCH_ROWS;

    return row < parts->n_rows ? row : parts->n_rows;
}
