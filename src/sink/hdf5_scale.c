/* Dimension scales as the specification "HDF5 Dimension Scale" writes them down: four attributes.
 * Done by hand, since the library that does it (hdf5_hl) is not everywhere beside a parallel HDF5.
 */
#include <stdlib.h>
#include <string.h>

#include "hdf5_internal.h"
#include "scoreline/memory.h"

/* An item of REFERENCE_LIST. */
struct use {
    hobj_ref_t dataset;
    unsigned   dimension;
};

/* CLASS and NAME: ASCII, ended by NUL, which readers insist on. */
static sl_status put_plain_text(hid_t object, const char *name, const char *text,
                                struct sl_error *err)
{
    hid_t     type = SL_HDF5_NONE;
    hid_t     space = SL_HDF5_NONE;
    hid_t     attribute = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Tcopy(H5T_C_S1), "make a type", &type, err));
    SL_TRY(sl_hdf5_check(H5Tset_size(type, strlen(text) + 1), "make a type", NULL, err));
    SL_TRY(sl_hdf5_check(H5Screate(H5S_SCALAR), "make a scalar", &space, err));
    SL_TRY(sl_hdf5_check(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), "create",
                         &attribute, err));
    SL_TRY(sl_hdf5_check(H5Awrite(attribute, type, text), "write", NULL, err));
out:
    sl_hdf5_close(attribute);
    sl_hdf5_close(space);
    sl_hdf5_close(type);
    return rc;
}

/* From the dataset to its scale: one list of scales for its one dimension. */
static sl_status put_dimension_list(hid_t dataset, hobj_ref_t *scale, struct sl_error *err)
{
    const hvl_t list = {.len = 1, .p = scale};
    hid_t       type = SL_HDF5_NONE;
    sl_status   rc;

    SL_TRY(sl_hdf5_check(H5Tvlen_create(H5T_STD_REF_OBJ), "make a type", &type, err));
    SL_TRY(sl_hdf5_put_values(dataset, "DIMENSION_LIST", type, 1, &list, err));
out:
    sl_hdf5_close(type);
    return rc;
}

/* From the scale to the datasets that use it. */
static sl_status put_reference_list(hid_t scale, const struct use *uses, int n,
                                    struct sl_error *err)
{
    hid_t     type = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Tcreate(H5T_COMPOUND, sizeof *uses), "make a type", &type, err));
    SL_TRY(sl_hdf5_check(H5Tinsert(type, "dataset", offsetof(struct use, dataset), H5T_STD_REF_OBJ),
                         "make a type", NULL, err));
    SL_TRY(sl_hdf5_check(
        H5Tinsert(type, "dimension", offsetof(struct use, dimension), H5T_NATIVE_UINT),
        "make a type", NULL, err));
    SL_TRY(sl_hdf5_put_values(scale, "REFERENCE_LIST", type, n, uses, err));
out:
    sl_hdf5_close(type);
    return rc;
}

sl_status sl_hdf5_attach_scale(hid_t scale, const char *name, const hid_t *datasets, int n_datasets,
                               struct sl_error *err)
{
    struct use *uses = NULL;
    int         n_uses = 0;
    hobj_ref_t  here;
    sl_status   rc;

    SL_TRY(sl_alloc_array((size_t)n_datasets, sizeof *uses, &uses, err));
    SL_TRY(put_plain_text(scale, "CLASS", "DIMENSION_SCALE", err));
    SL_TRY(put_plain_text(scale, "NAME", name, err));
    SL_TRY(
        sl_hdf5_check(H5Rcreate(&here, scale, ".", H5R_OBJECT, SL_HDF5_NONE), "refer", NULL, err));
    for (int i = 0; i < n_datasets; i++) {
        if (datasets[i] == scale)
            continue;
        SL_TRY(sl_hdf5_check(
            H5Rcreate(&uses[n_uses++].dataset, datasets[i], ".", H5R_OBJECT, SL_HDF5_NONE), "refer",
            NULL, err));
        SL_TRY(put_dimension_list(datasets[i], &here, err));
    }
    if (n_uses > 0)
        SL_TRY(put_reference_list(scale, uses, n_uses, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "dimension scale");
    free(uses);
    return rc;
}
