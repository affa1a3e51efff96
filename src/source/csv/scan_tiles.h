/* The grammar of records, 64 bytes at a time.  Included by the file of each instruction set behind
 * its own needles_of(), masks_of(), masks_of_part() and put_places().
 *
 * A tile begins at a record.  First its text becomes places of separators (delimiters and line
 * feeds outside quotes), which stay in the nearest cache; then records are read off from line feed
 * to line feed, and each needed field of all of them is two neighbours among the places.  A field
 * that nobody needs is never looked at.
 *
 * A quote that opens anywhere but at a field's beginning, or behind a closing one (two quotes are
 * one), is where counting quotes by their parity stops being the grammar: the tile ends there, and
 * the record that it stands in is left to the plain scanner. */
#ifndef SCORELINE_SOURCE_CSV_SCAN_TILES_H
#define SCORELINE_SOURCE_CSV_SCAN_TILES_H

enum {
    USUAL_WORDS = 128, /* 8 KiB: what a tile's last record takes is read again by the next one */
    AHEAD_BYTES = USUAL_WORDS * WORD_BYTES, /* how far ahead text is fetched */
    MOST_WORDS = 1000,                      /* if no record ends sooner; places have 16 bits */
    MOST_SEPARATORS = 32768,
};

/* How full a tile is. */
struct filled {
    size_t n_words;
    size_t n_separators; /* the one before the tile counted */
    size_t n_ends;
};

struct tile {
    uint32_t      offset; /* of its first byte in the buffer */
    struct filled filled;
    bool          has_quotes;
    bool          is_odd;                                      /* ends at a quote in an odd place */
    bool          is_last;                                     /* ends with the buffer */
    uint16_t      separator[MOST_SEPARATORS + 2 * WORD_BYTES]; /* places; the first one's is -1 */
    uint16_t end[SL_BLOCK_ROWS + WORD_BYTES + 2]; /* [n_ends] line feeds among the separators */

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

/* --- text to places ------------------------------------------------------------------------- */

/* What a word adds to a tile, whose counts the caller keeps in registers: in memory each would wait
 * for the one before.  Few lines are so short that three end in one word. */
static inline void put_separators(struct tile *tile, struct filled *filled, uint64_t separators,
                                  uint64_t ends)
{
    uint16_t    *to = tile->end + filled->n_ends;
    const size_t n = filled->n_separators;

    put_places(tile->separator + n, separators, (unsigned)(filled->n_words * WORD_BYTES));
    filled->n_separators += count_bits(separators);
    filled->n_ends += count_bits(ends);
    filled->n_words++;
    for (int i = 0; i < 2; i++) {
        *to++ = (uint16_t)(n + count_bits(separators & (ends - 1) & ~ends));
        ends &= ends - 1;
    }
    for (; ends != 0; ends &= ends - 1)
        *to++ = (uint16_t)(n + count_bits(separators & (ends - 1) & ~ends));
}

/* Bit i of the result is the parity of bits 0 to i: a multiplication by all ones without carries.
 */
static inline uint64_t parity_up_to(uint64_t bits)
{
    const __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)bits), _mm_set1_epi8(-1), 0);

    return (uint64_t)_mm_cvtsi128_si64(product);
}

/* A word where there are quotes, or have been. */
static inline void put_quoted_word(struct tile *tile, struct filled *filled, struct masks masks,
                                   struct carry *carry)
{
    const size_t   n = filled->n_words;
    const uint64_t inside = parity_up_to(masks.quote) ^ carry->inside;
    const uint64_t separators = (masks.delimiter | masks.line) & ~inside;
    const uint64_t may_open = (separators | masks.quote) << 1 | carry->at_field;
    const uint64_t odd = masks.quote & inside & ~may_open;
    uint64_t       ends = masks.line & ~inside;

    if (odd != 0) {
        ends &= (odd - 1) & ~odd; /* before the first odd one */
        tile->is_odd = true;
    }
    tile->quote[n] = masks.quote;
    tile->inner[n] = masks.line & inside;
    tile->n_quotes[n] = (uint16_t)carry->n_quotes;
    tile->n_inner[n] = (uint16_t)carry->n_inner;
    carry->inside = 0 - (inside >> (WORD_BYTES - 1));
    carry->at_field = (separators | masks.quote) >> (WORD_BYTES - 1);
    carry->n_quotes += count_bits(masks.quote);
    carry->n_inner += count_bits(masks.line & inside);
    put_separators(tile, filled, separators, ends);
}

