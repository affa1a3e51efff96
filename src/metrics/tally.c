/* Tallies over ranks: everything is sent as integers, so that no order of adding can matter. */
#include "tally.h"

#include <stdlib.h>

#include "scoreline/memory.h"

enum { TALLY_WORDS = 11 }; /* three counts, and two sums in four parts of 32 bits */

/* In parts of 32 bits, whose sums over ranks cannot overflow; the highest has the sign. */
static void split_fixed(const struct sl_fixed *sum, int64_t part[4])
{
    part[0] = (int64_t)(sum->low & UINT32_MAX);
    part[1] = (int64_t)(sum->low >> 32);
    part[2] = (int64_t)((uint64_t)sum->high & UINT32_MAX);
    part[3] = sum->high >> 32;
}

static struct sl_fixed join_fixed(const int64_t part[4])
{
    int64_t carried[4];
    int64_t carry = 0;

    for (int i = 0; i < 4; i++) {
        carried[i] = part[i] + carry;
        carry = carried[i] >> 32;
    }
    return (struct sl_fixed){
        .high = (int64_t)((uint64_t)carried[3] << 32 | ((uint64_t)carried[2] & UINT32_MAX)),
        .low = (uint64_t)carried[1] << 32 | ((uint64_t)carried[0] & UINT32_MAX)};
}

static void pack_tally(const struct sl_tally *tally, int64_t word[TALLY_WORDS])
{
    word[0] = tally->n_rows;
    word[1] = tally->n_positive;
    word[2] = tally->n_correct;
    split_fixed(&tally->log_loss, word + 3);
    split_fixed(&tally->brier, word + 7);
}

static struct sl_tally unpack_tally(const int64_t word[TALLY_WORDS])
{
    return (struct sl_tally){.n_rows = word[0],
                             .n_positive = word[1],
                             .n_correct = word[2],
                             .log_loss = join_fixed(word + 3),
                             .brier = join_fixed(word + 7)};
}

static void merge_tally(struct sl_tally *sum, const struct sl_tally *other)
{
    sum->n_rows += other->n_rows;
    sum->n_positive += other->n_positive;
    sum->n_correct += other->n_correct;
    sl_fixed_merge(&sum->log_loss, &other->log_loss);
    sl_fixed_merge(&sum->brier, &other->brier);
}

sl_status sl_tallies_sum(const struct sl_comm *comm, const struct sl_tally *own, int n_partitions,
                         const bool *trained_on, struct sl_tally *all, struct sl_error *err)
{
    size_t    n = (size_t)n_partitions;
    int64_t  *words = NULL;
    sl_status rc = sl_alloc_array(n, TALLY_WORDS * sizeof *words, &words, err);

    SL_TRY(sl_comm_agree(comm, rc, err));
    for (size_t p = 0; p < n; p++)
        pack_tally(&own[p], words + p * TALLY_WORDS);
    sl_comm_sum_i64(comm, words, n * TALLY_WORDS);
    for (size_t p = 0; p < n; p++) {
        struct sl_tally *sum = &all[SL_FIRST_PARTITION + p];

        *sum = unpack_tally(words + p * TALLY_WORDS);
        merge_tally(&all[trained_on[p] ? SL_TRAINED_ON : SL_HELD_OUT], sum);
        merge_tally(&all[SL_ALL], sum);
    }
out:
    free(words);
    return rc;
}
