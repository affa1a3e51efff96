/* Rows in.  The first reading of the rows makes tallies by partition and the matrix of labels and
 * predictions; every reading takes those scores that the curves in hand want. */
#include "scoreline/metrics.h"

#include "reading.h"
#include "row_block.h"
#include "scoreline/block.h"

/* --- scores of a class --- */

static bool is_of_several(const struct sl_metrics *m)
{
    return m->n_classes > 2;
}

static uint32_t who(int partition, int32_t label, int class)
{
    return 2 * (uint32_t)partition + (label == class);
}

static void keep_block(const struct sl_row_block *block, int partition, struct sl_curve *curve)
{
    double   p[SL_ROWS_AT_ONCE];
    uint32_t whose[SL_ROWS_AT_ONCE];

    if (sl_curve_wants_none(curve))
        return;
    sl_row_block_scores(block, curve->class, p);
    for (size_t b = 0; b < block->n; b++)
        whose[b] = who(partition, block->label[b], curve->class);
    sl_score_list_add(&curve->scores, p, whose, block->n);
}

static void guide_block(const struct sl_metrics *m, const struct sl_row_block *block)
{
    double p[SL_ROWS_AT_ONCE];

    sl_row_block_scores(block, m->curves[0].class, p);
    for (size_t b = 0; b < block->n; b++)
        m->guide[sl_score_bin(p[b])]++;
}

static void bin_block(const struct sl_metrics *m, int partition, const struct sl_row_block *block)
{
    const int class = m->bins.class;
    const int place = partition - m->bins.first_partition;
    double    p[SL_ROWS_AT_ONCE];

    if (place < 0 || place >= m->bins.n_partitions)
        return;
    sl_row_block_scores(block, class, p);
    for (size_t b = 0; b < block->n; b++)
        m->bins.counts[place].n_rows[block->label[b] == class][sl_score_bin(p[b])]++;
}

static sl_status tally_block(struct sl_metrics *m, int partition, const struct sl_row_block *block,
                             struct sl_error *err)
{
    const size_t group = m->spec->trained_on[partition] ? SL_TRAINED_ON : SL_HELD_OUT;
    const size_t n = (size_t)m->n_classes;

    return sl_row_block_tally(block, &m->tallies[partition], m->confusion + group * n * n, err);
}

/* A reading that is for more than ranges of scores looks at all rows. */
static sl_status add_block(struct sl_metrics *m, int partition, const struct sl_row_block *block,
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
        keep_block(block, partition, &m->curves[i]);
    return SL_OK;
}

/* Of rows [at, end) only those whose score is in range are looked at; what was not scored is NaN.
 */
static void keep_range(const struct sl_metrics *m, int partition, const struct sl_scores *s,
                       size_t at, size_t end, struct sl_curve *curve)
{
    const double  low = sl_number_of(curve->scores.begin);
    const double  high = sl_number_of(curve->scores.end);
    const size_t  step = s->probability->n_items;
    const double *p = s->probability->cells.f64 + (is_of_several(m) ? curve->class : 0);
    double        found[SL_ROWS_AT_ONCE];
    uint32_t      whose[SL_ROWS_AT_ONCE];
    size_t        n = 0;

    for (size_t i = at; i < end; i++) {
        const double  score = p[i * step];
        const int32_t label = sl_table_class(s->label, i);

        found[n] = score;
        whose[n] = who(partition, label, curve->class);
        n += (size_t)((score >= low) & (score < high) & (label >= 0) &
                      (s->status->cells.u8[i] == SL_ROW_SCORED));
    }
    sl_score_list_add(&curve->scores, found, whose, n);
}

/* ---------------------------------------------------------------------------------------------- */

static bool columns_suit(const struct sl_metrics *m, const struct sl_scores *s)
{
    return s->probability->n_items == (is_of_several(m) ? (size_t)m->n_classes : 1);
}

sl_status sl_metrics_add(struct sl_metrics *m, int partition, const struct sl_scores *s,
                         struct sl_error *err)
{
    const bool          all = m->is_tallying || m->guide != NULL || m->bins.counts != NULL;
    const size_t        last = s->at + s->n_rows;
    struct sl_row_block block = {.scores = s, .n_classes = m->n_classes};
    sl_status           rc = SL_OK;

    if (m->numbers != NULL)
        return sl_numbers_add(m->numbers, partition, s, err);
    if (!columns_suit(m, s))
        return sl_fail(err, SL_EBUG, "metrics: %zu probabilities for %d classes",
                       s->probability->n_items, m->n_classes);
    for (size_t at = s->at; at < last && rc == SL_OK; at += SL_ROWS_AT_ONCE) {
        const size_t end = last - at < SL_ROWS_AT_ONCE ? last : at + SL_ROWS_AT_ONCE;

        if (all) {
            sl_row_block_find(&block, at, end);
            rc = add_block(m, partition, &block, err);
        }
        for (int i = 0; i < m->n_curves && !all; i++)
            keep_range(m, partition, s, at, end, &m->curves[i]);
    }
    return rc;
}
