/* The keys of a path template such as "{region}/sales-{month}-*.csv". */
#include <stdlib.h>
#include <string.h>

#include "job_internal.h"
#include "scoreline/memory.h"

static bool is_identifier(struct sl_slice name)
{
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

    return name.n_bytes > 0 && strspn(name.data, letters) >= name.n_bytes &&
           (name.data[0] < '0' || name.data[0] > '9');
}

static bool is_listed(char *const *names, int n, struct sl_slice name)
{
    for (int i = 0; i < n; i++)
        if (sl_slice_equals(name, names[i]))
            return true;
    return false;
}

static sl_status add_name(char ***names, int *n, size_t *capacity, struct sl_slice name,
                          struct sl_error *err)
{
    sl_status rc;

    if (!is_identifier(name))
        return sl_fail(err, SL_EJOB, "'{%.*s}' is no key (letters, digits and '_')",
                       name.n_bytes < 60 ? (int)name.n_bytes : 60, name.data);
    if (is_listed(*names, *n, name))
        return SL_OK;
    SL_TRY(sl_grow_array(names, capacity, (size_t)*n + 1, sizeof **names, err));
    SL_TRY(sl_alloc_array(name.n_bytes + 1, 1, &(*names)[*n], err));
    memcpy((*names)[*n], name.data, name.n_bytes);
    ++*n;
out:
    return rc;
}

sl_status sl_job_template_keys(const char *path, char ***out, int *n, struct sl_error *err)
{
    char    **names = NULL;
    size_t    capacity = 0;
    sl_status rc = SL_OK;

    *n = 0;
    for (const char *p = path + strcspn(path, "{}"); *p != '\0'; p += strcspn(p, "{}")) {
        size_t n_bytes = strcspn(p + 1, "}");

        if (*p == '}' || p[1 + n_bytes] == '\0')
            rc = sl_fail(err, SL_EJOB, "unmatched '%c'", *p);
        else
            rc = add_name(&names, n, &capacity, (struct sl_slice){p + 1, n_bytes}, err);
        SL_TRY(rc);
        p += n_bytes + 2;
    }
    *out = names;
    return SL_OK;
out:
    for (int i = 0; i < *n; i++)
        free(names[i]);
    free(names);
    return rc;
}
