/* An output judged from the file alone.  The rows are read twice: once for the metrics of every
 * group, and, when it is known whether any labels are held out, once for the tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "scoreline/memory.h"

/* All rows of the file, run by run, to `take`. */
static sl_status for_each_run(struct evaluate *e,
                              sl_status (*take)(struct evaluate *, int partition,
                                                const struct scored_scores *, struct sl_error *),
                              struct sl_error *err)
{
    struct scored_walk   walk;
    struct scored_run    run;
    struct scored_scores scores;
    sl_status            rc;

    scored_walk_begin(e->scored, &e->partitions, &walk);
    SL_TRY(scored_select_scores(e->scored, &walk.rows, err));
    for (;;) {
        SL_TRY(scored_walk_next(&walk, &run, err));
        if (run.n_rows == 0)
            break;
        SL_TRY(scored_scores_at(e->scored, &walk.rows, run.at, run.n_rows, run.first_row, &scores,
                                err));
        SL_TRY(take(e, run.partition, &scores, err));
    }
out:
    scored_walk_end(&walk);
    return rc;
}

static sl_status add_to_metrics(struct evaluate *e, int partition, const struct scored_scores *s,
                                struct sl_error *err)
{
    return sl_metrics_add(e->metrics, partition, s->n_rows, s->probability, s->predicted, s->label,
                          s->status, err);
}

static sl_status add_to_evaluator(struct evaluate *e, int partition, const struct scored_scores *s,
                                  struct sl_error *err)
{
    if (e->evaluation.group == SL_HELD_OUT && e->partitions.plan.partitions[partition].trained_on)
        return SL_OK;
    return sl_evaluator_add(&e->evaluator, s->n_rows, s->probability, s->label, s->status, err);
}

static sl_status make_metrics(struct evaluate *e, struct sl_error *err)
{
    size_t    n = (size_t)e->partitions.plan.n_partitions;
    bool     *trained_on = NULL;
    sl_status rc;

    SL_TRY(sl_alloc_array(n, sizeof *trained_on, &trained_on, err));
    for (size_t i = 0; i < n; i++)
        trained_on[i] = e->partitions.plan.partitions[i].trained_on;
    SL_TRY(sl_metrics_create((int)n, trained_on, &e->metrics, err));
    SL_TRY(sl_alloc_array(SL_FIRST_PARTITION + n, sizeof *e->values, &e->values, err));
    SL_TRY(for_each_run(e, add_to_metrics, err));
    SL_TRY(sl_metrics_reduce(sl_comm_self(), e->metrics, e->values, err));
out:
    sl_metrics_free(e->metrics); /* the largest thing here, not needed any more */
    e->metrics = NULL;
    free(trained_on);
    return rc;
}

static sl_status make_evaluation(struct evaluate *e, struct sl_error *err)
{
    const enum sl_metric_group group = e->values[SL_HELD_OUT].n_rows > 0 ? SL_HELD_OUT : SL_ALL;
    sl_status                  rc;

    e->evaluation.group = group;
    SL_TRY(for_each_run(e, add_to_evaluator, err));
    SL_TRY(sl_evaluator_finish(&e->evaluator, e->threshold, &e->evaluation, err));
    e->evaluation.group = group;
out:
    return rc;
}

/* --- what the file says of itself ---------------------------------------------------------------
 */

static bool same_value(double stored, double computed)
{
    return stored == computed || (isnan(stored) && isnan(computed));
}

/* The first scope in /metrics that says something else than the rows; NULL if there is none. */
static sl_status compare_metrics(struct evaluate *e, struct sl_error *err)
{
    static const char *const names[] = {"accuracy", "log_loss", "roc_auc", "brier", "base_rate"};
    enum { N_NAMES = sizeof names / sizeof *names };
    const struct sl_table_column *stored[N_NAMES];
    struct sl_table               table;
    sl_status                     rc;

    SL_TRY(sl_scored_table(e->scored, "metrics", &table, err));
    for (int k = 0; k < N_NAMES; k++)
        SL_TRY(sl_scored_find(e->scored, &table, names[k], SL_F64, &stored[k], err));
    e->metrics_differ =
        table.n_rows != SL_FIRST_PARTITION + (size_t)e->partitions.plan.n_partitions;
    for (size_t i = 0; i < table.n_rows && !e->metrics_differ; i++) {
        const struct sl_metric_values *v = &e->values[i];
        const double computed[N_NAMES] = {v->accuracy, v->log_loss, v->roc_auc, v->brier,
                                          v->base_rate};

        for (int k = 0; k < N_NAMES; k++)
            e->metrics_differ |= !same_value(stored[k]->cells.f64[i], computed[k]);
    }
out:
    sl_table_release(&table);
    return rc;
}

/* --- the command ------------------------------------------------------------------------------ */

static sl_status evaluate(struct evaluate *e, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_scored_open(e->opts->file, &e->scored, err));
    SL_TRY(scored_partitions_read(e->scored, &e->partitions, err));
    e->threshold = e->opts->threshold;
    if (isnan(e->threshold))
        SL_TRY(
            scored_job_number(e->scored, "score", "decision_threshold", 0.5, &e->threshold, err));
    SL_TRY(make_metrics(e, err));
    SL_TRY(compare_metrics(e, err));
    SL_TRY(make_evaluation(e, err));
out:
    return rc;
}

static sl_status print_results(const struct evaluate *e, struct sl_error *err)
{
    FILE *to = e->opts->results;

    if (e->metrics_differ)
        fprintf(e->opts->notes,
                "scoreline: '%s': /metrics says something else than its rows do; shown is what "
                "the rows say\n",
                e->opts->file);
    if (e->opts->as_json)
        return evaluate_print_json(e, err);
    sl_report_metrics(to, &e->partitions.plan, e->partitions.counts, e->values);
    fputc('\n', to);
    sl_report_evaluation(to, &e->evaluation);
    return SL_OK;
}

sl_status sl_evaluate(const struct sl_evaluate_opts *opts, struct sl_error *err)
{
    struct evaluate e = {.opts = opts};
    sl_status       rc;

    SL_TRY(evaluate(&e, err));
    SL_TRY(print_results(&e, err));
out:
    sl_evaluator_release(&e.evaluator);
    free(e.values);
    scored_partitions_release(&e.partitions);
    sl_scored_close(e.scored);
    return rc;
}
