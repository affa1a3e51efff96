/* Term after term over all rows of a block, then the sigmoid or the softmax of their margins. */
#include "logistic_predict.h"

#include <math.h>
#include <string.h>

#include "scoreline/numeric.h"

enum { LINK_ROWS = 256 };

static void add_margins(const struct sl_logistic *model, const struct sl_design *x, size_t k,
                        double *margin);
static void apply_sigmoid(double *margin, size_t n);
static void apply_softmax(struct sl_matrix *y, size_t first, size_t n);

void sl_logistic_tabulate(struct sl_logistic *model)
{
    const struct sl_terms *terms = &model->terms;

    for (size_t k = 0; k < model->n_outputs; k++) {
        double *table = model->table + k * model->n_entries;

        for (int t = 0; t < terms->n_terms; t++) {
            const struct sl_term *term = &terms->items[t];
            const size_t          n = (size_t)term->n_columns;

            memcpy(table + model->first_entry[t],
                   model->coef + k * (size_t)terms->n_columns + term->first_column,
                   n * sizeof *table);
            if (term->is_categorical)
                table[model->first_entry[t] + n] = 0.0;
        }
    }
}

void sl_logistic_score(const struct sl_logistic *model, const struct sl_design *x,
                       struct sl_matrix *y)
{
    const size_t n_rows = x->x.n_rows;

    for (size_t k = 0; k < model->n_outputs; k++)
        add_margins(model, x, k, y->data + k * y->ld);
    for (size_t first = 0; first < n_rows; first += LINK_ROWS) {
        size_t n = n_rows - first < LINK_ROWS ? n_rows - first : LINK_ROWS;

        if (model->n_outputs == 1)
            apply_sigmoid(y->data + first, n);
        else
            apply_softmax(y, first, n);
    }
}

static void add_margins(const struct sl_logistic *model, const struct sl_design *x, size_t k,
                        double *margin)
{
    const double *table = model->table + k * model->n_entries;
    const size_t  n_rows = x->x.n_rows;

    for (size_t i = 0; i < n_rows; i++)
        margin[i] = model->intercept[k];
    for (int t = 0; t < model->terms.n_terms; t++) {
        const struct sl_term *term = &model->terms.items[t];
        const double         *entry = table + model->first_entry[t];
        const size_t          from = (size_t)term->index * x->x.ld;

        if (term->is_categorical) {
            const int32_t *codes = x->codes + from;

            for (size_t i = 0; i < n_rows; i++)
                margin[i] += entry[codes[i]];
        } else {
            const double *column = x->x.data + from;
            const double  coef = *entry;

            for (size_t i = 0; i < n_rows; i++)
                margin[i] += coef * column[i];
        }
    }
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
