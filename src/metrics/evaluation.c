/* Deciles, calibration and confusion matrix, from counts alone.  Where deciles begin is found digit
 * by digit of the keys at their places, each in a reading of the rows; one more reading then knows
 * for every row what it counts for. */
#include "scoreline/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/block.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"
#include "ties.h"

enum { DIGIT_BITS = 16, N_DIGITS = 1 << DIGIT_BITS, KEY_BITS = 64, N_CUTS = SL_N_DECILES - 1 };

/* Where a decile but the first begins: at the row that `n_above` rows stand above. */
struct cut {
    uint64_t key;     /* the digits that are known, others 0 */
    int64_t  n_above; /* of the rows that agree with them */
    int64_t  n_met;   /* rows of that key in the reading under way */
    int64_t *n_rows;  /* [N_DIGITS] that agree with the known digits, by the next one */
};

/* What tables say of some rows. */
struct group {
    int64_t       n_rows;
    int64_t       n_positive;
    struct sl_sum probability;
};

struct sl_evaluator {
    double       threshold;
    int          shift; /* of the digit that is looked for; below 0: all are known */
    struct cut   cuts[N_CUTS];
    struct group deciles[SL_N_DECILES];
    struct group bins[SL_N_BINS];
    int64_t      confusion[2][2]; /* by label and by what the threshold makes of the row */
};

/* --- rows ------------------------------------------------------------------------------------- */

/* Of the first digit all cuts know the same: nothing. */
static void count_digit(struct sl_evaluator *e, uint64_t key)
{
    const int      known = e->shift + DIGIT_BITS;
    const unsigned digit = (unsigned)(key >> e->shift) & (N_DIGITS - 1);

    for (int c = 0; c < (known == KEY_BITS ? 1 : N_CUTS); c++)
        if (known == KEY_BITS || key >> known == e->cuts[c].key >> known)
            e->cuts[c].n_rows[digit]++;
}

/* Of equal rows those that came first stand above. */
static int decile_of(struct sl_evaluator *e, uint64_t key)
{
    int decile = 0;

    for (int c = 0; c < N_CUTS; c++) {
        struct cut *cut = &e->cuts[c];

        decile += key < cut->key || (key == cut->key && cut->n_met++ >= cut->n_above);
    }
    return decile;
}

static int bin_of(double p)
{
    int b = 0;

    while (b < SL_N_BINS - 1 && p > (double)(b + 1) / SL_N_BINS)
        b++;
    return b;
}

static void add_to_group(struct group *g, double p, int32_t label)
{
    g->n_rows++;
    g->n_positive += label;
    sl_sum_add(&g->probability, p);
}

void sl_evaluator_add(struct sl_evaluator *e, const struct sl_scores *scores)
{
    for (size_t i = scores->at; i < scores->at + scores->n_rows; i++) {
        const int32_t label = sl_table_class(scores->label, i);
        const double  p = scores->probability->cells.f64[i];

        if (scores->status->cells.u8[i] != SL_ROW_SCORED || (label != 0 && label != 1))
            continue;
        if (e->shift >= 0) {
            count_digit(e, sl_key_of(p));
            continue;
        }
        add_to_group(&e->deciles[decile_of(e, sl_key_of(p))], p, label);
        add_to_group(&e->bins[bin_of(p)], p, label);
        e->confusion[label][p >= e->threshold]++;
    }
}

/* --- where deciles begin ---------------------------------------------------------------------- */

/* d * n / 10 without overflow. */
static int64_t decile_begin(int64_t n, int64_t d)
{
    return n / SL_N_DECILES * d + n % SL_N_DECILES * d / SL_N_DECILES;
}