/* What words without quotes have not said. */
static void begin_quotes(struct tile *tile, struct carry *carry)
{
    const size_t n = tile->filled.n_words;

    tile->has_quotes = true;
    memset(tile->quote, 0, n * sizeof *tile->quote);
    memset(tile->inner, 0, n * sizeof *tile->inner);
    memset(tile->n_quotes, 0, n * sizeof *tile->n_quotes);
    memset(tile->n_inner, 0, n * sizeof *tile->n_inner);
    carry->at_field =
        (uint16_t)(tile->separator[tile->filled.n_separators - 1] + 1) == n * WORD_BYTES;
}

static inline bool is_full(const struct filled *filled, size_t most_ends)
{
    return filled->n_ends >= most_ends ||
           filled->n_words >= (filled->n_ends > 0 ? USUAL_WORDS : MOST_WORDS) ||
           filled->n_separators >= MOST_SEPARATORS;
}

/* Words up to the first one with a quote.  The next tile is fetched meanwhile. */
static void read_plain_words(const struct needles *needles, const char *data, size_t n_words,
                             size_t most_ends, struct tile *tile)
{
    struct filled filled = tile->filled;

    while (filled.n_words < n_words && !is_full(&filled, most_ends)) {
        const char        *at = data + filled.n_words * WORD_BYTES;
        const struct masks masks = masks_of(needles, at);

        if (masks.quote != 0)
            break;
        _mm_prefetch(at + AHEAD_BYTES, _MM_HINT_T0);
        put_separators(tile, &filled, masks.delimiter | masks.line, masks.line);
    }
    tile->filled = filled;
}

static void read_quoted_words(const struct needles *needles, const char *data, size_t n_words,
                              size_t most_ends, struct tile *tile, struct carry *carry)
{
    struct filled filled = tile->filled;
    struct carry  passed;

    if (filled.n_words < n_words && !is_full(&filled, most_ends))
        begin_quotes(tile, carry);
    passed = *carry;
    while (filled.n_words < n_words && !tile->is_odd && !is_full(&filled, most_ends)) {
        const char *at = data + filled.n_words * WORD_BYTES;

        _mm_prefetch(at + AHEAD_BYTES, _MM_HINT_T0);
        put_quoted_word(tile, &filled, masks_of(needles, at), &passed);
    }
    *carry = passed;
    tile->filled = filled;
}

/* The rest of the buffer, less than a word. */
static void read_last_word(const struct needles *needles, const char *data, size_t n_bytes,
                           struct tile *tile, struct carry *carry)
{
    if (n_bytes > 0) {
        if (!tile->has_quotes)
            begin_quotes(tile, carry);
        put_quoted_word(tile, &tile->filled, masks_of_part(needles, data, n_bytes), carry);
    }
    tile->is_last = true;
}

static void read_tile(const struct sl_csv_scan *scan, const char *data, size_t n_bytes,
                      size_t most_ends, struct tile *tile)
{
    const struct needles needles = needles_of(&scan->dialect);
    const size_t         n_words = n_bytes / WORD_BYTES;
    struct carry         carry = {0};

    tile->filled = (struct filled){.n_separators = 1};
    tile->separator[0] = UINT16_MAX;
    tile->has_quotes = false;
    tile->is_odd = false;
    tile->is_last = false;
    read_plain_words(&needles, data, n_words, most_ends, tile);
    read_quoted_words(&needles, data, n_words, most_ends, tile, &carry);
    if (tile->filled.n_words == n_words && !tile->is_odd && !is_full(&tile->filled, most_ends))
        read_last_word(&needles, data + n_words * WORD_BYTES, n_bytes % WORD_BYTES, tile, &carry);
}

/* --- places to records ---------------------------------------------------------------------- */

/* Quotes, and line feeds inside them, before a place in a tile. */
struct counts {
    uint16_t n_quotes;
    uint16_t n_inner;
};

static inline struct counts counts_at(const struct tile *tile, unsigned at)
{
    const size_t   word = at / WORD_BYTES;
    const uint64_t below = (UINT64_C(1) << at % WORD_BYTES) - 1;

    return (struct counts){
        .n_quotes = (uint16_t)(tile->n_quotes[word] + count_bits(tile->quote[word] & below)),
        .n_inner = (uint16_t)(tile->n_inner[word] + count_bits(tile->inner[word] & below)),
    };
}

