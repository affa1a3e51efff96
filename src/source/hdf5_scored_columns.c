/* Groups of columns in an output file.  Types, extents and dimensions are checked before they are
 * believed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_scored.h"
#include "scoreline/memory.h"

enum {
    MOST_COLUMNS = 4096,
    MOST_ITEMS = 1 << 16, /* cells of a row */
};

/* The file keeps a text that tables borrow. */
static sl_status keep_text(struct sl_scored *scored, char *text, struct sl_error *err)
{
    sl_status rc = sl_grow_array(&scored->kept, &scored->kept_capacity, scored->n_kept + 1,
                                 sizeof *scored->kept, err);

    if (rc == SL_OK)
        scored->kept[scored->n_kept++] = text;
    else
        free(text);
    return rc;
}

sl_status scored_keep_text(struct sl_scored *scored, const char *text, const char **kept,
                           struct sl_error *err)
{
    char     *copy = NULL;
    sl_status rc = sl_copy_text(text, &copy, err);

    if (rc == SL_OK)
        rc = keep_text(scored, copy, err);
    if (rc == SL_OK)
        *kept = copy;
    return rc;
}

static sl_status keep_note(struct sl_scored *scored, hid_t dataset, const char *name,
                           const char **note, struct sl_error *err)
{
    char     *text = NULL;
    sl_status rc = scored_text_attribute(dataset, name, &text, err);

    if (rc == SL_OK && text != NULL)
        rc = keep_text(scored, text, err);
    if (rc == SL_OK)
        *note = text;
    return rc;
}

/* --- columns ---------------------------------------------------------------------------------- */

/* The dtype and, in memory, the type of a dataset's cells; false if we write no such thing. */
static bool choose_type(hid_t type, enum sl_dtype *dtype, hid_t *memory)
{
    size_t n_bytes = H5Tget_size(type);
    bool   is_signed = H5Tget_sign(type) == H5T_SGN_2;

    switch (H5Tget_class(type)) {
    case H5T_STRING:
        *dtype = SL_FIXED_TEXT;
        *memory = type;
        return H5Tis_variable_str(type) == 0 && H5Tget_strpad(type) == H5T_STR_NULLPAD;
    case H5T_FLOAT:
        *dtype = SL_F64;
        *memory = H5T_NATIVE_DOUBLE;
        return n_bytes == sizeof(double);
    case H5T_INTEGER:
        *dtype = n_bytes == 8 ? SL_I64 : n_bytes == 4 ? SL_I32 : is_signed ? SL_I8 : SL_U8;
        *memory = n_bytes == 8   ? H5T_NATIVE_INT64
                  : n_bytes == 4 ? H5T_NATIVE_INT32
                  : is_signed    ? H5T_NATIVE_INT8
                                 : H5T_NATIVE_UINT8;
        return n_bytes == 1 || (is_signed && (n_bytes == 4 || n_bytes == 8));
    default:
        return false;
    }
}

/* Rows, and of numbers perhaps a few to a row. */
static bool read_extent(hid_t space, struct scored_column *column, int64_t *n_rows)
{
    hsize_t extent[SL_SCORED_MOST_DIMENSIONS] = {0, 1};

    column->n_dimensions = H5Sget_simple_extent_ndims(space);
    if (column->n_dimensions != 1 && (column->n_dimensions != 2 || column->dtype == SL_FIXED_TEXT))
        return false;
    if (H5Sget_simple_extent_dims(space, extent, NULL) < 0 || extent[0] > INT64_MAX ||
        extent[1] < 1 || extent[1] > MOST_ITEMS)
        return false;
    *n_rows = (int64_t)extent[0];
    column->n_items = (size_t)extent[1];
    return true;
}

static sl_status read_shape(struct scored_column *column, int64_t *n_rows, struct sl_error *err)
{
    hid_t     space = SL_SCORED_NONE;
    hid_t     type = SL_SCORED_NONE;
    hid_t     memory;
    sl_status rc;

    SL_TRY(scored_check(H5Dget_space(column->dataset), "read a space", &space, err));
    SL_TRY(scored_check(H5Dget_type(column->dataset), "read a type", &type, err));
    if (!choose_type(type, &column->dtype, &memory) || !read_extent(space, column, n_rows)) {
        rc = sl_fail(err, SL_EINPUT, "neither numbers nor texts of a kind that this build writes");
        goto out;
    }
    column->width = H5Tget_size(type);
    rc = scored_check(H5Tcopy(memory), "make a type", &column->type, err);
out:
    scored_close_id(type);
    scored_close_id(space);
    return rc;
}

static sl_status read_notes(struct sl_scored *scored, struct scored_column *column,
                            struct sl_error *err)
{
    sl_status rc;

    SL_TRY(keep_note(scored, column->dataset, "long_name", &column->notes.long_name, err));
    SL_TRY(keep_note(scored, column->dataset, "units", &column->notes.units, err));
    SL_TRY(keep_note(scored, column->dataset, "flag_meanings", &column->notes.flag_meanings, err));
out:
    return rc;
}

