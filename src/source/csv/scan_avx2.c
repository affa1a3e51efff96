/* Scan by AVX2: two loads of 32 bytes a word. */
#include "csv.h"

#include <immintrin.h>
#include <string.h>

#include "scan_masks.h"

enum { REACH = 16 }; /* ranks that one comparison covers */

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

/* How many of REACH ascending ranks are not above r. */
static inline size_t count_up_to(const int16_t *rank, int r)
{
    __m256i  ranks = _mm256_loadu_si256((const __m256i *)(const void *)rank);
    __m256i  above = _mm256_cmpgt_epi16(ranks, _mm256_set1_epi16((int16_t)r));
    uint32_t bits = (uint32_t)_mm256_movemask_epi8(above);

    return _tzcnt_u32(bits) / 2;
}

static const uint64_t ones = UINT64_C(0x0101010101010101);

/* Where byte i of `counts`, each at most 64, holds how many are set up to its end: the byte that
 * the k-th one lies in. */
static inline unsigned byte_of(uint64_t counts, unsigned k)
{
    uint64_t high = ones << 7;

    return (unsigned)_mm_popcnt_u64(((k * ones | high) - counts) & high);
}

/* The place of the k-th set bit, k from 0.  PDEP does it at once, but takes hundreds of cycles on
 * processors that have AVX2 and no AVX-512; so sums of bytes by multiplication, twice (after
 * S. Vigna, Broadword implementation of rank/select queries, 2008). */
static inline unsigned select_bit(uint64_t bits, unsigned k)
{
    uint64_t sums = bits - (bits >> 1 & ones * 0x55);
    unsigned byte;
    uint64_t one;

    sums = (sums & ones * 0x33) + (sums >> 2 & ones * 0x33);
    sums = ((sums + (sums >> 4)) & ones * 0x0F) * ones;
    byte = byte_of(sums, k);
    k -= (unsigned)((sums << 8) >> (8 * byte)) & 0xFF;
    one = ((bits >> (8 * byte)) & 0xFF) * ones & UINT64_C(0x8040201008040201);
    one = ((one + ones * 0x7F) >> 7) & ones;
    return 8 * byte + byte_of(one * ones, k);
}

#include "scan_tiles.h"

static bool runs_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}

const struct sl_csv_scanner sl_csv_scanner_avx2 = {"avx2", runs_here, scan_tiles};
