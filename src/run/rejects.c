/* Bad records: to rank 0, in the order of the input; and the end of the run where they are too
 * many. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/file.h"
#include "scoreline/source.h"
#include "scoreline/text.h"

static int by_place(const void *left, const void *right)
{
    const struct sl_reject *a = left;
    const struct sl_reject *b = right;

    if (a->chunk != b->chunk)
        return a->chunk < b->chunk ? -1 : 1;
    return (a->place.record > b->place.record) - (a->place.record < b->place.record);
}

sl_status run_gather_rejects(struct run *run, const struct sl_reject *own, size_t n_own,
                             struct sl_error *err)
{
    struct run_totals *t = &run->totals;
    void              *all = NULL;
    size_t             n_bytes = 0;
    size_t             most = (size_t)run->job->output.max_rejects;
    sl_status rc = sl_comm_gather_bytes(run->comm, own, n_own * sizeof *own, &all, &n_bytes, err);

    if (rc != SL_OK)
        return rc;
    t->rejects = all;
    t->n_rejects = n_bytes / sizeof *own;
    qsort(t->rejects, t->n_rejects, sizeof *t->rejects, by_place);
    if (t->n_rejects > most)
        t->n_rejects = most;
    return SL_OK;
}

const char *run_reject_column(const struct run *run, int32_t request)
{
    int                             n_recipe;
    const struct sl_column_request *requests = sl_recipe_requests(run->bundle.recipe, &n_recipe);

    if (request < 0)
        return "";
    return request < n_recipe ? requests[request].name
                              : run->job->output.keep[request - n_recipe].column;
}

void run_describe_reject(const struct run *run, const struct sl_source *source,
                         const struct sl_column_block *block, size_t row, char *out,
                         size_t out_bytes)
{
    enum sl_reject_reason reason = (enum sl_reject_reason)block->reject[row];
    const char           *column = run_reject_column(run, block->reject_column[row]);
    char                  field[64];

    sl_source_describe(source, block, row, field, sizeof field);
    if (column[0] == '\0')
        snprintf(out, out_bytes, "%s", sl_reject_reason_text(reason));
    else
        snprintf(out, out_bytes, "%s in column '%s': '%s'", sl_reject_reason_text(reason), column,
                 field);
}

/* A field by the grammar: quoted where it must be. */
static sl_status add_field(struct sl_text *to, const char *field, struct sl_error *err)
{
    sl_status rc;

    if (strpbrk(field, ",\"\r\n") == NULL)
        return sl_text_add_bytes(to, field, strlen(field), err);
    SL_TRY(sl_text_add_bytes(to, "\"", 1, err));
    for (; *field != '\0'; field++)
        SL_TRY(sl_text_add_bytes(to, *field == '"' ? "\"\"" : field, *field == '"' ? 2 : 1, err));
    SL_TRY(sl_text_add_bytes(to, "\"", 1, err));
out:
    return rc;
}

/* Rank 0: the rejects as CSV, beside the output that is not written. */
static sl_status save_csv(const struct run *run, const char *path, struct sl_error *err)
{
    struct sl_text csv = {0};
    sl_status      rc;

    SL_TRY(sl_text_add(&csv, err, "partition,source,record,line,byte,reason,column\n"));
    for (size_t i = 0; i < run->totals.n_rejects; i++) {
        const struct sl_reject *reject = &run->totals.rejects[i];
        const struct sl_chunk  *chunk = &run->plan.chunks[reject->chunk];

        SL_TRY(add_field(&csv, run->plan.partitions[chunk->partition].name, err));
        SL_TRY(sl_text_add(&csv, err, ","));
        SL_TRY(add_field(&csv, run->plan.files[chunk->file].path, err));
        SL_TRY(sl_text_add(&csv, err, ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%s,",
                           reject->place.record, reject->place.line + 1, reject->place.byte,
                           sl_reject_reason_text(reject->reason)));
        SL_TRY(add_field(&csv, run_reject_column(run, reject->column), err));
        SL_TRY(sl_text_add(&csv, err, "\n"));
    }
    rc = sl_file_save(path, csv.data, csv.n_bytes, err);
out:
    sl_text_release(&csv);
    return rc;
}

/* The partitions with most rejects, worst first, at most three. */
static sl_status name_worst(const struct run *run, struct sl_text *to, struct sl_error *err)
{
    int64_t   below = INT64_MAX;
    int       last = -1;
    sl_status rc = SL_OK;

    for (int n = 0; n < 3; n++) {
        int worst = -1;

        for (int p = 0; p < run->plan.n_partitions; p++) {
            int64_t rejected = run->totals.counts[p].n_rejected;

            if (rejected == 0 || rejected > below || (rejected == below && p <= last))
                continue;
            if (worst < 0 || rejected > run->totals.counts[worst].n_rejected)
                worst = p;
        }
        if (worst < 0)
            break;
        below = run->totals.counts[worst].n_rejected;
        last = worst;
        SL_TRY(sl_text_add(to, err, "%s'%s' (%" PRId64 " of %" PRId64 ")", n > 0 ? ", " : "",
                           run->plan.partitions[worst].name, below,
                           run->totals.counts[worst].n_rows));
    }
out:
    return rc;
}

static sl_status fail_with_rejects(const struct run *run, int64_t n_rejected, int64_t n_rows,
                                   struct sl_error *err)
{
    const struct sl_bad_rows_spec *spec = &run->job->score.bad_rows;
    struct sl_text                 worst = {0};
    struct sl_text                 path = {0};
    sl_status                      rc;

    SL_TRY(name_worst(run, &worst, err));
    SL_TRY(sl_text_add(&path, err, "%s.rejects.csv", run->output));
    SL_TRY(save_csv(run, path.data, err));
    if (n_rejected > spec->max_count)
        rc =
            sl_fail(err, SL_EBADROWS,
                    "%" PRId64 " of %" PRId64 " records are bad, more than score.bad_rows.max_count"
                    " %" PRId64 "; most in %s; see '%s'",
                    n_rejected, n_rows, spec->max_count, worst.data, path.data);
    else
        rc = sl_fail(err, SL_EBADROWS,
                     "%" PRId64 " of %" PRId64 " records are bad, more than "
                     "score.bad_rows.max_fraction %g; most in %s; see '%s'",
                     n_rejected, n_rows, spec->max_fraction, worst.data, path.data);
out:
    sl_text_release(&worst);
    sl_text_release(&path);
    return rc;
}

sl_status run_check_rejects(struct run *run, struct sl_error *err)
{
    const struct sl_bad_rows_spec *spec = &run->job->score.bad_rows;
    int64_t                        n_rejected = 0;
    int64_t                        n_rows = 0;
    sl_status                      rc = SL_OK;

    for (int p = 0; p < run->plan.n_partitions; p++) {
        n_rejected += run->totals.counts[p].n_rejected;
        n_rows += run->totals.counts[p].n_rows;
    }
    if (n_rejected <= spec->max_count && (double)n_rejected <= spec->max_fraction * (double)n_rows)
        return SL_OK;
    if (sl_comm_rank(run->comm) == 0)
        rc = fail_with_rejects(run, n_rejected, n_rows, err);
    return sl_comm_agree(run->comm, rc, err);
}
