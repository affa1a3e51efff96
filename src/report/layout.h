/* How lists of JSON objects become tables.  Texts may come from anywhere: what would garble a
 * terminal is not printed. */
#ifndef SCORELINE_REPORT_LAYOUT_H
#define SCORELINE_REPORT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "scoreline/json.h"

enum layout_form {
    LAYOUT_TEXT,   /* a text, or whatever else stands there; to the left, all others to the right */
    LAYOUT_COUNT,  /* an integer */
    LAYOUT_BYTES,  /* a size */
    LAYOUT_NUMBER, /* six digits */
    LAYOUT_FIXED,  /* six digits behind the point */
    LAYOUT_MARK,   /* '*' for true or 1 */
    LAYOUT_FOUND,  /* "yes" or "NO" for a bool */
};

/* A column of a table: the member `key` of each object, or where there is none `or_key`, else
 * `last_key`. */
struct layout_column {
    const char      *heading;
    const char      *key;
    const char      *or_key;
    enum layout_form form;
    const char      *last_key;
};

/** A line of headings and a line for each object, the middle of a long list left out. */
void layout_table(FILE *to, const struct sl_json *list, const struct layout_column *columns,
                  int n_columns);

/** Whether the member `key` is true, or 1, in any object of a list. */
bool layout_any(const struct sl_json *list, const char *key);

/** The name of what follows on the line. */
void layout_name(FILE *to, const char *name);

/** A text, control characters shown as '?'; NULL is "-". */
void layout_text(FILE *to, const char *text);

/** A text; of one that is no UTF-8 its bytes in hexadecimal, as JSON has them; "-" if it is none.
 */
const char *layout_word(const struct sl_json *value);

/** At most `most` texts of a list by commas, on as many lines as it takes. */
void layout_words(FILE *to, const struct sl_json *list, size_t most);

/** The member `key` as a size. */
void layout_size(FILE *to, const struct sl_json *object, const char *key);

/** Members of an object: "C 1, fit_intercept true". */
void layout_members(FILE *to, const struct sl_json *object);

/* The member of an object as text or number; NULL or NaN where there is none. */
const char *layout_get_text(const struct sl_json *object, const char *key);
double      layout_get_number(const struct sl_json *object, const char *key);

/** Characters, not bytes, of a UTF-8 text. */
int layout_width(const char *text);

#endif