/* Records that follow one another in a tile and have all needed fields. */
struct run {
    const struct sl_csv_scan *scan;
    const struct tile        *tile;
    const char               *data;   /* of the tile */
    size_t                    stop;   /* in the buffer: no record begins there or later */
    size_t                    i_end;  /* of the next record, among the tile's */
    size_t                    before; /* separator before the next record */
    struct counts             counts; /* there */
    size_t                    n_rows;
    bool                      has_cuts;
    uint16_t                  start[SL_BLOCK_ROWS + 1]; /* [n_rows] separator before each */
    bool cut[SL_BLOCK_ROWS + 1]; /* its last needed field by a carriage return */
};

/* All of each record but its fields, as sl_csv_scan_record() would leave it; up to one that lacks a
 * needed field. */
static inline void put_records(struct run *run, bool has_quotes, struct sl_csv_records *records)
{
    const struct sl_csv_scan *scan = run->scan;
    const struct tile        *tile = run->tile;
    const uint32_t        n_least = scan->n_needed > 0 ? scan->needed[scan->n_needed - 1] + 1 : 0;
    struct sl_csv_record *record = &records->record[records->n];
    const size_t          most = SL_BLOCK_ROWS - records->n;
    int64_t               n_lines = records->n_lines;
    struct counts         counts = run->counts;
    size_t                before = run->before;
    uint32_t              start = tile->offset + (uint16_t)(tile->separator[before] + 1);
    size_t                n = 0;
    size_t                i = run->i_end;
    unsigned              cuts = 0;

    for (; i < tile->filled.n_ends && n < most && start < run->stop; i++) {
        const size_t        behind = tile->end[i];
        const unsigned      at = tile->separator[behind];
        const uint32_t      end = tile->offset + at;
        const uint32_t      n_fields = (uint32_t)(behind - before);
        const uint32_t      has_return = run->data[at - (end > start)] == '\r';
        const struct counts next = has_quotes ? counts_at(tile, at) : counts;

        if (n_fields < n_least)
            break;
        record[n] = (struct sl_csv_record){
            .span = {start, end - has_return},
            .line = (uint32_t)n_lines,
            .n_fields = n_fields,
            .quoted = next.n_quotes != counts.n_quotes,
        };
        run->start[n] = (uint16_t)before;
        run->cut[n] = has_return && n_fields == n_least;
        cuts |= has_return;
        n += end - has_return > start;
        n_lines += 1 + (uint16_t)(next.n_inner - counts.n_inner);
        counts = next;
        before = behind;
        start = end + 1;
    }
    records->n_lines = n_lines;
    records->used = start;
    run->i_end = i;
    run->before = before;
    run->counts = counts;
    run->n_rows = n;
    run->has_cuts = cuts != 0;
}

static void put_field(const struct run *run, uint32_t needed, struct sl_csv_span *field)
{
    const uint16_t *separator = run->tile->separator + needed;
    const uint32_t  offset = run->tile->offset;

    for (size_t row = 0; row < run->n_rows; row++) {
        const uint16_t *around = separator + run->start[row];

        field[row].begin = offset + (uint16_t)(around[0] + 1);
        field[row].end = offset + around[1];
    }
}

static void put_fields(const struct run *run, size_t first, struct sl_csv_records *records)
{
    const size_t n = run->scan->n_needed;

    for (size_t i = 0; i < n; i++)
        put_field(run, run->scan->needed[i], sl_csv_field(records, i, first));
    for (size_t row = 0; run->has_cuts && n > 0 && row < run->n_rows; row++)
        sl_csv_field(records, n - 1, first + row)->end -= run->cut[row];
}

/* The records that end in a tile.  Those that lack a needed field are rare, and for the plain
 * scanner. */
static void put_tile(struct run *run, size_t n_bytes, struct sl_csv_records *records)
{
    const struct tile *tile = run->tile;

    run->i_end = 0;
    run->before = 0;
    run->counts = (struct counts){0};
    for (;;) {
        const size_t first = records->n;

        if (tile->has_quotes)
            put_records(run, true, records);
        else
            put_records(run, false, records);
        put_fields(run, first, records);
        records->n += run->n_rows;
        if (run->i_end == tile->filled.n_ends || records->n == SL_BLOCK_ROWS ||
            records->used >= run->stop)
            break;
        (void)sl_csv_scan_record(run->scan, run->data - tile->offset, n_bytes, false, records);
        run->before = tile->end[run->i_end++];
        if (tile->has_quotes)
            run->counts = counts_at(tile, tile->separator[run->before]);
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
        if (tile.filled.n_ends > 0)
            put_tile(&run, n_bytes, records);
        else if ((tile.is_last && !tile.is_odd && !at_end) ||
                 !sl_csv_scan_record(scan, data, n_bytes, at_end, records))
            break;
    }
}

#endif
