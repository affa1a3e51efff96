/* Decimal to double, rounded as strtod does, by the first of these that can:
 *
 *   - few digits and a small exponent, as most fields have: the digits and the power of ten are
 * both exact doubles, and one operation rounds once, as it must (W. Clinger, How to read floating
 *     point numbers accurately, 1990);
 *   - digits times a power of ten of 128 bits: what is not known of that product hardly ever
 * decides the rounding, and it shows where it might (after D. Lemire and M. Eisel: Number parsing
 * at a gigabyte per second, 2021).  Of more than 19 digits the first 19, once as they are and once
 *     plus one: mostly both round to the same double;
 *   - strtod, through a bounded copy: 800 digits are more than can decide a rounding, and whatever
 *     nonzero follows them is said by one more digit. */
#include "scoreline/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal_powers.h"

__extension__ typedef unsigned __int128 wide;

enum {
    MAX_DIGITS = 800,          /* a double and its neighbours' midpoint need at most 768 */
    MAX_EXPONENT = 1000000000, /* of the text; further digits of an exponent change nothing */
    CLINGER_POWER = 22,        /* 10^22 is the last power of ten that is exact */
    FULL_DIGITS = 19,          /* always fit 64 bits */
    EXACT_POWER = 55,          /* 10^55 is the last power of ten that is exact in the table */
    MOST_POWER = 308,          /* 10^309 is beyond all doubles */
    FRACTION_BITS = 52,
    EXPONENT_BIAS = 1023,
    EXPONENT_ENDS = 2047, /* biased: infinity's */
};

