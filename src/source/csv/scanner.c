/* Which scanner scans: the widest instructions that both the processor and the system have. */
#include "csv.h"

#include <string.h>

static const struct sl_csv_scanner *const scanners[] = {
#ifdef __x86_64__
    &sl_csv_scanner_avx512,
    &sl_csv_scanner_avx2,
#endif
    &sl_csv_scanner_plain,
};

const struct sl_csv_scanner *sl_csv_scanner_at(size_t i)
{
    return i < sizeof scanners / sizeof scanners[0] ? scanners[i] : NULL;
}

sl_status sl_csv_scanner_find(const char *name, const struct sl_csv_scanner **found,
                              struct sl_error *err)
{
    const bool                   any = name == NULL || *name == '\0';
    const struct sl_csv_scanner *scanner;

    for (size_t i = 0; (scanner = sl_csv_scanner_at(i)) != NULL; i++) {
        if (!any && strcmp(scanner->name, name) != 0)
            continue;
        *found = scanner;
        if (scanner->runs_here())
            return SL_OK;
        if (!any)
            return sl_fail(err, SL_EUNSUPPORTED, "SCORELINE_SIMD: this machine has no '%s'", name);
    }
    return sl_fail(err, SL_EUSAGE, "SCORELINE_SIMD: expected plain, avx2 or avx512, got '%s'",
                   name);
}

void sl_csv_scan_records(const struct sl_csv_scan *scan, const char *data, size_t start,
                         size_t stop, size_t n_bytes, bool at_end, struct sl_csv_records *records)
{
    scan->scanner->scan(scan, data, start, stop, n_bytes, at_end, records);
}
