/* Least squares with penalties that leave columns out: lasso and elastic net.  As in scikit-learn:
 * the mean of half the weighted squared errors plus alpha times l1_ratio |coef| and (1 - l1_ratio)
 * coef^2 / 2. */
#include "kinds.h"
#include "linear.h"

enum {
    PARAM_ALPHA,
    PARAM_FIT_INTERCEPT,
    PARAM_TOL,
    PARAM_MAX_ITER,
    PARAM_POSITIVE,
    PARAM_L1_RATIO
};

#define COMMON_PARAMS                                                                              \
    [PARAM_ALPHA] = {.name = "alpha",                                                              \
                     .type = SL_PARAM_REAL,                                                        \
                     .fallback = 1.0,                                                              \
                     .min = 0.0,                                                                   \
                     .max = 1e100,                                                                 \
                     .path = -1},                                                                  \
    [PARAM_FIT_INTERCEPT] = SL_FIT_INTERCEPT,                                                      \
    [PARAM_TOL] = {.name = "tol",                                                                  \
                   .type = SL_PARAM_REAL,                                                          \
                   .fallback = 1e-8,                                                               \
                   .min = 0.0,                                                                     \
                   .max = 1e100},                                                                  \
    [PARAM_MAX_ITER] = {.name = "max_iter",                                                        \
                        .type = SL_PARAM_INTEGER,                                                  \
                        .fallback = 1000.0,                                                        \
                        .min = 1.0,                                                                \
                        .max = 1e9},                                                               \
    [PARAM_POSITIVE] = SL_POSITIVE

static const struct sl_param lasso_params[] = {COMMON_PARAMS, {.name = NULL}};
static const struct sl_param net_params[] = {
    COMMON_PARAMS,
    [PARAM_L1_RATIO] =
        {.name = "l1_ratio", .type = SL_PARAM_REAL, .fallback = 0.5, .min = 0.0, .max = 1.0},
    {.name = NULL},
};

static sl_status fit(const struct sl_fit_in *in, double l1_ratio, void **state,
                     struct sl_fit_report *report, struct sl_error *err)
{
    const double                alpha = in->params[PARAM_ALPHA];
    const struct sl_linear_opts opts = {
        .problem = {.kind = SL_LINK_SQUARE,
                    .C = 1.0,
                    .is_mean = true,
                    .l1 = alpha * l1_ratio,
                    .l2 = alpha * (1.0 - l1_ratio),
                    .is_positive = in->params[PARAM_POSITIVE] != 0.0,
                    .fit_intercept = in->params[PARAM_FIT_INTERCEPT] != 0.0},
        .tol = in->params[PARAM_TOL],
        .max_iter = (int)in->params[PARAM_MAX_ITER],
    };

    return sl_linear_fit(in, &opts, state, report, err);
}

static sl_status fit_lasso(const struct sl_fit_in *in, void **state, struct sl_fit_report *report,
                           struct sl_error *err)
{
    return fit(in, 1.0, state, report, err);
}

static sl_status fit_net(const struct sl_fit_in *in, void **state, struct sl_fit_report *report,
                         struct sl_error *err)
{
    return fit(in, in->params[PARAM_L1_RATIO], state, report, err);
}

const struct sl_model_ops sl_model_lasso = {
    .name = "lasso",
    .params = lasso_params,
    .members = sl_linear_members,
    .share = sl_linear_share_one,
    .fit = fit_lasso,
    .predict = sl_linear_predict,
    .save = sl_linear_save,
    .load = sl_linear_load,
    .free = sl_linear_free,
};

const struct sl_model_ops sl_model_elastic_net = {
    .name = "elastic_net",
    .params = net_params,
    .members = sl_linear_members,
    .share = sl_linear_share_one,
    .fit = fit_net,
    .predict = sl_linear_predict,
    .save = sl_linear_save,
    .load = sl_linear_load,
    .free = sl_linear_free,
};
