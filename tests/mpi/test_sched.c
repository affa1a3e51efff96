/* The scheduler against a made-up world in which tasks guess wrong, give up, meet faults and fail.
 * What must come out does not depend on the number of ranks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mpi.h>

#include "scoreline/hash.h"
#include "scoreline/memory.h"
#include "scoreline/mpi_handle.h"
#include "scoreline/sched.h"

enum { MOST_TASKS = 1000 };

/* Task t truly spans [10 t, 10 t + 10); every `chain` tasks a new file begins. */
struct world {
    int64_t        n_tasks;
    int64_t        chain;
    unsigned       wrong_percent; /* of guesses */
    int64_t        fault_at;      /* -1: none */
    int64_t        fail_at;       /* -1: none; fails on whatever rank meets it */
    struct sl_span last[MOST_TASKS];
    int64_t        n_noted[MOST_TASKS]; /* rank 0 */
    int64_t        items[MOST_TASKS];   /* as the last note of each had it */
    int64_t        n_done[MOST_TASKS];
};

static struct sl_comm *world_comm;

static bool luck(const struct world *w, int64_t task, unsigned salt)
{
    return sl_mix64((uint64_t)task * 7919 + salt) % 100 < w->wrong_percent;
}

static bool continues(const void *state, int64_t task)
{
    const struct world *w = state;

    return task % w->chain != 0;
}

static sl_status run_task(void *state, int64_t task, const struct sl_start *start,
                          struct sl_sched *sched, struct sl_span *span, struct sl_error *err)
{
    struct world *w = state;
    int64_t       truth = 10 * task;

    if (task == w->fail_at)
        return sl_fail(err, SL_EINPUT, "task %d failed", (int)task);
    *span = (struct sl_span){.begin = start->begin, .end = truth + 10};
    if (start->begin == SL_BEGIN_UNKNOWN)
        span->begin = continues(w, task) && luck(w, task, 1) ? truth + 3 : truth;
    if (start->is_certain)
        assert_true(span->begin == truth); /* what is told as certain is true */
    if (span->begin != truth && luck(w, task, 2))
        span->end += 1; /* the mistake goes on into the next task */
    span->gave_up = !start->is_certain && luck(w, task, 3);
    span->fault = task == w->fault_at || (span->begin != truth && luck(w, task, 4));
    span->n_items = INT64_C(1) << 40 | task;
    w->last[task] = *span;
    w->n_done[task]++;
    sl_sched_poll(sched);
    return SL_OK;
}

static void note_task(void *state, int64_t task, int rank, const struct sl_span *span)
{
    struct world *w = state;

    assert_int_equal(sl_comm_rank(world_comm), 0);
    assert_in_range(rank, 0, sl_comm_size(world_comm) - 1);
    w->n_noted[task]++;
    w->items[task] = span->n_items;
}

static const struct sl_sched_ops ops = {.run = run_task, .continues = continues, .note = note_task};

/* All wanted tasks are owned once, by a rank whose last doing of them is true. */
static void check_world(const struct world *w, const struct sl_sched_result *result)
{
    int64_t wanted = w->fault_at >= 0 ? w->fault_at + 1 : w->n_tasks;

    assert_int_equal(result->first_fault, w->fault_at);
    for (int64_t t = 0; t < wanted; t++) {
        assert_in_range(result->owner[t], 0, sl_comm_size(world_comm) - 1);
        if (result->owner[t] != sl_comm_rank(world_comm))
            continue;
        assert_true(w->n_done[t] > 0);
        assert_int_equal(w->last[t].begin, 10 * t);
        assert_int_equal(w->last[t].end, 10 * t + 10);
        assert_false(w->last[t].gave_up);
    }
}

/* Rank 0 heard of every doing that counts, and what was counted in it. */
static void check_notes(struct world *w)
{
    const int64_t wanted = w->fault_at >= 0 ? w->fault_at + 1 : w->n_tasks;

    sl_comm_sum_i64(world_comm, w->n_done, MOST_TASKS);
    if (sl_comm_rank(world_comm) != 0)
        return;
    for (int64_t t = 0; t < wanted; t++) {
        assert_in_range(w->n_noted[t], 1, w->n_done[t]);
        assert_int_equal(w->items[t], INT64_C(1) << 40 | t);
    }
}

static void try_world(int64_t n_tasks, int64_t chain, unsigned wrong_percent, int64_t fault_at)
{
    for (int is_static = 0; is_static < 2; is_static++) {
        const struct sl_sched_opts opts = {.n_tasks = n_tasks, .is_static = is_static};
        struct sl_error            err = {0};
        struct sl_sched_result     result;
        struct world              *w = NULL;

        assert_int_equal(sl_alloc_array(1, sizeof *w, &w, &err), SL_OK);
        w->n_tasks = n_tasks;
        w->chain = chain;
        w->wrong_percent = wrong_percent;
        w->fault_at = fault_at;
        w->fail_at = -1;
        assert_int_equal(sl_sched_run(world_comm, &opts, &ops, w, &result, &err), SL_OK);
        check_world(w, &result);
        check_notes(w);
        if (wrong_percent == 0)
            assert_int_equal(result.n_repeated, 0);
        sl_sched_result_release(&result);
        free(w);
    }
}

static void every_task_is_done_once_verified(void **state)
{
    static const int64_t n_tasks[] = {0, 1, 2, 3, 7, 17, 100, MOST_TASKS};
    static const int64_t chains[] = {1, 2, 5, 64, MOST_TASKS};

    (void)state;
    for (size_t n = 0; n < sizeof n_tasks / sizeof *n_tasks; n++)
        for (size_t c = 0; c < sizeof chains / sizeof *chains; c++)
            for (unsigned wrong = 0; wrong <= 100; wrong += 50)
                try_world(n_tasks[n], chains[c], wrong, -1);
}

static void the_earliest_verified_fault_wins(void **state)
{
    (void)state;
    for (int64_t fault = 0; fault < 60; fault += 7)
        for (unsigned wrong = 0; wrong <= 100; wrong += 25)
            try_world(60, 9, wrong, fault);
}

static void a_failure_reaches_every_rank(void **state)
{
    static const int64_t fail_at[] = {0, 1, 25, 49, 99};

    (void)state;
    for (size_t i = 0; i < sizeof fail_at / sizeof *fail_at; i++) {
        const struct sl_sched_opts opts = {.n_tasks = 100, .is_static = i % 2 == 1};
        struct sl_error            err = {0};
        struct sl_sched_result     result;
        struct world               w = {.n_tasks = 100,
                                        .chain = 10,
                                        .wrong_percent = 20,
                                        .fault_at = -1,
                                        .fail_at = fail_at[i]};
        char                       expected[64];

        snprintf(expected, sizeof expected, "task %d failed", (int)fail_at[i]);
        assert_int_equal(sl_sched_run(world_comm, &opts, &ops, &w, &result, &err), SL_EINPUT);
        assert_string_equal(err.text, expected);
        assert_null(result.owner);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_is_done_once_verified),
        cmocka_unit_test(the_earliest_verified_fault_wins),
        cmocka_unit_test(a_failure_reaches_every_rank),
    };
    struct sl_error err;
    int             failed = 1;

    MPI_Init(&argc, &argv);
    if (sl_comm_from_mpi(MPI_COMM_WORLD, &world_comm, &err) == SL_OK)
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    sl_comm_free(world_comm);
    MPI_Finalize();
    return failed;
}
