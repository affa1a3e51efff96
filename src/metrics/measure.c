/* Rows become metrics, in as many readings as the scores take that there is room for at once. */
#include <stdlib.h>
#include <string.h>

#include "measured.h"
#include "reading.h"
#include "scoreline/memory.h"

/* Beyond one rank scores need room on their way, too. */
static size_t most_scores(const struct sl_comm *comm, const struct sl_metrics_spec *spec)
{
    const size_t memory = spec->memory > 0 ? spec->memory : SL_METRICS_MEMORY;
    const size_t own = sl_comm_size(comm) > 1 ? memory / 3 * 2 : memory;

    return own / sizeof(struct sl_tie);
}

static int64_t exact_rows(const struct sl_metrics_spec *spec)
{
    return spec->exact_rows > 0 ? spec->exact_rows : SL_METRICS_EXACT_ROWS;
}

static size_t at_least(size_t n, size_t least)
{
    return n > least ? n : least;
}

/* The curves that are counted at once, the same number on every rank: many only where there is room
 * for all scores of each, which are of n_rows rows on the rank with most. */
static sl_status make_curves(const struct sl_comm *comm, struct sl_metrics *m, int64_t n_rows,
                             struct sl_error *err)
{
    const struct sl_metrics_spec *spec = m->spec;
    const size_t                  most = most_scores(comm, spec);
    const size_t                  least = sl_score_list_least(spec->n_partitions);
    const size_t                  n_groups = SL_FIRST_PARTITION + (size_t)spec->n_partitions;
    const size_t                  own = (size_t)spec->n_rows;
    size_t                        n;
    sl_status                     rc;

    n = most / at_least((size_t)n_rows, least);
    n = at_least(n < (size_t)m->n_classes ? n : (size_t)m->n_classes, 1);
    if (m->n_classes == 2) /* the curve of one is that of the other */
        n = 1;
    SL_TRY(sl_alloc_array(n, sizeof *m->curves, &m->curves, err));
    m->n_curves = (int)n;
    if (n == 1 && (size_t)n_rows > most)
        SL_TRY(sl_alloc_array(SL_SCORE_BINS, sizeof *m->guide, &m->guide, err));
    for (size_t i = 0; i < n; i++)
        SL_TRY(
            sl_curve_init(&m->curves[i], at_least(own < most ? own : most, least), n_groups, err));
out:
    return rc;
}

static void metrics_release(struct sl_metrics *m)
{
    for (int i = 0; i < m->n_curves; i++)
        sl_curve_release(&m->curves[i]);
    free(m->curves);
    free(m->tallies);
    free(m->guide);
}

/* Of one class: its area in the first groups, and its part of the mean over classes in all. */
static void put_area(struct sl_measured *out, int class, size_t group, struct sl_area area)
{
    out->values[group].roc_auc += area.value;
    out->values[group].roc_auc_error += area.error;
    if (group < SL_FIRST_PARTITION) {
        struct sl_class_values *v = &out->classes[group * (size_t)out->n_classes + (size_t) class];

        v->roc_auc = area.value;
        v->roc_auc_error = area.error;
    }
}

static sl_status read_rows(const struct sl_comm *comm, struct sl_metrics *m, struct sl_error *err)
{
    return sl_comm_agree(comm, m->spec->give(m->spec->state, m, err), err);
}

/* --- exact --- */

static bool are_done(const struct sl_metrics *m)
{
    bool are = true;

    for (int i = 0; i < m->n_curves; i++)
        are = are && sl_curve_is_done(&m->curves[i]);
    return are;
}

/* What the reading that is over was for, and what the next one is. */
static sl_status end_reading(const struct sl_comm *comm, struct sl_metrics *m, const int64_t *guide,
                             struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < m->n_curves; i++) {
        SL_TRY(sl_curve_count(comm, &m->curves[i], m->spec->trained_on, err));
        sl_curve_aim(comm, &m->curves[i], guide);
    }
out:
    return rc;
}

/* The curves of classes [first, first + n_curves), whose first ranges were chosen. */
static sl_status finish_curves(const struct sl_comm *comm, struct sl_metrics *m,
                               struct sl_measured *out, struct sl_error *err)
{
    int64_t  *guide = m->guide;
    sl_status rc;

