/* The legend: a sample of everything that is drawn, and its name; as many lines as that takes. */
#include <stddef.h>

#include "chart_marks.h"
#include "svg.h"

enum { SAMPLE_WIDTH = 36, NAME_GAP = 8, ENTRY_GAP = 22, LINE_STEP = 21, MOST_OF_A_NAME = 70 };
enum { BASE_LINE = 5 }; /* of a text, below the middle of its line */

/* Where the next entry goes; one that does not fit the line begins another. */
struct place {
    double x, y;
};

static struct place take_place(struct place *next, const char *name)
{
    const double width = SAMPLE_WIDTH + NAME_GAP + svg_text_width(name, CHART_TEXT);
    struct place here;

    if (next->x > CHART_LEFT && next->x + width > CHART_RIGHT) {
        next->x = CHART_LEFT;
        next->y += LINE_STEP;
    }
    here = *next;
    next->x += width + ENTRY_GAP;
    return here;
}

static void put_name(FILE *to, struct place at, const char *name)
{
    const struct svg_text how = {.x = at.x + SAMPLE_WIDTH + NAME_GAP,
                                 .y = at.y + BASE_LINE,
                                 .size = CHART_TEXT,
                                 .most = MOST_OF_A_NAME};

    svg_put_text(to, &how, name);
}

static void put_curve(FILE *to, const struct chart_curve *curve, struct place at)
{
    fprintf(to, "<path d=\"M%.2f %.2fh%d\" ", at.x, at.y, SAMPLE_WIDTH);
    chart_put_stroke(to, curve->style);
    fputs("/>\n", to);
    chart_put_mark(to, curve->style, at.x + SAMPLE_WIDTH / 2.0, at.y);
    put_name(to, at, curve->name);
}

/* Those of all curves, side by side. */
static void put_band(FILE *to, const struct chart *chart, struct place at)
{
    const double width = (double)SAMPLE_WIDTH / chart->n_curves;

    for (int c = 0; c < chart->n_curves; c++) {
        chart_begin_band(to, chart->curves[c].style);
        fprintf(to, "M%.2f %.2fh%.2fv12h-%.2fz\"/>\n", at.x + c * width, at.y - 6, width, width);
    }
    put_name(to, at, chart->band);
}

/* Entry after entry; where `to` is NULL nothing is drawn, only the places are taken. */
static double put_all(FILE *to, const struct chart *chart, double top)
{
    struct place next = {CHART_LEFT, top}, at;

    for (int c = 0; c < chart->n_curves; c++) {
        at = take_place(&next, chart->curves[c].name);
        if (to != NULL)
            put_curve(to, &chart->curves[c], at);
    }
    if (chart->band != NULL) {
        at = take_place(&next, chart->band);
        if (to != NULL)
            put_band(to, chart, at);
    }
    if (chart->level.name != NULL) {
        at = take_place(&next, chart->level.name);
        if (to != NULL) {
            chart_put_level(to, at.x, at.x + SAMPLE_WIDTH, at.y);
            put_name(to, at, chart->level.name);
        }
    }
    if (chart->point.name != NULL) {
        at = take_place(&next, chart->point.name);
        if (to != NULL) {
            chart_put_diamond(to, at.x + SAMPLE_WIDTH / 2.0, at.y);
            put_name(to, at, chart->point.name);
        }
    }
    return next.y + LINE_STEP;
}

double chart_legend_end(const struct chart *chart, double top)
{
    return put_all(NULL, chart, top);
}

void chart_put_legend(FILE *to, const struct chart *chart, double top)
{
    put_all(to, chart, top);
}
