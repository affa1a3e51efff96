/* Threads that share a loop.  How the loop is cut into parts is the caller's choice and must not
 * depend on the number of threads: parts are merged in their order, so that results do not either.
 * Private to the model module. */
#ifndef SCORELINE_MODEL_WORKERS_H
#define SCORELINE_MODEL_WORKERS_H

#include <stddef.h>

struct sl_work {
    size_t n_parts;
    void (*run)(void *context, int worker, size_t part); /* any worker, several at once */
    /* After its run, by the same worker; one at a time, in the order of parts.  NULL: nothing. */
    void (*merge)(void *context, int worker, size_t part);
    void *context;
};

/** How many threads are to go through so many numbers: SCORELINE_THREADS, or as many as this
 * process has processors, but no more than OMP_NUM_THREADS or OPENBLAS_NUM_THREADS say, and than
 * are worth waking. */
int sl_workers_for(double numbers);

/** Run all parts by at most n_workers threads, the caller's among them; fewer where the system has
 *  no more. */
void sl_workers_run(const struct sl_work *work, int n_workers);

#endif
