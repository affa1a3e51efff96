/* Expressions: text -> typed program -> columns of numbers.  Private to the feature module.
 *
 * Grammar, loosest binding first:
 *   or;  and;  not;  == != < <= > >= (do not chain);  + -;  * /;  unary -;
 *   number, 'text', "text", name, `odd name`, function(args), (expression)
 * Truth is 0 or 1.  A missing operand makes the result missing, except where the others decide:
 * false and missing is false, true or missing is true, coalesce takes the first that is known, if
 * looks at the chosen branch alone.  docs/expressions.md is the reference.
 *
 * parse.c makes a draft of the text, types.c and open.c give every part its type, compile.c turns
 * the draft into a program, eval.c runs it with the loops of kernel.c and kernel_text.c. */
#ifndef SCORELINE_FEATURE_EXPR_H
#define SCORELINE_FEATURE_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "opcode.h"
#include "scoreline/block.h"
#include "scoreline/error.h"

enum { SL_EXPR_MAX_BYTES = 256 << 10, SL_EXPR_MAX_NESTING = 64 };

/* A truth may stand where a number is wanted, never the other way round. */
enum sl_expr_type {
    SL_EXPR_NUMBER,
    SL_EXPR_TRUTH,
    SL_EXPR_TEXT,
    SL_EXPR_OPEN, /* a column: text or number, as its surroundings will tell */
};

/* Texts that mean missing. */
struct sl_missing_texts {
    int              n;
    struct sl_slice *texts; /* [n] */
};

struct sl_instruction {
    enum sl_opcode op;
    int            index; /* of a column, a feature, or the cell that a guard looks at */
    double         number;
    size_t         text; /* of SL_OP_TEXT: where it stands in the program's texts */
    size_t         text_bytes;
};

/* Code for a machine with two stacks, of numbers and of texts, whose cells are whole columns. */
struct sl_program {
    struct sl_instruction *code;
    size_t                 n_code;
    size_t                 capacity;
    struct sl_text         texts;
    int                    n_numbers; /* cells it needs of either kind */
    int                    n_texts;
    enum sl_expr_type      type; /* of the result; a text only where the scope takes them */
};
void sl_program_release(struct sl_program *program);

/* Who knows the names. */
struct sl_expr_scope {
    void *state;
    /* Whether an earlier feature bears the name, and which. */
    bool (*find)(void *state, const char *name, int *index, enum sl_expr_type *type);
    /* Whether a column is a number, whatever surrounds it. */
    bool (*is_number)(void *state, const char *name);
    /* The index in the block of a column of that type. */
    sl_status (*request)(void *state, const char *name, enum sl_type type, int *index,
                         struct sl_error *err);
    struct sl_missing_texts missing;
    bool                    takes_texts; /* a text may be the result, as a column then is */
};

/**
 * Compile a text.
 *
 * Owner:   program is released by sl_program_release(), also after a failure.
 * Errors:  SL_EJOB "position N: ..." (syntax, unknown function, types, number of arguments, nesting
 *          beyond SL_EXPR_MAX_NESTING, longer than SL_EXPR_MAX_BYTES), and what the scope says;
 *          SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_expr_compile(const char *text, const struct sl_expr_scope *scope,
                                        struct sl_program *program, struct sl_error *err);

/* The cells of the stacks, one of either kind more than any program needs. */
struct sl_expr_scratch {
    int               n_numbers;
    int               n_texts;
    double          **numbers; /* [n_numbers][SL_BLOCK_ROWS] */
    struct sl_slice **texts;   /* [n_texts][SL_BLOCK_ROWS] */
};

/** Room for programs of that many cells; sl_expr_scratch_release() frees it, also after a failure;
 *  SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_expr_scratch_init(struct sl_expr_scratch *scratch, int n_numbers,
                                             int n_texts, struct sl_error *err);
void                    sl_expr_scratch_release(struct sl_expr_scratch *scratch);

/* What a program runs on. */
struct sl_expr_input {
    size_t                         n_rows;
    const struct sl_column        *columns;  /* as the scope numbered them */
    const struct sl_matrix        *features; /* earlier ones are filled */
    const struct sl_missing_texts *missing;
    struct sl_expr_scratch        *scratch;
};

/** Run a program on all rows of a block; out [n_rows]; adds to *n_nonfinite. */
void sl_expr_eval(const struct sl_program *program, const struct sl_expr_input *input, double *out,
                  int64_t *n_nonfinite);

/** The same of a program whose result is a text; without data where it is missing.  Texts live as
 *  long as block and program. */
void sl_expr_eval_texts(const struct sl_program *program, const struct sl_expr_input *input,
                        struct sl_slice *out, int64_t *n_nonfinite);

#endif
