/* The CSV source: cases by hand, then generated files, cut everywhere, against the plain reader;
 * all of it by every scanner that runs here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <inttypes.h>
#include <math.h>

#include "../../src/source/csv/csv.h"
#include "../support/plain_csv.h"
#include "../support/random.h"
#include "scoreline/number.h"
#include "scoreline/source.h"
#include "scoreline/text.h"

enum { MOST_REQUESTS = 8 };

static char *missing_texts[] = {"", "NA"};

/* What one reading of a file needs; `path` is a file that cases overwrite. */
struct fixture {
    char                     path[64];
    struct sl_input_spec     spec;
    struct sl_column_request requests[MOST_REQUESTS];
    int                      n_requests;
    void                    *state; /* of the source, opened again and again */
    size_t                   piece_bytes;
    int64_t                  n_chunks;
    int64_t                  n_repeated;
};

static void fixture_init(struct fixture *f)
{
    int fd;

    *f = (struct fixture){
        .path = "/tmp/scoreline_csv_XXXXXX",
        .spec = {.root = (char[]){""},
                 .path = (char[]){""},
                 .n_missing = 2,
                 .missing = missing_texts,
                 .delimiter = ',',
                 .quote = '"',
                 .max_field_bytes = 1 << 20,
                 .max_record_bytes = 16 << 20},
        .piece_bytes = SL_CSV_PIECE_BYTES,
    };
    fd = mkstemp(f->path);
    assert_true(fd >= 0);
    close(fd);
}

static void fixture_release(struct fixture *f)
{
    sl_csv_close(f->state);
    unlink(f->path);
}

static void put_file(const struct fixture *f, const char *data, size_t n_bytes)
{
    FILE *file = fopen(f->path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, n_bytes, file), n_bytes);
    assert_int_equal(fclose(file), 0);
}

static struct sl_column_request request_of(const char *name, enum sl_type type, bool optional)
{
    return (struct sl_column_request){
        .name = (char *)(uintptr_t)name, .type = type, .optional = optional};
}

static struct sl_source_range range_of(const char *path, int64_t first_byte, int64_t end_byte,
                                       int64_t begin, bool is_certain)
{
    return (struct sl_source_range){.path = path,
                                    .first_byte = first_byte,
                                    .end_byte = end_byte,
                                    .begin = begin,
                                    .is_certain = is_certain};
}

static void request(struct fixture *f, const char *name, enum sl_type type)
{
    assert_true(f->n_requests < MOST_REQUESTS);
    f->requests[f->n_requests++] = request_of(name, type, true);
}

/* --- what was read, as text that can be compared ------------------------------------------ */

static void add(struct sl_text *to, const char *format, ...) SL_PRINTF(2, 3);
static void add(struct sl_text *to, const char *format, ...)
{
    struct sl_error err;
    char            line[256];
    va_list         args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    assert_int_equal(sl_text_add_bytes(to, line, strlen(line), &err), SL_OK);
}

static void add_bytes(struct sl_text *to, const char *data, size_t n_bytes)
{
    struct sl_error err;

    assert_int_equal(sl_text_add_bytes(to, data, n_bytes, &err), SL_OK);
}

static void add_number(struct sl_text *to, double value)
{
    if (isnan(value))
        add(to, "|nan");
    else
        add(to, "|%a", value);
}

static void add_text_value(struct sl_text *to, const char *data, size_t n_bytes)
{
    add(to, "|%zu:", n_bytes);
    if (n_bytes > 0)
        add_bytes(to, data, n_bytes);
}

/* A line for each record: its number, line and byte in the file, fault, column at fault, values. */
static void add_place(struct sl_text *to, int64_t record, int64_t line, int64_t byte, int reason,
                      int column)
{
    add(to, "%" PRId64 " %" PRId64 " %" PRId64 " %d %d", record, line, byte, reason, column);
}

static void add_block(struct sl_text *to, const struct sl_column_block *block, int64_t record,
                      int64_t line)
{
    for (size_t row = 0; row < block->n_rows; row++) {
        const struct sl_place *place = &block->places[row];

        add_place(to, record + place->record, line + place->line, place->byte, block->reject[row],
                  block->reject_column[row]);
        for (int i = 0; i < block->n_columns; i++) {
            const struct sl_column *column = &block->columns[i];

            if (column->type == SL_NUMBER)
                add_number(to, column->values.number[row]);
            else if (column->type == SL_INTEGER)
                add(to, "|%" PRId64, column->values.integer[row]);
            else
                add_text_value(to, column->values.text[row].data, column->values.text[row].n_bytes);
        }
        add(to, "\n");
    }
}

/* --- the reader under test, chunk by chunk, as the scheduler goes ------------------------- */

struct chain {
    struct sl_column_block block;
    struct sl_text         rows;
    int64_t                record;
    int64_t                line;
    int64_t                end; /* of the chunk before */
};

static void read_range(struct fixture *f, const struct sl_source_range *range, struct chain *chain,
                       struct sl_source_extent *extent)
{
    struct sl_error err;
    sl_status       rc =
        sl_csv_open(&f->spec, range, f->requests, f->n_requests, f->piece_bytes, &f->state, &err);

    assert_int_equal(rc, SL_OK);
    for (;;) {
        assert_int_equal(sl_source_csv.next(f->state, &chain->block, &err), SL_OK);
        if (chain->block.n_rows == 0)
            break;
        for (size_t row = 0; row < chain->block.n_rows; row++)
            assert_in_range(chain->block.places[row].byte, range->first_byte, range->end_byte - 1);
        add_block(&chain->rows, &chain->block, chain->record, chain->line);
    }
    sl_source_csv.extent(f->state, extent);
}

/* What this try added is taken back if it turns out wrong. */
static void read_chunk(struct fixture *f, int64_t first_byte, int64_t end_byte, bool guess,
                       struct chain *chain)
{
    struct sl_source_range range =
        range_of(f->path, first_byte, end_byte, guess ? -1 : chain->end, false);
    struct sl_source_extent extent;
    size_t                  before = chain->rows.n_bytes;

    f->n_chunks++;
    read_range(f, &range, chain, &extent);
    if (extent.gave_up || (first_byte > 0 && extent.begin != chain->end)) {
        f->n_repeated++;
        chain->rows.n_bytes = before;
        range.begin = chain->end;
        range.is_certain = true;
        read_range(f, &range, chain, &extent);
        assert_false(extent.gave_up);
        assert_int_equal(extent.begin, chain->end);
    }
    assert_true(extent.end >= extent.begin);
    chain->record += extent.n_records;
    chain->line += extent.n_lines;
    chain->end = extent.end;
}

