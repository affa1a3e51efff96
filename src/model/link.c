/* What all kinds of losses have in common.  Small probabilities are computed as such and never as a
 * difference from 1, losses never as a difference of large terms. */
#include "link.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "scoreline/numeric.h"

/* What one kind of loss is made of; all rows of the batch, not weighted. */
struct link_ops {
    void (*losses)(struct sl_link *link);
    void (*residuals)(struct sl_link *link);
    void (*root)(const struct sl_link *link, size_t a, size_t b, double *root);
    void (*noise)(const struct sl_link *link, const double *size, double *noise);
};

static const struct link_ops *ops_of(const struct sl_link *link);

static void weigh(const struct sl_link *link, double *values)
{
    for (size_t i = 0; link->weight != NULL && i < link->n; i++)
        values[i] *= link->weight[i];
}

void sl_link_losses(struct sl_link *link)
{
    ops_of(link)->losses(link);
    weigh(link, link->loss);
}

void sl_link_residuals(struct sl_link *link)
{
    ops_of(link)->residuals(link);
    for (size_t k = 0; k < link->n_outputs; k++)
        weigh(link, link->residual + k * link->ld);
}

void sl_link_root(const struct sl_link *link, size_t a, size_t b, double *root)
{
    ops_of(link)->root(link, a, b, root);
    for (size_t i = 0; link->weight != NULL && i < link->n; i++)
        root[i] *= sqrt(link->weight[i]);
}

void sl_link_bend(const struct sl_link *link, size_t k, double *bend)
{
    const double *share = link->share + k * link->ld;

    if (link->n_outputs == 1) {
        sl_link_root(link, 0, 1, bend);
        for (size_t i = 0; i < link->n; i++)
            bend[i] *= bend[i];
        return;
    }
    for (size_t i = 0; i < link->n; i++)
        bend[i] = share[i] / (1.0 + link->others[i]) * (1.0 - share[i] / (1.0 + link->others[i]));
    weigh(link, bend);
}

/* A margin that is off by its terms' rounding changes a probability by less than that share of it:
 * of logs the residual itself says how much. */
void sl_link_noise(const struct sl_link *link, const double *size, double *residual)
{
    double *noise = link->others;

    if (link->kind == SL_LINK_LOG) {
        for (size_t i = 0; i < link->n; i++)
            residual[i] = fabs(residual[i]) * size[i];
        return;
    }
    ops_of(link)->noise(link, size, noise);
    weigh(link, noise);
    for (size_t i = 0; i < link->n; i++)
        residual[i] = fabs(residual[i]) + noise[i];
}

/* --- one margin of two classes ---------------------------------------------------------------- */

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

static void sigmoid_root(const struct sl_link *link, size_t a, size_t b, double *root)
{
    (void)a, (void)b;
    for (size_t i = 0; i < link->n; i++)
        root[i] = sqrt(link->share[i]) / (1.0 + link->share[i]);
}

/* --- a margin of each class ------------------------------------------------------------------- */

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

static void softmax_root(const struct sl_link *link, size_t a, size_t b, double *root)
{
    const double *share_a = link->share + a * link->ld;
    const double *share_b = link->share + b * link->ld;

    for (size_t i = 0; i < link->n; i++)
        root[i] = sqrt(share_a[i] * share_b[i]) / (1.0 + link->others[i]);
}

/* --- squares ---------------------------------------------------------------------------------- */

static void square_losses(struct sl_link *link)
{
    for (size_t i = 0; i < link->n; i++) {
        double error = link->margin[i] - link->label[i];

        link->loss[i] = 0.5 * error * error;
    }
}

static void square_residuals(struct sl_link *link)
{
    for (size_t i = 0; i < link->n; i++)
        link->residual[i] = link->margin[i] - link->label[i];
}

static void square_root(const struct sl_link *link, size_t a, size_t b, double *root)
{
    (void)a, (void)b;
    for (size_t i = 0; i < link->n; i++)
        root[i] = 1.0;
}

static void square_noise(const struct sl_link *link, const double *size, double *noise)
{
    for (size_t i = 0; i < link->n; i++)
        noise[i] = size[i] + fabs(link->label[i]);
}

/* --- counts ----------------------------------------------------------------------------------- */

