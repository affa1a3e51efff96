/* Elementary functions by AVX-512. */
#include "elementary_loops.h"

static bool runs_here(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}

const struct sl_elementary sl_elementary_avx512 = {"avx512", runs_here, exp_loop, log_loop,
                                                   log1p_loop};
