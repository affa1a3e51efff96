/* Every scanner that runs here finds what the plain one finds, to the last member: on generated
 * buffers of all shapes, the end of the buffer and that of a block anywhere.
 *
 * SL_SCAN_BUFFERS (default 3000) says how many buffers, SL_SCAN_SEED the first; for soak runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <inttypes.h>

#include "../../src/source/csv/csv.h"
#include "../support/random.h"

enum { MOST_NEEDED = 24, MOST_SCANNERS = 4, MOST_BYTES = 1 << 20 };

static bool chance(struct random *random, size_t per_mille)
{
    return below(random, 1000) < per_mille;
}

/* --- buffers ------------------------------------------------------------------------------- */

/* How a buffer is made: all but the first four are chances per mille. */
struct style {
    size_t n_columns;
    size_t field_bytes; /* at most, of most fields */
    size_t n_bytes;     /* about, of the buffer */
    char   delimiter, quote;
    size_t quoted, inner_line, escaped, odd, tail; /* of fields: see put_field() */
    size_t long_field, ragged, blank, crlf;
};

struct buffer {
    char  *data; /* [MOST_BYTES] */
    size_t n_bytes;
};

static void put(struct buffer *to, char c)
{
    if (to->n_bytes < MOST_BYTES)
        to->data[to->n_bytes++] = c;
}

static void put_text(struct random *random, const struct style *style, struct buffer *to, size_t n,
                     bool inside)
{
    static const char letters[] = "0123456789abc. \r-";

    for (; n > 0; n--) {
        if (inside && chance(random, style->inner_line))
            put(to, chance(random, 500) ? '\n' : style->delimiter);
        else if (inside && chance(random, style->escaped)) {
            put(to, style->quote);
            put(to, style->quote);
        } else {
            put(to, letters[below(random, sizeof letters - 1)]);
        }
    }
}

static void put_field(struct random *random, const struct style *style, struct buffer *to)
{
    bool   quoted = chance(random, style->quoted);
    size_t n = below(random, style->field_bytes + 1);

    if (chance(random, style->long_field))
        n = below(random, chance(random, 100) ? 70000 : 300);
    if (quoted)
        put(to, style->quote);
    put_text(random, style, to, n, quoted);
    if (quoted && !chance(random, style->odd / 8))
        put(to, style->quote);
    if (quoted && chance(random, style->tail))
        put_text(random, style, to, 1 + below(random, 4), false);
    if (chance(random, style->odd)) {
        put(to, style->quote);
        put_text(random, style, to, below(random, 3), false);
    }
}

static void put_record(struct random *random, const struct style *style, struct buffer *to)
{
    size_t n = style->n_columns;

    if (chance(random, style->ragged))
        n = 1 + below(random, n + 3);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            put(to, style->delimiter);
        put_field(random, style, to);
    }
    do {
        if (chance(random, style->crlf))
            put(to, '\r');
        put(to, '\n');
    } while (chance(random, style->blank));
}

static size_t often_none(struct random *random, size_t most)
{
    return chance(random, 500) ? 0 : below(random, most + 1);
}

static size_t draw_n_columns(struct random *random)
{
    static const size_t most[] = {60, 60, 60, 60, 60, 60, 60, 300, 3000, 70000};

    return 1 + below(random, most[below(random, sizeof most / sizeof *most)]);
}

static void make_style(struct random *random, struct style *style)
{
    static const char   delimiters[] = ",,,;\t|";
    static const char   quotes[] = "\"\"\"'";
    static const size_t sizes[] = {0, 40, 300, 3000, 30000, 200000};

    *style = (struct style){
        .n_columns = draw_n_columns(random),
        .field_bytes = below(random, chance(random, 200)   ? 100
                                     : chance(random, 100) ? 1
                                                           : 12),
        .n_bytes = 1 + below(random, 1 + sizes[below(random, sizeof sizes / sizeof *sizes)]),
        .delimiter = delimiters[below(random, sizeof delimiters - 1)],
        .quote = quotes[below(random, sizeof quotes - 1)],
        .quoted = chance(random, 300) ? 1000 : often_none(random, 400),
        .inner_line = often_none(random, 100),
        .escaped = often_none(random, 100),
        .odd = chance(random, 600) ? 0 : below(random, 30),
        .tail = chance(random, 700) ? 0 : below(random, 100),
        .long_field = chance(random, 800) ? 0 : below(random, 10),
        .ragged = chance(random, 600) ? 0 : below(random, 100),
        .blank = chance(random, 600) ? 0 : below(random, 200),
        .crlf = chance(random, 500) ? 0 : below(random, 1001),
    };
}

