/* What is said at the end of `combine`: tables and notes where there is an output, and on every way
 * out the summary. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../summary.h"
#include "scoreline/timing.h"
#include "stitch.h"

bool stitch_summary_is_apart(const struct stitch *s)
{
    if (run_same_file(s->opts->summary, s->opts->output))
        return false;
    for (int i = 0; i < s->opts->n_files; i++)
        if (run_same_file(s->opts->summary, s->opts->files[i]))
            return false;
    return true;
}

static void print_all(const struct stitch *s, const struct sl_timing *timing)
{
    FILE *notes = s->opts->notes;

    if (s->opts->results != NULL)
        sl_report_metrics(s->opts->results, &s->plan, s->counts, &s->measured);
    if (notes == NULL)
        return;
    if (s->missing.n_bytes > 0)
        fprintf(notes, "scoreline: missing: %s\n", s->missing.data + (s->missing.data[0] == ' '));
    fprintf(notes,
            "scoreline: %" PRId64 " rows of %d partitions from %d files, %d ranks, %.3f s: '%s'\n",
            s->n_rows, s->n_partitions, s->opts->n_files, sl_comm_size(s->comm),
            timing->total_s.avg, s->opts->output);
    sl_report_timing(notes, timing);
}

static sl_status save_summary(const struct stitch *s, const char *began,
                              const struct sl_timing *timing, sl_status ended,
                              const struct sl_error *why, struct sl_error *err)
{
    const struct summary_head head = {.command = s->opts->command,
                                      .output = s->opts->output,
                                      .began = began,
                                      .n_ranks = sl_comm_size(s->comm),
                                      .already_complete = s->is_complete};
    const struct run_count    counts[] = {
           {"pieces", s->opts->n_files}, {"rows", timing->n_rows}, {"partitions", s->n_partitions}};
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    SL_TRY(summary_begin(&head, ended, why, &doc, err));
    SL_TRY(summary_add_counts(sl_json_root(doc), counts, s->is_planned ? 3 : 2, err));
    SL_TRY(sl_timing_to_json(timing, sl_json_root(doc), err));
    rc = summary_save(doc, s->opts->summary, err);
out:
    sl_json_close(doc);
    return rc;
}

/* Rank 0. */
static sl_status speak(const struct stitch *s, const char *began, const struct sl_timing *timing,
                       sl_status rc, struct sl_error *err)
{
    struct sl_error fault = {0};
    sl_status       told;

    if (s->is_written)
        print_all(s, timing);
    told = run_flush(s->opts->results, &fault);
    rc = summary_settle(rc, told, "standard output", &fault, err);
    if (s->opts->summary == NULL || !stitch_summary_is_apart(s))
        return rc;
    told = save_summary(s, began, timing, rc, err, &fault);
    return summary_settle(rc, told, s->opts->summary, &fault, err);
}

sl_status stitch_report(struct stitch *s, const char *began, sl_status rc, struct sl_error *err)
{
    struct sl_timing timing;
    const int        slowest = run_time(s->comm, s->watch, &s->pace, s->work_s, &timing);
    struct sl_error  told = *err;

    if (slowest >= 0 && slowest < s->plan.n_partitions)
        timing.partition.name = s->plan.partitions[slowest].name;
    if (sl_comm_rank(s->comm) == 0)
        rc = speak(s, began, &timing, rc, &told);
    rc = sl_comm_agree(s->comm, rc, &told);
    if (rc != SL_OK)
        *err = told;
    return rc;
}
