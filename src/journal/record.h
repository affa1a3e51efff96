/* One chunk as bytes: its head, widths of its texts, counts, rejects, columns. */
#ifndef SCORELINE_JOURNAL_RECORD_H
#define SCORELINE_JOURNAL_RECORD_H

#include "scoreline/journal.h"
#include "scoreline/text.h"

enum record_flag {
    RECORD_FAULT = 1,   /* its data are at fault: never taken up again */
    RECORD_CERTAIN = 2, /* its begin rested on no guess */
    RECORD_SCANNED = 4, /* it has no rows: it was read to know where the next one begins */
};

/* Byte order and sizes are the machine's: a journal is read where it was written. */
struct record_head {
    uint64_t magic;
    uint32_t head_crc;    /* of what follows, widths included */
    uint32_t payload_crc; /* of what is behind the widths */
    uint64_t payload_bytes;
    uint64_t input; /* what the partition's files were */
    int32_t  partition;
    int32_t  file;
    int64_t  first_byte; /* the cut */
    int64_t  end_byte;
    int64_t  begin; /* see sl_rows_chunk */
    int64_t  end;
    int64_t  n_rows;
    int64_t  n_records;
    int64_t  n_lines;
    int64_t  n_rejected;
    int64_t  n_missing;
    int64_t  n_nonfinite;
    int64_t  n_rejects; /* that are kept */
    int32_t  lacks;
    uint32_t flags; /* enum record_flag */
};

/** Bytes of a head and the widths [n_columns] behind it. */
size_t record_head_bytes(int n_columns);

/* Pieces of memory that make up a payload: counts, rejects, and at most two for each column. */
struct record_pieces {
    size_t           n;
    size_t           capacity;
    struct sl_slice *items;
};

/**
 * What a record is made of, its head not among it; the head is filled in but for checksums.
 *
 * Shapes:  widths [n_columns] are written.
 * Owner:   pieces point into rows; {0} at first, the next record's take their place; freed with
 *          free(pieces->items).
 * Errors:  SL_ENOMEM.
 */
SL_MUST_CHECK sl_status record_make(const struct sl_plan *plan, const struct sl_chunk *cut,
                                    const struct sl_rows *rows, struct record_head *head,
                                    uint32_t *widths, struct record_pieces *pieces,
                                    struct sl_error *err);

/** The checksum of a head whose payload's is in it. */
uint32_t record_head_crc(const struct record_head *head, const uint32_t *widths, int n_columns);

/** Whether bytes read back are a head that can be believed: magic, checksum, sizes that fit each
 *  other. */
bool record_head_is_sound(const struct record_head *head, const uint32_t *widths, int n_columns);

/* Bytes of a record, wherever they are. */
struct record_source {
    void *state;
    /* n bytes at an offset from the payload's begin; SL_EOUTPUT. */
    sl_status (*read)(void *state, int64_t at, void *to, size_t n_bytes, struct sl_error *err);
};

/** Read a part back, see sl_journal_read(); SL_EOUTPUT where sizes do not fit each other. */
SL_MUST_CHECK sl_status record_read(const struct record_head   *head,
                                    const struct record_source *source, enum sl_journal_part part,
                                    struct sl_rows *rows, struct sl_error *err);

/** Whether what was read of a record, its rows from `first` on, is something a run can have found:
 *  columns, reasons and classes there are, counts that fit the chunk. */
bool record_part_is_sound(const struct record_head *head, enum sl_journal_part part,
                          const struct sl_rows *rows, size_t first);

#endif
