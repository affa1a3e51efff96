/* A range of a file becomes an open chunk: its header read, its columns found, its first record's
 * begin known or guessed. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

enum {
    MOST_RECORD_BYTES = 1 << 30,  /* spans are 32 bits wide and the window may hold two records */
    LEAST_HEADER_BYTES = 1 << 20, /* a header may be this long whatever the limit of records */
};

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void take_missing(struct sl_csv_missing *missing, const struct sl_input_spec *spec)
{
    missing->n = spec->n_missing;
    missing->length = 0;
    memset(missing->first, 0, sizeof missing->first);
    missing->like_numbers = false;
    for (int i = 0; i < spec->n_missing; i++) {
        size_t n_bytes = strlen(spec->missing[i]);

        missing->text[i] = (struct sl_slice){spec->missing[i], n_bytes};
        missing->length |= UINT64_C(1) << (n_bytes < 63 ? n_bytes : 63);
        missing->first[(unsigned char)spec->missing[i][0]] = true;
        missing->like_numbers = missing->like_numbers || spec->missing[i][0] == '.' ||
                                (spec->missing[i][0] >= '0' && spec->missing[i][0] <= '9');
    }
    missing->empty = (missing->length & 1) != 0;
}

static sl_status take_spec(struct sl_csv *csv, const struct sl_input_spec *spec,
                           struct sl_error *err)
{
    sl_status rc;

    csv->dialect = (struct sl_csv_dialect){spec->delimiter, spec->quote};
    csv->max_field_bytes = spec->max_field_bytes;
    csv->max_record_bytes = clamp(spec->max_record_bytes, 1, MOST_RECORD_BYTES);
    SL_TRY(sl_grow_array(&csv->missing.text, &csv->missing_capacity, (size_t)spec->n_missing,
                         sizeof *csv->missing.text, err));
    take_missing(&csv->missing, spec);
out:
    return rc;
}

static sl_status reserve(struct sl_csv *csv, int n_requests, struct sl_error *err)
{
    size_t    n = (size_t)n_requests + 1;
    sl_status rc;

    csv->n_requests = n_requests;
    SL_TRY(sl_grow_array(&csv->field, &csv->field_capacity, n, sizeof *csv->field, err));
    SL_TRY(sl_grow_array(&csv->slot, &csv->slot_capacity, n, sizeof *csv->slot, err));
    SL_TRY(sl_grow_array(&csv->needed, &csv->needed_capacity, n, sizeof *csv->needed, err));
    SL_TRY(sl_grow_array(&csv->records.record, &csv->record_capacity, SL_BLOCK_ROWS,
                         sizeof *csv->records.record, err));
    SL_TRY(sl_grow_array(&csv->records.field, &csv->span_capacity, n * SL_CSV_FIELD_ROWS,
                         sizeof *csv->records.field, err));
out:
    return rc;
}

