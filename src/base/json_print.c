/* JSON as text.  cJSON's own printer takes 15 digits for enough where the value read back differs
 * in the last bit; here every number reads back exactly. */
#include "scoreline/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/text.h"

struct printer {
    struct sl_text   text;
    bool             pretty;
    struct sl_error *err;
};

static sl_status print_value(struct printer *p, const struct sl_json *value, int depth);
static sl_status print_container(struct printer *p, const struct sl_json *value, int depth);
static sl_status print_number(struct printer *p, double number);
static sl_status print_text(struct printer *p, const char *text);

sl_status sl_json_print(const struct sl_json *value, bool pretty, char **out, struct sl_error *err)
{
    struct printer p = {.pretty = pretty, .err = err};
    sl_status      rc;

    SL_TRY(print_value(&p, value, 0));
    if (pretty)
        SL_TRY(sl_text_add(&p.text, err, "\n"));
    *out = p.text.data;
    p.text = (struct sl_text){0};
out:
    sl_text_release(&p.text);
    return rc;
}

static sl_status print_value(struct printer *p, const struct sl_json *value, int depth)
{
    switch (sl_json_kind(value)) {
    case SL_JSON_NULL:
        return sl_text_add(&p->text, p->err, "null");
    case SL_JSON_BOOL:
        return sl_text_add(&p->text, p->err, sl_json_bool(value) ? "true" : "false");
    case SL_JSON_NUMBER:
        return print_number(p, sl_json_number(value));
    case SL_JSON_TEXT:
        return print_text(p, sl_json_text(value));
    case SL_JSON_LIST:
    case SL_JSON_OBJECT:
        return print_container(p, value, depth);
    }
    return sl_fail(p->err, SL_EBUG, "json: a value of no kind");
}

static bool is_container(const struct sl_json *value)
{
    enum sl_json_kind kind = sl_json_kind(value);

    return kind == SL_JSON_LIST || kind == SL_JSON_OBJECT;
}

/* People read one member a line; a list of plain values stays on one. */
static bool is_spread(const struct printer *p, const struct sl_json *value)
{
    const struct sl_json *child = sl_json_first(value);

    if (!p->pretty || child == NULL)
        return false;
    if (sl_json_kind(value) == SL_JSON_OBJECT)
        return true;
    while (child != NULL && !is_container(child))
        child = sl_json_next(child);
    return child != NULL;
}

static sl_status print_container(struct printer *p, const struct sl_json *value, int depth)
{
    bool                  is_object = sl_json_kind(value) == SL_JSON_OBJECT;
    bool                  spread = is_spread(p, value);
    const struct sl_json *child = sl_json_first(value);
    const char           *between = "";
    sl_status             rc;

    SL_TRY(sl_text_add(&p->text, p->err, is_object ? "{" : "["));
    for (; child != NULL; child = sl_json_next(child)) {
        SL_TRY(sl_text_add(&p->text, p->err, "%s", between));
        if (spread)
            SL_TRY(sl_text_add(&p->text, p->err, "\n%*s", 2 * (depth + 1), ""));
        if (is_object) {
            SL_TRY(print_text(p, sl_json_key(child)));
            SL_TRY(sl_text_add(&p->text, p->err, p->pretty ? ": " : ":"));
        }
        SL_TRY(print_value(p, child, depth + 1));
        between = p->pretty && !spread ? ", " : ",";
    }
    if (spread)
        SL_TRY(sl_text_add(&p->text, p->err, "\n%*s", 2 * depth, ""));
    SL_TRY(sl_text_add(&p->text, p->err, is_object ? "}" : "]"));
out:
    return rc;
}

/* The fewest of 15 to 17 digits that read back as the same number; integers without exponent. */
static sl_status print_number(struct printer *p, double number)
{
    char text[32];

    if (!isfinite(number))
        return sl_text_add(&p->text, p->err, "null");
    if (number == trunc(number) && fabs(number) < 9007199254740992.0)
        return sl_text_add(&p->text, p->err, "%.0f", number);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return sl_text_add(&p->text, p->err, "%s", text);
}

static sl_status print_text(struct printer *p, const char *text)
{
    sl_status rc;

    SL_TRY(sl_text_add(&p->text, p->err, "\""));
    while (*text != '\0') {
        size_t n_plain = 0;

        while ((unsigned char)text[n_plain] >= ' ' && text[n_plain] != '"' && text[n_plain] != '\\')
            n_plain++;
        SL_TRY(sl_text_add_bytes(&p->text, text, n_plain, p->err));
        text += n_plain;
        if (*text == '"' || *text == '\\')
            SL_TRY(sl_text_add(&p->text, p->err, "\\%c", *text++));
        else if (*text != '\0')
            SL_TRY(sl_text_add(&p->text, p->err, "\\u%04x", (unsigned char)*text++));
    }
    SL_TRY(sl_text_add(&p->text, p->err, "\""));
out:
    return rc;
}
