/* The grammar of records, fast: whole records in a buffer, of which only the needed fields are
 * remembered.  This is the scanner for every processor, and for what the others cannot prove to be
 * plain.  The line feed behind the buffer ends every loop over text. */
#include "csv.h"

#include <string.h>

/* A record being scanned; `scan` and the buffer's bounds do not change. */
struct cursor {
    const struct sl_csv_scan *scan;
    const char               *data;
    const char               *end; /* of the buffer */
    bool                      at_end;
};

static uint32_t count_lines(const char *from, const char *to)
{
    uint32_t n = 0;

    for (; from < to; from++)
        n += *from == '\n';
    return n;
}

/* From a field's opening quote to behind its closing one; NULL if there is none in the buffer.  A
 * quote that is the buffer's last byte may be the first of two: that record is not whole anyway. */
static const char *skip_quoted(const struct cursor *cursor, const char *open)
{
    char        quote = cursor->scan->dialect.quote;
    const char *p = open + 1;

    for (;;) {
        p = memchr(p, quote, (size_t)(cursor->end - p));
        if (p == NULL)
            return NULL;
        p++;
        if (*p != quote)
            return p;
        p++;
    }
}

/* Scan one record from p.  Returns the line feed that ends it (or the buffer's end), NULL if it is
 * not whole; an open one at the end of the file is whole. */
static const char *scan_record(const struct cursor *cursor, const char *p,
                               struct sl_csv_record *record, struct sl_csv_span *field)
{
    const char      delimiter = cursor->scan->dialect.delimiter;
    const char      quote = cursor->scan->dialect.quote;
    const uint32_t *needed = cursor->scan->needed;
    uint32_t        n_fields = 0;

    for (;; p++) {
        const char *begin = p;

        if (*p == quote && p < cursor->end) {
            p = skip_quoted(cursor, p);
            record->quoted = true;
            record->open = p == NULL && cursor->at_end;
            if (p == NULL)
                return record->open ? cursor->end : NULL;
        }
        while (*p != delimiter && *p != '\n')
            p++;
        if (n_fields == *needed) {
            *field = (struct sl_csv_span){(uint32_t)(begin - cursor->data),
                                          (uint32_t)(p - cursor->data)};
            field += SL_CSV_FIELD_ROWS;
            needed++;
        }
        n_fields++;
        if (*p == '\n')
            break;
    }
    record->n_fields = n_fields;
    return p < cursor->end || cursor->at_end ? p : NULL;
}

/* The carriage return of a line end is no part of the record, nor of its last field. */
static void cut_return(const struct cursor *cursor, struct sl_csv_record *record,
                       struct sl_csv_span *field)
{
    const struct sl_csv_scan *scan = cursor->scan;
    uint32_t                  end = record->span.end;
    size_t                    n = scan->n_needed;

    if (cursor->data + end == cursor->end || end == record->span.begin ||
        cursor->data[end - 1] != '\r')
        return;
    record->span.end--;
    if (n > 0 && scan->needed[n - 1] + 1 == record->n_fields)
        field[(n - 1) * SL_CSV_FIELD_ROWS].end--;
}

bool sl_csv_scan_record(const struct sl_csv_scan *scan, const char *data, size_t n_bytes,
                        bool at_end, struct sl_csv_records *records)
{
    struct cursor         cursor = {scan, data, data + n_bytes, at_end};
    const char           *start = data + records->used;
    struct sl_csv_record *record = &records->record[records->n];
    struct sl_csv_span   *field = sl_csv_field(records, 0, records->n);
    const char           *end;

    *record = (struct sl_csv_record){.line = (uint32_t)records->n_lines};
    end = scan_record(&cursor, start, record, field);
    if (end == NULL)
        return false;
    record->span = (struct sl_csv_span){(uint32_t)(start - data), (uint32_t)(end - data)};
    cut_return(&cursor, record, field);
    if (record->quoted)
        records->n_lines += count_lines(start, end);
    records->n_lines += end < cursor.end;
    records->used = (size_t)(end - data) + (end < cursor.end);
    records->n += record->span.end > record->span.begin;
    return true;
}

static void scan_plain(const struct sl_csv_scan *scan, const char *data, size_t start, size_t stop,
                       size_t n_bytes, bool at_end, struct sl_csv_records *records)
{
    records->n = 0;
    records->used = start;
    records->n_lines = 0;
    while (records->n < SL_BLOCK_ROWS && records->used < stop && records->used < n_bytes)
        if (!sl_csv_scan_record(scan, data, n_bytes, at_end, records))
            break;
}

static bool runs_here(void)
{
    return true;
}

const struct sl_csv_scanner sl_csv_scanner_plain = {"plain", runs_here, scan_plain, NULL};
