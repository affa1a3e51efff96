/* What the reports of a learning curve have in common: how its score is called, and which way is
 * up. For the files learning_curve*.c. */
#ifndef SCORELINE_REPORT_LEARNING_CURVE_H
#define SCORELINE_REPORT_LEARNING_CURVE_H

#include <stddef.h>

#include "scoreline/json.h"

/* A score as people speak of it: losses, which scorers negate, have their own sign again. */
struct curve_measure {
    const char *scoring; /* as scikit-learn calls the scorer */
    const char *name;    /* "log loss" */
    const char *unit;    /* "nats per row"; NULL: none */
};

/** The measure of a result; of a scorer that is not known its own name. */
struct curve_measure curve_measure_of(const struct sl_json *result);
/** 1, or -1 where people see the score with the other sign: less is better then. */
double curve_sign_of(const struct sl_json *result);

/** "2,779": a number of rows. */
void curve_format_rows(double n, char *out, size_t out_bytes);
/** "2010, 2011 and 5 more": names of partitions, by commas. */
void curve_format_names(const struct sl_json *names, char *out, size_t out_bytes);

#endif
