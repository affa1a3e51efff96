/* The list that rank 0 keeps: which tasks are to be handed out, what came back, how far the chain
 * of spans is verified.  Talks to nobody. */
#ifndef SCORELINE_SCHED_BOARD_H
#define SCORELINE_SCHED_BOARD_H

#include "scoreline/sched.h"

struct board_note; /* what is known of one task */

struct board {
    const struct sl_sched_ops *ops;
    const void                *state;
    int64_t                    n_tasks;
    int64_t                    n_workers;
    struct board_note         *notes;       /* [n_tasks] */
    int64_t                    tail;        /* first task not handed out */
    int64_t                    cost_left;   /* of the tasks from there on */
    int64_t                    n_verified;  /* all tasks before it are verified */
    int64_t                    first_fault; /* earliest verified one, -1 if none */
    int64_t                    limit; /* tasks from here on are not wanted: a fault before them */
    int64_t                    n_repeated;
    int64_t                   *repeats; /* stack of tasks to be done again */
    size_t                     n_repeats;
    size_t                     repeat_capacity;
};

/* Consecutive tasks for one rank, and where the first of them starts. */
struct board_batch {
    int64_t         first;
    int64_t         n_tasks;
    struct sl_start start;
};

/** What a task costs. */
int64_t board_cost(const struct sl_sched_ops *ops, const void *state, int64_t task);

/** Tasks before `tail` count as dealt.  Freed by board_release(). */
SL_MUST_CHECK sl_status board_init(struct board *board, const struct sl_sched_ops *ops,
                                   const void *state, int64_t n_tasks, int64_t n_workers,
                                   int64_t tail, struct sl_error *err);
void                    board_release(struct board *board);

/** The next batch to hand out; false if there is none now. */
bool board_take(struct board *board, struct board_batch *batch);

/** Write down what `rank` found of a task; verifies what can be verified; SL_ENOMEM. */
SL_MUST_CHECK sl_status board_note(struct board *board, int64_t task, int rank,
                                   const struct sl_span *span, struct sl_error *err);

/** Whether every task that is wanted is verified. */
bool board_is_done(const struct board *board);

/** The rank whose doing of a task counts; -1 if it was not done. */
int64_t board_owner(const struct board *board, int64_t task);

#endif