/* The whole file; guess[i % 8] says whether chunk i guesses. */
static void read_file(struct fixture *f, int64_t n_bytes, int64_t chunk_bytes, unsigned guess,
                      struct sl_text *rows, int64_t *n_lines)
{
    struct chain    chain = {.end = 0};
    struct sl_error err;
    int64_t         at = 0;

    assert_int_equal(sl_column_block_init(&chain.block, f->requests, f->n_requests, &err), SL_OK);
    add(&chain.rows, "%s", "");
    do {
        int64_t end = n_bytes - at > chunk_bytes ? at + chunk_bytes : n_bytes;

        read_chunk(f, at, end, (guess >> (at / chunk_bytes % 8) & 1) != 0, &chain);
        at += chunk_bytes;
    } while (at < n_bytes);
    assert_int_equal(chain.end, n_bytes);
    sl_column_block_release(&chain.block);
    *rows = chain.rows;
    *n_lines = chain.line;
}

/* --- the plain reader, in the same words -------------------------------------------------- */

static const int reason_of_fault[] = {
    [PLAIN_GOOD] = SL_GOOD,
    [PLAIN_TOO_FEW] = SL_TOO_FEW_FIELDS,
    [PLAIN_TOO_MANY] = SL_TOO_MANY_FIELDS,
    [PLAIN_FIELD_TOO_LONG] = SL_FIELD_TOO_LONG,
    [PLAIN_RECORD_TOO_LONG] = SL_RECORD_TOO_LONG,
    [PLAIN_OPEN_QUOTE] = SL_OPEN_QUOTE,
};

/* The field of a record that a request names; NULL if there is none. */
static const struct plain_field *plain_find(const struct plain_file   *file,
                                            const struct plain_record *record, const char *name)
{
    for (size_t i = 0; i < file->header.n_fields; i++)
        if (file->header.fields[i].n_bytes == strlen(name) &&
            memcmp(file->header.fields[i].text, name, strlen(name)) == 0)
            return &record->fields[i];
    return NULL;
}

static bool plain_missing(const struct plain_field *field)
{
    return field == NULL || field->n_bytes == 0 ||
           (field->n_bytes == 2 && memcmp(field->text, "NA", 2) == 0);
}

static bool plain_fits(const struct plain_field *field, enum sl_type type, double *number,
                       long long *integer)
{
    *number = NAN;
    *integer = INT64_MIN;
    if (type == SL_TEXT || plain_missing(field))
        return true;
    return type == SL_NUMBER ? plain_number(field->text, field->n_bytes, number)
                             : plain_integer(field->text, field->n_bytes, integer);
}

static void add_plain_value(struct sl_text *to, const struct plain_field *field, enum sl_type type,
                            bool typed_well, bool whole)
{
    double    number;
    long long integer;
    bool      good = whole && typed_well;

    if (good)
        (void)plain_fits(field, type, &number, &integer);
    if (type == SL_NUMBER)
        add_number(to, good && isfinite(number) ? number : NAN);
    else if (type == SL_INTEGER)
        add(to, "|%lld", good ? integer : (long long)INT64_MIN);
    else if (whole && field != NULL)
        add_text_value(to, field->text, field->n_bytes);
    else
        add_text_value(to, "", 0);
}

static void add_plain_record(const struct fixture *f, const struct plain_file *file, size_t i,
                             struct sl_text *to)
{
    const struct plain_record *record = &file->records[i];
    int                        reason = reason_of_fault[record->fault];
    bool                       whole = reason == SL_GOOD;
    int                        column = -1;

    for (int r = 0; whole && reason == SL_GOOD && r < f->n_requests; r++) {
        double    number;
        long long integer;

        if (plain_fits(plain_find(file, record, f->requests[r].name), f->requests[r].type, &number,
                       &integer))
            continue;
        column = r;
        reason = f->requests[r].type == SL_NUMBER ? SL_NOT_A_NUMBER : SL_NOT_AN_INTEGER;
    }
    add_place(to, (int64_t)i, (int64_t)record->line, (int64_t)record->byte, reason, column);
    for (int r = 0; r < f->n_requests; r++)
        add_plain_value(to, whole ? plain_find(file, record, f->requests[r].name) : NULL,
                        f->requests[r].type, reason == SL_GOOD, whole);
    add(to, "\n");
}

static void read_plainly(const struct fixture *f, const char *data, size_t n_bytes,
                         struct sl_text *rows, int64_t *n_lines, struct plain_file *file)
{
    const struct plain_rules rules = {f->spec.delimiter, f->spec.quote,
                                      (size_t)f->spec.max_field_bytes,
                                      (size_t)f->spec.max_record_bytes};

    plain_csv_read(data, n_bytes, &rules, file);
    *rows = (struct sl_text){0};
    add(rows, "%s", "");
    for (size_t i = 0; i < file->n_records; i++)
        add_plain_record(f, file, i, rows);
    *n_lines = (int64_t)file->n_lines;
}

static void show(const char *what, const char *data, size_t n_bytes)
{
    fprintf(stderr, "%s:\n", what);
    for (size_t i = 0; i < n_bytes && i < 4000; i++) {
        unsigned char c = (unsigned char)data[i];

        if (c == '\n')
            fprintf(stderr, "\\n\n");
        else if (c < ' ' || c >= 0x7f)
            fprintf(stderr, "\\x%02x", c);
        else
            fputc(c, stderr);
    }
    fprintf(stderr, "$\n");
}

static void assert_same(const struct sl_text *a, const struct sl_text *b, const char *data,
                        size_t n_bytes, const char *how)
{
    if (a->n_bytes == b->n_bytes && memcmp(a->data, b->data, a->n_bytes) == 0)
        return;
    show("file", data, n_bytes);
    show("read", a->data, a->n_bytes);
    show("expected", b->data, b->n_bytes);
    fail_msg("%s: readers differ", how);
}

/* --- cases by hand ------------------------------------------------------------------------ */

/* Header a,b unless the case is about headers.  `rows`: "record line byte reason column|a|b". */
struct grammar_case {
    const char *name;
    const char *data;
    size_t      n_bytes; /* 0: up to the NUL */
    const char *rows;
};

