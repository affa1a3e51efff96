/* Tallies by partition and the scores of every row; from them, over all ranks, the metrics. */
#include "scoreline/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pairs.h"
#include "radix.h"
#include "scoreline/block.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"

enum {
    LOGS_AT_ONCE = 256,
    TALLY_WORDS = 11, /* three counts, and two sums in four parts of 32 bits */
};

struct sl_metrics {
    int              n_partitions;
    bool            *trained_on; /* [n_partitions] */
    struct sl_tally *tallies;    /* [n_partitions] */
    size_t           n_scores;
    size_t           score_capacity;
    struct sl_keyed *scores; /* bits of the probability; 2 * partition + label */
};

sl_status sl_metrics_create(int n_partitions, const bool *trained_on, struct sl_metrics **out,
                            struct sl_error *err)
{
    struct sl_metrics *metrics = NULL;
    size_t             n = (size_t)n_partitions;
    sl_status          rc;

    SL_TRY(sl_alloc_array(1, sizeof *metrics, &metrics, err));
    metrics->n_partitions = n_partitions;
    SL_TRY(sl_alloc_array(n, sizeof *metrics->trained_on, &metrics->trained_on, err));
    SL_TRY(sl_alloc_array(n, sizeof *metrics->tallies, &metrics->tallies, err));
    if (n > 0)
        memcpy(metrics->trained_on, trained_on, n * sizeof *trained_on);
    *out = metrics;
    metrics = NULL;
out:
    sl_metrics_free(metrics);
    return rc;
}

void sl_metrics_free(struct sl_metrics *metrics)
{
    if (metrics == NULL)
        return;
    free(metrics->trained_on);
    free(metrics->tallies);
    free(metrics->scores);
    free(metrics);
}

/* --- rows in --- */

/* log(2^-52) is finite, so one sure and wrong prediction does not decide everything. */
static double clip(double probability)
{
    const double least = 0x1p-52;

    if (probability < least)
        return least;
    return probability > 1 - least ? 1 - least : probability;
}

static void add_logs(struct sl_tally *tally, double *likelihood, size_t n)
{
    sl_log_many(likelihood, n, likelihood);
    for (size_t i = 0; i < n; i++)
        sl_fixed_add(&tally->log_loss, -likelihood[i]);
}

/* Bits of a number that is not negative sort as the number does; -0 becomes 0. */
static uint64_t key_of(double probability)
{
    double   p = probability + 0.0;
    uint64_t bits;

    memcpy(&bits, &p, sizeof bits);
    return bits;
}

static void add_row(struct sl_metrics *metrics, int partition, double p, int predicted, int label)
{
    struct sl_tally *tally = &metrics->tallies[partition];

    tally->n_rows++;
    tally->n_positive += label;
    tally->n_correct += predicted == label;
    sl_fixed_add(&tally->brier, (p - label) * (p - label));
    metrics->scores[metrics->n_scores++] =
        (struct sl_keyed){.key = key_of(p), .value = 2 * (uint64_t)partition + (uint64_t)label};
}

sl_status sl_metrics_add(struct sl_metrics *metrics, int partition, size_t n_rows,
                         const double *probability, const int8_t *predicted, const int8_t *label,
                         const uint8_t *status, struct sl_error *err)
{
    double    likelihood[LOGS_AT_ONCE]; /* of the label */
    size_t    n = 0;
    sl_status rc = sl_grow_array(&metrics->scores, &metrics->score_capacity,
                                 metrics->n_scores + n_rows, sizeof *metrics->scores, err);

    if (rc != SL_OK)
        return rc;
    for (size_t i = 0; i < n_rows; i++) {
        if (status[i] != SL_ROW_SCORED || label[i] < 0 || label[i] > 1)
            continue;
        if (!(probability[i] >= 0 && probability[i] <= 1))
            return sl_fail(err, SL_EBUG, "metrics: %g is no probability", probability[i]);
        add_row(metrics, partition, probability[i], predicted[i], label[i]);
        likelihood[n++] = label[i] == 1 ? clip(probability[i]) : 1 - clip(probability[i]);
        if (n == LOGS_AT_ONCE) {
            add_logs(&metrics->tallies[partition], likelihood, n);
            n = 0;
        }
    }
    add_logs(&metrics->tallies[partition], likelihood, n);
    return SL_OK;
}

/* --- sums over ranks --- */

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

