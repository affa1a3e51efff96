/* Powers of ten in 128 bits. */
#ifndef SCORELINE_BASE_DECIMAL_POWERS_H
#define SCORELINE_BASE_DECIMAL_POWERS_H

#include <stdint.h>

enum { SL_FIRST_POWER_OF_TEN = -342, SL_LAST_POWER_OF_TEN = 324 };

/* 10^k * 2^(127 - floor(log2(10^k))), rounded up. */
struct sl_power_of_ten {
    uint64_t high;
    uint64_t low;
};
extern const struct sl_power_of_ten
    sl_powers_of_ten[SL_LAST_POWER_OF_TEN - SL_FIRST_POWER_OF_TEN + 1];

#endif
