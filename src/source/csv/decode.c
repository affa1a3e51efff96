/* From fields to columns, one column at a time over all rows of a block, so that the type is asked
 * for once and not per field. */
#include "csv.h"

#include <math.h>
#include <string.h>

#include "scoreline/number.h"

/* The first quote from p on; there must be one. */
static const char *find_quote(const char *p, char quote)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t quotes = ones * (unsigned char)quote;

    for (;; p += 8) {
        uint64_t differs = sl_eight_bytes(p) ^ quotes;
        uint64_t equals = (differs - ones) & ~differs & ones << 7;

        if (equals != 0)
            return p + __builtin_ctzll(equals) / 8;
    }
}

/* With escaped quotes, or text behind the closing one. */
static void squeeze(char *data, char quote, struct sl_csv_span *field)
{
    const char *p = data + field->begin + 1;
    const char *end = data + field->end;
    char       *to = data + field->begin + 1;
    bool        inside = true;

    while (inside) {
        const char *stop = p < end ? memchr(p, quote, (size_t)(end - p)) : NULL;
        size_t      n = (size_t)((stop != NULL ? stop : end) - p);

        memmove(to, p, n);
        to += n;
        p += n;
        inside = stop != NULL && p + 1 < end && p[1] == quote;
        if (inside)
            *to++ = quote;
        if (stop != NULL)
            p += 1 + inside;
    }
    memmove(to, p, (size_t)(end - p));
    to += end - p;
    field->begin++;
    field->end = (uint32_t)(to - data);
}

void sl_csv_unquote(char *data, char quote, struct sl_csv_span *field)
{
    if (field->begin == field->end || data[field->begin] != quote)
        return;
    if (find_quote(data + field->begin + 1, quote) + 1 != data + field->end) {
        squeeze(data, quote, field);
        return;
    }
    field->begin++;
    field->end--;
}

static void unquote_row(const struct sl_csv_decode *decode, size_t row)
{
    for (size_t i = 0; i < decode->n_needed; i++)
        sl_csv_unquote(decode->data, decode->quote, sl_csv_field(decode->records, i, row));
}

static struct sl_slice text_at(const struct sl_csv_decode *decode, size_t row, int64_t slot)
{
    struct sl_csv_span span = *sl_csv_field(decode->records, (size_t)slot, row);

    return (struct sl_slice){decode->data + span.begin, span.end - span.begin};
}

static bool is_missing(const struct sl_csv_missing *missing, struct sl_slice text)
{
    const size_t n = text.n_bytes;

    if ((missing->length >> (n < 63 ? n : 63) & 1) == 0)
        return false;
    if (n > 0 && !missing->first[(unsigned char)text.data[0]])
        return false;
    for (int i = 0; i < missing->n; i++)
        if (n == missing->text[i].n_bytes &&
            (n == 0 || memcmp(text.data, missing->text[i].data, n) == 0))
            return true;
    return false;
}

static void blame(struct sl_column_block *block, size_t row, enum sl_reject_reason reason,
                  int column)
{
    if (block->reject[row] != SL_GOOD)
        return;
    block->reject[row] = (uint8_t)reason;
    block->reject_column[row] = column;
}

/* Whether the fields of a row can be told apart. */
static bool has_fields(const struct sl_column_block *block, size_t row)
{
    return block->reject[row] == SL_GOOD || block->reject[row] == SL_NOT_A_NUMBER ||
           block->reject[row] == SL_NOT_AN_INTEGER;
}

/* A number of at most eight bytes, digits and perhaps a point: eight bytes hold it, and what they
 * say is exact but for one division, which rounds as it must.  Eight bytes from its first one on
 * must be readable.  false: it is something else. */
