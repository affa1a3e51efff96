/* One byte after the other, one state; see plain_csv.h. */
#include "plain_csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum state {
    RECORD_START,
    FIELD_START,
    UNQUOTED,
    IN_QUOTES,
    AFTER_QUOTE,
};

struct machine {
    const struct plain_rules *rules;
    struct plain_file        *file;
    enum state                state;
    struct plain_record       record; /* being read */
};

static void *more(void *old, size_t n_bytes)
{
    void *data = realloc(old, n_bytes);

    if (data == NULL)
        abort();
    return data;
}

static void begin_field(struct plain_record *record)
{
    record->fields = more(record->fields, (record->n_fields + 1) * sizeof *record->fields);
    record->fields[record->n_fields++] = (struct plain_field){.text = more(NULL, 1)};
}

static void add_byte(struct plain_record *record, char c)
{
    struct plain_field *field = &record->fields[record->n_fields - 1];

    if ((field->n_bytes & (field->n_bytes + 1)) == 0) /* full: 1, 2, 4, 8, ... bytes */
        field->text = more(field->text, 2 * (field->n_bytes + 1));
    field->text[field->n_bytes++] = c;
}

static void free_record(struct plain_record *record)
{
    for (size_t i = 0; i < record->n_fields; i++)
        free(record->fields[i].text);
    free(record->fields);
    *record = (struct plain_record){0};
}

static enum plain_fault find_fault(const struct machine *m, bool open)
{
    const struct plain_record *record = &m->record;

    if (open)
        return PLAIN_OPEN_QUOTE;
    if (!m->file->has_header)
        return PLAIN_GOOD;
    if (record->n_bytes > m->rules->max_record_bytes)
        return PLAIN_RECORD_TOO_LONG;
    for (size_t i = 0; i < record->n_fields; i++)
        if (record->fields[i].n_bytes > m->rules->max_field_bytes)
            return PLAIN_FIELD_TOO_LONG;
    if (record->n_fields < m->file->header.n_fields)
        return PLAIN_TOO_FEW;
    return record->n_fields > m->file->header.n_fields ? PLAIN_TOO_MANY : PLAIN_GOOD;
}

static void end_record(struct machine *m, bool open)
{
    struct plain_file *file = m->file;

    m->record.fault = find_fault(m, open);
    if (!file->has_header) {
        file->header = m->record;
        file->has_header = true;
    } else {
        file->records = more(file->records, (file->n_records + 1) * sizeof *file->records);
        file->records[file->n_records++] = m->record;
    }
    m->record = (struct plain_record){0};
    m->state = RECORD_START;
}

/* A line feed outside quotes.  A return just before it belongs to it. */
static void line_end(struct machine *m)
{
    struct plain_record *record = &m->record;
    struct plain_field  *last = &record->fields[record->n_fields - 1];

    if (m->state == UNQUOTED && last->n_bytes > 0 && last->text[last->n_bytes - 1] == '\r') {
        last->n_bytes--;
        record->n_bytes--;
    }
    if (record->n_bytes == 0) { /* a blank line */
        free_record(record);
        m->state = RECORD_START;
        return;
    }
    end_record(m, false);
}

static void outside_quotes(struct machine *m, char c)
{
    if (c == '\n') {
        line_end(m);
        return;
    }
    m->record.n_bytes++;
    if (c == m->rules->delimiter) {
        begin_field(&m->record);
        m->state = FIELD_START;
        return;
    }
    add_byte(&m->record, c);
    m->state = UNQUOTED;
}

static void one_byte(struct machine *m, size_t at, char c)
{
    if (m->state == RECORD_START) {
        m->record = (struct plain_record){.byte = at, .line = m->file->n_lines};
        begin_field(&m->record);
        m->state = FIELD_START;
    }
    switch (m->state) {
    case RECORD_START:
    case FIELD_START:
        if (c == m->rules->quote) {
            m->record.n_bytes++;
            m->state = IN_QUOTES;
        } else {
            outside_quotes(m, c);
        }
        break;
    case UNQUOTED:
        outside_quotes(m, c);
        break;
    case IN_QUOTES:
        m->record.n_bytes++;
        if (c == m->rules->quote)
            m->state = AFTER_QUOTE;
        else
            add_byte(&m->record, c);
        break;
    case AFTER_QUOTE:
        if (c == m->rules->quote) {
            m->record.n_bytes++;
            add_byte(&m->record, c);
            m->state = IN_QUOTES;
        } else {
            outside_quotes(m, c);
        }
        break;
    }
    m->file->n_lines += c == '\n';
}

void plain_csv_read(const char *data, size_t n_bytes, const struct plain_rules *rules,
                    struct plain_file *file)
{
    struct machine m = {.rules = rules, .file = file};
    size_t         at = 0;

    *file = (struct plain_file){0};
    if (n_bytes >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        at = 3;
    for (; at < n_bytes; at++)
        one_byte(&m, at, data[at]);
    if (m.state != RECORD_START)
        end_record(&m, m.state == IN_QUOTES);
}

void plain_csv_release(struct plain_file *file)
{
    for (size_t i = 0; i < file->n_records; i++)
        free_record(&file->records[i]);
    free(file->records);
    free_record(&file->header);
    *file = (struct plain_file){0};
}

/* --- numbers ------------------------------------------------------------------------------ */

/* The text without blanks and tabs at its ends, NUL-terminated; NULL if a NUL is in it. */
static char *trimmed(const char *text, size_t n_bytes)
{
    char *copy;

    while (n_bytes > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        n_bytes--;
    }
    while (n_bytes > 0 && (text[n_bytes - 1] == ' ' || text[n_bytes - 1] == '\t'))
        n_bytes--;
    copy = more(NULL, n_bytes + 1);
    memcpy(copy, text, n_bytes);
    copy[n_bytes] = '\0';
    if (strlen(copy) == n_bytes)
        return copy;
    free(copy);
    return NULL;
}

bool plain_number(const char *text, size_t n_bytes, double *value)
{
    char *copy = trimmed(text, n_bytes);
    char *end = copy;
    bool  good = false;

    /* Of these letters strtod makes decimal numbers only. */
    if (copy != NULL && strspn(copy, "+-.0123456789eE") == strlen(copy)) {
        *value = strtod(copy, &end);
        good = end != copy && *end == '\0';
    }
    free(copy);
    return good;
}

bool plain_integer(const char *text, size_t n_bytes, long long *value)
{
    char *copy = trimmed(text, n_bytes);
    char *end = copy;
    bool  good = false;

    if (copy != NULL && strspn(copy, "+-0123456789") == strlen(copy)) {
        errno = 0;
        *value = strtoll(copy, &end, 10);
        good = end != copy && *end == '\0' && errno == 0;
    }
    free(copy);
    return good;
}
