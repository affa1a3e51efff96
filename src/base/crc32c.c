/* CRC-32C (Castagnoli): by the processor's own instruction where it has one, else by a table.  Both
 * give the checksum of iSCSI (RFC 3720, appendix B.4). */
#include <stdbool.h>
#include <string.h>

#include "scoreline/hash.h"

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
static bool has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2") != 0;
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t             crc,
                                                                 const unsigned char *bytes,
                                                                 size_t               n_bytes)
{
    uint64_t wide = crc;

    for (; n_bytes >= sizeof(uint64_t); bytes += sizeof(uint64_t), n_bytes -= sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, bytes, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (size_t i = 0; i < n_bytes; i++)
        crc = __builtin_ia32_crc32qi(crc, bytes[i]);
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