    m->guide = NULL;
    SL_TRY(end_reading(comm, m, guide, err));
    while (!are_done(m)) {
        SL_TRY(read_rows(comm, m, err));
        SL_TRY(end_reading(comm, m, guide, err));
    }
    for (int i = 0; i < m->n_curves; i++)
        for (size_t g = 0; g < sl_measured_groups(out); g++)
            put_area(out, m->curves[i].class, g, sl_curve_area(&m->curves[i], g));
out:
    m->guide = guide;
    return rc;
}

/* The next classes, as many as there are curves. */
static void begin_curves(struct sl_metrics *m, int first, uint64_t end)
{
    for (int i = 0; i < m->n_curves; i++)
        sl_curve_begin(&m->curves[i], first + i, end, m->guide != NULL);
    if (m->guide != NULL)
        memset(m->guide, 0, SL_SCORE_BINS * sizeof *m->guide);
}

static sl_status read_classes(const struct sl_comm *comm, struct sl_metrics *m, int first,
                              struct sl_measured *out, struct sl_error *err)
{
    const int at_once = m->n_curves;
    sl_status rc = SL_OK;

    for (; first < m->n_classes; first += at_once) {
        m->n_curves = m->n_classes - first < at_once ? m->n_classes - first : at_once;
        begin_curves(m, first, SL_KEYS_END);
        SL_TRY(read_rows(comm, m, err));
        SL_TRY(finish_curves(comm, m, out, err));
    }
out:
    m->n_curves = at_once;
    return rc;
}

/* --- from bins --- */

static void merge_bins(struct sl_bin_counts *sum, const struct sl_bin_counts *other)
{
    for (int of_class = 0; of_class < 2; of_class++)
        for (int b = 0; b < SL_SCORE_BINS; b++)
            sum->n_rows[of_class][b] += other->n_rows[of_class][b];
}

/* Some partitions of one class, which are in `bins`; `groups` are held out and trained on. */
static sl_status read_bins(const struct sl_comm *comm, struct sl_metrics *m,
                           struct sl_bin_counts groups[SL_ALL], struct sl_measured *out,
                           struct sl_error *err)
{
    const struct sl_binning *bins = &m->bins;
    const size_t             n = (size_t)bins->n_partitions;
    sl_status                rc;

    memset(bins->counts, 0, n * sizeof *bins->counts);
    SL_TRY(read_rows(comm, m, err));
    for (size_t i = 0; i < n; i++) {
        const size_t          partition = (size_t)bins->first_partition + i;
        struct sl_bin_counts *own = &bins->counts[i];

        sl_comm_sum_i64(comm, own->n_rows[0], sizeof *own / sizeof(int64_t));
        merge_bins(&groups[m->spec->trained_on[partition] ? SL_TRAINED_ON : SL_HELD_OUT], own);
        put_area(out, bins->class, SL_FIRST_PARTITION + partition, sl_score_bins_area(own));
    }
out:
    return rc;
}

static sl_status read_class_bins(const struct sl_comm *comm, struct sl_metrics *m, int class,
                                 int at_once, struct sl_bin_counts groups[SL_ALL],
                                 struct sl_measured *out, struct sl_error *err)
{
    const int n = m->spec->n_partitions;
    sl_status rc = SL_OK;

    memset(groups, 0, SL_ALL * sizeof *groups);
    m->bins.class = class;
    for (int first = 0; first < n; first += at_once) {
        m->bins.first_partition = first;
        m->bins.n_partitions = n - first < at_once ? n - first : at_once;
        SL_TRY(read_bins(comm, m, groups, out, err));
    }
    put_area(out, class, SL_HELD_OUT, sl_score_bins_area(&groups[SL_HELD_OUT]));
    put_area(out, class, SL_TRAINED_ON, sl_score_bins_area(&groups[SL_TRAINED_ON]));
    merge_bins(&groups[SL_HELD_OUT], &groups[SL_TRAINED_ON]);
    put_area(out, class, SL_ALL, sl_score_bins_area(&groups[SL_HELD_OUT]));
out:
    return rc;
}

static sl_status read_all_bins(const struct sl_comm *comm, struct sl_metrics *m, int first_class,
                               struct sl_measured *out, struct sl_error *err)
{
    const struct sl_metrics_spec *spec = m->spec;
    const size_t                  memory = spec->memory > 0 ? spec->memory : SL_METRICS_MEMORY;
    const size_t most = at_least(memory / sizeof(struct sl_bin_counts), SL_ALL + 1) - SL_ALL;
    const size_t at_once = most < (size_t)spec->n_partitions ? most : (size_t)spec->n_partitions;
    struct sl_bin_counts *groups = NULL;
    sl_status             rc;

