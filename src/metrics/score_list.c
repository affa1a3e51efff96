/* Scores of one class in a fixed room. */
#include "score_list.h"

size_t sl_score_list_least(int n_partitions)
{
    return 4 * (size_t)n_partitions + 4;
}

void sl_score_list_sort(struct sl_score_list *list)
{
    list->n = sl_ties_sort(list->items, list->n);
}

void sl_score_list_cut(struct sl_score_list *list, uint64_t end)
{
    list->end = end;
    list->n = sl_ties_below(list->items, list->n, end);
}

/* Half of the room at least is free then, so that the cost of sorting is shared by as many rows as
 * it was of. */
static void make_room(struct sl_score_list *list)
{
    sl_score_list_sort(list);
    if (list->n > list->capacity / 2)
        sl_score_list_cut(list, list->items[list->capacity / 2].key);
}

void sl_score_list_add(struct sl_score_list *list, uint64_t key, uint32_t who)
{
    if (list->n == list->capacity)
        make_room(list);
    if (key >= list->begin && key < list->end)
        list->items[list->n++] = (struct sl_tie){.key = key, .who = who, .n_rows = 1};
}
