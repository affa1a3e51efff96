/* FNV-1a, finished by SplitMix64's mixer. */
#include "scoreline/hash.h"

#include <string.h>

void sl_hash_init(struct sl_hash *hash)
{
    hash->state = UINT64_C(0xcbf29ce484222325);
}

void sl_hash_add_text(struct sl_hash *hash, const char *text)
{
    sl_hash_add(hash, text, strlen(text) + 1);
}

void sl_hash_add_i64(struct sl_hash *hash, int64_t value)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)value >> (8 * i));
    sl_hash_add(hash, bytes, sizeof bytes);
}

uint64_t sl_hash_value(const struct sl_hash *hash)
{
    return sl_mix64(hash->state);
}

uint64_t sl_mix64(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}
