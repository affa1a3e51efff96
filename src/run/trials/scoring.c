/* What fits are judged by: which score suits an estimator, and its value among all that was
 * measured.  The greater, the better, as scikit-learn's scorers have it. */
#include <math.h>

#include "trials.h"

static bool is_of_numbers(enum sl_scoring scoring)
{
    return scoring >= SL_SCORING_R2;
}

sl_status trial_scoring(const struct run *run, const char *section, enum sl_scoring asked,
                        enum sl_scoring *scoring, struct sl_error *err)
{
    const struct sl_model_ops *ops = run->estimator;

    *scoring = asked;
    if (asked == SL_SCORING_DEFAULT)
        *scoring = ops->is_classifier ? SL_SCORING_ACCURACY : SL_SCORING_R2;
    if (*scoring == SL_SCORING_NEG_POISSON_DEVIANCE && !ops->is_classifier &&
        ops->deviance != SL_DEVIANCE_POISSON)
        return sl_fail(err, SL_EJOB, "$.%s.scoring: '%s' is for estimators of counts, not '%s'",
                       section, sl_scoring_names[*scoring], ops->name);
    if (is_of_numbers(*scoring) != ops->is_classifier)
        return SL_OK;
    return sl_fail(err, SL_EJOB, "$.%s.scoring: '%s' judges %s, and '%s' predicts %s", section,
                   sl_scoring_names[*scoring], ops->is_classifier ? "numbers" : "classes",
                   ops->name, ops->is_classifier ? "classes" : "numbers");
}

double trial_score(const struct sl_weighed *judged, enum sl_scoring scoring)
{
    switch (scoring) {
    case SL_SCORING_ACCURACY:
        return judged->classes.accuracy;
    case SL_SCORING_NEG_LOG_LOSS:
        return -judged->classes.log_loss;
    case SL_SCORING_ROC_AUC:
        return judged->classes.roc_auc;
    case SL_SCORING_NEG_BRIER:
        return -judged->classes.brier;
    case SL_SCORING_R2:
        return judged->numbers.r2;
    case SL_SCORING_NEG_RMSE:
        return -judged->numbers.rmse;
    case SL_SCORING_NEG_MSE:
        return -(judged->numbers.rmse * judged->numbers.rmse);
    case SL_SCORING_NEG_MAE:
        return -judged->numbers.mae;
    case SL_SCORING_NEG_POISSON_DEVIANCE:
        return -judged->numbers.deviance;
    case SL_SCORING_DEFAULT:
    case SL_N_SCORINGS:
        break;
    }
    return (double)NAN;
}

double trial_best_score(enum sl_scoring scoring)
{
    const bool is_share =
        scoring == SL_SCORING_ACCURACY || scoring == SL_SCORING_ROC_AUC || scoring == SL_SCORING_R2;

    return is_share ? 1 : 0;
}
