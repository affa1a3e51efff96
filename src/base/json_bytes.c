/* Bytes of any kind in JSON, which has texts in UTF-8 alone: as such a text where they are one,
 * else in hexadecimal digits. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scoreline/json.h"
#include "scoreline/json_need.h"

/* Bytes of the character that begins at p, by the table of Unicode 15, 3-7; 0: none does. */
static size_t character_bytes(const unsigned char *p, size_t n)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t        n_bytes;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    if (p[0] > 0 && p[0] < 0x80)
        return 1;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        bool fits = p[0] >= forms[f].first_low && p[0] <= forms[f].first_high &&
                    n >= forms[f].n_bytes && p[1] >= forms[f].second_low &&
                    p[1] <= forms[f].second_high;

        for (size_t i = 2; fits && i < forms[f].n_bytes; i++)
            fits = p[i] >= 0x80 && p[i] <= 0xBF;
        if (fits)
            return forms[f].n_bytes;
    }
    return 0;
}

bool sl_slice_is_utf8(struct sl_slice text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    size_t               i = 0;
    size_t               n = 1;

    while (i < text.n_bytes && n > 0) {
        n = character_bytes(p + i, text.n_bytes - i);
        i += n;
    }
    return n > 0;
}

static sl_status add_hex(struct sl_json *to, const char *key, struct sl_slice bytes,
                         struct sl_error *err)
{
    struct sl_json *object;
    struct sl_text  hex = {0};
    sl_status       rc;

    SL_TRY(sl_text_add(&hex, err, "%s", ""));
    for (size_t i = 0; i < bytes.n_bytes; i++)
        SL_TRY(sl_text_add(&hex, err, "%s%02x", i > 0 ? " " : "", (unsigned char)bytes.data[i]));
    SL_TRY(sl_json_add_object(to, key, &object, err));
    SL_TRY(sl_json_add_text(object, "hex", hex.data, err));
out:
    sl_text_release(&hex);
    return rc;
}

sl_status sl_json_add_bytes(struct sl_json *to, const char *key, struct sl_slice bytes,
                            struct sl_error *err)
{
    struct sl_text text = {0};
    sl_status      rc;

    if (!sl_slice_is_utf8(bytes))
        return add_hex(to, key, bytes, err);
    SL_TRY(sl_text_add_bytes(&text, bytes.data, bytes.n_bytes, err));
    rc = sl_json_add_text(to, key, text.data != NULL ? text.data : "", err);
out:
    sl_text_release(&text);
    return rc;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "c3 28" */
static sl_status take_hex(const struct sl_json_doc *doc, const struct sl_json *value,
                          struct sl_text *out, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (const char *p = sl_json_text(value); *p != '\0' && rc == SL_OK;) {
        char byte;

        if (digit_of(p[0]) < 0 || digit_of(p[1]) < 0 || (p[2] != ' ' && p[2] != '\0') ||
            (p[2] == ' ' && p[3] == '\0'))
            return sl_json_fail(doc, value, SL_EJOB, err,
                                "expected bytes of two hexadecimal digits, a blank between them");
        byte = (char)(digit_of(p[0]) * 16 + digit_of(p[1]));
        rc = sl_text_add_bytes(out, &byte, 1, err);
        p += p[2] == ' ' ? 3 : 2;
    }
    return rc;
}

sl_status sl_json_need_bytes(const struct sl_json_doc *doc, const struct sl_json *value,
                             struct sl_text *out, struct sl_error *err)
{
    static const char *const keys[] = {"hex"};
    const char              *text = sl_json_text(value);
    const struct sl_json    *hex;
    sl_status                rc;

    if (text != NULL)
        return sl_text_add_bytes(out, text, strlen(text), err);
    if (sl_json_kind(value) != SL_JSON_OBJECT)
        return sl_json_fail(doc, value, SL_EJOB, err, "expected a text, got %s",
                            sl_json_kind_name(sl_json_kind(value)));
    SL_TRY(sl_json_only(doc, value, keys, 1, err));
    SL_TRY(sl_json_need(doc, value, "hex", SL_JSON_TEXT, &hex, err));
    SL_TRY(take_hex(doc, hex, out, err));
out:
    return rc;
}
