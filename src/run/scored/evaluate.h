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
    struct scored_classes          classes;
    int64_t                        exact_rows;
    struct sl_metrics             *metrics;   /* while rows are read for them */
    struct sl_evaluator           *evaluator; /* likewise */
    struct sl_measured             measured;
    const char                    *differs; /* a table that says something else, NULL: none */
    enum sl_metric_group           group;   /* that is looked at closely: SL_HELD_OUT or SL_ALL */
    struct sl_evaluation           evaluation; /* of two classes */
};

/** What of /drift is worst as the list "drift" of `to`; SL_EINPUT, SL_ENOMEM. */
SL_MUST_CHECK sl_status evaluate_add_drift(const struct evaluate *e, struct sl_json *to,
                                           struct sl_error *err);

/** The evaluation as JSON on opts->results; SL_ENOMEM. */
SL_MUST_CHECK sl_status evaluate_print_json(const struct evaluate *e, struct sl_error *err);

#endif
