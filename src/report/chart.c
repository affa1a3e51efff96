/* The picture from its frame inwards: axes and grid, then what lies behind the curves (bands,
 * lines), the curves, their points, and the texts over all. */
#include "chart.h"

#include <math.h>
#include <stdbool.h>

#include "axis.h"
#include "chart_marks.h"
#include "svg.h"

/* Pixels. */
enum { TITLE_Y = 30, LEGEND_Y = 56, PLOT_HEIGHT = 320, BELOW = 92 };
enum { Y_TITLE_X = 20, TICK = 6, LABEL_GAP = 10, Y_ROOM = 44, X_ROOM = 64 };

/* The picture while it is drawn; the axes frame it. */
struct drawing {
    FILE               *to;
    const struct chart *chart;
    struct axis         x, y;
};

/* --- what the axes span -------------------------------------------------------------------- */

struct extent {
    double low, high; /* low > high: nothing was seen */
};

static void widen(struct extent *extent, double value)
{
    if (!isfinite(value))
        return;
    extent->low = fmin(extent->low, value);
    extent->high = fmax(extent->high, value);
}

static void widen_about(struct extent *extent, double y, double spread)
{
    widen(extent, y);
    widen(extent, y - spread);
    widen(extent, y + spread);
}

static struct extent or_unit(struct extent extent)
{
    return extent.low <= extent.high ? extent : (struct extent){0, 1};
}

static struct extent extent_of_x(const struct chart *chart)
{
    struct extent extent = {INFINITY, -INFINITY};

    for (int i = 0; i < chart->n_points; i++)
        widen(&extent, chart->x[i]);
    if (chart->point.name != NULL)
        widen(&extent, chart->point.x);
    return or_unit(extent);
}

static struct extent extent_of_y(const struct chart *chart)
{
    struct extent extent = {INFINITY, -INFINITY};

    for (int c = 0; c < chart->n_curves; c++)
        for (int i = 0; i < chart->n_points; i++)
            widen_about(&extent, chart->curves[c].y[i], chart->curves[c].spread[i]);
    if (chart->point.name != NULL)
        widen_about(&extent, chart->point.y, chart->point.spread);
    if (chart->level.name != NULL)
        widen(&extent, chart->level.at);
    return or_unit(extent);
}

/* --- axes ---------------------------------------------------------------------------------- */

static void put_x_tick(const struct drawing *d, const struct axis_tick *tick)
{
    const bool            is_small = tick->label[0] == '\0';
    const double          bottom = d->y.at_low;
    const struct svg_text how = {
        .x = tick->at, .y = bottom + 20, .anchor = SVG_MIDDLE, .size = CHART_TEXT};

    if (!is_small) {
        svg_put_line(d->to, tick->at, bottom, tick->at, d->y.at_high, "stroke=\"" CHART_FAINT "\"");
        svg_put_text(d->to, &how, tick->label);
    }
    svg_put_line(d->to, tick->at, bottom, tick->at, bottom + (is_small ? TICK / 2 : TICK),
                 "stroke=\"" CHART_INK "\"");
}

static void put_y_tick(const struct drawing *d, const struct axis_tick *tick)
{
    const double          left = d->x.at_low;
    const struct svg_text how = {
        .x = left - LABEL_GAP, .y = tick->at + 4.5, .anchor = SVG_END, .size = CHART_TEXT};

    svg_put_line(d->to, left, tick->at, CHART_RIGHT, tick->at, "stroke=\"" CHART_FAINT "\"");
    svg_put_line(d->to, left - TICK, tick->at, left, tick->at, "stroke=\"" CHART_INK "\"");
    svg_put_text(d->to, &how, tick->label);
}

static double widest(const struct axis_tick *ticks, int n)
{
    double width = 0;

    for (int i = 0; i < n; i++)
        width = fmax(width, svg_text_width(ticks[i].label, CHART_TEXT));
    return width;
}

/* Where labels of the y axis need more room than usual it stands further to the right. */
static double left_of(const struct axis *y)
{
    struct axis_tick ticks[AXIS_MOST_TICKS];
    const int        n = axis_ticks(y, Y_ROOM, ticks);

    return fmax(CHART_LEFT, Y_TITLE_X + 2 * LABEL_GAP + widest(ticks, n));
}

static int x_ticks(const struct axis *x, struct axis_tick *ticks)
{
    const int    n = axis_ticks(x, X_ROOM, ticks);
    const double room = widest(ticks, n) + 2 * LABEL_GAP;

    return room > X_ROOM ? axis_ticks(x, room, ticks) : n;
}

