/* The plan as JSON: what is trained on and scored, by whom, and what that takes. */
#include <string.h>
#include <unistd.h>

#include "../run_impl.h"
#include "../summary.h"
#include "describe.h"
#include "scoreline/sink.h"

#define ADD_COUNTS(to, counts, err)                                                                \
    summary_add_counts(to, counts, sizeof(counts) / sizeof *(counts), err)

static int64_t bytes_of(const struct sl_plan *plan, int64_t first, int64_t n_chunks)
{
    int64_t n_bytes = 0;

    for (int64_t c = first; c < first + n_chunks; c++)
        n_bytes += run_chunk_bytes(&plan->chunks[c]);
    return n_bytes;
}

static sl_status add_partitions(const struct sl_plan *plan, struct sl_json *to,
                                struct sl_error *err)
{
    struct sl_json *list, *object;
    int64_t         end = 0;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "partitions", &list, err));
    for (int32_t p = 0; p < plan->n_partitions; p++) {
        const struct sl_partition *partition = &plan->partitions[p];
        const int64_t              first = end;

        while (end < plan->n_chunks && plan->chunks[end].partition == p)
            end++;
        const struct run_count counts[] = {{"files", partition->n_files},
                                           {"bytes", bytes_of(plan, first, end - first)},
                                           {"chunks", end - first}};

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(sl_json_add_text(object, "name", partition->name, err));
        SL_TRY(sl_json_add_text(object, "source", partition->source, err));
        SL_TRY(ADD_COUNTS(object, counts, err));
        SL_TRY(sl_json_add_bool(object, "trained_on", partition->trained_on, err));
    }
out:
    return rc;
}

static sl_status add_ranks(struct run *run, struct sl_json *to, struct sl_error *err)
{
    const int       n_ranks = sl_comm_size(run->comm);
    struct sl_json *list, *object;
    int64_t         n_dealt = 0;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "ranks", &list, err));
    for (int rank = 0; rank < n_ranks; rank++) {
        const struct sl_sched_share share = run_share(run, n_ranks, rank);
        const struct run_count      counts[] = {
                 {"rank", rank},
                 {"first_chunk", share.first},
                 {"chunks", share.n_tasks},
                 {"bytes", bytes_of(&run->plan, share.first, share.n_tasks)},
        };

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(ADD_COUNTS(object, counts, err));
        n_dealt += share.n_tasks;
    }
    const struct run_count rest[] = {
        {"first_chunk", n_dealt},
        {"chunks", run->plan.n_chunks - n_dealt},
        {"bytes", bytes_of(&run->plan, n_dealt, run->plan.n_chunks - n_dealt)},
    };
    SL_TRY(sl_json_add_object(to, "on_demand", &object, err));
    SL_TRY(ADD_COUNTS(object, rest, err));
out:
    return rc;
}

static sl_status add_training(const struct run *run, const struct run_needs *needs,
                              struct sl_json *to, struct sl_error *err)
{
    const struct sl_plan  *training = &run->training;
    const struct run_count counts[] = {{"files", training->n_files},
                                       {"bytes", sl_plan_bytes(training)},
                                       {"rows", needs->n_training_rows},
                                       {"memory_bytes", needs->training_bytes}};
    struct sl_json        *object, *list;
    sl_status              rc;

    SL_TRY(sl_json_add_object(to, "training", &object, err));
    SL_TRY(sl_json_add_list(object, "partitions", &list, err));
    for (int32_t p = 0; p < training->n_partitions; p++)
        SL_TRY(sl_json_add_text(list, NULL, training->partitions[p].name, err));
    SL_TRY(ADD_COUNTS(object, counts, err));
    SL_TRY(sl_json_add_text(object, "mode",
                            run->job->train.mode == SL_TRAIN_DISTRIBUTED ? "distributed" : "root",
                            err));
    if (run->job->train.max_bytes != 0)
        SL_TRY(sl_json_add_number(object, "max_bytes", (double)run->job->train.max_bytes, err));
out:
    return rc;
}

static sl_status add_scoring(struct run *run, const struct run_needs *needs, struct sl_json *to,
                             struct sl_error *err)
{
    const struct run_count totals[] = {
        {"partitions", run->plan.n_partitions},
        {"files", sl_plan_n_files(&run->plan)},
        {"bytes", sl_plan_bytes(&run->plan)},
        {"chunks", run->plan.n_chunks},
        {"rows", needs->n_rows},
        {"buffer_bytes", needs->buffer_bytes},
        {"result_bytes", needs->result_bytes},
        {"output_bytes", needs->output_bytes},
    };
    struct sl_json *object;
    sl_status       rc;

    SL_TRY(sl_json_add_object(to, "scoring", &object, err));
    SL_TRY(ADD_COUNTS(object, totals, err));
    SL_TRY(add_partitions(&run->plan, to, err));
    SL_TRY(add_ranks(run, to, err));
out:
    return rc;
}

/* What stands where the output is to be: of a training a model, else predictions. */
static const char *output_state(const struct run *run)
{
    const bool           is_model = !run->plans_scoring;
    const char          *wanted = is_model ? run->fingerprint.training : run->fingerprint.run;
    char                 found[sizeof run->fingerprint.run] = "";
    enum sl_output_state state = is_model ? run_look_at_model(run->output, found, sizeof found)
                                          : sl_sink_look(run->output, found, sizeof found);

    if (state == SL_OUTPUT_ABSENT)
        return "absent";
    if (state == SL_OUTPUT_PARTIAL)
        return "not complete";
    if (state == SL_OUTPUT_FOREIGN)
        return "something else stands there";
    return strcmp(found, wanted) == 0 ? "complete" : "of another job or other inputs";
}

static sl_status add_output(const struct run *run, struct sl_json *to, struct sl_error *err)
{
    struct sl_json *object;
    sl_status       rc;

    SL_TRY(sl_json_add_object(to, "output", &object, err));
    SL_TRY(sl_json_add_text(object, "path", run->output, err));
    SL_TRY(sl_json_add_text(object, "state", output_state(run), err));
out:
    return rc;
}

static double machine_bytes(void)
{
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

sl_status describe_plan(struct run *run, const struct sl_recipe *recipe, struct sl_json *to,
                        struct sl_error *err)
{
    struct run_needs needs;
    sl_status        rc;

    SL_TRY(run_find_needs(run, recipe, &needs, err));
    SL_TRY(sl_json_add_bool(to, "rows_are_exact", needs.is_counted, err));
    SL_TRY(sl_json_add_number(to, "machine_bytes", machine_bytes(), err));
    if (run->plans_training)
        SL_TRY(add_training(run, &needs, to, err));
    if (run->plans_scoring)
        SL_TRY(add_scoring(run, &needs, to, err));
    SL_TRY(add_output(run, to, err));
out:
    return rc;
}
