/* Small things all HDF5 files here need: failures in words, handles, types, attributes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hdf5_internal.h"

enum {
    MOST_ATTRIBUTE_BYTES = 32 << 10, /* HDF5 refuses 64 KiB; the whole is in /provenance */
    METADATA_BLOCK_BYTES = 64 << 10, /* keeps headers together, away from the rows */
};

static herr_t keep_innermost(unsigned n, const H5E_error2_t *entry, void *reason)
{
    if (n == 0)
        snprintf(reason, SL_ERROR_BYTES / 2, "%s", entry->desc);
    return 0;
}

sl_status sl_hdf5_check(int64_t result, const char *what, hid_t *id, struct sl_error *err)
{
    char reason[SL_ERROR_BYTES / 2] = "HDF5 gives no reason";
    int  fault = errno;

    if (id != NULL)
        *id = result >= 0 ? result : SL_HDF5_NONE;
    if (result >= 0)
        return SL_OK;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, reason);
    errno = fault;
    return sl_fail(err, SL_EOUTPUT, "cannot %s: %s", what, reason);
}

void sl_hdf5_close(hid_t id)
{
    if (id >= 0)
        H5Idec_ref(id);
}

sl_status sl_hdf5_access(hid_t *how, struct sl_error *err)
{
    sl_status rc;

    H5dont_atexit(); /* it would stumble there over a file that could not be closed */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* faults go into messages, not to stderr */
    SL_TRY(sl_hdf5_check(H5Pcreate(H5P_FILE_ACCESS), "set access", how, err));
    SL_TRY(
        sl_hdf5_check(H5Pset_meta_block_size(*how, METADATA_BLOCK_BYTES), "set access", NULL, err));
    SL_TRY(sl_hdf5_check(H5Pset_sieve_buf_size(*how, 0), "set access", NULL, err));
    /* headers with checksums: damage is noticed, where HDF5 may stumble over it otherwise */
    SL_TRY(sl_hdf5_check(H5Pset_libver_bounds(*how, H5F_LIBVER_V18, H5F_LIBVER_V18), "set access",
                         NULL, err));
#if H5_VERSION_GE(1, 10, 7)
    SL_TRY(sl_hdf5_check(H5Pset_file_locking(*how, false, true), "set access", NULL, err));
#endif
out:
    return rc;
}

sl_status sl_hdf5_text_type(size_t width, hid_t *type, struct sl_error *err)
{
    sl_status rc = sl_hdf5_check(H5Tcopy(H5T_C_S1), "make a type", type, err);

    if (rc == SL_OK &&
        (H5Tset_size(*type, width > 0 ? width : 1) < 0 ||
         H5Tset_strpad(*type, H5T_STR_NULLPAD) < 0 || H5Tset_cset(*type, H5T_CSET_UTF8) < 0))
        rc = sl_hdf5_check(-1, "make a text type", NULL, err);
    return rc;
}

size_t sl_hdf5_attribute_bytes(const char *text)
{
    size_t n_bytes = strlen(text);

    if (n_bytes > MOST_ATTRIBUTE_BYTES)
        for (n_bytes = MOST_ATTRIBUTE_BYTES; n_bytes > 0 && (text[n_bytes] & 0xC0) == 0x80;)
            n_bytes--;
    return n_bytes;
}

static sl_status put_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                               const void *values, struct sl_error *err)
{
    hid_t     attribute = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), name,
                         &attribute, err));
    SL_TRY(sl_hdf5_check(H5Awrite(attribute, type, values), name, NULL, err));
out:
    if (rc != SL_OK)
        sl_error_in(err, "attribute '%s'", name);
    sl_hdf5_close(attribute);
    return rc;
}

sl_status sl_hdf5_put_text(hid_t object, const char *name, const char *text, struct sl_error *err)
{
    hid_t     type = SL_HDF5_NONE;
    hid_t     space = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_text_type(sl_hdf5_attribute_bytes(text), &type, err));
    SL_TRY(sl_hdf5_check(H5Screate(H5S_SCALAR), "make a scalar", &space, err));
    SL_TRY(put_attribute(object, name, type, space, text, err));
out:
    sl_hdf5_close(space);
    sl_hdf5_close(type);
    return rc;
}

sl_status sl_hdf5_put_values(hid_t object, const char *name, hid_t type, int n, const void *values,
                             struct sl_error *err)
{
    hsize_t   extent = (hsize_t)n;
    hid_t     space = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Screate_simple(1, &extent, NULL), "make a space", &space, err));
    SL_TRY(put_attribute(object, name, type, space, values, err));
out:
    sl_hdf5_close(space);
    return rc;
}

sl_status sl_hdf5_put_number(hid_t object, const char *name, hid_t type, const void *value,
                             struct sl_error *err)
{
    hid_t     space = SL_HDF5_NONE;
    sl_status rc;

    SL_TRY(sl_hdf5_check(H5Screate(H5S_SCALAR), "make a scalar", &space, err));
    SL_TRY(put_attribute(object, name, type, space, value, err));
out:
    sl_hdf5_close(space);
    return rc;
}
