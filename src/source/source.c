/* Sources by kind.  Every file is CSV so far; a kind is chosen here when there are more.  What a
 * partition key answers is asked of no kind. */
#include "scoreline/source.h"

#include <stdlib.h>

#include "csv/csv.h"
#include "key_columns.h"
#include "scoreline/memory.h"

struct sl_source {
    const struct sl_source_ops *ops;
    void                       *state;
    struct sl_key_columns       keys;
    bool                        is_open; /* the last open did not fail */
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
    source->is_open = false;
    SL_TRY(sl_key_columns_set(&source->keys, spec, range, requests, n_requests, err));
    SL_TRY(source->ops->open(spec, range, source->keys.requests, n_requests, &source->state, err));
    source->is_open = true;
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
    sl_key_columns_release(&source->keys);
    free(source);
}

sl_status sl_source_next(struct sl_source *source, struct sl_column_block *block,
                         struct sl_error *err)
{
    sl_status rc = SL_OK;

    block->n_rows = 0;
    if (source->is_open)
        rc = source->ops->next(source->state, block, err);
    if (rc == SL_OK)
        sl_key_columns_fill(&source->keys, block);
    return rc;
}

void sl_source_extent(const struct sl_source *source, struct sl_source_extent *extent)
{
    source->ops->extent(source->state, extent);
}

int sl_source_lacks(const struct sl_source *source)
{
    return source->ops->lacks(source->state);
}

const char *sl_source_column(const struct sl_source *source, int64_t i)
{
    return source->ops->column(source->state, i);
}

void sl_source_describe(const struct sl_source *source, const struct sl_column_block *block,
                        size_t row, char *out, size_t out_bytes)
{
    source->ops->describe(source->state, block, row, out, out_bytes);
}
