/* One flag that a handler sets, and a moment. */
#include "scoreline/stop.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "scoreline/clock.h"

static const struct {
    int         number;
    const char *name;
} signals[] = {{SIGUSR1, "SIGUSR1"},
               {SIGUSR2, "SIGUSR2"},
               {SIGXCPU, "SIGXCPU"},
               {SIGTERM, "SIGTERM"},
               {SIGINT, "SIGINT"}};
enum { N_SIGNALS = sizeof signals / sizeof *signals };

/* What launchers and terminals deliver twice comes at once. */
static const double echo_s = 0.1;

static volatile sig_atomic_t caught;    /* number of the signal, 0: none */
static struct timespec       caught_at; /* written before that */
static double                moment = INFINITY;

static double seconds(const struct timespec *time)
{
    return (double)time->tv_sec + 1e-9 * (double)time->tv_nsec;
}

static void handle(int number)
{
    const int       fault = errno;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (caught == 0) {
        caught_at = now;
        caught = number;
    } else if (seconds(&now) - seconds(&caught_at) >= echo_s) {
        signal(number, SIG_DFL);
        raise(number); /* which waits until this returns */
    }
    errno = fault;
}

void sl_stop_on_signals(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};

    sigfillset(&action.sa_mask);
    for (int i = 0; i < N_SIGNALS; i++)
        sigaction(signals[i].number, &action, NULL);
}

void sl_stop_at(double when)
{
    moment = when;
}

bool sl_stop_asked(void)
{
    return caught != 0 || (moment < (double)INFINITY && sl_clock_now() >= moment);
}

sl_status sl_stop_fail(const char *what, struct sl_error *err)
{
    const int number = caught;

    for (int i = 0; i < N_SIGNALS; i++)
        if (signals[i].number == number)
            return sl_fail(err, SL_ESTOPPED, "stopped by %s%s", signals[i].name, what);
    if (sl_stop_asked())
        return sl_fail(err, SL_ESTOPPED, "time is up%s", what);
    return sl_fail(err, SL_ESTOPPED, "stopped by another rank%s", what);
}