/* tallies [SL_FIRST_PARTITION + n_partitions]: of all ranks, by group. */
static sl_status sum_tallies(const struct sl_comm *comm, const struct sl_metrics *metrics,
                             struct sl_tally *tallies, struct sl_error *err)
{
    size_t    n = (size_t)metrics->n_partitions;
    int64_t  *words = NULL;
    sl_status rc = sl_alloc_array(n, TALLY_WORDS * sizeof *words, &words, err);

    SL_TRY(sl_comm_agree(comm, rc, err));
    for (size_t p = 0; p < n; p++)
        pack_tally(&metrics->tallies[p], words + p * TALLY_WORDS);
    sl_comm_sum_i64(comm, words, n * TALLY_WORDS);
    for (size_t p = 0; p < n; p++) {
        struct sl_tally *own = &tallies[SL_FIRST_PARTITION + p];

        *own = unpack_tally(words + p * TALLY_WORDS);
        merge_tally(&tallies[metrics->trained_on[p] ? SL_TRAINED_ON : SL_HELD_OUT], own);
        merge_tally(&tallies[SL_ALL], own);
    }
out:
    free(words);
    return rc;
}

static bool are_tied(const struct sl_keyed *a, const struct sl_keyed *b)
{
    return a->key == b->key && a->value >> 1 == b->value >> 1;
}

/* Sorted scores become ties: neighbours of one key and one partition are one. */
static sl_status make_ties(struct sl_metrics *metrics, struct sl_ties *ties, struct sl_error *err)
{
    const struct sl_keyed *scores = metrics->scores;
    struct sl_keyed       *scratch = NULL;
    sl_status              rc;

    SL_TRY(sl_alloc_array(metrics->n_scores, sizeof *scratch, &scratch, err));
    SL_TRY(sl_alloc_array(metrics->n_scores, sizeof *ties->items, &ties->items, err));
    sl_radix_sort(metrics->scores, scratch, metrics->n_scores);
    for (size_t i = 0; i < metrics->n_scores; i++) {
        if (i == 0 || !are_tied(&scores[i - 1], &scores[i]))
            ties->items[ties->n++] =
                (struct sl_tie){.key = scores[i].key, .partition = (int64_t)(scores[i].value >> 1)};
        if (scores[i].value & 1)
            ties->items[ties->n - 1].n_positive++;
        else
            ties->items[ties->n - 1].n_negative++;
    }
out:
    free(scratch);
    return rc;
}

static sl_status count_pairs(const struct sl_comm *comm, struct sl_metrics *metrics,
                             struct sl_pairs *pairs, struct sl_error *err)
{
    struct sl_ties ties = {0};
    sl_status      rc = make_ties(metrics, &ties, err);

    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(sl_ties_spread(comm, &ties, err));
    SL_TRY(sl_pairs_count(comm, &ties, metrics->n_partitions, metrics->trained_on, pairs, err));
out:
    free(ties.items);
    return rc;
}

/* --- metrics out --- */

static double area_under_curve(const struct sl_pairs *pairs)
{
    double n_pairs = (double)pairs->n_positive * (double)pairs->n_negative;

    if (n_pairs == 0 || pairs->n_positive + pairs->n_negative > UINT32_MAX)
        return (double)NAN;
    return (double)pairs->twice_won / (2 * n_pairs);
}

static struct sl_metric_values evaluate(const struct sl_tally *tally, const struct sl_pairs *pairs)
{
    double n = tally->n_rows > 0 ? (double)tally->n_rows : (double)NAN;

    return (struct sl_metric_values){.n_rows = tally->n_rows,
                                     .accuracy = (double)tally->n_correct / n,
                                     .log_loss = sl_fixed_value(&tally->log_loss) / n,
                                     .roc_auc = area_under_curve(pairs),
                                     .brier = sl_fixed_value(&tally->brier) / n,
                                     .base_rate = (double)tally->n_positive / n};
}

sl_status sl_metrics_reduce(const struct sl_comm *comm, struct sl_metrics *metrics,
                            struct sl_metric_values *values, struct sl_error *err)
{
    size_t           n_groups = SL_FIRST_PARTITION + (size_t)metrics->n_partitions;
    struct sl_tally *tallies = NULL;
    struct sl_pairs *pairs = NULL;
    sl_status        rc;

    rc = sl_alloc_array(n_groups, sizeof *tallies, &tallies, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n_groups, sizeof *pairs, &pairs, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(sum_tallies(comm, metrics, tallies, err));
    SL_TRY(count_pairs(comm, metrics, pairs, err));
    for (size_t g = 0; g < n_groups; g++)
        values[g] = evaluate(&tallies[g], &pairs[g]);
out:
    free(pairs);
    free(tallies);
    return rc;
}
