/* The pass over a JSON text before cJSON sees it.  cJSON knows no comments, is lenient (it takes
 * 01,
 * "\uzzzz", line ends inside texts, any control character as a blank, and a number beyond a
 * double's range as infinite), and does not always say where or why it stopped: so the whole
 * grammar is checked here, by what may stand next, and all that can fail in cJSON is memory. */
#include "json_scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CJSON_NUMBER_BYTES = 63 }; /* cJSON copies a number into a buffer of this size */

/* What may stand next. */
enum expect {
    VALUE,
    FIRST_VALUE, /* or the end of the list */
    KEY,
    FIRST_KEY, /* or the end of the object */
    COLON,
    NEXT, /* a comma or the end of what is open */
    NOTHING,
};

struct scan {
    char                 *text;
    size_t                n_bytes;
    size_t                at;
    enum expect           expect;
    int                   depth;
    char                  open[SL_JSON_MAX_DEPTH]; /* '{' and '[', [depth] */
    struct sl_json_fault *fault;
};

static const char *const words[] = {"true", "false", "null"};

static bool scan_token(struct scan *s);
static bool scan_open(struct scan *s, char c);
static bool scan_close(struct scan *s, char c);
static bool scan_mark(struct scan *s, char c);
static bool scan_scalar(struct scan *s, char c);
static bool scan_comment(struct scan *s);
static bool scan_text(struct scan *s);
static bool scan_escape(struct scan *s);
static bool scan_number(struct scan *s);
static bool unexpected(struct scan *s);

bool sl_json_scan(char *text, size_t n_bytes, struct sl_json_fault *fault)
{
    struct scan s = {.text = text, .n_bytes = n_bytes, .fault = fault};

    while (s.at < n_bytes) {
        if (!scan_token(&s))
            return false;
    }
    return s.expect == NOTHING || unexpected(&s);
}

static bool scan_token(struct scan *s)
{
    char c = s->text[s->at];

    switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        s->at++;
        return true;
    case '/':
        return scan_comment(s);
    case '{':
    case '[':
        return scan_open(s, c);
    case '}':
    case ']':
        return scan_close(s, c);
    case ':':
    case ',':
        return scan_mark(s, c);
    default:
        return scan_scalar(s, c);
    }
}

static bool refuse(struct scan *s, size_t at, const char *what)
{
    s->fault->at = at;
    snprintf(s->fault->what, sizeof s->fault->what, "%s", what);
    return false;
}

static const char *expectation(const struct scan *s)
{
    bool in_object = s->depth > 0 && s->open[s->depth - 1] == '{';

    switch (s->expect) {
    case VALUE:
        return "a value";
    case FIRST_VALUE:
        return "a value or ']'";
    case KEY:
        return "a key in double quotes";
    case FIRST_KEY:
        return "a key in double quotes or '}'";
    case COLON:
        return "':'";
    case NEXT:
        return in_object ? "',' or '}'" : "',' or ']'";
    case NOTHING:
        break;
    }
    return "the end of the text";
}

/* Refuse what stands here, saying what could. */
static bool unexpected(struct scan *s)
{
    const char *got = s->text + s->at;
    const char *marks = " \t\r\n,:{}[]/";
    size_t      n_got = strcspn(got, marks);

    if (n_got == 0) /* a mark stands for itself */
        n_got = 1;
    s->fault->at = s->at;
    if (s->at >= s->n_bytes)
        snprintf(s->fault->what, sizeof s->fault->what, "expected %s, got the end of the text",
                 expectation(s));
    else if ((unsigned char)*got < ' ')
        snprintf(s->fault->what, sizeof s->fault->what, "expected %s, got the byte 0x%02x",
                 expectation(s), (unsigned)(unsigned char)*got);
    else
        snprintf(s->fault->what, sizeof s->fault->what, "expected %s, got '%.*s'", expectation(s),
                 n_got < 32 ? (int)n_got : 32, got);
    return false;
}

static bool wants_value(const struct scan *s)
{
    return s->expect == VALUE || s->expect == FIRST_VALUE;
}

static bool wants_key(const struct scan *s)
{
    return s->expect == KEY || s->expect == FIRST_KEY;
}

static void end_value(struct scan *s)
{
    s->expect = s->depth == 0 ? NOTHING : NEXT;
}

static bool scan_open(struct scan *s, char c)
{
    if (!wants_value(s))
        return unexpected(s);
    if (s->depth == SL_JSON_MAX_DEPTH)
        return refuse(s, s->at, "nested more than 64 deep");
    s->open[s->depth++] = c;
    s->expect = c == '{' ? FIRST_KEY : FIRST_VALUE;
    s->at++;
    return true;
}

static bool scan_close(struct scan *s, char c)
{
    char        open = c == '}' ? '{' : '[';
    enum expect empty = c == '}' ? FIRST_KEY : FIRST_VALUE;

    if (s->depth == 0 || s->open[s->depth - 1] != open || (s->expect != NEXT && s->expect != empty))
        return unexpected(s);
    s->depth--;
    s->at++;
    end_value(s);
    return true;
}

