/* What is said at the end of a run: the table by partition, one line of summary and the timing
 * table where there is something to tell, and on every way out the same for programs as JSON. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/json.h"
#include "scoreline/memory.h"
#include "scoreline/timing.h"
#include "summary.h"

static struct sl_row_counts sum_counts(const struct run *run)
{
    struct sl_row_counts sum = {0};

    for (int p = 0; p < run->plan.n_partitions; p++) {
        sum.n_rows += run->totals.counts[p].n_rows;
        sum.n_scored += run->totals.counts[p].n_scored;
        sum.n_missing += run->totals.counts[p].n_missing;
        sum.n_rejected += run->totals.counts[p].n_rejected;
    }
    return sum;
}

/* One note for all partitions whose files lack what only the label needs. */
static void note_labels(const struct run *run)
{
    const struct sl_column_request *requests;
    int                             n_requests;
    int                             n = 0;
    int                             first = -1;

    for (int p = 0; p < run->plan.n_partitions; p++) {
        if (run->totals.extents[p].lacks < 0)
            continue;
        first = first < 0 ? p : first;
        n++;
    }
    if (n == 0)
        return;
    requests = sl_recipe_requests(run->bundle.recipe, &n_requests);
    fprintf(
        run->opts->notes,
        "scoreline: note: %d of %d partitions, '%s' first, lack columns of the label ('%s'): no "
        "labels (-1) and no metrics there\n",
        n, run->plan.n_partitions, run->plan.partitions[first].name,
        requests[run->totals.extents[first].lacks].name);
}

/* Levels that training had not, of all partitions. */
struct unknown {
    struct run_unknown *items; /* [n] */
    size_t              n;
    int64_t             n_rows; /* a row counts once for each of its columns */
    size_t              most;   /* where the most are */
};

static sl_status find_unknown(const struct run *run, struct unknown *unknown, struct sl_error *err)
{
    sl_status rc = run_find_unknown(run, &unknown->items, &unknown->n, err);

    for (size_t i = 0; i < unknown->n; i++) {
        unknown->n_rows += unknown->items[i].n_rows;
        if (unknown->items[i].n_rows > unknown->items[unknown->most].n_rows)
            unknown->most = i;
    }
    return rc;
}

static void note_unknown(const struct run *run, const struct unknown *unknown)
{
    if (unknown->n == 0)
        return;
    const struct run_unknown *most = &unknown->items[unknown->most];

    fprintf(run->opts->notes,
            "scoreline: note: %" PRId64 " value%s %s level%s that training had not, most of them "
            "(%" PRId64 ") of '%s' in partition '%s': see /drift\n",
            unknown->n_rows, unknown->n_rows == 1 ? "" : "s", unknown->n_rows == 1 ? "is a" : "are",
            unknown->n_rows == 1 ? "" : "s", most->n_rows, most->feature,
            run->plan.partitions[most->partition].name);
}

static void print_notes(const struct run *run, const struct unknown *unknown, double total_s)
{
    struct sl_row_counts n = sum_counts(run);
    FILE                *to = run->opts->notes;

    if (run->sched.n_repeated > 0)
        fprintf(to,
                "scoreline: %" PRId64 " of %" PRId64 " chunks were guessed wrong and repeated\n",
                run->sched.n_repeated, run->plan.n_chunks);
    if (run->totals.n_chunks_resumed > 0)
        fprintf(to,
                "scoreline: %" PRId64 " of %" PRId64 " chunks (%" PRId64 " of %" PRId64
                " rows) were done by an earlier run, and taken from its journal\n",
                run->totals.n_chunks_resumed, run->plan.n_chunks, run->totals.n_rows_resumed,
                n.n_rows);
    if (run->totals.n_nonfinite > 0)
        fprintf(to,
                "scoreline: %" PRId64 " results of expressions were not finite, taken as missing\n",
                run->totals.n_nonfinite);
    note_labels(run);
    note_unknown(run, unknown);
    fprintf(to,
            "scoreline: %" PRId64 " of %" PRId64 " rows scored (%" PRId64 " missing, %" PRId64
            " rejected), %d partition%s, %d rank%s, %.3f s: '%s'\n",
            n.n_scored, n.n_rows, n.n_missing, n.n_rejected, run->plan.n_partitions,
            run->plan.n_partitions == 1 ? "" : "s", sl_comm_size(run->comm),
            sl_comm_size(run->comm) == 1 ? "" : "s", total_s, run->output);
}

