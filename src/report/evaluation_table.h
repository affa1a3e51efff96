/* What the tables of an evaluation share. */
#ifndef SCORELINE_REPORT_EVALUATION_TABLE_H
#define SCORELINE_REPORT_EVALUATION_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "scoreline/metrics.h"

/** Say whose rows follow, or that there are none: then false. */
bool report_begin_group(FILE *to, enum sl_metric_group group, int64_t n_rows);

/** Two blanks and a number of six digits behind the point, '-' where it is NaN. */
void report_value(FILE *to, int width, double value);

/** The width of a column of counts of at most n, at least that of its heading. */
int report_count_width(int64_t n, int least);

#endif
