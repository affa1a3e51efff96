/* Tables and summaries for people, to a FILE * that is given. */
#ifndef SCORELINE_REPORT_H
#define SCORELINE_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "scoreline/error.h"
#include "scoreline/evaluation.h"
#include "scoreline/metrics.h"
#include "scoreline/plan.h"

/* Rows of a partition by what became of them. */
struct sl_row_counts {
    int64_t n_rows;
    int64_t n_scored;
    int64_t n_missing;
    int64_t n_rejected;
};
void sl_row_counts_add(struct sl_row_counts *sum, const struct sl_row_counts *n);

/**
 * The table by partition: rows, scored, missing, rejected, accuracy, log loss, AUC, Brier, or of
 * numbers R2, RMSE, MAE and deviance; the partitions trained on are marked with '*', three lines
 * sum up; one more says by how much an AUC that is not exact can be wrong.
 *
 * Shapes:  counts [n_partitions].
 */
void sl_report_metrics(FILE *to, const struct sl_plan *plan, const struct sl_row_counts *counts,
                       const struct sl_measured *measured);

/** Deciles, calibration and confusion matrix; one line if there are no rows. */
void sl_report_evaluation(FILE *to, const struct sl_evaluation *evaluation);

/**
 * The classes one by one and their confusion matrix, of the rows of a group; of many classes those
 * with most rows.
 *
 * Shapes:  classes [measured->n_classes], any bytes.
 */
void sl_report_classes(FILE *to, enum sl_metric_group group, const struct sl_slice *classes,
                       const struct sl_measured *measured);

/** Where what was scored is furthest from what was trained on: `drift` of an evaluation, as
 *  docs/evaluation.md has it. */
struct sl_json;
void sl_report_drift(FILE *to, const struct sl_json *evaluation);

/* What was found out by inspection, as docs/inspect.md has it as JSON: a job and what running it
 * means; the latter alone; a model as its terms; an output. */
void sl_report_job(FILE *to, const struct sl_json *job);
void sl_report_plan(FILE *to, const struct sl_json *job);
void sl_report_model(FILE *to, const struct sl_json *model);
void sl_report_output(FILE *to, const struct sl_json *output);

/* A learning curve, as docs/learning-curve.md has it as JSON: a table and under it the answer in
 * words, which are its `words`; those words, from the rest of it; and a picture, SVG, the same bytes
 * for the same result. */
void sl_report_learning_curve(FILE *to, const struct sl_json *result);
void sl_report_learning_curve_plan(FILE *to, const struct sl_json *plan);
void sl_report_learning_curve_words(FILE *to, const struct sl_json *result);
/** SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_report_learning_curve_svg(FILE *to, const struct sl_json *result,
                                                     struct sl_error *err);

/* The result of a search, as docs/search.md has it as JSON: the best candidates; and what one would
 * do. */
void sl_report_search(FILE *to, const struct sl_json *search);
void sl_report_search_plan(FILE *to, const struct sl_json *plan);

#endif
