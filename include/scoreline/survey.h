/* What columns of texts look like: numbers or levels, and whether they say anything. */
#ifndef SCORELINE_SURVEY_H
#define SCORELINE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"
#include "scoreline/job.h"
#include "scoreline/text.h"

struct sl_survey; /* of several columns */

/* What is known of a column. */
struct sl_survey_column {
    bool    is_met; /* a value that is not missing */
    bool    has_missing;
    bool    has_text;  /* a value that is no number */
    bool    is_varied; /* two numbers that differ */
    int64_t n_levels;  /* different texts, counted to one more than the most */
};

/**
 * Start a survey of columns that could be features with the options `like` (max_levels, trim).
 *
 * Owner:   *out is handed over, sl_survey_free() frees it; missing [n_missing] is borrowed until
 *          then.
 * Errors:  SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_survey_create(int n_columns, const struct sl_feature_spec *like,
                                         char *const *missing, int n_missing,
                                         struct sl_survey **out, struct sl_error *err);
void                    sl_survey_free(struct sl_survey *survey);

/** Look at texts [n_rows] of a column; rows of which reject is not 0 are passed over; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_survey_add(struct sl_survey *survey, int column,
                                      const struct sl_slice *texts, const uint8_t *reject,
                                      size_t n_rows, struct sl_error *err);

/** What was seen of a column. */
struct sl_survey_column sl_survey_tell(const struct sl_survey *survey, int column);

#endif
