/* Expression text into tokens.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_LEXER_H
#define SCORELINE_FEATURE_LEXER_H

#include <stddef.h>

#include "scoreline/error.h"
#include "scoreline/text.h"

enum sl_token_kind {
    SL_TOKEN_END,
    SL_TOKEN_NUMBER,
    SL_TOKEN_NAME,   /* identifier or `any bytes` */
    SL_TOKEN_SYMBOL, /* operator, bracket or comma; and, or, not too */
};

struct sl_token {
    enum sl_token_kind kind;
    struct sl_slice    text; /* as written */
    double             number;
};

struct sl_lexer {
    const char     *text;
    size_t          at; /* where to go on */
    struct sl_token token;
};

/**
 * Move to the next token.
 *
 * Errors:  SL_EJOB with the position (characters, from 1) of what is no token; SL_EUNSUPPORTED for
 *          text constants.
 */
SL_MUST_CHECK sl_status sl_lexer_next(struct sl_lexer *lexer, struct sl_error *err);

/** Position of the current token, in characters from 1. */
int sl_lexer_position(const struct sl_lexer *lexer);

/** The name a SL_TOKEN_NAME stands for, quotes undone; *out is freed with free(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_token_name(const struct sl_token *token, char **out,
                                      struct sl_error *err);

#endif
