/* What the inputs are, in 64 bits: enough to notice that a file was replaced, without reading it.
 */
#include "scoreline/bytes.h"
#include "scoreline/catalog.h"
#include "scoreline/hash.h"

enum { EDGE_BYTES = 4096 };

static sl_status add_edges(struct sl_hash *hash, const struct sl_file *file, struct sl_error *err)
{
    struct sl_bytes *bytes = NULL;
    char             edge[EDGE_BYTES];
    int64_t          last = file->n_bytes - EDGE_BYTES;
    size_t           n_read;
    sl_status        rc;

    SL_TRY(sl_bytes_open(file->path, &bytes, err));
    SL_TRY(sl_bytes_read(bytes, 0, sizeof edge, edge, &n_read, err));
    sl_hash_add(hash, edge, n_read);
    if (last > 0) {
        SL_TRY(sl_bytes_read(bytes, last, sizeof edge, edge, &n_read, err));
        sl_hash_add(hash, edge, n_read);
    }
out:
    sl_bytes_close(bytes);
    return rc;
}

static sl_status hash_partition(const struct sl_plan *plan, const struct sl_partition *partition,
                                uint64_t *out, struct sl_error *err)
{
    struct sl_hash hash;
    sl_status      rc = SL_OK;

    sl_hash_init(&hash);
    sl_hash_add(&hash, &partition->n_files, sizeof partition->n_files);
    for (int32_t i = 0; i < partition->n_files && rc == SL_OK; i++) {
        const struct sl_file *file = &plan->files[partition->first_file + i];

        sl_hash_add(&hash, &file->n_bytes, sizeof file->n_bytes);
        sl_hash_add(&hash, &file->mtime_ns, sizeof file->mtime_ns);
        rc = add_edges(&hash, file, err);
    }
    *out = sl_hash_value(&hash);
    return rc;
}

sl_status sl_catalog_fingerprint(struct sl_plan *plan, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < plan->n_partitions && rc == SL_OK; i++) {
        rc = hash_partition(plan, &plan->partitions[i], &plan->partitions[i].input, err);
        if (rc != SL_OK)
            sl_error_in(err, "partition '%s'", plan->partitions[i].name);
    }
    return rc;
}

sl_status sl_catalog_check(const struct sl_plan *plan, struct sl_error *err)
{
    struct sl_bytes_info now;
    sl_status            rc = SL_OK;

    for (int32_t p = 0; p < plan->n_partitions; p++) {
        const struct sl_partition *partition = &plan->partitions[p];

        for (int32_t i = 0; i < partition->n_files; i++) {
            const struct sl_file *file = &plan->files[partition->first_file + i];

            SL_TRY(sl_bytes_stat(file->path, &now, err));
            if (now.n_bytes != file->n_bytes || now.mtime_ns != file->mtime_ns)
                return sl_fail(err, SL_EINPUT,
                               "partition '%s': '%s' changed while it was read; run again when "
                               "nobody writes to it, with --resume never",
                               partition->name, file->path);
        }
    }
out:
    return rc;
}
