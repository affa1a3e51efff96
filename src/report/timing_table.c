/* Where the time of a run went, and how evenly over the ranks: for people and for programs. */
#include "scoreline/timing.h"

#include "scoreline/text.h"

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

double sl_timing_bytes_per_s(const struct sl_timing *timing)
{
    return ratio((double)timing->n_bytes, timing->work_s);
}

double sl_timing_rows_per_s(const struct sl_timing *timing)
{
    return ratio((double)timing->n_rows, timing->work_s);
}

/* --- for people ------------------------------------------------------------------------------- */

static void put_section(FILE *to, const char *name, const struct sl_spread *s, double total_s)
{
    fprintf(to, "%-9s  %10.4f  %10.4f  %10.4f  %10.1f  %11.1f\n", name, s->min, s->avg, s->max,
            100 * ratio(s->avg, total_s), s->avg > 0 ? 100 * (s->max / s->avg - 1) : 0);
}

static void put_slowest(FILE *to, const struct sl_timing *timing)
{
    fprintf(to, "slowest rank       %d on %s: busy for %.4f s, %.1f %% more than the average\n",
            timing->slowest.rank, timing->slowest.host, timing->slowest.busy_s,
            100 * (ratio(timing->slowest.busy_s, timing->slowest.avg_busy_s) - 1));
    if (timing->partition.name != NULL)
        fprintf(to, "slowest partition  '%s': %.4f s, %.3f GB/s\n", timing->partition.name,
                timing->partition.seconds,
                1e-9 * ratio((double)timing->partition.n_bytes, timing->partition.seconds));
}

void sl_report_timing(FILE *to, const struct sl_timing *timing)
{
    char memory[32];

    fprintf(to, "%-9s  %10s  %10s  %10s  %10s  %11s\n", "section", "min s", "avg s", "max s",
            "% of total", "imbalance %");
    for (int p = 0; p < SL_N_PHASES; p++)
        if (timing->seconds[p].max > 0)
            put_section(to, sl_phase_name((enum sl_phase)p), &timing->seconds[p],
                        timing->total_s.avg);
    put_section(to, "total", &timing->total_s, timing->total_s.avg);
    put_slowest(to, timing);
    if (timing->n_bytes > 0)
        fprintf(to, "throughput         %.3f GB/s, %.3g rows/s over %.4f s\n",
                1e-9 * sl_timing_bytes_per_s(timing), sl_timing_rows_per_s(timing), timing->work_s);
    sl_format_bytes((double)timing->memory.n_bytes, memory, sizeof memory);
    fprintf(to, "peak memory        %s, rank %d\n", memory, timing->memory.rank);
}

/* --- for programs ----------------------------------------------------------------------------- */

static sl_status add_spread(struct sl_json *to, const char *name, const struct sl_spread *spread,
                            struct sl_error *err)
{
    struct sl_json *item;
    sl_status       rc;

    SL_TRY(sl_json_add_object(to, name, &item, err));
    SL_TRY(sl_json_add_number(item, "min", spread->min, err));
    SL_TRY(sl_json_add_number(item, "avg", spread->avg, err));
    SL_TRY(sl_json_add_number(item, "max", spread->max, err));
out:
    return rc;
}

static sl_status add_slowest(const struct sl_timing *timing, struct sl_json *to,
                             struct sl_error *err)
{
    struct sl_json *item;
    sl_status       rc;

    SL_TRY(sl_json_add_object(to, "slowest_rank", &item, err));
    SL_TRY(sl_json_add_number(item, "rank", timing->slowest.rank, err));
    SL_TRY(sl_json_add_text(item, "host", timing->slowest.host, err));
    SL_TRY(sl_json_add_number(item, "busy_s", timing->slowest.busy_s, err));
    SL_TRY(sl_json_add_number(item, "avg_busy_s", timing->slowest.avg_busy_s, err));
    if (timing->partition.name == NULL)
        goto out;
    SL_TRY(sl_json_add_object(to, "slowest_partition", &item, err));
    SL_TRY(sl_json_add_text(item, "name", timing->partition.name, err));
    SL_TRY(sl_json_add_number(item, "seconds", timing->partition.seconds, err));
    SL_TRY(sl_json_add_number(item, "bytes", (double)timing->partition.n_bytes, err));
out:
    return rc;
}

sl_status sl_timing_to_json(const struct sl_timing *timing, struct sl_json *to,
                            struct sl_error *err)
{
    struct sl_json *item;
    sl_status       rc;

    SL_TRY(sl_json_add_number(to, "total_s", timing->total_s.avg, err));
    SL_TRY(sl_json_add_object(to, "seconds", &item, err));
    for (int p = 0; p < SL_N_PHASES; p++)
        SL_TRY(add_spread(item, sl_phase_name((enum sl_phase)p), &timing->seconds[p], err));
    SL_TRY(add_slowest(timing, to, err));
    SL_TRY(sl_json_add_number(to, "work_s", timing->work_s, err));
    SL_TRY(sl_json_add_number(to, "bytes_per_s", sl_timing_bytes_per_s(timing), err));
    SL_TRY(sl_json_add_number(to, "rows_per_s", sl_timing_rows_per_s(timing), err));
    SL_TRY(sl_json_add_object(to, "peak_memory", &item, err));
    SL_TRY(sl_json_add_number(item, "rank", timing->memory.rank, err));
    SL_TRY(sl_json_add_number(item, "bytes", (double)timing->memory.n_bytes, err));
out:
    return rc;
}
