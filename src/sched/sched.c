/* Tasks to ranks.  Rank 0 keeps the board; the others know only their own batch.  Every worker gets
 * exactly one STOP, its last message, and answers with one BYE, its last: so nothing is ever left
 * in the pipe, whoever fails and when. */
#include "scoreline/sched.h"

#include <stdlib.h>

#include "board.h"
#include "deal.h"
#include "scoreline/clock.h"
#include "scoreline/memory.h"

enum { GRACE_S = 1 }; /* that tasks at hand have when word to stop comes */

enum message_kind {
    M_REQUEST, /* worker: my batch is done */
    M_DONE,    /* worker: task, begin, end, flags, n_items */
    M_FAILED,  /* worker: a task of mine failed */
    M_TOLD,    /* worker: I was told to stop */
    M_ENDED,   /* worker: as rank 0 said, I take no more */
    M_BYE,     /* worker: I stopped */
    M_GRANT,   /* rank 0: first, n_tasks, begin, is_certain */
    M_END,     /* rank 0: finish what you are at, and take no more */
    M_STOP,    /* rank 0 */
};
enum { FLAG_GAVE_UP = 1, FLAG_FAULT = 2, FLAG_VOID = 4 };

struct sl_sched {
    const struct sl_comm      *comm;
    const struct sl_sched_ops *ops;
    void                      *state;
    struct board_batch         batch; /* what this rank has before it */
    bool (*stop)(void);
    bool                 told;   /* this rank was told to stop, and said so */
    bool                 ending; /* rank 0 knows, and all finish what they are at */
    double               ending_since;
    bool                 gave_up; /* it took too long */
    bool                 stopped;
    struct sl_stopwatch *watch;

    /* rank 0 */
    struct board     board;
    bool             works;
    int             *idle; /* workers that asked in vain, [n_idle] */
    int              n_idle;
    int              n_ended;  /* workers that take no more */
    sl_status        board_rc; /* what went wrong while a message was handled */
    struct sl_error *err;
};

static sl_status do_next(struct sl_sched *s, struct sl_span *span, struct sl_error *err);
static void      lead(struct sl_sched *s, sl_status *rc, struct sl_error *err);
static void      follow(struct sl_sched *s, sl_status *rc, struct sl_error *err);

/* --- the run ------------------------------------------------------------------------------------
 */

static sl_status result_init(struct sl_sched_result *result, int64_t n_tasks, struct sl_error *err)
{
    *result = (struct sl_sched_result){.first_fault = -1};
    return sl_alloc_array((size_t)n_tasks, sizeof *result->owner, &result->owner, err);
}

void sl_sched_result_release(struct sl_sched_result *result)
{
    free(result->owner);
    *result = (struct sl_sched_result){.first_fault = -1};
}

static sl_status sched_init(struct sl_sched *s, const struct sl_sched_opts *opts,
                            struct sl_error *err)
{
    const int                   size = sl_comm_size(s->comm);
    const struct deal           deal = deal_make(size, opts, s->ops, s->state);
    const struct sl_sched_share own =
        sl_sched_share(size, sl_comm_rank(s->comm), opts, s->ops, s->state);
    sl_status rc = SL_OK;

    s->err = err;
    s->batch = (struct board_batch){own.first, own.n_tasks, {SL_BEGIN_UNKNOWN, false}};
    s->works = deal.first_worker == 0;
    if (sl_comm_rank(s->comm) != 0)
        return SL_OK;
    SL_TRY(board_init(&s->board, s->ops, s->state, deal.n_tasks, deal.n_workers,
                      deal_begins(&deal, deal.n_workers, s->ops, s->state), err));
    SL_TRY(sl_alloc_array((size_t)size, sizeof *s->idle, &s->idle, err));
out:
    return rc;
}

/* What rank 0 knows, to all. */
static void publish(const struct sl_sched *s, int64_t n_tasks, struct sl_sched_result *result)
{
    int64_t head[3] = {s->board.n_repeated, s->board.first_fault,
                       s->ending && !board_is_done(&s->board)};

    if (sl_comm_rank(s->comm) == 0) {
        for (int64_t t = 0; t < n_tasks; t++)
            result->owner[t] = board_owner(&s->board, t);
    }
    sl_comm_bcast_i64(s->comm, 0, head, 3);
    sl_comm_bcast_i64(s->comm, 0, result->owner, (size_t)n_tasks);
    result->n_repeated = head[0];
    result->first_fault = head[1];
    result->is_stopped = head[2] != 0;
}

sl_status sl_sched_run(const struct sl_comm *comm, const struct sl_sched_opts *opts,
                       const struct sl_sched_ops *ops, void *state, struct sl_sched_result *result,
                       struct sl_error *err)
{
    struct sl_sched s = {
        .comm = comm, .ops = ops, .state = state, .stop = opts->stop, .watch = opts->watch};
    sl_status rc;

