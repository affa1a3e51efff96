/* Sums by class in twice the digits of a double: of weights and values in the first pass, of
 * squared deviations from the mean in the second.  Each part of the rows has sums of its own, which
 * rank 0 adds up in the order of the parts.  Columns of levels are 0 or 1: their sums are counts by
 * code. */
#include "nb_moments.h"

#include <float.h>
#include <math.h>
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

/* Rows that are looked at together: their classes and weights, and sums of one column by class in
 * the digits of a double, which are few enough rows for. */
struct batch {
    size_t  n;
    size_t  row[SL_BATCH_ROWS];
    int32_t class_of[SL_BATCH_ROWS];
    double  weight[SL_BATCH_ROWS];
    double  value[SL_BATCH_ROWS];
    double  total[SL_MOST_CLASSES + 1]; /* weight of each class, of all rows their number */
    double  sum[SL_MOST_CLASSES + 1];
};

static void load_batch(const struct summing *s, size_t first, size_t end, struct batch *b)
{
    const size_t all = s->moments->n_groups - 1;

    b->n = end - first < SL_BATCH_ROWS ? end - first : SL_BATCH_ROWS;
    memset(b->total, 0, (all + 1) * sizeof *b->total);
    for (size_t i = 0; i < b->n; i++) {
        const size_t row = s->rows->rows == NULL ? first + i : s->rows->rows[first + i];

        b->row[i] = row;
        b->class_of[i] = (int32_t)s->in->y[row];
        b->weight[i] = s->in->weight == NULL ? 1.0 : s->in->weight[row];
        b->total[b->class_of[i]] += b->weight[i];
    }
    b->total[all] = (double)b->n;
}

static void load_values(const struct summing *s, int32_t index, struct batch *b)
{
    const struct sl_matrix *x = &s->in->x->x;
    const double           *column = x->data + (size_t)index * x->ld;

    for (size_t i = 0; i < b->n; i++)
        b->value[i] = column[b->row[i]];
}

/* Deviations from the first value are added: they keep their digits. */
static void add_values(const struct summing *s, struct batch *b, struct sl_sum *sums)
{
    const size_t all = s->moments->n_groups - 1;
    const double origin = b->value[0];
    double       sum = 0.0;

    memset(b->sum, 0, all * sizeof *b->sum);
    for (size_t i = 0; i < b->n; i++) {
        b->sum[b->class_of[i]] += b->weight[i] * (b->value[i] - origin);
        sum += b->value[i] - origin;
    }
    b->sum[all] = sum;
    for (size_t k = 0; k <= all; k++) {
        sl_sum_add(&sums[k * s->n_slots], b->sum[k]);
        sl_sum_add_product(&sums[k * s->n_slots], origin, b->total[k]);
    }
}

static void add_squares(const struct summing *s, const double *means, struct batch *b,
                        struct sl_sum *sums)
{
    const size_t n = s->moments->n_columns;
    const size_t all = s->moments->n_groups - 1;
    double       sum = 0.0;

    memset(b->sum, 0, all * sizeof *b->sum);
    for (size_t i = 0; i < b->n; i++) {
        const double own = b->value[i] - means[(size_t)b->class_of[i] * n];
        const double of_all = b->value[i] - means[all * n];

        b->sum[b->class_of[i]] += b->weight[i] * (own * own);
        sum += of_all * of_all;
    }
    b->sum[all] = sum;
    for (size_t k = 0; k <= all; k++)
        sl_sum_add(&sums[k * s->n_slots], b->sum[k]);
}

static void add_levels(const struct summing *s, const struct sl_term *term, const struct batch *b,
                       struct sl_sum *sums)
{
    const int32_t *codes = s->in->x->codes + (size_t)term->index * s->in->x->x.ld;
    const size_t   all = s->moments->n_groups - 1;

    for (size_t i = 0; i < b->n; i++) {
        const int32_t code = codes[b->row[i]];
        const size_t  slot = (size_t)term->first_column + (size_t)code;

        if (code == term->n_columns)
            continue;
        sl_sum_add(&sums[(size_t)b->class_of[i] * s->n_slots + slot], b->weight[i]);
        sl_sum_add(&sums[all * s->n_slots + slot], 1.0);
    }
}

static void add_batch(const struct summing *s, struct batch *b, struct sl_sum *sums)
{
    const struct sl_terms *terms = s->in->terms;

    for (int t = 0; t < terms->n_terms; t++) {
        const struct sl_term *term = &terms->items[t];
        const size_t          slot = (size_t)term->first_column;

        if (term->is_categorical && !s->is_second)
            add_levels(s, term, b, sums);
        if (term->is_categorical)
            continue;
        load_values(s, term->index, b);
        if (s->is_second)
            add_squares(s, s->moments->mean + slot, b, sums + slot);
        else
            add_values(s, b, sums + slot);
    }
    for (size_t k = 0; !s->is_second && k < s->moments->n_groups; k++)
        sl_sum_add(&sums[k * s->n_slots + s->n_slots - 1], b->total[k]);
}

static void run_part(void *context, int worker, size_t part)
{
    const struct summing *s = context;
    const size_t          part_rows = s->parts->part_batches * SL_BATCH_ROWS;
    const size_t          first = part * part_rows;
    const size_t          end = first + part_rows < s->rows->n ? first + part_rows : s->rows->n;
    struct sl_sum        *sums = s->kept + part * s->n_sums;
    struct batch          batch;

    (void)worker;
    memset(sums, 0, s->n_sums * sizeof *sums);
    for (size_t i = first; i < end; i += SL_BATCH_ROWS) {
        load_batch(s, i, end, &batch);
        add_batch(s, &batch, sums);
    }
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
    sl_workers_run(&work, sl_workers_for((double)s->rows->n * (double)s->n_slots));
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

/* Equal values may differ from their mean in its last digits, which have those of other values. */
static double above_rounding(double variance, double mean, double of_all)
{
    const double digit = DBL_EPSILON * (4.0 * fabs(mean) + SL_BATCH_ROWS * sqrt(of_all));

    return variance > digit * digit ? variance : 0.0;
}

/* A share p of ones has the variance p (1 - p). */
static void take_variances(const struct summing *s, struct sl_nb_moments *m)
{
    const struct sl_terms *terms = s->in->terms;
    const double          *of_all = m->variance + (m->n_groups - 1) * m->n_columns;

    for (size_t k = m->n_groups; k-- > 0;) { /* that of all rows first */
        const struct sl_sum *sums = s->total + k * s->n_slots;
        const double        *mean = m->mean + k * m->n_columns;
        double              *variance = m->variance + k * m->n_columns;

        for (size_t j = 0; j < m->n_columns; j++)
            variance[j] = mean[j] * (1.0 - mean[j]);
        for (int t = 0; t < terms->n_terms; t++) {
            const int32_t j = terms->items[t].first_column;

            if (!terms->items[t].is_categorical)
                variance[j] = above_rounding(sl_sum_value(&sums[j]) / m->weight[k], mean[j],
                                             k < m->n_groups - 1 ? of_all[j] : 0.0);
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
