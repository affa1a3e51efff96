/* A table of texts.  The hash reads eight bytes at a time: levels are short, and it is asked for in
 * every row. */
#include "levels.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"

enum { FIRST_SLOTS = 16 };

struct sl_level {
    size_t   begin;
    size_t   n_bytes;
    uint64_t hash;
};

void sl_levels_release(struct sl_levels *levels)
{
    free(levels->items);
    free(levels->slots);
    sl_text_release(&levels->bytes);
    *levels = (struct sl_levels){0};
}

struct sl_slice sl_levels_get(const struct sl_levels *levels, int32_t i)
{
    const struct sl_level *level = &levels->items[i];

    return (struct sl_slice){levels->bytes.data + level->begin, level->n_bytes};
}

static uint64_t hash_of(struct sl_slice text)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t       hash = text.n_bytes * factor;
    size_t         i = 0;
    uint64_t       word;

    for (; i + sizeof word <= text.n_bytes; i += sizeof word) {
        memcpy(&word, text.data + i, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    word = 0;
    if (i < text.n_bytes)
        memcpy(&word, text.data + i, text.n_bytes - i);
    hash = (hash ^ word) * factor;
    return hash ^ hash >> 29;
}

static bool is_level(const struct sl_levels *levels, const struct sl_level *level, uint64_t hash,
                     struct sl_slice text)
{
    return level->hash == hash && level->n_bytes == text.n_bytes &&
           (text.n_bytes == 0 ||
            memcmp(levels->bytes.data + level->begin, text.data, text.n_bytes) == 0);
}

/* Its slot, or the free one where it would be; n_slots is not 0. */
static size_t slot_of(const struct sl_levels *levels, uint64_t hash, struct sl_slice text)
{
    size_t slot = (size_t)hash & (levels->n_slots - 1);

    while (levels->slots[slot] != 0 &&
           !is_level(levels, &levels->items[levels->slots[slot] - 1], hash, text))
        slot = (slot + 1) & (levels->n_slots - 1);
    return slot;
}

int32_t sl_levels_find(const struct sl_levels *levels, struct sl_slice text)
{
    if (levels->n_slots == 0)
        return -1;
    return levels->slots[slot_of(levels, hash_of(text), text)] - 1;
}

/* At most half of the slots are taken. */
static sl_status make_slots(struct sl_levels *levels, size_t n_slots, struct sl_error *err)
{
    int32_t  *slots = NULL;
    sl_status rc = sl_alloc_array(n_slots, sizeof *slots, &slots, err);

    if (rc != SL_OK)
        return rc;
    free(levels->slots);
    levels->slots = slots;
    levels->n_slots = n_slots;
    for (int32_t i = 0; i < levels->n; i++)
        slots[slot_of(levels, levels->items[i].hash, sl_levels_get(levels, i))] = i + 1;
    return SL_OK;
}

sl_status sl_levels_add(struct sl_levels *levels, struct sl_slice text, int32_t *out,
                        struct sl_error *err)
{
    const uint64_t hash = hash_of(text);
    const size_t   begin = levels->bytes.n_bytes;
    size_t         slot;
    sl_status      rc;

    if (2 * ((size_t)levels->n + 1) > levels->n_slots)
        SL_TRY(make_slots(levels, levels->n_slots > 0 ? 2 * levels->n_slots : FIRST_SLOTS, err));
    slot = slot_of(levels, hash, text);
    *out = levels->slots[slot] - 1;
    if (*out >= 0)
        return SL_OK;
    if (levels->n == INT32_MAX / 4)
        return sl_fail(err, SL_ENOMEM, "out of memory: more than %d levels", levels->n);
    SL_TRY(sl_grow_array(&levels->items, &levels->capacity, (size_t)levels->n + 1,
                         sizeof *levels->items, err));
    SL_TRY(sl_text_add_bytes(&levels->bytes, text.data, text.n_bytes, err));
    levels->items[levels->n] = (struct sl_level){begin, text.n_bytes, hash};
    *out = levels->n++;
    levels->slots[slot] = levels->n;
out:
    return rc;
}

/* --- order ------------------------------------------------------------------------------------ */

int sl_level_compare(enum sl_level_order order, struct sl_slice a, struct sl_slice b)
{
    const size_t n = a.n_bytes < b.n_bytes ? a.n_bytes : b.n_bytes;
    int64_t      x, y;
    int          by_bytes = n > 0 ? memcmp(a.data, b.data, n) : 0;

    if (order == SL_ORDER_INTEGERS && sl_parse_i64(a, &x) && sl_parse_i64(b, &y))
        return (x > y) - (x < y);
    return by_bytes != 0 ? by_bytes : (a.n_bytes > b.n_bytes) - (a.n_bytes < b.n_bytes);
}

/* What is sorted: a level and its old number. */
struct placed {
    struct sl_slice     text;
    enum sl_level_order order;
    int32_t             number;
};

static int by_order(const void *left, const void *right)
{
    const struct placed *a = left;

    return sl_level_compare(a->order, a->text, ((const struct placed *)right)->text);
}

sl_status sl_levels_settle(struct sl_levels *levels, enum sl_level_order order, const bool *is_used,
                           int32_t *map, struct sl_error *err)
{
    struct sl_levels settled = {0};
    struct placed   *placed = NULL;
    size_t           n = 0;
    sl_status        rc;

    SL_TRY(sl_alloc_array((size_t)levels->n, sizeof *placed, &placed, err));
    for (int32_t i = 0; i < levels->n; i++) {
        map[i] = -1;
        if (is_used[i])
            placed[n++] = (struct placed){sl_levels_get(levels, i), order, i};
    }
    qsort(placed, n, sizeof *placed, by_order);
    for (size_t i = 0; i < n; i++)
        SL_TRY(sl_levels_add(&settled, placed[i].text, &map[placed[i].number], err));
    sl_levels_release(levels);
    *levels = settled;
    settled = (struct sl_levels){0};
out:
    sl_levels_release(&settled);
    free(placed);
    return rc;
}

/* --- in a model file -------------------------------------------------------------------------- */

sl_status sl_levels_save(const struct sl_levels *levels, struct sl_json *to, const char *key,
                         struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, key, &list, err));
    for (int32_t i = 0; i < levels->n; i++)
        SL_TRY(sl_json_add_bytes(list, NULL, sl_levels_get(levels, i), err));