static void put_axes(const struct drawing *d)
{
    const double          bottom = d->y.at_low, top = d->y.at_high;
    const struct svg_text x_title = {.x = 0.5 * (d->x.at_low + CHART_RIGHT),
                                     .y = bottom + 46,
                                     .anchor = SVG_MIDDLE,
                                     .size = CHART_TEXT + 1,
                                     .most = 90};
    const struct svg_text y_title = {.x = Y_TITLE_X,
                                     .y = 0.5 * (bottom + top),
                                     .anchor = SVG_MIDDLE,
                                     .size = CHART_TEXT + 1,
                                     .turn = -90,
                                     .most = 45};
    struct axis_tick      ticks[AXIS_MOST_TICKS];
    int                   n = axis_ticks(&d->y, Y_ROOM, ticks);

    for (int i = 0; i < n; i++)
        put_y_tick(d, &ticks[i]);
    n = x_ticks(&d->x, ticks);
    for (int i = 0; i < n; i++)
        put_x_tick(d, &ticks[i]);
    fprintf(d->to, "<path d=\"M%.2f %.2fV%.2fH%d\" fill=\"none\" stroke=\"" CHART_INK "\"/>\n",
            d->x.at_low, top, bottom, CHART_RIGHT);
    svg_put_text(d->to, &x_title, d->chart->x_title);
    svg_put_text(d->to, &y_title, d->chart->y_title);
}

/* --- curves -------------------------------------------------------------------------------- */

static double x_at(const struct drawing *d, int i)
{
    return axis_place(&d->x, d->chart->x[i]);
}

/* Where a number lies, kept within the frame: a spread may be larger than any number. */
static double y_at(const struct drawing *d, double y)
{
    return axis_place(&d->y, fmin(fmax(y, d->y.low), d->y.high));
}

/* Whether there is something to draw at a point. */
static bool has_point(const struct drawing *d, const struct chart_curve *curve, int i)
{
    return isfinite(curve->y[i]) && isfinite(d->chart->x[i]);
}

/* The end of the run of points without a gap that begins at i. */
static int run_end(const struct drawing *d, const struct chart_curve *curve, int i)
{
    while (i < d->chart->n_points && has_point(d, curve, i))
        i++;
    return i;
}

static double spread_at(const struct chart_curve *curve, int i)
{
    return isnan(curve->spread[i]) ? 0 : curve->spread[i];
}

static void put_band_run(const struct drawing *d, const struct chart_curve *curve, int from, int to)
{
    chart_begin_band(d->to, curve->style);
    for (int i = from; i < to; i++)
        svg_put_point(d->to, i == from ? 'M' : 'L', x_at(d, i),
                      y_at(d, curve->y[i] + spread_at(curve, i)));
    for (int i = to - 1; i >= from; i--)
        svg_put_point(d->to, 'L', x_at(d, i), y_at(d, curve->y[i] - spread_at(curve, i)));
    fputs("z\"/>\n", d->to);
}

/* About one point: a bar with ends. */
static void put_bar(const struct drawing *d, double x, double y, double spread)
{
    const double high = y_at(d, y + spread), low = y_at(d, y - spread);

    if (!isfinite(spread) || spread <= 0)
        return;
    fprintf(d->to,
            "<path d=\"M%.2f %.2fV%.2fM%.2f %.2fh8M%.2f %.2fh8\" fill=\"none\" "
            "stroke=\"" CHART_INK "\" stroke-width=\"1.2\"/>\n",
            x, high, low, x - 4, high, x - 4, low);
}

static void put_bands(const struct drawing *d, const struct chart_curve *curve)
{
    for (int i = 0, end; i<d->chart->n_points; i = end> i ? end : i + 1) {
        end = run_end(d, curve, i);
        if (end > i + 1)
            put_band_run(d, curve, i, end);
        else if (end == i + 1)
            put_bar(d, x_at(d, i), curve->y[i], spread_at(curve, i));
    }
}

