/* An output judged from the file alone.  The rows are read twice: once for the metrics of every
 * group, and, when it is known whether any labels are held out, once for the tables. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "scoreline/block.h"
#include "scoreline/json.h"
#include "scoreline/memory.h"

/* The columns that are looked at, in this order. */
enum { C_PROBABILITY, C_PREDICTED, C_LABEL, C_STATUS, N_COLUMNS };
static const char *const column_names[N_COLUMNS] = {"probability", "predicted", "label", "status"};

/* One run of rows, as the metrics want it. */
struct scores {
    int            partition;
    size_t         n_rows;
    const double  *probability;
    const int8_t  *predicted;
    const int8_t  *label;
    const uint8_t *status;
};

static sl_status check_columns(const struct scored_walk *walk, struct sl_error *err)
{
    static const enum sl_dtype dtypes[N_COLUMNS] = {SL_F64, SL_I8, SL_I8, SL_U8};
    sl_status                  rc = SL_OK;

    for (int i = 0; i < N_COLUMNS && rc == SL_OK; i++) {
        const struct sl_table_column *ignored;

        rc = sl_scored_find(walk->scored, &walk->rows, column_names[i], dtypes[i], &ignored, err);
    }
    return rc;
}

static sl_status check_scores(const struct sl_scored *scored, const struct scored_run *run,
                              const struct scores *s, struct sl_error *err)
{
    for (size_t i = 0; i < s->n_rows; i++)
        if (s->status[i] == SL_ROW_SCORED && !(s->probability[i] >= 0 && s->probability[i] <= 1))
            return sl_fail(err, SL_EINPUT,
                           "'%s': /predictions/probability: row %" PRId64 ": %g is no probability",
                           sl_scored_path(scored), run->first_row + (int64_t)i, s->probability[i]);
    return SL_OK;
}

/* All rows of the file, run by run, to `take`. */
static sl_status for_each_run(struct evaluate *e,
                              sl_status (*take)(struct evaluate *, const struct scores *,
                                                struct sl_error *),
                              struct sl_error *err)
{
    struct scored_walk walk;
    struct scored_run  run;
    sl_status          rc;

    SL_TRY(scored_walk_begin(e->scored, &e->partitions, column_names, N_COLUMNS, &walk, err));
    SL_TRY(check_columns(&walk, err));
    for (;;) {
        const struct sl_table_column *c = walk.rows.columns;

        SL_TRY(scored_walk_next(&walk, &run, err));
        if (run.n_rows == 0)
            break;
        const struct scores scores = {.partition = run.partition,
                                      .n_rows = run.n_rows,
                                      .probability = c[C_PROBABILITY].cells.f64 + run.at,
                                      .predicted = c[C_PREDICTED].cells.i8 + run.at,
                                      .label = c[C_LABEL].cells.i8 + run.at,
                                      .status = c[C_STATUS].cells.u8 + run.at};
        SL_TRY(check_scores(e->scored, &run, &scores, err));
        SL_TRY(take(e, &scores, err));
    }
out:
    scored_walk_end(&walk);
    return rc;
}

static sl_status add_to_metrics(struct evaluate *e, const struct scores *s, struct sl_error *err)
{
    return sl_metrics_add(e->metrics, s->partition, s->n_rows, s->probability, s->predicted,
                          s->label, s->status, err);
}

static sl_status add_to_evaluator(struct evaluate *e, const struct scores *s, struct sl_error *err)
{
    bool trained_on = e->partitions.plan.partitions[s->partition].trained_on;

    if (e->evaluation.group == SL_HELD_OUT && trained_on)
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

sl_status scored_threshold(const struct sl_scored *scored, double *threshold, struct sl_error *err)
{
    struct sl_json_doc   *doc = NULL;
    const struct sl_json *score;
    char                 *text = NULL;
    size_t                n_bytes;
    sl_status             rc;

    *threshold = 0.5;
    SL_TRY(sl_scored_provenance(scored, "provenance/job", &text, &n_bytes, err));
    if (text == NULL)
        goto out;
    SL_TRY(sl_json_parse(text, n_bytes, "/provenance/job", &doc, err));
    if (sl_json_kind(sl_json_root(doc)) != SL_JSON_OBJECT)
        goto out;
    score = sl_json_find(sl_json_root(doc), "score");
    if (score == NULL || sl_json_kind(score) != SL_JSON_OBJECT)
        goto out;
    score = sl_json_find(score, "decision_threshold");
    if (score != NULL && sl_json_kind(score) == SL_JSON_NUMBER)
        *threshold = sl_json_number(score);
out:
    if (rc == SL_EJOB) { /* the job is part of the input here */
        rc = err->code = SL_EINPUT;
        sl_error_in(err, "'%s'", sl_scored_path(scored));
    }
    sl_json_close(doc);
    free(text);
    return rc;
}

static bool same_value(double stored, double computed)
{
    return memcmp(&stored, &computed, sizeof stored) == 0 || (isnan(stored) && isnan(computed));
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
        SL_TRY(scored_threshold(e->scored, &e->threshold, err));
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
