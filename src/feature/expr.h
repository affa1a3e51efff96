/* Expressions: text -> typed program -> columns of numbers.  Private to the feature module.
 *
 * Grammar, loosest binding first:
 *   or;  and;  not;  == != < <= > >= (do not chain);  + -;  * /;  unary -;
 *   number, name, `odd name`, function(args), (expression)
 * Truth is 0 or 1.  A missing operand makes the result missing, except where the other one decides:
 * false and missing is false, true or missing is true. */
#ifndef SCORELINE_FEATURE_EXPR_H
#define SCORELINE_FEATURE_EXPR_H

#include <stddef.h>
#include <stdint.h>

#include "function.h"
#include "scoreline/block.h"
#include "scoreline/error.h"

/* A truth may stand where a number is wanted, never the other way round. */
enum sl_expr_type { SL_EXPR_NUMBER, SL_EXPR_TRUTH };

enum sl_opcode {
    SL_OP_NUMBER,  /* push a constant */
    SL_OP_COLUMN,  /* push a column of the block */
    SL_OP_FEATURE, /* push an earlier feature */
    SL_OP_NEGATE,
    SL_OP_NOT,
    SL_OP_ADD,
    SL_OP_SUBTRACT,
    SL_OP_MULTIPLY,
    SL_OP_DIVIDE,
    SL_OP_EQUAL,
    SL_OP_UNEQUAL,
    SL_OP_LESS,
    SL_OP_LESS_EQUAL,
    SL_OP_GREATER,
    SL_OP_GREATER_EQUAL,
    SL_OP_AND,
    SL_OP_OR,
    SL_OP_CALL, /* pop n_args, push the function's result */
};

struct sl_instruction {
    enum sl_opcode            op;
    int                       index;  /* of a column or feature */
    int                       n_args; /* of a call */
    double                    number;
    const struct sl_function *function;
};

/* Code for a stack machine whose cells are whole columns. */
struct sl_program {
    struct sl_instruction *code;
    size_t                 n_code;
    size_t                 capacity;
    int                    depth; /* cells it needs */
    enum sl_expr_type      type;
};
void sl_program_release(struct sl_program *program);

/* What a name in an expression stands for. */
struct sl_expr_name {
    enum sl_opcode    op; /* SL_OP_COLUMN or SL_OP_FEATURE */
    int               index;
    enum sl_expr_type type;
};

/* Who knows the names. */
struct sl_expr_scope {
    void *state;
    sl_status (*find)(void *state, const char *name, struct sl_expr_name *found,
                      struct sl_error *err);
};

/**
 * Compile a text.
 *
 * Owner:   program is released by sl_program_release(), also after a failure.
 * Errors:  SL_EJOB "position N: ..." (syntax, unknown function, types, number of arguments, nesting
 *          beyond 64); SL_EUNSUPPORTED, SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_expr_compile(const char *text, const struct sl_expr_scope *scope,
                                        struct sl_program *program, struct sl_error *err);

/* What a program runs on. */
struct sl_expr_input {
    const struct sl_column_block *block;
    const struct sl_matrix       *features; /* earlier ones are filled */
    double                       *cells;    /* [depth + 1][SL_BLOCK_ROWS] scratch */
};

/** Run a program on all rows of a block; out [n_rows]; adds to *n_nonfinite. */
void sl_expr_eval(const struct sl_program *program, const struct sl_expr_input *input, double *out,
                  int64_t *n_nonfinite);

#endif
