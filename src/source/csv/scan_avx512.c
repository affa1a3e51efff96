/* Scan by AVX-512 with VBMI2: one load of 64 bytes a word, and one instruction that turns bits to
 * places.  (Processors that have AVX-512 without it are no faster than by AVX2.) */
#include "csv.h"

#include <immintrin.h>
#include <string.h>

#include "scan_masks.h"

struct needles {
    __m512i delimiter;
    __m512i quote;
};

static inline struct needles needles_of(const struct sl_csv_dialect *dialect)
{
    return (struct needles){_mm512_set1_epi8(dialect->delimiter), _mm512_set1_epi8(dialect->quote)};
}

static inline struct masks masks_in(const struct needles *needles, __m512i word)
{
    return (struct masks){_mm512_cmpeq_epi8_mask(word, needles->delimiter),
                          _mm512_cmpeq_epi8_mask(word, _mm512_set1_epi8('\n')),
                          _mm512_cmpeq_epi8_mask(word, needles->quote)};
}

static inline struct masks masks_of(const struct needles *needles, const char *at)
{
    return masks_in(needles, _mm512_loadu_si512(at));
}

/* Of n_bytes < WORD_BYTES, behind which nothing may be read. */
static inline struct masks masks_of_part(const struct needles *needles, const char *at,
                                         size_t n_bytes)
{
    uint64_t     valid = (UINT64_C(1) << n_bytes) - 1;
    struct masks masks = masks_in(needles, _mm512_maskz_loadu_epi8(valid, at));

    return (struct masks){masks.delimiter & valid, masks.line & valid, masks.quote & valid};
}

static inline void put_half(uint16_t *to, __m256i places, __m512i base)
{
    _mm512_storeu_si512(to, _mm512_add_epi16(_mm512_cvtepu8_epi16(places), base));
}

/* Where the bits of a word stand, `base` added; up to WORD_BYTES places are written. */
static inline void put_places(uint16_t *to, uint64_t bits, unsigned base)
{
    const __m512i numbers = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i places = _mm512_maskz_compress_epi8(bits, numbers);
    const __m512i bases = _mm512_set1_epi16((int16_t)base);

    put_half(to, _mm512_castsi512_si256(places), bases);
    if (_mm_popcnt_u64(bits) > 32)
        put_half(to + 32, _mm512_extracti64x4_epi64(places, 1), bases);
}

#include "scan_tiles.h"

static bool runs_here(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("pclmul");
}

const struct sl_csv_scanner sl_csv_scanner_avx512 = {"avx512", runs_here, scan_tiles,
                                                     &sl_csv_digits_avx512};
