/* Decimal to double.  Most fields have few digits and a small exponent: then the digits and the
 * power of ten are both exact doubles and one operation rounds once, as it must (Clinger 1990).
 * The rest goes to strtod through a bounded copy: 800 digits are more than can decide a rounding,
 * and whatever nonzero follows them is said by one more digit. */
#include "scoreline/number.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_DIGITS = 800,          /* a double and its neighbours' midpoint need at most 768 */
    MAX_EXPONENT = 1000000000, /* of the text; further digits of an exponent change nothing */
    FAST_POWER = 22,           /* 10^22 is the last power of ten that is exact */
    FAST_DIGITS = 19,          /* always fit 64 bits */
};

static const double power_of_ten[FAST_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* A number taken apart: sign, digits from first to last (a point may stand among them), exponent.
 */
struct parts {
    bool        negative;
    const char *first;    /* digit that is not 0, if any */
    const char *last;     /* one past the digits */
    uint64_t    value;    /* of the digits, if there are at most FAST_DIGITS */
    int64_t     n_digits; /* leading zeros not counted */
    int64_t     exponent; /* value * 10^exponent */
};

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct sl_slice sl_slice_trim(struct sl_slice text)
{
    while (text.n_bytes > 0 && is_blank(text.data[0])) {
        text.data++;
        text.n_bytes--;
    }
    while (text.n_bytes > 0 && is_blank(text.data[text.n_bytes - 1]))
        text.n_bytes--;
    return text;
}

/* Digits up to `end`; the value wraps around beyond FAST_DIGITS and is not used then. */
static const char *take_digits(const char *p, const char *end, struct parts *parts)
{
    for (; p < end && is_digit(*p); p++) {
        parts->value = parts->value * 10 + (uint64_t)(*p - '0');
        if (parts->n_digits == 0 && *p == '0')
            continue;
        if (parts->n_digits++ == 0)
            parts->first = p;
    }
    return p;
}

static bool take_exponent(const char *p, const char *end, struct parts *parts)
{
    bool    negative = p < end && *p == '-';
    int64_t exponent = 0;

    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end)
        return false;
    for (; p < end && is_digit(*p); p++)
        exponent = exponent < MAX_EXPONENT ? exponent * 10 + (*p - '0') : exponent;
    parts->exponent += negative ? -exponent : exponent;
    return p == end;
}

static bool take_apart(struct sl_slice text, struct parts *parts)
{
    const char *p = text.data;
    const char *end = p + text.n_bytes;
    const char *digits;
    bool        point = false;

    *parts = (struct parts){0};
    if (p < end && (*p == '-' || *p == '+'))
        parts->negative = *p++ == '-';
    digits = p;
    p = take_digits(p, end, parts);
    if (p < end && *p == '.') {
        const char *fraction = ++p;

        point = true;
        p = take_digits(p, end, parts);
        parts->exponent = fraction - p;
    }
    if (p - digits == point)
        return false;
    parts->last = p;
    if (p == end)
        return true;
    return (*p == 'e' || *p == 'E') && take_exponent(p + 1, end, parts);
}

static bool fast(const struct parts *parts, double *out)
{
    double value = (double)parts->value;

    if (parts->n_digits > FAST_DIGITS || parts->value > UINT64_C(1) << 53 ||
        parts->exponent < -FAST_POWER || parts->exponent > FAST_POWER)
        return false;
    if (parts->exponent < 0)
        value /= power_of_ten[-parts->exponent];
    else
        value *= power_of_ten[parts->exponent];
    *out = parts->negative ? -value : value;
    return true;
}

static double slow(const struct parts *parts)
{
    char    text[MAX_DIGITS + 32];
    size_t  n = 0;
    int64_t n_dropped = 0;
    bool    sticky = false;

    if (parts->n_digits == 0)
        return parts->negative ? -0.0 : 0.0;
    text[n++] = parts->negative ? '-' : '+';
    for (const char *p = parts->first; p < parts->last; p++) {
        if (!is_digit(*p))
            continue;
        if (n <= MAX_DIGITS) {
            text[n++] = *p;
            continue;
        }
        n_dropped++;
        sticky = sticky || *p != '0';
    }
    if (sticky) {
        text[n++] = '1';
        n_dropped--;
    }
    snprintf(text + n, sizeof text - n, "e%lld", (long long)(parts->exponent + n_dropped));
    return strtod(text, NULL);
}

bool sl_parse_f64(struct sl_slice text, double *out)
{
    struct parts parts;

    if (!take_apart(sl_slice_trim(text), &parts))
        return false;
    if (!fast(&parts, out))
        *out = slow(&parts);
    return true;
}