/* When all rows have been counted by the first digit. */
static void place_cuts(struct sl_evaluator *e)
{
    int64_t n = 0;

    for (int digit = 0; digit < N_DIGITS; digit++)
        n += e->cuts[0].n_rows[digit];
    for (int c = 0; c < N_CUTS; c++)
        e->cuts[c].n_above = decile_begin(n, c + 1);
    for (int c = 1; c < N_CUTS; c++)
        memcpy(e->cuts[c].n_rows, e->cuts[0].n_rows, N_DIGITS * sizeof(int64_t));
}

/* The digit of the row that n_above others stand above; without rows any will do. */
static void extend_key(struct cut *cut, int shift)
{
    uint64_t digit = N_DIGITS - 1;

    while (digit > 0 && cut->n_rows[digit] <= cut->n_above)
        cut->n_above -= cut->n_rows[digit--];
    cut->key |= digit << shift;
    memset(cut->n_rows, 0, N_DIGITS * sizeof *cut->n_rows);
}

static sl_status find_cuts(const struct sl_evaluation_spec *spec, struct sl_evaluator *e,
                           struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int c = 0; c < N_CUTS; c++)
        SL_TRY(sl_alloc_array(N_DIGITS, sizeof *e->cuts[c].n_rows, &e->cuts[c].n_rows, err));
    for (e->shift = KEY_BITS - DIGIT_BITS; e->shift >= 0; e->shift -= DIGIT_BITS) {
        SL_TRY(spec->give(spec->state, e, err));
        if (e->shift == KEY_BITS - DIGIT_BITS)
            place_cuts(e);
        for (int c = 0; c < N_CUTS; c++)
            extend_key(&e->cuts[c], e->shift);
    }
out:
    return rc;
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

static double mean_probability(const struct group *g)
{
    return ratio(sl_sum_value(&g->probability), (double)g->n_rows);
}

static void fill_deciles(const struct group groups[SL_N_DECILES], struct sl_evaluation *out)
{
    int64_t n_positive = 0;
    int64_t captured = 0;

    for (int d = 0; d < SL_N_DECILES; d++) {
        out->n_rows += groups[d].n_rows;
        n_positive += groups[d].n_positive;
    }
    for (int d = 0; d < SL_N_DECILES; d++) {
        const struct group *g = &groups[d];
        struct sl_decile   *to = &out->deciles[d];

        captured += g->n_positive;
        *to = (struct sl_decile){.n_rows = g->n_rows,
                                 .n_positive = g->n_positive,
                                 .mean_probability = mean_probability(g),
                                 .base_rate = share(g->n_positive, g->n_rows),
                                 .captured = share(captured, n_positive)};
        to->lift = ratio(to->base_rate, share(n_positive, out->n_rows));
    }
}

static void fill_bins(const struct group groups[SL_N_BINS], struct sl_bin bins[SL_N_BINS])
{
    for (int b = 0; b < SL_N_BINS; b++)
        bins[b] = (struct sl_bin){.low = (double)b / SL_N_BINS,
                                  .high = (double)(b + 1) / SL_N_BINS,
                                  .n_rows = groups[b].n_rows,
                                  .mean_probability = mean_probability(&groups[b]),
                                  .observed = share(groups[b].n_positive, groups[b].n_rows)};
}

sl_status sl_evaluation_make(const struct sl_evaluation_spec *spec, struct sl_evaluation *out,
                             struct sl_error *err)
{
    struct sl_evaluator e = {.threshold = spec->threshold};
    sl_status           rc;

    SL_TRY(find_cuts(spec, &e, err));
    SL_TRY(spec->give(spec->state, &e, err));
    *out = (struct sl_evaluation){.confusion = {.threshold = spec->threshold,
                                                .n_true_positive = e.confusion[1][1],
                                                .n_false_positive = e.confusion[0][1],
                                                .n_true_negative = e.confusion[0][0],
                                                .n_false_negative = e.confusion[1][0]}};
    fill_deciles(e.deciles, out);
    fill_bins(e.bins, out->bins);
out:
    for (int c = 0; c < N_CUTS; c++)
        free(e.cuts[c].n_rows);
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
