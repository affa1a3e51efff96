/* The grammar of records, one byte at a time.  It can stop after any byte and go on, so it finds
 * the end of a record of any length in bounded memory.  Used where speed does not matter: the
 * header, guesses, records over the limit. */
#include "csv.h"

#include <string.h>

static void end_field(struct sl_csv_walk *walk)
{
    if (walk->field_bytes > walk->longest_field)
        walk->longest_field = walk->field_bytes;
    walk->field_bytes = 0;
    walk->n_delimiters++;
    walk->state = SL_CSV_FIELD_START;
}

/* A byte outside quotes that is no quote with a meaning; true at the record's end. */
static bool step_text(struct sl_csv_walk *walk, char delimiter, char c)
{
    if (c == '\n') {
        walk->n_lines++;
        return true;
    }
    if (c == delimiter) {
        end_field(walk);
    } else {
        walk->state = SL_CSV_TEXT;
        walk->field_bytes++;
    }
    return false;
}

static void step_quoted(struct sl_csv_walk *walk, char quote, char c)
{
    if (c == quote) {
        walk->state = SL_CSV_QUOTE;
        return;
    }
    walk->n_lines += c == '\n';
    walk->field_bytes++;
}

/* After a quote inside quotes: a second one is text; anything else finds the field closed. */
static bool step_quote(struct sl_csv_walk *walk, const struct sl_csv_dialect *dialect, char c)
{
    if (c == dialect->quote) {
        walk->state = SL_CSV_QUOTED;
        walk->field_bytes++;
        return false;
    }
    walk->n_odd += c != dialect->delimiter && c != '\n' && c != '\r';
    return step_text(walk, dialect->delimiter, c);
}

static bool step(struct sl_csv_walk *walk, const struct sl_csv_dialect *dialect, char c)
{
    switch (walk->state) {
    case SL_CSV_FIELD_START:
        if (c != dialect->quote)
            return step_text(walk, dialect->delimiter, c);
        walk->state = SL_CSV_QUOTED;
        return false;
    case SL_CSV_TEXT:
        walk->n_odd += c == dialect->quote;
        return step_text(walk, dialect->delimiter, c);
    case SL_CSV_QUOTED:
        step_quoted(walk, dialect->quote, c);
        return false;
    case SL_CSV_QUOTE:
        return step_quote(walk, dialect, c);
    }
    return false;
}

size_t sl_csv_walk(struct sl_csv_walk *walk, const struct sl_csv_dialect *dialect, const char *data,
                   size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        walk->ended = step(walk, dialect, data[i]);
        if (walk->ended)
            return i + 1;
        walk->n_bytes++;
        walk->last = data[i];
    }
    return n_bytes;
}

bool sl_csv_walk_blank(const struct sl_csv_walk *walk)
{
    return walk->n_bytes == 0 || (walk->n_bytes == 1 && walk->ended && walk->last == '\r');
}

int64_t sl_csv_longest_field(const struct sl_csv_dialect *dialect, const char *data, size_t n_bytes)
{
    struct sl_csv_walk walk = {0};

    (void)sl_csv_walk(&walk, dialect, data, n_bytes);
    end_field(&walk);
    return walk.longest_field;
}
