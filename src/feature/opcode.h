/* The operations of the expression language.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_OPCODE_H
#define SCORELINE_FEATURE_OPCODE_H

/* Each takes what it needs off the stacks and puts one column on top, but for the guards: those
 * tell from a column below where the values computed until SL_OP_END_WHERE are asked for, which
 * matters only for what is counted. */
enum sl_opcode {
    SL_OP_NONE,
    SL_OP_NUMBER,  /* a constant */
    SL_OP_COLUMN,  /* of the block */
    SL_OP_FEATURE, /* an earlier one */
    SL_OP_NEGATE,
    SL_OP_ABS,
    SL_OP_FLOOR,
    SL_OP_SQRT,
    SL_OP_EXP,
    SL_OP_LOG,
    SL_OP_LOG1P,
    SL_OP_ADD,
    SL_OP_SUBTRACT,
    SL_OP_MULTIPLY,
    SL_OP_DIVIDE,
    SL_OP_MIN,
    SL_OP_MAX,
    SL_OP_LESS,
    SL_OP_LESS_EQUAL,
    SL_OP_GREATER,
    SL_OP_GREATER_EQUAL,
    SL_OP_EQUAL,
    SL_OP_UNEQUAL,
    SL_OP_NOT,
    SL_OP_AND,
    SL_OP_OR,
    SL_OP_IF, /* condition, then, else */
    SL_OP_COALESCE,
    SL_OP_ISMISSING,
    SL_OP_AS_TEXT, /* a matter of types alone, never run */
    SL_OP_WHERE_TRUE,
    SL_OP_WHERE_FALSE,
    SL_OP_WHERE_NOT_TRUE,
    SL_OP_WHERE_NOT_FALSE,
    SL_OP_WHERE_MISSING,
    SL_OP_END_WHERE,
    /* on texts */
    SL_OP_TEXT,
    SL_OP_TEXT_COLUMN,
    SL_OP_TEXT_EQUAL,
    SL_OP_TEXT_UNEQUAL,
    SL_OP_TEXT_IF,
    SL_OP_TEXT_COALESCE,
    SL_OP_TEXT_ISMISSING,
    SL_OP_TEXT_WHERE_MISSING,
    SL_N_OPCODES
};

#endif