out:
    return rc;
}

static sl_status load_level(const struct sl_json_doc *doc, const struct sl_json *item,
                            enum sl_level_order order, struct sl_levels *levels,
                            struct sl_error *err)
{
    struct sl_text  text = {0};
    struct sl_slice slice;
    int64_t         integer;
    int32_t         number;
    sl_status       rc;

    SL_TRY(sl_json_need_bytes(doc, item, &text, err));
    slice = (struct sl_slice){text.data != NULL ? text.data : "", text.n_bytes};
    if (order == SL_ORDER_INTEGERS && !sl_parse_i64(slice, &integer))
        rc = sl_json_fail(doc, item, SL_EJOB, err, "expected the digits of an integer");
    else if (levels->n > 0 &&
             sl_level_compare(order, sl_levels_get(levels, levels->n - 1), slice) >= 0)
        rc = sl_json_fail(doc, item, SL_EJOB, err, "not in order, or given twice");
    else
        rc = sl_levels_add(levels, slice, &number, err);
out:
    sl_text_release(&text);
    return rc;
}

sl_status sl_levels_load(const struct sl_json_doc *doc, const struct sl_json *from, const char *key,
                         enum sl_level_order order, int64_t most, struct sl_levels *levels,
                         struct sl_error *err)
{
    const struct sl_json *list;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, key, SL_JSON_LIST, &list, err));
    if ((int64_t)sl_json_count(list) > most)
        return sl_json_fail(doc, list, SL_EJOB, err, "%zu of them, at most %lld are allowed",
                            sl_json_count(list), (long long)most);
    for (const struct sl_json *item = sl_json_first(list); item != NULL; item = sl_json_next(item))
        SL_TRY(load_level(doc, item, order, levels, err));
out:
    return rc;
}
