/* A second reader of CSV, to hold the first one against: a state machine over the whole file in
 * memory, written from the grammar, slow and plain.  It shares no code with src/. */
#ifndef PLAIN_CSV_H
#define PLAIN_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct plain_rules {
    char   delimiter;
    char   quote;
    size_t max_field_bytes;
    size_t max_record_bytes;
};

enum plain_fault {
    PLAIN_GOOD,
    PLAIN_TOO_FEW,
    PLAIN_TOO_MANY,
    PLAIN_FIELD_TOO_LONG,
    PLAIN_RECORD_TOO_LONG,
    PLAIN_OPEN_QUOTE,
};

struct plain_field {
    char  *text;
    size_t n_bytes;
};

struct plain_record {
    size_t              byte;    /* of its first byte in the file */
    size_t              line;    /* line feeds before it */
    size_t              n_bytes; /* without its line end */
    size_t              n_fields;
    struct plain_field *fields;
    enum plain_fault    fault; /* never set in a header but for PLAIN_OPEN_QUOTE */
};

struct plain_file {
    bool                 has_header;
    struct plain_record  header;
    size_t               n_records;
    struct plain_record *records;
    size_t               n_lines; /* line feeds in the file */
};

/* Ends the process where memory does. */
void plain_csv_read(const char *data, size_t n_bytes, const struct plain_rules *rules,
                    struct plain_file *file);
void plain_csv_release(struct plain_file *file);

/* Whether a text is a number as the format's page says, and which. */
bool plain_number(const char *text, size_t n_bytes, double *value);
/* Whether a text is an integer of 64 bits, and which. */
bool plain_integer(const char *text, size_t n_bytes, long long *value);

#endif
