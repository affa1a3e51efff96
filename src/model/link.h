/* From margins to losses, residuals and curvatures, of rows of a batch.  Private to the model
 * module. */
#ifndef SCORELINE_MODEL_LINK_H
#define SCORELINE_MODEL_LINK_H

#include <stddef.h>

/* What a row's margin m costs where its label is y; s is -1 for class 0 and 1 for class 1. */
enum sl_link_kind {
    SL_LINK_LOG,     /* log(1 + exp(-s m)); the softmax's for several outputs */
    SL_LINK_SQUARE,  /* (m - y)^2 / 2 */
    SL_LINK_POISSON, /* half of the deviance of y from exp(m) */
    SL_LINK_HINGE,   /* max(0, 1 - s m)^2 */
};

/* One worker's; columns are ld apart.  With one output class 1 has the margin and class 0 has 0. */
struct sl_link {
    enum sl_link_kind kind;
    size_t            n;
    size_t            ld;
    size_t            n_outputs;
    const double     *label;  /* [n] class or target */
    const double     *weight; /* [n]; NULL: all 1 */
    double           *margin; /* [n_outputs][ld] given */
    /* [n_outputs][ld] exp(margin - the largest); of one output exp(-|margin|), exp(margin) of a
     * Poisson, max(0, 1 - s margin) of a hinge */
    double *share;
    double *residual; /* [n_outputs][ld] */
    double *loss;     /* [n] */
    double *others;   /* [n] the shares but the largest, which is 1; one: not used */
    double *largest;  /* [n] margin; one: not used */
};

/** Weighted losses from the margins. */
void sl_link_losses(struct sl_link *link);

/** Weighted derivatives of the losses by the margins, after the losses. */
void sl_link_residuals(struct sl_link *link);

/**
 * The roots of the weights by which two classes bend the loss, root [n], after the residuals:
 * weight * p_a * p_b.
 *
 * Formula: the Hessian of a row's loss by its margins is diag(p) - p p' (D. Boehning, Multinomial
 *          logistic regression algorithm, Ann. Inst. Stat. Math. 44, 1992): the Laplacian of a
 * graph of classes whose edges weigh p_a p_b.  So the Gram matrices of the rows for all pairs a < b
 * make the whole Hessian: the block of a with b is minus that of the pair, the block of a with
 * itself the sum over the pairs that a is in.  All weights are positive, nothing cancels.  Two
 * classes are one pair, and so is whatever else has one output: its weight is the loss's second
 * derivative by the margin.
 */
void sl_link_root(const struct sl_link *link, size_t a, size_t b, double *root);

/** Weighted second derivatives of the losses by the margin of output k, bend [n], after the
 *  residuals. */
void sl_link_bend(const struct sl_link *link, size_t k, double *bend);

/** A bound of what rounding did to each residual, in units of the last place, from the residuals
 * [n] of an output to `noise`: size [n] is what the margin's terms come to in absolute value, for
 * logs 1 more.  After the residuals; `others` is spoilt. */
void sl_link_noise(const struct sl_link *link, const double *size, double *residual);

#endif
