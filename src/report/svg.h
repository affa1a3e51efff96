/* Pieces of a picture as SVG 1.1: valid XML whatever the texts hold, and the same bytes everywhere,
 * places being rounded to hundredths of a pixel. */
#ifndef SCORELINE_REPORT_SVG_H
#define SCORELINE_REPORT_SVG_H

#include <stdio.h>

/* Where a text stands from. */
enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

struct svg_text {
    double          x, y; /* of the base line; pixels, y downwards */
    enum svg_anchor anchor;
    double          size; /* of the letters, pixels */
    double          turn; /* degrees, about (x, y) */
    const char     *fill; /* a colour */
    int             most; /* characters, the last one an ellipsis where there are more; 0: all */
    int             is_bold;
};

/** The head of the file, on white; `title` and `description` are for those who cannot see it,
 *  `metadata` is for programs. */
struct svg_head {
    double      width, height;
    const char *title, *description, *metadata;
};
void svg_begin(FILE *to, const struct svg_head *head);
void svg_end(FILE *to);

/** A text.  What XML cannot hold (control characters, bytes that are no UTF-8) becomes U+FFFD. */
void svg_put_text(FILE *to, const struct svg_text *how, const char *text);

/** About how wide a text is.  Units: pixels, of letters of a size; wide rather than narrow. */
double svg_text_width(const char *text, double size);

/** The next point of a path; `command` is 'M' (move there) or 'L' (draw a line there). */
void svg_put_point(FILE *to, char command, double x, double y);

/** A line, `style` being further attributes. */
void svg_put_line(FILE *to, double x1, double y1, double x2, double y2, const char *style);

#endif
