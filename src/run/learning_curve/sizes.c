/* At which sizes the curve is measured. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "curve.h"
#include "scoreline/memory.h"

enum { LADDER = 12, LEAST_OF_LADDER = 16 };

static int ascending(const void *left, const void *right)
{
    const size_t a = *(const size_t *)left;
    const size_t b = *(const size_t *)right;

    return (a > b) - (a < b);
}

/* Halves from the most downwards, as long as they are of some use. */
static int put_ladder(size_t most, size_t *sizes)
{
    int n = 0;

    for (size_t size = most; n < LADDER && (n == 0 || size >= LEAST_OF_LADDER); size /= 2)
        sizes[n++] = size;
    return n;
}

static sl_status put_given(double given, size_t most, size_t *size, struct sl_error *err)
{
    if (given <= 1) {
        *size = (size_t)floor(given * (double)most);
        *size = *size > 0 ? *size : 1;
        return SL_OK;
    }
    if (given > (double)most)
        return sl_fail(err, SL_EJOB,
                       "$.learning_curve.train_sizes: %.0f rows are asked for, and %zu is the most "
                       "that can be trained on beside those that judge; name more partitions, or "
                       "fractions",
                       given, most);
    *size = (size_t)given;
    return SL_OK;
}

sl_status curve_sizes(const double *given, int n_given, size_t most, size_t **sizes, int *n,
                      struct sl_error *err)
{
    const size_t room = n_given > LADDER ? (size_t)n_given : LADDER;
    int          n_kept = 0;
    sl_status    rc;

    *n = n_given;
    SL_TRY(sl_alloc_array(room, sizeof **sizes, sizes, err));
    for (int i = 0; i < n_given; i++)
        SL_TRY(put_given(given[i], most, &(*sizes)[i], err));
    if (n_given == 0)
        *n = put_ladder(most, *sizes);
    qsort(*sizes, (size_t)*n, sizeof **sizes, ascending);
    for (int i = 0; i < *n; i++)
        if (i == 0 || (*sizes)[i] != (*sizes)[n_kept - 1])
            (*sizes)[n_kept++] = (*sizes)[i];
    *n = n_kept;
out:
    return rc;
}
