/* Centres and scales of numeric columns, in one pass over the data.  A rough mean and the magnitude
 * of the deviation are all that is wanted, but of all rows: columns may hold anything. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "scoreline/memory.h"
#include "workers.h"

enum { ROWS = SL_BATCH_ROWS, PAIRS = 4, LANES = 2 * PAIRS };

typedef double pair __attribute__((vector_size(16)));

/* Squares of columns scaled by these stay within range. */
enum { MIN_EXPONENT = -500, MAX_EXPONENT = 1020 };

/* Mean and sum of squared deviations; squares of doubles need the range of a long double. */
struct moments {
    double      n;
    long double mean;
    long double squares;
};

struct measuring {
    const struct sl_inner *inner;
    size_t                 part_rows;
    struct moments        *partial; /* [parts of this rank, on rank 0 of any, + 1][n_numeric] */
    struct moments        *total;   /* [n_numeric] rank 0 */
    double                *scratch; /* [workers][ROWS] */
};

/* Chan, Golub and LeVeque (1983): moments of two sets together. */
static void combine(struct moments *a, const struct moments *b)
{
    double      n = a->n + b->n;
    long double gap = b->mean - a->mean;

    if (b->n == 0.0)
        return;
    a->squares += b->squares + gap * gap * (a->n * b->n / n);
    a->mean += gap * (b->n / n);
    a->n = n;
}

static double sum_lanes(const pair sums[PAIRS])
{
    double s[LANES];

    memcpy(s, sums, sizeof s);
    return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
}

/* Sums of the deviations from the first number and of their squares, times `scale` before.  Pairs,
 * as compilers gather lanes from several rounds of the loop instead. */
static void add_deviations(const double *x, size_t n, double scale, double *sum, double *squares)
{
    pair         s[PAIRS] = {{0}}, q[PAIRS] = {{0}};
    const double origin = x[0] * scale;
    size_t       i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (size_t k = 0; k < PAIRS; k++) {
            pair d;

            memcpy(&d, x + i + 2 * k, sizeof d);
            d = d * scale - origin;
            s[k] += d;
            q[k] += d * d;
        }
    }
    for (; i < n; i++) {
        const double d = x[i] * scale - origin;

        s[0][0] += d;
        q[0][0] += d * d;
    }
    *sum = sum_lanes(s);
    *squares = sum_lanes(q);
}

static double largest(const double *x, size_t n)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* Numbers whose squares overflow or vanish are scaled first. */
static struct moments measure(const double *x, size_t n)
{
    const double   tiny = 1e-200;
    struct moments m = {.n = (double)n};
    double         scale = 1.0, sum, squares;
    int            e;

    add_deviations(x, n, scale, &sum, &squares);
    if (!(squares > tiny && squares < 1.0 / tiny)) {
        frexp(largest(x, n), &e);
        scale = ldexp(1.0, e > -1000 ? -e : 1000);
        add_deviations(x, n, scale, &sum, &squares);
    }
    m.mean = (long double)x[0] + (long double)sum / scale / (long double)n;
    m.squares = (long double)fmax(squares - sum * sum / m.n, 0.0) / scale / scale;
    return m;
}

static const double *gather(const struct measuring *m, int worker, size_t j, size_t first, size_t n)
{
    const struct sl_problem *p = m->inner->problem;
    const double            *column = p->x->x.data + j * p->x->x.ld;
    double                  *to = m->scratch + (size_t)worker * ROWS;

    if (p->rows == NULL)
        return column + first;
    for (size_t i = 0; i < n; i++)
        to[i] = column[p->rows[first + i]];
    return to;
}

static void run_part(void *context, int worker, size_t part)
{
    const struct measuring *m = context;
    const size_t            n_numeric = m->inner->n_numeric;
    const size_t            n_rows = m->inner->problem->n_rows;
    const size_t            begin = part * m->part_rows;
    const size_t            end = begin + m->part_rows;
    struct moments         *partial = m->partial + part * n_numeric;

    for (size_t j = 0; j < n_numeric; j++) {
        partial[j] = (struct moments){0};
        for (size_t first = begin; first < end && first < n_rows; first += ROWS) {
            size_t         n = n_rows - first < ROWS ? n_rows - first : ROWS;
            struct moments block = measure(gather(m, worker, j, first, n), n);

            combine(&partial[j], &block);
        }
    }
}

