/* Scores of one class in a fixed room: the lowest ones that it holds. */
#ifndef SCORELINE_METRICS_SCORE_LIST_H
#define SCORELINE_METRICS_SCORE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "ties.h"

/* All scores that were added with keys in [begin, end); where they become too many, equal ones are
 * made one, and if that is not enough `end` comes down and the scores from it on are dropped. */
struct sl_score_list {
    uint64_t       begin;
    uint64_t       end;
    size_t         n;
    size_t         capacity; /* at least sl_score_list_least() */
    struct sl_tie *items;
};

/** The least capacity: the scores of one key, which can be as many as there are partitions times
 *  two, fill half of it. */
size_t sl_score_list_least(int n_partitions);

/** Add a row, if its key is in range. */
void sl_score_list_add(struct sl_score_list *list, uint64_t key, uint32_t who);

/** Sort what is there, equal scores as one. */
void sl_score_list_sort(struct sl_score_list *list);

/** Drop what a sorted list has from key `end` on. */
void sl_score_list_cut(struct sl_score_list *list, uint64_t end);

#endif
