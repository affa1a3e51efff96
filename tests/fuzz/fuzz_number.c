/* Texts to numbers: what strtod makes of those that are numbers by our page, and nothing of the
 * others. */
#include <string.h>

#include "../support/plain_csv.h"
#include "fuzz.h"
#include "scoreline/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sl_slice text = {(const char *)data, size};
    double                value = 0;
    double                expected = 0;
    const bool            is_number = sl_parse_f64(text, &value);

    FUZZ_CHECK(is_number == plain_number(text.data, size, &expected));
    FUZZ_CHECK(!is_number || memcmp(&value, &expected, sizeof value) == 0);
    return 0;
}