static void add_parts(const struct measuring *m, size_t n_parts)
{
    const size_t n_numeric = m->inner->n_numeric;

    for (size_t p = 0; p < n_parts; p++)
        for (size_t j = 0; j < n_numeric; j++)
            combine(&m->total[j], &m->partial[p * n_numeric + j]);
}

/* Rank 0 adds up all parts, in their order. */
static void collect(const struct measuring *m, size_t n_parts)
{
    const struct sl_problem *p = m->inner->problem;
    const size_t             part_bytes = m->inner->n_numeric * sizeof *m->partial;

    if (sl_comm_rank(p->comm) != 0) {
        sl_comm_give(p->comm, 0, m->partial, n_parts * part_bytes);
        return;
    }
    add_parts(m, n_parts);
    for (int r = 1; r < sl_comm_size(p->comm); r++) {
        n_parts = sl_parts_first(&p->parts, r + 1) - sl_parts_first(&p->parts, r);
        sl_comm_take(p->comm, r, m->partial, n_parts * part_bytes);
        add_parts(m, n_parts);
    }
}

/* Without an intercept there is nothing that could take up a shift: columns stay where they are. */
static void choose(struct sl_inner *inner, size_t j, const struct moments *m)
{
    bool   has_intercept = inner->problem->fit_intercept;
    double mean = (double)m->mean;
    double std = (double)sqrtl(m->squares / (long double)m->n);
    double width = has_intercept ? std : fmax(fabs(mean), std);
    int    e = 0;

    inner->centre[j] = has_intercept ? mean : 0.0;
    if (width > 0.0)
        frexp(fmin(width, DBL_MAX), &e);
    e = e < MIN_EXPONENT ? MIN_EXPONENT : e;
    e = e > MAX_EXPONENT ? MAX_EXPONENT : e;
    inner->scale[j] = ldexp(1.0, -e);
}

static sl_status measuring_init(struct measuring *m, int n_workers, size_t most_parts,
                                struct sl_error *err)
{
    const size_t n_numeric = m->inner->n_numeric;
    sl_status    rc;

    SL_TRY(sl_alloc_array(n_numeric, sizeof *m->total, &m->total, err));
    SL_TRY(sl_alloc_array(most_parts * n_numeric, sizeof *m->partial, &m->partial, err));
    SL_TRY(sl_alloc_array((size_t)n_workers * ROWS, sizeof *m->scratch, &m->scratch, err));
out:
    return rc;
}

sl_status sl_inner_measure(struct sl_inner *inner, int n_workers, struct sl_error *err)
{
    const struct sl_problem *p = inner->problem;
    const int                rank = sl_comm_rank(p->comm);
    const size_t n_parts = sl_parts_first(&p->parts, rank + 1) - sl_parts_first(&p->parts, rank);
    struct measuring m = {.inner = inner, .part_rows = p->parts.part_batches * ROWS};
    sl_status        rc = measuring_init(&m, n_workers, n_parts + 1, err);

    SL_TRY(sl_comm_agree(p->comm, rc, err));
    const struct sl_work work = {.n_parts = n_parts, .run = run_part, .context = &m};
    sl_workers_run(&work, n_workers);
    collect(&m, n_parts);
    for (size_t j = 0; rank == 0 && j < inner->n_numeric; j++)
        choose(inner, j, &m.total[j]);
    sl_comm_share(p->comm, 0, inner->centre, inner->n_numeric * sizeof *inner->centre);
    sl_comm_share(p->comm, 0, inner->scale, inner->n_numeric * sizeof *inner->scale);
out:
    free(m.total);
    free(m.partial);
    free(m.scratch);
    return rc;
}
