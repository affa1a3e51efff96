/* Round numbers at an axis.  Powers of ten are read from decimal texts, so that a tick is the
 * double nearest to what is written at it. */
#include "axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/numeric.h"

#define LEAST_SIZE 1e-290
#define MOST_STEP  1e308
#define LOG_OF_TEN 2.302585092994045684

enum { LEAST_POWER = -307, MOST_POWER = 308 };

/* The same last digits on every machine, which the C library's own does not promise. */
static double log10_of(double x)
{
    double y;

    sl_log_many(&x, 1, &y);
    return y / LOG_OF_TEN;
}

static double power_of_ten(int power)
{
    char text[16];

    snprintf(text, sizeof text, "1e%d",
             power < LEAST_POWER ? LEAST_POWER : (power > MOST_POWER ? MOST_POWER : power));
    return strtod(text, NULL);
}

/* The greatest power of ten that is not above x > 0. */
static int power_below(double x)
{
    int power = (int)floor(log10_of(x));

    while (power > LEAST_POWER && power_of_ten(power) > x)
        power--;
    while (power < MOST_POWER && power_of_ten(power + 1) <= x)
        power++;
    return power;
}

static double on_scale(const struct axis *axis, double value)
{
    return axis->is_log ? log10_of(value) : 0.5 * value; /* halves: a difference is finite */
}

struct axis axis_over(double low, double high, double room, bool may_be_log)
{
    struct axis axis = {.low = low, .high = high};
    double      width;

    axis.is_log = may_be_log && low > 0 && high > 10 * low;
    if (axis.is_log) {
        double factor = room * log10_of(high / low) * LOG_OF_TEN;

        sl_exp_many(&factor, 1, &factor);
        axis.low /= factor;
        axis.high *= factor;
        return axis;
    }
    if (!(0.5 * high - 0.5 * low > fmax(1e-12 * fmax(fabs(low), fabs(high)), LEAST_SIZE))) {
        /* as good as one number: some of its own size around it */
        width = fabs(low) > LEAST_SIZE ? 0.1 * fabs(low) : 1;
        axis.low = fmax(low - width, -0.99e308);
        axis.high = fmin(high + width, 0.99e308);
        return axis;
    }
    width = 2 * room * (0.5 * high - 0.5 * low);
    if (low > -1e308 && high < 1e308) {
        axis.low -= width;
        axis.high += width;
    }
    return axis;
}

double axis_place(const struct axis *axis, double value)
{
    const double from = on_scale(axis, axis->low);
    const double share = (on_scale(axis, value) - from) / (on_scale(axis, axis->high) - from);

    return axis->at_low + share * (axis->at_high - axis->at_low);
}

/* "12,345": an integer of a few digits as people write it. */
static void put_grouped(double value, char out[AXIS_LABEL_BYTES])
{
    char digits[32];
    int  n = snprintf(digits, sizeof digits, "%.0f", fabs(value));
    int  at = 0;

    if (value < 0)
        at += snprintf(out, AXIS_LABEL_BYTES, "\xE2\x88\x92");
    for (int i = 0; i < n; i++) {
        out[at++] = digits[i];
        if ((n - i) % 3 == 1 && i + 1 < n)
            out[at++] = ',';
    }
    out[at] = '\0';
}

/* Where digits are `step` apart, those that tell a tick from the next. */
static void put_label(double value, double step, char out[AXIS_LABEL_BYTES])
{
    const double size = fmax(fabs(value), step);
    const int    step_power = power_below(step * (1 + 1e-9));
    char         digits[AXIS_LABEL_BYTES - 3]; /* the minus sign has three bytes */

    if (step_power >= 0 && size < 1e10) {
        put_grouped(value, out);
        return;
    }
    if (value == 0 && (size >= 1e10 || step_power < -8))
        snprintf(digits, sizeof digits, "0");
    else if (size >= 1e10 || step_power < -8)
        snprintf(digits, sizeof digits, "%.*e", power_below(size) - step_power, fabs(value));
    else
        snprintf(digits, sizeof digits, "%.*f", -step_power, fabs(value));
    snprintf(out, AXIS_LABEL_BYTES, "%s%s", value < 0 ? "\xE2\x88\x92" : "", digits);
}

static void add_tick(const struct axis *axis, double value, double step, struct axis_tick *ticks,
                     int *n)
{
    struct axis_tick *tick = &ticks[*n];

    if (*n == AXIS_MOST_TICKS || value < axis->low || value > axis->high)
        return;
    tick->value = value;
    tick->at = axis_place(axis, value);
    tick->label[0] = '\0';
    if (step > 0)
        put_label(value, step, tick->label);
    ++*n;
}

/* The least of 1, 2 and 5 times a power of ten that is not below x. */
static double round_step(double x)
{
    static const double factors[] = {1, 2, 5};
    const double        power = power_of_ten(power_below(fmax(x, 1e-300)));

    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        if (factors[i] * power >= x * (1 - 1e-12))
            return fmin(factors[i] * power, MOST_STEP);
    return fmin(10 * power, MOST_STEP);
}

static int linear_ticks(const struct axis *axis, double room, struct axis_tick *ticks)
{
    const double n_most = fmax(1, fabs(axis->at_high - axis->at_low) / room);
    const double least = axis->high / n_most - axis->low / n_most;
    const double step = round_step(axis->is_whole ? fmax(least, 1) : least);
    const double first = ceil(axis->low / step);
    int          n = 0;

    for (int i = 0; n < AXIS_MOST_TICKS; i++) {
        const double value = (first + i) * step;

        if (!(value <= axis->high))
            break;
        add_tick(axis, value == 0 ? 0 : value, step, ticks, &n);
    }
    return n;
}

static int log_ticks(const struct axis *axis, double room, struct axis_tick *ticks)
{
    const int    first = power_below(axis->low), last = power_below(axis->high);
    const double decade = fabs(axis->at_high - axis->at_low) / log10_of(axis->high / axis->low);
    const int    by = (int)ceil(room / decade);   /* decades from label to label */
    const bool   has_room = 0.3 * decade >= room; /* between 1 and 2, and between 5 and 10 */
    int          n = 0;

    for (int power = first; power <= last; power++) {
        const double ten = power_of_ten(power);

        for (int k = 1; k <= 9 && (k == 1 || last - first < AXIS_MOST_TICKS / 9); k++) {
            const bool is_labelled = k == 1 ? power % by == 0 : has_room && (k == 2 || k == 5);

            add_tick(axis, k * ten, is_labelled ? ten : 0, ticks, &n);
        }
    }
    return n;
}

int axis_ticks(const struct axis *axis, double room, struct axis_tick *ticks)
{
    return axis->is_log ? log_ticks(axis, room, ticks) : linear_ticks(axis, room, ticks);
}
