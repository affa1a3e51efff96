/* What curves, points and bands look like, the same in the chart and in its legend.  For chart.c
 * and chart_legend.c. */
#ifndef SCORELINE_REPORT_CHART_MARKS_H
#define SCORELINE_REPORT_CHART_MARKS_H

#include <stdio.h>

#include "chart.h"

/* Pixels. */
enum {
    CHART_WIDTH = 760,
    CHART_LEFT = 84, /* of legend and axes, where no label is wide */
    CHART_RIGHT = 736,
    CHART_TEXT = 13,
    CHART_SMALL_TEXT = 11,
};

#define CHART_INK   "#000"
#define CHART_SOFT  "#555"
#define CHART_FAINT "#ddd"

/** The attributes of a curve's line. */
void chart_put_stroke(FILE *to, enum chart_style style);
/** Begin a path that is filled as a band of a style is; what follows is its points and "\"/>". */
void chart_begin_band(FILE *to, enum chart_style style);
/** The mark at a point of a curve. */
void chart_put_mark(FILE *to, enum chart_style style, double x, double y);
/** The mark of a point that stands for itself. */
void chart_put_diamond(FILE *to, double x, double y);
/** A level line. */
void chart_put_level(FILE *to, double x1, double x2, double y);

/** The legend, its first line about y = `top`; and where it ends. */
void   chart_put_legend(FILE *to, const struct chart *chart, double top);
double chart_legend_end(const struct chart *chart, double top);

#endif
