/* A thread that waits for the time to pass or for word to stop. */
#include "scoreline/ticker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "scoreline/memory.h"

struct sl_ticker {
    pthread_t       thread;
    pthread_mutex_t lock;
    pthread_cond_t  stopped;
    bool            stop;
    double          seconds;
    void (*tick)(void *state);
    void *state;
};

static void add_seconds(struct timespec *time, double seconds)
{
    const long billion = 1000000000;
    const long whole = (long)seconds;

    time->tv_sec += whole;
    time->tv_nsec += (long)((seconds - (double)whole) * 1e9);
    if (time->tv_nsec >= billion) {
        time->tv_sec++;
        time->tv_nsec -= billion;
    }
}

static bool waits(struct sl_ticker *ticker)
{
    struct timespec until;
    int             woken = 0;
    bool            stop;

    clock_gettime(CLOCK_MONOTONIC, &until);
    add_seconds(&until, ticker->seconds);
    pthread_mutex_lock(&ticker->lock);
    while (!ticker->stop && woken != ETIMEDOUT)
        woken = pthread_cond_timedwait(&ticker->stopped, &ticker->lock, &until);
    stop = ticker->stop;
    pthread_mutex_unlock(&ticker->lock);
    return !stop;
}

static void *run(void *argument)
{
    struct sl_ticker *ticker = argument;

    while (waits(ticker))
        ticker->tick(ticker->state);
    return NULL;
}

static int start_thread(struct sl_ticker *ticker)
{
    sigset_t all;
    sigset_t before;
    int      fault;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    fault = pthread_create(&ticker->thread, NULL, run, ticker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return fault;
}

static void ticker_free(struct sl_ticker *ticker)
{
    pthread_cond_destroy(&ticker->stopped);
    pthread_mutex_destroy(&ticker->lock);
    free(ticker);
}

sl_status sl_ticker_start(double seconds, void (*tick)(void *state), void *state,
                          struct sl_ticker **out, struct sl_error *err)
{
    struct sl_ticker  *ticker = NULL;
    pthread_condattr_t clock;
    sl_status          rc = sl_alloc_array(1, sizeof *ticker, &ticker, err);

    if (rc != SL_OK)
        return rc;
    *ticker = (struct sl_ticker){.seconds = seconds, .tick = tick, .state = state};
    pthread_mutex_init(&ticker->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&ticker->stopped, &clock);
    pthread_condattr_destroy(&clock);
    if (start_thread(ticker) != 0) {
        ticker_free(ticker);
        return sl_fail(err, SL_ENOMEM, "out of memory: cannot start a thread");
    }
    *out = ticker;
    return SL_OK;
}

void sl_ticker_stop(struct sl_ticker *ticker)
{
    if (ticker == NULL)
        return;
    pthread_mutex_lock(&ticker->lock);
    ticker->stop = true;
    pthread_cond_signal(&ticker->stopped);
    pthread_mutex_unlock(&ticker->lock);
    pthread_join(ticker->thread, NULL);
    ticker_free(ticker);
}
