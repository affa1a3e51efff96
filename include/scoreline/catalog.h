/* Which partitions exist, and how they are cut into chunks. */
#ifndef SCORELINE_CATALOG_H
#define SCORELINE_CATALOG_H

#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/job.h"
#include "scoreline/plan.h"

/**
 * List the partitions of a selection in job order, and look at each file once.  Without keys there
 * is one partition, named as the template is.
 *
 * `only` (NULL: all) leaves out more of them; a partition's index counts those all the same.
 *
 * Owner:   plan is released by sl_plan_release(); it has no chunks yet.
 * Errors:  SL_EINPUT naming partition and file that is absent or no file; SL_EJOB where the
 *          selection names a key or value that data.partitions has not; SL_ENOMEM.
 * Ranks:   local (rank 0; the plan is broadcast by its caller).
 * Cost:    one stat per partition.
 */
SL_MUST_CHECK sl_status sl_catalog_list(const struct sl_input_spec *spec,
                                        const struct sl_selection  *selection,
                                        const struct sl_selection *only, struct sl_plan *plan,
                                        struct sl_error *err);

/**
 * Cut every file into chunks of chunk_bytes; an empty one is one empty chunk.  chunk_bytes = 0
 * leaves files whole.
 *
 * Errors:  SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_catalog_cut(struct sl_plan *plan, int64_t chunk_bytes,
                                       struct sl_error *err);

/**
 * Keep shard i of n (1 <= i <= n <= 10^9) of a plan that is cut: an even share of the bytes of all
 * files laid end to end, whatever the chunks.  Chunks that lie before the shard in its first
 * partition stay, to be scanned only; partitions it does not touch go.  Together the shards have
 * every byte once.
 *
 * Errors:  SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_catalog_shard(struct sl_plan *plan, int64_t i, int64_t n,
                                         struct sl_error *err);

/** Mark in `plan` the partitions that `trained`, of the same job, lists too; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_catalog_mark_trained(struct sl_plan *plan, const struct sl_plan *trained,
                                                struct sl_error *err);

/**
 * What the inputs are, in 64 bits: fills in `input` of each partition, from the number, sizes,
 * times, and the first and last 4 KiB of its files.
 *
 * Errors:  SL_EINPUT where a file cannot be read.
 * Ranks:   local.  Cost: one open and two reads per file.
 */
SL_MUST_CHECK sl_status sl_catalog_fingerprint(struct sl_plan *plan, struct sl_error *err);

/** Whether the files of all partitions are what they were when they were listed: SL_EINPUT naming
 * the first that is not, or is gone.  Rank-local.  Cost: one stat per file. */
SL_MUST_CHECK sl_status sl_catalog_check(const struct sl_plan *plan, struct sl_error *err);

#endif
