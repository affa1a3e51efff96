/* Phases and the time they take. */
#include "scoreline/stopwatch.h"

#include <string.h>

#include "scoreline/clock.h"

static const struct {
    const char *name;
    const char *meaning;
} phases[SL_N_PHASES] = {
#define PHASE(id, name, meaning) [SL_PHASE_##id] = {name, meaning},
    SL_PHASES(PHASE)
#undef PHASE
};

const char *sl_phase_name(enum sl_phase phase)
{
    return phases[phase].name;
}

const char *sl_phase_meaning(enum sl_phase phase)
{
    return phases[phase].meaning;
}

void sl_stopwatch_start(struct sl_stopwatch *watch, enum sl_phase phase)
{
    *watch = (struct sl_stopwatch){.phase = phase, .since = sl_clock_now()};
}

enum sl_phase sl_stopwatch_enter(struct sl_stopwatch *watch, enum sl_phase phase)
{
    enum sl_phase left;
    double        now;

    if (watch == NULL)
        return phase;
    now = sl_clock_now();
    left = watch->phase;
    watch->seconds[left] += now - watch->since;
    watch->since = now;
    watch->phase = phase;
    return left;
}

double sl_stopwatch_read(const struct sl_stopwatch *watch, double seconds[SL_N_PHASES])
{
    double sum = 0;

    memcpy(seconds, watch->seconds, sizeof watch->seconds);
    seconds[watch->phase] += sl_clock_now() - watch->since;
    for (int p = 0; p < SL_N_PHASES; p++)
        sum += seconds[p];
    return sum;
}
