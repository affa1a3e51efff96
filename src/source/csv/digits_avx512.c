/* Short fields to numbers by AVX-512: eight at a time. */
#include "csv.h"

#include <immintrin.h>
#include <string.h>

typedef uint64_t lanes __attribute__((vector_size(64)));
typedef double   reals __attribute__((vector_size(64)));

/* Without optimisation the gather is a macro of the compiler's header, whose mask is a char. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
static inline lanes    load_words(const char *data, lanes begin)
{
    return (lanes)_mm512_i64gather_epi64((__m512i)begin, data, 1);
}
#pragma GCC diagnostic pop

/* By 64 bits and more it leaves nothing. */
static inline lanes shift_up(lanes x, lanes n_bits)
{
    return (lanes)_mm512_sllv_epi64((__m512i)x, (__m512i)n_bits);
}

static inline lanes sum_bytes(lanes x)
{
    return (lanes)_mm512_sad_epu8((__m512i)x, _mm512_setzero_si512());
}

/* Pairs, fours, and all. */
static inline lanes eight_digits(lanes digits)
{
    const __m512i pairs = _mm512_maddubs_epi16((__m512i)digits, _mm512_set1_epi16(10 | 1 << 8));
    const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(100 | 1 << 16));

    return (lanes)_mm512_mul_epu32(fours, _mm512_set1_epi64(10000)) + ((lanes)fours >> 32);
}

static inline reals powers_of_ten(lanes i)
{
    const __m512d power = _mm512_set_pd(1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0);

    return (reals)_mm512_permutexvar_pd((__m512i)i, power);
}

/* Bit i: lane i is not 0. */
static inline unsigned any_bits(lanes x)
{
    return _mm512_test_epi64_mask((__m512i)x, (__m512i)x);
}

#include "digits_lanes.h"

const struct sl_csv_digits sl_csv_digits_avx512 = {many_numbers, many_integers};
