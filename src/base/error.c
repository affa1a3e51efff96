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

int sl_exit_code(sl_status status)
{
    static const int codes[] = {
        [SL_OK] = 0,      [SL_EUSAGE] = 2,   [SL_EJOB] = 3,    [SL_EUNSUPPORTED] = 3,
        [SL_EINPUT] = 4,  [SL_EBADROWS] = 5, [SL_EOUTPUT] = 6, [SL_ESTOPPED] = 75,
        [SL_ENOMEM] = 71, [SL_EBUG] = 70,
    };

    return (unsigned)status < sizeof codes / sizeof *codes ? codes[status] : 70;
}
