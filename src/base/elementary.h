/* The elementary functions by each instruction set.  Private to base, but for the tests. */
#ifndef SCORELINE_BASE_ELEMENTARY_H
#define SCORELINE_BASE_ELEMENTARY_H

#include <stdbool.h>
#include <stddef.h>

/* The same bits by all of them; a NaN is a NaN. */
struct sl_elementary {
    const char *name;
    bool (*runs_here)(void);
    void (*exp)(const double *x, size_t n, double *out);
    void (*log)(const double *x, size_t n, double *out);
    void (*log1p)(const double *x, size_t n, double *out);
};
extern const struct sl_elementary sl_elementary_avx2;   /* on x86-64 only */
extern const struct sl_elementary sl_elementary_avx512; /* on x86-64 only */

/** All that this build has, the fastest first; NULL behind the last, which runs everywhere. */
const struct sl_elementary *sl_elementary_at(size_t i);

#endif
