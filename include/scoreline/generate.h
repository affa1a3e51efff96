/* A demo data set in the shape of the WTA matches, for who has no data at hand. */
#ifndef SCORELINE_GENERATE_H
#define SCORELINE_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "scoreline/error.h"

struct sl_generate_opts {
    int         first_year;
    int         last_year;
    const char *directory;
    int64_t     n_rows; /* of each year */
    uint64_t    seed;
    bool        quote_all;
};

/**
 * Write a WTA-shaped demo data set: one wta_matches_YEAR.csv a year, the same bytes for the same
 * options on every machine.
 *
 * Errors:  SL_EOUTPUT naming the file; SL_EUSAGE for years outside 1..9999.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_generate(const struct sl_generate_opts *opts, struct sl_error *err);

#endif