static bool scan_mark(struct scan *s, char c)
{
    if (s->expect != (c == ':' ? COLON : NEXT))
        return unexpected(s);
    s->expect = c == ',' && s->open[s->depth - 1] == '{' ? KEY : VALUE;
    s->at++;
    return true;
}

/* A text, which may be a key, a number, or one of the three words. */
static bool scan_scalar(struct scan *s, char c)
{
    size_t n_word;

    if (c == '"' && wants_key(s)) {
        s->expect = COLON;
        return scan_text(s);
    }
    if (!wants_value(s))
        return unexpected(s);
    if (c == '"' || c == '-' || (c >= '0' && c <= '9')) {
        end_value(s);
        return c == '"' ? scan_text(s) : scan_number(s);
    }
    n_word = strspn(s->text + s->at, "abcdefghijklmnopqrstuvwxyz");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (n_word == strlen(words[i]) && memcmp(s->text + s->at, words[i], n_word) == 0) {
            s->at += n_word;
            end_value(s);
            return true;
        }
    }
    return unexpected(s);
}

/* The byte after a comment; its own begin if a slash starts none, NULL if it never ends. */
static char *comment_end(char *begin, char *text_end)
{
    if (begin[1] == '/') {
        char *end = memchr(begin, '\n', (size_t)(text_end - begin));

        return end == NULL ? text_end : end;
    }
    if (begin[1] != '*')
        return begin;
    for (char *p = begin + 2; p < text_end; p++) {
        if (p[0] == '*' && p[1] == '/')
            return p + 2;
    }
    return NULL;
}

static bool scan_comment(struct scan *s)
{
    char *begin = s->text + s->at;
    char *end = comment_end(begin, s->text + s->n_bytes);

    if (end == NULL)
        return refuse(s, s->at, "this comment has no end");
    if (end == begin)
        return unexpected(s);
    s->at += (size_t)(end - begin);
    for (char *p = begin; p < end; p++) {
        if (*p != '\n')
            *p = ' ';
    }
    return true;
}

static bool scan_text(struct scan *s)
{
    size_t begin = s->at++;

    while (s->at < s->n_bytes && s->text[s->at] != '"') {
        unsigned char c = (unsigned char)s->text[s->at];

        if (c == '\n' || c == '\r')
            break;
        if (c == '\0')
            return refuse(s, s->at, "a NUL byte inside a text");
        if (c < ' ')
            return refuse(s, s->at, "a control character inside a text (write it as \\uXXXX)");
        if (c == '\\' && !scan_escape(s))
            return false;
        s->at++;
    }
    if (s->at >= s->n_bytes || s->text[s->at] != '"')
        return refuse(s, begin, "this text has no closing quote on its line");
    s->at++;
    return true;
}

/* Four hexadecimal digits, -1 where there are less. */
static long scan_hex(const char *digits)
{
    char copy[5] = "";

    if (strspn(digits, "0123456789abcdefABCDEF") < 4)
        return -1;
    memcpy(copy, digits, 4);
    return strtol(copy, NULL, 16);
}

/* Ends on the last byte of the escape.  The NUL at the end of the text stops all looking ahead. */
static bool scan_escape(struct scan *s)
{
    const char *escape = s->text + s->at;
    long        unit;
    long        low;

    if (escape[1] == '\0' || strchr("\"\\/bfnrtu", escape[1]) == NULL)
        return refuse(s, s->at, "an unknown escape (a backslash itself is \\\\)");
    if (escape[1] != 'u') {
        s->at += 1;
        return true;
    }
    unit = scan_hex(escape + 2);
    if (unit < 0)
        return refuse(s, s->at, "\\u needs four hexadecimal digits");
    if (unit == 0)
        return refuse(s, s->at, "a NUL character inside a text");
    if (unit < 0xD800 || unit > 0xDFFF) {
        s->at += 5;
        return true;
    }
    low = escape[6] == '\\' && escape[7] == 'u' ? scan_hex(escape + 8) : -1;
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return refuse(s, s->at, "half of a surrogate pair");
    s->at += 11;
    return true;
}

/* The end of a run of digits; NULL if there is none. */
static const char *skip_digits(const char *p)
{
    if (p == NULL || strspn(p, "0123456789") == 0)
        return NULL;
    return p + strspn(p, "0123456789");
}

/* The end of a number as JSON writes it; NULL if it is none. */
static const char *skip_number(const char *p)
{
    if (*p == '-')
        p++;
    p = *p == '0' ? p + 1 : skip_digits(p);
    if (p != NULL && *p == '.')
        p = skip_digits(p + 1);
    if (p != NULL && (*p == 'e' || *p == 'E'))
        p = skip_digits(p[1] == '+' || p[1] == '-' ? p + 2 : p + 1);
    return p;
}

static bool scan_number(struct scan *s)
{
    const char *begin = s->text + s->at;
    const char *end = skip_number(begin);

    if (end == NULL || (*end != '\0' && strchr("0123456789.+-eE", *end) != NULL))
        return refuse(s, s->at, "a malformed number");
    if (end - begin > CJSON_NUMBER_BYTES)
        return refuse(s, s->at, "a number of more than 63 characters");
    if (!isfinite(strtod(begin, NULL)))
        return refuse(s, s->at, "a number beyond the range of a double");
    s->at += (size_t)(end - begin);
    return true;
}
