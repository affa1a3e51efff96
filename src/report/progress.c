/* How far a run is: as a line for logs, a bar for terminals, JSON for other processes. */
#include "scoreline/progress.h"

#include <inttypes.h>
#include <math.h>

#include "scoreline/text.h"

/* --- what follows from what is known ---------------------------------------------------------- */

/* Who has done least; of those who have done the same, who was not heard of for the longest time.
 */
static int find_slowest(const struct sl_progress_rank *ranks, int n)
{
    int slowest = n > 1 ? 0 : -1;

    for (int r = 1; r < n; r++) {
        const struct sl_progress_rank *least = &ranks[slowest];

        if (ranks[r].n_bytes < least->n_bytes ||
            (ranks[r].n_bytes == least->n_bytes && ranks[r].silent_s > least->silent_s))
            slowest = r;
    }
    return slowest;
}

void sl_progress_finish(struct sl_progress *p, int64_t n_bytes_before)
{
    const double fresh = (double)(p->n_bytes_done - n_bytes_before);
    const bool   has_rate = fresh > 0 && p->phase_s > 0;

    p->bytes_per_s = has_rate ? fresh / p->phase_s : 0;
    p->rows_per_s = has_rate ? (double)p->n_rows / p->phase_s : 0;
    p->left_s = has_rate && p->n_bytes > 0
                    ? fmax((double)(p->n_bytes - p->n_bytes_done) / p->bytes_per_s, 0)
                    : -1;
    p->slowest = find_slowest(p->ranks, p->n_ranks);
    if (p->slowest >= 0)
        p->least = p->ranks[p->slowest];
}

/* --- for people ------------------------------------------------------------------------------- */

static double share_of(const struct sl_progress *p)
{
    return p->n_bytes > 0 ? fmin((double)p->n_bytes_done / (double)p->n_bytes, 1) : 0;
}

