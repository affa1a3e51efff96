/* Least squares with a penalty: the sum of the weighted squared errors plus alpha times the squared
 * norm of the coefficients, as scikit-learn has it. */
#include "kinds.h"
#include "linear.h"

enum { PARAM_ALPHA, PARAM_FIT_INTERCEPT, PARAM_POSITIVE };

static const struct sl_param params[] = {
    [PARAM_ALPHA] =
        {.name = "alpha", .type = SL_PARAM_REAL, .fallback = 1.0, .min = 0.0, .max = 1e100},
    [PARAM_FIT_INTERCEPT] = SL_FIT_INTERCEPT,
    [PARAM_POSITIVE] = SL_POSITIVE,
    {.name = NULL},
};

static sl_status fit(const struct sl_fit_in *in, void **state, struct sl_fit_report *report,
                     struct sl_error *err)
{
    const struct sl_linear_opts opts = {
        .problem = {.kind = SL_LINK_SQUARE,
                    .C = 2.0,
                    .l2 = 2.0 * in->params[PARAM_ALPHA],
                    .is_positive = in->params[PARAM_POSITIVE] != 0.0,
                    .fit_intercept = in->params[PARAM_FIT_INTERCEPT] != 0.0},
        .max_iter = SL_SQUARE_STEPS,
    };

    return sl_linear_fit(in, &opts, state, report, err);
}

const struct sl_model_ops sl_model_ridge = {
    .name = "ridge",
    .params = params,
    .members = sl_linear_members,
    .share = sl_linear_share_one,
    .fit = fit,
    .predict = sl_linear_predict,
    .save = sl_linear_save,
    .load = sl_linear_load,
    .free = sl_linear_free,
};
