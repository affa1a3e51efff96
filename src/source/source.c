/* Sources by kind.  Every file is CSV so far; a kind is chosen here when there are more. */
#include "scoreline/source.h"

#include <stdlib.h>

#include "csv/csv.h"
#include "scoreline/memory.h"

struct sl_source {
    const struct sl_source_ops *ops;
    void                       *state;
};

sl_status sl_source_open(const struct sl_input_spec *spec, const struct sl_source_range *range,
                         const struct sl_column_request *requests, int n_requests,
                         struct sl_source **out, struct sl_error *err)
{
    struct sl_source *source = *out;
    sl_status         rc;

    if (source == NULL)
        SL_TRY(sl_alloc_array(1, sizeof *source, &source, err));
    source->ops = &sl_source_csv;
    SL_TRY(source->ops->open(spec, range, requests, n_requests, &source->state, err));
    *out = source;
out:
    if (*out == NULL)
        sl_source_close(source);
    return rc;
}

void sl_source_close(struct sl_source *source)
{
    if (source == NULL)
        return;
    source->ops->close(source->state);
    free(source);
}

sl_status sl_source_next(struct sl_source *source, struct sl_column_block *block,
                         struct sl_error *err)
{
    return source->ops->next(source->state, block, err);
}

void sl_source_extent(const struct sl_source *source, struct sl_source_extent *extent)
{
    source->ops->extent(source->state, extent);
}

void sl_source_describe(const struct sl_source *source, const struct sl_column_block *block,
                        size_t row, char *out, size_t out_bytes)
{
    source->ops->describe(source->state, block, row, out, out_bytes);
}
