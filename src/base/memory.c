/* Every size that is multiplied is multiplied here, with a check. */
#include "scoreline/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of getrusage() the first answer is that of whoever started this process, where that had more. */
int64_t sl_memory_peak(void)
{
    FILE   *status = fopen("/proc/self/status", "re");
    char    line[256];
    int64_t kib = 0;

    if (status == NULL)
        return 0;
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtoll(line + 6, NULL, 10);
    fclose(status);
    return kib * 1024;
}

static sl_status no_memory(struct sl_error *err, size_t n, size_t item_bytes)
{
    return sl_fail(err, SL_ENOMEM, "out of memory: cannot allocate %zu items of %zu bytes", n,
                   item_bytes);
}

sl_status sl_alloc_array(size_t n, size_t item_bytes, void *out, struct sl_error *err)
{
    void *data = calloc(n > 0 ? n : 1, item_bytes);

    if (data == NULL)
        return no_memory(err, n, item_bytes);
    memcpy(out, &data, sizeof data);
    return SL_OK;
}

sl_status sl_grow_array(void *data, size_t *capacity, size_t need, size_t item_bytes,
                        struct sl_error *err)
{
    size_t n = *capacity + *capacity / 2;
    void  *old;
    void  *grown;

    if (need <= *capacity)
        return SL_OK;
    if (n < need)
        n = need;
    if (n > SIZE_MAX / item_bytes)
        return no_memory(err, n, item_bytes);
    memcpy(&old, data, sizeof old);
    grown = realloc(old, n * item_bytes);
    if (grown == NULL)
        return no_memory(err, n, item_bytes);
    memcpy(data, &grown, sizeof grown);
    *capacity = n;
    return SL_OK;
}

sl_status sl_copy_text(const char *text, char **out, struct sl_error *err)
{
    size_t    n_bytes = strlen(text) + 1;
    sl_status rc = sl_alloc_array(n_bytes, 1, out, err);

    if (rc == SL_OK)
        memcpy(*out, text, n_bytes);
    return rc;
}

sl_status sl_int_from_i64(int64_t value, const char *what, int *out, struct sl_error *err)
{
    if (value < INT_MIN || value > INT_MAX)
        return sl_fail(err, SL_EBUG, "%s: %lld does not fit an int", what, (long long)value);
    *out = (int)value;
    return SL_OK;
}
