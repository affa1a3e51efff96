/* One dataset of an output file: its attributes, how it is stored, its cells.  What it says of
 * itself is checked before it is believed: where its bytes lie and whether there are so many. */
#include <stdio.h>
#include <stdlib.h>

#include "hdf5_scored.h"
#include "scoreline/memory.h"

enum {
    MOST_ATTRIBUTE_BYTES = 64 << 10, /* HDF5 itself stores no more in a header */
    MOST_CHUNK_BYTES = 256 << 20,
    CACHE_BYTES = 1 << 20,
    STAGE_BYTES = 1 << 20, /* of texts before they are put into a table */
    MOST_DEFLATED = 1100,  /* bytes that deflate can make of one, rounded up */
};

static herr_t keep_innermost(unsigned n, const H5E_error2_t *entry, void *reason)
{
    if (n == 0)
        snprintf(reason, SL_ERROR_BYTES / 2, "%s", entry->desc);
    return 0;
}

sl_status scored_check(int64_t result, const char *what, hid_t *id, struct sl_error *err)
{
    char reason[SL_ERROR_BYTES / 2] = "HDF5 gives no reason";

    if (id != NULL)
        *id = result >= 0 ? result : SL_SCORED_NONE;
    if (result >= 0)
        return SL_OK;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, reason);
    return sl_fail(err, SL_EINPUT, "cannot %s: %s", what, reason);
}

void scored_close_id(hid_t id)
{
    if (id >= 0)
        H5Idec_ref(id);
}

bool scored_has(hid_t group, const char *name)
{
    H5L_info_t link;

    return H5Lexists(group, name, H5P_DEFAULT) > 0 &&
           H5Lget_info(group, name, &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD;
}

/* --- attributes ------------------------------------------------------------------------------- */

static sl_status read_text(hid_t attribute, const char *name, char **text, struct sl_error *err)
{
    hid_t     space = SL_SCORED_NONE;
    hid_t     type = SL_SCORED_NONE;
    char     *made = NULL;
    sl_status rc;

    SL_TRY(scored_check(H5Aget_space(attribute), "read a space", &space, err));
    SL_TRY(scored_check(H5Aget_type(attribute), "read a type", &type, err));
    if (H5Sget_simple_extent_npoints(space) != 1 || H5Tget_class(type) != H5T_STRING ||
        H5Tis_variable_str(type) != 0 || H5Tget_size(type) > MOST_ATTRIBUTE_BYTES) {
        rc = sl_fail(err, SL_EINPUT, "attribute '%s' is no text of fixed length", name);
        goto out;
    }
    SL_TRY(sl_alloc_array(H5Tget_size(type) + 1, 1, &made, err));
    SL_TRY(scored_check(H5Aread(attribute, type, made), "read an attribute", NULL, err));
    *text = made;
    made = NULL;
out:
    free(made);
    scored_close_id(type);
    scored_close_id(space);
    return rc;
}

sl_status scored_text_attribute(hid_t object, const char *name, char **text, struct sl_error *err)
{
    hid_t     attribute = SL_SCORED_NONE;
    sl_status rc;

    *text = NULL;
    if (H5Aexists(object, name) <= 0)
        return SL_OK;
    SL_TRY(scored_check(H5Aopen(object, name, H5P_DEFAULT), "open an attribute", &attribute, err));
    rc = read_text(attribute, name, text, err);
out:
    scored_close_id(attribute);
    return rc;
}

/* --- one dataset ------------------------------------------------------------------------------ */

static bool filters_are_known(hid_t creation)
{
    int n = H5Pget_nfilters(creation);

    for (int i = 0; i < n; i++) {
        unsigned     flags;
        unsigned     config;
        size_t       n_values = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(creation, (unsigned)i, &flags, &n_values, NULL, 0, NULL, &config);

        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
            filter != H5Z_FILTER_FLETCHER32)
            return false;
    }
    return n >= 0;
}

/* Bytes of the largest piece that HDF5 reads at once; 0 where storage is not in pieces. */
static bool storage_is_plain(hid_t creation, size_t cell_bytes, size_t *chunk_bytes)
{
    hsize_t      extent[SL_SCORED_MOST_DIMENSIONS];
    H5D_layout_t layout = H5Pget_layout(creation);
    int          n_dimensions;
    size_t       n_bytes = cell_bytes;

    *chunk_bytes = 0;
    if (layout == H5D_CONTIGUOUS)
        return H5Pget_external_count(creation) == 0;
    if (layout == H5D_COMPACT)
        return true;
    if (layout != H5D_CHUNKED || cell_bytes > MOST_CHUNK_BYTES)
        return false;
    n_dimensions = H5Pget_chunk(creation, SL_SCORED_MOST_DIMENSIONS, extent);
    if (n_dimensions < 1 || n_dimensions > SL_SCORED_MOST_DIMENSIONS)
        return false;
    for (int i = 0; i < n_dimensions; i++) {
        if (extent[i] > MOST_CHUNK_BYTES / n_bytes)
            return false;
        n_bytes *= (size_t)extent[i];
    }
    *chunk_bytes = n_bytes;
    return filters_are_known(creation);
}

/* An extent is a claim; what is stored must be enough for it. */
static bool is_stored(const struct sl_scored *scored, hid_t dataset, int64_t n_cells,
                      size_t cell_bytes, bool in_chunks)
{
    uint64_t stored = H5Dget_storage_size(dataset);
    uint64_t most = in_chunks ? stored * MOST_DEFLATED : stored;

    return stored <= (uint64_t)scored->n_bytes && (uint64_t)n_cells <= most / cell_bytes;
}

