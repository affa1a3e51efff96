/* Where a value of the job came from: its place in the file, and the `--set` that brought it. */
#include "job_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scoreline/text.h"

enum { PATH_BYTES = 256, MESSAGE_BYTES = 512 };

sl_status sl_job_fail(const struct sl_job_reader *reader, const struct sl_json *value,
                      sl_status code, struct sl_error *err, const char *format, ...)
{
    const char *set = sl_job_set_of(reader, value);
    char        path[PATH_BYTES];
    char        message[MESSAGE_BYTES];
    va_list     args;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    sl_json_path(reader->doc, value, path, sizeof path);
    if (set != NULL)
        return sl_fail(err, code, "%s: %s: %s (by --set '%s')", reader->file, path, message, set);
    return sl_fail(err, code, "%s: %s: %s", reader->file, path, message);
}

/* One step down from `value`, by the n bytes of a key or index; NULL if there is nothing. */
static const struct sl_json *step_down(const struct sl_json *value, const char *key, size_t n)
{
    struct sl_slice       name = {key, n};
    bool                  is_list = sl_json_kind(value) == SL_JSON_LIST;
    int64_t               wanted = -1;
    int64_t               index = 0;
    const struct sl_json *child = sl_json_first(value);

    if (is_list && !sl_parse_i64(name, &wanted))
        return NULL;
    for (; child != NULL; child = sl_json_next(child), index++) {
        if (is_list ? index == wanted : sl_slice_equals(name, sl_json_key(child)))
            return child;
    }
    return NULL;
}

const struct sl_json *sl_job_find(const struct sl_json_doc *doc, const char *path, bool *found)
{
    const struct sl_json *value = sl_json_root(doc);
    const struct sl_json *below = value;

    while (*path != '\0' && *path != '=') {
        size_t n = strcspn(path, ".=");

        below = step_down(value, path, n);
        if (below == NULL)
            break;
        value = below;
        path += path[n] == '.' ? n + 1 : n;
    }
    if (found != NULL)
        *found = below != NULL;
    return value;
}

const struct sl_json *sl_job_at(const struct sl_job_check *c, const char *path)
{
    return sl_job_find(c->reader->doc, path, NULL);
}

const struct sl_json *sl_job_item(const struct sl_job_check *c, const char *path, int i)
{
    char full[64];

    snprintf(full, sizeof full, "%s.%d", path, i);
    return sl_job_at(c, full);
}

/* By their places in words: one that is the other's beginning, up to a step, holds it. */
static bool holds(const struct sl_json_doc *doc, const struct sl_json *holder,
                  const struct sl_json *value)
{
    char   outer[PATH_BYTES];
    char   inner[PATH_BYTES];
    size_t n;

    sl_json_path(doc, holder, outer, sizeof outer);
    sl_json_path(doc, value, inner, sizeof inner);
    n = strlen(outer);
    return strncmp(outer, inner, n) == 0 && strchr(".[", inner[n]) != NULL; /* or the end */
}

const char *sl_job_set_of(const struct sl_job_reader *reader, const struct sl_json *value)
{
    for (int i = reader->n_sets - 1; i >= 0; i--) {
        bool                  found;
        const struct sl_json *set = sl_job_find(reader->doc, reader->sets[i], &found);

        if (found && holds(reader->doc, set, value))
            return reader->sets[i];
    }
    return NULL;
}
