/* JSON in and out.  Reading allows comments, keeps the place of every fault, and never rounds an
 * integer.  The only module that knows cJSON. */
#ifndef SCORELINE_JSON_H
#define SCORELINE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/text.h"

struct sl_json;     /* one value in a tree; borrowed from its document */
struct sl_json_doc; /* a whole tree and the name of where it came from */

enum sl_json_kind {
    SL_JSON_NULL,
    SL_JSON_BOOL,
    SL_JSON_NUMBER,
    SL_JSON_TEXT,
    SL_JSON_LIST,
    SL_JSON_OBJECT,
};

/**
 * Parse a text; line and block comments count as white space.
 *
 * Owner:   *doc is handed over, sl_json_close() frees it; `source` (a file name) is copied.
 * Errors:  SL_EJOB with source, line and column: syntax, bytes after the value, a key given twice
 *          in one object (with its path), nesting beyond 64; SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_json_parse(const char *text, size_t n_bytes, const char *source,
                                      struct sl_json_doc **doc, struct sl_error *err);
/** An empty object as a document, to be filled with the sl_json_add_ functions. */
SL_MUST_CHECK sl_status sl_json_create(struct sl_json_doc **doc, struct sl_error *err);
void                    sl_json_close(struct sl_json_doc *doc);
struct sl_json         *sl_json_root(const struct sl_json_doc *doc);

enum sl_json_kind     sl_json_kind(const struct sl_json *value);
const char           *sl_json_kind_name(enum sl_json_kind kind); /* "a number", "a list", ... */
const char           *sl_json_key(const struct sl_json *value);  /* NULL in a list */
const struct sl_json *sl_json_find(const struct sl_json *object, const char *key); /* may miss */
const struct sl_json *sl_json_first(const struct sl_json *container); /* of NULL or nothing: NULL */
const struct sl_json *sl_json_next(const struct sl_json *value);
size_t                sl_json_count(const struct sl_json *container);

double      sl_json_number(const struct sl_json *value); /* of a number, else NaN */
const char *sl_json_text(const struct sl_json *value);   /* of a text, else NULL */
bool        sl_json_bool(const struct sl_json *value);   /* of a bool, else false */
/** An integer within +-2^53 exactly; false if the value is none. */
bool sl_json_integer(const struct sl_json *value, int64_t *out);

/** Where `value` stands in `doc`, as "$.a.b[2]"; cut to out_bytes. */
void sl_json_path(const struct sl_json_doc *doc, const struct sl_json *value, char *out,
                  size_t out_bytes);

/** Fail with "<source>: $.a.b[2]: <message>", the path of `value` in `doc`. */
SL_PRINTF(5, 6)
sl_status sl_json_fail(const struct sl_json_doc *doc, const struct sl_json *value, sl_status code,
                       struct sl_error *err, const char *format, ...);

/* Building.  Each adds to an object (key given) or list (key NULL), copies what it is given and
 * fails with SL_ENOMEM only.  A number that is not finite becomes null. */
SL_MUST_CHECK sl_status sl_json_add_number(struct sl_json *to, const char *key, double value,
                                           struct sl_error *err);
/* Numbers [n], each under its name. */
struct sl_json_number {
    const char *name;
    double      value;
};
SL_MUST_CHECK sl_status sl_json_add_numbers(struct sl_json *to, const struct sl_json_number *numbers,
                                            size_t n, struct sl_error *err);
SL_MUST_CHECK sl_status sl_json_add_text(struct sl_json *to, const char *key, const char *value,
                                         struct sl_error *err);
SL_MUST_CHECK sl_status sl_json_add_bool(struct sl_json *to, const char *key, bool value,
                                         struct sl_error *err);
SL_MUST_CHECK sl_status sl_json_add_list(struct sl_json *to, const char *key, struct sl_json **out,
                                         struct sl_error *err);
SL_MUST_CHECK sl_status sl_json_add_object(struct sl_json *to, const char *key,
                                           struct sl_json **out, struct sl_error *err);
/** Bytes that data brought: as a text, or where they are no UTF-8 or hold a NUL as {"hex": "c3
 * 28"}. */
SL_MUST_CHECK sl_status sl_json_add_bytes(struct sl_json *to, const char *key,
                                          struct sl_slice bytes, struct sl_error *err);
/** A deep copy of `value` from any document. */
SL_MUST_CHECK sl_status sl_json_add_copy(struct sl_json *to, const char *key,
                                         const struct sl_json *value, struct sl_error *err);
/** Put a copy of `value` at object[key], in the place of what is there. */
SL_MUST_CHECK sl_status sl_json_replace(struct sl_json *object, const char *key,
                                        const struct sl_json *value, struct sl_error *err);

/** The text of a value, numbers in digits that read back exactly; *out is freed with free(). */
SL_MUST_CHECK sl_status sl_json_print(const struct sl_json *value, bool pretty, char **out,
                                      struct sl_error *err);

#endif