static const struct grammar_case grammar_cases[] = {
    {"empty file", "", 0, ""},
    {"blank lines only", "\n\r\n\n", 0, ""},
    {"mark only", "\xEF\xBB\xBF", 0, ""},
    {"header only", "a,b\n", 0, ""},
    {"header without line end", "a,b", 0, ""},
    {"plain", "a,b\n1,2\n", 0, "0 1 4 0 -1|1:1|1:2\n"},
    {"no last line end", "a,b\n1,2", 0, "0 1 4 0 -1|1:1|1:2\n"},
    {"CRLF", "a,b\r\n1,2\r\n3,4\r\n", 0, "0 1 5 0 -1|1:1|1:2\n1 2 10 0 -1|1:3|1:4\n"},
    {"mixed ends", "a,b\r\n1,2\n3,4\r\n", 0, "0 1 5 0 -1|1:1|1:2\n1 2 9 0 -1|1:3|1:4\n"},
    {"mark",
     "\xEF\xBB\xBF"
     "a,b\n1,2\n",
     0, "0 1 7 0 -1|1:1|1:2\n"},
    {"mark before quotes", "\xEF\xBB\xBF\"a\",\"b\"\n1,2\n", 0, "0 1 11 0 -1|1:1|1:2\n"},
    {"mark later is text", "a,b\n\xEF\xBB\xBF\"1\",2\n", 0, "0 1 4 0 -1|6:\xEF\xBB\xBF\"1\"|1:2\n"},
    {"blank lines before header", "\n\r\na,b\n1,2\n", 0, "0 3 7 0 -1|1:1|1:2\n"},
    {"blank lines between", "a,b\n\n1,2\n\r\n\n3,4\n\n", 0,
     "0 2 5 0 -1|1:1|1:2\n1 5 12 0 -1|1:3|1:4\n"},
    {"lone return is data", "a,b\n\r1,\r2\r\r\n", 0, "0 1 4 0 -1|2:\r1|3:\r2\r\n"},
    {"return at the end of the file", "a,b\n1,2\r", 0, "0 1 4 0 -1|1:1|2:2\r\n"},
    {"two returns are a record", "a,b\n\r\r\n", 0, "0 1 4 1 -1|0:|0:\n"},
    {"lone return at the end is a record", "a,b\n\r", 0, "0 1 4 1 -1|0:|0:\n"},
    {"empty last field", "a,b\n1,\n2,\r\n3,", 0,
     "0 1 4 0 -1|1:1|0:\n1 2 7 0 -1|1:2|0:\n2 3 11 0 -1|1:3|0:\n"},
    {"quoted", "a,b\n\"1,\",\"2\n3\"\n", 0, "0 1 4 0 -1|2:1,|3:2\n3\n"},
    {"lines in quotes count", "a,b\n\"\n\n\",\n5,6\n", 0,
     "0 1 4 0 -1|2:\n\n|0:\n1 4 10 0 -1|1:5|1:6\n"},
    {"two quotes are one", "a,b\n\"x\"\"y\",\"\"\"\"\n", 0, "0 1 4 0 -1|3:x\"y|1:\"\n"},
    {"empty quotes", "a,b\n\"\",\"\"\r\n", 0, "0 1 4 0 -1|0:|0:\n"},
    {"text after the closing quote", "a,b\n\"1\"2,\"3\" \n", 0, "0 1 4 0 -1|2:12|2:3 \n"},
    {"quotes after the closing quote", "a,b\n\"1\"2\"\",\"3\"x\"y\n", 0,
     "0 1 4 0 -1|4:12\"\"|4:3x\"y\n"},
    {"return after the closing quote", "a,b\n\"1\"\r\"2\",3\n", 0, "0 1 4 0 -1|5:1\r\"2\"|1:3\n"},
    {"return in quotes at the end", "a,b\n1,\"2\r\"\n", 0, "0 1 4 0 -1|1:1|2:2\r\n"},
    {"quote in text", "a,b\n5\"10,x\"\"\n", 0, "0 1 4 0 -1|4:5\"10|3:x\"\"\n"},
    {"quote after a blank is text", "a,b\n \"1\",2\n", 0, "0 1 4 0 -1|4: \"1\"|1:2\n"},
    {"NUL and bytes that are no UTF-8", "a,b\n\0,\xff\xc3\n", 9, "0 1 4 0 -1|1:@|2:\xff\xc3\n"},
    {"too few", "a,b\n1\n2,3\n", 0, "0 1 4 1 -1|0:|0:\n1 2 6 0 -1|1:2|1:3\n"},
    {"too many", "a,b\n1,2,3\n2,3\n", 0, "0 1 4 2 -1|0:|0:\n1 2 10 0 -1|1:2|1:3\n"},
    {"a quoted empty field is a record", "a,b\n\"\"\n", 0, "0 1 4 1 -1|0:|0:\n"},
    {"open quote", "a,b\n1,2\n3,\"4\n5,6\n", 0, "0 1 4 0 -1|1:1|1:2\n1 2 8 5 -1|0:|0:\n"},
    {"lone quote at the end", "a,b\n1,2\n\"", 0, "0 1 4 0 -1|1:1|1:2\n1 2 8 5 -1|0:|0:\n"},
    {"closing quote ends the file", "a,b\n1,\"2\"", 0, "0 1 4 0 -1|1:1|1:2\n"},
    {"open quote after two", "a,b\n1,\"2\"\"", 0, "0 1 4 5 -1|0:|0:\n"},
    {"columns in another order", "x,b,a\n1,2,3\n", 0, "0 1 6 0 -1|1:3|1:2\n"},
    {"names in quotes", "\"a\",\"b\"\n1,2\n", 0, "0 1 8 0 -1|1:1|1:2\n"},
    {"absent columns", "x,y\n1,2\n", 0, "0 1 4 0 -1|0:|0:\n"},
    {"names differ by case", "A,b\n1,2\n", 0, "0 1 4 0 -1|0:|1:2\n"},
    {"one column", "a\n1\n\n\"\"\n", 0, "0 1 2 0 -1|1:1|0:\n1 3 5 0 -1|0:|0:\n"},
};

/* Every chunk size, or one in so many. */
static int64_t chunk_step(void)
{
    const char *text = getenv("SCORELINE_CHUNK_STEP");

    return text != NULL && atoi(text) > 0 ? atoi(text) : 1;
}

