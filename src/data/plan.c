/* The plan, and the plan as bytes: rank 0 makes it, all ranks work by it. */
#include "scoreline/plan.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/text.h"

static void free_texts(char **texts, int n)
{
    for (int i = 0; texts != NULL && i < n; i++)
        free(texts[i]);
    free(texts);
}

void sl_partition_release(struct sl_partition *partition, int n_keys)
{
    free(partition->name);
    free_texts(partition->values, n_keys);
    free(partition->source);
}

void sl_plan_drop_last(struct sl_plan *plan)
{
    struct sl_partition *last = &plan->partitions[--plan->n_partitions];

    while (plan->n_files > last->first_file)
        free(plan->files[--plan->n_files].path);
    sl_partition_release(last, plan->n_keys);
}

void sl_plan_release(struct sl_plan *plan)
{
    for (int i = 0; plan->partitions != NULL && i < plan->n_partitions; i++)
        sl_partition_release(&plan->partitions[i], plan->n_keys);
    for (int32_t i = 0; plan->files != NULL && i < plan->n_files; i++)
        free(plan->files[i].path);
    free(plan->partitions);
    free(plan->files);
    free(plan->names);
    free_texts(plan->keys, plan->n_keys);
    free(plan->chunks);
    *plan = (struct sl_plan){0};
}

int64_t sl_plan_bytes(const struct sl_plan *plan)
{
    int64_t n_bytes = 0;

    for (int64_t c = 0; c < plan->n_chunks; c++)
        if (!plan->chunks[c].scan_only)
            n_bytes += plan->chunks[c].end_byte - plan->chunks[c].first_byte;
    return n_bytes;
}

int64_t sl_plan_n_files(const struct sl_plan *plan)
{
    int64_t n = 0;

    for (int32_t p = 0; p < plan->n_partitions; p++)
        n += plan->partitions[p].n_files;
    return n;
}

/* --- packing: fixed-size heads as they lie in memory (one kind of machine), texts with their NUL
 * --- */

static sl_status add_i64(struct sl_text *to, int64_t value, struct sl_error *err)
{
    return sl_text_add_bytes(to, &value, sizeof value, err);
}

static sl_status add_text(struct sl_text *to, const char *text, struct sl_error *err)
{
    return sl_text_add_bytes(to, text, strlen(text) + 1, err);
}

static sl_status add_partition(struct sl_text *to, const struct sl_partition *p, int n_keys,
                               struct sl_error *err)
{
    sl_status rc;

    SL_TRY(add_text(to, p->name, err));
    for (int k = 0; k < n_keys; k++)
        SL_TRY(add_text(to, p->values[k], err));
    SL_TRY(add_text(to, p->source, err));
    SL_TRY(add_i64(to, p->first_file, err));
    SL_TRY(add_i64(to, p->n_files, err));
    SL_TRY(add_i64(to, p->n_bytes, err));
    SL_TRY(add_i64(to, p->index, err));
    SL_TRY(add_i64(to, p->trained_on, err));
    SL_TRY(sl_text_add_bytes(to, &p->input, sizeof p->input, err));
out:
    return rc;
}

static sl_status add_file(struct sl_text *to, const struct sl_file *file, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(add_text(to, file->path, err));
    SL_TRY(add_i64(to, file->n_bytes, err));
    SL_TRY(add_i64(to, file->mtime_ns, err));
    SL_TRY(add_i64(to, file->first_byte, err));
out:
    return rc;
}

sl_status sl_plan_pack(const struct sl_plan *plan, void **data, size_t *n_bytes,
                       struct sl_error *err)
{
    struct sl_text to = {0};
    sl_status      rc;

    SL_TRY(add_i64(&to, plan->n_keys, err));
    for (int k = 0; k < plan->n_keys; k++)
        SL_TRY(add_text(&to, plan->keys[k], err));
    SL_TRY(add_i64(&to, plan->n_all, err));
    SL_TRY(add_i64(&to, plan->n_partitions, err));
    for (int i = 0; i < plan->n_partitions; i++)
        SL_TRY(add_partition(&to, &plan->partitions[i], plan->n_keys, err));
    SL_TRY(add_i64(&to, plan->n_files, err));
    for (int32_t i = 0; i < plan->n_files; i++)
        SL_TRY(add_file(&to, &plan->files[i], err));
    SL_TRY(add_i64(&to, plan->n_chunks, err));
    SL_TRY(
        sl_text_add_bytes(&to, plan->chunks, (size_t)plan->n_chunks * sizeof *plan->chunks, err));
    *data = to.data;
    *n_bytes = to.n_bytes;
    return SL_OK;
out:
    sl_text_release(&to);
    return rc;
}

