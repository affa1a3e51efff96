/* Rank 0's list of tasks.  A task is verified when it was done, and began where the verified task
 * before it ended (or continues none).  Only then may its successor be asked to do its work again:
 * what is told to a repeat is certain, so no chain is ever repaired twice. */
#include "board.h"

#include <stdlib.h>

#include "scoreline/memory.h"

struct board_note {
    struct sl_span span;
    int32_t        owner;
    bool           is_done;
    bool           is_verified;
};

int64_t board_cost(const struct sl_sched_ops *ops, const void *state, int64_t task)
{
    return ops->cost != NULL ? ops->cost(state, task) : 1;
}

sl_status board_init(struct board *board, const struct sl_sched_ops *ops, const void *state,
                     int64_t n_tasks, int64_t n_workers, int64_t tail, struct sl_error *err)
{
    *board = (struct board){.ops = ops,
                            .state = state,
                            .n_tasks = n_tasks,
                            .n_workers = n_workers,
                            .tail = tail,
                            .first_fault = -1,
                            .limit = n_tasks};
    for (int64_t t = tail; t < n_tasks; t++)
        board->cost_left += board_cost(ops, state, t);
    return sl_alloc_array((size_t)n_tasks, sizeof *board->notes, &board->notes, err);
}

void board_release(struct board *board)
{
    free(board->notes);
    free(board->repeats);
    *board = (struct board){0};
}

static bool continues(const struct board *board, int64_t task)
{
    return task > 0 && board->ops->continues(board->state, task);
}

/* Where a task starts, as far as the list can tell. */
static struct sl_start start_of(const struct board *board, int64_t task)
{
    if (!continues(board, task))
        return (struct sl_start){.begin = SL_BEGIN_UNKNOWN, .is_certain = true};
    if (board->notes[task - 1].is_verified)
        return (struct sl_start){.begin = board->notes[task - 1].span.end, .is_certain = true};
    return (struct sl_start){.begin = SL_BEGIN_UNKNOWN, .is_certain = false};
}

/* Half of an even share of the work that is left: large batches first, single tasks at the end. */
static int64_t take_batch(struct board *board)
{
    const int64_t first = board->tail;
    const int64_t share = board->cost_left / (2 * board->n_workers);
    int64_t       taken = 0;

    do {
        const int64_t cost = board_cost(board->ops, board->state, board->tail);

        if (board->tail > first && taken + cost > share)
            break;
        taken += cost;
        board->tail++;
    } while (board->tail < board->limit);
    board->cost_left -= taken;
    return board->tail - first;
}

bool board_take(struct board *board, struct board_batch *batch)
{
    while (board->n_repeats > 0) {
        int64_t task = board->repeats[--board->n_repeats];

        if (task >= board->limit)
            continue;
        *batch = (struct board_batch){task, 1, start_of(board, task)};
        return true;
    }
    if (board->tail >= board->limit)
        return false;
    batch->first = board->tail;
    batch->start = start_of(board, board->tail);
    batch->n_tasks = take_batch(board);
    return true;
}

static sl_status ask_again(struct board *board, int64_t task, struct sl_error *err)
{
    sl_status rc = sl_grow_array(&board->repeats, &board->repeat_capacity, board->n_repeats + 1,
                                 sizeof *board->repeats, err);

    if (rc != SL_OK)
        return rc;
    board->notes[task].is_done = false;
    board->repeats[board->n_repeats++] = task;
    board->n_repeated++;
    return SL_OK;
}

/* Whether what was found of a task rests on solid ground. */
static bool is_right(const struct board *board, int64_t task)
{
    const struct board_note *note = &board->notes[task];

    if (note->span.is_void || (continues(board, task) && board->notes[task - 1].span.is_void))
        return true;
    return !note->span.gave_up &&
           (!continues(board, task) || note->span.begin == board->notes[task - 1].span.end);
}

/* Go along the chain from `task` as far as it holds and is wanted. */
static sl_status verify_chain(struct board *board, int64_t task, struct sl_error *err)
{
    do {
        struct board_note *note = &board->notes[task];

        if (!note->is_done || (continues(board, task) && !board->notes[task - 1].is_verified))
            break;
        if (!is_right(board, task))
            return ask_again(board, task, err);
        note->is_verified = true;
        if (note->span.fault && task < board->limit) {
            board->first_fault = task;
            board->limit = task + 1;
        }
        task++;
    } while (task < board->limit && continues(board, task));
    return SL_OK;
}

static sl_status verify_from(struct board *board, int64_t task, struct sl_error *err)
{
    sl_status rc = verify_chain(board, task, err);

    while (board->n_verified < board->n_tasks && board->notes[board->n_verified].is_verified)
        board->n_verified++;
    return rc;
}

sl_status board_note(struct board *board, int64_t task, int rank, const struct sl_span *span,
                     struct sl_error *err)
{
    struct board_note *note = &board->notes[task];

    note->span = *span;
    note->owner = rank;
    note->is_done = true;
    return verify_from(board, task, err);
}

bool board_is_done(const struct board *board)
{
    return board->n_verified >= board->limit;
}

int64_t board_owner(const struct board *board, int64_t task)
{
    return board->notes[task].is_verified ? board->notes[task].owner : -1;
}
