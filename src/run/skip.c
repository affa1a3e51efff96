/* Partitions that cannot be scored, where the job says that the others are to be scored all the
 * same: which they are, why, and what is said of them at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

bool run_skips(const struct run *run)
{
    return run->job->score.bad_partitions == SL_BAD_PARTITIONS_SKIP;
}

/* The first chunk of each partition in whose data something is at fault; n_chunks: none is. */
static sl_status find_first(const struct run *run, int64_t *first, struct sl_error *err)
{
    const int64_t n_chunks = run->plan.n_chunks;
    const size_t  n = (size_t)run->plan.n_partitions;
    int64_t      *least = NULL; /* negated: the greatest over ranks is the first */
    sl_status     rc = sl_alloc_array(n, sizeof *least, &least, err);

    SL_TRY(sl_comm_agree(run->comm, rc, err));
    for (size_t p = 0; p < n; p++)
        least[p] = -n_chunks;
    for (int64_t c = n_chunks - 1; c >= 0; c--) {
        const struct sl_rows_chunk *mine = run_mine(run, c);

        if (mine != NULL && mine->fault.code != SL_OK)
            least[run->plan.chunks[c].partition] = -c;
    }
    sl_comm_max_i64(run->comm, least, n);
    for (size_t p = 0; p < n; p++)
        first[p] = -least[p];
out:
    free(least);
    return rc;
}

/* A fault in words, and the partition it is of. */
struct reason {
    int32_t partition;
    char    text[SL_ERROR_BYTES];
};

static void tell(const struct run *run, int64_t c, struct reason *reason)
{
    const struct sl_data_fault *fault = &run_mine(run, c)->fault;
    const struct sl_chunk      *chunk = &run->plan.chunks[c];

    *reason = (struct reason){.partition = chunk->partition};
    if (run_mine(run, c)->is_void)
        snprintf(reason->text, sizeof reason->text, "%s", fault->text);
    else
        snprintf(reason->text, sizeof reason->text, "'%s': byte %" PRId64 ": %s",
                 run->plan.files[chunk->file].path, fault->place.byte, fault->text);
}

/* Reasons of this rank's chunks to rank 0, which keeps them as texts. */
static sl_status gather_reasons(struct run *run, const int64_t *first, struct sl_error *err)
{
    const size_t   n = (size_t)run->plan.n_partitions;
    struct reason *own = NULL;
    size_t         n_own = 0;
    void          *all = NULL;
    size_t         n_bytes = 0;
    sl_status      rc = sl_alloc_array((size_t)run->totals.n_skipped, sizeof *own, &own, err);

    SL_TRY(sl_comm_agree(run->comm, rc, err));
    for (size_t p = 0; p < n; p++)
        if (first[p] < run->plan.n_chunks && run_mine(run, first[p]) != NULL)
            tell(run, first[p], &own[n_own++]);
    SL_TRY(sl_comm_gather_bytes(run->comm, own, n_own * sizeof *own, &all, &n_bytes, err));
    for (size_t i = 0; i < n_bytes / sizeof *own && rc == SL_OK; i++) {
        const struct reason *reason = (const struct reason *)all + i;

        rc = sl_copy_text(reason->text, &run->totals.reasons[reason->partition], err);
    }
    rc = sl_comm_agree(run->comm, rc, err);
out:
    free(all);
    free(own);
    return rc;
}

/* Nothing of such a partition counts, not even chunks of it that are sound. */
static void forget_chunks(struct run *run, const int64_t *first)
{
    for (int64_t c = 0; c < run->plan.n_chunks; c++)
        if (first[run->plan.chunks[c].partition] < run->plan.n_chunks)
            run->totals.mine[c] = -1;
}

sl_status run_find_skipped(struct run *run, struct sl_error *err)
{
    const size_t       n = (size_t)run->plan.n_partitions;
    struct run_totals *t = &run->totals;
    int64_t           *first = NULL;
    sl_status          rc;

    if (!run_skips(run))
        return SL_OK;
    rc = sl_alloc_array(n, sizeof *first, &first, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n, sizeof *t->reasons, &t->reasons, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n, sizeof *t->skipped, &t->skipped, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    SL_TRY(find_first(run, first, err));
    for (size_t p = 0; p < n; p++) {
        t->skipped[p] = first[p] < run->plan.n_chunks;
        t->n_skipped += t->skipped[p];
    }
    SL_TRY(gather_reasons(run, first, err));
    forget_chunks(run, first);
out:
    free(first);
    return rc;
}

sl_status run_check_skipped(const struct run *run, struct sl_error *err)
{
    const struct run_totals *t = &run->totals;
    int                      p = 0;

    if (t->n_skipped == 0)
        return SL_OK;
    while (!t->skipped[p])
        p++;
    return sl_fail(err, SL_EBADROWS,
                   "%" PRId64 " of %d partitions were skipped, '%s' first: %s; '%s' has the others "
                   "and is not complete; mend it and run the same command again",
                   t->n_skipped, run->plan.n_partitions, run->plan.partitions[p].name,
                   t->reasons[p] != NULL ? t->reasons[p] : "see /partitions/reason", run->output);
}
