/* Sums by class in twice the digits of a double: of weights and values in the first pass, of
 * squared deviations from the mean in the second.  Each part of the rows has sums of its own, which
 * rank 0 adds up in the order of the parts.  Columns of levels are 0 or 1: their sums are counts by
 * code. */
#include "nb_moments.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/numeric.h"
#include "workers.h"

/* What is summed of a group: a slot for each column, and behind them its weight. */
struct summing {
    const struct sl_fit_in     *in;
    const struct sl_fit_rows   *rows;
    const struct sl_parts      *parts;
    const struct sl_nb_moments *moments;
    bool                        is_second; /* pass */
    size_t                      n_slots;
    size_t                      n_sums;  /* of a part */
    size_t                      n_parts; /* of this rank */
    struct sl_sum              *kept;    /* [n_parts, at least 1][n_sums] */
    struct sl_sum              *total;   /* [n_sums] */
};

double sl_nb_doubles(const struct sl_terms *terms, int n_classes)
{
    return 2.0 * (n_classes + 1.0) * (double)sl_parts_slots(terms);
}

void sl_nb_moments_release(struct sl_nb_moments *moments)
{
    free(moments->weight);
    free(moments->mean);
    free(moments->variance);
    *moments = (struct sl_nb_moments){0};
}

static sl_status moments_init(struct sl_nb_moments *m, const struct sl_fit_in *in,
                              struct sl_error *err)
{
    sl_status rc;

    *m = (struct sl_nb_moments){.n_groups = (size_t)in->n_classes + 1,
                                .n_columns = (size_t)in->terms->n_columns};
    SL_TRY(sl_alloc_array(m->n_groups, sizeof(double), &m->weight, err));
    SL_TRY(sl_alloc_array(m->n_groups * m->n_columns, sizeof(double), &m->mean, err));
    SL_TRY(sl_alloc_array(m->n_groups * m->n_columns, sizeof(double), &m->variance, err));
out:
    return rc;
}

static sl_status summing_init(struct summing *s, struct sl_error *err)
{
    const int rank = sl_comm_rank(s->in->comm);
    sl_status rc;

    s->n_slots = s->moments->n_columns + 1;
    s->n_sums = s->moments->n_groups * s->n_slots;
    s->n_parts = sl_parts_first(s->parts, rank + 1) - sl_parts_first(s->parts, rank);
    SL_TRY(sl_alloc_array(s->n_parts + 1, s->n_sums * sizeof *s->kept, &s->kept, err));
    SL_TRY(sl_alloc_array(s->n_sums, sizeof *s->total, &s->total, err));
out:
    return rc;
}

/* --- one part --------------------------------------------------------------------------------- */

/* Values of a numeric column, in one pass weighted, in the other their squared deviations. */
static void add_numbers(const struct summing *s, int32_t index, size_t slot, size_t first,
                        size_t end, struct sl_sum *sums)
{
    const struct sl_matrix *x = &s->in->x->x;
    const double           *column = x->data + (size_t)index * x->ld;
    const double           *means = s->moments->mean + slot;
    const size_t            n = s->moments->n_columns;
    const size_t            all = s->moments->n_groups - 1;

    for (size_t i = first; i < end; i++) {
        const size_t row = s->rows->rows == NULL ? i : s->rows->rows[i];
        const size_t k = (size_t)s->in->y[row];
        const double weight = s->in->weight == NULL ? 1.0 : s->in->weight[row];
        const double own = column[row] - (s->is_second ? means[k * n] : 0.0);
        const double of_all = column[row] - (s->is_second ? means[all * n] : 0.0);

        sl_sum_add_product(&sums[k * s->n_slots + slot], weight, s->is_second ? own * own : own);
        sl_sum_add(&sums[all * s->n_slots + slot], s->is_second ? of_all * of_all : of_all);
    }
}

static void add_levels(const struct summing *s, const struct sl_term *term, size_t first,
                       size_t end, struct sl_sum *sums)
{
    const int32_t *codes = s->in->x->codes + (size_t)term->index * s->in->x->x.ld;
    const size_t   all = s->moments->n_groups - 1;

    for (size_t i = first; i < end; i++) {
        const size_t row = s->rows->rows == NULL ? i : s->rows->rows[i];
        const size_t k = (size_t)s->in->y[row];
        const size_t slot = (size_t)(term->first_column + codes[row]);

        if (codes[row] == term->n_columns)
            continue;
        sl_sum_add(&sums[k * s->n_slots + slot], s->in->weight == NULL ? 1.0 : s->in->weight[row]);
        sl_sum_add(&sums[all * s->n_slots + slot], 1.0);
    }
}

