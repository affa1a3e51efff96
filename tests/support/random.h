/* Random numbers for generated inputs: the same ones for the same seed, everywhere. */
#ifndef SCORELINE_TESTS_RANDOM_H
#define SCORELINE_TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "scoreline/hash.h"

struct random {
    uint64_t state; /* the seed, to begin with */
};

static inline uint64_t next_random(struct random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    return sl_mix64(random->state);
}

static inline size_t below(struct random *random, size_t n)
{
    return (size_t)(next_random(random) % n);
}

#endif
