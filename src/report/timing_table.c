/* The table of phases: where the time of a run went, and how evenly over the ranks. */
#include "scoreline/report.h"

static const char *const phase_names[SL_N_PHASES] = {
    [SL_PHASE_PLAN] = "plan",       [SL_PHASE_TRAIN] = "train",     [SL_PHASE_SCORE] = "score",
    [SL_PHASE_WAIT] = "wait",       [SL_PHASE_COLLECT] = "collect", [SL_PHASE_COMBINE] = "combine",
    [SL_PHASE_PUBLISH] = "publish",
};

const char *sl_phase_name(enum sl_phase phase)
{
    return phase_names[phase];
}

void sl_report_timing(FILE *to, const double *min_s, const double *avg_s, const double *max_s,
                      double total_s)
{
    const double percent = total_s > 0 ? 100 / total_s : 0;

    fprintf(to, "%-8s  %9s  %9s  %9s  %10s\n", "section", "min s", "avg s", "max s", "% of total");
    for (int p = 0; p < SL_N_PHASES; p++)
        fprintf(to, "%-8s  %9.4f  %9.4f  %9.4f  %10.1f\n", phase_names[p], min_s[p], avg_s[p],
                max_s[p], avg_s[p] * percent);
    fprintf(to, "%-8s  %9s  %9s  %9.4f  %10.1f\n", "total", "", "", total_s, total_s * percent);
}
