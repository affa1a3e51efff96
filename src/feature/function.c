/* The functions of the expression language.  A new one is a row here, and where no operation does
 * its work yet, an opcode with its types (types.c) and its loop (kernel.c). */
#include "function.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define ONE(op) .min_args = 1, .max_args = 1, .after = {op}

static const struct sl_function functions[] = {
    {"abs", ONE(SL_OP_ABS)},
    {"clip", 3, 3, .after = {SL_OP_NONE, SL_OP_MAX, SL_OP_MIN}},
    {"coalesce", 2, INT_MAX, .after = {SL_OP_NONE, SL_OP_COALESCE, SL_OP_COALESCE},
     .guard = {SL_OP_NONE, SL_OP_WHERE_MISSING, SL_OP_WHERE_MISSING}},
    {"exp", ONE(SL_OP_EXP)},
    {"floor", ONE(SL_OP_FLOOR)},
    {"if", 3, 3, .after = {SL_OP_NONE, SL_OP_NONE, SL_OP_IF},
     .guard = {SL_OP_NONE, SL_OP_WHERE_TRUE, SL_OP_WHERE_FALSE}},
    {"ismissing", ONE(SL_OP_ISMISSING)},
    {"log", ONE(SL_OP_LOG)},
    {"log1p", ONE(SL_OP_LOG1P)},
    {"max", 2, INT_MAX, .after = {SL_OP_NONE, SL_OP_MAX, SL_OP_MAX}},
    {"min", 2, INT_MAX, .after = {SL_OP_NONE, SL_OP_MIN, SL_OP_MIN}},
    {"sqrt", ONE(SL_OP_SQRT)},
    {"text", ONE(SL_OP_AS_TEXT)},
};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

/* What other languages call them. */
static const char *const habits[][2] = {
    {"ln", "log"},          {"ifelse", "if"},
    {"if_else", "if"},      {"iif", "if"},
    {"where", "if"},        {"isna", "ismissing"},
    {"isnan", "ismissing"}, {"isnull", "ismissing"},
    {"is_na", "ismissing"}, {"is_null", "ismissing"},
    {"ifnull", "coalesce"}, {"nvl", "coalesce"},
    {"fillna", "coalesce"}, {"least", "min"},
    {"greatest", "max"},    {"clamp", "clip"},
    {"fabs", "abs"},        {"str", "text"},
    {"string", "text"},
};

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

    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) {
        if (strcmp(name, habits[i][0]) == 0) {
            snprintf(out, out_bytes, ", did you mean '%s'?", habits[i][1]);
            return out;
        }
    }
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        names[i] = functions[i].name;
    return sl_suggest(name, names, N_FUNCTIONS, out, out_bytes);
}
