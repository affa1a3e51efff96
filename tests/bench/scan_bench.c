/* How fast CSV is scanned and decoded, from memory, by every scanner that runs here:
 *
 *   scan_bench FILE.csv COLUMN...
 *
 * The columns are decoded as numbers.  The yardstick is the least that any scanner must do: find
 * all delimiters, line feeds and quotes by the same instructions, and count them.  Runs are
 * interleaved, each line is the median of five. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/source/csv/csv.h"
#include "scoreline/clock.h"
#include "separators.h"

enum { RUNS = 5, MOST_COLUMNS = 256, MOST_LINES = 16 };

static char *missing_texts[] = {"", "NA"};

struct bench {
    const char              *path;
    char                    *data;
    size_t                   n_bytes;
    int                      n_columns;
    struct sl_column_request requests[MOST_COLUMNS];
    struct sl_input_spec     spec;
    struct sl_csv           *csv; /* opened for its header, plan and arrays */
    struct sl_column_block   block;
    uint64_t                 sum; /* of what was found, so that it must be */
};

static void must(sl_status rc, const struct sl_error *err)
{
    if (rc == SL_OK)
        return;
    fprintf(stderr, "scan_bench: %s\n", err->text);
    exit(1);
}

static void find_all(struct bench *bench, const struct sl_csv_scanner *scanner)
{
    bench->sum += count_separators(scanner->name, bench->data, bench->n_bytes);
}

/* --- what is measured ---------------------------------------------------------------------- */

static void scan_or_decode(struct bench *bench, const struct sl_csv_scanner *scanner, bool decodes)
{
    struct sl_csv         *csv = bench->csv;
    struct sl_csv_records *records = &csv->records;
    size_t                 at = (size_t)csv->header.end;
    struct sl_csv_decode   decode = {.records = records,
                                     .data = bench->data,
                                     .quote = csv->dialect.quote,
                                     .n_needed = csv->scan.n_needed,
                                     .slot = csv->slot,
                                     .missing = &csv->missing,
                                     .digits = scanner->digits};

    csv->scan.scanner = scanner;
    while (at < bench->n_bytes) {
        sl_csv_scan_records(&csv->scan, bench->data, at, bench->n_bytes, bench->n_bytes, true,
                            records);
        at = records->used;
        bench->sum += records->n;
        if (!decodes)
            continue;
        bench->block.n_rows = records->n;
        sl_csv_decode(&decode, &bench->block);
        bench->sum += bench->block.reject[0];
    }
}

static void scan(struct bench *bench, const struct sl_csv_scanner *scanner)
{
    scan_or_decode(bench, scanner, false);
}

static void scan_and_decode(struct bench *bench, const struct sl_csv_scanner *scanner)
{
    scan_or_decode(bench, scanner, true);
}

/* All that the source does, the reading of the file in pieces included. */
static void read_source(struct bench *bench, const struct sl_csv_scanner *scanner)
{
    struct sl_source_range range = {
        .path = bench->path, .end_byte = (int64_t)bench->n_bytes, .begin = -1, .is_certain = true};
    struct sl_error err;
    void           *state = bench->csv;

    bench->csv->scanner = scanner;
    must(sl_csv_open(&bench->spec, &range, bench->requests, bench->n_columns, SL_CSV_PIECE_BYTES,
                     &state, &err),
         &err);
    do {
        must(sl_source_csv.next(state, &bench->block, &err), &err);
        bench->sum += bench->block.n_rows;
    } while (bench->block.n_rows > 0);
}

/* --- runs ---------------------------------------------------------------------------------- */

struct line {
    const char                  *what;
    const struct sl_csv_scanner *scanner;
    void (*run)(struct bench *bench, const struct sl_csv_scanner *scanner);
    double seconds[RUNS];
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static size_t list_lines(struct line *lines)
{
    const struct sl_csv_scanner *scanner;
    size_t                       n = 0;

    for (size_t i = 0; (scanner = sl_csv_scanner_at(i)) != NULL; i++) {
        if (!scanner->runs_here()) {
            printf("%s does not run here\n", scanner->name);
            continue;
        }
        lines[n++] = (struct line){"find all separators", scanner, find_all, {0}};
        lines[n++] = (struct line){"scan", scanner, scan, {0}};
        lines[n++] = (struct line){"scan, decode", scanner, scan_and_decode, {0}};
        lines[n++] = (struct line){"read, scan, decode", scanner, read_source, {0}};
    }
    return n;
}

static void measure(struct bench *bench)
{
    struct line lines[MOST_LINES];
    size_t      n = list_lines(lines);

    for (int run = 0; run < RUNS; run++) {
        for (size_t i = 0; i < n; i++) {
            double begin = sl_clock_now();

            lines[i].run(bench, lines[i].scanner);
            lines[i].seconds[run] = sl_clock_now() - begin;
        }
    }
    for (size_t i = 0; i < n; i++) {
        qsort(lines[i].seconds, RUNS, sizeof *lines[i].seconds, compare_doubles);
        printf("%-8s %-20s %6.2f GB/s\n", lines[i].scanner->name, lines[i].what,
               1e-9 * (double)bench->n_bytes / lines[i].seconds[RUNS / 2]);
    }
}

static void load(struct bench *bench)
{
    struct sl_error      err;
    struct sl_bytes_info info;
    struct sl_bytes     *bytes = NULL;

    must(sl_bytes_stat(bench->path, &info, &err), &err);
    bench->n_bytes = (size_t)info.n_bytes;
    bench->data = malloc(bench->n_bytes + SL_CSV_SLACK_BYTES);
    if (bench->data == NULL || bench->n_bytes > UINT32_MAX) {
        fprintf(stderr, "scan_bench: too large\n");
        exit(1);
    }
    must(sl_bytes_open(bench->path, &bytes, &err), &err);
    must(sl_bytes_read(bytes, 0, bench->n_bytes, bench->data, &bench->n_bytes, &err), &err);
    sl_bytes_close(bytes);
    memset(bench->data + bench->n_bytes, '\n', SL_CSV_SLACK_BYTES);
}

int main(int argc, char **argv)
{
    static struct bench    bench;
    struct sl_source_range range = {.end_byte = 1, .begin = -1, .is_certain = true};
    struct sl_error        err;
    void                  *state = NULL;

    if (argc < 2 || argc - 2 > MOST_COLUMNS) {
        fprintf(stderr, "usage: scan_bench FILE.csv COLUMN...\n");
        return 2;
    }
    bench.path = range.path = argv[1];
    bench.n_columns = argc - 2;
    for (int i = 0; i < bench.n_columns; i++)
        bench.requests[i] = (struct sl_column_request){.name = argv[i + 2], .type = SL_NUMBER};
    bench.spec = (struct sl_input_spec){.n_missing = 2,
                                        .missing = missing_texts,
                                        .delimiter = ',',
                                        .quote = '"',
                                        .max_field_bytes = 1 << 20,
                                        .max_record_bytes = 16 << 20};
    load(&bench);
    must(sl_column_block_init(&bench.block, bench.requests, bench.n_columns, &err), &err);
    must(sl_csv_open(&bench.spec, &range, bench.requests, bench.n_columns, SL_CSV_PIECE_BYTES,
                     &state, &err),
         &err);
    bench.csv = state;
    measure(&bench);
    fprintf(stderr, "%.1f MB, %d columns, check sum %llu\n", 1e-6 * (double)bench.n_bytes,
            bench.n_columns, (unsigned long long)bench.sum);
    sl_csv_close(state);
    sl_column_block_release(&bench.block);
    free(bench.data);
    return 0;
}
