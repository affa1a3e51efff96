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
    int      next_rank;
    bool     has_quotes;
    bool     is_odd;  /* ends at a quote in an odd place */
    bool     is_last; /* ends with the buffer */
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

static inline bool is_full(const struct tile *tile, size_t most_ends)
{
    return tile->is_odd || tile->n_ends >= most_ends ||
           tile->n_words >= (tile->n_ends > 0 ? USUAL_WORDS : MOST_WORDS);
}

/* Words up to the first one with a quote. */
static void read_plain_words(const struct needles *needles, const char *data, size_t n_words,
                             size_t most_ends, struct tile *tile)
{
    while (tile->n_words < n_words && !is_full(tile, most_ends)) {
        struct masks masks = masks_of(needles, data + tile->n_words * WORD_BYTES);

        if (masks.quote != 0)
            return;
        put_separators(tile, masks.delimiter | masks.line);
        put_ends(tile, masks.line);
        tile->n_words++;
    }
}

static void read_quoted_words(const struct needles *needles, const char *data, size_t n_words,
                              size_t most_ends, struct tile *tile, struct carry *carry)
{
    if (tile->n_words < n_words && !is_full(tile, most_ends))
        begin_quotes(tile, carry);
    while (tile->n_words < n_words && !is_full(tile, most_ends)) {
        put_quoted_word(tile, masks_of(needles, data + tile->n_words * WORD_BYTES), carry);
        tile->n_words++;
    }
}

/* The rest of the buffer, less than a word. */
static void read_last_word(const struct needles *needles, const char *data, size_t n_bytes,
                           struct tile *tile, struct carry *carry)
{
    if (n_bytes > 0) {
        if (!tile->has_quotes)
            begin_quotes(tile, carry);
        put_quoted_word(tile, masks_of_part(needles, data, n_bytes), carry);
        tile->n_words++;
    }
    tile->is_last = true;
}

