/* Deciles, calibration and confusion matrix, all from one sorted list of scores. */
#include "scoreline/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "radix.h"
#include "scoreline/block.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"

void sl_evaluator_release(struct sl_evaluator *evaluator)
{
    free(evaluator->scores);
    *evaluator = (struct sl_evaluator){0};
}

/* Keys are complements, so that the most probable come first. */
static double probability_of(uint64_t key)
{
    double p;

    key = ~key;
    memcpy(&p, &key, sizeof p);
    return p;
}

sl_status sl_evaluator_add(struct sl_evaluator *evaluator, const struct sl_scores *scores,
                           struct sl_error *err)
{
    sl_status rc = sl_grow_array(&evaluator->scores, &evaluator->capacity,
                                 evaluator->n + scores->n_rows, sizeof *evaluator->scores, err);

    if (rc != SL_OK)
        return rc;
    for (size_t i = scores->at; i < scores->at + scores->n_rows; i++) {
        const int32_t label = sl_table_class(scores->label, i);

        if (scores->status->cells.u8[i] == SL_ROW_SCORED && (label == 0 || label == 1))
            evaluator->scores[evaluator->n++] = (struct sl_keyed){
                .key = ~sl_key_of(scores->probability->cells.f64[i]), .value = (uint64_t)label};
    }
    return SL_OK;
}

/* --- tables ----------------------------------------------------------------------------------- */

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : (double)NAN;
}

/* What all tables say of a list of scores. */
struct group {
    int64_t       n_rows;
    int64_t       n_positive;
    struct sl_sum probability;
};

static void add_score(struct group *g, const struct sl_keyed *score)
{
    g->n_rows++;
    g->n_positive += (int64_t)score->value;
    sl_sum_add(&g->probability, probability_of(score->key));
}

static double mean_probability(const struct group *g)
{
    return ratio(sl_sum_value(&g->probability), (double)g->n_rows);
}

/* d * n / 10 without overflow. */
static size_t decile_begin(size_t n, size_t d)
{
    return n / SL_N_DECILES * d + n % SL_N_DECILES * d / SL_N_DECILES;
}

static void fill_deciles(const struct sl_evaluator *e, int64_t n_positive,
                         struct sl_decile deciles[SL_N_DECILES])
{
    const double base_rate = share(n_positive, (int64_t)e->n);
    int64_t      captured = 0;

    for (size_t d = 0; d < SL_N_DECILES; d++) {
        struct group g = {0};

        for (size_t i = decile_begin(e->n, d); i < decile_begin(e->n, d + 1); i++)
            add_score(&g, &e->scores[i]);
        captured += g.n_positive;
        deciles[d] = (struct sl_decile){.n_rows = g.n_rows,
                                        .n_positive = g.n_positive,
                                        .mean_probability = mean_probability(&g),
                                        .base_rate = share(g.n_positive, g.n_rows),
                                        .captured = share(captured, n_positive)};
        deciles[d].lift = ratio(deciles[d].base_rate, base_rate);
    }
}

static int bin_of(double p)
{
    int b = 0;

    while (b < SL_N_BINS - 1 && p > (double)(b + 1) / SL_N_BINS)
        b++;
    return b;
}

static void fill_bins(const struct sl_evaluator *e, struct sl_bin bins[SL_N_BINS])
{
    struct group groups[SL_N_BINS] = {{0}};

    for (size_t i = 0; i < e->n; i++)
        add_score(&groups[bin_of(probability_of(e->scores[i].key))], &e->scores[i]);
    for (int b = 0; b < SL_N_BINS; b++)
        bins[b] = (struct sl_bin){.low = (double)b / SL_N_BINS,
                                  .high = (double)(b + 1) / SL_N_BINS,
                                  .n_rows = groups[b].n_rows,
                                  .mean_probability = mean_probability(&groups[b]),
                                  .observed = share(groups[b].n_positive, groups[b].n_rows)};
}

static void fill_confusion(const struct sl_evaluator *e, double threshold, struct sl_confusion *to)
{
    *to = (struct sl_confusion){.threshold = threshold};
    for (size_t i = 0; i < e->n; i++) {
        bool is_positive = e->scores[i].value == 1;

        if (probability_of(e->scores[i].key) >= threshold)
            (*(is_positive ? &to->n_true_positive : &to->n_false_positive))++;
        else
            (*(is_positive ? &to->n_false_negative : &to->n_true_negative))++;
    }
}

sl_status sl_evaluator_finish(struct sl_evaluator *evaluator, double threshold,
                              struct sl_evaluation *out, struct sl_error *err)
{
    struct sl_keyed *scratch = NULL;
    int64_t          n_positive = 0;
    sl_status        rc;

    *out = (struct sl_evaluation){.n_rows = (int64_t)evaluator->n};
    SL_TRY(sl_alloc_array(evaluator->n, sizeof *scratch, &scratch, err));
    sl_radix_sort(evaluator->scores, scratch, evaluator->n);
    for (size_t i = 0; i < evaluator->n; i++)
        n_positive += (int64_t)evaluator->scores[i].value;
    fill_deciles(evaluator, n_positive, out->deciles);
    fill_bins(evaluator, out->bins);
    fill_confusion(evaluator, threshold, &out->confusion);
out:
    free(scratch);
    return rc;
}

struct sl_confusion_rates sl_confusion_rates(const struct sl_confusion *c)
{
    const int64_t right = c->n_true_positive + c->n_true_negative;
    const int64_t wrong = c->n_false_positive + c->n_false_negative;

    return (struct sl_confusion_rates){
        .accuracy = share(right, right + wrong),
        .precision = share(c->n_true_positive, c->n_true_positive + c->n_false_positive),
        .recall = share(c->n_true_positive, c->n_true_positive + c->n_false_negative),
        .specificity = share(c->n_true_negative, c->n_true_negative + c->n_false_positive),
        .f1 = share(2 * c->n_true_positive, 2 * c->n_true_positive + wrong),
    };
}