    free(m->guide); /* the curves want nothing since the first reading, and no more is asked */
    m->guide = NULL;
    rc = sl_alloc_array(SL_ALL, sizeof *groups, &groups, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(at_once, sizeof *groups, &m->bins.counts, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    for (int k = first_class; k < m->n_classes; k++)
        SL_TRY(read_class_bins(comm, m, k, (int)at_once, groups, out, err));
out:
    free(m->bins.counts);
    free(groups);
    return rc;
}

/* --- of classes --- */

static sl_status metrics_init(const struct sl_comm *comm, struct sl_metrics *m,
                              struct sl_measured *out, struct sl_error *err)
{
    const struct sl_metrics_spec *spec = m->spec;
    int64_t                       n_rows = spec->n_rows;
    sl_status                     rc;

    sl_comm_max_i64(comm, &n_rows, 1);
    SL_TRY(sl_measured_init(out, spec->n_classes, spec->n_partitions, err));
    m->confusion = out->confusion;
    SL_TRY(sl_alloc_array((size_t)spec->n_partitions, sizeof *m->tallies, &m->tallies, err));
    rc = make_curves(comm, m, n_rows, err);
out:
    return rc;
}

/* The first reading.  Unless there can be too many rows, it takes scores, too. */
static sl_status read_first(const struct sl_comm *comm, struct sl_metrics *m, int first_class,
                            struct sl_tally *tallies, struct sl_error *err)
{
    const struct sl_metrics_spec *spec = m->spec;
    int64_t                       n_rows = spec->n_rows;
    sl_status                     rc;

    sl_comm_sum_i64(comm, &n_rows, 1);
    begin_curves(m, first_class, n_rows <= exact_rows(spec) ? SL_KEYS_END : 0);
    m->is_tallying = true;
    SL_TRY(read_rows(comm, m, err));
    m->is_tallying = false;
    SL_TRY(sl_tallies_sum(comm, m->tallies, spec->n_partitions, spec->trained_on, tallies, err));
    sl_comm_sum_i64(comm, m->confusion,
                    SL_ALL * (size_t)m->n_classes * (size_t)m->n_classes); /* groups before it */
out:
    return rc;
}

static sl_status measure(const struct sl_comm *comm, struct sl_metrics *m, struct sl_tally *tallies,
                         struct sl_measured *out, struct sl_error *err)
{
    const int first_class = m->n_classes == 2 ? 1 : 0;
    sl_status rc;

    SL_TRY(read_first(comm, m, first_class, tallies, err));
    if (tallies[SL_ALL].n_rows > exact_rows(m->spec)) {
        SL_TRY(read_all_bins(comm, m, first_class, out, err));
    } else {
        SL_TRY(finish_curves(comm, m, out, err));
        SL_TRY(read_classes(comm, m, first_class + m->n_curves, out, err));
    }
    sl_measured_fill(out, tallies);
out:
    return rc;
}

static sl_status measure_classes(const struct sl_comm *comm, const struct sl_metrics_spec *spec,
                                 struct sl_measured *out, struct sl_error *err)
{
    struct sl_metrics m = {.spec = spec, .n_classes = spec->n_classes};
    struct sl_tally  *tallies = NULL;
    sl_status         rc = metrics_init(comm, &m, out, err);

    if (rc == SL_OK)
        rc = sl_alloc_array(sl_measured_groups(out), sizeof *tallies, &tallies, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(measure(comm, &m, tallies, out, err));
out:
    if (rc != SL_OK)
        sl_measured_release(out);
    free(tallies);
    metrics_release(&m);
    return rc;
}

/* --- of numbers --- */

static sl_status measure_numbers(const struct sl_comm *comm, const struct sl_metrics_spec *spec,
                                 struct sl_measured *out, struct sl_error *err)
{
    struct sl_metrics m = {.spec = spec};
    sl_status         rc = sl_measured_init(out, 0, spec->n_partitions, err);

    if (rc == SL_OK)
        rc = sl_numbers_create(spec->n_partitions, spec->deviance, &m.numbers, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(read_rows(comm, &m, err));
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
