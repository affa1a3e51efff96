/* What the files of the CSV source share; nobody else includes it, but the tests.
 *
 *   window.c  a sliding window over the file
 *   walk.c    the grammar, byte by byte, resumable: any length in bounded memory
 *   scan.c    the grammar, fast, over whole records that lie in the window
 *   scan_tiles.h, scan_masks.h, scan_places.c, scan_avx2.c, scan_avx512.c
 *             the same by wide instructions
 *   scanner.c which of them scans
 *   header.c  the header record, and which field each request is
 *   guess.c   where the first record of a chunk begins
 *   decode.c  fields to columns
 *   digits_lanes.h, digits_avx2.c, digits_avx512.c
 *             short numbers of them by wide instructions
 *   open.c    a range of a file becomes an open chunk
 *   csv.c     an open chunk becomes blocks */
#ifndef SCORELINE_SOURCE_CSV_H
#define SCORELINE_SOURCE_CSV_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/bytes.h"
#include "scoreline/error.h"
#include "scoreline/job.h"
#include "scoreline/source.h"
#include "scoreline/text.h"

struct sl_csv_dialect {
    char delimiter;
    char quote;
};

/* --- window.c ----------------------------------------------------------------------------- */

/* Behind the bytes of a window stand line feeds that are not the file's: so loops over text need no
 * bound, and eight bytes can be looked at from any on. */
enum { SL_CSV_SLACK_BYTES = 8 };

/* Bytes [offset, offset + n_bytes) of the file; those before `at` are done with. */
struct sl_csv_window {
    struct sl_bytes *bytes;
    char            *data;
    size_t           capacity; /* of data, the slack included */
    size_t           n_bytes;
    size_t           at;
    int64_t          offset;
    size_t           piece_bytes; /* how much is read at once */
    int64_t          soft_end;    /* beyond it, read in small steps */
    int64_t          hard_end;    /* beyond it, read nothing */
    size_t           step_bytes;  /* the next small step */
    bool             at_end;      /* the file ends with the window */
    bool             at_limit;    /* the window ends at hard_end */

    struct sl_stopwatch *watch; /* NULL: none */
};

/** Point a window at an offset of the file; bytes it already has are kept. */
void sl_csv_window_seek(struct sl_csv_window *window, int64_t offset, int64_t soft_end,
                        int64_t hard_end);
/** Drop what is done with and read on; at_end or at_limit is set where nothing more can come.
 *  Pointers into data are void afterwards.  SL_EINPUT, SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_csv_window_more(struct sl_csv_window *window, struct sl_error *err);
void                    sl_csv_window_release(struct sl_csv_window *window);

/** The file offset of the first byte not done with. */
int64_t sl_csv_window_tell(const struct sl_csv_window *window);

/* --- walk.c ------------------------------------------------------------------------------- */

enum sl_csv_state {
    SL_CSV_FIELD_START,
    SL_CSV_TEXT,   /* outside quotes, or after a closing one */
    SL_CSV_QUOTED, /* inside quotes */
    SL_CSV_QUOTE,  /* after a quote inside quotes: it closes, or is the first of two */
};

/* Where a walk through one record stands; {0} is before its first byte. */
struct sl_csv_walk {
    enum sl_csv_state state;
    int64_t           n_delimiters;
    int64_t           n_bytes; /* of the record, its line feed not counted */
    int64_t           n_lines; /* line feeds, the final one counted */
    int64_t           n_odd; /* quotes as no writer of CSV leaves them: evidence of a wrong guess */
    int64_t           field_bytes;   /* of this field's text */
    int64_t           longest_field; /* of the fields before it */
    char              last;          /* byte */
    bool              ended;         /* at a line feed */
};

/** Go on through data up to the record's end; walk->ended says whether it was met.  Returns the
 *  bytes used, the final line feed included. */
size_t sl_csv_walk(struct sl_csv_walk *walk, const struct sl_csv_dialect *dialect, const char *data,
                   size_t n_bytes);
/** Whether what was walked through is a blank line, or nothing at all, and so no record. */
bool sl_csv_walk_blank(const struct sl_csv_walk *walk);
/** Bytes of the longest field's text in a record without its line end. */
int64_t sl_csv_longest_field(const struct sl_csv_dialect *dialect, const char *data,
                             size_t n_bytes);

/* --- scan.c ------------------------------------------------------------------------------- */

/* Part of the window. */
struct sl_csv_span {
    uint32_t begin;
    uint32_t end;
};

struct sl_csv_record {
    struct sl_csv_span span; /* without its line end */
    uint32_t           line; /* line feeds between where the scan started and here */
    uint32_t           n_fields;
    bool               quoted; /* some field is */
    bool               open;   /* the file ends inside quotes */
};

