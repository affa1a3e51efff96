/* An output judged from the file alone.  The rows are read for the metrics of every group, and,
 * when it is known whether any labels are held out, again for the tables of two classes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../run_impl.h"
#include "evaluate.h"
#include "scoreline/memory.h"

/* All rows of the file, run by run, to `take`. */
static sl_status for_each_run(struct evaluate *e,
                              sl_status (*take)(struct evaluate *, int partition,
                                                const struct sl_scores *, struct sl_error *),
                              struct sl_error *err)
{
    struct scored_walk walk;
    struct scored_run  run;
    struct sl_scores   scores;
    sl_status          rc;

    scored_walk_begin(e->scored, &e->partitions, &walk);
    SL_TRY(scored_select_scores(e->scored, e->classes.n, &walk.rows, err));
    for (;;) {
        SL_TRY(scored_walk_next(&walk, &run, err));
        if (run.n_rows == 0)
            break;
        SL_TRY(scored_scores_at(e->scored, e->classes.n, &walk.rows, run.at, run.n_rows,
                                run.first_row, &scores, err));
        SL_TRY(take(e, run.partition, &scores, err));
    }
out:
    scored_walk_end(&walk);
    return rc;
}

static sl_status add_to_metrics(struct evaluate *e, int partition, const struct sl_scores *s,
                                struct sl_error *err)
{
    return sl_metrics_add(e->metrics, partition, s, err);
}

static sl_status give_rows(void *state, struct sl_metrics *to, struct sl_error *err)
{
    struct evaluate *e = state;

    e->metrics = to;
    return for_each_run(e, add_to_metrics, err);
}

static sl_status add_to_evaluator(struct evaluate *e, int partition, const struct sl_scores *s,
                                  struct sl_error *err)
{
    (void)err;
    if (e->group == SL_HELD_OUT && e->partitions.plan.partitions[partition].trained_on)
        return SL_OK;
    sl_evaluator_add(e->evaluator, s);
    return SL_OK;
}

static sl_status give_evaluator(void *state, struct sl_evaluator *to, struct sl_error *err)
{
    struct evaluate *e = state;

    e->evaluator = to;
    return for_each_run(e, add_to_evaluator, err);
}

static sl_status make_metrics(struct evaluate *e, struct sl_error *err)
{
    size_t           n = (size_t)e->partitions.plan.n_partitions;
    bool            *trained_on = NULL;
    enum sl_deviance deviance;
    sl_status        rc;

    SL_TRY(scored_deviance(e->scored, &deviance, err));
    SL_TRY(sl_alloc_array(n, sizeof *trained_on, &trained_on, err));
    for (size_t i = 0; i < n; i++)
        trained_on[i] = e->partitions.plan.partitions[i].trained_on;
    const struct sl_metrics_spec spec = {.n_classes = e->classes.n,
                                         .deviance = deviance,
                                         .n_partitions = (int)n,
                                         .trained_on = trained_on,
                                         .n_rows = sl_scored_n_rows(e->scored),
                                         .exact_rows = e->exact_rows,
                                         .state = e,
                                         .give = give_rows};
    SL_TRY(sl_metrics_measure(sl_comm_self(), &spec, &e->measured, err));
    e->group = e->measured.values[SL_HELD_OUT].n_rows > 0 ? SL_HELD_OUT : SL_ALL;
out:
    free(trained_on);
    return rc;
}

static sl_status make_evaluation(struct evaluate *e, struct sl_error *err)
{
    const struct sl_evaluation_spec spec = {
        .threshold = e->threshold, .state = e, .give = give_evaluator};
    sl_status rc;

    SL_TRY(sl_evaluation_make(&spec, &e->evaluation, err));
    e->evaluation.group = e->group;
out:
    return rc;
}

/* --- what the file says of itself ---------------------------------------------------------------
 */

static bool same_cell(const struct sl_table_column *a, const struct sl_table_column *b, size_t row)
{
    const size_t n_bytes = sl_column_bytes(a);

    if (a->dtype == SL_FIXED_TEXT) {
        const struct sl_slice one = sl_table_text(a, row);
        const struct sl_slice other = sl_table_text(b, row);

        return one.n_bytes == other.n_bytes &&
               (one.n_bytes == 0 || memcmp(one.data, other.data, one.n_bytes) == 0);
    }
    if (a->dtype == SL_F64 && isnan(a->cells.f64[row]))
        return isnan(b->cells.f64[row]);
    return memcmp((const char *)a->cells.any + row * n_bytes,
                  (const char *)b->cells.any + row * n_bytes, n_bytes) == 0;
}

