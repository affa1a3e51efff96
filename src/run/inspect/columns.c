/* Whether every file has the columns it is asked for, which a run finds out file by file as it
 * reads them.  Only headers are read. */
#include <stdlib.h>

#include "../run_impl.h"
#include "scoreline/memory.h"
#include "scoreline/source.h"

struct headers {
    const struct run         *run;
    const struct sl_plan     *plan;
    struct sl_column_request *requests; /* names borrowed from the recipe and the job */
    int                       n_requests;
    struct sl_source         *source;
};

static sl_status check_file(struct headers *h, int32_t p, int32_t f, struct sl_error *err)
{
    struct sl_source_range range = run_range(h->plan, p, f);

    range.end_byte = 0;
    return sl_source_open(&h->run->job->input, &range, h->requests, h->n_requests, &h->source, err);
}

static sl_status check_plan(struct headers *h, struct sl_error *err)
{
    for (int32_t p = 0; p < h->plan->n_partitions; p++) {
        const struct sl_partition *partition = &h->plan->partitions[p];

        for (int32_t f = 0; f < partition->n_files; f++) {
            sl_status rc = check_file(h, p, partition->first_file + f, err);

            if (rc != SL_OK) {
                sl_error_in(err, "partition '%s'", partition->name);
                return rc;
            }
        }
    }
    return SL_OK;
}

static sl_status check_files(struct headers *h, const struct sl_recipe *recipe,
                             const struct sl_output_spec *kept, bool is_training,
                             struct sl_error *err)
{
    sl_status rc;

    SL_TRY(run_requests(recipe, kept, &h->requests, &h->n_requests, err));
    for (int i = 0; is_training && i < h->n_requests; i++)
        h->requests[i].optional = false; /* what is trained on must have the label's columns too */
    SL_TRY(check_plan(h, err));
out:
    sl_source_close(h->source);
    free(h->requests);
    return rc;
}

sl_status run_check_columns(const struct run *run, const struct sl_recipe *recipe,
                            struct sl_error *err)
{
    const struct sl_output_spec nothing_kept = {0};
    struct headers              training = {.run = run, .plan = &run->training};
    struct headers              scored = {.run = run, .plan = &run->plan};
    sl_status                   rc = SL_OK;

    if (run->plans_training)
        SL_TRY(check_files(&training, recipe, &nothing_kept, true, err));
    if (run->plans_scoring)
        SL_TRY(check_files(&scored, recipe, &run->job->output, false, err));
out:
    return rc;
}
