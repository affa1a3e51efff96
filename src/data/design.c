/* Terms, and the rows of a design: each array column after column, so that a growing one moves its
 * columns apart. */
#include <stdlib.h>
#include <string.h>

#include "scoreline/block.h"
#include "scoreline/memory.h"

sl_status sl_terms_add(struct sl_terms *terms, bool is_categorical, int32_t n_columns,
                       struct sl_error *err)
{
    size_t    capacity = (size_t)terms->n_terms;
    int32_t  *n_alike = is_categorical ? &terms->n_categorical : &terms->n_numeric;
    sl_status rc = sl_grow_array(&terms->items, &capacity, capacity + 1, sizeof *terms->items, err);

    if (rc != SL_OK)
        return rc;
    terms->items[terms->n_terms++] = (struct sl_term){.first_column = terms->n_columns,
                                                      .n_columns = n_columns,
                                                      .index = (*n_alike)++,
                                                      .is_categorical = is_categorical};
    terms->n_columns += n_columns;
    return SL_OK;
}

sl_status sl_terms_copy(const struct sl_terms *from, struct sl_terms *to, struct sl_error *err)
{
    size_t    n = (size_t)from->n_terms;
    sl_status rc;

    *to = *from;
    to->items = NULL;
    rc = sl_alloc_array(n, sizeof *to->items, &to->items, err);
    if (rc == SL_OK && n > 0)
        memcpy(to->items, from->items, n * sizeof *to->items);
    return rc;
}

void sl_terms_release(struct sl_terms *terms)
{
    free(terms->items);
    *terms = (struct sl_terms){0};
}

sl_status sl_design_init(struct sl_design *design, size_t n_rows, int n_numeric, int n_codes,
                         struct sl_error *err)
{
    sl_status rc;

    *design = (struct sl_design){.fault_row = -1, .n_codes = n_codes};
    SL_TRY(sl_matrix_init(&design->x, n_rows, (size_t)n_numeric, err));
    n_rows = design->x.ld;
    SL_TRY(sl_alloc_array(n_rows * (size_t)n_codes, sizeof *design->codes, &design->codes, err));
    SL_TRY(sl_alloc_array(n_rows, sizeof *design->status, &design->status, err));
    SL_TRY(sl_alloc_array(n_rows, sizeof *design->label, &design->label, err));
    SL_TRY(sl_alloc_array(n_rows, sizeof *design->weight, &design->weight, err));
    design->x.n_rows = 0;
out:
    if (rc != SL_OK)
        sl_design_release(design);
    return rc;
}

void sl_design_release(struct sl_design *design)
{
    sl_matrix_release(&design->x);
    free(design->codes);
    free(design->status);
    free(design->label);
    free(design->weight);
    *design = (struct sl_design){.fault_row = -1};
}

/* An array of n_columns columns, now `from` and then `to` items apart: the last moves first. */
static sl_status spread(void *array, size_t item_bytes, size_t n_columns, size_t from, size_t to,
                        struct sl_error *err)
{
    char     *data;
    size_t    capacity = from * n_columns;
    sl_status rc;

    memcpy(&data, array, sizeof data);
    rc = sl_grow_array(&data, &capacity, to * n_columns, item_bytes, err);
    if (rc != SL_OK)
        return rc;
    for (size_t j = n_columns; j-- > 1;)
        memmove(data + j * to * item_bytes, data + j * from * item_bytes, from * item_bytes);
    memcpy(array, &data, sizeof data);
    return SL_OK;
}

static sl_status grow(struct sl_design *design, size_t ld, struct sl_error *err)
{
    const size_t old = design->x.ld;
    sl_status    rc;

    SL_TRY(spread(&design->status, sizeof *design->status, 1, old, ld, err));
    SL_TRY(spread(&design->label, sizeof *design->label, 1, old, ld, err));
    SL_TRY(spread(&design->weight, sizeof *design->weight, 1, old, ld, err));
    SL_TRY(spread(&design->codes, sizeof *design->codes, (size_t)design->n_codes, old, ld, err));
    SL_TRY(spread(&design->x.data, sizeof *design->x.data, design->x.n_cols, old, ld, err));
    design->x.ld = ld;
out:
    return rc;
}

sl_status sl_design_reserve(struct sl_design *design, size_t n_rows, struct sl_error *err)
{
    const size_t old = design->x.ld;
    const size_t ld = n_rows > old + old / 2 ? n_rows : old + old / 2;
    const size_t widest = design->x.n_cols + (size_t)design->n_codes + 1;

    if (n_rows <= old)
        return SL_OK;
    if (ld > SIZE_MAX / sizeof(double) / widest)
        return sl_fail(err, SL_ENOMEM, "out of memory: %zu rows of %zu columns", ld, widest);
    return grow(design, ld, err);
}

/* Row `row` of one design to row `at` of another, or of the same. */
static void copy_row(const struct sl_design *from, size_t row, struct sl_design *to, size_t at)
{
    for (size_t j = 0; j < to->x.n_cols; j++)
        to->x.data[j * to->x.ld + at] = from->x.data[j * from->x.ld + row];
    for (size_t k = 0; k < (size_t)to->n_codes; k++)
        to->codes[k * to->x.ld + at] = from->codes[k * from->x.ld + row];
    to->status[at] = from->status[row];
    to->label[at] = from->label[row];
    to->weight[at] = from->weight[row];
}

void sl_design_append(struct sl_design *design, const struct sl_design *from, size_t row)
{
    copy_row(from, row, design, design->x.n_rows++);
}

void sl_design_keep(struct sl_design *design, const bool *keep)
{
    size_t n = 0;

    for (size_t i = 0; i < design->x.n_rows; i++)
        if (keep[i])
            copy_row(design, i, design, n++);
    design->x.n_rows = n;
}

struct sl_design sl_design_part(const struct sl_design *design, size_t first, size_t n_rows)
{
    struct sl_design part = *design;

    part.x.data += first;
    part.x.n_rows = n_rows;
    part.codes += first;
    part.status += first;
    part.label += first;
    part.weight += first;
    return part;
}
