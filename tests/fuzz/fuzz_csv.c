/* CSV: every scanner that runs here, whatever the file is cut into and read by, finds the rows that
 * the plain one finds in the whole file.  The first bytes of an input say how it is read. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "../../src/source/csv/csv.h"
#include "fuzz.h"

enum { MOST_BYTES = 1 << 14, MOST_CHUNKS = 16, N_REQUESTS = 4 };

struct reading {
    struct sl_input_spec spec;
    int64_t              n_bytes;     /* of the file */
    int64_t              chunk_bytes; /* what it is cut into */
    size_t               piece_bytes; /* what it is read by */
    uint8_t              guesses;     /* bit i % 8: chunk i guesses where it begins */
    char                 path[64];
};

/* Where reading is, and what was found so far, as text. */
struct chain {
    void                  *state;
    struct sl_column_block block;
    struct sl_text         rows;
    int64_t                record;
    int64_t                line;
    int64_t                end;
};

static char  empty[] = "", not_available[] = "NA", zero[] = "0";
static char *missing[] = {empty, not_available, zero};

static struct sl_column_request requests[N_REQUESTS] = {
    {.name = (char[]){"a"}, .type = SL_NUMBER, .optional = true},
    {.name = (char[]){"b"}, .type = SL_INTEGER, .optional = true},
    {.name = (char[]){"c"}, .type = SL_TEXT, .optional = true},
    {.name = (char[]){"b"}, .type = SL_TEXT, .optional = true},
};

static void add(struct sl_text *to, const char *format, ...) SL_PRINTF(2, 3);
static void add(struct sl_text *to, const char *format, ...)
{
    struct sl_error err;
    char            line[128];
    va_list         args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    FUZZ_CHECK(sl_text_add_bytes(to, line, strlen(line), &err) == SL_OK);
}

static void add_value(struct sl_text *to, const struct sl_column *column, size_t row)
{
    const struct sl_slice *text = &column->values.text[row];
    struct sl_error        err;

    if (column->type == SL_NUMBER && isnan(column->values.number[row]))
        add(to, "|nan");
    else if (column->type == SL_NUMBER)
        add(to, "|%a", column->values.number[row]);
    else if (column->type == SL_INTEGER)
        add(to, "|%" PRId64, column->values.integer[row]);
    else {
        add(to, "|%zu:", text->n_bytes);
        if (text->n_bytes > 0)
            FUZZ_CHECK(sl_text_add_bytes(to, text->data, text->n_bytes, &err) == SL_OK);
    }
}

static void add_block(struct chain *chain)
{
    const struct sl_column_block *block = &chain->block;

    for (size_t row = 0; row < block->n_rows; row++) {
        const struct sl_place *place = &block->places[row];

        add(&chain->rows, "%" PRId64 " %" PRId64 " %" PRId64 " %d %d",
            chain->record + place->record, chain->line + place->line, place->byte,
            block->reject[row], block->reject_column[row]);
        for (int i = 0; i < block->n_columns; i++)
            add_value(&chain->rows, &block->columns[i], row);
        add(&chain->rows, "\n");
    }
}

static bool read_range(const struct reading *r, const struct sl_source_range *range,
                       struct chain *chain, struct sl_source_extent *extent)
{
    struct sl_error err = {.code = SL_OK};
    const sl_status rc =
        sl_csv_open(&r->spec, range, requests, N_REQUESTS, r->piece_bytes, &chain->state, &err);

    if (rc != SL_OK) { /* a header that ends inside quotes, or has a name twice */
        FUZZ_CHECK(rc == SL_EINPUT && err.text[0] != '\0');
        return false;
    }
    do {
        FUZZ_CHECK(sl_source_csv.next(chain->state, &chain->block, &err) == SL_OK);
        add_block(chain);
    } while (chain->block.n_rows > 0);
    sl_source_csv.extent(chain->state, extent);
    return true;
}

