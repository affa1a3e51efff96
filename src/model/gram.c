/* Sums over the rows of a batch; see gram.h. */
#include "gram.h"

#include <cblas.h>
#include <string.h>

enum { LANES = 8, COLUMNS = 4 };

/* Column after column, so that a row's sum has the order of the columns; several at once, so that
 * it stays in a register meanwhile. */
static void add_dense_margins(const struct sl_inner *inner, const struct sl_batch *batch,
                              const double *slots, double *margin)
{
    size_t j = 0;

    for (; j + COLUMNS <= inner->n_dense; j += COLUMNS) {
        const double *a = batch->z + j * batch->ld;
        const double *b = a + batch->ld;
        const double *c = b + batch->ld;
        const double *d = c + batch->ld;
        const double  u = slots[j], v = slots[j + 1], w = slots[j + 2], x = slots[j + 3];

        for (size_t i = 0; i < batch->n; i++)
            margin[i] = (((margin[i] + u * a[i]) + v * b[i]) + w * c[i]) + x * d[i];
    }
    for (; j < inner->n_dense; j++) {
        const double *z = batch->z + j * batch->ld;

        for (size_t i = 0; i < batch->n; i++)
            margin[i] += slots[j] * z[i];
    }
}

void sl_gram_margins(const struct sl_inner *inner, const struct sl_batch *batch,
                     const double *slots, double *margin)
{
    memset(margin, 0, batch->n * sizeof *margin);
    add_dense_margins(inner, batch, slots, margin);
    for (size_t t = 0; t < inner->n_coded; t++) {
        const int32_t *codes = batch->codes + t * batch->ld;
        const double  *table = slots + inner->first_slot[t];

        for (size_t i = 0; i < batch->n; i++)
            margin[i] += table[codes[i]];
    }
}

/* Not a BLAS call: equal columns are to get equal sums, wherever they stand. */
static double dot(const double *a, const double *b, size_t n)
{
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (size_t k = 0; k < LANES; k++)
            lane[k] += a[i + k] * b[i + k];
    }
    for (; i < n; i++)
        lane[0] += a[i] * b[i];
    return ((lane[0] + lane[4]) + (lane[1] + lane[5])) +
           ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

static void scatter(const int32_t *codes, const double *v, size_t n, double *table)
{
    for (size_t i = 0; i < n; i++)
        table[codes[i]] += v[i];
}

void sl_gram_products(const struct sl_inner *inner, const struct sl_batch *batch, const double *v,
                      double *out)
{
    memset(out + inner->n_dense, 0, (inner->n_slots - inner->n_dense) * sizeof *out);
    for (size_t j = 0; j < inner->n_dense; j++)
        out[j] = dot(v, batch->z + j * batch->ld, batch->n);
    for (size_t t = 0; t < inner->n_coded; t++)
        scatter(batch->codes + t * batch->ld, v, batch->n, out + inner->first_slot[t]);
}

static void add_dense_by_levels(const struct sl_inner *inner, const struct sl_batch *batch,
                                const double *root, const double *rooted, size_t t, double *gram)
{
    const int32_t *codes = batch->codes + t * batch->ld;

    for (size_t j = 0; j < inner->n_dense; j++) {
        const double *z = rooted + j * batch->ld;
        double       *table = gram + j * inner->n_slots + inner->first_slot[t];

        for (size_t i = 0; i < batch->n; i++)
            table[codes[i]] += root[i] * z[i];
    }
}

/* Term u's levels stand before those of term t, or are the same. */
static void add_levels_by_levels(const struct sl_inner *inner, const struct sl_batch *batch,
                                 const double *root, size_t u, size_t t, double *gram)
{
    const int32_t *columns = batch->codes + u * batch->ld;
    const int32_t *rows = batch->codes + t * batch->ld;
    double        *table = gram + inner->first_slot[u] * inner->n_slots + inner->first_slot[t];

    for (size_t i = 0; i < batch->n; i++)
        table[(size_t)columns[i] * inner->n_slots + (size_t)rows[i]] += root[i] * root[i];
}

void sl_gram_add(const struct sl_inner *inner, const struct sl_batch *batch, const double *root,
                 double *rooted, double *gram)
{
    for (size_t j = 0; j < inner->n_dense; j++) {
        const double *z = batch->z + j * batch->ld;
        double       *to = rooted + j * batch->ld;

        for (size_t i = 0; i < batch->n; i++)
            to[i] = z[i] * root[i];
    }
    if (inner->n_dense > 0)
        cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, (int)inner->n_dense, (int)batch->n, 1.0,
                    rooted, (int)batch->ld, 1.0, gram, (int)inner->n_slots);
    for (size_t t = 0; t < inner->n_coded; t++) {
        add_dense_by_levels(inner, batch, root, rooted, t, gram);
        for (size_t u = 0; u <= t; u++)
            add_levels_by_levels(inner, batch, root, u, t, gram);
    }
}
