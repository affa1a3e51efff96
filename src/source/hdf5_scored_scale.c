/* Names of dimensions.  A scale lists the datasets that use it, and as which of their dimensions;
 * these references are compared with those of the columns, never followed.  Where all columns have
 * one dimension there is nothing to tell apart, and the lists are left alone. */
#include <stdlib.h>
#include <string.h>

#include "hdf5_scored.h"
#include "scoreline/memory.h"

enum { MOST_USES = 4096 };

bool scored_is_scale(hid_t dataset)
{
    hid_t type = H5Dget_type(dataset);
    bool  is_single = type >= 0 && H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) == 4;

    scored_close_id(type);
    return is_single && H5Aexists(dataset, "CLASS") > 0;
}

static bool has_member(hid_t type, const char *name, H5T_class_t class)
{
    int i = H5Tget_member_index(type, name);

    return i >= 0 && H5Tget_member_class(type, (unsigned)i) == class;
}

/* The type of REFERENCE_LIST in the file, if it is as the specification has it. */
static bool list_is_plain(hid_t attribute, size_t *n)
{
    hid_t    type = H5Aget_type(attribute);
    hid_t    space = H5Aget_space(attribute);
    hssize_t n_points = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
    bool is_plain = type >= 0 && H5Tget_class(type) == H5T_COMPOUND && H5Tget_nmembers(type) == 2 &&
                    has_member(type, "dataset", H5T_REFERENCE) &&
                    has_member(type, "dimension", H5T_INTEGER) && n_points >= 0 &&
                    n_points <= MOST_USES;

    scored_close_id(space);
    scored_close_id(type);
    *n = is_plain ? (size_t)n_points : 0;
    return is_plain;
}

static sl_status use_type(hid_t *type, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(
        scored_check(H5Tcreate(H5T_COMPOUND, sizeof(struct scored_use)), "make a type", type, err));
    SL_TRY(scored_check(
        H5Tinsert(*type, "dataset", offsetof(struct scored_use, dataset), H5T_STD_REF_OBJ),
        "make a type", NULL, err));
    SL_TRY(scored_check(
        H5Tinsert(*type, "dimension", offsetof(struct scored_use, dimension), H5T_NATIVE_INT),
        "make a type", NULL, err));
out:
    return rc;
}

static sl_status read_uses(hid_t dataset, struct scored_scale *scale, struct sl_error *err)
{
    hid_t     attribute = SL_SCORED_NONE;
    hid_t     type = SL_SCORED_NONE;
    size_t    n;
    sl_status rc;

    if (H5Aexists(dataset, "REFERENCE_LIST") <= 0)
        return SL_OK;
    SL_TRY(scored_check(H5Aopen(dataset, "REFERENCE_LIST", H5P_DEFAULT), "open an attribute",
                        &attribute, err));
    if (!list_is_plain(attribute, &n)) {
        rc = sl_fail(err, SL_EINPUT, "attribute 'REFERENCE_LIST' is no list of references");
        goto out;
    }
    SL_TRY(use_type(&type, err));
    SL_TRY(sl_alloc_array(n, sizeof *scale->uses, &scale->uses, err));
    SL_TRY(scored_check(H5Aread(attribute, type, scale->uses), "read an attribute", NULL, err));
    scale->n_uses = n;
out:
    scored_close_id(type);
    scored_close_id(attribute);
    return rc;
}

sl_status scored_add_scale(struct sl_scored *scored, struct scored_group *group, hid_t dataset,
                           const char *name, struct sl_error *err)
{
    struct scored_scale *scale;
    hid_t                space = SL_SCORED_NONE;
    sl_status            rc;

    SL_TRY(sl_grow_array(&group->scales, &group->scale_capacity, group->n_scales + 1,
                         sizeof *group->scales, err));
    scale = &group->scales[group->n_scales++];
    *scale = (struct scored_scale){.name = NULL};
    SL_TRY(scored_keep_text(scored, name, &scale->name, err));
    SL_TRY(scored_check(H5Dget_space(dataset), "read a space", &space, err));
    scale->extent = H5Sget_simple_extent_npoints(space);
out:
    scored_close_id(space);
    return rc;
}

/* Whether it is the first dimension of what uses it; one that nothing uses is. */
static bool is_of_rows(const struct scored_scale *scale)
{
    return scale->n_uses == 0 || scale->uses[0].dimension == 0;
}

static const struct scored_scale *find_items(const struct scored_group  *group,
                                             const struct scored_column *column)
{
    hobj_ref_t own;

    if (H5Rcreate(&own, column->dataset, ".", H5R_OBJECT, SL_SCORED_NONE) < 0)
        return NULL;
    for (size_t i = 0; i < group->n_scales; i++) {
        const struct scored_scale *scale = &group->scales[i];

        for (size_t k = 0; k < scale->n_uses; k++)
            if (scale->uses[k].dataset == own && scale->uses[k].dimension == 1 &&
                scale->extent == (int64_t)column->n_items)
                return scale;
    }
    return NULL;
}

static sl_status read_all_uses(struct scored_group *group, hid_t id, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t i = 0; i < group->n_scales && rc == SL_OK; i++) {
        struct scored_scale *scale = &group->scales[i];
        hid_t                dataset = SL_SCORED_NONE;

        rc = scored_check(H5Dopen2(id, scale->name, H5P_DEFAULT), "open", &dataset, err);
        if (rc == SL_OK)
            rc = read_uses(dataset, scale, err);
        scored_close_id(dataset);
        if (rc != SL_OK)
            sl_error_in(err, "'%s'", scale->name);
    }
    return rc;
}

static bool any_has_items(const struct scored_group *group)
{
    for (int i = 0; i < group->n_columns; i++)
        if (group->columns[i].n_dimensions == 2)
            return true;
    return false;
}

sl_status scored_name_dimensions(struct scored_group *group, hid_t id, struct sl_error *err)
{
    sl_status rc = any_has_items(group) ? read_all_uses(group, id, err) : SL_OK;

    if (rc != SL_OK)
        return rc;
    for (size_t i = 0; i < group->n_scales; i++)
        if (is_of_rows(&group->scales[i]))
            group->dimension = group->scales[i].name;
    for (int i = 0; i < group->n_columns; i++) {
        struct scored_column      *column = &group->columns[i];
        const struct scored_scale *items =
            column->n_dimensions == 2 ? find_items(group, column) : NULL;

        if (column->n_dimensions == 2 && items == NULL)
            return sl_fail(err, SL_EINPUT, "'%s': its second dimension has no name", column->name);
        column->items = items != NULL ? items->name : NULL;
    }
    return SL_OK;
}