/* As the scheduler does: a guess that turns out wrong is done again, knowing where it begins. */
static bool read_chunk(const struct reading *r, int64_t first_byte, bool guess, struct chain *chain)
{
    const int64_t           left = r->n_bytes - first_byte;
    const size_t            before = chain->rows.n_bytes;
    struct sl_source_range  range = {.path = r->path,
                                     .first_byte = first_byte,
                                     .end_byte = first_byte +
                                                 (left < r->chunk_bytes ? left : r->chunk_bytes),
                                     .begin = guess ? -1 : chain->end};
    struct sl_source_extent extent;

    if (!read_range(r, &range, chain, &extent))
        return false;
    if (extent.gave_up || (first_byte > 0 && extent.begin != chain->end)) {
        chain->rows.n_bytes = before;
        range.begin = chain->end;
        range.is_certain = true;
        FUZZ_CHECK(read_range(r, &range, chain, &extent));
        FUZZ_CHECK(!extent.gave_up && extent.begin == chain->end);
    }
    chain->record += extent.n_records;
    chain->line += extent.n_lines;
    chain->end = extent.end;
    return true;
}

/* All of the file by one scanner; what it says of it is the caller's. */
static struct sl_text read_file(const struct reading *r, const struct sl_csv_scanner *scanner)
{
    struct sl_error err;
    struct chain    chain = {.end = 0};
    int64_t         at = 0;

    FUZZ_CHECK(setenv("SCORELINE_SIMD", scanner->name, 1) == 0);
    FUZZ_CHECK(sl_column_block_init(&chain.block, requests, N_REQUESTS, &err) == SL_OK);
    do {
        if (!read_chunk(r, at, (r->guesses >> (at / r->chunk_bytes % 8) & 1) != 0, &chain)) {
            add(&chain.rows, "refused\n");
            break;
        }
        at += r->chunk_bytes;
    } while (at < r->n_bytes);
    add(&chain.rows, "%" PRId64 " records, %" PRId64 " lines", chain.record, chain.line);
    sl_column_block_release(&chain.block);
    sl_csv_close(chain.state);
    return chain.rows;
}

static void compare(const struct reading *r, const struct sl_csv_scanner *scanner,
                    const struct sl_text *expected)
{
    struct sl_text found = read_file(r, scanner);

    if (found.n_bytes != expected->n_bytes ||
        memcmp(found.data, expected->data, found.n_bytes) != 0) {
        fprintf(stderr, "%s, chunks of %" PRId64 ":\n%.*s\nexpected:\n%.*s\n", scanner->name,
                r->chunk_bytes, (int)found.n_bytes, found.data, (int)expected->n_bytes,
                expected->data);
        abort();
    }
    sl_text_release(&found);
}

static struct reading reading_of(const uint8_t **data, size_t *size)
{
    static const char delimiters[] = {',', ';', '\t', 'x'};
    static const char quotes[] = {'"', '\''};
    const uint8_t     style = fuzz_byte(data, size);
    struct reading    r = {.guesses = 0};

    fuzz_name(r.path, sizeof r.path, "csv");
    r.chunk_bytes = 1 + 4 * fuzz_byte(data, size);
    r.piece_bytes = (size_t)1 + 8U * fuzz_byte(data, size);
    r.guesses = fuzz_byte(data, size);
    r.spec = (struct sl_input_spec){.root = (char[]){""},
                                    .path = (char[]){""},
                                    .n_missing = 1 + (style >> 6) % 3,
                                    .missing = missing,
                                    .delimiter = delimiters[style & 3],
                                    .quote = quotes[style >> 2 & 1],
                                    .max_field_bytes = (style & 8) != 0 ? 16 : 1 << 20,
                                    .max_record_bytes = (style & 16) != 0 ? 64 : 16 << 20};
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading               r = reading_of(&data, &size);
    struct reading               whole;
    struct sl_text               expected;
    const struct sl_csv_scanner *scanner;

    if (size > MOST_BYTES)
        return 0;
    fuzz_put_file(r.path, data, size);
    r.n_bytes = (int64_t)size;
    if (r.chunk_bytes < r.n_bytes / MOST_CHUNKS)
        r.chunk_bytes = r.n_bytes / MOST_CHUNKS;
    whole = r;
    whole.chunk_bytes = (int64_t)size + 1;
    whole.piece_bytes = SL_CSV_PIECE_BYTES;
    expected = read_file(&whole, &sl_csv_scanner_plain);
    for (size_t i = 0; (scanner = sl_csv_scanner_at(i)) != NULL; i++)
        if (scanner->runs_here()) {
            compare(&whole, scanner, &expected);
            compare(&r, scanner, &expected);
        }
    sl_text_release(&expected);
    unlink(r.path);
    return 0;
}
