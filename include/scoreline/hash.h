/* A documented 64-bit hash of bytes, the same on every machine. */
#ifndef SCORELINE_HASH_H
#define SCORELINE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a over the bytes, finished by the mixer of SplitMix64 (sl_mix64), so that every output bit
 * depends on every input bit.  Anyone can recompute it from these two public definitions. */
struct sl_hash {
    uint64_t state;
};

void sl_hash_init(struct sl_hash *hash);
/* Here, because texts of a few bytes are hashed in every row. */
static inline void sl_hash_add(struct sl_hash *hash, const void *data, size_t n_bytes)
{
    const unsigned char *bytes = data;
    uint64_t             state = hash->state;

    for (size_t i = 0; i < n_bytes; i++)
        state = (state ^ bytes[i]) * UINT64_C(0x100000001b3);
    hash->state = state;
}
void     sl_hash_add_text(struct sl_hash *hash, const char *text); /* with its final NUL */
void     sl_hash_add_i64(struct sl_hash *hash, int64_t value);     /* 8 bytes, lowest first */
uint64_t sl_hash_value(const struct sl_hash *hash);

/**
 * CRC-32C of bytes behind those whose checksum is `crc`; 0 begins.  The second never uses the
 * processor's instruction for it, and is there to be compared with.
 *
 * Source:  RFC 3720, appendix B.4.
 */
uint32_t sl_crc32c(uint32_t crc, const void *data, size_t n_bytes);
uint32_t sl_crc32c_by_table(uint32_t crc, const void *data, size_t n_bytes);

/** Bijective mixer of 64 bits (SplitMix64's output function, Steele, Lea and Flood 2014). */
uint64_t sl_mix64(uint64_t x);

#endif
