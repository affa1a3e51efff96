/* Rows in.  The first reading of the rows makes tallies by partition and the matrix of labels and
 * predictions; every reading takes those scores that the curves in hand want. */
#include "scoreline/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "reading.h"
#include "scoreline/block.h"
#include "scoreline/numeric.h"

enum { ROWS_AT_ONCE = 256 };

/* --- tallies --- */

/* log(2^-52) is finite, so one sure and wrong prediction does not decide everything. */
static double clip(double probability)
{
    const double least = 0x1p-52;

    if (probability < least)
        return least;
    return probability > 1 - least ? 1 - least : probability;
}

/* Some rows that count. */
struct block {
    const struct sl_scores *scores;
    size_t                  n;
    size_t                  row[ROWS_AT_ONCE];
    int32_t                 label[ROWS_AT_ONCE];
};

/* Of rows [at, end). */
static void find_rows(const struct sl_scores *s, size_t at, size_t end, struct block *block)
{
    block->scores = s;
    block->n = 0;
    for (size_t i = at; i < end; i++) {
        const int32_t label = sl_table_class(s->label, i);

        block->row[block->n] = i;
        block->label[block->n] = label;
        block->n += (size_t)((s->status->cells.u8[i] == SL_ROW_SCORED) & (label >= 0));
    }
}

/* A row that counts. */
struct row {
    const double *p; /* of class 1, or of each class */
    int           predicted;
    int           label;
};

static sl_status check_row(const struct sl_metrics *m, const struct row *row, struct sl_error *err)
{
    const int n = m->n_classes > 2 ? m->n_classes : 1;

    if (row->label >= m->n_classes || row->predicted < 0 || row->predicted >= m->n_classes)
        return sl_fail(err, SL_EBUG, "metrics: label %d, predicted %d: no class", row->label,
                       row->predicted);
    for (int k = 0; k < n; k++)
        if (!(row->p[k] >= 0 && row->p[k] <= 1))
            return sl_fail(err, SL_EBUG, "metrics: %g is no probability", row->p[k]);
    return SL_OK;
}

static double squared_error(const struct sl_metrics *m, const struct row *row)
{
    double sum = 0;

    if (m->n_classes == 2)
        return (row->p[0] - row->label) * (row->p[0] - row->label);
    for (int k = 0; k < m->n_classes; k++) {
        double error = row->p[k] - (k == row->label);

        sum += error * error;
    }
    return sum;
}

/* Of what was true. */
static double likelihood_of(const struct sl_metrics *m, const struct row *row)
{
    if (m->n_classes > 2)
        return clip(row->p[row->label]);
    return row->label == 1 ? clip(row->p[0]) : 1 - clip(row->p[0]);
}

static void add_terms(struct sl_tally *tally, size_t n, double *likelihood, const double *squared)
{
    sl_log_many(likelihood, n, likelihood);
    for (size_t i = 0; i < n; i++)
        likelihood[i] = -likelihood[i];
    sl_fixed_add_many(&tally->log_loss, likelihood, n);
    sl_fixed_add_many(&tally->brier, squared, n);
}

static sl_status tally_block(struct sl_metrics *m, int partition, const struct block *block,
                             struct sl_error *err)
{
    const struct sl_scores *s = block->scores;
    struct sl_tally        *tally = &m->tallies[partition];
    const size_t            group = m->spec->trained_on[partition] ? SL_TRAINED_ON : SL_HELD_OUT;
    const size_t            n = (size_t)m->n_classes;
    int64_t                *matrix = m->confusion + group * n * n;
    double                  likelihood[ROWS_AT_ONCE];
    double                  squared[ROWS_AT_ONCE];

    for (size_t b = 0; b < block->n; b++) {
        const size_t     i = block->row[b];
        const struct row row = {.p = s->probability->cells.f64 + i * s->probability->n_items,
                                .predicted = sl_table_class(s->predicted, i),
                                .label = block->label[b]};
        const sl_status  rc = check_row(m, &row, err);

        if (rc != SL_OK)
            return rc;
        tally->n_positive += row.label == 1;
        tally->n_correct += row.predicted == row.label;
        matrix[(size_t)row.label * n + (size_t)row.predicted]++;
        likelihood[b] = likelihood_of(m, &row);
        squared[b] = squared_error(m, &row);
    }
    tally->n_rows += (int64_t)block->n;
    add_terms(tally, block->n, likelihood, squared);
    return SL_OK;
}

/* --- scores of a class --- */