static void put_time(FILE *to, double seconds)
{
    const int64_t s = (int64_t)(seconds + 0.5);

    if (s >= 3600)
        fprintf(to, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
    else
        fprintf(to, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

static void put_rates(FILE *to, const struct sl_progress *p)
{
    if (p->n_chunks > 0)
        fprintf(to, ", %" PRId64 " of %" PRId64 " chunks", p->n_chunks_done, p->n_chunks);
    if (p->counted != NULL)
        fprintf(to, ", %" PRId64 " of %" PRId64 " %s", p->n_bytes_done, p->n_bytes, p->counted);
    else if (p->bytes_per_s > 0)
        fprintf(to, ", %.3f GB/s, %.3g rows/s", p->bytes_per_s * 1e-9, p->rows_per_s);
    if (p->left_s >= 0) {
        fputs(", ", to);
        put_time(to, p->left_s);
        fputs(" left", to);
    }
}

void sl_report_progress(FILE *to, const struct sl_progress *p)
{
    fprintf(to, "%s: ", p->phase);
    if (p->n_bytes > 0)
        fprintf(to, "%.1f %%", 100 * share_of(p));
    else
        put_time(to, p->phase_s);
    put_rates(to, p);
}

void sl_report_progress_bar(FILE *to, const struct sl_progress *p)
{
    enum { WIDTH = 24 };
    const int n_full = (int)(share_of(p) * WIDTH);
    char      bar[WIDTH + 1];

    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < n_full ? '#' : '-';
    bar[WIDTH] = '\0';
    sl_report_progress_clear(to);
    if (p->n_bytes > 0)
        fprintf(to, "[%s] ", bar);
    sl_report_progress(to, p);
}

void sl_report_progress_clear(FILE *to)
{
    fputs("\r\033[K", to);
}

void sl_report_slowest(FILE *to, const struct sl_progress *p)
{
    char size[32];

    if (p->slowest < 0)
        return;
    sl_format_bytes((double)p->least.n_bytes, size, sizeof size);
    fprintf(to, ", slowest rank %d: %s, silent for %.0f s", p->slowest, size, p->least.silent_s);
}

/* --- for programs ----------------------------------------------------------------------------- */

static sl_status add_ranks(const struct sl_progress *p, struct sl_json *to, struct sl_error *err)
{
    struct sl_json *list, *item;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "ranks", &list, err));
    for (int r = 0; r < p->n_ranks; r++) {
        SL_TRY(sl_json_add_object(list, NULL, &item, err));
        SL_TRY(sl_json_add_number(item, "chunks", (double)p->ranks[r].n_chunks, err));
        SL_TRY(sl_json_add_number(item, "bytes", (double)p->ranks[r].n_bytes, err));
        SL_TRY(sl_json_add_number(item, "rows", (double)p->ranks[r].n_rows, err));
        SL_TRY(sl_json_add_number(item, "silent_s", p->ranks[r].silent_s, err));
    }
out:
    return rc;
}

sl_status sl_progress_to_json(const struct sl_progress *p, struct sl_json *to, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_json_add_text(to, "phase", p->phase, err));
    SL_TRY(sl_json_add_number(to, "phase_s", p->phase_s, err));
    SL_TRY(sl_json_add_number(to, "chunks_done", (double)p->n_chunks_done, err));
    SL_TRY(sl_json_add_number(to, "chunks", (double)p->n_chunks, err));
    if (p->counted != NULL)
        SL_TRY(sl_json_add_text(to, "counted", p->counted, err));
    SL_TRY(sl_json_add_number(to, "bytes_done", (double)p->n_bytes_done, err));
    SL_TRY(sl_json_add_number(to, "bytes", (double)p->n_bytes, err));
    SL_TRY(sl_json_add_number(to, "rows", (double)p->n_rows, err));
    SL_TRY(sl_json_add_number(to, "bytes_per_s", p->bytes_per_s, err));
    SL_TRY(sl_json_add_number(to, "rows_per_s", p->rows_per_s, err));
    if (p->left_s >= 0)
        SL_TRY(sl_json_add_number(to, "left_s", p->left_s, err));
    if (p->slowest >= 0)
        SL_TRY(sl_json_add_number(to, "slowest_rank", p->slowest, err));
    rc = add_ranks(p, to, err);
out:
    return rc;
}

static double number_in(const struct sl_json *from, const char *key, double otherwise)
{
    const double number = sl_json_number(sl_json_find(from, key));

    return fabs(number) <= 9007199254740992.0 ? number : otherwise;
}

void sl_progress_from_json(const struct sl_json *from, struct sl_progress *p)
{
    const char           *phase = sl_json_text(sl_json_find(from, "phase"));
    const struct sl_json *rank = sl_json_first(sl_json_find(from, "ranks"));
    const double          wanted = number_in(from, "slowest_rank", -1);

    *p = (struct sl_progress){.phase = phase != NULL ? phase : "?",
                              .phase_s = number_in(from, "phase_s", 0),
                              .n_chunks_done = (int64_t)number_in(from, "chunks_done", 0),
                              .n_chunks = (int64_t)number_in(from, "chunks", 0),
                              .counted = sl_json_text(sl_json_find(from, "counted")),
                              .n_bytes_done = (int64_t)number_in(from, "bytes_done", 0),
                              .n_bytes = (int64_t)number_in(from, "bytes", 0),
                              .n_rows = (int64_t)number_in(from, "rows", 0),
                              .bytes_per_s = number_in(from, "bytes_per_s", 0),
                              .rows_per_s = number_in(from, "rows_per_s", 0),
                              .left_s = number_in(from, "left_s", -1),
                              .slowest = -1};
    for (double r = 0; rank != NULL && r < wanted; r++)
        rank = sl_json_next(rank);
    p->least = (struct sl_progress_rank){.n_bytes = (int64_t)number_in(rank, "bytes", 0),
                                         .silent_s = number_in(rank, "silent_s", 0)};
    p->slowest = rank != NULL && wanted >= 0 ? (int)wanted : -1;
}
