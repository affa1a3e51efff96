/* Hands task numbers to ranks and keeps the chain of guesses honest.  Knows nothing of data: a task
 * is a number, its span two integers. */
#ifndef SCORELINE_SCHED_H
#define SCORELINE_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/stopwatch.h"

struct sl_sched; /* the run under way, as tasks see it */

/* Where a task's work starts: the task guesses, or is told where the task before it ended.  What it
 * is told is certain if nothing before it rests on a guess. */
#define SL_BEGIN_UNKNOWN INT64_C(-1)
struct sl_start {
    int64_t begin; /* SL_BEGIN_UNKNOWN: guess */
    bool    is_certain;
};

/* What a task found. */
struct sl_span {
    int64_t begin;
    int64_t end;
    bool    gave_up; /* did not find its end, as the start was not certain: to be done again */
    bool    fault;   /* met a fault in the data that ends the run once it is verified */
    bool is_void; /* nothing could be found out, and that is the answer: it is taken as it is, and
                     so is where the next task says that it begins */
    int64_t n_items; /* of whatever the task likes to count; only handed on to `note` */
};

/* What a task is to the scheduler; `state` is the caller's. */
struct sl_sched_ops {
    /**
     * Do a task.  May be asked again for a task, on this or another rank; the later call counts.
     * An error is a failure of the machine (I/O, memory) and ends the run.
     */
    sl_status (*run)(void *state, int64_t task, const struct sl_start *start,
                     struct sl_sched *sched, struct sl_span *span, struct sl_error *err);

    /** Whether `task` goes on where task - 1 ends, so that their spans must meet.  A static
     * schedule keeps such tasks together on one rank. */
    bool (*continues)(const void *state, int64_t task);

    /** About how much work a task is, at least 1, in any unit; NULL: all are the same. */
    int64_t (*cost)(const void *state, int64_t task);

    /** A rank did a task, perhaps not for the first time, and perhaps not for the last; called on
     * rank 0, as soon as it knows.  NULL: nobody wants to know. */
    void (*note)(void *state, int64_t task, int rank, const struct sl_span *span);
};

struct sl_sched_opts {
    int64_t n_tasks;
    bool    is_static;  /* deal everything in advance, hand out only what must be done again */
    bool (*stop)(void); /* whether a rank was told to stop: all finish the tasks at hand then; NULL:
                           never */
    struct sl_stopwatch *watch; /* in the phase WAIT while there is no work; NULL: none */
};

/* Consecutive tasks. */
struct sl_sched_share {
    int64_t first;
    int64_t n_tasks;
};

/** What a rank of n_ranks is dealt in advance, as sl_sched_run() deals it; the rest is handed out
 * on demand.  Of ops, `continues` and `cost` alone are asked.  Rank-local. */
struct sl_sched_share sl_sched_share(int n_ranks, int rank, const struct sl_sched_opts *opts,
                                     const struct sl_sched_ops *ops, const void *state);

/* What came of it.  A fault at task t stands only when every earlier task was done: tasks after the
 * first fault may not have been. */
struct sl_sched_result {
    int64_t *owner;       /* [n_tasks] rank whose last doing of the task counts; -1 not done */
    int64_t  n_repeated;  /* tasks done again because their guess was wrong */
    int64_t  first_fault; /* task of the earliest verified fault, -1 if none */
    bool     is_stopped;  /* word came to stop, and not all was done */
};
void sl_sched_result_release(struct sl_sched_result *result);

/**
 * Do all tasks on all ranks.
 *
 * The first part is dealt in advance as contiguous runs, the tail handed out on demand in shrinking
 * batches.  Rank 0 keeps the list and answers between blocks of its own work; from 64 ranks on it
 * only answers.  A task that follows another on the same rank is told where to begin; a span that
 * does not meet its neighbour's is done again.
 *
 * Owner:   result is released by sl_sched_result_release().
 * Errors:  what a task returned, the same on every rank; others stop at their next poll.
 * Ranks:   collective.
 */
SL_MUST_CHECK sl_status sl_sched_run(const struct sl_comm *comm, const struct sl_sched_opts *opts,
                                     const struct sl_sched_ops *ops, void *state,
                                     struct sl_sched_result *result, struct sl_error *err);

/**
 * To be called by long tasks between blocks: rank 0 answers requests, others look for word to stop.
 *
 * Returns: false if the task's work is not wanted any more and it should return SL_OK at once:
 * another rank failed, or a fault was found before it. Ranks:   local.
 */
bool sl_sched_poll(struct sl_sched *sched);

#endif