static bool parse_few(struct sl_slice text, double *to)
{
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    const uint64_t      ones = UINT64_C(0x0101010101010101);
    const uint64_t      zeros = ones * '0';
    uint64_t            bytes;
    uint64_t            points;
    uint64_t            below;
    unsigned            pad;
    unsigned            at;

    if (text.n_bytes - 1 >= 8)
        return false;
    pad = 8 * (8 - (unsigned)text.n_bytes);
    bytes = sl_eight_bytes(text.data) << pad; /* the last one highest */
    points = bytes ^ ones * '.';
    points = (points - ones) & ~points & ones << 7;
    if (points == 0) {
        bytes ^= zeros << pad;
        *to = (double)sl_eight_digits(bytes);
        return sl_are_digits(bytes);
    }
    if (text.n_bytes == 1)
        return false;
    at = (unsigned)__builtin_ctzll(points) & ~7U;
    below = (UINT64_C(1) << at) - 1;
    bytes = (bytes & below) << 8 | (bytes & ~below & ~(UINT64_C(0xFF) << at)); /* close the gap */
    bytes ^= zeros << (pad + 8);
    *to = (double)sl_eight_digits(bytes) / power[7 - at / 8];
    return sl_are_digits(bytes);
}

static bool decode_number(struct sl_slice text, double *to)
{
    bool good;

    if (parse_few(text, to))
        return true;
    *to = NAN;
    good = sl_parse_f64(text, to);
    if (isinf(*to))
        *to = NAN;
    return good;
}

static bool decode_integer(struct sl_slice text, int64_t *to)
{
    uint64_t value;

    if (sl_parse_few_digits(text, &value)) {
        *to = (int64_t)value;
        return true;
    }
    return sl_parse_i64(sl_slice_trim(text), to);
}

static void decode_numbers(const struct sl_csv_decode *decode, int column,
                           struct sl_column_block *block)
{
    double *to = block->columns[column].values.number;
    int64_t slot = decode->slot[column];

    for (size_t row = 0; row < block->n_rows; row++) {
        struct sl_slice text;

        to[row] = NAN;
        if (slot < 0 || !has_fields(block, row))
            continue;
        text = text_at(decode, row, slot);
        if (!is_missing(decode->missing, text) && !decode_number(text, &to[row]))
            blame(block, row, SL_NOT_A_NUMBER, column);
    }
}

static void decode_integers(const struct sl_csv_decode *decode, int column,
                            struct sl_column_block *block)
{
    int64_t *to = block->columns[column].values.integer;
    int64_t  slot = decode->slot[column];

    for (size_t row = 0; row < block->n_rows; row++) {
        struct sl_slice text;

        to[row] = SL_INTEGER_MISSING;
        if (slot < 0 || !has_fields(block, row))
            continue;
        text = text_at(decode, row, slot);
        if (!is_missing(decode->missing, text) && !decode_integer(text, &to[row]))
            blame(block, row, SL_NOT_AN_INTEGER, column);
    }
}

static void decode_texts(const struct sl_csv_decode *decode, int column,
                         struct sl_column_block *block)
{
    struct sl_slice *to = block->columns[column].values.text;
    int64_t          slot = decode->slot[column];

    for (size_t row = 0; row < block->n_rows; row++) {
        to[row] = (struct sl_slice){"", 0};
        if (slot >= 0 && has_fields(block, row))
            to[row] = text_at(decode, row, slot);
    }
}

/* What was decoded of a row before, or after, one of its fields turned out not to fit. */
static void clear_numbers(struct sl_column_block *block, size_t row)
{
    for (int i = 0; i < block->n_columns; i++) {
        struct sl_column *column = &block->columns[i];

        if (column->type == SL_NUMBER)
            column->values.number[row] = NAN;
        else if (column->type == SL_INTEGER)
            column->values.integer[row] = SL_INTEGER_MISSING;
    }
}

void sl_csv_decode(const struct sl_csv_decode *decode, struct sl_column_block *block)
{
    for (size_t row = 0; row < block->n_rows; row++)
        if (decode->records->record[row].quoted && block->reject[row] == SL_GOOD)
            unquote_row(decode, row);
    for (int i = 0; i < block->n_columns; i++) {
        switch (block->columns[i].type) {
        case SL_NUMBER:
            decode_numbers(decode, i, block);
            break;
        case SL_INTEGER:
            decode_integers(decode, i, block);
            break;
        case SL_TEXT:
            decode_texts(decode, i, block);
            break;
        }
    }
    for (size_t row = 0; row < block->n_rows; row++)
        if (block->reject_column[row] >= 0)
            clear_numbers(block, row);
}
