/* The sigmoid, the softmax and their like, a few hundred rows at a time. */
#include "outputs.h"

#include <math.h>
#include <string.h>

#include "scoreline/numeric.h"

enum { LINK_ROWS = 256 };

static void apply_sigmoid(double *margin, size_t n);
static void apply_softmax(struct sl_matrix *y, size_t first, size_t n);

void sl_outputs_probabilities(struct sl_matrix *y)
{
    for (size_t first = 0; first < y->n_rows; first += LINK_ROWS) {
        size_t n = y->n_rows - first < LINK_ROWS ? y->n_rows - first : LINK_ROWS;

        if (y->n_cols == 1)
            apply_sigmoid(y->data + first, n);
        else
            apply_softmax(y, first, n);
    }
}

static void share_out(struct sl_matrix *y, size_t first, size_t n)
{
    double sum[LINK_ROWS] = {0};

    for (size_t k = 0; k < y->n_cols; k++)
        for (size_t i = 0; i < n; i++)
            sum[i] += y->data[k * y->ld + first + i];
    for (size_t k = 0; k < y->n_cols; k++)
        for (size_t i = 0; i < n; i++)
            y->data[k * y->ld + first + i] /= sum[i];
}

void sl_outputs_sigmoid_shares(struct sl_matrix *y)
{
    for (size_t first = 0; first < y->n_rows; first += LINK_ROWS) {
        size_t n = y->n_rows - first < LINK_ROWS ? y->n_rows - first : LINK_ROWS;

        for (size_t k = 0; k < y->n_cols; k++)
            apply_sigmoid(y->data + k * y->ld + first, n);
        if (y->n_cols > 1)
            share_out(y, first, n);
    }
}

void sl_outputs_exp(struct sl_matrix *y)
{
    for (size_t k = 0; k < y->n_cols; k++)
        sl_exp_many(y->data + k * y->ld, y->n_rows, y->data + k * y->ld);
}

/* 1 / (1 + exp(-m)) by the exponential that cannot overflow; a probability near 0 keeps its digits.
 */
static void apply_sigmoid(double *margin, size_t n)
{
    double decay[LINK_ROWS];

    for (size_t i = 0; i < n; i++)
        decay[i] = -fabs(margin[i]);
    sl_exp_many(decay, n, decay);
    for (size_t i = 0; i < n; i++)
        margin[i] = (margin[i] >= 0.0 ? 1.0 : decay[i]) / (1.0 + decay[i]);
}

/* Exponentials of the differences to the largest margin cannot overflow; classes are added in their
 * order. */
static void apply_softmax(struct sl_matrix *y, size_t first, size_t n)
{
    double largest[LINK_ROWS], sum[LINK_ROWS] = {0};

    memcpy(largest, y->data + first, n * sizeof *largest);
    for (size_t k = 1; k < y->n_cols; k++) {
        const double *margin = y->data + k * y->ld + first;

        for (size_t i = 0; i < n; i++)
            largest[i] = margin[i] > largest[i] ? margin[i] : largest[i];
    }
    for (size_t k = 0; k < y->n_cols; k++) {
        double *share = y->data + k * y->ld + first;

        for (size_t i = 0; i < n; i++)
            share[i] -= largest[i];
        sl_exp_many(share, n, share);
        for (size_t i = 0; i < n; i++)
            sum[i] += share[i];
    }
    for (size_t k = 0; k < y->n_cols; k++)
        for (size_t i = 0; i < n; i++)
            y->data[k * y->ld + first + i] /= sum[i];
}