static sl_status add_unknown(const struct run *run, const struct unknown *unknown,
                             struct sl_json *to, struct sl_error *err)
{
    struct sl_json *list;
    struct sl_json *item;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "unknown_levels", &list, err));
    for (size_t i = 0; i < unknown->n; i++) {
        const struct run_unknown *u = &unknown->items[i];

        SL_TRY(sl_json_add_object(list, NULL, &item, err));
        SL_TRY(sl_json_add_text(item, "partition", run->plan.partitions[u->partition].name, err));
        SL_TRY(sl_json_add_text(item, "feature", u->feature, err));
        SL_TRY(sl_json_add_number(item, "rows", (double)u->n_rows, err));
    }
out:
    return rc;
}

/* Of training: what there is to read, and what was learned from, as far as it came. */
static sl_status add_training(const struct run *run, struct sl_json *to, struct sl_error *err)
{
    const struct run_count planned[] = {{"partitions", run->training.n_partitions},
                                        {"bytes", sl_plan_bytes(&run->training)}};
    const struct run_count done[] = {{"records", run->n_training_records},
                                     {"rows", run->bundle.fit.n_rows},
                                     {"iterations", run->bundle.fit.n_iter}};
    sl_status              rc = SL_OK;

    if (run->plans_training)
        SL_TRY(summary_add_counts(to, planned, sizeof planned / sizeof *planned, err));
    if (run->is_trained)
        SL_TRY(summary_add_counts(to, done, sizeof done / sizeof *done, err));
out:
    return rc;
}

/* Rows as they are known once all of them are done. */
static sl_status add_rows(const struct run *run, struct sl_json *to, struct sl_error *err)
{
    const struct sl_row_counts n = sum_counts(run);
    const struct run_count     counts[] = {{"chunks_repeated", run->sched.n_repeated},
                                           {"rows_scored", n.n_scored},
                                           {"rows_missing", n.n_missing},
                                           {"rows_rejected", n.n_rejected},
                                           {"nonfinite", run->totals.n_nonfinite},
                                           {"partitions_skipped", run->totals.n_skipped}};

    return summary_add_counts(to, counts, sizeof counts / sizeof *counts, err);
}

/* Of scoring: what there is to do, and what was done so far. */
static sl_status add_scoring(const struct run *run, const struct unknown *unknown,
                             struct sl_json *to, struct sl_error *err)
{
    const struct run_count planned[] = {{"partitions", run->plan.n_partitions},
                                        {"bytes", sl_plan_bytes(&run->plan)},
                                        {"chunks", run->plan.n_chunks}};
    const struct run_count done[] = {{"chunks_done", run->done.n_chunks},
                                     {"chunks_resumed", run->done.n_chunks_resumed},
                                     {"rows", run->done.n_rows},
                                     {"rows_resumed", run->done.n_rows_resumed}};
    sl_status              rc = SL_OK;

    if (run->plans_scoring)
        SL_TRY(summary_add_counts(to, planned, sizeof planned / sizeof *planned, err));
    if (!run->is_complete)
        SL_TRY(summary_add_counts(to, done, sizeof done / sizeof *done, err));
    if (run->is_collected)
        SL_TRY(add_rows(run, to, err));
    if (run->is_written)
        SL_TRY(add_unknown(run, unknown, to, err));
out:
    return rc;
}