/* Outputs of before there was such a column say all the rest. */
static bool is_newer_than(const struct sl_table *stored, const char *column)
{
    return strcmp(column, "roc_auc_error") == 0 && sl_table_column(stored, column) == NULL;
}

/* A table that was made of the rows against the one of that name in the file. */
static sl_status compare_table(struct evaluate *e, const struct sl_table *made,
                               struct sl_error *err)
{
    struct sl_table               stored;
    const struct sl_table_column *column;
    bool                          same;
    sl_status                     rc;

    SL_TRY(sl_scored_table(e->scored, made->name, &stored, err));
    same = stored.n_rows == made->n_rows;
    for (int k = 0; k < made->n_columns; k++) {
        const struct sl_table_column *own = &made->columns[k];

        if (is_newer_than(&stored, own->name))
            continue;
        SL_TRY(sl_scored_find(e->scored, &stored, own->name, own->dtype, &column, err));
        for (size_t i = 0; i < made->n_rows && same; i++)
            same = same_cell(own, column, i);
    }
    if (!same && e->differs == NULL)
        e->differs = made->name;
out:
    sl_table_release(&stored);
    return rc;
}

static sl_status compare_metrics(struct evaluate *e, struct sl_error *err)
{
    struct sl_table made[RUN_N_METRIC_TABLES] = {{0}};
    sl_status       rc;

    SL_TRY(run_metric_tables(&e->partitions.plan, e->classes.names, &e->measured, true, made, err));
    for (int i = 0; i < RUN_N_METRIC_TABLES; i++)
        SL_TRY(compare_table(e, &made[i], err));
out:
    for (int i = 0; i < RUN_N_METRIC_TABLES; i++)
        sl_table_release(&made[i]);
    return rc;
}

/* --- the command ------------------------------------------------------------------------------ */

static sl_status choose_threshold(struct evaluate *e, struct sl_error *err)
{
    e->threshold = e->opts->threshold;
    if (e->classes.n > 2 && !isnan(e->threshold))
        return sl_fail(err, SL_EUSAGE, "'%s' has %d classes: a threshold can only tell two apart",
                       e->opts->file, e->classes.n);
    if (e->classes.n == 0 && !isnan(e->threshold))
        return sl_fail(err, SL_EUSAGE,
                       "'%s' has numbers, no classes that a threshold could tell apart",
                       e->opts->file);
    if (e->classes.n != 2 || !isnan(e->threshold))
        return SL_OK;
    return scored_job_number(e->scored, "score", "decision_threshold", 0.5, &e->threshold, err);
}

static sl_status evaluate(struct evaluate *e, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_scored_open(e->opts->file, &e->scored, err));
    SL_TRY(scored_partitions_read(e->scored, &e->partitions, err));
    SL_TRY(scored_classes_read(e->scored, &e->classes, err));
    SL_TRY(scored_exact_rows(e->scored, &e->exact_rows, err));
    SL_TRY(choose_threshold(e, err));
    SL_TRY(make_metrics(e, err));
    SL_TRY(compare_metrics(e, err));
    if (e->classes.n == 2)
        SL_TRY(make_evaluation(e, err));
out:
    return rc;
}

static sl_status print_drift(const struct evaluate *e, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, err));
    SL_TRY(evaluate_add_drift(e, sl_json_root(doc), err));
    sl_report_drift(e->opts->results, sl_json_root(doc));
out:
    sl_json_close(doc);
    return rc;
}

static sl_status print_results(const struct evaluate *e, struct sl_error *err)
{
    FILE *to = e->opts->results;

    if (e->differs != NULL)
        fprintf(e->opts->notes,
                "scoreline: '%s': /%s says something else than its rows do; shown is what the "
                "rows say\n",
                e->opts->file, e->differs);
    if (e->opts->as_json)
        return evaluate_print_json(e, err);
    sl_report_metrics(to, &e->partitions.plan, e->partitions.counts, &e->measured);
    fputc('\n', to);
    if (e->classes.n == 2)
        sl_report_evaluation(to, &e->evaluation);
    else if (e->classes.n > 0)
        sl_report_classes(to, e->group, e->classes.names, &e->measured);
    if (e->classes.n > 0)
        fputc('\n', to);
    return print_drift(e, err);
}

sl_status sl_evaluate(const struct sl_evaluate_opts *opts, struct sl_error *err)
{
    struct evaluate e = {.opts = opts};
    sl_status       rc;

    SL_TRY(evaluate(&e, err));
    SL_TRY(print_results(&e, err));
out:
    sl_measured_release(&e.measured);
    scored_classes_release(&e.classes);
    scored_partitions_release(&e.partitions);
    sl_scored_close(e.scored);
    return rc;
}
