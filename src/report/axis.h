/* The axis of a chart: a range of numbers, where they lie, and round ones to write at it. */
#ifndef SCORELINE_REPORT_AXIS_H
#define SCORELINE_REPORT_AXIS_H

#include <stdbool.h>

enum { AXIS_MOST_TICKS = 64, AXIS_LABEL_BYTES = 48 };

struct axis {
    bool   is_log;
    bool   is_whole;  /* no ticks between whole numbers */
    double low, high; /* numbers at the ends, low < high */
    double at_low;    /* where they lie; pixels */
    double at_high;
};

struct axis_tick {
    double value;
    double at;
    char   label[AXIS_LABEL_BYTES]; /* "": a small tick between those with one */
};

/**
 * An axis over numbers from `low` to `high`, which may be equal, with `room` beyond both, as a
 * share of the length.  It is logarithmic if that is allowed and the numbers are positive and span
 * more than a decade.
 */
struct axis axis_over(double low, double high, double room, bool may_be_log);

/** Where a number lies. */
double axis_place(const struct axis *axis, double value);

/**
 * Ticks at round numbers: multiples of 1, 2 or 5 times a power of ten, or on a logarithmic axis
 * powers of ten, with 2 and 5 times them where there is room.
 *
 * Shapes:  ticks [AXIS_MOST_TICKS].
 * Units:   room, from label to label at least: pixels.
 * Returns: how many there are.
 */
int axis_ticks(const struct axis *axis, double room, struct axis_tick *ticks);

#endif