static sl_status add_column(struct sl_scored *scored, struct scored_group *group, hid_t id,
                            const char *name, struct sl_error *err)
{
    struct scored_column *column;
    int64_t               n_rows = 0;
    sl_status             rc;

    SL_TRY(sl_grow_array(&group->columns, &group->capacity, (size_t)group->n_columns + 1,
                         sizeof *group->columns, err));
    column = &group->columns[group->n_columns++];
    *column = (struct scored_column){.dataset = SL_SCORED_NONE, .type = SL_SCORED_NONE};
    SL_TRY(sl_copy_text(name, &column->name, err));
    SL_TRY(scored_open_dataset(scored, id, name, &column->dataset, err));
    SL_TRY(read_shape(column, &n_rows, err));
    SL_TRY(read_notes(scored, column, err));
    if (H5Aexists(column->dataset, "CLASS") > 0)
        SL_TRY(scored_keep_text(scored, name, &group->dimension, err));
    if (group->n_columns > 1 && n_rows != group->n_rows)
        rc = sl_fail(err, SL_EINPUT, "%lld rows, where '%s' has %lld", (long long)n_rows,
                     group->columns[0].name, (long long)group->n_rows);
    group->n_rows = n_rows;
out:
    return rc;
}

/* A member of the group: a column, or the name of a dimension. */
static sl_status add_member(struct sl_scored *scored, struct scored_group *group, hid_t id,
                            const char *name, struct sl_error *err)
{
    hid_t     dataset = SL_SCORED_NONE;
    bool      is_scale;
    sl_status rc;

    if (!scored_has(id, name))
        return sl_fail(err, SL_EINPUT, "a link that leads elsewhere");
    SL_TRY(scored_check(H5Dopen2(id, name, H5P_DEFAULT), "open", &dataset, err));
    is_scale = scored_is_scale(dataset);
    if (is_scale)
        rc = scored_add_scale(scored, group, dataset, name, err);
    scored_close_id(dataset);
    if (!is_scale)
        rc = add_column(scored, group, id, name, err);
out:
    return rc;
}

/* The order of writing where the file remembers it, else that of names. */
static H5_index_t order_of(hid_t group)
{
    hid_t    creation = H5Gget_create_plist(group);
    unsigned order = 0;

    if (creation >= 0 && H5Pget_link_creation_order(creation, &order) < 0)
        order = 0;
    scored_close_id(creation);
    return order & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

static sl_status add_members(struct sl_scored *scored, struct scored_group *group, hid_t id,
                             struct sl_error *err)
{
    H5_index_t order = order_of(id);
    H5G_info_t info;
    sl_status  rc;

    SL_TRY(scored_check(H5Gget_info(id, &info), "read a group", NULL, err));
    if (info.nlinks > MOST_COLUMNS)
        return sl_fail(err, SL_EINPUT, "more than %d columns", MOST_COLUMNS);
    for (hsize_t i = 0; i < info.nlinks; i++) {
        char    name[1024];
        ssize_t n_bytes =
            H5Lget_name_by_idx(id, ".", order, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT);

        if (n_bytes < 0 || (size_t)n_bytes >= sizeof name)
            return sl_fail(err, SL_EINPUT, "a column without a readable name");
        rc = add_member(scored, group, id, name, err);
        if (rc != SL_OK) {
            sl_error_in(err, "'%s'", name);
            return rc;
        }
    }
out:
    return rc;
}

sl_status scored_group_open(struct sl_scored *scored, const char *name, struct scored_group *group,
                            struct sl_error *err)
{
    hid_t     id = SL_SCORED_NONE;
    sl_status rc;

    *group = (struct scored_group){0};
    if (!scored_has(scored->file, name))
        return sl_fail(err, SL_EINPUT, "it has no /%s", name);
    SL_TRY(scored_check(H5Gopen2(scored->file, name, H5P_DEFAULT), "open", &id, err));
    SL_TRY(add_members(scored, group, id, err));
    SL_TRY(scored_name_dimensions(group, id, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "/%s", name);
    scored_close_id(id);
    return rc;
}

void scored_group_close(struct scored_group *group)
{
    for (int i = 0; i < group->n_columns; i++) {
        scored_close_id(group->columns[i].type);
        scored_close_id(group->columns[i].dataset);
        free(group->columns[i].name);
    }
    for (size_t i = 0; i < group->n_scales; i++)
        free(group->scales[i].uses);
    free(group->scales);
    free(group->columns);
    *group = (struct scored_group){0};
}

sl_status scored_column_init(const struct scored_column *from, struct sl_table_column *to,
                             struct sl_error *err)
{
    sl_status rc = sl_table_column_init(to, from->name, from->dtype, from->notes, err);

    sl_table_column_items(to, from->n_items, from->items);
    return rc;
}

sl_status scored_table_init(const char *name, const struct scored_group *group,
                            struct sl_table *table, struct sl_error *err)
{
    const char *dimension = group->dimension != NULL ? group->dimension : "row";
    sl_status   rc;

    SL_TRY(sl_table_init(table, name, dimension, group->n_columns, err));
    for (int i = 0; i < group->n_columns; i++)
        SL_TRY(scored_column_init(&group->columns[i], &table->columns[i], err));
out:
    if (rc != SL_OK)
        sl_table_release(table);
    return rc;
}
