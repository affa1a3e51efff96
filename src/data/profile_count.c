/* Rows counted in the bins of a profile, and the index made of the counts.  Numbers are not sought
 * a bin: for each limit it is counted how many of a piece exceed it, which is compares and adds
 * alone, and what lies between two limits is a difference.  Compilers do not make vector code of it
 * for every instruction set, so fours are written out; counts are the same on all of them. */
#include <assert.h>
#include <float.h>
#include <math.h>

#include "scoreline/numeric.h"
#include "scoreline/profile.h"

/* What there is to count of numbers; an edge each from FIRST_EDGE on. */
enum limit { ANY, BEYOND_MAX, NOT_BELOW_MIN, FIRST_EDGE };

enum {
    PIECE_ROWS = 256,
    N_LIMITS = FIRST_EDGE + SL_PROFILE_BINS - 1,
    LIMITS_AT_ONCE = 4, /* as many sums as registers hold without spilling */
    N_CLASSES = SL_PROFILE_LEVELS + SL_PROFILE_BELOW, /* bins, missing, unknown */
};
_Static_assert(N_LIMITS % LIMITS_AT_ONCE == 0, "limits come in whole groups");

typedef double  quad __attribute__((vector_size(32)));
typedef int64_t quad_marks __attribute__((vector_size(32))); /* -1 where a comparison holds */

union piece {
    double rows[PIECE_ROWS];
    quad   quads[PIECE_ROWS / 4];
};

static const uint8_t none_left_out[PIECE_ROWS];

/* --- counting --------------------------------------------------------------------------------- */

/* As limits that are exceeded: not to be below a number is to exceed the one before it. */
static void list_limits(const struct sl_profile *profile, double limits[N_LIMITS])
{
    for (int l = 0; l < N_LIMITS; l++)
        limits[l] = (double)INFINITY;
    limits[ANY] = -(double)INFINITY;
    limits[BEYOND_MAX] = profile->max;
    limits[NOT_BELOW_MIN] = -(double)INFINITY;
    if (!isnan(profile->min))
        limits[NOT_BELOW_MIN] = nextafter(profile->min, -(double)INFINITY);
    for (int b = 0; b < profile->n_bins - 1; b++)
        limits[FIRST_EDGE + b] = profile->edges[b];
}

/* Copies a piece, NaN for what is left out or missing: it exceeds no limit. */
static void keep_rows(const double *x, const uint8_t *leave_out, size_t n, union piece *kept)
{
    for (size_t i = 0; i < n; i++) {
        int is_kept = (leave_out[i] == 0) & (fabs(x[i]) <= DBL_MAX);

        kept->rows[i] = is_kept ? x[i] : (double)NAN;
    }
    for (; n % 4 != 0; n++)
        kept->rows[n] = (double)NAN;
}

static int64_t count_kept(const uint8_t *leave_out, size_t n)
{
    int64_t n_kept = 0;

    for (size_t i = 0; i < n; i++)
        n_kept += leave_out[i] == 0;
    return n_kept;
}

SL_BY_PROCESSOR static void count_beyond(const union piece *kept, size_t n, const double *limits,
                                         int64_t *beyond)
{
    quad_marks sums[LIMITS_AT_ONCE] = {{0}};

    for (size_t i = 0; i < (n + 3) / 4; i++)
        for (int l = 0; l < LIMITS_AT_ONCE; l++)
            sums[l] -= kept->quads[i] > limits[l];
    for (int l = 0; l < LIMITS_AT_ONCE; l++)
        beyond[l] = (sums[l][0] + sums[l][1]) + (sums[l][2] + sums[l][3]);
}

static void add_beyond(const struct sl_profile *profile, const int64_t beyond[N_LIMITS],
                       int64_t n_kept, int64_t *counts)
{
    int64_t *beside = counts + profile->n_bins;
    int64_t  n_left = beyond[ANY];
    int      b = 0;

    beside[SL_PROFILE_MISSING] += n_kept - beyond[ANY];
    beside[SL_PROFILE_BELOW] += beyond[ANY] - beyond[NOT_BELOW_MIN];
    beside[SL_PROFILE_ABOVE] += beyond[BEYOND_MAX];
    for (; b < profile->n_bins - 1; b++) {
        counts[b] += n_left - beyond[FIRST_EDGE + b];
        n_left = beyond[FIRST_EDGE + b];
    }
    counts[b] += n_left;
}

void sl_profile_count_numbers(const struct sl_profile *profile, const double *x,
                              const uint8_t *leave_out, size_t n_rows, int64_t *counts)
{
    int         n_limits = FIRST_EDGE + profile->n_bins - 1;
    double      limits[N_LIMITS];
    int64_t     beyond[N_LIMITS] = {0};
    union piece kept;

    list_limits(profile, limits);
    for (size_t i = 0; i < n_rows; i += PIECE_ROWS) {
        size_t         n = n_rows - i < PIECE_ROWS ? n_rows - i : PIECE_ROWS;
        const uint8_t *left_out = leave_out != NULL ? leave_out + i : none_left_out;

        keep_rows(x + i, left_out, n, &kept);
        for (int l = 0; l < n_limits; l += LIMITS_AT_ONCE)
            count_beyond(&kept, n, limits + l, beyond + l);
        add_beyond(profile, beyond, count_kept(left_out, n), counts);
    }
}

void sl_profile_count_levels(const struct sl_profile *profile, const int32_t *levels,
                             const uint8_t *leave_out, size_t n_rows, int64_t *counts)
{
    for (size_t i = 0; i < n_rows; i++) {
        assert(levels[i] >= 0 && levels[i] - 1 <= profile->n_levels);
        counts[profile->places[levels[i]]] += leave_out == NULL || leave_out[i] == 0;
    }
}

void sl_profile_merge(const struct sl_profile *profile, int64_t *counts, const int64_t *other)
{
    for (size_t i = 0; i < sl_profile_n_counts(profile); i++)
        counts[i] += other[i];
}

/* --- the index -------------------------------------------------------------------------------- */

/* Bins, missing and unknown: classes that every row is in one of. */
static int n_classes(const struct sl_profile *profile)
{
    return profile->n_bins + SL_PROFILE_BELOW;
}

int64_t sl_profile_n_counted(const struct sl_profile *profile, const int64_t *counts)
{
    int64_t n = 0;

    for (int c = 0; c < n_classes(profile); c++)
        n += counts[c];
    return n;
}

double sl_profile_psi(const struct sl_profile *profile, const int64_t *counts)
{
    double actual[N_CLASSES], expected[N_CLASSES], ratio[N_CLASSES] = {0};
    double n_actual = (double)sl_profile_n_counted(profile, counts);
    double n_expected = (double)sl_profile_n_counted(profile, profile->counts);
    double psi = 0.0;
    size_t k = 0;

    if (!(n_actual > 0.0 && n_expected > 0.0))
        return (double)NAN;
    for (int c = 0; c < n_classes(profile); c++)
        if (counts[c] > 0 || profile->counts[c] > 0) {
            actual[k] = (double)counts[c] + 0.5;
            expected[k++] = (double)profile->counts[c] + 0.5;
        }
    for (size_t c = 0; c < k; c++) {
        actual[c] /= n_actual + 0.5 * (double)k;
        expected[c] /= n_expected + 0.5 * (double)k;
        ratio[c] = actual[c] / expected[c];
    }
    sl_log_many(ratio, k, ratio);
    for (size_t c = 0; c < k; c++)
        psi += (actual[c] - expected[c]) * ratio[c];
    return psi;
}
