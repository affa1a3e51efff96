/* Texts: slices of bytes, a builder, sizes such as "16MiB", and the nearest of several names. */
#ifndef SCORELINE_TEXT_H
#define SCORELINE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "scoreline/error.h"

/* Bytes borrowed from somewhere else; no NUL at the end, any byte inside. */
struct sl_slice {
    const char *data;
    size_t      n_bytes;
};

/* A growing text, always NUL-terminated once something was added.  {0} is an empty one. */
struct sl_text {
    char  *data;
    size_t n_bytes;
    size_t capacity;
};

/** Release what a builder holds; it is {0} again. */
void sl_text_release(struct sl_text *text);

/** Append formatted text; SL_ENOMEM. */
SL_PRINTF(3, 4)
SL_MUST_CHECK sl_status sl_text_add(struct sl_text *text, struct sl_error *err, const char *format,
                                    ...);

/** Append bytes as they are; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_text_add_bytes(struct sl_text *text, const void *data, size_t n_bytes,
                                          struct sl_error *err);

/** Room for n_more bytes and a NUL behind them; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_text_reserve(struct sl_text *text, size_t n_more, struct sl_error *err);

/** Whether the bytes are UTF-8 without a NUL. */
bool sl_slice_is_utf8(struct sl_slice text);

/** Append a slice behind its length, for sl_slice_take() on another rank. */
SL_MUST_CHECK sl_status sl_text_add_slice(struct sl_text *text, struct sl_slice slice,
                                          struct sl_error *err);
/** The slice at *at, borrowed; *at goes on behind it. */
struct sl_slice sl_slice_take(const char **at);

/** Whether a slice and a C string hold the same bytes. */
bool sl_slice_equals(struct sl_slice slice, const char *text);
/** The same of two slices, and of a slice and any of texts [n]. */
static inline bool sl_slice_same(struct sl_slice a, struct sl_slice b)
{
    return a.n_bytes == b.n_bytes &&
           (a.n_bytes == 0 || (a.data[0] == b.data[0] && memcmp(a.data, b.data, a.n_bytes) == 0));
}
bool sl_slice_is_among(struct sl_slice slice, const struct sl_slice *texts, int n);
/** Whether a text is one of texts [n]. */
bool sl_is_among(const char *text, char *const *texts, int n);

/**
 * A decimal integer, the whole text and nothing else.
 *
 * Errors:  false if the text is no integer or does not fit 64 bits.
 */
bool sl_parse_i64(struct sl_slice text, int64_t *out);

/** The same texts, borrowed, in byte order: *sorted [n] is freed with free(); SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_text_sort(const char *const *texts, size_t n, const char ***sorted,
                                     struct sl_error *err);
/** Whether a text is among texts in byte order, [n]. */
bool sl_text_is_among(const char *const *sorted, size_t n, const char *text);

/** A size: "4096", "64KiB", "16MiB", "2GiB" (also kB, MB, GB as powers of ten); false otherwise. */
bool sl_parse_bytes(const char *text, int64_t *out);

/** "16.0 MiB": a size for people.  Units: binary. */
void sl_format_bytes(double n_bytes, char *out, size_t out_bytes);

/**
 * The name most like `name`, for messages that suggest a cure.
 *
 * Shapes:  names [n].
 * Returns: NULL if nothing is near (more than a third of the letters differ).
 * Cost:    O(n * length^2); Damerau-Levenshtein distance, letter case ignored.
 */
const char *sl_nearest_name(const char *name, const char *const *names, size_t n);

/** sl_nearest_name() as ", did you mean 'x'?", or an empty text; written to out and returned. */
const char *sl_suggest(const char *name, const char *const *names, size_t n, char *out,
                       size_t out_bytes);

#endif