static const double power_of_ten[CLINGER_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* A number taken apart: sign, digits from first to last (a point may stand among them), exponent.
 */
struct parts {
    bool        negative;
    const char *first;
    const char *last;     /* one past the digits */
    uint64_t    value;    /* of the digits, unless more than FULL_DIGITS follow the leading zeros */
    int64_t     n_digits; /* leading zeros counted */
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

/* Digits up to `end`, eight at a time while there are as many; the value wraps around. */
static const char *take_digits(const char *p, const char *end, uint64_t *value)
{
    while (end - p >= 8) {
        uint64_t digits = sl_digits_of(p);

        if (!sl_are_digits(digits))
            break;
        *value = *value * 100000000 + sl_eight_digits(digits);
        p += 8;
    }
    for (; p < end && is_digit(*p); p++)
        *value = *value * 10 + (uint64_t)(*p - '0');
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
    bool        point = false;

    *parts = (struct parts){0};
    if (p < end && (*p == '-' || *p == '+'))
        parts->negative = *p++ == '-';
    parts->first = p;
    p = take_digits(p, end, &parts->value);
    if (p < end && *p == '.') {
        const char *fraction = ++p;

        point = true;
        p = take_digits(p, end, &parts->value);
        parts->exponent = fraction - p;
    }
    parts->last = p;
    parts->n_digits = p - parts->first - point;
    if (parts->n_digits == 0)
        return false;
    if (p == end)
        return true;
    return (*p == 'e' || *p == 'E') && take_exponent(p + 1, end, parts);
}

/* Leading zeros say nothing. */
static void skip_zeros(struct parts *parts)
{
    for (; parts->first < parts->last && (*parts->first == '0' || *parts->first == '.');
         parts->first++)
        parts->n_digits -= *parts->first == '0';
}

/* --- the ways to round ------------------------------------------------------------------------ */

static bool round_few(uint64_t value, int64_t exponent, double *out)
{
    if (value > UINT64_C(1) << 53 || exponent < -CLINGER_POWER || exponent > CLINGER_POWER)
        return false;
    if (exponent < 0)
        *out = (double)value / power_of_ten[-exponent];
    else
        *out = (double)value * power_of_ten[exponent];
    return true;
}

/* floor(e * log2(10)), exact for |e| <= 1233; shifts of negative numbers are floors here. */
static int floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* The double next to value * 10^exponent; false if that is not decided.
 *
 * With the value moved up to the 64th bit, the product with the table's power is high:low, a number
 * of 192 bits.  The table rounds up: where its power is not exact, what is true lies below the
 * product, by less than 2^64.  So unless all bits of `high` behind the rounding bit are 0, the
 * truth has the same bits down to the rounding bit, and something behind it. */
static bool round_product(uint64_t value, int64_t exponent, double *out)
{
    const bool                    is_exact = exponent >= 0 && exponent <= EXACT_POWER;
    const struct sl_power_of_ten *power;
    wide                          low;
    wide                          high;
    uint64_t                      top;
    uint64_t                      rest;
    int                           zeros;
    int                           biased;
    int                           shift;

    *out = exponent > MOST_POWER && value != 0 ? (double)INFINITY : 0.0;
    if (value == 0 || exponent < SL_FIRST_POWER_OF_TEN || exponent > MOST_POWER)
        return true;
    zeros = __builtin_clzll(value);
    power = &sl_powers_of_ten[exponent - SL_FIRST_POWER_OF_TEN];
    low = (wide)power->low * (value << zeros);
    high = (wide)power->high * (value << zeros) + (uint64_t)(low >> 64);
    top = (uint64_t)(high >> 64);
    shift = 9 + (int)(top >> 63); /* leaves 53 bits and the rounding bit */
    biased = floor_log2_pow10((int)exponent) + 63 - zeros + (int)(top >> 63) + EXPONENT_BIAS;
    if (biased >= EXPONENT_ENDS) {
        *out = (double)INFINITY;
        return true;
    }
    if (biased < 1) { /* fewer bits */
        shift += 1 - biased;
        biased = 1;
    }
    if (shift > 63)
        return true; /* less than half of the smallest */
    rest = (top & ((UINT64_C(1) << shift) - 1)) | (uint64_t)high;
    if (rest == 0 && !is_exact)
        return false;
    top >>= shift;
    top += (top & 1) != 0 && ((top & 2) != 0 || rest != 0 || (uint64_t)low != 0);
    top = (top >> 1) + ((uint64_t)(biased - 1) << FRACTION_BITS); /* its first bit counts there */
    memcpy(out, &top, sizeof *out);
    return true;
}

/* More than FULL_DIGITS digits, the first one not 0: the number lies between two shorter ones. */
static bool round_many(const struct parts *parts, double *out)
{
    uint64_t value = 0;
    int64_t  n = 0;
    double   above;

    for (const char *p = parts->first; n < FULL_DIGITS; p++) {
        if (*p == '.')
            continue;
        value = value * 10 + (uint64_t)(*p - '0');
        n++;
    }
    n = parts->exponent + parts->n_digits - FULL_DIGITS;
    return round_product(value, n, out) && round_product(value + 1, n, &above) && *out == above;
}

static double round_by_library(const struct parts *parts)
{
    char    text[MAX_DIGITS + 32];
    size_t  n = 0;
    int64_t n_dropped = 0;
    bool    sticky = false;

    for (const char *p = parts->first; p < parts->last; p++) {
        if (*p == '.')
            continue;
        if (n < MAX_DIGITS) {
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
    snprintf(text + n, sizeof text - n, "e%" PRId64, parts->exponent + n_dropped);
    return strtod(text, NULL);
}

bool sl_parse_f64(struct sl_slice text, double *out)
{
    struct parts parts;
    bool         done;

    if (!take_apart(sl_slice_trim(text), &parts))
        return false;
    if (parts.n_digits > FULL_DIGITS)
        skip_zeros(&parts);
    if (parts.n_digits > FULL_DIGITS)
        done = round_many(&parts, out);
    else
        done = round_few(parts.value, parts.exponent, out) ||
               round_product(parts.value, parts.exponent, out);
    if (!done)
        *out = round_by_library(&parts);
    if (parts.negative)
        *out = -*out;
    return true;
}
