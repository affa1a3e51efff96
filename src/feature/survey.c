/* One look at every value, in bounded memory: different texts are counted only as far as matters.
 */
#include "scoreline/survey.h"

#include <stdlib.h>
#include <string.h>

#include "levels.h"
#include "scoreline/memory.h"
#include "scoreline/number.h"

/* A column, and what it is compared with. */
struct surveyed {
    struct sl_survey_column found;
    double                  number; /* the first value, if all so far are numbers */
    struct sl_levels        levels;
};

struct sl_survey {
    int              n_columns;
    struct surveyed *columns;
    int64_t          most_levels;
    bool             trim;
    char *const     *missing;
    int              n_missing;
};

sl_status sl_survey_create(int n_columns, const struct sl_feature_spec *like, char *const *missing,
                           int n_missing, struct sl_survey **out, struct sl_error *err)
{
    struct sl_survey *survey = NULL;
    sl_status         rc;

    SL_TRY(sl_alloc_array(1, sizeof *survey, &survey, err));
    survey->most_levels = like->max_levels;
    survey->trim = like->trim;
    survey->missing = missing;
    survey->n_missing = n_missing;
    SL_TRY(sl_alloc_array((size_t)n_columns, sizeof *survey->columns, &survey->columns, err));
    survey->n_columns = n_columns;
    *out = survey;
    survey = NULL;
out:
    sl_survey_free(survey);
    return rc;
}

void sl_survey_free(struct sl_survey *survey)
{
    if (survey == NULL)
        return;
    for (int i = 0; i < survey->n_columns; i++)
        sl_levels_release(&survey->columns[i].levels);
    free(survey->columns);
    free(survey);
}

static bool is_missing(const struct sl_survey *survey, struct sl_slice text)
{
    for (int i = 0; i < survey->n_missing; i++)
        if (sl_slice_equals(text, survey->missing[i]))
            return true;
    return false;
}

static void look_at_number(struct surveyed *column, struct sl_slice text)
{
    struct sl_survey_column *found = &column->found;
    double                   number;

    if (found->has_text)
        return;
    if (!sl_parse_f64(text, &number)) {
        found->has_text = true;
        return;
    }
    if (!found->is_met)
        column->number = number;
    found->is_varied |= number != column->number;
}

/* Texts that are many already are not looked up any more. */
static sl_status look_at_text(const struct sl_survey *survey, struct surveyed *column,
                              struct sl_slice text, struct sl_error *err)
{
    int32_t   number;
    sl_status rc = SL_OK;

    if (column->levels.n <= survey->most_levels)
        rc = sl_levels_add(&column->levels, text, &number, err);
    return rc;
}

sl_status sl_survey_add(struct sl_survey *survey, int column, const struct sl_slice *texts,
                        const uint8_t *reject, size_t n_rows, struct sl_error *err)
{
    struct surveyed *to = &survey->columns[column];
    sl_status        rc = SL_OK;

    for (size_t i = 0; i < n_rows; i++) {
        if (reject[i] != 0)
            continue;
        if (is_missing(survey, texts[i])) {
            to->found.has_missing = true;
            continue;
        }
        const struct sl_slice level = survey->trim ? sl_slice_trim(texts[i]) : texts[i];

        look_at_number(to, texts[i]);
        if (survey->trim && is_missing(survey, level)) {
            to->found.has_missing = true;
            continue;
        }
        SL_TRY(look_at_text(survey, to, level, err));
        to->found.is_met = true;
    }
out:
    return rc;
}

struct sl_survey_column sl_survey_tell(const struct sl_survey *survey, int column)
{
    struct sl_survey_column found = survey->columns[column].found;

    found.n_levels = survey->columns[column].levels.n;
    return found;
}
