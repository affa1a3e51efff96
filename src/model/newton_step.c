/* A Newton step is made with the Hessian at hand for as long as that is the cheaper way to the last
 * digits, and tried at full length together with what the next one needs. */
#include "newton_step.h"

#include <float.h>
#include <math.h>

enum { MAX_HALVINGS = 60 };

const double sl_step_noise = 4.0 * DBL_EPSILON;

void sl_step_derive(struct sl_newton *s)
{
    s->objective = sl_loss_derive(&s->loss, s->theta, s->gradient, s->system.hessian);
    s->is_stale = false;
    s->has_step = false;
}

void sl_step_derive_gradient(struct sl_newton *s)
{
    s->objective = sl_loss_derive(&s->loss, s->theta, s->gradient, NULL);
    s->is_stale = true;
    s->has_step = false;
}

static bool measure_step(struct sl_newton *s)
{
    double slope = 0.0;

    sl_loss_settle(&s->loss, s->step);
    for (size_t j = 0; j < s->n; j++)
        slope += s->step[j] * s->gradient[j];
    s->decrement = -slope;
    return isfinite(slope) && slope <= 0.0;
}

/* How long a step is, in units in which about 1 changes the model. */
static double step_size(const struct sl_newton *s)
{
    return sqrt(s->decrement / fabs(s->objective));
}

/* Whether the factor at hand is the cheaper one for steps of that size that shrink at that rate.
 *
 * A pass that makes a Hessian costs several that make a gradient only.  With the Hessian of a place
 * a distance away, steps shrink by about that distance each; with one made now, by the size of the
 * step.  So it is better made later if the passes that this saves at the end are more than the one
 * it takes until then, and not at all if the factor will do to the last digits. */
static bool is_factor_good(const struct sl_newton *s, double size, double rate)
{
    const double columns_per_pass = 50.0; /* that make a Hessian dearer by a pass, measured */
    const double pairs = (double)s->loss.n_pairs / (double)s->loss.n_outputs;
    const double hessian = 1.0 + pairs * (double)s->loss.inner.n_columns / columns_per_pass;
    const double digits = log(size / DBL_EPSILON);
    double       now, later, never;

    if (digits <= 0.0)
        return true;
    if (!(size < 0.5) || !(rate < 0.5))
        return false;
    now = digits / -log(size);
    later = (digits + log(rate)) / -log(size * rate);
    never = digits / -log(rate);
    return later + 1.0 < now || never < hessian + now;
}

/* With the factor of another place; the rate is told by what has become of the last step. */
static bool find_step_again(struct sl_newton *s)
{
    const double last = s->decrement;

    if (!s->system.is_factored || !sl_system_solve(&s->system, s->gradient, s->step) ||
        !measure_step(s))
        return false;
    if (last > 0.0)
        s->rate = sqrt(s->decrement / last);
    if (s->fresh_size > 0.0)
        s->bend = fmax(1.0, s->rate / s->fresh_size);
    s->fresh_size = 0.0;
    return is_factor_good(s, step_size(s), s->rate);
}

bool sl_step_find(struct sl_newton *s, double cut)
{
    if (cut == 0.0 && s->has_step)
        return true;
    if (cut == 0.0 && s->is_stale && find_step_again(s)) {
        s->has_step = true;
        return true;
    }
    if (s->is_stale)
        sl_step_derive(s);
    s->has_step = false;
    if (cut > 0.0)
        return sl_system_solve_cut(&s->system, cut, s->gradient, s->step) && measure_step(s);
    s->has_step = sl_system_factor(&s->system) &&
                  sl_system_solve(&s->system, s->gradient, s->step) && measure_step(s);
    s->fresh_size = s->has_step ? step_size(s) : 0.0;
    s->rate = s->has_step ? s->bend * s->fresh_size : 1.0;
    return s->has_step;
}

bool sl_step_is_next_cheap(const struct sl_newton *s)
{
    return s->has_step && is_factor_good(s, step_size(s) * s->rate, s->rate);
}

/* The shorter step to try after `length` gave `objective`: the least of the parabola through what
 * is known, but within reason.  An objective that overflowed says only that it was far too long. */
static double shorten(const struct sl_newton *s, double length, double objective)
{
    double rise = objective - s->objective + length * s->decrement;
    double best = 0.5 * length * length * s->decrement / rise;

    if (!isfinite(objective) || !(best > 0.1 * length))
        return 0.1 * length;
    return best < 0.5 * length ? best : 0.5 * length;
}

/* The objective at `trial`, and all that a step from there needs if it is likely to be taken. */
static double try_step(struct sl_newton *s, double length, bool likely)
{
    for (size_t j = 0; j < s->n; j++)
        s->trial[j] = s->theta[j] + length * s->step[j];
    if (!likely)
        return sl_loss_derive(&s->loss, s->trial, NULL, NULL);
    if (length == 1.0 && sl_step_is_next_cheap(s))
        return sl_loss_derive(&s->loss, s->trial, s->trial_gradient, NULL);
    return sl_loss_derive(&s->loss, s->trial, s->trial_gradient, s->system.hessian);
}

bool sl_step_search(struct sl_newton *s)
{
    const double share = 1e-4;
    const bool   is_cheap = sl_step_is_next_cheap(s);
    double       noise = sl_step_noise * fabs(s->objective);
    double       length = 1.0;

    for (int i = 0; i < MAX_HALVINGS; i++) {
        double objective = try_step(s, length, i == 0);

        s->is_stale = true;
        if (objective <= s->objective - share * length * s->decrement + noise) {
            if (!(objective < s->objective))
                return false;
            s->objective = i == 0 ? objective : try_step(s, length, true);
            s->is_stale = i == 0 && is_cheap;
            return true;
        }
        length = shorten(s, length, objective);
    }
    return false;
}
