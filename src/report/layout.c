/* Tables whose widths come from what is in them: every cell is made twice, once to be measured and
 * once to be printed, so that nothing is kept. */
#include "layout.h"

#include <math.h>
#include <string.h>

#include "scoreline/text.h"

enum { CELL_BYTES = 160, MOST_COLUMNS = 16, MOST_LINES = 40 };
enum { NAME_WIDTH = 12, LINE_WIDTH = 100 };

int layout_width(const char *text)
{
    int width = 0;

    for (; *text != '\0'; text++)
        width += (*text & 0xC0) != 0x80;
    return width;
}

static char harmless(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
}

/* A text cut to the size of a cell, never within a character. */
static void put_text(const char *text, char cell[CELL_BYTES])
{
    size_t n = strlen(text);

    if (n >= CELL_BYTES) {
        n = CELL_BYTES - 4;
        while (n > 0 && (text[n] & 0xC0) == 0x80)
            n--;
    }
    for (size_t i = 0; i < n; i++)
        cell[i] = harmless(text[i]);
    cell[n] = '\0';
    if (text[n] != '\0')
        memcpy(cell + n, "...", 4);
}

static void put_any(const struct sl_json *value, char cell[CELL_BYTES])
{
    switch (sl_json_kind(value)) {
    case SL_JSON_TEXT:
        put_text(sl_json_text(value), cell);
        break;
    case SL_JSON_BOOL:
        put_text(sl_json_bool(value) ? "true" : "false", cell);
        break;
    case SL_JSON_NUMBER:
        snprintf(cell, CELL_BYTES, "%.10g", sl_json_number(value));
        break;
    case SL_JSON_NULL:
    case SL_JSON_LIST:
    case SL_JSON_OBJECT:
        put_text("-", cell);
        break;
    }
}

static void put_number(double number, const char *format, char cell[CELL_BYTES])
{
    if (isnan(number))
        put_text("-", cell);
    else
        snprintf(cell, CELL_BYTES, format, number);
}

static bool is_true(const struct sl_json *value)
{
    return sl_json_bool(value) || sl_json_number(value) == 1;
}

static void put_value(const struct sl_json *value, enum layout_form form, char cell[CELL_BYTES])
{
    switch (form) {
    case LAYOUT_TEXT:
        put_any(value, cell);
        break;
    case LAYOUT_COUNT:
        put_number(sl_json_number(value), "%.0f", cell);
        break;
    case LAYOUT_BYTES:
        sl_format_bytes(sl_json_number(value), cell, CELL_BYTES);
        break;
    case LAYOUT_NUMBER:
        put_number(sl_json_number(value), "%.6g", cell);
        break;
    case LAYOUT_FIXED:
        put_number(sl_json_number(value), "%.6f", cell);
        break;
    case LAYOUT_MARK:
        put_text(is_true(value) ? "*" : "", cell);
        break;
    case LAYOUT_FOUND:
        put_text(is_true(value) ? "yes" : "NO", cell);
        break;
    }
}

static void put_cell(const struct sl_json *object, const struct layout_column *column,
                     char cell[CELL_BYTES])
{
    const struct sl_json *value = sl_json_find(object, column->key);

    if (value == NULL && column->or_key != NULL)
        value = sl_json_find(object, column->or_key);
    if (value == NULL && column->last_key != NULL)
        value = sl_json_find(object, column->last_key);
    if (value == NULL)
        put_text(column->form == LAYOUT_MARK ? "" : "-", cell);
    else
        put_value(value, column->form, cell);
}

static bool is_to_the_left(enum layout_form form)
{
    return form == LAYOUT_TEXT || form == LAYOUT_MARK || form == LAYOUT_FOUND;
}

/* Blanks at the end of a line are not printed. */
static void print_cell(FILE *to, const struct layout_column *column, const char *cell, int width,
                       bool is_last)
{
    const int pad = width - layout_width(cell);

    if (!is_to_the_left(column->form))
        fprintf(to, "%*s%s", pad, "", cell);
    else
        fprintf(to, "%s%*s", cell, is_last ? 0 : pad, "");
    fputs(is_last ? "\n" : "  ", to);
}