    rc = result_init(result, opts->n_tasks, err);
    if (rc == SL_OK)
        rc = sched_init(&s, opts, err);
    SL_TRY(sl_comm_agree(comm, rc, err));

    if (sl_comm_rank(comm) == 0)
        lead(&s, &rc, err);
    else
        follow(&s, &rc, err);
    SL_TRY(sl_comm_agree(comm, rc, err));

    publish(&s, opts->n_tasks, result);
out:
    board_release(&s.board);
    free(s.idle);
    if (rc != SL_OK)
        sl_sched_result_release(result);
    return rc;
}

/* Do the first task of the batch, and tell the next one where to begin. */
static sl_status do_next(struct sl_sched *s, struct sl_span *span, struct sl_error *err)
{
    struct board_batch *batch = &s->batch;
    int64_t             task = batch->first;
    sl_status           rc;

    if (task == 0 || !s->ops->continues(s->state, task))
        batch->start = (struct sl_start){SL_BEGIN_UNKNOWN, true};
    rc = s->ops->run(s->state, task, &batch->start, s, span, err);
    if (rc != SL_OK)
        return rc;
    batch->start.begin = span->gave_up ? SL_BEGIN_UNKNOWN : span->end;
    batch->start.is_certain = batch->start.is_certain && !span->gave_up;
    batch->first++;
    batch->n_tasks--;
    return SL_OK;
}

/* --- workers ------------------------------------------------------------------------------------
 */

static void say(struct sl_sched *s, int to, int64_t kind, int64_t a, int64_t b, int64_t c,
                int64_t d)
{
    const int64_t word[SL_MESSAGE_WORDS] = {kind, a, b, c, d};

    sl_comm_send(s->comm, to, word);
}

static void start_ending(struct sl_sched *s)
{
    s->ending = true;
    s->ending_since = sl_clock_now();
}

static void hear(struct sl_sched *s, const struct sl_message *m)
{
    if (m->word[0] == M_STOP)
        s->stopped = true;
    else if (m->word[0] == M_END)
        start_ending(s);
    else
        s->batch = (struct board_batch){m->word[1], m->word[2], {m->word[3], m->word[4] != 0}};
}

static bool was_told(struct sl_sched *s)
{
    if (s->told || s->stop == NULL || !s->stop())
        return false;
    s->told = true;
    return true;
}

/* Rests between looks: so a rank that waits is told to stop as any other, and leaves its processor to
 * whoever has work. */
static void wait_for_word(struct sl_sched *s, struct sl_message *m)
{
    const enum sl_phase before = sl_stopwatch_enter(s->watch, SL_PHASE_WAIT);
    double              since = 0;

    while (!sl_comm_poll(s->comm, m)) {
        if (sl_comm_rank(s->comm) != 0 && was_told(s))
            say(s, 0, M_TOLD, 0, 0, 0, 0);
        if (sl_comm_rank(s->comm) == 0 && was_told(s)) {
            *m = (struct sl_message){.from = 0, .word = {M_TOLD}};
            break;
        }
        sl_clock_rest(&since);
    }
    sl_stopwatch_enter(s->watch, before);
}

static void say_done(struct sl_sched *s, int64_t task, const struct sl_span *span)
{
    const int64_t flags = (span->gave_up ? FLAG_GAVE_UP : 0) | (span->fault ? FLAG_FAULT : 0) |
                          (span->is_void ? FLAG_VOID : 0);
    const int64_t word[SL_MESSAGE_WORDS] = {M_DONE,    task,  span->begin,
                                            span->end, flags, span->n_items};

    sl_comm_send(s->comm, 0, word);
}

static void work_on(struct sl_sched *s, sl_status *rc, struct sl_error *err)
{
    struct sl_span span = {0};
    int64_t        task = s->batch.first;

    *rc = do_next(s, &span, err);
    if (*rc != SL_OK)
        say(s, 0, M_FAILED, task, 0, 0, 0);
    else if (!s->stopped && !s->gave_up)
        say_done(s, task, &span);
}

static void follow(struct sl_sched *s, sl_status *rc, struct sl_error *err)
{
    struct sl_message m;

    while (!s->stopped && *rc == SL_OK && !s->ending) {
        if (s->batch.n_tasks > 0) {
            work_on(s, rc, err);
            continue;
        }
        say(s, 0, M_REQUEST, 0, 0, 0, 0);
        wait_for_word(s, &m);
        hear(s, &m);
    }
    if (s->ending && !s->stopped)
        say(s, 0, M_ENDED, 0, 0, 0, 0);
    while (!s->stopped) {
        wait_for_word(s, &m);
        hear(s, &m);
    }
    say(s, 0, M_BYE, 0, 0, 0, 0);
}

