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

/* Terms of sums that are made many at once. */
struct terms {
    size_t n;
    double likelihood[ROWS_AT_ONCE];
    double squared_error[ROWS_AT_ONCE];
};

static void add_terms(struct sl_tally *tally, struct terms *terms)
{
    sl_log_many(terms->likelihood, terms->n, terms->likelihood);
    for (size_t i = 0; i < terms->n; i++)
        terms->likelihood[i] = -terms->likelihood[i];
    sl_fixed_add_many(&tally->log_loss, terms->likelihood, terms->n);
    sl_fixed_add_many(&tally->brier, terms->squared_error, terms->n);
    terms->n = 0;
}

static bool counts(const struct sl_scores *s, size_t i)
{
    return s->status->cells.u8[i] == SL_ROW_SCORED && sl_table_class(s->label, i) >= 0;
}

static sl_status tally_rows(struct sl_metrics *m, int partition, const struct sl_scores *s,
                            struct sl_error *err)
{
    struct sl_tally *tally = &m->tallies[partition];
    const size_t     group = m->spec->trained_on[partition] ? SL_TRAINED_ON : SL_HELD_OUT;
    const size_t     n = (size_t)m->n_classes;
    int64_t         *matrix = m->confusion + group * n * n;
    struct terms     terms = {.n = 0};

    for (size_t i = s->at; i < s->at + s->n_rows; i++) {
        if (!counts(s, i))
            continue;
        const struct row row = {.p = s->probability->cells.f64 + i * s->probability->n_items,
                                .predicted = sl_table_class(s->predicted, i),
                                .label = sl_table_class(s->label, i)};
        sl_status        rc = check_row(m, &row, err);

        if (rc != SL_OK)
            return rc;
        tally->n_rows++;
        tally->n_positive += row.label == 1;
        tally->n_correct += row.predicted == row.label;
        matrix[(size_t)row.label * n + (size_t)row.predicted]++;
        terms.likelihood[terms.n] = likelihood_of(m, &row);
        terms.squared_error[terms.n++] = squared_error(m, &row);
        if (terms.n == ROWS_AT_ONCE)
            add_terms(tally, &terms);
    }
    add_terms(tally, &terms);
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

/* Rows [at, end) whose score is in [low, high), most of which are passed over by that alone: what
 * was not scored is NaN. */
static size_t find_in_range(const double *p, size_t step, size_t at, size_t end, double low,
                            double high, size_t found[ROWS_AT_ONCE])
{
    size_t n = 0;

    for (size_t i = at; i < end; i++) {
        const double score = p[i * step];

        found[n] = i;
        n += (size_t)((score >= low) & (score < high));
    }
    return n;
}

static void keep_scores(const struct sl_metrics *m, int partition, const struct sl_scores *s,
                        struct sl_curve *curve)
{
    const size_t  last = s->at + s->n_rows;
    size_t        step;
    const double *p = scores_of(m, s, curve->class, &step);
    size_t        found[ROWS_AT_ONCE];

    for (size_t at = s->at; at < last; at += ROWS_AT_ONCE) {
        const size_t end = last - at < ROWS_AT_ONCE ? last : at + ROWS_AT_ONCE;
        const size_t n = find_in_range(p, step, at, end, sl_number_of(curve->scores.begin),
                                       sl_number_of(curve->scores.end), found);

        for (size_t f = 0; f < n; f++)
            if (counts(s, found[f]))
                sl_score_list_add(&curve->scores, sl_key_of(p[found[f] * step]),
                                  2 * (uint32_t)partition +
                                      (sl_table_class(s->label, found[f]) == curve->class));
    }
}

static void fill_guide(const struct sl_metrics *m, const struct sl_scores *s)
{
    size_t        step;
    const double *p = scores_of(m, s, m->curves[0].class, &step);

    for (size_t i = s->at; i < s->at + s->n_rows; i++)
        if (counts(s, i))
            sl_guide_add(m->guide, sl_key_of(p[i * step]));
}

static void fill_bins(const struct sl_metrics *m, int partition, const struct sl_scores *s)
{
    const int class = m->bins.class;
    const int     place = partition - m->bins.first_partition;
    size_t        step;
    const double *p = scores_of(m, s, class, &step);

    if (place < 0 || place >= m->bins.n_partitions)
        return;
    for (size_t i = s->at; i < s->at + s->n_rows; i++)
        if (counts(s, i))
            m->bins.counts[place]
                .n_rows[sl_table_class(s->label, i) == class][sl_score_bin(p[i * step])]++;
}

/* ---------------------------------------------------------------------------------------------- */

static bool columns_suit(const struct sl_metrics *m, const struct sl_scores *s)
{
    return s->probability->n_items == (m->n_classes > 2 ? (size_t)m->n_classes : 1);
}

sl_status sl_metrics_add(struct sl_metrics *m, int partition, const struct sl_scores *s,
                         struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (!columns_suit(m, s))
        return sl_fail(err, SL_EBUG, "metrics: %zu probabilities for %d classes",
                       s->probability->n_items, m->n_classes);
    if (m->is_tallying)
        rc = tally_rows(m, partition, s, err);
    if (rc != SL_OK)
        return rc;
    if (m->guide != NULL)
        fill_guide(m, s);
    if (m->bins.counts != NULL)
        fill_bins(m, partition, s);
    for (int i = 0; i < m->n_curves; i++)
        keep_scores(m, partition, s, &m->curves[i]);
    return SL_OK;
}
