/* Where a value stands in its document, as "$.features[0].scale".  A value does not know what holds
 * it, so the tree is searched from the root: only faults need it. */
#include "scoreline/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json_internal.h"

enum { PATH_BYTES = 256, MESSAGE_BYTES = 768 };

static bool find_below(const struct sl_json *from, const struct sl_json *wanted, char *out,
                       size_t out_bytes);

void sl_json_path(const struct sl_json_doc *doc, const struct sl_json *value, char *out,
                  size_t out_bytes)
{
    snprintf(out, out_bytes, "$");
    if (value != sl_json_root(doc) && out_bytes > 1)
        find_below(sl_json_root(doc), value, out + 1, out_bytes - 1);
}

sl_status sl_json_fail(const struct sl_json_doc *doc, const struct sl_json *value, sl_status code,
                       struct sl_error *err, const char *format, ...)
{
    char    path[PATH_BYTES];
    char    message[MESSAGE_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    sl_json_path(doc, value, path, sizeof path);
    return sl_fail(err, code, "%s: %s: %s", doc->source, path, message);
}

static bool is_plain(const char *key)
{
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return key[0] != '\0' && key[strspn(key, letters)] == '\0';
}

/* One step down; returns the bytes written (all there is room for, if the path is too long). */
static size_t write_step(const char *key, size_t index, char *out, size_t out_bytes)
{
    int n;

    if (key == NULL)
        n = snprintf(out, out_bytes, "[%zu]", index);
    else if (is_plain(key))
        n = snprintf(out, out_bytes, ".%s", key);
    else
        n = snprintf(out, out_bytes, "[\"%s\"]", key);
    if (n < 0)
        return 0;
    return (size_t)n < out_bytes ? (size_t)n : out_bytes - 1;
}

/* Leaves in `out` the steps to `wanted`; an empty text if it is not below. */
static bool find_below(const struct sl_json *from, const struct sl_json *wanted, char *out,
                       size_t out_bytes)
{
    size_t index = 0;

    for (const struct sl_json *child = sl_json_first(from); child != NULL;
         child = sl_json_next(child), index++) {
        size_t n = write_step(sl_json_key(child), index, out, out_bytes);

        if (child == wanted || find_below(child, wanted, out + n, out_bytes - n))
            return true;
    }
    out[0] = '\0';
    return false;
}
