/* Small probabilities are computed as such and never as a difference from 1. */
#include "logistic_link.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "scoreline/numeric.h"

static void sigmoid_losses(struct sl_link *link);
static void sigmoid_residuals(struct sl_link *link);
static void softmax_losses(struct sl_link *link);
static void softmax_residuals(struct sl_link *link);

static void weigh(const struct sl_link *link, double *values)
{
    for (size_t i = 0; link->weight != NULL && i < link->n; i++)
        values[i] *= link->weight[i];
}

void sl_link_losses(struct sl_link *link)
{
    if (link->n_outputs == 1)
        sigmoid_losses(link);
    else
        softmax_losses(link);
    weigh(link, link->loss);
}

void sl_link_residuals(struct sl_link *link)
{
    if (link->n_outputs == 1)
        sigmoid_residuals(link);
    else
        softmax_residuals(link);
    for (size_t k = 0; k < link->n_outputs; k++)
        weigh(link, link->residual + k * link->ld);
}

/* log(1 + exp(-m)) for the margin m towards the row's class, without overflow. */
static void sigmoid_losses(struct sl_link *link)
{
    const double *margin = link->margin;
    double       *decay = link->share;

    for (size_t i = 0; i < link->n; i++)
        decay[i] = -fabs(margin[i]);
    sl_exp_many(decay, link->n, decay);
    sl_log1p_many(decay, link->n, link->loss);
    for (size_t i = 0; i < link->n; i++) {
        double wrong = link->label[i] != 0.0 ? -margin[i] : margin[i];

        link->loss[i] += wrong > 0.0 ? wrong : 0.0;
    }
}

static void sigmoid_residuals(struct sl_link *link)
{
    for (size_t i = 0; i < link->n; i++) {
        double e = link->share[i];
        double sign = link->label[i] != 0.0 ? -1.0 : 1.0;
        bool   wrong = sign * link->margin[i] > 0.0;

        link->residual[i] = sign * (wrong ? 1.0 : e) / (1.0 + e);
    }
}

static void find_largest(struct sl_link *link)
{
    memcpy(link->largest, link->margin, link->n * sizeof *link->largest);
    for (size_t k = 1; k < link->n_outputs; k++) {
        const double *margin = link->margin + k * link->ld;

        for (size_t i = 0; i < link->n; i++)
            link->largest[i] = margin[i] > link->largest[i] ? margin[i] : link->largest[i];
    }
}

/* The largest is not among them: of several 1s one is left out, before small ones could drown. */
static void find_others(struct sl_link *link)
{
    double *ones = link->loss;

    memset(link->others, 0, link->n * sizeof *link->others);
    memset(ones, 0, link->n * sizeof *ones);
    for (size_t k = 0; k < link->n_outputs; k++) {
        const double *share = link->share + k * link->ld;

        for (size_t i = 0; i < link->n; i++) {
            ones[i] += share[i] < 1.0 ? 0.0 : 1.0;
            link->others[i] += share[i] < 1.0 ? share[i] : 0.0;
        }
    }
    for (size_t i = 0; i < link->n; i++)
        link->others[i] += ones[i] - 1.0;
}

static void softmax_losses(struct sl_link *link)
{
    find_largest(link);
    for (size_t k = 0; k < link->n_outputs; k++) {
        const double *margin = link->margin + k * link->ld;
        double       *share = link->share + k * link->ld;

        for (size_t i = 0; i < link->n; i++)
            share[i] = margin[i] - link->largest[i];
        sl_exp_many(share, link->n, share);
    }
    find_others(link);
    sl_log1p_many(link->others, link->n, link->loss);
    for (size_t i = 0; i < link->n; i++)
        link->loss[i] += link->largest[i] - link->margin[(size_t)link->label[i] * link->ld + i];
}

static void softmax_residuals(struct sl_link *link)
{
    for (size_t k = 0; k < link->n_outputs; k++) {
        const double *share = link->share + k * link->ld;
        double       *residual = link->residual + k * link->ld;

        for (size_t i = 0; i < link->n; i++)
            residual[i] = share[i] / (1.0 + link->others[i]);
    }
    for (size_t i = 0; i < link->n; i++) {
        size_t own = (size_t)link->label[i] * link->ld + i;
        double share = link->share[own];
        double rest = share < 1.0 ? 1.0 + (link->others[i] - share) : link->others[i];

        link->residual[own] = -rest / (1.0 + link->others[i]);
    }
}

void sl_link_root(const struct sl_link *link, size_t a, size_t b, double *root)
{
    const double *share_a = link->share + a * link->ld;
    const double *share_b = link->share + b * link->ld;

    if (link->n_outputs == 1)
        for (size_t i = 0; i < link->n; i++)
            root[i] = sqrt(share_a[i]) / (1.0 + share_a[i]);
    else
        for (size_t i = 0; i < link->n; i++)
            root[i] = sqrt(share_a[i] * share_b[i]) / (1.0 + link->others[i]);
    for (size_t i = 0; link->weight != NULL && i < link->n; i++)
        root[i] *= sqrt(link->weight[i]);
}
