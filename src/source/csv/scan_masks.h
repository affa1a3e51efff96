/* What an instruction set must tell scan_tiles.h of 64 bytes of text, and what may help it. */
#ifndef SCORELINE_SOURCE_CSV_SCAN_MASKS_H
#define SCORELINE_SOURCE_CSV_SCAN_MASKS_H

#include <stdint.h>

enum { WORD_BYTES = 64 };

/* Bit i is of byte i. */
struct masks {
    uint64_t delimiter;
    uint64_t line; /* feeds */
    uint64_t quote;
};

/* The places of the bits of each byte, in ascending order, a place a byte. */
extern const uint64_t sl_csv_places[256];

#endif
