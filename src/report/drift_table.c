/* Where what was scored is furthest from what was trained on, for people. */
#include "layout.h"
#include "scoreline/report.h"

void sl_report_drift(FILE *to, const struct sl_json *evaluation)
{
    static const struct layout_column columns[] = {
        {.heading = "drift of", .key = "feature", .form = LAYOUT_TEXT},
        {.heading = "in", .key = "partition", .form = LAYOUT_TEXT},
        {.heading = "rows", .key = "rows", .form = LAYOUT_COUNT},
        {.heading = "psi", .key = "psi", .form = LAYOUT_FIXED},
        {.heading = "missing", .key = "missing", .form = LAYOUT_COUNT},
        {.heading = "unknown", .key = "unknown", .form = LAYOUT_COUNT},
        {.heading = "below", .key = "below", .form = LAYOUT_COUNT},
        {.heading = "above", .key = "above", .form = LAYOUT_COUNT},
    };
    const struct sl_json *drift = sl_json_find(evaluation, "drift");

    if (sl_json_first(drift) == NULL)
        fputs("no rows to compare with those of the training\n", to);
    else
        layout_table(to, drift, columns, sizeof columns / sizeof *columns);
}
