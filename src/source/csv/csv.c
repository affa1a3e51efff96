/* The CSV source: an open chunk becomes blocks of columns.  A block is what one scan of the window
 * finds, so that its texts can stay where they were read. */
#include "csv.h"

#include <string.h>

static sl_status csv_open(const struct sl_input_spec *spec, const struct sl_source_range *range,
                          const struct sl_column_request *requests, int n_requests, void **state,
                          struct sl_error *err)
{
    return sl_csv_open(spec, range, requests, n_requests, SL_CSV_PIECE_BYTES, state, err);
}

static size_t bytes_pending(const struct sl_csv *csv)
{
    return csv->window.n_bytes - csv->window.at;
}

/* What was used of the window belongs to the chunk now. */
static void advance(struct sl_csv *csv, size_t to, int64_t n_records, int64_t n_lines)
{
    csv->window.at = to;
    csv->extent.end = sl_csv_window_tell(&csv->window);
    csv->extent.n_records += n_records;
    csv->extent.n_lines += n_lines;
}

/* What rests on a guess may be wrong, and is not worth reading any further. */
static void give_up(struct sl_csv *csv)
{
    csv->extent.gave_up = true;
    csv->done = true;
}

/* --- rows --------------------------------------------------------------------------------- */

static enum sl_reject_reason judge(const struct sl_csv *csv, const struct sl_csv_record *record)
{
    int64_t n_bytes = record->span.end - record->span.begin;

    if (record->open)
        return SL_OPEN_QUOTE;
    if (n_bytes > csv->max_record_bytes)
        return SL_RECORD_TOO_LONG;
    if (n_bytes > csv->max_field_bytes &&
        sl_csv_longest_field(&csv->dialect, csv->window.data + record->span.begin,
                             (size_t)n_bytes) > csv->max_field_bytes)
        return SL_FIELD_TOO_LONG;
    if (record->n_fields != csv->header.n_fields)
        return record->n_fields < csv->header.n_fields ? SL_TOO_FEW_FIELDS : SL_TOO_MANY_FIELDS;
    return SL_GOOD;
}

static void put_row(struct sl_csv *csv, size_t row, enum sl_reject_reason reason,
                    struct sl_column_block *block)
{
    const struct sl_csv_record *record = &csv->records.record[row];

    block->reject[row] = (uint8_t)reason;
    block->reject_column[row] = -1;
    block->places[row] = (struct sl_place){
        .record = csv->extent.n_records + (int64_t)row,
        .line = csv->extent.n_lines + record->line,
        .byte = csv->window.offset + record->span.begin,
    };
}

/* The rows of a block are judged and placed: decode them, and count them in. */
static void finish_rows(struct sl_csv *csv, struct sl_column_block *block)
{
    const struct sl_csv_records *records = &csv->records;
    const struct sl_csv_decode   decode = {
          .records = records,
          .data = csv->window.data,
          .quote = csv->dialect.quote,
          .n_needed = csv->scan.n_needed,
          .slot = csv->slot,
          .missing = &csv->missing,
          .digits = csv->scanner->digits,
    };
    const enum sl_phase before = sl_stopwatch_enter(csv->window.watch, SL_PHASE_DECODE);

    block->n_rows = records->n;
    sl_csv_decode(&decode, block);
    sl_stopwatch_enter(csv->window.watch, before);
    advance(csv, records->used, (int64_t)records->n, records->n_lines);
}

static void put_rows(struct sl_csv *csv, struct sl_column_block *block)
{
    for (size_t row = 0; row < csv->records.n; row++)
        put_row(csv, row, judge(csv, &csv->records.record[row]), block);
    finish_rows(csv, block);
}

/* --- reading ------------------------------------------------------------------------------ */

/* Whether what is pending is the beginning of a record over the limit.  Its last byte may be half a
 * line end. */
static bool is_over_limit(const struct sl_csv *csv)
{
    return (int64_t)bytes_pending(csv) > csv->max_record_bytes + 1;
}

/* Read on first if the window is nearly used up, so that blocks are full. */
static sl_status scan_window(struct sl_csv *csv, struct sl_error *err)
{
    struct sl_csv_window *window = &csv->window;
    int64_t               stop;
    sl_status             rc = SL_OK;

    if (bytes_pending(csv) < window->piece_bytes / 4 && !window->at_end && !window->at_limit &&
        window->offset + (int64_t)window->n_bytes < csv->end_byte)
        SL_TRY(sl_csv_window_more(window, err));
    stop = csv->end_byte - window->offset;
    stop = stop < 0 ? 0 : stop > (int64_t)window->n_bytes ? (int64_t)window->n_bytes : stop;
    sl_csv_scan_records(&csv->scan, window->data, window->at, (size_t)stop, window->n_bytes,
                        window->at_end, &csv->records);
out:
    return rc;
}

