/* The bytes of a chunk that is done, and back.  Columns lie in the order of the table, numbers as
 * they are in memory, texts behind their end marks; the partition's is not among them. */
#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/memory.h"

#define RECORD_MAGIC UINT64_C(0x4b4e4843434f53) /* "SOCCHNK" */

size_t record_head_bytes(int n_columns)
{
    return sizeof(struct record_head) + (size_t)n_columns * sizeof(uint32_t);
}

uint32_t record_head_crc(const struct record_head *head, const uint32_t *widths, int n_columns)
{
    const size_t from = offsetof(struct record_head, payload_crc);
    uint32_t     crc = sl_crc32c(0, (const char *)head + from, sizeof *head - from);

    return sl_crc32c(crc, widths, (size_t)n_columns * sizeof *widths);
}

/* --- to bytes --------------------------------------------------------------------------------- */

static void add_piece(struct record_pieces *pieces, struct record_head *head, const void *data,
                      size_t n_bytes)
{
    pieces->items[pieces->n++] = (struct sl_slice){data, n_bytes};
    head->payload_bytes += n_bytes;
}

static void add_column(struct record_pieces *pieces, struct record_head *head,
                       const struct sl_table_column *column, size_t n_rows)
{
    add_piece(pieces, head, column->cells.any, n_rows * sl_column_bytes(column));
    if (column->dtype == SL_FIXED_TEXT)
        add_piece(pieces, head, column->bytes.data, column->bytes.n_bytes);
}

static void fill_head(const struct sl_plan *plan, const struct sl_chunk *cut,
                      const struct sl_rows *rows, struct record_head *head)
{
    const struct sl_rows_chunk *chunk = &rows->chunk;

    *head = (struct record_head){
        .magic = RECORD_MAGIC,
        .input = plan->partitions[cut->partition].input,
        .partition = cut->partition,
        .file = cut->file,
        .first_byte = cut->first_byte,
        .end_byte = cut->end_byte,
        .begin = chunk->begin,
        .end = chunk->end,
        .n_rows = chunk->n_rows,
        .n_records = chunk->n_records,
        .n_lines = chunk->n_lines,
        .n_rejected = chunk->n_rejected,
        .n_missing = chunk->n_missing,
        .n_nonfinite = chunk->n_nonfinite,
        .n_rejects = (int64_t)rows->n_rejects,
        .lacks = chunk->lacks,
        .flags = (chunk->fault.code != SL_OK ? RECORD_FAULT : 0U) |
                 (chunk->is_certain ? RECORD_CERTAIN : 0U) | (cut->scan_only ? RECORD_SCANNED : 0U),
    };
}

sl_status record_make(const struct sl_plan *plan, const struct sl_chunk *cut,
                      const struct sl_rows *rows, struct record_head *head, uint32_t *widths,
                      struct record_pieces *pieces, struct sl_error *err)
{
    const struct sl_table *table = &rows->table;
    sl_status              rc;

    rc = sl_grow_array(&pieces->items, &pieces->capacity, 2 + 2 * (size_t)table->n_columns,
                       sizeof *pieces->items, err);
    if (rc != SL_OK)
        return rc;
    pieces->n = 0;
    fill_head(plan, cut, rows, head);
    add_piece(pieces, head, rows->counts, rows->n_counts * sizeof *rows->counts);
    add_piece(pieces, head, rows->rejects, rows->n_rejects * sizeof *rows->rejects);
    for (int i = 0; i < table->n_columns; i++) {
        const struct sl_table_column *column = &table->columns[i];

        widths[i] = column->dtype == SL_FIXED_TEXT ? (uint32_t)column->width : 0;
        if (i != SL_ROWS_PARTITION)
            add_column(pieces, head, column, table->n_rows);
    }
    return SL_OK;
}

/* --- and back --------------------------------------------------------------------------------- */

/* A record of the input has a byte at least, a line its line feed: so counts can be added up. Where
 * the data are at fault the end is not known, and nothing is taken up. */
static bool counts_fit_input(const struct record_head *head)
{
    enum { MOST_RESULTS = 1 << 20 }; /* of expressions, of one row */

    return (head->flags & RECORD_FAULT) != 0 ||
           (head->n_records <= head->end - head->begin && head->n_lines <= head->end &&
            head->n_nonfinite / MOST_RESULTS <= head->n_rows);
}

/* Nothing is believed that could make a reader allocate more than the file has. */
static bool sizes_are_sound(const struct record_head *head)
{
    return head->partition >= 0 && head->file >= 0 && head->first_byte >= 0 &&
           head->end_byte >= head->first_byte && head->begin >= 0 && head->end >= head->begin &&
           counts_fit_input(head) && head->lacks >= -1 && head->n_rows >= 0 &&
           head->n_records >= head->n_rows && head->n_lines >= 0 && head->n_rejected >= 0 &&
           head->n_rejects >= 0 && head->n_rejects <= head->n_rejected && head->n_missing >= 0 &&
           head->n_nonfinite >= 0 && head->n_rejected <= head->n_records - head->n_missing &&
           (uint64_t)head->n_rows <= head->payload_bytes &&
           (uint64_t)head->n_rejects <= head->payload_bytes / sizeof(struct sl_reject);
}

bool record_head_is_sound(const struct record_head *head, const uint32_t *widths, int n_columns)
{
    return head->magic == RECORD_MAGIC &&
           head->head_crc == record_head_crc(head, widths, n_columns) && sizes_are_sound(head);
}

