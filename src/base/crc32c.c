/* CRC-32C (Castagnoli): by the processor's own instruction where it has one, else by a table.  Both
 * give the checksum of iSCSI (RFC 3720, appendix B.4). */
#include <stdbool.h>
#include <string.h>

#include "scoreline/hash.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const uint32_t polynomial = 0x82f63b78; /* 0x1edc6f41, lowest bit first */

static uint32_t by_table(uint32_t crc, const unsigned char *bytes, size_t n_bytes)
{
    uint32_t nibble[16];

    for (uint32_t i = 0; i < 16; i++) {
        nibble[i] = i;
        for (int bit = 0; bit < 4; bit++)
            nibble[i] = nibble[i] >> 1 ^ (nibble[i] & 1 ? polynomial : 0);
    }
    for (size_t i = 0; i < n_bytes; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
    return crc;
}

#if defined(__x86_64__)
/* The instruction takes three cycles, one can be begun in each: so three parts of a piece go side
 * by side. */
enum { PART_BYTES = 1024, PIECE_BYTES = 3 * PART_BYTES };

static bool has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
}

/* What a checksum becomes when zeros follow: the remainder of its product with a power of x, which
 * is given as the remainder of x^(bits that follow - 33).  The product of two reversed polynomials
 * comes out multiplied by x, the instruction multiplies by x^32 and takes the remainder. */
__attribute__((target("sse4.2,pclmul"))) static uint64_t followed(uint64_t crc, uint32_t power)
{
    const __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)crc), _mm_cvtsi32_si128((int)power), 0);

    return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

static inline uint64_t word_at(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

__attribute__((target("sse4.2,pclmul"))) static uint64_t of_piece(uint64_t             crc,
                                                                  const unsigned char *bytes)
{
    static const uint32_t by_one = 0x170076fa, by_two = 0xa51b6135; /* parts: see followed() */
    uint64_t              second = 0;
    uint64_t              third = 0;

    for (const unsigned char *end = bytes + PART_BYTES; bytes < end; bytes += sizeof(uint64_t)) {
        crc = _mm_crc32_u64(crc, word_at(bytes));
        second = _mm_crc32_u64(second, word_at(bytes + PART_BYTES));
        third = _mm_crc32_u64(third, word_at(bytes + 2 * (size_t)PART_BYTES));
    }
    return followed(crc, by_two) ^ followed(second, by_one) ^ third;
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t by_instruction(uint32_t             crc,
                                                                        const unsigned char *bytes,
                                                                        size_t n_bytes)
{
    uint64_t wide = crc;

    for (; n_bytes >= PIECE_BYTES; bytes += PIECE_BYTES, n_bytes -= PIECE_BYTES)
        wide = of_piece(wide, bytes);
    for (; n_bytes >= sizeof(uint64_t); bytes += sizeof(uint64_t), n_bytes -= sizeof(uint64_t))
        wide = _mm_crc32_u64(wide, word_at(bytes));
    crc = (uint32_t)wide;
    for (size_t i = 0; i < n_bytes; i++)
        crc = _mm_crc32_u8(crc, bytes[i]);
    return crc;
}
#else
static bool has_instruction(void)
{
    return false;
}

static uint32_t by_instruction(uint32_t crc, const unsigned char *bytes, size_t n_bytes)
{
    return by_table(crc, bytes, n_bytes);
}
#endif

uint32_t sl_crc32c(uint32_t crc, const void *data, size_t n_bytes)
{
    return ~(has_instruction() ? by_instruction(~crc, data, n_bytes)
                               : by_table(~crc, data, n_bytes));
}

uint32_t sl_crc32c_by_table(uint32_t crc, const void *data, size_t n_bytes)
{
    return ~by_table(~crc, data, n_bytes);
}
