/* The functions of the expression language.  A new one is a kernel and a row of the table. */
#include "function.h"

#include <math.h>

#include "scoreline/numeric.h"

static void apply_abs(const double *const *args, int n_args, size_t n_rows, double *out)
{
    (void)n_args;
    for (size_t i = 0; i < n_rows; i++)
        out[i] = fabs(args[0][i]);
}

static void apply_exp(const double *const *args, int n_args, size_t n_rows, double *out)
{
    (void)n_args;
    sl_exp_many(args[0], n_rows, out);
}

static void apply_log(const double *const *args, int n_args, size_t n_rows, double *out)
{
    (void)n_args;
    sl_log_many(args[0], n_rows, out);
}

static void apply_log1p(const double *const *args, int n_args, size_t n_rows, double *out)
{
    (void)n_args;
    sl_log1p_many(args[0], n_rows, out);
}

/* IEEE 754 rounds square roots correctly: the C library's is the same everywhere. */
static void apply_sqrt(const double *const *args, int n_args, size_t n_rows, double *out)
{
    (void)n_args;
    for (size_t i = 0; i < n_rows; i++)
        out[i] = sqrt(args[0][i]);
}

static const struct sl_function functions[] = {
    {.name = "abs", .min_args = 1, .max_args = 1, .apply = apply_abs},
    {.name = "exp", .min_args = 1, .max_args = 1, .apply = apply_exp},
    {.name = "log", .min_args = 1, .max_args = 1, .apply = apply_log},
    {.name = "log1p", .min_args = 1, .max_args = 1, .apply = apply_log1p},
    {.name = "sqrt", .min_args = 1, .max_args = 1, .apply = apply_sqrt},
};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

const struct sl_function *sl_function_find(struct sl_slice name)
{
    for (size_t i = 0; i < N_FUNCTIONS; i++) {
        if (sl_slice_equals(name, functions[i].name))
            return &functions[i];
    }
    return NULL;
}

const char *sl_function_suggest(const char *name, char *out, size_t out_bytes)
{
    const char *names[N_FUNCTIONS];

    for (size_t i = 0; i < N_FUNCTIONS; i++)
        names[i] = functions[i].name;
    return sl_suggest(name, names, N_FUNCTIONS, out, out_bytes);
}
