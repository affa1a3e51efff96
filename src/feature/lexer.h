/* Expression text into tokens.  Private to the feature module. */
#ifndef SCORELINE_FEATURE_LEXER_H
#define SCORELINE_FEATURE_LEXER_H

#include <stddef.h>

#include "scoreline/error.h"
#include "scoreline/text.h"

enum sl_token_kind {
    SL_TOKEN_END,
    SL_TOKEN_NUMBER,
    SL_TOKEN_TEXT,   /* 'any bytes' or "any bytes" */
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

/** Move to the next token; SL_EJOB with the position of what is no token. */
SL_MUST_CHECK sl_status sl_lexer_next(struct sl_lexer *lexer, struct sl_error *err);

/** Where `at` stands in a text, in characters from 1. */
int sl_position(const char *text, const char *at);

/** Append what a SL_TOKEN_TEXT or SL_TOKEN_NAME stands for, quotes undone; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_token_unquote(const struct sl_token *token, struct sl_text *to,
                                         struct sl_error *err);

#endif