/* Records found by one scan, and the spans of their needed fields as they stand in the file. */
struct sl_csv_records {
    size_t                n;
    struct sl_csv_record *record;  /* [SL_BLOCK_ROWS] */
    struct sl_csv_span   *field;   /* see sl_csv_field(); undefined beyond n_fields */
    size_t                used;    /* where the scan stopped: after the last line end */
    int64_t               n_lines; /* line feeds from start to there */
};

/* Rows that each needed field has room for; a power of two would bring all of a row into one place
 * of the cache. */
enum { SL_CSV_FIELD_ROWS = SL_BLOCK_ROWS + 8 };

static inline struct sl_csv_span *sl_csv_field(const struct sl_csv_records *records, size_t needed,
                                               size_t row)
{
    return &records->field[needed * SL_CSV_FIELD_ROWS + row];
}

struct sl_csv_scanner;

struct sl_csv_scan {
    struct sl_csv_dialect        dialect;
    const uint32_t              *needed; /* [n_needed + 1] fields, ascending, then UINT32_MAX */
    size_t                       n_needed;
    const struct sl_csv_scanner *scanner;
};

/**
 * Find whole records in a buffer.
 *
 * Stops at the first of: SL_BLOCK_ROWS records; a record that begins at `stop` or later; one whose
 * end does not lie in the buffer, unless `at_end` says that the file ends there.
 *
 * Shapes:  data [n_bytes], data[n_bytes] being a line feed; n_bytes < 2^32.
 * Owner:   writes records' arrays only; allocates nothing.
 */
void sl_csv_scan_records(const struct sl_csv_scan *scan, const char *data, size_t start,
                         size_t stop, size_t n_bytes, bool at_end, struct sl_csv_records *records);

/** The same, one record from records->used on, which moves behind it; false if it is not whole.  A
 *  blank line counts as read and leaves no record. */
bool sl_csv_scan_record(const struct sl_csv_scan *scan, const char *data, size_t n_bytes,
                        bool at_end, struct sl_csv_records *records);

/* --- scanner.c ---------------------------------------------------------------------------- */

/* Fields of one column, not quoted. */
struct sl_csv_fields {
    const struct sl_csv_span *span; /* [n] */
    size_t                    n;
    const char               *data; /* eight bytes may be read from where any field begins */
    bool                      empty_is_missing;
};

/* How fields of at most eight bytes become numbers, many at once: digits and nothing else, for
 * numbers with a point too, or nothing where that is missing.  Fields are looked at from the first
 * on, eight by eight; what is none of that is left to the caller: bit i of left[g] says so of field
 * 8 g + i.  Bits of the last fields, if they are less than eight, stay as they were. */
struct sl_csv_digits {
    void (*numbers)(const struct sl_csv_fields *fields, double *to, uint8_t *left);
    void (*integers)(const struct sl_csv_fields *fields, int64_t *to, uint8_t *left);
};
extern const struct sl_csv_digits sl_csv_digits_avx2;   /* on x86-64 only */
extern const struct sl_csv_digits sl_csv_digits_avx512; /* on x86-64 only */

/* A way to scan, and to read numbers; all of them find the same to the last bit, each is tested
 * against the others. */
struct sl_csv_scanner {
    const char *name; /* as SCORELINE_SIMD says it */
    bool (*runs_here)(void);
    void (*scan)(const struct sl_csv_scan *scan, const char *data, size_t start, size_t stop,
                 size_t n_bytes, bool at_end, struct sl_csv_records *records);
    const struct sl_csv_digits *digits; /* NULL: field by field */
};
extern const struct sl_csv_scanner sl_csv_scanner_plain;
extern const struct sl_csv_scanner sl_csv_scanner_avx2;   /* on x86-64 only */
extern const struct sl_csv_scanner sl_csv_scanner_avx512; /* on x86-64 only */

/** All that this build has, the fastest first; NULL behind the last. */
const struct sl_csv_scanner *sl_csv_scanner_at(size_t i);
/** The one of that name, or with NULL or "" the fastest that runs here.  SL_EUSAGE,
 * SL_EUNSUPPORTED. */
SL_MUST_CHECK sl_status sl_csv_scanner_find(const char *name, const struct sl_csv_scanner **found,
                                            struct sl_error *err);

/* --- header.c ----------------------------------------------------------------------------- */