static bool is_open(const struct sl_csv_walk *walk)
{
    return !walk->ended && walk->state == SL_CSV_QUOTED;
}

/* A record too long to be held: on to its end, keeping nothing but its place. */
static sl_status skip_record(struct sl_csv *csv, struct sl_column_block *block,
                             struct sl_error *err)
{
    struct sl_csv_walk    walk = {0};
    struct sl_csv_window *window = &csv->window;
    struct sl_place       place = {csv->extent.n_records, csv->extent.n_lines,
                                   sl_csv_window_tell(window)};
    sl_status             rc = SL_OK;

    for (;;) {
        window->at +=
            sl_csv_walk(&walk, &csv->dialect, window->data + window->at, bytes_pending(csv));
        if (walk.ended || window->at_end)
            break;
        if (window->at_limit) {
            give_up(csv);
            return SL_OK;
        }
        SL_TRY(sl_csv_window_more(window, err));
    }
    csv->records.n = 1;
    csv->records.record[0] = (struct sl_csv_record){0};
    csv->records.used = window->at;
    csv->records.n_lines = walk.n_lines;
    put_row(csv, 0, is_open(&walk) ? SL_OPEN_QUOTE : SL_RECORD_TOO_LONG, block);
    block->places[0] = place;
    finish_rows(csv, block);
out:
    return rc;
}

static sl_status csv_next(void *state, struct sl_column_block *block, struct sl_error *err)
{
    struct sl_csv        *csv = state;
    struct sl_csv_window *window = &csv->window;
    sl_status             rc = SL_OK;

    block->n_rows = 0;
    while (!csv->done && block->n_rows == 0) {
        SL_TRY(scan_window(csv, err));
        if (csv->records.n > 0) {
            put_rows(csv, block);
            break;
        }
        advance(csv, csv->records.used, 0, csv->records.n_lines);
        csv->done = csv->extent.end >= csv->end_byte || window->at_end;
        if (csv->done)
            break;
        if (is_over_limit(csv))
            SL_TRY(skip_record(csv, block, err));
        else if (window->at_limit)
            give_up(csv);
        else
            SL_TRY(sl_csv_window_more(window, err));
    }
out:
    return rc;
}

static void csv_extent(const void *state, struct sl_source_extent *extent)
{
    const struct sl_csv *csv = state;

    *extent = csv->extent;
}

/* What is not optional was found when the header was matched; without a header nothing is lacked.
 */
static int csv_lacks(const void *state)
{
    const struct sl_csv *csv = state;

    for (int r = 0; csv->header.exists && r < csv->n_requests; r++)
        if (csv->field[r] == SL_CSV_ABSENT)
            return r;
    return -1;
}

static const char *csv_column(const void *state, int64_t i)
{
    const struct sl_csv_header *header = &((const struct sl_csv *)state)->header;

    return i < header->n_fields ? header->names.data + header->span[i].begin : NULL;
}

/* Control characters would garble a terminal, and a NUL would end the message. */
static void csv_describe(const void *state, const struct sl_column_block *block, size_t row,
                         char *out, size_t out_bytes)
{
    const struct sl_csv *csv = state;
    int32_t              column = block->reject_column[row];
    struct sl_csv_span   span = csv->records.record[row].span;
    size_t               n;

    if (column >= 0)
        span = *sl_csv_field(&csv->records, (size_t)csv->slot[column], row);
    n = span.end - span.begin;
    if (n > out_bytes - 1)
        n = out_bytes - 1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)csv->window.data[span.begin + i];

        out[i] = c < ' ' || c == 0x7f ? '?' : (char)c;
    }
    out[n] = '\0';
    if (n < span.end - span.begin && n >= 3)
        memcpy(out + n - 3, "...", 3);
}

const struct sl_source_ops sl_source_csv = {
    .name = "csv",
    .open = csv_open,
    .next = csv_next,
    .extent = csv_extent,
    .lacks = csv_lacks,
    .column = csv_column,
    .describe = csv_describe,
    .close = sl_csv_close,
};