static void make_buffer(struct random *random, const struct style *style, struct buffer *to)
{
    const char noise[] = {style->delimiter, style->quote, style->quote, '\n', '\r', 'x', '\0'};

    to->n_bytes = 0;
    if (chance(random, 100)) /* bytes that mean something, in any order */
        while (to->n_bytes < style->n_bytes)
            put(to, noise[below(random, sizeof noise)]);
    while (to->n_bytes < style->n_bytes)
        put_record(random, style, to);
    if (chance(random, 700)) /* cut anywhere */
        to->n_bytes = style->n_bytes;
}

/* --- comparison ---------------------------------------------------------------------------- */

/* What all scanners are asked; each has its own records. */
struct question {
    struct sl_csv_scan    scan;
    uint32_t              needed[MOST_NEEDED + 1];
    const char           *data;
    size_t                n_bytes;
    size_t                stop;
    bool                  at_end;
    uint64_t              seed;
    struct sl_csv_records expected;
    struct sl_csv_records found;
};

static void init_records(struct sl_csv_records *records)
{
    records->record = malloc(SL_BLOCK_ROWS * sizeof *records->record);
    records->field = malloc(MOST_NEEDED * SL_CSV_FIELD_ROWS * sizeof *records->field);
    assert_true(records->record != NULL && records->field != NULL);
}

static void choose_needed(struct random *random, size_t n_columns, struct question *question)
{
    size_t   n = below(random, MOST_NEEDED + 1);
    size_t   most_gap = 1 + 2 * n_columns / (n + 1);
    uint32_t next = 0;

    if (chance(random, 200))
        next = (uint32_t)below(random, n_columns);
    question->scan.n_needed = n;
    for (size_t i = 0; i < n; i++) {
        next += (uint32_t)below(random, chance(random, 500) ? 2 : most_gap);
        question->needed[i] = next++;
    }
    question->needed[n] = UINT32_MAX;
    question->scan.needed = question->needed;
}

static void compare_record(const struct question *question, size_t row)
{
    const struct sl_csv_record *a = &question->expected.record[row];
    const struct sl_csv_record *b = &question->found.record[row];

    if (a->span.begin != b->span.begin || a->span.end != b->span.end || a->line != b->line ||
        a->n_fields != b->n_fields || a->quoted != b->quoted || a->open != b->open)
        fail_msg("%s, seed %" PRIu64 ": record %zu [%u, %u) differs", question->scan.scanner->name,
                 question->seed, row, a->span.begin, a->span.end);
    for (size_t i = 0; i < question->scan.n_needed && question->needed[i] < a->n_fields; i++) {
        const struct sl_csv_span *x = sl_csv_field(&question->expected, i, row);
        const struct sl_csv_span *y = sl_csv_field(&question->found, i, row);

        /* Of an open record the field that is open was not found. */
        if (!a->open && (x->begin != y->begin || x->end != y->end))
            fail_msg("%s, seed %" PRIu64 ": record %zu, field %u: [%u, %u), expected [%u, %u)",
                     question->scan.scanner->name, question->seed, row, question->needed[i],
                     y->begin, y->end, x->begin, x->end);
    }
}

static void ask(struct question *question, const struct sl_csv_scanner *scanner, size_t start,
                struct sl_csv_records *records)
{
    memset(records->record, 0x5A, SL_BLOCK_ROWS * sizeof *records->record);
    question->scan.scanner = scanner;
    sl_csv_scan_records(&question->scan, question->data, start, question->stop, question->n_bytes,
                        question->at_end, records);
}

static void compare(struct question *question, const struct sl_csv_scanner *scanner, size_t start)
{
    ask(question, scanner, start, &question->found);
    if (question->found.n != question->expected.n ||
        question->found.used != question->expected.used ||
        question->found.n_lines != question->expected.n_lines)
        fail_msg("%s, seed %" PRIu64 ", from %zu: %zu records to %zu, expected %zu to %zu",
                 scanner->name, question->seed, start, question->found.n, question->found.used,
                 question->expected.n, question->expected.used);
    for (size_t row = 0; row < question->expected.n; row++)
        compare_record(question, row);
}