static void read_tile(const struct sl_csv_scan *scan, const char *data, size_t n_bytes,
                      size_t most_ends, struct tile *tile)
{
    const struct needles needles = needles_of(&scan->dialect);
    const size_t         n_words = n_bytes / WORD_BYTES;
    struct carry         carry = {.at_field = 1};

    tile->n_words = 0;
    tile->n_ends = 0;
    tile->next_rank = FIRST_RANK;
    tile->has_quotes = false;
    tile->is_odd = false;
    tile->is_last = false;
    read_plain_words(&needles, data, n_words, most_ends, tile);
    read_quoted_words(&needles, data, n_words, most_ends, tile, &carry);
    if (tile->n_words == n_words && !is_full(tile, most_ends))
        read_last_word(&needles, data + n_words * WORD_BYTES, n_bytes % WORD_BYTES, tile, &carry);
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

static inline struct mark mark_at(const struct tile *tile, unsigned at, bool has_quotes)
{
    const size_t   word = at / WORD_BYTES;
    const uint64_t below = bits_below(at);
    struct mark    mark = {.at = at};

    mark.rank = tile->rank[word] + (int)count_bits(tile->separator[word] & below);
    if (has_quotes) {
        mark.n_quotes = (uint16_t)(tile->n_quotes[word] + count_bits(tile->quote[word] & below));
        mark.n_inner = (uint16_t)(tile->n_inner[word] + count_bits(tile->inner[word] & below));
    }
    return mark;
}

/* Behind a line feed. */
static inline struct mark mark_behind(struct mark end)
{
    end.at++;
    end.rank++;
    return end;
}

/* Records that follow one another in a tile and have all needed fields. */
struct run {
    const struct sl_csv_scan *scan;
    const struct tile        *tile;
    const char               *data;  /* of the tile */
    size_t                    stop;  /* in the buffer: no record begins there or later */
    size_t                    i_end; /* of the next record, among the tile's */
    struct mark               start; /* of the next record */
    size_t                    n_rows;
    bool                      has_cuts;
    int16_t                   rank[SL_BLOCK_ROWS + 1]; /* [n_rows] where a record starts */
    bool                      cut[SL_BLOCK_ROWS + 1];  /* its last field by a carriage return */
};

static uint32_t n_fields_needed(const struct sl_csv_scan *scan)
{
    return scan->n_needed > 0 ? scan->needed[scan->n_needed - 1] + 1 : 0;
}

/* All of each record but its fields, as sl_csv_scan_record() would leave it; up to one that lacks a
 * needed field. */
static inline void put_records(struct run *run, bool has_quotes, struct sl_csv_records *records)
{
    const uint32_t        n_least = n_fields_needed(run->scan);
    const uint32_t        offset = run->tile->offset;
    struct sl_csv_record *record = &records->record[records->n];
    const size_t          most = SL_BLOCK_ROWS - records->n;
    int64_t               n_lines = records->n_lines;
    struct mark           start = run->start;
    size_t                n = 0;
    size_t                i = run->i_end;
    unsigned              cuts = 0;

    for (; i < run->tile->n_ends && n < most && offset + start.at < run->stop; i++) {
        const struct mark end = mark_at(run->tile, run->tile->end[i], has_quotes);
        const uint32_t    n_fields = (uint32_t)(end.rank - start.rank) + 1;
        const uint32_t    has_return = run->data[end.at - (end.at > start.at)] == '\r';

        if (n_fields < n_least)
            break;
        record[n] = (struct sl_csv_record){
            .span = {offset + start.at, offset + end.at - has_return},
            .line = (uint32_t)n_lines,
            .n_fields = n_fields,
            .quoted = has_quotes && end.n_quotes != start.n_quotes,
        };
        run->rank[n] = (int16_t)start.rank;
        run->cut[n] = has_return && n_fields == n_least;
        cuts |= has_return;
        n += end.at - has_return > start.at;
        n_lines += 1 + (uint16_t)(end.n_inner - start.n_inner);
        start = mark_behind(end);
    }
    records->n_lines = n_lines;
    records->used = offset + start.at;
    run->start = start;
    run->i_end = i;
    run->n_rows = n;
    run->has_cuts = cuts != 0;
}

/* Needed field i of all records, the fields before it being found. */
static inline void put_field(const struct run *run, size_t i, const struct sl_csv_record *record,
                             struct sl_csv_span *field)
{
    const struct sl_csv_span *before = field - SL_CSV_FIELD_ROWS;
    const uint32_t            needed = run->scan->needed[i];
    const uint32_t            next = i > 0 ? run->scan->needed[i - 1] + 1 : 0;
    const struct tile        *tile = run->tile;
    const uint32_t            offset = tile->offset;

    for (size_t row = 0; row < run->n_rows; row++) {
        unsigned at = (i > 0 ? before[row].end + 1 : record[row].span.begin) - offset;

        if (needed != next)
            at = 1 + find_separator(tile, at / WORD_BYTES, run->rank[row] + (int)needed - 1);
        field[row].begin = offset + at;
        field[row].end = offset + next_separator(tile, at);
    }
}

/* One field of all records after the other, so that many searches are under way at a time. */
static void put_fields(const struct run *run, size_t first, struct sl_csv_records *records)
{
    const size_t n = run->scan->n_needed;

    for (size_t i = 0; i < n; i++)
        put_field(run, i, &records->record[first], sl_csv_field(records, i, first));
    for (size_t row = 0; run->has_cuts && n > 0 && row < run->n_rows; row++)
        sl_csv_field(records, n - 1, first + row)->end -= run->cut[row];
}

/* The records that end in a tile.  Those that lack a needed field are rare, and for the plain
 * scanner. */
static void put_tile(struct run *run, size_t n_bytes, struct sl_csv_records *records)
{
    const struct sl_csv_scan *scan = run->scan;
    const struct tile        *tile = run->tile;

    run->i_end = 0;
    run->start = (struct mark){.rank = FIRST_RANK};
    for (;;) {
        const size_t first = records->n;

        if (tile->has_quotes)
            put_records(run, true, records);
        else
            put_records(run, false, records);
        put_fields(run, first, records);
        records->n += run->n_rows;
        if (run->i_end == tile->n_ends || records->n == SL_BLOCK_ROWS || records->used >= run->stop)
            break;
        (void)sl_csv_scan_record(scan, run->data - tile->offset, n_bytes, false, records);
        run->start = mark_behind(mark_at(tile, tile->end[run->i_end++], tile->has_quotes));
    }
}

static void scan_tiles(const struct sl_csv_scan *scan, const char *data, size_t start, size_t stop,
                       size_t n_bytes, bool at_end, struct sl_csv_records *records)
{
    struct tile tile;
    struct run  run;

    run.scan = scan;
    run.tile = &tile;
    run.stop = stop;
    records->n = 0;
    records->used = start;
    records->n_lines = 0;
    while (records->n < SL_BLOCK_ROWS && records->used < stop && records->used < n_bytes) {
        tile.offset = (uint32_t)records->used;
        run.data = data + tile.offset;
        read_tile(scan, run.data, n_bytes - tile.offset, SL_BLOCK_ROWS - records->n, &tile);
        if (tile.n_ends > 0)
            put_tile(&run, n_bytes, records);
        else if ((tile.is_last && !tile.is_odd && !at_end) ||
                 !sl_csv_scan_record(scan, data, n_bytes, at_end, records))
            break;
    }
}

#endif
