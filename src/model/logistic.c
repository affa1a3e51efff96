/* Logistic regression, binary and multinomial: scikit-learn's objective, its
 * parameter names, and rows of coefficients as scikit-learn has them, one of two classes and one
 * for each class of more. */
#include "kinds.h"
#include "linear.h"
#include "outputs.h"

enum {
    PARAM_C,
    PARAM_TOL,
    PARAM_MAX_ITER,
    PARAM_FIT_INTERCEPT,
    PARAM_CLASS_WEIGHT,
    PARAM_PENALTY,
    PARAM_L1_RATIO
};
enum { PENALTY_L2, PENALTY_L1, PENALTY_ELASTICNET, PENALTY_NONE };

static const char *const class_weights[] = {"none", "balanced", NULL};
static const char *const penalties[] = {"l2", "l1", "elasticnet", "none", NULL};

/* Bounds of C keep its products with sums over rows within range. */
static const struct sl_param params[] = {
    [PARAM_C] = {.name = "C",
                 .type = SL_PARAM_REAL,
                 .fallback = 1.0,
                 .min = 1e-100,
                 .max = 1e100,
                 .path = 1},
    [PARAM_TOL] =
        {.name = "tol", .type = SL_PARAM_REAL, .fallback = 1e-8, .min = 0.0, .max = 1e100},
    [PARAM_MAX_ITER] =
        {.name = "max_iter", .type = SL_PARAM_INTEGER, .fallback = 1000.0, .min = 1.0, .max = 1e9},
    [PARAM_FIT_INTERCEPT] = SL_FIT_INTERCEPT,
    [PARAM_CLASS_WEIGHT] = {.name = "class_weight",
                            .type = SL_PARAM_CHOICE,
                            .max = 1.0,
                            .choices = class_weights},
    [PARAM_PENALTY] = {.name = "penalty",
                       .type = SL_PARAM_CHOICE,
                       .max = 3.0,
                       .choices = penalties},
    [PARAM_L1_RATIO] = {.name = "l1_ratio",
                        .type = SL_PARAM_REAL,
                        .fallback = 0.5,
                        .min = 0.0,
                        .max = 1.0,
                        .is_late = true},
    {.name = NULL},
};

static double share_of_l1(int penalty, double l1_ratio)
{
    return penalty == PENALTY_L1 ? 1.0 : penalty == PENALTY_ELASTICNET ? l1_ratio : 0.0;
}

static sl_status fit(const struct sl_fit_in *in, void **state, struct sl_fit_report *report,
                     struct sl_error *err)
{
    const int                   penalty = (int)in->params[PARAM_PENALTY];
    const double                l1 = share_of_l1(penalty, in->params[PARAM_L1_RATIO]);
    const struct sl_linear_opts opts = {
        .problem = {.kind = SL_LINK_LOG,
                    .C = penalty == PENALTY_NONE ? 1.0 : in->params[PARAM_C],
                    .l1 = penalty == PENALTY_NONE ? 0.0 : l1,
                    .l2 = penalty == PENALTY_NONE ? 0.0 : 1.0 - l1,
                    .fit_intercept = in->params[PARAM_FIT_INTERCEPT] != 0.0},
        .is_balanced = in->params[PARAM_CLASS_WEIGHT] != 0.0,
        .tol = in->params[PARAM_TOL],
        .max_iter = (int)in->params[PARAM_MAX_ITER],
    };

    return sl_linear_fit(in, &opts, state, report, err);
}

static sl_status predict(const void *state, const struct sl_design *x, struct sl_matrix *y,
                         struct sl_error *err)
{
    (void)err;
    sl_linear_margins(state, x, y);
    sl_outputs_probabilities(y);
    return SL_OK;
}

const struct sl_model_ops sl_model_logistic = {
    .name = "logistic_regression",
    .params = params,
    .members = sl_linear_members,
    .is_classifier = true,
    .share = sl_linear_share,
    .fit = fit,
    .predict = predict,
    .save = sl_linear_save,
    .load = sl_linear_load,
    .free = sl_linear_free,
};