static void add_weights(const struct summing *s, size_t first, size_t end, struct sl_sum *sums)
{
    const size_t slot = s->n_slots - 1;

    for (size_t i = first; i < end; i++) {
        const size_t row = s->rows->rows == NULL ? i : s->rows->rows[i];
        const size_t k = (size_t)s->in->y[row];

        sl_sum_add(&sums[k * s->n_slots + slot], s->in->weight == NULL ? 1.0 : s->in->weight[row]);
        sl_sum_add(&sums[(s->moments->n_groups - 1) * s->n_slots + slot], 1.0);
    }
}

static void run_part(void *context, int worker, size_t part)
{
    const struct summing  *s = context;
    const struct sl_terms *terms = s->in->terms;
    const size_t           part_rows = s->parts->part_batches * SL_BATCH_ROWS;
    const size_t           first = part * part_rows;
    const size_t           end = first + part_rows < s->rows->n ? first + part_rows : s->rows->n;
    struct sl_sum         *sums = s->kept + part * s->n_sums;

    (void)worker;
    memset(sums, 0, s->n_sums * sizeof *sums);
    for (int t = 0; t < terms->n_terms; t++) {
        const struct sl_term *term = &terms->items[t];

        if (!term->is_categorical)
            add_numbers(s, term->index, (size_t)term->first_column, first, end, sums);
        else if (!s->is_second)
            add_levels(s, term, first, end, sums);
    }
    if (!s->is_second)
        add_weights(s, first, end, sums);
}

/* --- all parts -------------------------------------------------------------------------------- */

static void add_part(const struct summing *s, const struct sl_sum *sums)
{
    for (size_t j = 0; j < s->n_sums; j++) {
        sl_sum_add(&s->total[j], sums[j].high);
        s->total[j].low += sums[j].low;
    }
}

/* Into total, on every rank. */
static void sum_up(struct summing *s, bool is_second)
{
    const struct sl_comm *comm = s->in->comm;
    const struct sl_work  work = {.n_parts = s->n_parts, .run = run_part, .context = s};
    const size_t          n_bytes = s->n_sums * sizeof *s->total;
    struct sl_sum        *spare = s->kept + s->n_parts * s->n_sums;

    s->is_second = is_second;
    sl_workers_run(&work, sl_workers_allowed());
    memset(s->total, 0, n_bytes);
    if (sl_comm_rank(comm) != 0) {
        for (size_t p = 0; p < s->n_parts; p++)
            sl_comm_give(comm, 0, s->kept + p * s->n_sums, n_bytes);
    } else {
        for (size_t p = 0; p < s->n_parts; p++)
            add_part(s, s->kept + p * s->n_sums);
        for (int r = 1; r < sl_comm_size(comm); r++) {
            for (size_t p = sl_parts_first(s->parts, r); p < sl_parts_first(s->parts, r + 1); p++) {
                sl_comm_take(comm, r, spare, n_bytes);
                add_part(s, spare);
            }
        }
    }
    sl_comm_share(comm, 0, s->total, n_bytes);
}

static void take_means(const struct summing *s, struct sl_nb_moments *m)
{
    for (size_t k = 0; k < m->n_groups; k++) {
        const struct sl_sum *sums = s->total + k * s->n_slots;

        m->weight[k] = sl_sum_value(&sums[m->n_columns]);
        for (size_t j = 0; j < m->n_columns; j++)
            m->mean[k * m->n_columns + j] = sl_sum_value(&sums[j]) / m->weight[k];
    }
}

/* A share p of ones has the variance p (1 - p). */
static void take_variances(const struct summing *s, struct sl_nb_moments *m)
{
    const struct sl_terms *terms = s->in->terms;

    for (size_t k = 0; k < m->n_groups; k++) {
        const struct sl_sum *sums = s->total + k * s->n_slots;
        const double        *mean = m->mean + k * m->n_columns;
        double              *variance = m->variance + k * m->n_columns;

        for (size_t j = 0; j < m->n_columns; j++)
            variance[j] = mean[j] * (1.0 - mean[j]);
        for (int t = 0; t < terms->n_terms; t++) {
            const int32_t j = terms->items[t].first_column;

            if (!terms->items[t].is_categorical)
                variance[j] = sl_sum_value(&sums[j]) / m->weight[k];
        }
    }
}

sl_status sl_nb_moments_find(const struct sl_fit_in *in, const struct sl_fit_rows *rows,
                             const struct sl_parts *parts, struct sl_nb_moments *out,
                             struct sl_error *err)
{
    struct summing s = {.in = in, .rows = rows, .parts = parts, .moments = out};
    sl_status      rc = moments_init(out, in, err);

    if (rc == SL_OK)
        rc = summing_init(&s, err);
    SL_TRY(sl_comm_agree(in->comm, rc, err));
    sum_up(&s, false);
    take_means(&s, out);
    sum_up(&s, true);
    take_variances(&s, out);
out:
    free(s.kept);
    free(s.total);
    return rc;
}
