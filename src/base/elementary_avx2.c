/* Elementary functions by AVX2. */
#include "elementary_loops.h"

static bool runs_here(void)
{
    return __builtin_cpu_supports("avx2");
}

const struct sl_elementary sl_elementary_avx2 = {"avx2", runs_here, exp_loop, log_loop, log1p_loop};
