/* What a chunk is asked for, and where. */
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/memory.h"

sl_status run_requests(const struct sl_recipe *recipe, const struct sl_output_spec *output,
                       struct sl_column_request **out, int *n, struct sl_error *err)
{
    int                             n_recipe = 0;
    const struct sl_column_request *wanted = NULL;
    struct sl_column_request       *requests = NULL;
    sl_status                       rc;

    if (recipe != NULL)
        wanted = sl_recipe_requests(recipe, &n_recipe);
    SL_TRY(sl_alloc_array((size_t)(n_recipe + output->n_keep), sizeof *requests, &requests, err));
    for (int i = 0; i < n_recipe; i++)
        requests[i] = wanted[i];
    for (int i = 0; i < output->n_keep; i++)
        requests[n_recipe + i] = (struct sl_column_request){.name = output->keep[i].column,
                                                            .type = output->keep[i].type};
    *out = requests;
    *n = n_recipe + output->n_keep;
out:
    return rc;
}

struct sl_source_range run_range(const struct sl_plan *plan, int32_t partition, int32_t file)
{
    return (struct sl_source_range){.path = plan->files[file].path,
                                    .end_byte = plan->files[file].n_bytes,
                                    .is_certain = true,
                                    .n_keys = plan->n_keys,
                                    .keys = plan->keys,
                                    .values = plan->partitions[partition].values};
}

int64_t run_chunk_bytes(const struct sl_chunk *chunk)
{
    return chunk->scan_only ? 0 : chunk->end_byte - chunk->first_byte;
}