struct sl_csv_header {
    bool                exists;
    int64_t             end;     /* first byte after the header; of the whole file if it has none */
    int64_t             n_lines; /* line feeds before `end` */
    uint32_t            n_fields;
    struct sl_text      names; /* bytes of all names, each with a NUL */
    size_t              capacity;
    struct sl_csv_span *span; /* [n_fields] of each name in names.data */
};

/** Read the header through a window; SL_EINPUT (unreadable, ends inside quotes, far too long). */
SL_MUST_CHECK sl_status sl_csv_header_read(struct sl_csv_header *header, const char *path,
                                           const struct sl_csv_dialect *dialect, int64_t max_bytes,
                                           struct sl_csv_window *window, struct sl_error *err);
/* A request without a field: an optional one that is not there, one that is no column of the file.
 */
enum { SL_CSV_ABSENT = -1, SL_CSV_NOT_ASKED = -2 };

/** Which field each request is: field [n], or one of the two above.  SL_EINPUT. */
SL_MUST_CHECK sl_status sl_csv_header_match(const struct sl_csv_header *header, const char *path,
                                            const struct sl_column_request *requests, int n,
                                            int64_t *field, struct sl_error *err);
void                    sl_csv_header_release(struct sl_csv_header *header);

/* --- guess.c ------------------------------------------------------------------------------ */

/** Guess the first record start in [first_byte, ...); *begin is -1 if none was found before the
 *  window's hard end.  The window is moved.  first_byte must be behind the header. */
SL_MUST_CHECK sl_status sl_csv_guess(const struct sl_csv_header  *header,
                                     const struct sl_csv_dialect *dialect, int64_t first_byte,
                                     struct sl_csv_window *window, int64_t *begin,
                                     struct sl_error *err);

/* --- decode.c ----------------------------------------------------------------------------- */

/** Take the quotes off a field that is whole, in place: the text is never longer than what stood
 *  there.  The slack must be there. */
void sl_csv_unquote(char *data, char quote, struct sl_csv_span *field);

/* Texts that mean missing, and what tells most other texts from them at a glance. */
struct sl_csv_missing {
    struct sl_slice *text; /* [n] */
    int              n;
    uint64_t         length;               /* bit i: some text has i bytes; bit 63: or more */
    bool             first[UCHAR_MAX + 1]; /* bytes */
    bool             empty;                /* is missing */
    bool             like_numbers;         /* some text begins as a number without sign does */
};

struct sl_csv_decode {
    const struct sl_csv_records *records;
    char                        *data; /* [n_bytes + SL_CSV_SLACK_BYTES] */
    char                         quote;
    size_t                       n_needed;
    const int64_t               *slot; /* [n_columns] of a request among the needed; -1 absent */
    const struct sl_csv_missing *missing;
    const struct sl_csv_digits  *digits; /* NULL: field by field */
};

/** Decode the fields of good records into the columns of `block`; a field that does not fit its
 *  type turns its record into a bad one.  Quotes are taken off in place: records->field are of the
 *  texts then, which are never longer than what stood there; those of bad records are empty. */
void sl_csv_decode(const struct sl_csv_decode *decode, struct sl_column_block *block);

/* --- open.c ------------------------------------------------------------------------------- */

enum { SL_CSV_PIECE_BYTES = 256 * 1024 };

/* An open chunk; opened again it keeps its arrays. */
struct sl_csv {
    struct sl_csv_dialect dialect;
    struct sl_csv_window  window;
    struct sl_csv_header  header;
    struct sl_csv_scan    scan;
    struct sl_csv_records records;

    const struct sl_csv_scanner *scanner;

    struct sl_source_extent extent;
    int64_t                 end_byte;
    int64_t                 max_field_bytes;
    int64_t                 max_record_bytes;
    bool                    done;

    int       n_requests;
    int64_t  *field;  /* [n_requests] of the header, or negative */
    int64_t  *slot;   /* [n_requests] among the needed fields; -1 absent */
    uint32_t *needed; /* [n_requests + 1] see struct sl_csv_scan */

    struct sl_csv_missing missing;

    size_t field_capacity; /* of each array above, and of records.field */
    size_t slot_capacity;
    size_t needed_capacity;
    size_t missing_capacity;
    size_t record_capacity;
    size_t span_capacity;
};

/** The kind's open with another size of reads: how tests bring every boundary everywhere. */
SL_MUST_CHECK sl_status sl_csv_open(const struct sl_input_spec     *spec,
                                    const struct sl_source_range   *range,
                                    const struct sl_column_request *requests, int n_requests,
                                    size_t piece_bytes, void **state, struct sl_error *err);
void                    sl_csv_close(void *state);

/* --- csv.c -------------------------------------------------------------------------------- */

extern const struct sl_source_ops sl_source_csv;

#endif