static void measure(const struct sl_json *list, const struct layout_column *columns, int n_columns,
                    int widths[MOST_COLUMNS])
{
    char cell[CELL_BYTES];

    for (int k = 0; k < n_columns; k++) {
        put_text(columns[k].heading, cell);
        widths[k] = layout_width(cell);
    }
    for (const struct sl_json *o = sl_json_first(list); o != NULL; o = sl_json_next(o)) {
        for (int k = 0; k < n_columns; k++) {
            put_cell(o, &columns[k], cell);
            if (layout_width(cell) > widths[k])
                widths[k] = layout_width(cell);
        }
    }
}

void layout_table(FILE *to, const struct sl_json *list, const struct layout_column *columns,
                  int n_columns)
{
    const size_t n = sl_json_count(list);
    int          widths[MOST_COLUMNS];
    char         cell[CELL_BYTES];
    size_t       i = 0;

    if (n_columns > MOST_COLUMNS)
        n_columns = MOST_COLUMNS;
    measure(list, columns, n_columns, widths);
    for (int k = 0; k < n_columns; k++) {
        put_text(columns[k].heading, cell);
        print_cell(to, &columns[k], cell, widths[k], k + 1 == n_columns);
    }
    for (const struct sl_json *o = sl_json_first(list); o != NULL; o = sl_json_next(o), i++) {
        if (n > MOST_LINES && i == MOST_LINES / 2)
            fprintf(to, "... %zu more\n", n - MOST_LINES);
        if (n > MOST_LINES && i >= MOST_LINES / 2 && i < n - MOST_LINES / 2)
            continue;
        for (int k = 0; k < n_columns; k++) {
            put_cell(o, &columns[k], cell);
            print_cell(to, &columns[k], cell, widths[k], k + 1 == n_columns);
        }
    }
}

bool layout_any(const struct sl_json *list, const char *key)
{
    for (const struct sl_json *o = sl_json_first(list); o != NULL; o = sl_json_next(o)) {
        const struct sl_json *value = sl_json_find(o, key);

        if (value != NULL && is_true(value))
            return true;
    }
    return false;
}

void layout_name(FILE *to, const char *name)
{
    fprintf(to, "%-*s", NAME_WIDTH, name);
}

void layout_text(FILE *to, const char *text)
{
    for (const char *c = text != NULL ? text : "-"; *c != '\0'; c++)
        fputc(harmless(*c), to);
}

const char *layout_word(const struct sl_json *value)
{
    const char *text = sl_json_text(value);

    text = text != NULL ? text : layout_get_text(value, "hex");
    return text != NULL ? text : "-";
}

void layout_words(FILE *to, const struct sl_json *list, size_t most)
{
    const size_t n = sl_json_count(list);
    int          at = NAME_WIDTH;
    size_t       i = 0;

    for (const struct sl_json *item = sl_json_first(list); item != NULL;
         item = sl_json_next(item), i++) {
        const char *word = layout_word(item);
        const int   width = layout_width(word) + 2;

        if (i == most) {
            fprintf(to, " ... %zu more", n - i);
            return;
        }
        if (i > 0 && at + width > LINE_WIDTH) {
            fprintf(to, "\n%*s", NAME_WIDTH, "");
            at = NAME_WIDTH;
        } else if (i > 0) {
            fputc(' ', to);
        }
        layout_text(to, word);
        fputs(i + 1 < n ? "," : "", to);
        at += width;
    }
}

void layout_size(FILE *to, const struct sl_json *object, const char *key)
{
    char text[32];

    sl_format_bytes(layout_get_number(object, key), text, sizeof text);
    fputs(text, to);
}

void layout_members(FILE *to, const struct sl_json *object)
{
    char cell[CELL_BYTES];

    for (const struct sl_json *m = sl_json_first(object); m != NULL; m = sl_json_next(m)) {
        put_any(m, cell);
        layout_text(to, sl_json_key(m));
        fprintf(to, " %s%s", cell, sl_json_next(m) != NULL ? ", " : "");
    }
}

const char *layout_get_text(const struct sl_json *object, const char *key)
{
    const struct sl_json *value = object != NULL ? sl_json_find(object, key) : NULL;

    return value != NULL ? sl_json_text(value) : NULL;
}

double layout_get_number(const struct sl_json *object, const char *key)
{
    const struct sl_json *value = object != NULL ? sl_json_find(object, key) : NULL;

    return value != NULL ? sl_json_number(value) : (double)NAN;
}