/* The probabilities of one class: one of every `step` numbers. */
static const double *scores_of(const struct sl_metrics *m, const struct sl_scores *s, int class,
                               size_t *step)
{
    *step = s->probability->n_items;
    return s->probability->cells.f64 + (m->n_classes > 2 ? class : 0);
}

static uint32_t who(int partition, int32_t label, int class)
{
    return 2 * (uint32_t)partition + (label == class);
}

static void keep_block(const struct sl_metrics *m, int partition, const struct block *block,
                       struct sl_curve *curve)
{
    size_t        step;
    const double *p = scores_of(m, block->scores, curve->class, &step);

    if (sl_curve_wants_none(curve))
        return;
    for (size_t b = 0; b < block->n; b++)
        sl_score_list_add(&curve->scores, sl_key_of(p[block->row[b] * step]),
                          who(partition, block->label[b], curve->class));
}

static void guide_block(const struct sl_metrics *m, const struct block *block)
{
    size_t        step;
    const double *p = scores_of(m, block->scores, m->curves[0].class, &step);

    for (size_t b = 0; b < block->n; b++)
        m->guide[sl_score_bin(p[block->row[b] * step])]++;
}

static void bin_block(const struct sl_metrics *m, int partition, const struct block *block)
{
    const int class = m->bins.class;
    const int     place = partition - m->bins.first_partition;
    size_t        step;
    const double *p = scores_of(m, block->scores, class, &step);

    if (place < 0 || place >= m->bins.n_partitions)
        return;
    for (size_t b = 0; b < block->n; b++)
        m->bins.counts[place]
            .n_rows[block->label[b] == class][sl_score_bin(p[block->row[b] * step])]++;
}

/* A reading that is for more than ranges of scores looks at all rows. */
static sl_status add_block(struct sl_metrics *m, int partition, const struct block *block,
                           struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (m->is_tallying)
        rc = tally_block(m, partition, block, err);
    if (rc != SL_OK)
        return rc;
    if (m->guide != NULL)
        guide_block(m, block);
    if (m->bins.counts != NULL)
        bin_block(m, partition, block);
    for (int i = 0; i < m->n_curves; i++)
        keep_block(m, partition, block, &m->curves[i]);
    return SL_OK;
}

/* Of rows [at, end) only those whose score is in range are looked at; what was not scored is NaN.
 */
static void keep_range(const struct sl_metrics *m, int partition, const struct sl_scores *s,
                       size_t at, size_t end, struct sl_curve *curve)
{
    const double  low = sl_number_of(curve->scores.begin);
    const double  high = sl_number_of(curve->scores.end);
    size_t        step;
    const double *p = scores_of(m, s, curve->class, &step);
    size_t        found[ROWS_AT_ONCE];
    size_t        n = 0;

    for (size_t i = at; i < end; i++) {
        const double score = p[i * step];

        found[n] = i;
        n += (size_t)((score >= low) & (score < high));
    }
    for (size_t f = 0; f < n; f++) {
        const int32_t label = sl_table_class(s->label, found[f]); /* NOLINT(clang-analyzer-*) */

        if (s->status->cells.u8[found[f]] == SL_ROW_SCORED && label >= 0)
            sl_score_list_add(&curve->scores, sl_key_of(p[found[f] * step]),
                              who(partition, label, curve->class));
    }
}

/* ---------------------------------------------------------------------------------------------- */

static bool columns_suit(const struct sl_metrics *m, const struct sl_scores *s)
{
    return s->probability->n_items == (m->n_classes > 2 ? (size_t)m->n_classes : 1);
}

sl_status sl_metrics_add(struct sl_metrics *m, int partition, const struct sl_scores *s,
                         struct sl_error *err)
{
    const bool   all = m->is_tallying || m->guide != NULL || m->bins.counts != NULL;
    const size_t last = s->at + s->n_rows;
    struct block block;
    sl_status    rc = SL_OK;

    if (m->numbers != NULL)
        return sl_numbers_add(m->numbers, partition, s, err);
    if (!columns_suit(m, s))
        return sl_fail(err, SL_EBUG, "metrics: %zu probabilities for %d classes",
                       s->probability->n_items, m->n_classes);
    for (size_t at = s->at; at < last && rc == SL_OK; at += ROWS_AT_ONCE) {
        const size_t end = last - at < ROWS_AT_ONCE ? last : at + ROWS_AT_ONCE;

        if (all) {
            find_rows(s, at, end, &block);
            rc = add_block(m, partition, &block, err);
        }
        for (int i = 0; i < m->n_curves && !all; i++)
            keep_range(m, partition, s, at, end, &m->curves[i]);
    }
    return rc;
}
