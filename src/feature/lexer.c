/* Tokens of the expression language.  Names are letters, digits and underscores, bytes of UTF-8
 * counting as letters; any other column name is written between backquotes, texts between single or
 * double quotes, and a quote inside its own kind twice. */
#include "lexer.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBER_BYTES = 64 };

static sl_status take_number(struct sl_lexer *lexer, struct sl_error *err);
static sl_status take_quoted(struct sl_lexer *lexer, struct sl_error *err);
static sl_status take_symbol(struct sl_lexer *lexer, struct sl_error *err);

/* Not <ctype.h>: what a letter is must not depend on a locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_quote(char c)
{
    return c == '`' || c == '\'' || c == '"';
}

int sl_position(const char *text, const char *at)
{
    int position = 1;

    for (const char *c = text; c < at; c++)
        position += ((unsigned char)*c & 0xC0) != 0x80;
    return position;
}

static int position(const struct sl_lexer *lexer)
{
    return sl_position(lexer->text, lexer->token.text.data);
}

/* Ends the current token n_bytes behind its begin. */
static void finish(struct sl_lexer *lexer, enum sl_token_kind kind, size_t n_bytes)
{
    lexer->token.kind = kind;
    lexer->token.text.n_bytes = n_bytes;
    lexer->at += n_bytes;
}

static void take_word(struct sl_lexer *lexer)
{
    const char *text = lexer->token.text.data;
    size_t      n = 0;
    bool        is_operator;

    while (is_letter(text[n]) || is_digit(text[n]))
        n++;
    finish(lexer, SL_TOKEN_NAME, n);
    is_operator = sl_slice_equals(lexer->token.text, "and") ||
                  sl_slice_equals(lexer->token.text, "or") ||
                  sl_slice_equals(lexer->token.text, "not");
    if (is_operator)
        lexer->token.kind = SL_TOKEN_SYMBOL;
}

sl_status sl_lexer_next(struct sl_lexer *lexer, struct sl_error *err)
{
    const char *text;

    lexer->at += strspn(lexer->text + lexer->at, " \t\r\n");
    text = lexer->text + lexer->at;
    lexer->token = (struct sl_token){.text = {.data = text}};
    if (*text == '\0')
        return SL_OK;
    if (is_digit(*text) || (*text == '.' && is_digit(text[1])))
        return take_number(lexer, err);
    if (is_quote(*text))
        return take_quoted(lexer, err);
    if (!is_letter(*text))
        return take_symbol(lexer, err);
    take_word(lexer);
    return SL_OK;
}

static size_t count_digits(const char *text)
{
    size_t n = 0;

    while (is_digit(text[n]))
        n++;
    return n;
}

/* The grammar is checked here, so that strtod() never sees "0x1p3", "inf" or "nan". */
static sl_status take_number(struct sl_lexer *lexer, struct sl_error *err)
{
    const char *text = lexer->token.text.data;
    char        copy[MAX_NUMBER_BYTES + 1];
    size_t      n = count_digits(text);

    if (text[n] == '.')
        n += 1 + count_digits(text + n + 1);
    if (text[n] == 'e' || text[n] == 'E') {
        size_t sign = text[n + 1] == '+' || text[n + 1] == '-';
        size_t digits = count_digits(text + n + 1 + sign);

        n += digits > 0 ? 1 + sign + digits : 0;
    }
    if (is_letter(text[n]))
        return sl_fail(err, SL_EJOB, "position %d: a number runs into a name at '%.*s'",
                       position(lexer), (int)(n < 32 ? n + 1 : 32), text);
    if (n > MAX_NUMBER_BYTES)
        return sl_fail(err, SL_EJOB, "position %d: a number of more than %d characters",
                       position(lexer), (int)MAX_NUMBER_BYTES);
    memcpy(copy, text, n);
    copy[n] = '\0';
    lexer->token.number = strtod(copy, NULL);
    if (!isfinite(lexer->token.number))
        return sl_fail(err, SL_EJOB, "position %d: '%s' is too large for a number", position(lexer),
                       copy);
    finish(lexer, SL_TOKEN_NUMBER, n);
    return SL_OK;
}

static sl_status take_quoted(struct sl_lexer *lexer, struct sl_error *err)
{
    const char *text = lexer->token.text.data;
    char        quote = text[0];
    size_t      n = 1;

    while (text[n] != '\0' && !(text[n] == quote && text[n + 1] != quote))
        n += text[n] == quote ? 2 : 1;
    if (text[n] == '\0')
        return sl_fail(err, SL_EJOB, "position %d: a %c without its partner", position(lexer),
                       quote);
    if (n == 1 && quote == '`')
        return sl_fail(err, SL_EJOB, "position %d: an empty name", position(lexer));
    finish(lexer, quote == '`' ? SL_TOKEN_NAME : SL_TOKEN_TEXT, n + 1);
    return SL_OK;
}

sl_status sl_token_unquote(const struct sl_token *token, struct sl_text *to, struct sl_error *err)
{
    const char *at = token->text.data;
    const char *end = at + token->text.n_bytes;
    char        quote = *at;
    sl_status   rc = SL_OK;

    if (!is_quote(quote))
        return sl_text_add_bytes(to, at, token->text.n_bytes, err);
    at++;
    end--;
    while (at < end && rc == SL_OK) {
        const char *inner = memchr(at, quote, (size_t)(end - at));
        const char *stop = inner == NULL ? end : inner + 1;

        rc = sl_text_add_bytes(to, at, (size_t)(stop - at), err);
        at = inner == NULL ? end : inner + 2;
    }
    return rc;
}

/* What people bring along from other languages, and what it is called here. */
static const char *cure_for(const char *text)
{
    static const char *const habits[][2] = {
        {"=", ": write '==' to compare"},
        {"&", ": write 'and'"},
        {"|", ": write 'or'"},
        {"!", ": write 'not' or '!='"},
        {"<>", ": write '!='"},
        {"^", ": no powers here, write x * x"},
        {"%", ": no remainders here, write x - floor(x / y) * y"},
        {"?", ": write if(condition, a, b)"},
        {"$", ": odd column names stand between backquotes"},
        {"\\", ": odd column names stand between backquotes"},
        {"[", ": odd column names stand between backquotes"},
    };

    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) {
        if (strncmp(text, habits[i][0], strlen(habits[i][0])) == 0)
            return habits[i][1];
    }
    return "";
}

/* Longer ones first. */
static sl_status take_symbol(struct sl_lexer *lexer, struct sl_error *err)
{
    static const char *const symbols[] = {"==", "!=", "<=", ">=", "<", ">", "+",
                                          "-",  "*",  "/",  "(",  ")", ","};
    const char              *text = lexer->token.text.data;

    for (size_t i = 0; i < sizeof symbols / sizeof *symbols && strncmp(text, "<>", 2) != 0; i++) {
        size_t n = strlen(symbols[i]);

        if (strncmp(text, symbols[i], n) == 0) {
            finish(lexer, SL_TOKEN_SYMBOL, n);
            return SL_OK;
        }
    }
    return sl_fail(err, SL_EJOB, "position %d: unexpected '%.*s'%s", position(lexer),
                   strncmp(text, "<>", 2) == 0 ? 2 : 1, text, cure_for(text));
}
