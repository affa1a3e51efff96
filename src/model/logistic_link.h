/* From margins to losses, residuals and curvatures, of rows of a batch: the sigmoid for one output,
 * the softmax for several.  Private to the model module. */
#ifndef SCORELINE_MODEL_LOGISTIC_LINK_H
#define SCORELINE_MODEL_LOGISTIC_LINK_H

#include <stddef.h>

/* One worker's; columns are ld apart.  With one output class 1 has the margin and class 0 has 0. */
struct sl_link {
    size_t        n;
    size_t        ld;
    size_t        n_outputs;
    const double *label;    /* [n] */
    const double *weight;   /* [n]; NULL: all 1 */
    double       *margin;   /* [n_outputs][ld] given */
    double       *share;    /* [n_outputs][ld] exp(margin - the largest); one: exp(-|margin|) */
    double       *residual; /* [n_outputs][ld] */
    double       *loss;     /* [n] */
    double       *others;   /* [n] the shares but the largest, which is 1; one: not used */
    double       *largest;  /* [n] margin; one: not used */
};

/** Weighted log-losses from the margins. */
void sl_link_losses(struct sl_link *link);

/** Weighted probabilities less labels, after the losses. */
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
 * classes are one pair.
 */
void sl_link_root(const struct sl_link *link, size_t a, size_t b, double *root);

#endif