static void test_grammar(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof grammar_cases / sizeof *grammar_cases; i++) {
        const struct grammar_case *c = &grammar_cases[i];
        size_t                     n = c->n_bytes > 0 ? c->n_bytes : strlen(c->data);
        struct fixture             f;
        struct sl_text             expected = {0};
        int64_t                    n_lines;

        fixture_init(&f);
        put_file(&f, c->data, n);
        request(&f, "a", SL_TEXT);
        request(&f, "b", SL_TEXT);
        add_bytes(&expected, c->rows, strlen(c->rows));
        for (size_t k = 0; c->n_bytes > 0 && k < expected.n_bytes; k++)
            if (expected.data[k] == '@')
                expected.data[k] = '\0';
        for (int64_t chunk = 1; chunk <= (int64_t)n + 1; chunk += chunk_step()) {
            for (f.piece_bytes = 1; f.piece_bytes < 8; f.piece_bytes += 3) {
                struct sl_text rows;

                read_file(&f, (int64_t)n, chunk, 0xff, &rows, &n_lines);
                assert_same(&rows, &expected, c->data, n, c->name);
                sl_text_release(&rows);
            }
        }
        {
            struct plain_file plain;
            struct sl_text    rows;

            read_plainly(&f, c->data, n, &rows, &n_lines, &plain);
            assert_same(&rows, &expected, c->data, n, "plain reader");
            sl_text_release(&rows);
            plain_csv_release(&plain);
        }
        sl_text_release(&expected);
        fixture_release(&f);
    }
}

/* Limits: field 3, record 8; columns a (text), n (number), i (integer). */
static const struct grammar_case typed_cases[] = {
    {"numbers", "a,n,i\nx,1.5,7\n", 0, "0 1 6 0 -1|1:x|0x1.8p+0|7\n"},
    {"blanks around", "a,n,i\n,\t1 , 7\n", 0, "0 1 6 0 -1|0:|0x1p+0|7\n"},
    {"missing, quoted or not", "a,n,i\n\"\",\"\",\n\"NA\",NA,\n", 0,
     "0 1 6 0 -1|0:|nan|-9223372036854775808\n1 2 13 0 -1|2:NA|nan|-9223372036854775808\n"},
    {"missing is exact", "a,n,i\n, NA,\n,,na\n", 0,
     "0 1 6 6 1|0:|nan|-9223372036854775808\n1 2 12 7 2|0:|nan|-9223372036854775808\n"},
    {"not an integer", "a,n,i\nx,1,2.0\n", 0, "0 1 6 7 2|1:x|nan|-9223372036854775808\n"},
    {"overflow is missing", "a,n,i\n,1e999,\n", 0, "0 1 6 0 -1|0:|nan|-9223372036854775808\n"},
    {"field at the limit", "a,n,i\nxyz,,\n", 0, "0 1 6 0 -1|3:xyz|nan|-9223372036854775808\n"},
    {"field over the limit", "a,n,i\nwxyz,,\n", 0, "0 1 6 3 -1|0:|nan|-9223372036854775808\n"},
    {"its text counts", "a,n,i\n\"x\"\"\",,\n", 0, "0 1 6 0 -1|2:x\"|nan|-9223372036854775808\n"},
    {"record at the limit", "a,n,i\nx,123,45\r\n", 0, "0 1 6 0 -1|1:x|0x1.ecp+6|45\n"},
    {"record over the limit", "a,n,i\nx,123,456\r\n,,\n", 0,
     "0 1 6 4 -1|0:|nan|-9223372036854775808\n1 2 17 0 -1|0:|nan|-9223372036854775808\n"},
    {"lines of a long record count", "a,n,i\n\"\n\n\n\n\n\n\n\n\n\",1\n,,\n", 0,
     "0 1 6 4 -1|0:|nan|-9223372036854775808\n1 11 20 0 -1|0:|nan|-9223372036854775808\n"},
    {"open quote beats the limits", "a,n,i\n\"12345678901234", 0,
     "0 1 6 5 -1|0:|nan|-9223372036854775808\n"},
};

static void test_types_and_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof typed_cases / sizeof *typed_cases; i++) {
        const struct grammar_case *c = &typed_cases[i];
        size_t                     n = strlen(c->data);
        struct fixture             f;
        struct sl_text             expected = {0};

        fixture_init(&f);
        put_file(&f, c->data, n);
        request(&f, "a", SL_TEXT);
        request(&f, "n", SL_NUMBER);
        request(&f, "i", SL_INTEGER);
        f.spec.max_field_bytes =
            strstr(c->name, "field") != NULL || strstr(c->name, "text") ? 3 : 99;
        f.spec.max_record_bytes = strstr(c->name, "record") != NULL ? 8 : 14;
        add_bytes(&expected, c->rows, strlen(c->rows));
        for (int64_t chunk = 1; chunk <= (int64_t)n + 1; chunk += chunk_step()) {
            for (f.piece_bytes = 1; f.piece_bytes < 64; f.piece_bytes *= 2) {
                struct sl_text rows;
                int64_t        n_lines;

                read_file(&f, (int64_t)n, chunk, 0xff, &rows, &n_lines);
                assert_same(&rows, &expected, c->data, n, c->name);
                sl_text_release(&rows);
            }
        }
        sl_text_release(&expected);
        fixture_release(&f);
    }
}

static void test_integers_of_64_bits(void **state)
{
    static const struct {
        const char *text;
        bool        good;
        int64_t     value;
    } cases[] = {
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775807", true, -INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"+5", true, 5},
        {"-0", true, 0},
        {"007", true, 7},
        {"1e3", false, 0},
        {"- 1", false, 0},
        {"0x10", false, 0},
        {"12.0", false, 0},
        {"9007199254740993", true, 9007199254740993},
    };
    struct fixture f;

    (void)state;
    fixture_init(&f);
    request(&f, "i", SL_INTEGER);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char           data[64];
        struct sl_text rows;
        struct sl_text expected = {0};
        int64_t        n_lines;
        int            n = snprintf(data, sizeof data, "i\n%s\n", cases[i].text);

        put_file(&f, data, (size_t)n);
        if (cases[i].good)
            add(&expected, "0 1 2 0 -1|%" PRId64 "\n", cases[i].value);
        else
            add(&expected, "0 1 2 7 0|-9223372036854775808\n");
        read_file(&f, n, n, 0, &rows, &n_lines);
        assert_same(&rows, &expected, data, (size_t)n, cases[i].text);
        sl_text_release(&rows);
        sl_text_release(&expected);
    }
    fixture_release(&f);
}

/* --- errors ------------------------------------------------------------------------------- */

