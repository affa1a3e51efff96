/* The functions of the expression language: one const table.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_FUNCTION_H
#define SCORELINE_FEATURE_FUNCTION_H

#include <stddef.h>

#include "scoreline/text.h"

enum { SL_MAX_ARGS = 8 };

struct sl_function {
    const char *name;
    int         min_args;
    int         max_args; /* at most SL_MAX_ARGS */

    /* args [n_args][n_rows], NaN where missing; out overlaps none of them.  A result that is not
     * finite becomes missing, and is counted where all arguments were known. */
    void (*apply)(const double *const *args, int n_args, size_t n_rows, double *out);
};

/** The function of that name, NULL if there is none. */
const struct sl_function *sl_function_find(struct sl_slice name);

/** ", did you mean 'log'?" for a name that is none, or an empty text; written to out and returned.
 */
const char *sl_function_suggest(const char *name, char *out, size_t out_bytes);

#endif