struct reader {
    const char *next;
    const char *end;
};

static sl_status take_bytes(struct reader *from, void *to, size_t n_bytes, struct sl_error *err)
{
    if ((size_t)(from->end - from->next) < n_bytes)
        return sl_fail(err, SL_EBUG, "packed plan ends too early");
    if (n_bytes > 0)
        memcpy(to, from->next, n_bytes);
    from->next += n_bytes;
    return SL_OK;
}

static sl_status take_i64(struct reader *from, int64_t *to, struct sl_error *err)
{
    return take_bytes(from, to, sizeof *to, err);
}

static sl_status take_text(struct reader *from, char **to, struct sl_error *err)
{
    const char *nul = memchr(from->next, '\0', (size_t)(from->end - from->next));

    if (nul == NULL)
        return sl_fail(err, SL_EBUG, "packed plan ends in a text");
    sl_status rc = sl_copy_text(from->next, to, err);
    from->next = nul + 1;
    return rc;
}

static sl_status take_texts(struct reader *from, int n, char ***to, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)n, sizeof **to, to, err));
    for (int k = 0; k < n; k++)
        SL_TRY(take_text(from, &(*to)[k], err));
out:
    return rc;
}

static sl_status take_count(struct reader *from, int *to, struct sl_error *err)
{
    int64_t   n = 0;
    sl_status rc = take_i64(from, &n, err);

    return rc != SL_OK ? rc : sl_int_from_i64(n, "packed plan", to, err);
}

static sl_status take_partition(struct reader *from, int n_keys, struct sl_partition *p,
                                struct sl_error *err)
{
    int64_t   trained_on = 0;
    sl_status rc;

    SL_TRY(take_text(from, &p->name, err));
    SL_TRY(take_texts(from, n_keys, &p->values, err));
    SL_TRY(take_text(from, &p->source, err));
    SL_TRY(take_count(from, &p->first_file, err));
    SL_TRY(take_count(from, &p->n_files, err));
    SL_TRY(take_i64(from, &p->n_bytes, err));
    SL_TRY(take_count(from, &p->index, err));
    SL_TRY(take_i64(from, &trained_on, err));
    SL_TRY(take_bytes(from, &p->input, sizeof p->input, err));
    p->trained_on = trained_on != 0;
out:
    return rc;
}

static sl_status take_file(struct reader *from, struct sl_file *file, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(take_text(from, &file->path, err));
    SL_TRY(take_i64(from, &file->n_bytes, err));
    SL_TRY(take_i64(from, &file->mtime_ns, err));
    SL_TRY(take_i64(from, &file->first_byte, err));
out:
    return rc;
}

sl_status sl_plan_unpack(const void *data, size_t n_bytes, struct sl_plan *plan,
                         struct sl_error *err)
{
    struct reader from = {data, (const char *)data + n_bytes};
    sl_status     rc;

    *plan = (struct sl_plan){0};
    SL_TRY(take_count(&from, &plan->n_keys, err));
    SL_TRY(take_texts(&from, plan->n_keys, &plan->keys, err));
    SL_TRY(take_count(&from, &plan->n_all, err));
    SL_TRY(take_count(&from, &plan->n_partitions, err));
    SL_TRY(sl_alloc_array((size_t)plan->n_partitions, sizeof *plan->partitions, &plan->partitions,
                          err));
    for (int i = 0; i < plan->n_partitions; i++)
        SL_TRY(take_partition(&from, plan->n_keys, &plan->partitions[i], err));
    SL_TRY(take_count(&from, &plan->n_files, err));
    SL_TRY(sl_alloc_array((size_t)plan->n_files, sizeof *plan->files, &plan->files, err));
    for (int32_t i = 0; i < plan->n_files; i++)
        SL_TRY(take_file(&from, &plan->files[i], err));
    SL_TRY(take_i64(&from, &plan->n_chunks, err));
    SL_TRY(sl_alloc_array((size_t)plan->n_chunks, sizeof *plan->chunks, &plan->chunks, err));
    SL_TRY(take_bytes(&from, plan->chunks, (size_t)plan->n_chunks * sizeof *plan->chunks, err));
out:
    if (rc != SL_OK)
        sl_plan_release(plan);
    return rc;
}
