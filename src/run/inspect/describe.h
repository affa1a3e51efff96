/* The parts of run_describe(). */
#ifndef SCORELINE_RUN_DESCRIBE_H
#define SCORELINE_RUN_DESCRIBE_H

#include "../run_impl.h"
#include "scoreline/json.h"

/** What a run would read and write, what it would take, and how ranks would share it; errors of
 *  run_find_needs().  Rank 0. */
SL_MUST_CHECK sl_status describe_plan(struct run *run, const struct sl_recipe *recipe,
                                      struct sl_json *to, struct sl_error *err);

#endif
