/* A linear support vector machine with squared hinges: C times the sum of the weighted losses plus
 * half the squared norm of coefficients and intercept, as scikit-learn (liblinear) has it, which
 * takes the intercept for a coefficient of a column that is intercept_scaling everywhere.  Beyond
 * two classes each is told from all others.
 *
 * It knows no probabilities: its scores are sigmoids of the margins, which are in their order,
 * beyond two classes their shares.  The most probable class is the one of the largest margin. */
#include "kinds.h"
#include "linear.h"
#include "outputs.h"

enum {
    PARAM_C,
    PARAM_TOL,
    PARAM_MAX_ITER,
    PARAM_FIT_INTERCEPT,
    PARAM_INTERCEPT_SCALING,
    PARAM_CLASS_WEIGHT
};

static const char *const class_weights[] = {"none", "balanced", NULL};

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
    [PARAM_INTERCEPT_SCALING] = {.name = "intercept_scaling",
                                 .type = SL_PARAM_REAL,
                                 .fallback = 1.0,
                                 .min = 1e-50,
                                 .max = 1e50},
    [PARAM_CLASS_WEIGHT] = {.name = "class_weight",
                            .type = SL_PARAM_CHOICE,
                            .max = 1.0,
                            .choices = class_weights},
    {.name = NULL},
};

static sl_status fit(const struct sl_fit_in *in, void **state, struct sl_fit_report *report,
                     struct sl_error *err)
{
    const double                scaling = in->params[PARAM_INTERCEPT_SCALING];
    const bool                  fit_intercept = in->params[PARAM_FIT_INTERCEPT] != 0.0;
    const struct sl_linear_opts opts = {
        .problem = {.kind = SL_LINK_HINGE,
                    .C = in->params[PARAM_C],
                    .l2 = 1.0,
                    .intercept_l2 = fit_intercept ? 1.0 / (scaling * scaling) : 0.0,
                    .fit_intercept = fit_intercept},
        .is_balanced = in->params[PARAM_CLASS_WEIGHT] != 0.0,
        .is_one_vs_rest = true,
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
    sl_outputs_sigmoid_shares(y);
    return SL_OK;
}

const struct sl_model_ops sl_model_linear_svc = {
    .name = "linear_svc",
    .params = params,
    .members = sl_linear_members,
    .is_classifier = true,
    .share = sl_linear_share_one,
    .fit = fit,
    .predict = predict,
    .save = sl_linear_save,
    .load = sl_linear_load,
    .free = sl_linear_free,
};
