/* Elementary functions by what every processor has, and which instruction set computes them: the
 * widest one, as the results are the same. */
#include "elementary_loops.h"
#include "scoreline/numeric.h"

static bool runs_here(void)
{
    return true;
}

static const struct sl_elementary plain = {"plain", runs_here, exp_loop, log_loop, log1p_loop};

static const struct sl_elementary *const sets[] = {
#ifdef __x86_64__
    &sl_elementary_avx512,
    &sl_elementary_avx2,
#endif
    &plain,
};

const struct sl_elementary *sl_elementary_at(size_t i)
{
    return i < sizeof sets / sizeof *sets ? sets[i] : NULL;
}

static const struct sl_elementary *widest(void)
{
    size_t i = 0;

    while (i + 1 < sizeof sets / sizeof *sets && !sets[i]->runs_here())
        i++;
    return sets[i];
}

void sl_exp_many(const double *x, size_t n, double *out)
{
    widest()->exp(x, n, out);
}

void sl_log_many(const double *x, size_t n, double *out)
{
    widest()->log(x, n, out);
}

void sl_log1p_many(const double *x, size_t n, double *out)
{
    widest()->log1p(x, n, out);
}
