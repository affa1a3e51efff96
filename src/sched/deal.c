/* The tasks that are dealt in advance: shares of about the same cost, the same reckoning on every
 * rank. */
#include "deal.h"

#include "board.h"

enum { ONLY_ANSWERS_FROM = 64 }; /* ranks; with as many, rank 0 does no tasks itself */

struct deal deal_make(int n_ranks, const struct sl_sched_opts *opts, const struct sl_sched_ops *ops,
                      const void *state)
{
    const bool leads_only = !opts->is_static && n_ranks >= ONLY_ANSWERS_FROM;
    const bool deals_all = opts->is_static || n_ranks == 1;
    int64_t    cost = 0;

    for (int64_t t = 0; t < opts->n_tasks; t++)
        cost += board_cost(ops, state, t);
    return (struct deal){.n_tasks = opts->n_tasks,
                         .cost_dealt = deals_all ? cost : cost / 2,
                         .first_worker = leads_only,
                         .n_workers = n_ranks - leads_only,
                         .is_static = opts->is_static};
}

int64_t deal_begins(const struct deal *deal, int worker, const struct sl_sched_ops *ops,
                    const void *state)
{
    const double wanted = (double)deal->cost_dealt * worker / deal->n_workers;
    int64_t      first = 0;
    double       cost = 0;

    for (; first < deal->n_tasks; first++) {
        const double own = (double)board_cost(ops, state, first);

        if (cost + own / 2 >= wanted)
            break;
        cost += own;
    }
    while (deal->is_static && first > 0 && first < deal->n_tasks && ops->continues(state, first))
        first++;
    return first;
}

struct sl_sched_share sl_sched_share(int n_ranks, int rank, const struct sl_sched_opts *opts,
                                     const struct sl_sched_ops *ops, const void *state)
{
    const struct deal deal = deal_make(n_ranks, opts, ops, state);
    const int         worker = rank - deal.first_worker;

    if (worker < 0)
        return (struct sl_sched_share){0};
    int64_t first = deal_begins(&deal, worker, ops, state);
    return (struct sl_sched_share){first, deal_begins(&deal, worker + 1, ops, state) - first};
}
