/* Blue and orange stay apart in every kind of colour blindness; being a dark blue and a light
 * orange they do in grey; and lines and marks differ besides. */
#include "chart_marks.h"

#include "svg.h"

struct look {
    const char *colour;
    const char *band;   /* the colour in the light, so that nothing need be transparent */
    const char *dashes; /* of the line, as an attribute */
    const char *inside; /* of the marks */
};

static const struct look looks[] = {
    [CHART_DASHED] = {"#cf7a00", "#f5c26b", " stroke-dasharray=\"8 4\"", "#fff"},
    [CHART_SOLID] = {"#004f8a", "#7fb2dc", "", "#004f8a"},
};

void chart_put_stroke(FILE *to, enum chart_style style)
{
    fprintf(to, "fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-linejoin=\"round\"%s",
            looks[style].colour, looks[style].dashes);
}

void chart_begin_band(FILE *to, enum chart_style style)
{
    fprintf(to, "<path fill=\"%s\" fill-opacity=\"0.45\" d=\"", looks[style].band);
}

void chart_put_mark(FILE *to, enum chart_style style, double x, double y)
{
    const struct look *look = &looks[style];

    if (style == CHART_SOLID)
        fprintf(to, "<rect x=\"%.2f\" y=\"%.2f\" width=\"7\" height=\"7\"", x - 3.5, y - 3.5);
    else
        fprintf(to, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"3.8\"", x, y);
    fprintf(to, " fill=\"%s\" stroke=\"%s\" stroke-width=\"1.6\"/>\n", look->inside, look->colour);
}

void chart_put_diamond(FILE *to, double x, double y)
{
    fprintf(to,
            "<path d=\"M%.2f %.2fl6.5 6.5l-6.5 6.5l-6.5 -6.5z\" fill=\"" CHART_INK
            "\" stroke=\"#fff\"/>\n",
            x, y - 6.5);
}

void chart_put_level(FILE *to, double x1, double x2, double y)
{
    svg_put_line(to, x1, y, x2, y,
                 "stroke=\"" CHART_SOFT "\" stroke-width=\"1.2\" stroke-dasharray=\"2 3\"");
}
