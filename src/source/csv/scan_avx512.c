/* Scan by AVX-512BW: one load of 64 bytes a word. */
#include "csv.h"

#include <immintrin.h>
#include <string.h>

#include "scan_masks.h"

enum { REACH = 32 }; /* ranks that one comparison covers */

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

/* How many of REACH ascending ranks are not above r. */
static inline size_t count_up_to(const int16_t *rank, int r)
{
    __m512i ranks = _mm512_loadu_si512(rank);

    return _tzcnt_u32(_mm512_cmpgt_epi16_mask(ranks, _mm512_set1_epi16((int16_t)r)));
}

/* The place of the k-th set bit, k from 0. */
static inline unsigned select_bit(uint64_t bits, unsigned k)
{
    return (unsigned)_tzcnt_u64(_pdep_u64(UINT64_C(1) << k, bits));
}

#include "scan_tiles.h"

static bool runs_here(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("popcnt");
}

const struct sl_csv_scanner sl_csv_scanner_avx512 = {"avx512", runs_here, scan_tiles};