static void test_open_errors(void **state)
{
    static const struct {
        const char *data;
        const char *name;
        bool        optional;
        const char *text; /* after the path; NULL: no error */
    } cases[] = {
        {"winner,loser\n1,2\n", "winner", false, NULL},
        {"winner,loser\n1,2\n", "winer", false, ": no column 'winer', did you mean 'winner'?"},
        {"winner,loser\n1,2\n", "zzzzzz", false, ": no column 'zzzzzz'"},
        {"winner,loser\n1,2\n", "zzzzzz", true, NULL},
        {"x,x,y\n1,2,3\n", "x", true, ": column 'x' stands twice in the header"},
        {"x,x,y\n1,2,3\n", "y", false, NULL},
        {"x,\"y\n1,2\n", "x", false, ": the file ends inside quotes, in its header"},
        {"", "x", false, NULL},
        {"\n\r\n", "x", false, NULL},
        {"\n\r", "x", false, ": no column 'x'"},
    };
    struct fixture f;

    (void)state;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_column_request request = request_of(cases[i].name, SL_TEXT, cases[i].optional);
        struct sl_source_range   range =
            range_of(f.path, 0, (int64_t)strlen(cases[i].data), -1, true);
        struct sl_source *source = NULL;
        struct sl_error   err = {0};
        char              expected[256];
        sl_status         rc;

        put_file(&f, cases[i].data, strlen(cases[i].data));
        rc = sl_source_open(&f.spec, &range, &request, 1, &source, &err);
        assert_int_equal(rc, cases[i].text == NULL ? SL_OK : SL_EINPUT);
        if (cases[i].text != NULL) {
            snprintf(expected, sizeof expected, "'%s'%s", f.path, cases[i].text);
            assert_string_equal(err.text, expected);
            assert_null(source);
        }
        sl_source_close(source);
    }
    fixture_release(&f);
}

/* An error while opening again leaves a source that has no rows and can be opened once more. */
static void test_open_again(void **state)
{
    struct fixture           f;
    struct sl_column_request column = request_of("a", SL_NUMBER, false);
    struct sl_source_range   range = range_of(NULL, 0, 100, -1, true);
    struct sl_source        *source = NULL;
    struct sl_column_block   block;
    struct sl_error          err;

    (void)state;
    fixture_init(&f);
    put_file(&f, "a\n1\nx\n", 6);
    range.path = f.path;
    assert_int_equal(sl_column_block_init(&block, &column, 1, &err), SL_OK);
    assert_int_equal(sl_source_open(&f.spec, &range, &column, 1, &source, &err), SL_OK);
    range.path = "/nowhere/x.csv";
    assert_int_equal(sl_source_open(&f.spec, &range, &column, 1, &source, &err), SL_EINPUT);
    assert_string_equal(err.text, "'/nowhere/x.csv': no such file");
    assert_non_null(source);
    assert_int_equal(sl_source_next(source, &block, &err), SL_OK);
    assert_int_equal(block.n_rows, 0);
    range.path = f.path;
    assert_int_equal(sl_source_open(&f.spec, &range, &column, 1, &source, &err), SL_OK);
    assert_int_equal(sl_source_next(source, &block, &err), SL_OK);
    assert_int_equal(block.n_rows, 2);
    assert_true(block.columns[0].values.number[0] == 1);
    sl_source_close(source);
    sl_column_block_release(&block);
    fixture_release(&f);
}

static void test_describe(void **state)
{
    static const char        data[] = "a,b\n1,\"x\ty\"\"z\"\nlonger\x01record\n";
    struct fixture           f;
    struct sl_column_request columns[] = {request_of("a", SL_TEXT, false),
                                          request_of("b", SL_NUMBER, false)};
    struct sl_source_range   range = range_of(NULL, 0, sizeof data - 1, -1, true);
    struct sl_source        *source = NULL;
    struct sl_column_block   block;
    struct sl_error          err;
    char                     text[16];

    (void)state;
    fixture_init(&f);
    put_file(&f, data, sizeof data - 1);
    range.path = f.path;
    assert_int_equal(sl_column_block_init(&block, columns, 2, &err), SL_OK);
    assert_int_equal(sl_source_open(&f.spec, &range, columns, 2, &source, &err), SL_OK);
    assert_int_equal(sl_source_next(source, &block, &err), SL_OK);
    assert_int_equal(block.n_rows, 2);
    assert_int_equal(block.reject_column[0], 1);
    sl_source_describe(source, &block, 0, text, sizeof text);
    assert_string_equal(text, "x?y\"z");
    sl_source_describe(source, &block, 1, text, sizeof text);
    assert_string_equal(text, "longer?record");
    sl_source_describe(source, &block, 1, text, 10);
    assert_string_equal(text, "longer...");
    sl_source_close(source);
    sl_column_block_release(&block);
    fixture_release(&f);
}

/* --- guesses ------------------------------------------------------------------------------ */

/* Well-formed files with line ends and delimiters in quotes: no chunk needs to be done again. */
static void test_guesses_are_right(void **state)
{
    static const char *const records[] = {
        "1,plain,3\n",
        "1,\"two\nlines, a comma\",3\r\n",
        "1,\"\"\"quoted\"\"\n\"\"twice\"\"\",3\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct fixture f;
        struct sl_text data = {0};
        struct sl_text rows;
        int64_t        n_lines;

        fixture_init(&f);
        request(&f, "b", SL_TEXT);
        add(&data, "a,b,c\n");
        for (int k = 0; k < 40; k++)
            add(&data, "%s", records[i]);
        put_file(&f, data.data, data.n_bytes);
        for (int64_t chunk = 1; chunk < 80; chunk++) {
            f.piece_bytes = chunk % 2 == 0 ? 13 : SL_CSV_PIECE_BYTES;
            read_file(&f, (int64_t)data.n_bytes, chunk, 0xff, &rows, &n_lines);
            sl_text_release(&rows);
        }
        assert_true(f.n_chunks > 1000);
        assert_int_equal(f.n_repeated, 0);
        sl_text_release(&data);
        fixture_release(&f);
    }
}

/* A guess in the midst of one giant record reads no further than the limit behind its end, and says
 * that it gave up; with a certain begin the same chunk finds the end. */