/* exp(d) - 1 - d, whose terms cancel where d is small. */
static double exp_beyond_line(double d, double exp_d)
{
    static const double inverse[] = {1.0 / 16, 1.0 / 15, 1.0 / 14, 1.0 / 13, 1.0 / 12,
                                     1.0 / 11, 1.0 / 10, 1.0 / 9,  1.0 / 8,  1.0 / 7,
                                     1.0 / 6,  1.0 / 5,  1.0 / 4,  1.0 / 3};
    double              sum = 1.0; /* 1 + d/3 (1 + d/4 (1 + ...)) */

    for (size_t k = 0; k < sizeof inverse / sizeof *inverse; k++)
        sum = 1.0 + d * inverse[k] * sum;
    return fabs(d) < 0.5 ? 0.5 * d * d * sum : exp_d - 1.0 - d;
}

/* y log(y / mu) - y + mu is y (exp(d) - 1 - d) for d = log(mu / y). */
static void poisson_losses(struct sl_link *link)
{
    double *log_label = link->others, *ratio = link->loss;

    sl_exp_many(link->margin, link->n, link->share);
    sl_log_many(link->label, link->n, log_label);
    for (size_t i = 0; i < link->n; i++)
        ratio[i] = link->margin[i] - log_label[i];
    sl_exp_many(ratio, link->n, ratio);
    for (size_t i = 0; i < link->n; i++) {
        double y = link->label[i];
        double beyond = exp_beyond_line(link->margin[i] - log_label[i], ratio[i]);

        link->loss[i] = y > 0.0 ? y * beyond : link->share[i];
    }
}

static void poisson_residuals(struct sl_link *link)
{
    for (size_t i = 0; i < link->n; i++)
        link->residual[i] = link->share[i] - link->label[i];
}

static void poisson_root(const struct sl_link *link, size_t a, size_t b, double *root)
{
    (void)a, (void)b;
    for (size_t i = 0; i < link->n; i++)
        root[i] = sqrt(link->share[i]);
}

static void poisson_noise(const struct sl_link *link, const double *size, double *noise)
{
    for (size_t i = 0; i < link->n; i++)
        noise[i] = link->share[i] * (1.0 + size[i]) + link->label[i];
}

/* --- squared hinges --------------------------------------------------------------------------- */

static void hinge_losses(struct sl_link *link)
{
    for (size_t i = 0; i < link->n; i++) {
        double lacking = 1.0 + (link->label[i] != 0.0 ? -link->margin[i] : link->margin[i]);

        link->share[i] = lacking > 0.0 ? lacking : 0.0;
        link->loss[i] = link->share[i] * link->share[i];
    }
}

static void hinge_residuals(struct sl_link *link)
{
    for (size_t i = 0; i < link->n; i++)
        link->residual[i] = (link->label[i] != 0.0 ? -2.0 : 2.0) * link->share[i];
}

static void hinge_root(const struct sl_link *link, size_t a, size_t b, double *root)
{
    const double root_2 = sqrt(2.0);

    (void)a, (void)b;
    for (size_t i = 0; i < link->n; i++)
        root[i] = link->share[i] > 0.0 ? root_2 : 0.0;
}

static void hinge_noise(const struct sl_link *link, const double *size, double *noise)
{
    for (size_t i = 0; i < link->n; i++)
        noise[i] = link->share[i] > 0.0 ? 2.0 * (1.0 + size[i]) : 0.0;
}

/* ---------------------------------------------------------------------------------------------- */

static const struct link_ops *ops_of(const struct sl_link *link)
{
    static const struct link_ops softmax = {softmax_losses, softmax_residuals, softmax_root, NULL};
    static const struct link_ops kinds[] = {
        [SL_LINK_LOG] = {sigmoid_losses, sigmoid_residuals, sigmoid_root, NULL},
        [SL_LINK_SQUARE] = {square_losses, square_residuals, square_root, square_noise},
        [SL_LINK_POISSON] = {poisson_losses, poisson_residuals, poisson_root, poisson_noise},
        [SL_LINK_HINGE] = {hinge_losses, hinge_residuals, hinge_root, hinge_noise},
    };

    return link->n_outputs > 1 ? &softmax : &kinds[link->kind];
}
