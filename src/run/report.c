/* What is said of a run that succeeded: the table by partition, one line of summary, the timing
 * table, and the same for programs as JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/file.h"
#include "scoreline/json.h"
#include "scoreline/memory.h"
#include "scoreline/version.h"

/* Seconds by phase over the ranks. */
struct spread {
    double min_s[SL_N_PHASES];
    double avg_s[SL_N_PHASES];
    double max_s[SL_N_PHASES];
};

static void spread_over_ranks(const struct run *run, struct spread *spread)
{
    memcpy(spread->min_s, run->seconds, sizeof spread->min_s);
    memcpy(spread->avg_s, run->seconds, sizeof spread->avg_s);
    memcpy(spread->max_s, run->seconds, sizeof spread->max_s);
    sl_comm_min_f64(run->comm, spread->min_s, SL_N_PHASES);
    sl_comm_sum_f64(run->comm, spread->avg_s, SL_N_PHASES);
    sl_comm_max_f64(run->comm, spread->max_s, SL_N_PHASES);
    for (int p = 0; p < SL_N_PHASES; p++)
        spread->avg_s[p] /= sl_comm_size(run->comm);
}

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

static void print_notes(const struct run *run, const struct unknown *unknown,
                        const struct spread *spread, double total_s)
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
    sl_report_timing(to, spread->min_s, spread->avg_s, spread->max_s, total_s);
}

static sl_status add_phases(struct sl_json *to, const struct spread *spread, struct sl_error *err)
{
    struct sl_json *phases;
    struct sl_json *phase;
    sl_status       rc;

    SL_TRY(sl_json_add_object(to, "seconds", &phases, err));
    for (int p = 0; p < SL_N_PHASES; p++) {
        SL_TRY(sl_json_add_object(phases, sl_phase_name((enum sl_phase)p), &phase, err));
        SL_TRY(sl_json_add_number(phase, "min", spread->min_s[p], err));
        SL_TRY(sl_json_add_number(phase, "avg", spread->avg_s[p], err));
        SL_TRY(sl_json_add_number(phase, "max", spread->max_s[p], err));
    }
out:
    return rc;
}

/* What a summary has besides what every one has. */
struct facts {
    const struct run_count *counts; /* [n_counts] */
    size_t                  n_counts;
    const struct unknown   *unknown; /* of a run that scores, or NULL */
};

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

static sl_status fill_summary(const struct run *run, const struct facts *facts,
                              const struct spread *spread, double total_s, struct sl_json *to,
                              struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_json_add_text(to, "format", "scoreline-summary", err));
    SL_TRY(sl_json_add_number(to, "version", 1, err));
    SL_TRY(sl_json_add_text(to, "software", sl_version_line(), err));
    SL_TRY(sl_json_add_text(to, "job", run->job->name, err));
    if (run->output != NULL)
        SL_TRY(sl_json_add_text(to, "output", run->output, err));
    for (size_t i = 0; i < facts->n_counts; i++)
        SL_TRY(sl_json_add_number(to, facts->counts[i].name, (double)facts->counts[i].value, err));
    if (facts->unknown != NULL)
        SL_TRY(add_unknown(run, facts->unknown, to, err));
    SL_TRY(sl_json_add_number(to, "total_s", total_s, err));
    SL_TRY(add_phases(to, spread, err));
out:
    return rc;
}

/* Rank 0, where a summary is wanted. */
static sl_status save_summary(const struct run *run, const struct facts *facts,
                              const struct spread *spread, double total_s, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    char               *text = NULL;
    sl_status           rc = SL_OK;

    if (run->opts->summary == NULL || sl_comm_rank(run->comm) != 0)
        goto out;
    SL_TRY(sl_json_create(&doc, err));
    SL_TRY(fill_summary(run, facts, spread, total_s, sl_json_root(doc), err));
    SL_TRY(sl_json_print(sl_json_root(doc), true, &text, err));
    SL_TRY(sl_file_save(run->opts->summary, text, strlen(text), err));
out:
    free(text);
    sl_json_close(doc);
    return rc;
}

sl_status run_report(struct run *run, double total_s, struct sl_error *err)
{
    const struct sl_row_counts n = sum_counts(run);
    const struct run_count     counts[] = {
            {"ranks", sl_comm_size(run->comm)},
            {"partitions", run->plan.n_partitions},
            {"bytes", sl_plan_bytes(&run->plan)},
            {"chunks", run->plan.n_chunks},
            {"chunks_repeated", run->sched.n_repeated},
            {"chunks_resumed", run->totals.n_chunks_resumed},
            {"rows", n.n_rows},
            {"rows_resumed", run->totals.n_rows_resumed},
            {"rows_scored", n.n_scored},
            {"rows_missing", n.n_missing},
            {"rows_rejected", n.n_rejected},
            {"nonfinite", run->totals.n_nonfinite},
    };
    struct unknown     unknown = {0};
    const struct facts facts = {counts, sizeof counts / sizeof *counts, &unknown};
    struct spread      spread;
    sl_status          rc;

    spread_over_ranks(run, &spread);
    SL_TRY(sl_comm_agree(run->comm, find_unknown(run, &unknown, err), err));
    if (run->opts->results != NULL)
        sl_report_metrics(run->opts->results, &run->plan, run->totals.counts,
                          &run->totals.measured);
    if (run->opts->notes != NULL)
        print_notes(run, &unknown, &spread, total_s);
    rc = sl_comm_agree(run->comm, save_summary(run, &facts, &spread, total_s, err), err);
out:
    free(unknown.items);
    return rc;
}

sl_status run_save_summary(struct run *run, const struct run_count *counts, size_t n_counts,
                           double total_s, struct sl_error *err)
{
    const struct facts facts = {counts, n_counts, NULL};
    struct spread      spread;

    spread_over_ranks(run, &spread);
    return sl_comm_agree(run->comm, save_summary(run, &facts, &spread, total_s, err), err);
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

sl_status run_report_training(struct run *run, double total_s, struct sl_error *err)
{
    const struct run_count counts[] = {
        {"ranks", sl_comm_size(run->comm)},       {"partitions", run->training.n_partitions},
        {"bytes", sl_plan_bytes(&run->training)}, {"records", run->n_training_records},
        {"rows", run->bundle.fit.n_rows},         {"iterations", run->bundle.fit.n_iter},
    };

    if (run->opts->notes != NULL)
        print_training_notes(run, total_s);
    return run_save_summary(run, counts, sizeof counts / sizeof *counts, total_s, err);
}
