/* Short fields to numbers, a lane of 64 bits each: what decode.c does with one word, done with as
 * many as an instruction holds, without a branch on any field.  Included by the file of each
 * instruction set behind its own types `lanes` and `reals`, and load_words(), shift_up(),
 * sum_bytes(), eight_digits(), powers_of_ten() and any_bits(). */
#ifndef SCORELINE_SOURCE_CSV_DIGITS_LANES_H
#define SCORELINE_SOURCE_CSV_DIGITS_LANES_H

#include <math.h>

static const uint64_t each_byte = UINT64_C(0x0101010101010101);
static const uint64_t top_bits = UINT64_C(0x8080808080808080);
static const uint64_t top_bit = UINT64_C(1) << 63;

/* Fields as words whose highest byte is the field's last one. */
struct words {
    lanes bytes;
    lanes zeros;  /* '0' wherever the field has a byte */
    lanes length; /* of the field */
};

static inline struct words load_fields(const struct sl_csv_fields *fields, size_t i)
{
    struct words words;
    lanes        spans, begin, shift;

    memcpy(&spans, fields->span + i, sizeof spans);
    begin = spans & UINT32_MAX;
    words.length = (spans >> 32) - begin;
    shift = 64 - (words.length << 3);
    words.bytes = shift_up(load_words(fields->data, begin), shift);
    words.zeros = shift_up((lanes){0} + each_byte * '0', shift);
    return words;
}

/* Not 0 where a byte is no digit's worth, or the field too long. */
static inline lanes unlike_digits(const struct words *words, lanes digits)
{
    return (((digits + each_byte * (0x80 - 10)) | digits) & top_bits) |
           ((8 - words->length) & top_bit);
}

/* All bits where there is no text. */
static inline lanes where_empty(const struct words *words)
{
    return (lanes)(words->length == 0);
}

/* What is left, when empty fields have been seen to or must be. */
static inline lanes left_of(const struct sl_csv_fields *fields, const struct words *words,
                            lanes unlike)
{
    return fields->empty_is_missing ? unlike : unlike | where_empty(words);
}

/* Whole numbers below 2^52 as the fraction of a double, which is then made theirs. */
static inline reals to_reals(lanes values)
{
    const lanes in_fraction = values | UINT64_C(0x4330000000000000); /* 2^52 */

    return (reals)in_fraction - 0x1p52;
}

/* The bit 2^(8 i) where byte i is the first point, 0 where there is none. */
static inline lanes find_points(const struct words *words)
{
    const lanes differs = words->bytes ^ each_byte * '.';
    const lanes equals = (differs - each_byte) & ~differs & top_bits;

    return (equals & -equals) >> 7;
}

/* Digits around a point: what stands before it closes the gap, and one exact number is divided by
 * another. */
static inline reals divide_points(const struct words *words, lanes point, lanes digits,
                                  lanes *unlike)
{
    const lanes has_point = (lanes)(point != 0);
    const lanes before = point - 1;
    const lanes at = sum_bytes(before & each_byte);
    const lanes behind = ~before & ~((point << 8) - point);
    const lanes closed = ((words->bytes & before) << 8 | (words->bytes & behind)) ^ words->zeros
                                                                                        << 8;

    digits = (closed & has_point) | (digits & ~has_point);
    *unlike = unlike_digits(words, digits) | (((words->length - 2) & top_bit) & has_point);
    return to_reals(eight_digits(digits)) / powers_of_ten((7 - at) & has_point);
}

static inline lanes read_numbers(const struct sl_csv_fields *fields, size_t i, void *to)
{
    const struct words words = load_fields(fields, i);
    const lanes        digits = words.bytes ^ words.zeros;
    const lanes        point = find_points(&words);
    const lanes        empty = where_empty(&words);
    const lanes        missing = (lanes)((reals){0} + (double)NAN);
    lanes              unlike = unlike_digits(&words, digits);
    reals              value;

    if (any_bits(point) != 0)
        value = divide_points(&words, point, digits, &unlike);
    else
        value = to_reals(eight_digits(digits));
    value = (reals)(((lanes)value & ~empty) | (missing & empty));
    memcpy(to, &value, sizeof value);
    return left_of(fields, &words, unlike);
}

static inline lanes read_integers(const struct sl_csv_fields *fields, size_t i, void *to)
{
    const struct words words = load_fields(fields, i);
    const lanes        digits = words.bytes ^ words.zeros;
    const lanes        missing = where_empty(&words) & (uint64_t)SL_INTEGER_MISSING;
    const lanes        value = eight_digits(digits) | missing;

    memcpy(to, &value, sizeof value);
    return left_of(fields, &words, unlike_digits(&words, digits));
}

enum { LANES = sizeof(lanes) / sizeof(uint64_t) };

typedef lanes read_lanes(const struct sl_csv_fields *fields, size_t i, void *to);

static inline void many(const struct sl_csv_fields *fields, read_lanes *read, void *to,
                        uint8_t *left)
{
    for (size_t i = 0; i + 8 <= fields->n; i += 8) {
        unsigned bits = 0;

        for (size_t k = 0; k < 8; k += LANES)
            bits |= any_bits(read(fields, i + k, (uint64_t *)to + i + k)) << k;
        left[i / 8] = (uint8_t)bits;
    }
}

static void many_numbers(const struct sl_csv_fields *fields, double *to, uint8_t *left)
{
    many(fields, read_numbers, to, left);
}

static void many_integers(const struct sl_csv_fields *fields, int64_t *to, uint8_t *left)
{
    many(fields, read_integers, to, left);
}

#endif
