/* From fields to columns, one column at a time over all rows of a block, so that the type is asked
 * for once and not per field. */
#include "csv.h"

#include <math.h>
#include <string.h>

#include "scoreline/number.h"

static const uint64_t ones = UINT64_C(0x0101010101010101);

/* The first quote from p on; there must be one. */
static const char *find_quote(const char *p, char quote)
{
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

/* The fields of a bad record cannot be told apart: let each be empty, so that no loop has to ask.
 */
static void empty_row(const struct sl_csv_decode *decode, size_t row)
{
    for (size_t i = 0; i < decode->n_needed; i++)
        *sl_csv_field(decode->records, i, row) = (struct sl_csv_span){0, 0};
}

static bool is_missing(const struct sl_csv_missing *missing, struct sl_slice text)
{
    const size_t n = text.n_bytes;

    if ((missing->length >> (n < 63 ? n : 63) & 1) == 0)
        return false;
    if (n > 0 && !missing->first[(unsigned char)text.data[0]])
        return false;
    return sl_slice_is_among(text, missing->text, missing->n);
}

static void blame(struct sl_column_block *block, size_t row, enum sl_reject_reason reason,
                  int column)
{
    if (block->reject[row] != SL_GOOD)
        return;
    block->reject[row] = (uint8_t)reason;
    block->reject_column[row] = column;
}

/* Fields of at most eight bytes are decoded from one word, the last byte of the field highest,
 * without asking how many there are or whether there is one: guessing that wrong, as a processor
 * must where lengths are mixed, takes longer than all else. */
enum { SHORT_BYTES = 8 };

static const double power_of_ten[SHORT_BYTES] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

/* All bits, unless the text is empty. */
static inline uint64_t unless_empty(struct sl_slice text)
{
    return 0 - (uint64_t)(text.n_bytes > 0);
}

/* A word moved up behind the zeros that a shorter text leaves. */
static inline uint64_t move_up(uint64_t word, struct sl_slice text)
{
    return word << (8 * (SHORT_BYTES - text.n_bytes) % 64) & unless_empty(text);
}

/* Not empty, where empty is missing, and like none of the texts that are. */
static inline bool may_be_special(const struct sl_csv_missing *missing, struct sl_slice text)
{
    const unsigned is_empty = text.n_bytes == 0;
    const unsigned length = missing->length >> text.n_bytes & 1;

    return ((is_empty ^ length) & (is_empty | missing->first[(unsigned char)text.data[0]])) != 0;
}

/* Digits and nothing else, or nothing: that is 0. */
static inline bool parse_digits(struct sl_slice text, uint64_t *value)
{
    const uint64_t digits = move_up(sl_digits_of(text.data), text);

    *value = sl_eight_digits(digits);
    return sl_are_digits(digits);
}

/* Digits around a point, whose place among the bytes is known: what stands before it closes the
 * gap. One exact number by another, so the division rounds as it must. */
static bool parse_point(struct sl_slice text, uint64_t bytes, unsigned at, double *to)
{
    const uint64_t before = (UINT64_C(1) << 8 * at) - 1;
    const uint64_t digits =
        ((bytes & before) << 8 | (bytes & ~before & ~(UINT64_C(0xFF) << 8 * at))) ^
        move_up(ones * '0', text) << 8;

    *to = (double)sl_eight_digits(digits) / power_of_ten[SHORT_BYTES - 1 - at];
    return text.n_bytes > 1 && sl_are_digits(digits);
}

static inline bool parse_short(struct sl_slice text, double *to)
{
    const double   missing = NAN;
    const uint64_t bytes = move_up(sl_eight_bytes(text.data), text);
    uint64_t       points = bytes ^ ones * '.';
    uint64_t       value;
    uint64_t       bits;
    bool           good;

    points = (points - ones) & ~points & ones << 7; /* the lowest bit is right */
    if (points != 0)
        return parse_point(text, bytes, (unsigned)__builtin_ctzll(points) / 8, to);
    good = parse_digits(text, &value);
    *to = (double)value;
    memcpy(&bits, &missing, sizeof bits);
    bits &= ~unless_empty(text);
    memcpy(&value, to, sizeof value);
    value |= bits; /* 0 becomes missing */
    memcpy(to, &value, sizeof value);
    return good;
}

static bool decode_number(const struct sl_csv_missing *missing, struct sl_slice text, double *to)
{
    bool good;

    if (text.n_bytes <= SHORT_BYTES && !may_be_special(missing, text) && parse_short(text, to))
        return true;
    *to = NAN;
    if (is_missing(missing, text))
        return true;
    good = sl_parse_f64(text, to);
    if (isinf(*to))
        *to = NAN;
    return good;
}

static bool decode_integer(const struct sl_csv_missing *missing, struct sl_slice text, int64_t *to)
{
    uint64_t value;

    if (text.n_bytes <= SHORT_BYTES && !may_be_special(missing, text) &&
        parse_digits(text, &value)) {
        *to = (int64_t)(value | ((uint64_t)SL_INTEGER_MISSING & ~unless_empty(text)));
        return true;
    }
    *to = SL_INTEGER_MISSING;
    return is_missing(missing, text) || sl_parse_i64(sl_slice_trim(text), to);
}

static struct sl_csv_fields fields_of(const struct sl_csv_decode *decode, int column, size_t n)
{
    return (struct sl_csv_fields){
        .span = sl_csv_field(decode->records, (size_t)decode->slot[column], 0),
        .n = n,
        .data = decode->data,
        .empty_is_missing = decode->missing->empty,
    };
}

static inline struct sl_slice field_at(const struct sl_csv_fields *fields, size_t row)
{
    const struct sl_csv_span span = fields->span[row];

    return (struct sl_slice){fields->data + span.begin, span.end - span.begin};
}

/* Rows that are to be decoded one by one, a bit each. */
struct left {
    uint8_t rows[SL_BLOCK_ROWS / 8];
};

static void leave_all(struct left *left, size_t n)
{
    memset(left->rows, 0xff, sizeof left->rows);
    if (n % 8 != 0)
        left->rows[n / 8] = (uint8_t)((1U << n % 8) - 1);
}

/* Where what means missing may look like a number, each field is asked. */
static bool decodes_many(const struct sl_csv_decode *decode)
{
    return decode->digits != NULL && !decode->missing->like_numbers;
}

static void decode_many(const struct sl_csv_decode *decode, const struct sl_csv_fields *fields,
                        struct sl_column *to, struct left *left)
{
    leave_all(left, fields->n);
    if (!decodes_many(decode))
        return;
    if (to->type == SL_NUMBER)
        decode->digits->numbers(fields, to->values.number, left->rows);
    else
        decode->digits->integers(fields, to->values.integer, left->rows);
}

/* Numbers or integers. */
static void decode_numeric(const struct sl_csv_decode *decode, int column,
                           struct sl_column_block *block)
{
    const struct sl_csv_fields fields = fields_of(decode, column, block->n_rows);
    struct sl_column          *to = &block->columns[column];
    const bool                 is_number = to->type == SL_NUMBER;
    struct left                left;

    decode_many(decode, &fields, to, &left);
    for (size_t first = 0; first < fields.n; first += 8) {
        for (unsigned bits = left.rows[first / 8]; bits != 0; bits &= bits - 1) {
            const size_t          row = first + (unsigned)__builtin_ctz(bits);
            const struct sl_slice text = field_at(&fields, row);
            const bool            good = is_number
                                             ? decode_number(decode->missing, text, &to->values.number[row])
                                             : decode_integer(decode->missing, text, &to->values.integer[row]);

            if (!good)
                blame(block, row, is_number ? SL_NOT_A_NUMBER : SL_NOT_AN_INTEGER, column);
        }
    }
}

static void decode_texts(const struct sl_csv_decode *decode, int column,
                         struct sl_column_block *block)
{
    const struct sl_csv_fields fields = fields_of(decode, column, block->n_rows);
    struct sl_slice           *to = block->columns[column].values.text;

    for (size_t row = 0; row < fields.n; row++)
        to[row] = field_at(&fields, row);
}

static void clear(struct sl_column *column, size_t row)
{
    if (column->type == SL_NUMBER)
        column->values.number[row] = NAN;
    else if (column->type == SL_INTEGER)
        column->values.integer[row] = SL_INTEGER_MISSING;
    else
        column->values.text[row] = (struct sl_slice){"", 0};
}

static void decode_column(const struct sl_csv_decode *decode, int column,
                          struct sl_column_block *block)
{
    if (decode->slot[column] < 0)
        for (size_t row = 0; row < block->n_rows; row++)
            clear(&block->columns[column], row);
    else if (block->columns[column].type == SL_TEXT)
        decode_texts(decode, column, block);
    else
        decode_numeric(decode, column, block);
}

/* What was decoded of a row before, or after, one of its fields turned out not to fit. */
static void clear_numbers(struct sl_column_block *block, size_t row)
{
    for (int i = 0; i < block->n_columns; i++)
        if (block->columns[i].type != SL_TEXT)
            clear(&block->columns[i], row);
}

void sl_csv_decode(const struct sl_csv_decode *decode, struct sl_column_block *block)
{
    for (size_t row = 0; row < block->n_rows; row++) {
        if (block->reject[row] != SL_GOOD)
            empty_row(decode, row);
        else if (decode->records->record[row].quoted)
            unquote_row(decode, row);
    }
    for (int i = 0; i < block->n_columns; i++)
        decode_column(decode, i, block);
    for (size_t row = 0; row < block->n_rows; row++)
        if (block->reject_column[row] >= 0)
            clear_numbers(block, row);
}
