/* A chart of curves with the spread about them, as SVG, to be printed as well as to be seen: black
 * on white, curves that differ by their lines and marks as by their colours, and colours that
 * differ for the colour-blind and in grey. */
#ifndef SCORELINE_REPORT_CHART_H
#define SCORELINE_REPORT_CHART_H

#include <stdbool.h>
#include <stdio.h>

/* How a curve looks; the legend shows it. */
enum chart_style { CHART_DASHED, CHART_SOLID };

/* A curve through points; where y is not finite there is a gap. */
struct chart_curve {
    const char      *name;
    enum chart_style style;
    const double    *y;      /* [n_points] */
    const double    *spread; /* [n_points], drawn as a band y +- spread */
};

/* One point that stands for itself. */
struct chart_point {
    const char *name; /* NULL: there is none */
    double      x, y, spread;
};

/* A line through the whole chart at a number, and what is written at it or in the legend. */
struct chart_line {
    const char *name; /* NULL: there is none */
    double      at;
};

struct chart {
    const char               *title;
    const char               *description; /* in words, for those who cannot see it */
    const char               *metadata;    /* what it is, for programs */
    const char               *note;        /* small, below */
    const char               *x_title;
    const char               *y_title;
    bool                      x_is_whole; /* as counts are */
    int                       n_points;
    const double             *x; /* [n_points], ascending; a logarithmic axis if that suits them */
    int                       n_curves;
    const struct chart_curve *curves;
    const char               *band; /* what bands are, for the legend */
    struct chart_point        point;
    struct chart_line         mark;  /* upright, at an x; the name stands beside it */
    struct chart_line         level; /* level, at a y; the name is in the legend */
};

/** The picture.  Numbers that are not finite are not drawn; with none left the axes stand alone. */
void chart_print(FILE *to, const struct chart *chart);

#endif