static void test_giving_up(void **state)
{
    enum { GIANT = 300000, LIMIT = 1000, FIRST = 5000, END = 6000 };
    struct fixture          f;
    struct sl_text          data = {0};
    struct chain            chain = {.end = 0};
    struct sl_source_extent extent;
    struct sl_error         err;
    struct sl_source_range  range;

    (void)state;
    fixture_init(&f);
    request(&f, "a", SL_TEXT);
    f.spec.max_record_bytes = LIMIT;
    f.piece_bytes = 512;
    add(&data, "a,b\n\"");
    for (int i = 0; i < GIANT; i++)
        add_bytes(&data, "x", 1);
    add(&data, "\",1\n2,3\n");
    put_file(&f, data.data, data.n_bytes);
    assert_int_equal(sl_column_block_init(&chain.block, f.requests, f.n_requests, &err), SL_OK);

    range = range_of(f.path, FIRST, END, -1, false);
    read_range(&f, &range, &chain, &extent);
    assert_true(extent.gave_up);
    assert_int_equal(extent.n_records, 0);
    assert_true(((struct sl_csv *)f.state)->window.offset +
                    (int64_t)((struct sl_csv *)f.state)->window.n_bytes <=
                END + LIMIT);

    range = range_of(f.path, 1, 5, 4, false);
    read_range(&f, &range, &chain, &extent);
    assert_true(extent.gave_up);
    range = range_of(f.path, 1, 5, 4, true);
    read_range(&f, &range, &chain, &extent);
    assert_false(extent.gave_up);
    assert_int_equal(extent.begin, 4);
    assert_int_equal(extent.end, GIANT + 9);
    assert_int_equal(extent.n_records, 1);
    assert_int_equal(extent.n_lines, 1);
    assert_true(((struct sl_csv *)f.state)->window.capacity < 16 * LIMIT);

    range = range_of(f.path, FIRST, END, GIANT + 9, true);
    read_range(&f, &range, &chain, &extent);
    assert_int_equal(extent.begin, GIANT + 9);
    assert_int_equal(extent.end, GIANT + 9);
    assert_int_equal(extent.n_records, 0);
    sl_column_block_release(&chain.block);
    sl_text_release(&chain.rows);
    sl_text_release(&data);
    fixture_release(&f);
}

/* A file of one column, a number a line: what of them is read, and what is refused. */
static void check_numbers(const struct sl_text *lines)
{
    struct fixture    f;
    struct sl_text    data = {0};
    struct sl_text    rows;
    struct sl_text    expected;
    struct plain_file plain;
    int64_t           n_lines;

    fixture_init(&f);
    request(&f, "x", SL_NUMBER);
    request(&f, "x", SL_INTEGER);
    add(&data, "x\n");
    add_bytes(&data, lines->data, lines->n_bytes);
    put_file(&f, data.data, data.n_bytes);
    read_plainly(&f, data.data, data.n_bytes, &expected, &n_lines, &plain);
    read_file(&f, (int64_t)data.n_bytes, (int64_t)data.n_bytes, 0, &rows, &n_lines);
    assert_same(&rows, &expected, data.data, data.n_bytes, "numbers");
    sl_text_release(&rows);
    sl_text_release(&expected);
    sl_text_release(&data);
    plain_csv_release(&plain);
    fixture_release(&f);
}

/* Digits of all lengths with a point and another byte anywhere: those of up to eight bytes are read
 * in their own way, the last one at the very end of the file. */
static void test_short_numbers(void **state)
{
    static const char others[] = "5.e+- x/:\t";
    struct sl_text    lines = {0};

    (void)state;
    for (size_t n = 1; n <= 11; n++) {
        for (size_t point = 0; point <= n; point++) {
            for (size_t other = 0; other < n; other++) {
                char text[16];

                for (size_t i = 0; i < n; i++)
                    text[i] = (char)('0' + (3 * i + point + n) % 10);
                text[other] = others[(other + n + point) % (sizeof others - 1)];
                if (point < n)
                    text[point] = '.';
                add_bytes(&lines, text, n);
                add(&lines, "\n%.*s\n", (int)(n - 1), text);
            }
        }
    }
    add(&lines, "7.5");
    check_numbers(&lines);
    sl_text_release(&lines);
}

/* Texts that mean missing may look like numbers, and an empty one need not be among them. */
static void check_missing(char **missing, int n_missing)
{
    static const char *const texts[] = {"",         "99", ".5", "-9",       "7", "1.25",
                                        "NA",       "x",  "99", "98",       "0", "00",
                                        "12345678", "9.", ".",  "123456789"};
    enum { N_TEXTS = sizeof texts / sizeof *texts, N_ROWS = 5 * N_TEXTS };
    struct fixture         f;
    struct sl_text         data = {0};
    struct sl_column_block block;
    struct sl_source_range range;
    struct sl_error        err;

    fixture_init(&f);
    f.spec.missing = missing;
    f.spec.n_missing = n_missing;
    request(&f, "x", SL_NUMBER);
    add(&data, "k,x\n");
    for (size_t i = 0; i < N_ROWS; i++)
        add(&data, "%zu,%s\n", i, texts[i % N_TEXTS]);
    put_file(&f, data.data, data.n_bytes);
    range = range_of(f.path, 0, (int64_t)data.n_bytes, -1, true);
    assert_int_equal(sl_column_block_init(&block, f.requests, f.n_requests, &err), SL_OK);
    assert_int_equal(sl_csv_open(&f.spec, &range, f.requests, 1, f.piece_bytes, &f.state, &err),
                     SL_OK);
    assert_int_equal(sl_source_csv.next(f.state, &block, &err), SL_OK);
    assert_int_equal(block.n_rows, N_ROWS);
    for (size_t i = 0; i < N_ROWS; i++) {
        const char *text = texts[i % N_TEXTS];
        const bool  is_missing = sl_is_among(text, missing, n_missing);
        double      expected = NAN;
        const bool  good =
            is_missing || sl_parse_f64((struct sl_slice){text, strlen(text)}, &expected);

        assert_int_equal(block.reject[i], good ? SL_GOOD : SL_NOT_A_NUMBER);
        if (isnan(expected))
            assert_true(isnan(block.columns[0].values.number[i]));
        else
            assert_true(block.columns[0].values.number[i] == expected);
    }
    sl_column_block_release(&block);
    sl_text_release(&data);
    fixture_release(&f);
}

static void test_missing_like_numbers(void **state)
{
    (void)state;
    check_missing((char *[]){(char[]){""}}, 1);
    check_missing((char *[]){(char[]){"NA"}}, 1);
    check_missing((char *[]){(char[]){""}, (char[]){"99"}}, 2);
    check_missing((char *[]){(char[]){".5"}, (char[]){"-9"}}, 2);
    check_missing((char *[]){(char[]){"-9"}, (char[]){""}, (char[]){"NA"}}, 3);
    check_missing(NULL, 0);
}

/* --- generated files ---------------------------------------------------------------------- */

