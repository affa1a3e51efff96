/* How rows are cut into parts that threads and ranks share.  What is summed over a part does not
 * depend on who sums it, and parts are added up in their order: so results depend on neither.
 * Private to the model module. */
#ifndef SCORELINE_MODEL_PARTS_H
#define SCORELINE_MODEL_PARTS_H

#include <stddef.h>

#include "scoreline/block.h"
#include "scoreline/comm.h"

enum { SL_BATCH_ROWS = 1024 }; /* part of the results' last bits */

struct sl_parts {
    size_t n;            /* of all ranks */
    size_t n_rows;       /* of all ranks */
    size_t part_batches; /* batches of SL_BATCH_ROWS rows in a part */
    int    n_ranks;
};

/** Slots that sums by column have: one more than columns for each categorical term, and one. */
size_t sl_parts_slots(const struct sl_terms *terms);

/** The parts of n_rows rows, of each of which so many doubles are summed: fewer where that is much,
 * as ranks keep them until they are sent. */
struct sl_parts sl_parts_of(double part_doubles, size_t n_rows, int n_ranks);

/** The first part of a rank, the number of parts where there is no such rank.  Rank 0 has one. */
size_t sl_parts_first(const struct sl_parts *parts, int rank);

/** And its first row. */
size_t sl_parts_first_row(const struct sl_parts *parts, int rank);

#endif
