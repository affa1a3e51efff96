/* Poisson regression with a logarithmic link: the mean of half the weighted deviances plus alpha /
 * 2 times the squared norm of the coefficients, as scikit-learn has it.  Exposures are weights, and
 * the label is then the rate. */
#include "kinds.h"
#include "linear.h"
#include "outputs.h"

enum { PARAM_ALPHA, PARAM_FIT_INTERCEPT, PARAM_TOL, PARAM_MAX_ITER };

static const struct sl_param params[] = {
    [PARAM_ALPHA] = {.name = "alpha",
                     .type = SL_PARAM_REAL,
                     .fallback = 1.0,
                     .min = 0.0,
                     .max = 1e100,
                     .path = -1},
    [PARAM_FIT_INTERCEPT] = SL_FIT_INTERCEPT,
    [PARAM_TOL] =
        {.name = "tol", .type = SL_PARAM_REAL, .fallback = 1e-8, .min = 0.0, .max = 1e100},
    [PARAM_MAX_ITER] =
        {.name = "max_iter", .type = SL_PARAM_INTEGER, .fallback = 1000.0, .min = 1.0, .max = 1e9},
    {.name = NULL},
};

static sl_status fit(const struct sl_fit_in *in, void **state, struct sl_fit_report *report,
                     struct sl_error *err)
{
    const struct sl_linear_opts opts = {
        .problem = {.kind = SL_LINK_POISSON,
                    .C = 1.0,
                    .is_mean = true,
                    .l2 = in->params[PARAM_ALPHA],
                    .fit_intercept = in->params[PARAM_FIT_INTERCEPT] != 0.0},
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
    sl_outputs_exp(y);
    return SL_OK;
}

const struct sl_model_ops sl_model_poisson = {
    .name = "poisson_regressor",
    .params = params,
    .members = sl_linear_members,
    .deviance = SL_DEVIANCE_POISSON,
    .is_of_counts = true,
    .share = sl_linear_share_one,
    .fit = fit,
    .predict = predict,
    .save = sl_linear_save,
    .load = sl_linear_load,
    .free = sl_linear_free,
};
