/* Scan by AVX2: two loads of 32 bytes a word. */
#include "csv.h"

#include <immintrin.h>
#include <string.h>

#include "scan_masks.h"

struct needles {
    __m256i delimiter;
    __m256i quote;
};

static inline struct needles needles_of(const struct sl_csv_dialect *dialect)
{
    return (struct needles){_mm256_set1_epi8(dialect->delimiter), _mm256_set1_epi8(dialect->quote)};
}

static inline uint64_t equal(__m256i low, __m256i high, __m256i needle)
{
    uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, needle));
    uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, needle));

    return a | (uint64_t)b << 32;
}

static inline struct masks masks_of(const struct needles *needles, const char *at)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32));

    return (struct masks){equal(low, high, needles->delimiter),
                          equal(low, high, _mm256_set1_epi8('\n')),
                          equal(low, high, needles->quote)};
}

/* Of n_bytes < WORD_BYTES, behind which nothing may be read. */
static inline struct masks masks_of_part(const struct needles *needles, const char *at,
                                         size_t n_bytes)
{
    char         word[WORD_BYTES] = {0};
    struct masks masks;
    uint64_t     valid = (UINT64_C(1) << n_bytes) - 1;

    memcpy(word, at, n_bytes);
    masks = masks_of(needles, word);
    return (struct masks){masks.delimiter & valid, masks.line & valid, masks.quote & valid};
}

/* Where the bits of a word stand, `base` added; up to eight places too many are written.  A table
 * knows the places in a byte: there is no branch on what the text is like. */
static inline void put_places(uint16_t *to, uint64_t bits, unsigned base)
{
    __m128i       places = _mm_set1_epi16((int16_t)base);
    const __m128i eight = _mm_set1_epi16(8);

    for (int i = 0; i < 8; i++, bits >>= 8) {
        const unsigned byte = bits & 0xFF;
        const __m128i  in_byte = _mm_cvtepu8_epi16(_mm_cvtsi64_si128((int64_t)sl_csv_places[byte]));

        _mm_storeu_si128((__m128i *)(void *)to, _mm_add_epi16(in_byte, places));
        places = _mm_add_epi16(places, eight);
        to += _mm_popcnt_u32(byte);
    }
}

#include "scan_tiles.h"

static bool runs_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("pclmul");
}

const struct sl_csv_scanner sl_csv_scanner_avx2 = {"avx2", runs_here, scan_tiles,
                                                   &sl_csv_digits_avx2};