/* Where in a payload its reader is. */
struct cursor {
    const struct record_head   *head;
    const struct record_source *source;
    int64_t                     at;
};

static sl_status take(struct cursor *c, void *to, size_t n_bytes, struct sl_error *err)
{
    sl_status rc;

    if (n_bytes > c->head->payload_bytes - (uint64_t)c->at)
        return sl_fail(err, SL_EOUTPUT, "the sizes of a record do not fit each other");
    rc = n_bytes > 0 ? c->source->read(c->source->state, c->at, to, n_bytes, err) : SL_OK;
    c->at += (int64_t)n_bytes;
    return rc;
}

static sl_status skip(struct cursor *c, size_t n, size_t item_bytes, struct sl_error *err)
{
    if (n > (c->head->payload_bytes - (uint64_t)c->at) / item_bytes)
        return sl_fail(err, SL_EOUTPUT, "the sizes of a record do not fit each other");
    c->at += (int64_t)(n * item_bytes);
    return SL_OK;
}

static sl_status read_rejects(struct cursor *c, struct sl_rows *rows, struct sl_error *err)
{
    const size_t n = (size_t)c->head->n_rejects;
    sl_status    rc;

    SL_TRY(sl_grow_array(&rows->rejects, &rows->reject_capacity, n, sizeof *rows->rejects, err));
    SL_TRY(take(c, rows->rejects, n * sizeof *rows->rejects, err));
    rows->n_rejects = n;
out:
    return rc;
}

/* End marks count from the first text of the table, not of the chunk. */
static sl_status move_ends(int64_t *ends, size_t n, int64_t n_before, int64_t n_bytes,
                           struct sl_error *err)
{
    int64_t last = 0;

    for (size_t i = 0; i < n; i++) {
        if (ends[i] < last || ends[i] > n_bytes)
            return sl_fail(err, SL_EOUTPUT, "the texts of a record do not fit each other");
        last = ends[i];
        ends[i] += n_before;
    }
    return SL_OK;
}

static sl_status read_texts(struct cursor *c, struct sl_table_column *column, size_t at, size_t n,
                            struct sl_error *err)
{
    const int64_t n_before = (int64_t)column->bytes.n_bytes;
    int64_t      *ends = column->cells.end + at;
    int64_t       n_bytes;
    sl_status     rc;

    SL_TRY(take(c, ends, n * sizeof *ends, err));
    n_bytes = n > 0 ? ends[n - 1] : 0;
    if (n_bytes < 0 || (uint64_t)n_bytes > c->head->payload_bytes)
        return sl_fail(err, SL_EOUTPUT, "the texts of a record do not fit it");
    SL_TRY(move_ends(ends, n, n_before, n_bytes, err));
    SL_TRY(sl_text_reserve(&column->bytes, (size_t)n_bytes, err));
    SL_TRY(take(c, column->bytes.data + n_before, (size_t)n_bytes, err));
    column->bytes.n_bytes += (size_t)n_bytes;
out:
    return rc;
}

static sl_status read_column(struct cursor *c, struct sl_table_column *column, size_t at, size_t n,
                             struct sl_error *err)
{
    const size_t row_bytes = sl_column_bytes(column);

    if (column->dtype == SL_FIXED_TEXT)
        return read_texts(c, column, at, n, err);
    return take(c, (char *)column->cells.any + at * row_bytes, n * row_bytes, err);
}

/* Of all columns that are in a record. */
static size_t row_bytes_of(const struct sl_table *table)
{
    size_t n_bytes = 0;

    for (int i = 0; i < table->n_columns; i++)
        n_bytes += i != SL_ROWS_PARTITION ? sl_column_bytes(&table->columns[i]) : 0;
    return n_bytes;
}

/* Texts that were passed over end where the ones before them do. */
static sl_status read_columns(struct cursor *c, int n_columns, struct sl_rows *rows,
                              struct sl_error *err)
{
    struct sl_table *table = &rows->table;
    struct cursor    all = *c;
    const size_t     n = (size_t)c->head->n_rows;
    sl_status        rc;

    if (n == 0)
        return SL_OK;
    SL_TRY(skip(&all, n, row_bytes_of(table), err)); /* before room for them is made */
    SL_TRY(sl_table_reserve(table, n, err));
    for (int i = 0; i < n_columns; i++)
        if (i != SL_ROWS_PARTITION)
            SL_TRY(read_column(c, &table->columns[i], table->n_rows, n, err));
    table->n_rows += n;
out:
    return rc;
}

sl_status record_read(const struct record_head *head, const struct record_source *source,
                      enum sl_journal_part part, struct sl_rows *rows, struct sl_error *err)
{
    struct cursor c = {.head = head, .source = source};
    const size_t  n_counts = rows->n_counts;
    sl_status     rc;

    if (part == SL_JOURNAL_COUNTS)
        return take(&c, rows->counts, n_counts * sizeof *rows->counts, err);
    SL_TRY(skip(&c, n_counts, sizeof *rows->counts, err));
    if (part == SL_JOURNAL_REJECTS)
        return read_rejects(&c, rows, err);
    SL_TRY(skip(&c, (size_t)head->n_rejects, sizeof *rows->rejects, err));
    rc = read_columns(&c, part == SL_JOURNAL_SCORES ? rows->n_fixed : rows->table.n_columns, rows,
                      err);
out:
    return rc;
}
