/* The grammar of records, 64 bytes at a time.  Included by the file of each instruction set behind
 * its own REACH, needles_of(), masks_of(), masks_of_part(), count_up_to() and select_bit().
 *
 * A tile begins at a record and is read twice: once as text, into bits that say where separators
 * (delimiters and line feeds outside quotes) are, with their number before each word; then as bits,
 * from line end to line end, asking only for the separators around needed fields.  So what a field
 * that nobody needs costs is one bit.
 *
 * A quote that opens anywhere but at a field's beginning, or behind a closing one (two quotes are
 * one), is where counting quotes by their parity stops being the grammar: the tile ends there, and
 * the record that it stands in is left to the plain scanner. */
#ifndef SCORELINE_SOURCE_CSV_SCAN_TILES_H
#define SCORELINE_SOURCE_CSV_SCAN_TILES_H

enum {
    USUAL_WORDS = 128, /* 8 KiB: what a tile's last record takes is read again by the next one */
    MOST_WORDS = 1000, /* if no record ends sooner; keeps ranks below what fills up behind them */
    FIRST_RANK = -32768,
    FILL = 0x7F, /* each byte of a rank above all others */
};

struct tile {
    uint32_t offset; /* of its first byte in the buffer */
    size_t   n_words;
    size_t   n_ends;
    bool     has_quotes;
    bool     is_odd;  /* ends at a quote in an odd place */
    bool     is_last; /* ends with the buffer */
    int      next_rank;
    uint64_t separator[MOST_WORDS + 1];
    int16_t  rank[MOST_WORDS + REACH + 1];        /* FIRST_RANK + separators before the word */
    uint16_t end[SL_BLOCK_ROWS + WORD_BYTES + 2]; /* [n_ends] line feeds outside quotes */

    /* Where there are quotes: */
    uint64_t quote[MOST_WORDS];
    uint64_t inner[MOST_WORDS];    /* line feeds inside quotes */
    uint16_t n_quotes[MOST_WORDS]; /* before the word */
    uint16_t n_inner[MOST_WORDS];
};

/* What one word of a tile leaves for the next one. */
struct carry {
    uint64_t inside;   /* all bits set inside quotes */
    uint64_t at_field; /* 1 if a quote that is the next byte may open */
    unsigned n_quotes;
    unsigned n_inner;
};

static inline unsigned count_bits(uint64_t bits)
{
    return (unsigned)_mm_popcnt_u64(bits);
}

static inline uint64_t bits_below(unsigned at)
{
    return (UINT64_C(1) << (at % WORD_BYTES)) - 1;
}

/* --- text to bits --------------------------------------------------------------------------- */

static inline void put_separators(struct tile *tile, uint64_t separators)
{
    tile->separator[tile->n_words] = separators;
    tile->rank[tile->n_words] = (int16_t)tile->next_rank;
    tile->next_rank += (int)count_bits(separators);
}

/* Few lines are so short that three end in one word. */
static inline void put_ends(struct tile *tile, uint64_t ends)
{
    const unsigned at = (unsigned)(tile->n_words * WORD_BYTES);
    uint16_t      *to = tile->end + tile->n_ends;

    tile->n_ends += count_bits(ends);
    for (int i = 0; i < 2; i++) {
        *to++ = (uint16_t)(at + _tzcnt_u64(ends));
        ends &= ends - 1;
    }
    for (; ends != 0; ends &= ends - 1)
        *to++ = (uint16_t)(at + _tzcnt_u64(ends));
}

