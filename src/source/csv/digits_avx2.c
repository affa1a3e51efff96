/* Short fields to numbers by AVX2: four at a time. */
#include "csv.h"

#include <immintrin.h>
#include <string.h>

typedef uint64_t lanes __attribute__((vector_size(32)));
typedef double   reals __attribute__((vector_size(32)));

static inline lanes load_words(const char *data, lanes begin)
{
    return (lanes)_mm256_i64gather_epi64((const long long *)(const void *)data, (__m256i)begin, 1);
}

/* By 64 bits and more it leaves nothing. */
static inline lanes shift_up(lanes x, lanes n_bits)
{
    return (lanes)_mm256_sllv_epi64((__m256i)x, (__m256i)n_bits);
}

static inline lanes sum_bytes(lanes x)
{
    return (lanes)_mm256_sad_epu8((__m256i)x, _mm256_setzero_si256());
}

/* Pairs, fours, and all. */
static inline lanes eight_digits(lanes digits)
{
    const __m256i pairs = _mm256_maddubs_epi16((__m256i)digits, _mm256_set1_epi16(10 | 1 << 8));
    const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(100 | 1 << 16));

    return (lanes)_mm256_mul_epu32(fours, _mm256_set1_epi64x(10000)) + ((lanes)fours >> 32);
}

static inline reals powers_of_ten(lanes i)
{
    static const double power[8] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

    return (reals)_mm256_i64gather_pd(power, (__m256i)i, sizeof *power);
}

/* Bit i: lane i is not 0. */
static inline unsigned any_bits(lanes x)
{
    return (unsigned)_mm256_movemask_pd((__m256d)(lanes)(x != 0));
}

#include "digits_lanes.h"

const struct sl_csv_digits sl_csv_digits_avx2 = {many_numbers, many_integers};
