/* Shortest decimal of a double.  The numbers that round to a double form an interval around it; the
 * shortest text is a multiple of the largest power of ten that has one inside.  Schubfach scales
 * the interval so that one multiplication by a power of ten with 126 good bits, of which what is
 * lost is kept as one sticky bit, decides every comparison exactly. */
#include "scoreline/decimal.h"

#include <stdbool.h>
#include <string.h>

#include "decimal_powers.h"

__extension__ typedef unsigned __int128 wide;

enum {
    FRACTION_BITS = 52,
    EXPONENT_BIAS = 1075, /* of the significand taken as an integer */
    EXPONENT_MASK = 0x7FF,
};

/* digits * 10^exponent. */
struct decimal {
    uint64_t digits;
    int      exponent;
};

/* floor(e * log2(10)), exact for |e| <= 1233; shifts of negative numbers are floors here. */
static int floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* floor(log10(2^e)), or of three quarters of it, exact for |e| <= 1500. */
static int floor_log10_pow2(int e, bool three_quarters)
{
    return (e * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

/* The upper bits of power * factor; the lowest one also says whether anything lies below. */
static uint64_t scale_to_odd(const struct sl_power_of_ten *power, uint64_t factor)
{
    const wide     low = (wide)power->low * factor;
    const wide     high = (wide)power->high * factor + (uint64_t)(low >> 64);
    const uint64_t rest = (uint64_t)high;

    return (uint64_t)(high >> 64) | (rest > 1);
}

/* Of the two neighbours s and s + 1 in units of 4: the one inside [lower, upper], 0 if not just one
 * is. */
static bool one_is_inside(uint64_t s, uint64_t unit, uint64_t lower, uint64_t upper, uint64_t *out)
{
    const bool below = lower <= unit * s;
    const bool above = unit * (s + 1) <= upper;

    *out = s + above;
    return below != above;
}

/* c * 2^q, whose neighbour below is nearer than the one above where is_power is set. */
static struct decimal shortest(uint64_t c, int q, bool is_power)
{
    const uint64_t                odd = c & 1; /* the ends of the interval round to even */
    const int                     k = floor_log10_pow2(q, is_power);
    const int                     h = q + floor_log2_pow10(-k) + 1;
    const struct sl_power_of_ten *power = &sl_powers_of_ten[-k - SL_FIRST_POWER_OF_TEN];
    const uint64_t                lower = scale_to_odd(power, (4 * c - 2 + is_power) << h) + odd;
    const uint64_t                middle = scale_to_odd(power, (4 * c) << h);
    const uint64_t                upper = scale_to_odd(power, (4 * c + 2) << h) - odd;
    const uint64_t                s = middle / 4;
    uint64_t                      found;

    if (s >= 10 && one_is_inside(s / 10, 40, lower, upper, &found))
        return (struct decimal){found, k + 1};
    if (!one_is_inside(s, 4, lower, upper, &found))
        found = s + (middle > 4 * s + 2 || (middle == 4 * s + 2 && (s & 1) != 0));
    return (struct decimal){found, k};
}

static struct decimal to_decimal(uint64_t fraction, int exponent)
{
    const uint64_t hidden = UINT64_C(1) << FRACTION_BITS;
    const uint64_t c = exponent != 0 ? hidden | fraction : fraction;
    const int      q = (exponent != 0 ? exponent : 1) - EXPONENT_BIAS;

    if (q <= 0 && q > -FRACTION_BITS - 1 && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        return (struct decimal){c >> -q, 0}; /* an integer below 2^53 */
    return shortest(c, q, fraction == 0 && exponent > 1);
}

/* --- digits ----------------------------------------------------------------------------------- */

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

/* Digits of a number, right-aligned in to[20]; how many. */
static size_t put_digits(uint64_t value, char to[20])
{
    char *at = to + 20;

    while (value >= 100) {
        at -= 2;
        memcpy(at, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(at, pairs + 2 * value, 2);
    } else {
        *--at = (char)('0' + value);
    }
    return (size_t)(to + 20 - at);
}

static size_t put_text(char *out, const char *text)
{
    size_t n = 0;

    for (; text[n] != '\0'; n++)
        out[n] = text[n];
    return n;
}

/* d digits, the point behind the first one, and the exponent. */
static size_t put_scientific(char *out, const char *digits, size_t n, int exponent)
{
    size_t at = 0;

    out[at++] = digits[0];
    if (n > 1) {
        out[at++] = '.';
        memcpy(out + at, digits + 1, n - 1);
        at += n - 1;
    }
    out[at++] = 'e';
    return at + sl_format_i64(exponent, out + at);
}

/* Where the point may stand, counted from the first digit. */
enum { LEAST_POINT = -4, MOST_POINT = 17 };

/* The point stands `point` places behind the first digit. */
static size_t put_positional(char *out, const char *digits, size_t n, int point)
{
    size_t at = 0;

    if (point <= 0) {
        at = put_text(out, "0.0000") - (size_t)(point - LEAST_POINT);
        memcpy(out + at, digits, n);
        return at + n;
    }
    if ((size_t)point >= n) {
        memcpy(out, digits, n);
        memset(out + n, '0', (size_t)point - n);
        return (size_t)point;
    }
    memcpy(out, digits, (size_t)point);
    out[point] = '.';
    memcpy(out + point + 1, digits + point, n - (size_t)point);
    return n + 1;
}

static size_t put_decimal(struct decimal decimal, char *out)
{
    char   buffer[20];
    size_t n = put_digits(decimal.digits, buffer);
    char  *digits = buffer + 20 - n;
    int    point = decimal.exponent + (int)n;

    while (n > 1 && digits[n - 1] == '0')
        n--;
    return point >= LEAST_POINT && point <= MOST_POINT ? put_positional(out, digits, n, point)
                                                       : put_scientific(out, digits, n, point - 1);
}

size_t sl_format_f64(double value, char out[SL_DECIMAL_BYTES])
{
    uint64_t bits;
    uint64_t fraction;
    int      exponent;
    size_t   at = 0;

    memcpy(&bits, &value, sizeof bits);
    fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    exponent = (int)(bits >> FRACTION_BITS) & EXPONENT_MASK;
    if (exponent == EXPONENT_MASK && fraction != 0)
        return put_text(out, "nan");
    if (bits >> 63)
        out[at++] = '-';
    if (exponent == EXPONENT_MASK)
        return at + put_text(out + at, "inf");
    if (exponent == 0 && fraction == 0) {
        out[at++] = '0';
        return at;
    }
    return at + put_decimal(to_decimal(fraction, exponent), out + at);
}

size_t sl_format_i64(int64_t value, char out[SL_DECIMAL_BYTES])
{
    char     buffer[20];
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t   n = put_digits(magnitude, buffer);

    if (value < 0)
        *out++ = '-';
    memcpy(out, buffer + 20 - n, n);
    return n + (value < 0);
}
