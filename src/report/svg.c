/* SVG, written piece by piece.  Only what every viewer and printer has: paths, rectangles, texts;
 * no style sheet, no script, no font that is not named by its family. */
#include "svg.h"

#include <stdbool.h>
#include <string.h>

#include "layout.h"
#include "scoreline/text.h"

/* Bytes that a character of UTF-8 takes by its first one; 1 where that is none. */
static size_t character_bytes(unsigned char first)
{
    if (first >= 0xF0)
        return 4;
    if (first >= 0xE0)
        return 3;
    return first >= 0xC0 ? 2 : 1;
}

/* Whether XML 1.0 has a character of UTF-8; control characters it has not, nor U+FFFE and U+FFFF.
 */
static bool is_of_xml(struct sl_slice character)
{
    const unsigned char first = (unsigned char)character.data[0];

    if (!sl_slice_is_utf8(character))
        return false;
    if (first < ' ')
        return first == '\t' || first == '\n' || first == '\r';
    return character.n_bytes != 3 || (memcmp(character.data, "\xEF\xBF\xBE", 3) != 0 &&
                                      memcmp(character.data, "\xEF\xBF\xBF", 3) != 0);
}

static void put_character(FILE *to, struct sl_slice character)
{
    switch (character.data[0]) {
    case '<':
        fputs("&lt;", to);
        break;
    case '>':
        fputs("&gt;", to);
        break;
    case '&':
        fputs("&amp;", to);
        break;
    case '"':
        fputs("&quot;", to);
        break;
    default:
        fwrite(character.data, 1, character.n_bytes, to);
    }
}

static void put_escaped(FILE *to, const char *text, int most)
{
    const bool   is_cut = most > 0 && layout_width(text) > most;
    const size_t n = strlen(text);
    int          n_left = is_cut ? most - 1 : layout_width(text) + 1;

    for (size_t i = 0; i < n && n_left > 0; n_left--) {
        struct sl_slice one = {text + i, character_bytes((unsigned char)text[i])};

        if (one.n_bytes > n - i || !is_of_xml(one)) {
            one.n_bytes = 1;
            while ((text[i + one.n_bytes] & 0xC0) == 0x80) /* the rest of what is none */
                one.n_bytes++;
            fputs("\xEF\xBF\xBD", to);
        } else {
            put_character(to, one);
        }
        i += one.n_bytes;
    }
    if (is_cut)
        fputs("\xE2\x80\xA6", to);
}

static void put_element(FILE *to, const char *name, const char *text)
{
    fprintf(to, "<%s>", name);
    put_escaped(to, text, 0);
    fprintf(to, "</%s>\n", name);
}

void svg_begin(FILE *to, const struct svg_head *head)
{
    fprintf(to,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
            "viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, Arial, 'DejaVu Sans', "
            "sans-serif\" role=\"img\">\n",
            head->width, head->height, head->width, head->height);
    put_element(to, "title", head->title);
    put_element(to, "desc", head->description);
    put_element(to, "metadata", head->metadata);
    fprintf(to, "<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>\n", head->width,
            head->height);
}

void svg_end(FILE *to)
{
    fputs("</svg>\n", to);
}

void svg_put_text(FILE *to, const struct svg_text *how, const char *text)
{
    static const char *const anchors[] = {
        [SVG_START] = "start", [SVG_MIDDLE] = "middle", [SVG_END] = "end"};

    fprintf(to, "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%g\" text-anchor=\"%s\" fill=\"%s\"",
            how->x, how->y, how->size, anchors[how->anchor],
            how->fill != NULL ? how->fill : "#000");
    if (how->is_bold)
        fputs(" font-weight=\"bold\"", to);
    if (how->turn != 0)
        fprintf(to, " transform=\"rotate(%g %.2f %.2f)\"", how->turn, how->x, how->y);
    fputc('>', to);
    put_escaped(to, text, how->most);
    fputs("</text>\n", to);
}

double svg_text_width(const char *text, double size)
{
    return 0.56 * size * layout_width(text);
}

void svg_put_point(FILE *to, char command, double x, double y)
{
    fprintf(to, "%c%.2f %.2f", command, x, y);
}

void svg_put_line(FILE *to, double x1, double y1, double x2, double y2, const char *style)
{
    fprintf(to, "<path d=\"M%.2f %.2fL%.2f %.2f\" fill=\"none\" %s/>\n", x1, y1, x2, y2, style);
}
