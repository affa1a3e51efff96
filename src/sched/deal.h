/* Which tasks each rank has from the beginning, before rank 0 hands out the rest.  Talks to nobody.
 * Private to sched. */
#ifndef SCORELINE_SCHED_DEAL_H
#define SCORELINE_SCHED_DEAL_H

#include "scoreline/sched.h"

struct deal {
    int64_t n_tasks;
    int64_t cost_dealt; /* of the tasks that are dealt in advance, about */
    int     first_worker;
    int     n_workers;
    bool    is_static;
};

struct deal deal_make(int n_ranks, const struct sl_sched_opts *opts, const struct sl_sched_ops *ops,
                      const void *state);

/** First task of a worker's share, as near to where it should begin as whole tasks allow; a static
 *  one begins where no task continues another.  Of worker n_workers: the first that is not dealt.
 */
int64_t deal_begins(const struct deal *deal, int worker, const struct sl_sched_ops *ops,
                    const void *state);

#endif
