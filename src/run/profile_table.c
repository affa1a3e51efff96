/* /profile: where the time of each rank went.  The file must have its tables before its rows, and
 * time goes on meanwhile: so the numbers are brought up to date when the rows are there.  What it
 * takes to close, sync and name the file cannot be in it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_impl.h"
#include "scoreline/memory.h"
#include "tables.h"

/* Columns: the phases but PUBLISH, in their order, then these. */
enum { CHUNKS = SL_N_PHASES - 1, BYTES, ROWS, MEMORY, HOST, N_COLUMNS };

static const struct table_column other_columns[N_COLUMNS - CHUNKS] = {
    [0] = {"chunks", SL_I64, {.long_name = "chunks done"}},
    [BYTES - CHUNKS] = {"bytes", SL_I64, {.long_name = "bytes of them", .units = "byte"}},
    [ROWS - CHUNKS] = {"rows", SL_I64, {.long_name = "rows of them"}},
    [MEMORY - CHUNKS] = {"peak_memory",
                         SL_I64,
                         {.long_name = "most memory it had so far", .units = "byte"}},
    [HOST - CHUNKS] = {"host", SL_FIXED_TEXT, {.long_name = "where it ran"}},
};

/* What a rank tells. */
struct profile_row {
    double  seconds[SL_N_PHASES];
    int64_t numbers[HOST - CHUNKS];
    char    host[256];
};

static sl_status gather(const struct sl_comm *comm, const struct sl_stopwatch *watch,
                        const struct run_pace *pace, struct profile_row **all, struct sl_error *err)
{
    struct profile_row own = {
        .numbers = {pace->n_chunks, pace->n_bytes, pace->n_rows, sl_memory_peak()}};
    void     *bytes = NULL;
    size_t    n_bytes = 0;
    sl_status rc;

    sl_stopwatch_read(watch, own.seconds);
    if (gethostname(own.host, sizeof own.host - 1) != 0)
        own.host[0] = '\0';
    rc = sl_comm_gather_bytes(comm, &own, sizeof own, &bytes, &n_bytes, err);
    *all = bytes;
    return rc;
}

static enum sl_phase phase_of(int column)
{
    return (enum sl_phase)(column < SL_PHASE_PUBLISH ? column : column + 1);
}

static void put_numbers(struct sl_table *table, size_t r, const struct profile_row *row)
{
    for (int c = 0; c < CHUNKS; c++)
        table->columns[c].cells.f64[r] = row->seconds[phase_of(c)];
    for (int c = CHUNKS; c < HOST; c++)
        table->columns[c].cells.i64[r] = row->numbers[c - CHUNKS];
}

static sl_status init_columns(struct sl_table *table, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_table_init(table, "profile", "rank", N_COLUMNS, err));
    for (int c = 0; c < CHUNKS; c++)
        SL_TRY(sl_table_column_init(
            &table->columns[c], sl_phase_name(phase_of(c)), SL_F64,
            (struct sl_column_notes){.long_name = sl_phase_meaning(phase_of(c)), .units = "s"},
            err));
    for (int c = CHUNKS; c < N_COLUMNS; c++)
        SL_TRY(sl_table_column_init(&table->columns[c], other_columns[c - CHUNKS].name,
                                    other_columns[c - CHUNKS].dtype,
                                    other_columns[c - CHUNKS].notes, err));
out:
    return rc;
}

sl_status run_make_profile(const struct sl_comm *comm, const struct sl_stopwatch *watch,
                           const struct run_pace *pace, struct sl_table *table,
                           struct sl_error *err)
{
    const size_t        n = sl_comm_rank(comm) == 0 ? (size_t)sl_comm_size(comm) : 0;
    struct profile_row *all = NULL;
    sl_status           rc;

    SL_TRY(gather(comm, watch, pace, &all, err));
    SL_TRY(init_columns(table, err));
    SL_TRY(sl_table_reserve(table, n, err));
    for (size_t r = 0; r < n; r++) {
        put_numbers(table, r, &all[r]);
        SL_TRY(table_put(&table->columns[HOST], r, all[r].host, err));
    }
    table->n_rows = n;
out:
    free(all);
    return rc;
}

sl_status run_update_profile(const struct sl_comm *comm, const struct sl_stopwatch *watch,
                             const struct run_pace *pace, struct sl_table *table,
                             struct sl_error *err)
{
    struct profile_row *all = NULL;
    sl_status           rc = gather(comm, watch, pace, &all, err);

    for (size_t r = 0; rc == SL_OK && r < table->n_rows; r++)
        put_numbers(table, r, &all[r]);
    free(all);
    return rc;
}