/* Rank 0, where a summary is wanted. */
static sl_status save_summary(const struct run *run, const struct unknown *unknown,
                              const struct sl_timing *timing, sl_status ended,
                              const struct sl_error *why, struct sl_error *err)
{
    const struct summary_head head = {.command = run->opts->command,
                                      .job = run->job != NULL ? run->job->name : NULL,
                                      .output = run->output,
                                      .began = run->date,
                                      .n_ranks = sl_comm_size(run->comm),
                                      .already_complete = run->is_complete};
    struct sl_json_doc       *doc = NULL;
    sl_status                 rc;

    SL_TRY(summary_begin(&head, ended, why, &doc, err));
    if (run->told != NULL)
        SL_TRY(run->told->add(run->told->state, sl_json_root(doc), err));
    else if (run->trains_only)
        SL_TRY(add_training(run, sl_json_root(doc), err));
    else
        SL_TRY(add_scoring(run, unknown, sl_json_root(doc), err));
    SL_TRY(sl_timing_to_json(timing, sl_json_root(doc), err));
    rc = summary_save(doc, run->opts->summary, err);
out:
    sl_json_close(doc);
    return rc;
}

static void print_training_notes(const struct run *run, double total_s)
{
    const struct sl_fit_report *fit = &run->bundle.fit;
    const int                   n_partitions = run->training.n_partitions;
    int                         n_columns;

    sl_recipe_columns(run->bundle.recipe, &n_columns);
    fprintf(run->opts->notes,
            "scoreline: trained on %" PRId64 " of %" PRId64
            " records, %d partition%s, %d column%s; "
            "%s, %d iteration%s, %.3f s: '%s'\n",
            fit->n_rows, run->n_training_records, n_partitions, n_partitions == 1 ? "" : "s",
            n_columns, n_columns == 1 ? "" : "s", fit->solver, fit->n_iter,
            fit->n_iter == 1 ? "" : "s", total_s, run->output);
}

/* Rank 0: what people read.  A run that failed has its message, which is not to be drowned. */
static void print_all(const struct run *run, const struct unknown *unknown,
                      const struct sl_timing *timing, sl_status rc)
{
    FILE *notes = run->opts->notes;

    if (run->is_written && run->opts->results != NULL)
        sl_report_metrics(run->opts->results, &run->plan, run->totals.counts,
                          &run->totals.measured);
    if (notes == NULL)
        return;
    if (run->is_written)
        print_notes(run, unknown, timing->total_s.avg);
    else if (run->trains_only && run->is_trained)
        print_training_notes(run, timing->total_s.avg);
    if (run->is_written || (run->trains_only && run->is_trained) || rc == SL_ESTOPPED ||
        (run->told != NULL && run->told->is_done))
        sl_report_timing(notes, timing);
}

sl_status run_flush(FILE *results, struct sl_error *err)
{
    if (results != NULL && (fflush(results) != 0 || ferror(results)))
        return sl_fail(err, SL_EOUTPUT, "cannot write to the standard output: %s", strerror(errno));
    return SL_OK;
}

/* Rank 0 speaks; whatever it cannot say is a fault of its own where the run had none. */
static sl_status speak(const struct run *run, const struct sl_timing *timing, sl_status rc,
                       struct sl_error *err)
{
    struct unknown  unknown = {0};
    struct sl_error fault = {0};
    sl_status       told = SL_OK;

    if (run->is_written)
        told = find_unknown(run, &unknown, &fault);
    print_all(run, &unknown, timing, rc);
    if (told == SL_OK)
        told = run_flush(run->opts->results, &fault);
    rc = summary_settle(rc, told, "standard output", &fault, err);
    if (run->opts->summary != NULL && run_summary_is_apart(run)) {
        told = save_summary(run, &unknown, timing, rc, err, &fault);
        rc = summary_settle(rc, told, run->opts->summary, &fault, err);
    }
    free(unknown.items);
    return rc;
}

static const char *partition_name(const struct run *run, int p)
{
    const struct sl_plan *plan = run->trains_only ? &run->training : &run->plan;

    return p >= 0 && p < plan->n_partitions ? plan->partitions[p].name : NULL;
}

sl_status run_report(struct run *run, sl_status rc, struct sl_error *err)
{
    struct sl_timing timing;
    const int        slowest = run_time(run->comm, run->watch, &run->pace, run->work_s, &timing);
    struct sl_error  told = *err;
    sl_status        ended = rc;

    timing.partition.name = partition_name(run, slowest);
    if (sl_comm_rank(run->comm) == 0)
        ended = speak(run, &timing, rc, &told);
    ended = sl_comm_agree(run->comm, ended, &told);
    if (ended != SL_OK)
        *err = told;
    return ended;
}
