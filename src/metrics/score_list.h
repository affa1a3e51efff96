/* Scores of one class in a fixed room: the lowest ones that it holds. */
#ifndef SCORELINE_METRICS_SCORE_LIST_H
#define SCORELINE_METRICS_SCORE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ties.h"

/* Where scores wait for equal ones: 128 KiB, which stay in a processor's cache. */
enum { SL_N_RECENT = 8192 };

/* All scores that were added with keys in [begin, end); where they become too many, equal ones are
 * made one, and if that is not enough `end` comes down and the scores from it on are dropped: down
 * to `begin`, where nothing was known of how they lie, for that is known when all were seen once. */
struct sl_score_list {
    uint64_t       begin;
    uint64_t       end;
    size_t         n;
    size_t         capacity; /* at least sl_score_list_least() */
    struct sl_tie *items;

    /* Scores that were met lately, by a hash: of few distinct ones most are counted here, and never
     * sorted.  Where all are distinct that is found out soon, and it is left alone. */
    struct sl_tie *recent; /* [SL_N_RECENT], of no rows at first; NULL: there is no such room */
    bool           is_distinct;
    bool           gives_up; /* if there are too many and all are distinct */
    int            n_added; /* since that was last looked at */
    int            n_met;   /* of those, that were there */
};

/** The least capacity: the scores of one key, which can be as many as there are partitions times
 *  two, fill half of it. */
size_t sl_score_list_least(int n_partitions);

/** Forget all that was added; from here on keys in [begin, end) are. */
void sl_score_list_begin(struct sl_score_list *list, uint64_t begin, uint64_t end);

/** Add rows that have probabilities [n], each if its key is in range; who [n]. */
void sl_score_list_add(struct sl_score_list *list, const double *probability, const uint32_t *who,
                       size_t n);

/** Sort what is there, equal scores as one. */
void sl_score_list_sort(struct sl_score_list *list);

/** Drop what a sorted list has from key `end` on. */
void sl_score_list_cut(struct sl_score_list *list, uint64_t end);

#endif