static bool chance(struct random *random, size_t percent)
{
    return below(random, 100) < percent;
}

static const char *const atoms[] = {
    "x",  "1",    "2.5",  "-7",       "NA", " ",   "\t",   "\r",
    "\"", "\"\"", "\xff", "\xc3\xa9", "'",  "1e5", "word",
};

static void add_atoms(struct random *random, struct sl_text *to, size_t most)
{
    for (size_t n = below(random, most + 1); n > 0; n--) {
        if (chance(random, 4))
            add_bytes(to, "", 1); /* a NUL */
        else
            add(to, "%s", atoms[below(random, sizeof atoms / sizeof *atoms)]);
    }
}

static void add_quoted(struct random *random, char delimiter, char quote, struct sl_text *to)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};

    add(to, "%c", quote);
    for (size_t n = below(random, 6); n > 0; n--) {
        switch (below(random, 5)) {
        case 0:
            add(to, "%s", ends[below(random, 3)]);
            break;
        case 1:
            add(to, "%c", delimiter);
            break;
        case 2:
            add(to, "%c%c", quote, quote);
            break;
        case 3:
            add(to, "%s", chance(random, 50) ? "12" : "NA");
            break;
        default:
            add(to, "text");
        }
    }
    if (chance(random, 98))
        add(to, "%c", quote);
    if (chance(random, 8))
        add_atoms(random, to, 2);
}

static void add_field(struct random *random, const struct fixture *f, bool wild, struct sl_text *to)
{
    size_t kind = below(random, 100);

    if (kind < 40)
        add(to, "%d", (int)below(random, 1000) - 500);
    else if (kind < 50)
        add(to, "%.3f", (double)below(random, 100000) / 7);
    else if (kind < 60)
        return;
    else if (kind < 85)
        add_quoted(random, f->spec.delimiter, f->spec.quote, to);
    else if (kind == 99)
        for (size_t n = below(random, 400); n > 0; n--)
            add(to, "%c", chance(random, 90) ? 'g' : f->spec.quote);
    else if (wild)
        add_atoms(random, to, 4);
    else
        add(to, "word");
}

static void add_line_end(struct random *random, int style, struct sl_text *to)
{
    bool two = style == 2 ? chance(random, 50) : style == 1;

    add(to, "%s", two ? "\r\n" : "\n");
    if (chance(random, 5))
        add(to, "%s", chance(random, 50) ? "\n" : "\r\n");
}

static void add_header(struct random *random, const struct fixture *f, size_t n_columns, int style,
                       struct sl_text *to)
{
    if (chance(random, 15))
        add_bytes(to, "\xEF\xBB\xBF", 3);
    if (chance(random, 10))
        add(to, "\n\r\n");
    for (size_t i = 0; i < n_columns; i++) {
        if (i > 0)
            add(to, "%c", f->spec.delimiter);
        if (chance(random, 20))
            add(to, "%cc%zu%c", f->spec.quote, i, f->spec.quote);
        else
            add(to, "c%zu", i);
    }
    add_line_end(random, style, to);
}

/* Records that are mostly right. */
static void add_records(struct random *random, const struct fixture *f, size_t n_columns, int style,
                        struct sl_text *to)
{
    bool wild = chance(random, 50);
    bool ragged = chance(random, 30);

    for (size_t n = below(random, 14); n > 0; n--) {
        size_t n_fields = n_columns;

        if (ragged && chance(random, 20))
            n_fields = 1 + below(random, n_columns + 2);
        for (size_t i = 0; i < n_fields; i++) {
            if (i > 0)
                add(to, "%c", f->spec.delimiter);
            add_field(random, f, wild, to);
        }
        if (n > 1 || chance(random, 60))
            add_line_end(random, style, to);
    }
    if (chance(random, 5))
        add(to, "%c", f->spec.quote);
}

/* Bytes that mean something, in any order. */
static void add_noise(struct random *random, const struct fixture *f, struct sl_text *to)
{
    const char bytes[] = {f->spec.delimiter,
                          f->spec.quote,
                          f->spec.quote,
                          '\n',
                          '\n',
                          '\r',
                          'x',
                          '1',
                          ' ',
                          '\0',
                          '\xff'};

    for (size_t n = below(random, 60); n > 0; n--)
        add_bytes(to, &bytes[below(random, sizeof bytes)], 1);
}

static void make_file(struct random *random, struct fixture *f, struct sl_text *to)
{
    static const char delimiters[] = ",,,;\t|: ";
    static const char quotes[] = "\"\"\"'";
    size_t            n_columns = 1 + below(random, 5);
    int               style = (int)below(random, 3);

    f->spec.delimiter = delimiters[below(random, sizeof delimiters - 1)];
    f->spec.quote = quotes[below(random, sizeof quotes - 1)];
    f->spec.max_field_bytes = chance(random, 25) ? 1 + (int64_t)below(random, 12) : 1 << 20;
    f->spec.max_record_bytes = chance(random, 25) ? 1 + (int64_t)below(random, 60) : 16 << 20;
    add(to, "%s", "");
    if (chance(random, 2))
        return;
    if (chance(random, 3)) {
        add(to, "%s", chance(random, 50) ? "\n\r\n\n" : "\r\n");
        return;
    }
    add_header(random, f, n_columns, style, to);
    if (chance(random, 35))
        add_noise(random, f, to);
    else
        add_records(random, f, n_columns, style, to);
}

static void make_requests(struct random *random, struct fixture *f)
{
    static const char *const names[] = {"c0", "c1", "c2", "c3", "c4", "absent"};

    f->n_requests = 0;
    for (size_t n = below(random, MOST_REQUESTS); n > 0; n--)
        request(f, names[below(random, 6)], (enum sl_type)below(random, 3));
}

static void compare_cuts(struct random *random, struct fixture *f, const struct sl_text *data,
                         uint64_t seed)
{
    struct sl_text    expected;
    struct plain_file plain;
    int64_t           n_lines;
    int64_t           n_bytes = (int64_t)data->n_bytes;

    read_plainly(f, data->data, data->n_bytes, &expected, &n_lines, &plain);
    for (int cut = 0; cut < 4; cut++) {
        int64_t  chunk = cut == 0 ? n_bytes + 1 : 1 + (int64_t)below(random, data->n_bytes + 1);
        unsigned guess = cut == 1 ? 0xff : (unsigned)below(random, 256);
        struct sl_text rows;
        int64_t        lines;
        char           how[128];

        if (cut == 3 && (n_bytes < 60 || chance(random, 10)))
            chunk = 1;
        else if (cut > 1)
            chunk = 1 + chunk / 8;
        f->piece_bytes = chance(random, 50) ? 1 + below(random, 40) : SL_CSV_PIECE_BYTES;
        snprintf(how, sizeof how, "seed %" PRIu64 ", chunks of %" PRId64 ", pieces of %zu", seed,
                 chunk, f->piece_bytes);
        read_file(f, n_bytes, chunk, guess, &rows, &lines);
        assert_same(&rows, &expected, data->data, data->n_bytes, how);
        if (plain.has_header)
            assert_int_equal(lines, n_lines);
        sl_text_release(&rows);
    }
    sl_text_release(&expected);
    plain_csv_release(&plain);
}

