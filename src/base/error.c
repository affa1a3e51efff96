/* The one error idiom: a status, and the first fault in words. */
#include "scoreline/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

sl_status sl_fail(struct sl_error *err, sl_status code, const char *format, ...)
{
    va_list args;

    err->code = code;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return code;
}

/* Cutting is allowed; the place comes first, so the end of the fault is what is lost. */
void sl_error_in(struct sl_error *err, const char *format, ...)
{
    char    where[SL_ERROR_BYTES / 2];
    size_t  n_bytes;
    va_list args;

    va_start(args, format);
    vsnprintf(where, sizeof where - 2, format, args);
    va_end(args);
    n_bytes = strlen(where);
    memcpy(where + n_bytes, ": ", 2); /* NOLINT(bugprone-not-null-terminated-result) */
    n_bytes += 2;
    memmove(err->text + n_bytes, err->text, sizeof err->text - n_bytes);
    memcpy(err->text, where, n_bytes);
    err->text[sizeof err->text - 1] = '\0';
}

static const struct {
    int         exit_code;
    const char *name;
} statuses[] = {
    [SL_OK] = {0, "ok"},
    [SL_EUSAGE] = {2, "usage"},
    [SL_EJOB] = {3, "job"},
    [SL_EUNSUPPORTED] = {3, "unsupported"},
    [SL_EINPUT] = {4, "input"},
    [SL_EBADROWS] = {5, "bad_rows"},
    [SL_EOUTPUT] = {6, "output"},
    [SL_ESTOPPED] = {75, "stopped"},
    [SL_ENOMEM] = {71, "no_memory"},
    [SL_EBUG] = {70, "bug"},
};

static sl_status known(sl_status status)
{
    return (unsigned)status < sizeof statuses / sizeof *statuses ? status : SL_EBUG;
}

const char *sl_status_name(sl_status status)
{
    return statuses[known(status)].name;
}

int sl_exit_code(sl_status status)
{
    return statuses[known(status)].exit_code;
}
