/* Time. */
#include "scoreline/clock.h"

#include <time.h>

double sl_clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void sl_clock_sleep(double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};

    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
}

void sl_clock_rest(double *since)
{
    const double at_once_s = 50e-6;
    const double now = sl_clock_now();

    if (*since == 0)
        *since = now;
    else if (now - *since > at_once_s)
        sl_clock_sleep(0.2e-3);
}

void sl_clock_date(char *out, size_t out_bytes)
{
    time_t    now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    if (strftime(out, out_bytes, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0 && out_bytes > 0)
        out[0] = '\0';
}