static void test_generated_files(void **state)
{
    const char    *count = getenv("SL_CSV_FILES");
    const char    *first = getenv("SL_CSV_SEED");
    uint64_t       n = count != NULL ? strtoull(count, NULL, 10) : 3000;
    uint64_t       begin = first != NULL ? strtoull(first, NULL, 10) : 0;
    struct fixture f;

    (void)state;
    fixture_init(&f);
    for (uint64_t seed = begin; seed < begin + n; seed++) {
        struct random  random = {sl_mix64(seed)};
        struct sl_text data = {0};

        make_file(&random, &f, &data);
        make_requests(&random, &f);
        put_file(&f, data.data, data.n_bytes);
        compare_cuts(&random, &f, &data, seed);
        sl_text_release(&data);
    }
    print_message("%" PRIu64 " files, %" PRId64 " chunks, %" PRId64 " repeated\n", n, f.n_chunks,
                  f.n_repeated);
    fixture_release(&f);
}

/* Files larger than the window: full blocks, refills, records longer than a piece. */
static void test_large_files(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct random     random = {sl_mix64(seed + 77)};
        struct sl_text    data = {0};
        struct sl_text    expected;
        struct plain_file plain;
        int64_t           n_lines;

        make_requests(&random, &f);
        f.spec.max_record_bytes = seed % 2 == 0 ? 50000 : 16 << 20;
        add_header(&random, &f, 4, 2, &data);
        while (data.n_bytes < 1500000) {
            size_t n = chance(&random, 1) ? below(&random, 400000) : 0;

            for (int i = 0; i < 4; i++) {
                add(&data, "%s", i > 0 ? "," : "");
                add_field(&random, &f, false, &data);
            }
            if (n > 0) {
                add(&data, ",\"");
                for (size_t k = 0; k < n; k += 16)
                    add_bytes(&data, "sixteen bytes,\n ", 16);
                add(&data, "\"");
            }
            add(&data, "\n");
        }
        put_file(&f, data.data, data.n_bytes);
        read_plainly(&f, data.data, data.n_bytes, &expected, &n_lines, &plain);
        for (int64_t chunk = 40001; chunk < 2000000; chunk *= 7) {
            struct sl_text rows;
            int64_t        lines;

            read_file(&f, (int64_t)data.n_bytes, chunk, 0xff, &rows, &lines);
            assert_same(&rows, &expected, data.data, data.n_bytes, "large file");
            assert_int_equal(lines, n_lines);
            sl_text_release(&rows);
        }
        sl_text_release(&expected);
        plain_csv_release(&plain);
        sl_text_release(&data);
    }
    fixture_release(&f);
}

/* --- the real matches --------------------------------------------------------------------- */

/* $SCORELINE_WTA_DIR, or where a checkout has them beside it. */
static void wta_path(int year, char *out, size_t out_bytes)
{
    const char *directory = getenv("SCORELINE_WTA_DIR");
    const char *slash = strrchr(__FILE__, '/');

    if (directory != NULL)
        snprintf(out, out_bytes, "%s/wta_matches_%d.csv", directory, year);
    else
        snprintf(out, out_bytes, "%.*s../../../shared/data/wta/wta_matches_%d.csv",
                 slash != NULL ? (int)(slash - __FILE__ + 1) : 0, __FILE__, year);
}

static int64_t count_rows(struct fixture *f, int64_t n_bytes, int64_t chunk_bytes)
{
    struct sl_text rows;
    int64_t        n_lines;
    int64_t        n = 0;

    read_file(f, n_bytes, chunk_bytes, 0xff, &rows, &n_lines);
    for (const char *p = rows.data; (p = strchr(p, '\n')) != NULL; p++)
        n++;
    assert_int_equal(n_lines, n + 1);
    sl_text_release(&rows);
    return n;
}

static void test_real_matches(void **state)
{
    struct fixture f;
    int64_t        n_rows = 0;

    (void)state;
    fixture_init(&f);
    request(&f, "winner_rank_points", SL_NUMBER);
    request(&f, "loser_rank_points", SL_NUMBER);
    for (int year = 2000; year <= 2016; year++) {
        struct sl_bytes_info info;
        struct sl_error      err;
        char                 path[512];

        wta_path(year, path, sizeof path);
        if (sl_bytes_stat(path, &info, &err) != SL_OK) {
            print_message("the WTA matches are not here, skipped: %s\n", err.text);
            fixture_release(&f);
            skip();
        }
        unlink(f.path);
        assert_int_equal(symlink(path, f.path), 0);
        n_rows += count_rows(&f, info.n_bytes, 10007);
        assert_int_equal(f.n_repeated, 0);
        if (year == 2015)
            assert_int_equal(count_rows(&f, info.n_bytes, info.n_bytes), 2651);
    }
    assert_int_equal(n_rows, 48297);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_types_and_limits),
        cmocka_unit_test(test_integers_of_64_bits),
        cmocka_unit_test(test_open_errors),
        cmocka_unit_test(test_open_again),
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_guesses_are_right),
        cmocka_unit_test(test_giving_up),
        cmocka_unit_test(test_short_numbers),
        cmocka_unit_test(test_missing_like_numbers),
        cmocka_unit_test(test_generated_files),
        cmocka_unit_test(test_large_files),
        cmocka_unit_test(test_real_matches),
    };

    const struct sl_csv_scanner *scanner;
    int                          n_failed = 0;

    for (size_t i = 0; (scanner = sl_csv_scanner_at(i)) != NULL; i++) {
        if (!scanner->runs_here()) {
            print_message("this machine has no '%s', skipped\n", scanner->name);
            continue;
        }
        setenv("SCORELINE_SIMD", scanner->name, 1);
        n_failed += cmocka_run_group_tests_name(scanner->name, tests, NULL, NULL);
    }
    return n_failed;
}
