/* Scores of one class in a fixed room. */
#include "score_list.h"

#include <string.h>

/* Of so many rows fewer than one in eight that were met lately: not worth the look. */
enum { ROWS_TO_JUDGE = 1 << 15, LEAST_MET = ROWS_TO_JUDGE / 8 };

size_t sl_score_list_least(int n_partitions)
{
    return 4 * (size_t)n_partitions + 4;
}

static void sort(struct sl_score_list *list)
{
    list->n = sl_ties_sort(list->items, list->n);
}

void sl_score_list_cut(struct sl_score_list *list, uint64_t end)
{
    list->end = end;
    list->n = sl_ties_below(list->items, list->n, end);
}

/* Half of the room at least is free then, so that the cost of sorting is shared by as many rows as
 * it was of.  Whoever may give up sorts each score once, when it is known which of them fit. */
static void make_room(struct sl_score_list *list)
{
    if (list->gives_up && list->is_distinct) {
        list->end = list->begin;
        list->n = 0;
        return;
    }
    sort(list);
    if (list->n > list->capacity / 2)
        sl_score_list_cut(list, list->items[list->capacity / 2].key);
}

static inline void keep(struct sl_score_list *list, const struct sl_tie *tie)
{
    if (list->n == list->capacity)
        make_room(list);
    if (tie->key < list->end) /* which may have come down since */
        list->items[list->n++] = *tie;
}

/* Those that wait join the others. */
static void keep_recent(struct sl_score_list *list)
{
    for (size_t i = 0; list->recent != NULL && i < SL_N_RECENT; i++) {
        if (list->recent[i].n_rows > 0)
            keep(list, &list->recent[i]);
        list->recent[i].n_rows = 0;
    }
}

void sl_score_list_begin(struct sl_score_list *list, uint64_t begin, uint64_t end)
{
    list->begin = begin;
    list->end = end;
    list->n = 0;
    list->is_distinct = list->recent == NULL;
    list->gives_up = false;
    list->n_added = 0;
    list->n_met = 0;
    if (list->recent != NULL)
        memset(list->recent, 0, SL_N_RECENT * sizeof *list->recent);
}

/* Multiplicative hashing: the high bits of a product depend on all of the key. */
static inline size_t place_of(const struct sl_tie *tie)
{
    return (size_t)(((tie->key ^ tie->who) * UINT64_C(0x9E3779B97F4A7C15)) >> 51);
}

static inline void add_recent(struct sl_score_list *list, const struct sl_tie *tie)
{
    struct sl_tie *recent = &list->recent[place_of(tie)];

    if (recent->key == tie->key && recent->who == tie->who && recent->n_rows < UINT32_MAX) {
        recent->n_rows++;
        list->n_met++;
        return;
    }
    if (recent->n_rows > 0)
        keep(list, recent);
    *recent = *tie;
}

/* Whether scores are met again often enough. */
static void judge(struct sl_score_list *list, size_t n)
{
    list->n_added += (int)n;
    if (list->n_added < ROWS_TO_JUDGE)
        return;
    list->is_distinct = list->n_met < LEAST_MET;
    if (list->is_distinct)
        keep_recent(list);
    list->n_added = 0;
    list->n_met = 0;
}

void sl_score_list_add(struct sl_score_list *list, const double *probability, const uint32_t *who,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct sl_tie tie = {.key = sl_key_of(probability[i]), .who = who[i], .n_rows = 1};

        if (tie.key < list->begin || tie.key >= list->end)
            continue;
        if (list->is_distinct)
            keep(list, &tie);
        else
            add_recent(list, &tie);
    }
    if (!list->is_distinct)
        judge(list, n);
}

void sl_score_list_sort(struct sl_score_list *list)
{
    keep_recent(list);
    sort(list);
}