static void put_curve(const struct drawing *d, const struct chart_curve *curve)
{
    bool is_begun = false;

    for (int i = 0, end; i<d->chart->n_points; i = end> i ? end : i + 1) {
        end = run_end(d, curve, i);
        if (end == i)
            continue;
        if (!is_begun)
            fputs("<path d=\"", d->to);
        is_begun = true;
        for (int k = i; k < end; k++)
            svg_put_point(d->to, k == i ? 'M' : 'L', x_at(d, k), y_at(d, curve->y[k]));
    }
    if (is_begun) {
        fputs("\" ", d->to);
        chart_put_stroke(d->to, curve->style);
        fputs("/>\n", d->to);
    }
    for (int i = 0; i < d->chart->n_points; i++)
        if (has_point(d, curve, i))
            chart_put_mark(d->to, curve->style, x_at(d, i), y_at(d, curve->y[i]));
}

/* --- lines and the single point ------------------------------------------------------------ */

/* The name stands where there is more room, on white, so that nothing crosses it. */
static void put_upright(const struct drawing *d, const struct chart_line *line)
{
    const double          x = axis_place(&d->x, line->at);
    const double          top = d->y.at_high;
    const double          width = 0.92 * svg_text_width(line->name, CHART_TEXT) + 8;
    const bool            is_left = x > 0.5 * (d->x.at_low + d->x.at_high);
    const struct svg_text how = {.x = is_left ? x - 6 : x + 6,
                                 .y = top + 14,
                                 .anchor = is_left ? SVG_END : SVG_START,
                                 .size = CHART_TEXT};

    svg_put_line(d->to, x, d->y.at_low, x, top,
                 "stroke=\"" CHART_INK "\" stroke-width=\"1.2\" stroke-dasharray=\"6 3\"");
    fprintf(d->to, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"18\" fill=\"#fff\"/>\n",
            is_left ? x - 2 - width : x + 2, top, width);
    svg_put_text(d->to, &how, line->name);
}

static void put_single(const struct drawing *d, const struct chart_point *point)
{
    const double x = axis_place(&d->x, point->x);

    put_bar(d, x, point->y, point->spread);
    chart_put_diamond(d->to, x, y_at(d, point->y));
}

static void put_texts(const struct drawing *d)
{
    const struct svg_text title = {.x = 0.5 * CHART_WIDTH,
                                   .y = TITLE_Y,
                                   .anchor = SVG_MIDDLE,
                                   .size = 17,
                                   .most = 74,
                                   .is_bold = true};
    const struct svg_text note = {.x = CHART_RIGHT,
                                  .y = d->y.at_low + 74,
                                  .anchor = SVG_END,
                                  .size = CHART_SMALL_TEXT,
                                  .fill = CHART_SOFT,
                                  .most = 118};

    svg_put_text(d->to, &title, d->chart->title);
    svg_put_text(d->to, &note, d->chart->note);
}

/* Room above the highest number, where the name of the mark stands. */
static struct axis y_axis(const struct chart *chart)
{
    const struct extent extent = extent_of_y(chart);
    struct axis         axis = axis_over(extent.low, extent.high, 0.06, false);
    const double        room = 0.08 * (axis.high - axis.low);

    if (isfinite(room) && axis.high < 1e308)
        axis.high += room;
    return axis;
}

void chart_print(FILE *to, const struct chart *chart)
{
    const struct extent   x = extent_of_x(chart);
    const double          top = chart_legend_end(chart, LEGEND_Y);
    const struct svg_head head = {CHART_WIDTH, top + PLOT_HEIGHT + BELOW, chart->title,
                                  chart->description, chart->metadata};
    struct drawing        d = {to, chart, axis_over(x.low, x.high, 0.04, true), y_axis(chart)};

    svg_begin(to, &head);
    chart_put_legend(to, chart, LEGEND_Y);
    d.x.is_whole = chart->x_is_whole;
    d.y.at_low = top + PLOT_HEIGHT;
    d.y.at_high = top;
    d.x.at_low = left_of(&d.y);
    d.x.at_high = CHART_RIGHT;
    put_axes(&d);
    for (int c = 0; c < chart->n_curves; c++)
        put_bands(&d, &chart->curves[c]);
    if (chart->level.name != NULL && isfinite(chart->level.at))
        chart_put_level(to, d.x.at_low, CHART_RIGHT, y_at(&d, chart->level.at));
    if (chart->mark.name != NULL && isfinite(chart->mark.at))
        put_upright(&d, &chart->mark);
    for (int c = 0; c < chart->n_curves; c++)
        put_curve(&d, &chart->curves[c]);
    if (chart->point.name != NULL && isfinite(chart->point.y))
        put_single(&d, &chart->point);
    put_texts(&d);
    svg_end(to);
}
