/* What an evaluation carries, for evaluate.c and what prints it. */
#ifndef SCORELINE_RUN_EVALUATE_H
#define SCORELINE_RUN_EVALUATE_H

#include <stdbool.h>

#include "scored_rows.h"
#include "scoreline/evaluation.h"
#include "scoreline/output.h"

struct evaluate {
    const struct sl_evaluate_opts *opts;
    double                         threshold;
    struct sl_scored              *scored;
    struct scored_partitions       partitions;
    struct sl_metrics             *metrics;
    struct sl_metric_values       *values;         /* [SL_FIRST_PARTITION + n_partitions] */
    bool                           metrics_differ; /* from those that are stored */
    struct sl_evaluator            evaluator;
    struct sl_evaluation           evaluation;
};

/** The evaluation as JSON on opts->results; SL_ENOMEM. */
SL_MUST_CHECK sl_status evaluate_print_json(const struct evaluate *e, struct sl_error *err);

#endif