static size_t list_scanners(const struct sl_csv_scanner **scanners)
{
    const struct sl_csv_scanner *scanner;
    size_t                       n = 0;

    for (size_t i = 0; (scanner = sl_csv_scanner_at(i)) != NULL; i++) {
        if (!scanner->runs_here())
            print_message("this machine has no '%s', skipped\n", scanner->name);
        else if (scanner != &sl_csv_scanner_plain)
            scanners[n++] = scanner;
    }
    return n;
}

/* Block after block, until a buffer is used up. */
static size_t compare_all(struct question *question, const struct sl_csv_scanner *const *scanners,
                          size_t n_scanners, size_t start)
{
    size_t n_records = 0;

    for (;;) {
        ask(question, &sl_csv_scanner_plain, start, &question->expected);
        for (size_t i = 0; i < n_scanners; i++)
            compare(question, scanners[i], start);
        n_records += question->expected.n;
        if (question->expected.used == start)
            return n_records;
        start = question->expected.used;
    }
}

static uint64_t number_from(const char *variable, uint64_t fallback)
{
    const char *text = getenv(variable);

    return text != NULL ? strtoull(text, NULL, 10) : fallback;
}

static void test_same_as_plain(void **state)
{
    const struct sl_csv_scanner *scanners[MOST_SCANNERS];
    size_t                       n_scanners = list_scanners(scanners);
    uint64_t                     n = number_from("SL_SCAN_BUFFERS", 3000);
    uint64_t                     first = number_from("SL_SCAN_SEED", 0);
    struct buffer                buffer = {.data = malloc(MOST_BYTES)};
    struct question              question = {.n_bytes = 0};
    size_t                       n_records = 0;

    (void)state;
    assert_non_null(buffer.data);
    init_records(&question.expected);
    init_records(&question.found);
    for (question.seed = first; question.seed < first + n; question.seed++) {
        struct random random = {sl_mix64(question.seed)};
        struct style  style;
        size_t        offset = below(&random, 64);
        char         *copy;

        make_style(&random, &style);
        make_buffer(&random, &style, &buffer);
        choose_needed(&random, style.n_columns, &question);
        copy = malloc(offset + buffer.n_bytes + 1); /* not a byte more may be read */
        assert_non_null(copy);
        memcpy(copy + offset, buffer.data, buffer.n_bytes);
        copy[offset + buffer.n_bytes] = '\n';
        question.data = copy + offset;
        question.n_bytes = buffer.n_bytes;
        question.stop = chance(&random, 800) ? buffer.n_bytes : below(&random, buffer.n_bytes + 1);
        question.at_end = chance(&random, 500);
        question.scan.dialect = (struct sl_csv_dialect){style.delimiter, style.quote};
        n_records += compare_all(&question, scanners, n_scanners,
                                 chance(&random, 800) ? 0 : below(&random, buffer.n_bytes + 1));
        free(copy);
    }
    print_message("%" PRIu64 " buffers, %zu records, %zu scanners against the plain one\n", n,
                  n_records, n_scanners);
    free(buffer.data);
    free(question.expected.record);
    free(question.expected.field);
    free(question.found.record);
    free(question.found.field);
}

static void test_names(void **state)
{
    const struct sl_csv_scanner *found = NULL;
    const struct sl_csv_scanner *scanner;
    struct sl_error              err;

    (void)state;
    assert_int_equal(sl_csv_scanner_find(NULL, &found, &err), SL_OK);
    assert_true(found->runs_here());
    scanner = found;
    assert_int_equal(sl_csv_scanner_find("", &found, &err), SL_OK);
    assert_ptr_equal(found, scanner);
    for (size_t i = 0; (scanner = sl_csv_scanner_at(i)) != NULL; i++) {
        sl_status rc = sl_csv_scanner_find(scanner->name, &found, &err);

        assert_int_equal(rc, scanner->runs_here() ? SL_OK : SL_EUNSUPPORTED);
        if (rc == SL_OK)
            assert_ptr_equal(found, scanner);
    }
    assert_int_equal(sl_csv_scanner_find("sse9", &found, &err), SL_EUSAGE);
    assert_string_equal(err.text, "SCORELINE_SIMD: expected plain, avx2 or avx512, got 'sse9'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_same_as_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
