/* Telling what was found out, as a table or as JSON. */
#ifndef SCORELINE_RUN_REHEARSE_H
#define SCORELINE_RUN_REHEARSE_H

#include <stdbool.h>
#include <stdio.h>

#include "../run_impl.h"

/** Print `what`; nothing where `to` is NULL; SL_ENOMEM. */
SL_MUST_CHECK sl_status run_tell(FILE *to, bool as_json, const struct sl_json *what,
                                 void (*table)(FILE *to, const struct sl_json *what),
                                 struct sl_error *err);

/** Print run_describe(), and end with the fault it found: SL_EINPUT for a column that is lacked,
 *  which is printed all the same.  Rank 0. */
SL_MUST_CHECK sl_status run_tell_plan(struct run *run,
                                      void (*table)(FILE *to, const struct sl_json *what),
                                      struct sl_error *err);

#endif
