/* The yardstick: the least that any scanner of CSV must do, find all delimiters, line feeds and
 * quotes, here only to count them. */
#ifndef SCORELINE_BENCH_SEPARATORS_H
#define SCORELINE_BENCH_SEPARATORS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

static uint64_t count_separators_plain(const char *data, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += data[i] == ',' || data[i] == '\n' || data[i] == '"';
    return sum;
}

#ifdef __x86_64__
__attribute__((target("avx2,popcnt"))) static uint64_t count_separators_avx2(const char *data,
                                                                             size_t      n)
{
    const __m256i a = _mm256_set1_epi8(',');
    const __m256i b = _mm256_set1_epi8('\n');
    const __m256i c = _mm256_set1_epi8('"');
    uint64_t      sum = 0;
    size_t        i = 0;

    for (; i + 32 <= n; i += 32) {
        __m256i text = _mm256_loadu_si256((const __m256i *)(const void *)(data + i));
        __m256i found =
            _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(text, a), _mm256_cmpeq_epi8(text, b)),
                            _mm256_cmpeq_epi8(text, c));

        sum += (uint64_t)_mm_popcnt_u32((uint32_t)_mm256_movemask_epi8(found));
    }
    return sum + count_separators_plain(data + i, n - i);
}

__attribute__((target("avx512f,avx512bw,popcnt"))) static uint64_t
count_separators_avx512(const char *data, size_t n)
{
    const __m512i a = _mm512_set1_epi8(',');
    const __m512i b = _mm512_set1_epi8('\n');
    const __m512i c = _mm512_set1_epi8('"');
    uint64_t      sum = 0;
    size_t        i = 0;

    for (; i + 64 <= n; i += 64) {
        __m512i  text = _mm512_loadu_si512(data + i);
        uint64_t found = _mm512_cmpeq_epi8_mask(text, a) | _mm512_cmpeq_epi8_mask(text, b) |
                         _mm512_cmpeq_epi8_mask(text, c);

        sum += (uint64_t)_mm_popcnt_u64(found);
    }
    return sum + count_separators_plain(data + i, n - i);
}
#endif

/* By the instructions of a scanner. */
static inline uint64_t count_separators(const char *scanner, const char *data, size_t n)
{
#ifdef __x86_64__
    if (strcmp(scanner, "avx512") == 0)
        return count_separators_avx512(data, n);
    if (strcmp(scanner, "avx2") == 0)
        return count_separators_avx2(data, n);
#else
    (void)scanner;
#endif
    return count_separators_plain(data, n);
}

#endif
