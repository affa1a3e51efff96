/* Rows in, metrics out.  The first reading of the rows makes tallies by partition and the matrix of
 * labels and predictions; every reading keeps the scores of some classes, as many as there is
 * memory for, and the area under their curves is counted before the next. */
#include "scoreline/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "curve.h"
#include "measured.h"
#include "regression.h"
#include "scoreline/block.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"
#include "tally.h"

enum { LOGS_AT_ONCE = 256, DEFAULT_MEMORY = 256 << 20 };

struct sl_metrics {
    const struct sl_metrics_spec *spec;
    int                           n_classes;
    bool                          is_first;    /* reading */
    int                           first_class; /* of those whose scores are kept */
    int                           n_lists;
    struct sl_score_list         *lists;     /* [n_lists] */
    struct sl_tally              *tallies;   /* [n_partitions] */
    struct sl_numbers            *numbers;   /* of numbers, which have nothing of the above */
    int64_t                      *confusion; /* sl_measured's: held out and trained on */
};

static size_t n_cells(const struct sl_metrics *m)
{
    return (size_t)m->n_classes * (size_t)m->n_classes;
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

static void tally_row(struct sl_metrics *m, int partition, const struct row *row)
{
    struct sl_tally *tally = &m->tallies[partition];
    const size_t     group = m->spec->trained_on[partition] ? SL_TRAINED_ON : SL_HELD_OUT;

    tally->n_rows++;
    tally->n_positive += row->label == 1;
    tally->n_correct += row->predicted == row->label;
    sl_fixed_add(&tally->brier, squared_error(m, row));
    m->confusion[group * n_cells(m) + (size_t)row->label * (size_t)m->n_classes +
                 (size_t)row->predicted]++;
}

static void keep_scores(struct sl_metrics *m, int partition, const struct row *row)
{
    for (int i = 0; i < m->n_lists; i++) {
        int k = m->first_class + i;

        sl_scores_add(&m->lists[i], row->p[m->n_classes > 2 ? k : 0], partition, row->label == k);
    }
}

static bool columns_suit(const struct sl_metrics *m, const struct sl_scores *s)
{
    return s->probability->n_items == (m->n_classes > 2 ? (size_t)m->n_classes : 1);
}

sl_status sl_metrics_add(struct sl_metrics *m, int partition, const struct sl_scores *s,
                         struct sl_error *err)
{
    double    likelihood[LOGS_AT_ONCE];
    size_t    n = 0;
    sl_status rc = SL_OK;

    if (m->numbers != NULL)
        return sl_numbers_add(m->numbers, partition, s, err);
    if (!columns_suit(m, s))
        return sl_fail(err, SL_EBUG, "metrics: %zu probabilities for %d classes",
                       s->probability->n_items, m->n_classes);
    for (int i = 0; i < m->n_lists; i++)
        SL_TRY(sl_scores_reserve(&m->lists[i], s->n_rows, err));
    for (size_t i = s->at; i < s->at + s->n_rows; i++) {
        const struct row row = {.p = s->probability->cells.f64 + i * s->probability->n_items,
                                .predicted = sl_table_class(s->predicted, i),
                                .label = sl_table_class(s->label, i)};

        if (s->status->cells.u8[i] != SL_ROW_SCORED || row.label < 0)
            continue;
        SL_TRY(check_row(m, &row, err));
        keep_scores(m, partition, &row);
        if (!m->is_first)
            continue;
        tally_row(m, partition, &row);
        likelihood[n++] = likelihood_of(m, &row);
        if (n == LOGS_AT_ONCE) {
            add_logs(&m->tallies[partition], likelihood, n);
            n = 0;
        }
    }
    add_logs(&m->tallies[partition], likelihood, n);
out:
    return rc;
}

/* --- readings --- */

/* Classes whose scores are kept at once: the same on every rank. */
static int choose_at_once(const struct sl_comm *comm, const struct sl_metrics_spec *spec)
{
    const size_t memory = spec->memory > 0 ? spec->memory : DEFAULT_MEMORY;
    const size_t row_bytes = sizeof(struct sl_keyed);
    int64_t      fewest;

    if (spec->n_classes == 2)
        return 1;
    fewest = -(int64_t)(memory / row_bytes / (size_t)(spec->n_rows > 0 ? spec->n_rows : 1));
    sl_comm_max_i64(comm, &fewest, 1);
    return fewest >= -1 ? 1 : -fewest < spec->n_classes ? (int)-fewest : spec->n_classes;
}

static sl_status metrics_init(struct sl_metrics *m, const struct sl_metrics_spec *spec, int at_once,
                              int64_t *confusion, struct sl_error *err)
{
    sl_status rc;

    *m = (struct sl_metrics){
        .spec = spec, .n_classes = spec->n_classes, .is_first = true, .confusion = confusion};
    SL_TRY(sl_alloc_array((size_t)at_once, sizeof *m->lists, &m->lists, err));
    m->n_lists = at_once;
    SL_TRY(sl_alloc_array((size_t)spec->n_partitions, sizeof *m->tallies, &m->tallies, err));
out:
    return rc;
}

static void metrics_release(struct sl_metrics *m)
{
    for (int i = 0; i < m->n_lists; i++)
        free(m->lists[i].items);
    free(m->lists);
    free(m->tallies);
}

/* Of one class: its area in the first groups, and its part of the mean over classes in all. */
static sl_status add_areas(const struct sl_comm *comm, struct sl_metrics *m, int i, double *areas,
                           struct sl_measured *out, struct sl_error *err)
{
    const struct sl_metrics_spec *spec = m->spec;
    const int                     k = m->first_class + i;
    sl_status                     rc;

    SL_TRY(sl_curve_areas(comm, &m->lists[i], spec->n_partitions, spec->trained_on, areas, err));
    for (size_t g = 0; g < sl_measured_groups(out); g++)
        out->values[g].roc_auc += areas[g];
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        out->classes[g * m->n_classes + k].roc_auc = areas[g];
out:
    return rc;
}

static sl_status read_rows(const struct sl_comm *comm, struct sl_metrics *m, int first, int end,
                           double *areas, struct sl_measured *out, struct sl_error *err)
{
    const int at_once = m->n_lists;
    sl_status rc = SL_OK;

    for (m->first_class = first; m->first_class < end; m->first_class += at_once) {
        m->n_lists = end - m->first_class < at_once ? end - m->first_class : at_once;
        for (int i = 0; i < m->n_lists; i++)
            m->lists[i].n = 0;
        SL_TRY(sl_comm_agree(comm, m->spec->give(m->spec->state, m, err), err));
        for (int i = 0; i < m->n_lists; i++)
            SL_TRY(add_areas(comm, m, i, areas, out, err));
        m->is_first = false;
    }
out:
    m->n_lists = at_once;
    return rc;
}

static sl_status measure_classes(const struct sl_comm *comm, const struct sl_metrics_spec *spec,
                                 struct sl_measured *out, struct sl_error *err)
{
    const int         n_classes = spec->n_classes;
    const int         at_once = choose_at_once(comm, spec);
    struct sl_metrics m = {.n_lists = 0};
    struct sl_tally  *tallies = NULL;
    double           *areas = NULL;
    sl_status         rc = sl_measured_init(out, n_classes, spec->n_partitions, err);

    if (rc == SL_OK)
        rc = metrics_init(&m, spec, at_once, out->confusion, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(sl_measured_groups(out), sizeof *tallies, &tallies, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(sl_measured_groups(out), sizeof *areas, &areas, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    /* of two classes the curve of one is that of the other */
    SL_TRY(read_rows(comm, &m, n_classes == 2 ? 1 : 0, n_classes, areas, out, err));
    SL_TRY(sl_tallies_sum(comm, m.tallies, spec->n_partitions, spec->trained_on, tallies, err));
    sl_comm_sum_i64(comm, out->confusion, SL_ALL * n_cells(&m)); /* the groups before it */
    sl_measured_fill(out, tallies);
out:
    if (rc != SL_OK)
        sl_measured_release(out);
    free(areas);
    free(tallies);
    metrics_release(&m);
    return rc;
}

static sl_status measure_numbers(const struct sl_comm *comm, const struct sl_metrics_spec *spec,
                                 struct sl_measured *out, struct sl_error *err)
{
    struct sl_metrics m = {.spec = spec};
    sl_status         rc = sl_measured_init(out, 0, spec->n_partitions, err);

    if (rc == SL_OK)
        rc = sl_numbers_create(spec->n_partitions, spec->deviance, &m.numbers, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(sl_comm_agree(comm, spec->give(spec->state, &m, err), err));
    SL_TRY(sl_numbers_finish(comm, m.numbers, spec->trained_on, out, err));
out:
    if (rc != SL_OK)
        sl_measured_release(out);
    sl_numbers_free(m.numbers);
    return rc;
}

sl_status sl_metrics_measure(const struct sl_comm *comm, const struct sl_metrics_spec *spec,
                             struct sl_measured *out, struct sl_error *err)
{
    if (spec->n_classes == 0)
        return measure_numbers(comm, spec, out, err);
    return measure_classes(comm, spec, out, err);
}
