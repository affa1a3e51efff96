/* Distinct texts and their numbers: the levels of a categorical column, or the classes of a label.
 * Private to the feature module. */
#ifndef SCORELINE_FEATURE_LEVELS_H
#define SCORELINE_FEATURE_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/json.h"
#include "scoreline/text.h"

/* Texts are found by a hash table with open addressing; {0} has none. */
struct sl_levels {
    int32_t          n;
    size_t           capacity;
    struct sl_level *items; /* [n] where each stands in `bytes` */
    struct sl_text   bytes;
    size_t           n_slots; /* a power of two, or 0 */
    int32_t         *slots;   /* number + 1; 0: free */
};
void sl_levels_release(struct sl_levels *levels);

/** Level i; valid until one is added. */
struct sl_slice sl_levels_get(const struct sl_levels *levels, int32_t i);

/** The number of a text, -1 if it is none. */
int32_t sl_levels_find(const struct sl_levels *levels, struct sl_slice text);

/** The number of a text, which becomes a level if it is none; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_levels_add(struct sl_levels *levels, struct sl_slice text, int32_t *out,
                                      struct sl_error *err);

/* How levels are ordered: by bytes, or as the integers that all of them are. */
enum sl_level_order { SL_ORDER_BYTES, SL_ORDER_INTEGERS };
int sl_level_compare(enum sl_level_order order, struct sl_slice a, struct sl_slice b);

/**
 * Drop levels that are not used and put the others in order.
 *
 * Shapes:  is_used [n]; map [n] gets the new number of each old one, -1 where it was dropped.
 * Errors:  SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_levels_settle(struct sl_levels *levels, enum sl_level_order order,
                                         const bool *is_used, int32_t *map, struct sl_error *err);

/** Write levels as a list. */
SL_MUST_CHECK sl_status sl_levels_save(const struct sl_levels *levels, struct sl_json *to,
                                       const char *key, struct sl_error *err);
/** Read them back from the list `key` of an object; SL_EJOB: not in order, twice, over `most`. */
SL_MUST_CHECK sl_status sl_levels_load(const struct sl_json_doc *doc, const struct sl_json *from,
                                       const char *key, enum sl_level_order order, int64_t most,
                                       struct sl_levels *levels, struct sl_error *err);

#endif
