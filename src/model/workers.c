/* Parts are taken in their order, so the one whose turn it is to be merged is always being run:
 * waiting for it cannot lock up. */
#include "workers.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/model.h"

enum { MAX_WORKERS = 128 };
/* Waking a thread, and waiting for one whose core something else has, takes longer than to go
 * through fewer. */
enum { NUMBERS_EACH = 1 << 18 };

static const char own_limit[] = "SCORELINE_THREADS";

struct crew {
    const struct sl_work *work;
    pthread_mutex_t       lock; /* of the rest */
    pthread_cond_t        turned;
    size_t                next; /* part to be taken */
    size_t                turn; /* part to be merged */
};

struct member {
    struct crew *crew;
    int          worker;
};

/* A number of threads that the environment names, 0 if it does not.  OpenMP's is a list, one for
 * each level, of which the first is meant. */
static int threads_in(const char *variable)
{
    const char *text = getenv(variable);
    char       *end;
    long        n;

    if (text == NULL)
        return 0;
    n = strtol(text, &end, 10);
    if (end == text || (*end != '\0' && *end != ',') || n < 1)
        return 0;
    return n < MAX_WORKERS ? (int)n : MAX_WORKERS;
}

static int cores_allowed(void)
{
    cpu_set_t cpus;

    return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
}

int sl_model_threads(const char **why)
{
    static const char *const limits[] = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"};
    int                      n = threads_in(own_limit);

    *why = own_limit;
    if (n > 0)
        return n;
    *why = "cores allowed";
    n = cores_allowed();
    n = n < MAX_WORKERS ? n : MAX_WORKERS;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const int limit = threads_in(limits[i]);

        if (limit > 0 && limit < n) {
            n = limit;
            *why = limits[i];
        }
    }
    return n;
}

int sl_workers_for(double numbers)
{
    const char  *why;
    const double allowed = sl_model_threads(&why);
    const double most = floor(numbers / NUMBERS_EACH);

    if (strcmp(why, own_limit) == 0 || most >= allowed)
        return (int)allowed;
    return most < 1.0 ? 1 : (int)most;
}

static void merge(struct crew *crew, int worker, size_t part)
{
    if (crew->work->merge == NULL)
        return;
    pthread_mutex_lock(&crew->lock);
    while (crew->turn != part)
        pthread_cond_wait(&crew->turned, &crew->lock);
    crew->work->merge(crew->work->context, worker, part);
    crew->turn++;
    pthread_cond_broadcast(&crew->turned);
    pthread_mutex_unlock(&crew->lock);
}

static void *take_parts(void *argument)
{
    const struct member *member = argument;
    struct crew         *crew = member->crew;

    for (;;) {
        size_t part;

        pthread_mutex_lock(&crew->lock);
        part = crew->next;
        crew->next += part < crew->work->n_parts;
        pthread_mutex_unlock(&crew->lock);
        if (part == crew->work->n_parts)
            return NULL;
        crew->work->run(crew->work->context, member->worker, part);
        merge(crew, member->worker, part);
    }
}

void sl_workers_run(const struct sl_work *work, int n_workers)
{
    struct crew   crew = {.work = work};
    struct member members[MAX_WORKERS];
    pthread_t     threads[MAX_WORKERS];
    int           n = 1;

    if (work->n_parts < (size_t)n_workers)
        n_workers = (int)work->n_parts;
    pthread_mutex_init(&crew.lock, NULL);
    pthread_cond_init(&crew.turned, NULL);
    members[0] = (struct member){.crew = &crew};
    for (; n < n_workers && n < MAX_WORKERS; n++) {
        members[n] = (struct member){.crew = &crew, .worker = n};
        if (pthread_create(&threads[n], NULL, take_parts, &members[n]) != 0)
            break;
    }
    take_parts(&members[0]);
    while (--n > 0)
        pthread_join(threads[n], NULL);
    pthread_cond_destroy(&crew.turned);
    pthread_mutex_destroy(&crew.lock);
}