static sl_status check_storage(const struct sl_scored *scored, hid_t dataset, hid_t creation,
                               size_t *chunk_bytes, struct sl_error *err)
{
    hid_t     space = SL_SCORED_NONE;
    hid_t     type = SL_SCORED_NONE;
    int64_t   n_cells;
    size_t    cell_bytes;
    sl_status rc;

    SL_TRY(scored_check(H5Dget_space(dataset), "read a space", &space, err));
    SL_TRY(scored_check(H5Dget_type(dataset), "read a type", &type, err));
    n_cells = H5Sget_simple_extent_npoints(space);
    cell_bytes = H5Tget_size(type);
    if (n_cells < 0 || cell_bytes == 0 || !storage_is_plain(creation, cell_bytes, chunk_bytes))
        rc = sl_fail(err, SL_EINPUT, "stored in a way that this build does not write");
    else if (!is_stored(scored, dataset, n_cells, cell_bytes, *chunk_bytes > 0))
        rc = sl_fail(err, SL_EINPUT, "%lld cells of %zu bytes, more than the file holds",
                     (long long)n_cells, cell_bytes);
out:
    scored_close_id(type);
    scored_close_id(space);
    return rc;
}

/* Room for one chunk, so that blocks of rows do not each inflate it again. */
static sl_status set_cache(hid_t access, size_t chunk_bytes, struct sl_error *err)
{
    size_t n_bytes = chunk_bytes > CACHE_BYTES ? chunk_bytes : CACHE_BYTES;

    return scored_check(H5Pset_chunk_cache(access, 521, n_bytes, 1.0), "set a cache", NULL, err);
}

/* Opened twice: how it is stored is known only then, and the cache is set when opening. */
sl_status scored_open_dataset(const struct sl_scored *scored, hid_t group, const char *name,
                              hid_t *dataset, struct sl_error *err)
{
    hid_t     creation = SL_SCORED_NONE;
    hid_t     access = SL_SCORED_NONE;
    hid_t     looked_at = SL_SCORED_NONE;
    size_t    chunk_bytes = 0;
    sl_status rc;

    SL_TRY(scored_check(H5Dopen2(group, name, H5P_DEFAULT), "open", &looked_at, err));
    SL_TRY(scored_check(H5Dget_create_plist(looked_at), "read storage", &creation, err));
    SL_TRY(check_storage(scored, looked_at, creation, &chunk_bytes, err));
    SL_TRY(scored_check(H5Pcreate(H5P_DATASET_ACCESS), "set access", &access, err));
    SL_TRY(set_cache(access, chunk_bytes, err));
    scored_close_id(looked_at);
    looked_at = SL_SCORED_NONE;
    SL_TRY(scored_check(H5Dopen2(group, name, access), "open", dataset, err));
out:
    scored_close_id(looked_at);
    scored_close_id(access);
    scored_close_id(creation);
    return rc;
}

/* --- rows ------------------------------------------------------------------------------------- */

static sl_status read_cells(const struct scored_column *from, int64_t first_row, size_t n_rows,
                            void *to, struct sl_error *err)
{
    const hsize_t start[SL_SCORED_MOST_DIMENSIONS] = {(hsize_t)first_row};
    const hsize_t count[SL_SCORED_MOST_DIMENSIONS] = {n_rows, from->n_items};
    hid_t         memory = SL_SCORED_NONE;
    hid_t         space = SL_SCORED_NONE;
    sl_status     rc;

    SL_TRY(scored_check(H5Dget_space(from->dataset), "read a space", &space, err));
    SL_TRY(scored_check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL),
                        "select rows", NULL, err));
    SL_TRY(scored_check(H5Screate_simple(from->n_dimensions, count, NULL), "make a space", &memory,
                        err));
    SL_TRY(scored_check(H5Dread(from->dataset, from->type, memory, space, H5P_DEFAULT, to), "read",
                        NULL, err));
out:
    scored_close_id(space);
    scored_close_id(memory);
    return rc;
}

/* Padding is NUL: a text that ended in NUL bytes has lost them when it was written. */
static sl_status put_texts(const char *cells, size_t width, size_t n, struct sl_table_column *to,
                           size_t at, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t i = 0; i < n && rc == SL_OK; i++) {
        struct sl_slice text = {cells + i * width, width};

        while (text.n_bytes > 0 && text.data[text.n_bytes - 1] == '\0')
            text.n_bytes--;
        rc = sl_table_put_text(to, at + i, text, err);
    }
    return rc;
}

static sl_status read_texts(const struct scored_column *from, int64_t first_row, size_t n_rows,
                            struct sl_table_column *to, size_t at, struct sl_error *err)
{
    size_t    most = from->width < STAGE_BYTES ? STAGE_BYTES / from->width : 1;
    char     *stage = NULL;
    sl_status rc;

    most = most < n_rows ? most : n_rows;
    SL_TRY(sl_alloc_array(most, from->width, &stage, err));
    for (size_t done = 0; done < n_rows;) {
        size_t n = n_rows - done < most ? n_rows - done : most;

        SL_TRY(read_cells(from, first_row + (int64_t)done, n, stage, err));
        SL_TRY(put_texts(stage, from->width, n, to, at + done, err));
        done += n;
    }
out:
    free(stage);
    return rc;
}

sl_status scored_read_column(const struct scored_column *from, int64_t first_row, size_t n_rows,
                             struct sl_table_column *to, size_t at, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (n_rows == 0)
        return SL_OK;
    rc = from->dtype == SL_FIXED_TEXT
             ? read_texts(from, first_row, n_rows, to, at, err)
             : read_cells(from, first_row, n_rows, (char *)to->cells.any + at * sl_column_bytes(to),
                          err);
    if (rc != SL_OK)
        sl_error_in(err, "'%s'", from->name);
    return rc;
}