static int compare_fields(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The needed fields in ascending order, each once, and where each request's stands among them. */
static void plan_fields(struct sl_csv *csv)
{
    size_t n = 0;
    size_t n_unique = 0;

    for (int r = 0; r < csv->n_requests; r++)
        if (csv->field[r] >= 0)
            csv->needed[n++] = (uint32_t)csv->field[r];
    qsort(csv->needed, n, sizeof *csv->needed, compare_fields);
    for (size_t i = 0; i < n; i++)
        if (n_unique == 0 || csv->needed[i] != csv->needed[n_unique - 1])
            csv->needed[n_unique++] = csv->needed[i];
    csv->needed[n_unique] = UINT32_MAX;
    csv->scan = (struct sl_csv_scan){csv->dialect, csv->needed, n_unique, csv->scanner};
    for (int r = 0; r < csv->n_requests; r++) {
        csv->slot[r] = -1;
        for (size_t i = 0; i < n_unique; i++)
            if (csv->field[r] == csv->needed[i])
                csv->slot[r] = (int64_t)i;
    }
}

/* Every open reads the header anew: what fields mean must come from this very file. */
static sl_status read_header(struct sl_csv *csv, const struct sl_source_range *range,
                             const struct sl_column_request *requests, struct sl_error *err)
{
    int64_t   max_bytes = clamp(csv->max_record_bytes, LEAST_HEADER_BYTES, MOST_RECORD_BYTES);
    int64_t   soft_end = range->first_byte == 0 ? range->end_byte : 0;
    sl_status rc;

    sl_csv_window_seek(&csv->window, 0, soft_end, INT64_MAX);
    SL_TRY(
        sl_csv_header_read(&csv->header, range->path, &csv->dialect, max_bytes, &csv->window, err));
    SL_TRY(
        sl_csv_header_match(&csv->header, range->path, requests, csv->n_requests, csv->field, err));
    plan_fields(csv);
out:
    return rc;
}

/* Where reading stops if the begin rests on a guess. */
static int64_t give_up_at(const struct sl_csv *csv, int64_t end_byte)
{
    return end_byte < INT64_MAX - csv->max_record_bytes ? end_byte + csv->max_record_bytes
                                                        : INT64_MAX;
}

/* What the header says of the begin is certain, and leaves nothing to guess. */
static sl_status find_begin(struct sl_csv *csv, const struct sl_source_range *range,
                            struct sl_error *err)
{
    struct sl_source_extent *extent = &csv->extent;
    bool                     is_guess = range->begin < 0 && range->first_byte > csv->header.end;
    bool                     is_certain = range->is_certain && !is_guess;
    int64_t                  hard_end;
    sl_status                rc = SL_OK;

    *extent = (struct sl_source_extent){.begin = range->begin};
    if (range->first_byte == 0 || (range->begin < 0 && !is_guess)) {
        extent->begin = csv->header.end;
        is_certain = true;
    }
    hard_end = is_certain ? INT64_MAX : give_up_at(csv, range->end_byte);
    if (is_guess) {
        csv->window.soft_end = range->end_byte;
        csv->window.hard_end = hard_end;
        SL_TRY(sl_csv_guess(&csv->header, &csv->dialect, range->first_byte, &csv->window,
                            &extent->begin, err));
    }
    extent->gave_up = extent->begin < 0;
    if (extent->gave_up)
        extent->begin = hard_end;
    extent->end = extent->begin;
    if (range->first_byte == 0)
        extent->n_lines = csv->header.n_lines;
    csv->done = extent->begin >= range->end_byte || !csv->header.exists;
    sl_csv_window_seek(&csv->window, extent->begin, range->end_byte, hard_end);
out:
    return rc;
}

static sl_status reopen(struct sl_csv *csv, const struct sl_input_spec *spec,
                        const struct sl_source_range   *range,
                        const struct sl_column_request *requests, int n_requests,
                        size_t piece_bytes, struct sl_error *err)
{
    sl_status rc;

    csv->done = true;
    csv->end_byte = range->end_byte;
    sl_bytes_close(csv->window.bytes);
    csv->window = (struct sl_csv_window){.data = csv->window.data,
                                         .capacity = csv->window.capacity,
                                         .piece_bytes = piece_bytes,
                                         .watch = range->watch};
    SL_TRY(take_spec(csv, spec, err));
    SL_TRY(reserve(csv, n_requests, err));
    SL_TRY(sl_bytes_open(range->path, &csv->window.bytes, err));
    SL_TRY(read_header(csv, range, requests, err));
    SL_TRY(find_begin(csv, range, err));
out:
    return rc;
}

void sl_csv_close(void *state)
{
    struct sl_csv *csv = state;

    if (csv == NULL)
        return;
    sl_csv_window_release(&csv->window);
    sl_csv_header_release(&csv->header);
    free(csv->records.record);
    free(csv->records.field);
    free(csv->field);
    free(csv->slot);
    free(csv->needed);
    free(csv->missing.text);
    free(csv);
}

sl_status sl_csv_open(const struct sl_input_spec *spec, const struct sl_source_range *range,
                      const struct sl_column_request *requests, int n_requests, size_t piece_bytes,
                      void **state, struct sl_error *err)
{
    struct sl_csv *csv = *state;
    sl_status      rc;

    if (csv == NULL) {
        SL_TRY(sl_alloc_array(1, sizeof *csv, &csv, err));
        SL_TRY(sl_csv_scanner_find(getenv("SCORELINE_SIMD"), &csv->scanner, err));
    }
    SL_TRY(reopen(csv, spec, range, requests, n_requests, piece_bytes, err));
    *state = csv;
out:
    if (*state == NULL)
        sl_csv_close(csv);
    return rc;
}
