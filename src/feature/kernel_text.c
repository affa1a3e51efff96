/* Loops over texts.  Here a branch is cheap beside looking at the bytes. */
#include "kernel.h"

#include <math.h>
#include <string.h>

static bool is_known(const struct sl_slice *text)
{
    return text->data != NULL;
}

/* Empty texts come as they like: no branch. */
static void drop_empty(size_t n, struct sl_slice *out)
{
    for (size_t i = 0; i < n; i++)
        out[i].data = out[i].n_bytes == 0 ? NULL : out[i].data;
}

static void drop_same(struct sl_slice text, size_t n, struct sl_slice *out)
{
    for (size_t i = 0; i < n; i++)
        if (is_known(&out[i]) && sl_slice_same(out[i], text))
            out[i].data = NULL;
}

void sl_kernel_text_load(const struct sl_slice *a, const struct sl_missing_texts *missing, size_t n,
                         struct sl_slice *out)
{
    memcpy(out, a, n * sizeof *out);
    for (int k = 0; k < missing->n; k++) {
        if (missing->texts[k].n_bytes == 0)
            drop_empty(n, out);
        else
            drop_same(missing->texts[k], n, out);
    }
}

void sl_kernel_text_fill(struct sl_slice value, size_t n, struct sl_slice *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = value;
}

void sl_kernel_text_equal(const struct sl_slice *a, const struct sl_slice *b, bool wanted, size_t n,
                          double *out)
{
    for (size_t i = 0; i < n; i++) {
        if (is_known(&a[i]) && is_known(&b[i]))
            out[i] = sl_slice_same(a[i], b[i]) == wanted;
        else
            out[i] = NAN;
    }
}

void sl_kernel_text_if(const double *condition, const struct sl_slice *a, const struct sl_slice *b,
                       size_t n, struct sl_slice *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = condition[i] == 1.0 ? a[i] : b[i];
        if (isnan(condition[i]))
            out[i].data = NULL;
    }
}

void sl_kernel_text_coalesce(const struct sl_slice *a, const struct sl_slice *b, size_t n,
                             struct sl_slice *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = is_known(&a[i]) ? a[i] : b[i];
}

void sl_kernel_text_ismissing(const struct sl_slice *a, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = is_known(&a[i]) ? 0.0 : 1.0;
}