/* --- rank 0 -------------------------------------------------------------------------------------
 */

/* All finish what they are at; what was not begun stays undone. */
static void begin_end(struct sl_sched *s)
{
    if (s->ending)
        return;
    start_ending(s);
    for (int r = 1; r < sl_comm_size(s->comm); r++)
        say(s, r, M_END, 0, 0, 0, 0);
}

/* Hand out what there is to those who asked. */
static void serve_idle(struct sl_sched *s)
{
    struct board_batch batch;

    while (s->n_idle > 0 && !s->stopped && !s->ending && board_take(&s->board, &batch))
        say(s, s->idle[--s->n_idle], M_GRANT, batch.first, batch.n_tasks, batch.start.begin,
            batch.start.is_certain);
}

static sl_status note(struct sl_sched *s, int64_t task, int rank, const struct sl_span *span,
                      struct sl_error *err)
{
    if (s->ops->note != NULL)
        s->ops->note(s->state, task, rank, span);
    return board_note(&s->board, task, rank, span, err);
}

static void answer(struct sl_sched *s, const struct sl_message *m)
{
    const struct sl_span span = {.begin = m->word[2],
                                 .end = m->word[3],
                                 .gave_up = (m->word[4] & FLAG_GAVE_UP) != 0,
                                 .fault = (m->word[4] & FLAG_FAULT) != 0,
                                 .is_void = (m->word[4] & FLAG_VOID) != 0,
                                 .n_items = m->word[5]};

    switch ((enum message_kind)m->word[0]) {
    case M_REQUEST:
        s->idle[s->n_idle++] = m->from;
        break;
    case M_DONE:
        if (s->board_rc == SL_OK)
            s->board_rc = note(s, m->word[1], m->from, &span, s->err);
        break;
    case M_FAILED:
        s->stopped = true;
        break;
    case M_TOLD:
        begin_end(s);
        break;
    case M_ENDED:
        s->n_ended++;
        break;
    case M_BYE:
    case M_GRANT:
    case M_END:
    case M_STOP:
        break;
    }
    if (s->board_rc != SL_OK || board_is_done(&s->board))
        s->stopped = true;
    serve_idle(s);
}

bool sl_sched_poll(struct sl_sched *s)
{
    struct sl_message m;

    if (sl_comm_rank(s->comm) != 0) {
        if (was_told(s))
            say(s, 0, M_TOLD, 0, 0, 0, 0);
        if (sl_comm_poll(s->comm, &m))
            hear(s, &m);
    } else {
        if (was_told(s))
            begin_end(s);
        while (!s->stopped && sl_comm_poll(s->comm, &m))
            answer(s, &m);
    }
    if (s->ending && sl_clock_now() - s->ending_since > GRACE_S)
        s->gave_up = true;
    return !s->stopped && !s->gave_up;
}

/* Nothing more is begun; the others say when they have finished. */
static void await_end(struct sl_sched *s)
{
    struct sl_message m;

    if (s->n_ended == sl_comm_size(s->comm) - 1) {
        s->stopped = true;
        return;
    }
    wait_for_word(s, &m);
    answer(s, &m);
}

static void lead_once(struct sl_sched *s, sl_status *rc, struct sl_error *err)
{
    struct sl_message m;
    struct sl_span    span = {0};
    int64_t           task;

    if (s->batch.n_tasks == 0 && !(s->works && board_take(&s->board, &s->batch))) {
        wait_for_word(s, &m);
        answer(s, &m);
        return;
    }
    task = s->batch.first;
    *rc = do_next(s, &span, err);
    if (*rc == SL_OK && !s->stopped && !s->gave_up)
        *rc = note(s, task, 0, &span, err);
    if (*rc != SL_OK || board_is_done(&s->board))
        s->stopped = true;
    serve_idle(s);
}

static void lead(struct sl_sched *s, sl_status *rc, struct sl_error *err)
{
    struct sl_message m;

    s->stopped = board_is_done(&s->board);
    while (!s->stopped) {
        sl_sched_poll(s);
        if (s->ending && !s->stopped)
            await_end(s);
        else if (!s->stopped)
            lead_once(s, rc, err);
    }
    for (int r = 1; r < sl_comm_size(s->comm); r++)
        say(s, r, M_STOP, 0, 0, 0, 0);
    for (int n_bye = 1; n_bye < sl_comm_size(s->comm);) {
        wait_for_word(s, &m);
        n_bye += m.word[0] == M_BYE;
    }
    if (*rc == SL_OK)
        *rc = s->board_rc;
}