/* Bit i of the result is the parity of bits 0 to i. */
static inline uint64_t parity_up_to(uint64_t bits)
{
    for (int shift = 1; shift < WORD_BYTES; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* A word where there are quotes, or have been. */
static inline void put_quoted_word(struct tile *tile, struct masks masks, struct carry *carry)
{
    const uint64_t inside = parity_up_to(masks.quote) ^ carry->inside;
    const uint64_t separators = (masks.delimiter | masks.line) & ~inside;
    const uint64_t may_open = (separators | masks.quote) << 1 | carry->at_field;
    const uint64_t odd = masks.quote & inside & ~may_open;
    uint64_t       ends = masks.line & ~inside;

    if (odd != 0) {
        ends &= bits_below((unsigned)_tzcnt_u64(odd));
        tile->is_odd = true;
    }
    tile->quote[tile->n_words] = masks.quote;
    tile->inner[tile->n_words] = masks.line & inside;
    tile->n_quotes[tile->n_words] = (uint16_t)carry->n_quotes;
    tile->n_inner[tile->n_words] = (uint16_t)carry->n_inner;
    carry->inside = 0 - (inside >> (WORD_BYTES - 1));
    carry->at_field = (separators | masks.quote) >> (WORD_BYTES - 1);
    carry->n_quotes += count_bits(masks.quote);
    carry->n_inner += count_bits(masks.line & inside);
    put_separators(tile, separators);
    put_ends(tile, ends);
}

/* What words without quotes have not said. */
static void begin_quotes(struct tile *tile, struct carry *carry)
{
    const size_t n = tile->n_words;

    tile->has_quotes = true;
    memset(tile->quote, 0, n * sizeof *tile->quote);
    memset(tile->inner, 0, n * sizeof *tile->inner);
    memset(tile->n_quotes, 0, n * sizeof *tile->n_quotes);
    memset(tile->n_inner, 0, n * sizeof *tile->n_inner);
    if (n > 0)
        carry->at_field = tile->separator[n - 1] >> (WORD_BYTES - 1);
}

static inline void put_word(struct tile *tile, struct masks masks, struct carry *carry)
{
    if (!tile->has_quotes && masks.quote != 0)
        begin_quotes(tile, carry);
    if (tile->has_quotes) {
        put_quoted_word(tile, masks, carry);
    } else {
        put_separators(tile, masks.delimiter | masks.line);
        put_ends(tile, masks.line);
    }
    tile->n_words++;
}

static inline bool is_full(const struct tile *tile, size_t most_ends)
{
    return tile->is_odd || tile->n_ends >= most_ends ||
           tile->n_words >= (tile->n_ends > 0 ? USUAL_WORDS : MOST_WORDS);
}

static void read_tile(const struct sl_csv_scan *scan, const char *data, size_t n_bytes,
                      size_t most_ends, struct tile *tile)
{
    const struct needles needles = needles_of(&scan->dialect);
    struct carry         carry = {.at_field = 1};
    size_t               at = 0;

    tile->n_words = 0;
    tile->n_ends = 0;
    tile->has_quotes = false;
    tile->is_odd = false;
    tile->next_rank = FIRST_RANK;
    for (; n_bytes - at >= WORD_BYTES && !is_full(tile, most_ends); at += WORD_BYTES)
        put_word(tile, masks_of(&needles, data + at), &carry);
    if (at < n_bytes && !is_full(tile, most_ends)) {
        put_word(tile, masks_of_part(&needles, data + at, n_bytes - at), &carry);
        at = n_bytes;
    }
    tile->is_last = at == n_bytes;
    tile->separator[tile->n_words] = 0;
    memset(tile->rank + tile->n_words, FILL, (REACH + 1) * sizeof *tile->rank);
}

/* --- bits to records ------------------------------------------------------------------------ */

/* The separator of a rank, known to be in the tile, in `word` or behind. */
static inline unsigned find_separator(const struct tile *tile, size_t word, int rank)
{
    size_t n = count_up_to(tile->rank + word + 1, rank);

    while (n == REACH) {
        word += REACH;
        n = count_up_to(tile->rank + word + 1, rank);
    }
    word += n;
    return (unsigned)(word * WORD_BYTES) +
           select_bit(tile->separator[word], (unsigned)(rank - tile->rank[word]));
}

/* The first separator from a byte on, which is no later than a line's end.  Most fields are so
 * short that the bits from the byte that `at` is in reach to their end. */
static inline unsigned next_separator(const struct tile *tile, unsigned at)
{
    size_t   word = at / WORD_BYTES;
    uint64_t bits;

    memcpy(&bits, (const char *)tile->separator + at / 8, sizeof bits);
    bits >>= at % 8;
    if (bits != 0)
        return at + (unsigned)_tzcnt_u64(bits);
    bits = tile->separator[word] & ~bits_below(at);
    while (bits == 0)
        bits = tile->separator[++word];
    return (unsigned)(word * WORD_BYTES + _tzcnt_u64(bits));
}

/* A place in a tile, and what is before it. */
struct mark {
    unsigned at;
    int      rank;
    uint16_t n_quotes;
    uint16_t n_inner;
};

static inline struct mark mark_at(const struct tile *tile, unsigned at)
{
    const size_t   word = at / WORD_BYTES;
    const uint64_t below = bits_below(at);
    struct mark    mark = {.at = at};

    mark.rank = tile->rank[word] + (int)count_bits(tile->separator[word] & below);
    if (tile->has_quotes) {
        mark.n_quotes = (uint16_t)(tile->n_quotes[word] + count_bits(tile->quote[word] & below));
        mark.n_inner = (uint16_t)(tile->n_inner[word] + count_bits(tile->inner[word] & below));
    }
    return mark;
}

/* The needed fields of a record that has all of them.  They are looked for from the record's start,
 * each by itself, unless it is so long that going on from one to the next is less work. */
static inline void put_fields(const struct sl_csv_scan *scan, const struct tile *tile,
                              const struct mark *start, unsigned end, struct sl_csv_span *field)
{
    const size_t first = start->at / WORD_BYTES;
    const bool   is_long = end / WORD_BYTES - first >= REACH;
    unsigned     at = start->at;
    uint32_t     next = 0;

    for (size_t i = 0; i < scan->n_needed; i++) {
        uint32_t needed = scan->needed[i];

        if (needed != next)
            at = 1 + find_separator(tile, is_long ? at / WORD_BYTES : first,
                                    start->rank + (int)needed - 1);
        field[i].begin = tile->offset + at;
        at = next_separator(tile, at);
        field[i].end = tile->offset + at;
        at++;
        next = needed + 1;
    }
}

/* A record that ends at a line feed of the tile; as sl_csv_scan_record() leaves it. */
static inline void put_record(const struct sl_csv_scan *scan, const struct tile *tile,
                              const char *data, const struct mark *start, const struct mark *end,
                              struct sl_csv_records *records)
{
    const size_t          n = scan->n_needed;
    const uint32_t        n_fields = (uint32_t)(end->rank - start->rank) + 1;
    const uint32_t        has_return = data[end->at - (end->at > start->at)] == '\r';
    struct sl_csv_record *record = &records->record[records->n];
    struct sl_csv_span   *field = &records->field[records->n * n];

    *record = (struct sl_csv_record){
        .span = {tile->offset + start->at, tile->offset + end->at - has_return},
        .line = (uint32_t)records->n_lines,
        .n_fields = n_fields,
        .quoted = tile->has_quotes && end->n_quotes != start->n_quotes,
    };
    put_fields(scan, tile, start, end->at, field);
    if (n > 0 && scan->needed[n - 1] + 1 == n_fields)
        field[n - 1].end -= has_return;
    records->n_lines += 1 + (uint16_t)(end->n_inner - start->n_inner);
    records->used = tile->offset + end->at + 1;
    records->n += record->span.end > record->span.begin;
}

/* Records that lack a needed field are rare, and for the plain scanner. */
static void put_records(const struct sl_csv_scan *scan, const struct tile *tile, const char *data,
                        size_t stop, size_t n_bytes, struct sl_csv_records *records)
{
    const uint32_t n_least = scan->n_needed > 0 ? scan->needed[scan->n_needed - 1] + 1 : 0;
    struct mark    start = {.rank = FIRST_RANK};

    for (size_t i = 0; i < tile->n_ends; i++) {
        struct mark end = mark_at(tile, tile->end[i]);

        if (records->n >= SL_BLOCK_ROWS || records->used >= stop)
            return;
        if ((uint32_t)(end.rank - start.rank) + 1 >= n_least)
            put_record(scan, tile, data + tile->offset, &start, &end, records);
        else
            (void)sl_csv_scan_record(scan, data, n_bytes, false, records);
        start = end;
        start.at++;
        start.rank++;
    }
}

static void scan_tiles(const struct sl_csv_scan *scan, const char *data, size_t start, size_t stop,
                       size_t n_bytes, bool at_end, struct sl_csv_records *records)
{
    struct tile tile;

    records->n = 0;
    records->used = start;
    records->n_lines = 0;
    while (records->n < SL_BLOCK_ROWS && records->used < stop && records->used < n_bytes) {
        tile.offset = (uint32_t)records->used;
        read_tile(scan, data + tile.offset, n_bytes - tile.offset, SL_BLOCK_ROWS - records->n,
                  &tile);
        if (tile.n_ends > 0)
            put_records(scan, &tile, data, stop, n_bytes, records);
        else if ((tile.is_last && !tile.is_odd && !at_end) ||
                 !sl_csv_scan_record(scan, data, n_bytes, at_end, records))
            break;
    }
}

#endif
