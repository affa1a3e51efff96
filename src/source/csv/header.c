/* The header: where it ends, what it names, and which of its fields are asked for. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";
enum { MARK_BYTES = sizeof byte_order_mark - 1 };

static sl_status skip_mark(struct sl_csv_window *window, struct sl_error *err)
{
    sl_status rc = SL_OK;

    while (window->n_bytes < MARK_BYTES && !window->at_end)
        SL_TRY(sl_csv_window_more(window, err));
    if (window->n_bytes >= MARK_BYTES && memcmp(window->data, byte_order_mark, MARK_BYTES) == 0)
        window->at = MARK_BYTES;
out:
    return rc;
}

/* Walk from window->at, which stays, to the end of one record; *used gets its bytes, line end
 * included. */
static sl_status find_end(const char *path, const struct sl_csv_dialect *dialect, int64_t max_bytes,
                          struct sl_csv_window *window, struct sl_csv_walk *walk, size_t *used,
                          struct sl_error *err)
{
    sl_status rc = SL_OK;

    *walk = (struct sl_csv_walk){0};
    *used = 0;
    for (;;) {
        *used += sl_csv_walk(walk, dialect, window->data + window->at + *used,
                             window->n_bytes - window->at - *used);
        if (walk->ended || window->at_end)
            break;
        if (walk->n_bytes > max_bytes)
            return sl_fail(err, SL_EINPUT, "'%s': the header is longer than %lld bytes", path,
                           (long long)max_bytes);
        SL_TRY(sl_csv_window_more(window, err));
    }
    if (!walk->ended && walk->state == SL_CSV_QUOTED)
        return sl_fail(err, SL_EINPUT, "'%s': the file ends inside quotes, in its header", path);
out:
    return rc;
}

static sl_status add_name(struct sl_csv_header *header, const char *data, struct sl_csv_span field,
                          struct sl_error *err)
{
    size_t      begin = header->names.n_bytes;
    size_t      n_bytes = field.end - field.begin;
    const char *nul = "";
    sl_status   rc;

    SL_TRY(sl_grow_array(&header->span, &header->capacity, (size_t)header->n_fields + 1,
                         sizeof *header->span, err));
    SL_TRY(sl_text_add_bytes(&header->names, data + field.begin, n_bytes, err));
    SL_TRY(sl_text_add_bytes(&header->names, nul, 1, err));
    header->span[header->n_fields++] =
        (struct sl_csv_span){(uint32_t)begin, (uint32_t)(begin + n_bytes)};
out:
    return rc;
}

/* Names of the record data[0, n_bytes), its line end taken off.  The walk says where a field ends:
 * where one more delimiter was seen. */
static sl_status split(struct sl_csv_header *header, const struct sl_csv_dialect *dialect,
                       char *data, size_t n_bytes, struct sl_error *err)
{
    struct sl_csv_walk walk = {0};
    struct sl_csv_span field = {0};
    sl_status          rc = SL_OK;

    for (size_t i = 0; i <= n_bytes; i++) {
        int64_t before = walk.n_delimiters;

        if (i < n_bytes)
            (void)sl_csv_walk(&walk, dialect, data + i, 1);
        if (i < n_bytes && walk.n_delimiters == before)
            continue;
        field.end = (uint32_t)i;
        sl_csv_unquote(data, dialect->quote, &field);
        SL_TRY(add_name(header, data, field, err));
        field.begin = (uint32_t)(i + 1);
    }
out:
    return rc;
}

static size_t without_line_end(const char *data, size_t n_bytes)
{
    if (n_bytes == 0 || data[n_bytes - 1] != '\n')
        return n_bytes;
    n_bytes--;
    return n_bytes > 0 && data[n_bytes - 1] == '\r' ? n_bytes - 1 : n_bytes;
}

sl_status sl_csv_header_read(struct sl_csv_header *header, const char *path,
                             const struct sl_csv_dialect *dialect, int64_t max_bytes,
                             struct sl_csv_window *window, struct sl_error *err)
{
    struct sl_csv_walk walk;
    size_t             used;
    sl_status          rc;

    header->exists = false;
    header->n_fields = 0;
    header->n_lines = 0;
    header->names.n_bytes = 0;
    SL_TRY(skip_mark(window, err));
    for (;;) { /* over blank lines */
        SL_TRY(find_end(path, dialect, max_bytes, window, &walk, &used, err));
        header->n_lines += walk.n_lines;
        header->exists = !sl_csv_walk_blank(&walk);
        if (header->exists || used == 0)
            break;
        window->at += used;
    }
    if (header->exists) {
        char *data = window->data + window->at;

        SL_TRY(split(header, dialect, data, without_line_end(data, used), err));
        window->at += used;
    }
    header->end = sl_csv_window_tell(window);
out:
    return rc;
}

/* --- matching ----------------------------------------------------------------------------- */

static struct sl_slice name_of(const struct sl_csv_header *header, uint32_t i)
{
    return (struct sl_slice){header->names.data + header->span[i].begin,
                             header->span[i].end - header->span[i].begin};
}

static sl_status fail_absent(const struct sl_csv_header *header, const char *path,
                             const struct sl_column_request *request, struct sl_error *err)
{
    const char **names = NULL;
    char         nearest[160];
    sl_status    rc;

    SL_TRY(sl_alloc_array(header->n_fields, sizeof *names, &names, err));
    for (uint32_t i = 0; i < header->n_fields; i++)
        names[i] = name_of(header, i).data;
    sl_suggest(request->name, names, header->n_fields, nearest, sizeof nearest);
    rc = sl_fail(err, SL_EINPUT, "'%s': no column '%s'%s", path, request->name,
                 nearest[0] == '\0' && request->hint != NULL ? request->hint : nearest);
out:
    free(names);
    return rc;
}

sl_status sl_csv_header_match(const struct sl_csv_header *header, const char *path,
                              const struct sl_column_request *requests, int n, int64_t *field,
                              struct sl_error *err)
{
    for (int r = 0; r < n; r++) {
        field[r] = requests[r].is_key ? SL_CSV_NOT_ASKED : SL_CSV_ABSENT;
        if (requests[r].is_key)
            continue;
        for (uint32_t i = 0; i < header->n_fields; i++) {
            if (!sl_slice_equals(name_of(header, i), requests[r].name))
                continue;
            if (field[r] >= 0)
                return sl_fail(err, SL_EINPUT, "'%s': column '%s' stands twice in the header", path,
                               requests[r].name);
            field[r] = i;
        }
        if (field[r] < 0 && header->exists && !requests[r].optional)
            return fail_absent(header, path, &requests[r], err);
    }
    return SL_OK;
}

void sl_csv_header_release(struct sl_csv_header *header)
{
    sl_text_release(&header->names);
    free(header->span);
    *header = (struct sl_csv_header){0};
}
