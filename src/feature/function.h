/* The functions of the expression language: one const table.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_FUNCTION_H
#define SCORELINE_FEATURE_FUNCTION_H

#include <stddef.h>

#include "opcode.h"
#include "scoreline/text.h"

/* What the first, the second, and any further argument brings. */
enum { SL_FUNCTION_STEPS = 3 };

/* A function is what its arguments are surrounded with: before an argument the guard that tells
 * where its value is asked for, behind it the operation that takes it. */
struct sl_function {
    const char    *name;
    int            min_args;
    int            max_args; /* INT_MAX: any number */
    enum sl_opcode after[SL_FUNCTION_STEPS];
    enum sl_opcode guard[SL_FUNCTION_STEPS]; /* SL_OP_NONE: asked for in every row */
};

/** The function of that name, NULL if there is none. */
const struct sl_function *sl_function_find(struct sl_slice name);

/** ", did you mean 'log'?" for a name that is none, or an empty text; written to out and returned.
 */
const char *sl_function_suggest(const char *name, char *out, size_t out_bytes);

#endif
