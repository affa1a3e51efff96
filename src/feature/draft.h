/* An expression between text and program: its parts in the order in which a stack machine would
 * meet them, each knowing its operands.  So every pass over it is a loop, however long the text.
 * Private to the feature module. */
#ifndef SCORELINE_FEATURE_DRAFT_H
#define SCORELINE_FEATURE_DRAFT_H

#include "expr.h"

enum { SL_MAX_OPERANDS = 3 };

struct sl_draft_node {
    enum sl_opcode  op;
    bool            is_call; /* named, with its operands in brackets */
    int             n_operands;
    int             operands[SL_MAX_OPERANDS]; /* earlier nodes; of a guard, what decides */
    struct sl_slice token;                     /* its name or sign in the text */
    const char     *begin;                     /* of the whole part, operands included */
    double          number;
    size_t          text; /* of a name or text, in draft.texts, NUL behind it */
    size_t          text_bytes;
    /* what types.c finds out */
    enum sl_expr_type type;
    enum sl_expr_type wanted; /* by the surroundings, while the type is open */
    unsigned          met;    /* in which types its columns stand elsewhere */
    int               index;  /* of a feature */
    /* what compile.c does */
    int cell; /* where its value lies on the stack of its kind */
};

struct sl_draft {
    const char           *source;
    struct sl_draft_node *nodes;
    size_t                n_nodes;
    size_t                capacity;
    struct sl_text        texts;
};
void sl_draft_release(struct sl_draft *draft);

/** Text into draft: syntax, functions, numbers of arguments; SL_EJOB, SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_expr_parse(const char *text, struct sl_draft *draft,
                                      struct sl_error *err);

/** Give every node its type, NUMBER, TRUTH or TEXT, the last one no TEXT unless the scope takes it;
 *  SL_EJOB, SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_expr_type_check(struct sl_draft            *draft,
                                           const struct sl_expr_scope *scope, struct sl_error *err);
/** The part of it that closes what is open, once every node knows what it is wanted to be;
 * SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_expr_close_types(struct sl_draft *draft, struct sl_error *err);

#endif
