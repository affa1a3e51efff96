/* The syntax of JSON, checked before cJSON builds the tree; private to json.c. */
#ifndef SCORELINE_JSON_SCAN_H
#define SCORELINE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum { SL_JSON_MAX_DEPTH = 64 };

struct sl_json_fault {
    size_t at; /* byte in the text */
    char   what[128];
};

/**
 * Check a text token by token, and blank out its comments in place, so that every other byte stays
 * where it was.  What passes is taken by cJSON.
 *
 * Shapes:  text [n_bytes + 1], a NUL at the end that does not count.
 * Returns: false at the first fault, which is then in *fault.
 */
bool sl_json_scan(char *text, size_t n_bytes, struct sl_json_fault *fault);

#endif
