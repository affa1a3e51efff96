/* A stream of records: its end in memory, what was written before that in a lane of a file.  An
 * offset in the stream is the same whether the record is still here or there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal_impl.h"
#include "scoreline/clock.h"
#include "scoreline/hash.h"
#include "scoreline/memory.h"
#include "scoreline/ticker.h"

sl_status sl_journal_create(const struct sl_journal_spec *spec, const struct sl_rows *rows,
                            struct sl_journal **out, struct sl_error *err)
{
    static const struct sl_journal_old none;
    struct sl_journal                 *journal = NULL;
    sl_status                          rc = sl_alloc_array(1, sizeof *journal, &journal, err);

    if (rc != SL_OK)
        return rc;
    *journal = (struct sl_journal){
        .lane = {.path = spec->path, .fd = -1, .lane = spec->lane, .n_lanes = spec->n_lanes},
        .lane_head = lane_head(spec, rows),
        .n_columns = rows->table.n_columns,
        .n_requests = rows->n_requests,
        .memory = spec->memory,
        .opens_at = spec->opens_at,
        .plan = spec->plan,
        .old = spec->old != NULL ? spec->old : &none};
    SL_TRY(sl_alloc_array(journal->old->n, sizeof *journal->old_lanes, &journal->old_lanes, err));
    SL_TRY(sl_alloc_array(journal->old->n, sizeof *journal->tried, &journal->tried, err));
    for (size_t i = 0; i < journal->old->n; i++)
        journal->old_lanes[i].fd = -1;
    *out = journal;
    journal = NULL;
out:
    sl_journal_close(journal);
    return rc;
}

void sl_journal_close(struct sl_journal *journal)
{
    if (journal == NULL)
        return;
    sl_ticker_stop(journal->syncer);
    if (journal->lane.fd >= 0)
        close(journal->lane.fd);
    for (size_t i = 0; journal->old_lanes != NULL && i < journal->old->n; i++)
        if (journal->old_lanes[i].fd >= 0)
            close(journal->old_lanes[i].fd);
    free(journal->old_lanes);
    free(journal->tried);
    sl_text_release(&journal->buffer);
    free(journal->pieces.items);
    free(journal->widths);
    free(journal->entries);
    sl_text_release(&journal->pending);
    free(journal);
}

size_t sl_journal_n(const struct sl_journal *journal)
{
    return journal->n_entries;
}

const struct sl_rows_chunk *sl_journal_chunk(const struct sl_journal *journal, size_t i)
{
    return &journal->entries[i].chunk;
}

uint32_t *widths_of(const struct sl_journal *journal, size_t i)
{
    return journal->widths + i * (size_t)journal->n_columns;
}

void sl_journal_widen(const struct sl_journal *journal, size_t i, int64_t *widths)
{
    const uint32_t *own = widths_of(journal, i);

    for (int k = 0; k < journal->n_columns; k++)
        widths[k] = widths[k] > own[k] ? widths[k] : own[k];
}

/* --- to the file ------------------------------------------------------------------------------ */

enum { SYNC_S = 4 }; /* a node that dies loses what was done since */

/* 0, or errno. */
static int sync_file(struct sl_journal *journal)
{
    const double began = sl_clock_now();
    const int    fault = fdatasync(journal->lane.fd) != 0 ? errno : 0;
    const double took_us = 1e6 * (sl_clock_now() - began);

    if (took_us > (double)atomic_load(
                      &journal->sync_us)) /* one that is lost to another thread's is as long */
        atomic_store(&journal->sync_us, (long long)took_us);
    return fault;
}

static void sync_now(void *state)
{
    struct sl_journal *journal = state;
    int                fault;

    if (atomic_load(&journal->rests))
        return;
    fault = sync_file(journal);
    if (fault != 0)
        atomic_store(&journal->fault, fault);
}

void sl_journal_rest(struct sl_journal *journal)
{
    if (journal != NULL)
        atomic_store(&journal->rests, true);
}

double sl_journal_sync_s(const struct sl_journal *journal)
{
    return journal == NULL ? 0 : 1e-6 * (double)atomic_load(&journal->sync_us);
}

static sl_status sync_failed(const struct sl_journal *journal, int fault, struct sl_error *err)
{
    return sl_fail(err, SL_EOUTPUT, "cannot sync journal '%s': %s", journal->lane.path,
                   strerror(fault));
}

static sl_status open_file(struct sl_journal *journal, struct sl_error *err)
{
    sl_status rc = lane_create(&journal->lane, &journal->lane_head, err);

    return rc == SL_OK ? sl_ticker_start(SYNC_S, sync_now, journal, &journal->syncer, err) : rc;
}

/* Checksums of a record that is still in memory; those of records that never leave it are not
 * needed. */
static void seal(struct sl_journal *journal, size_t i)
{
    struct entry *entry = &journal->entries[i];
    char         *at = journal->pending.data + (entry->at - journal->n_written);
    const size_t  head_bytes = record_head_bytes(journal->n_columns);

    entry->head.payload_crc = sl_crc32c(0, at + head_bytes, entry->head.payload_bytes);
    entry->head.head_crc = record_head_crc(&entry->head, widths_of(journal, i), journal->n_columns);
    memcpy(at, &entry->head, sizeof entry->head);
}

static sl_status write_pending(struct sl_journal *journal, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (journal->lane.fd < 0)
        SL_TRY(open_file(journal, err));
    for (; journal->n_settled < journal->n_entries; journal->n_settled++)
        if (journal->entries[journal->n_settled].lane.fd < 0)
            seal(journal, journal->n_settled);
    SL_TRY(lane_write(&journal->lane, journal->n_written, journal->pending.data,
                      journal->pending.n_bytes, err));
    journal->n_written += (int64_t)journal->pending.n_bytes;
    journal->pending.n_bytes = 0;
out:
    return rc;
}

/* The record of the last entry, straight from the rows. */
static sl_status write_record(struct sl_journal *journal, struct sl_error *err)
{
    const size_t  i = journal->n_entries - 1;
    struct entry *entry = &journal->entries[i];
    const size_t  head_bytes = record_head_bytes(journal->n_columns);
    int64_t       at = entry->at + (int64_t)head_bytes;
    sl_status     rc;

    for (size_t k = 0; k < journal->pieces.n; k++) {
        const struct sl_slice *piece = &journal->pieces.items[k];

        entry->head.payload_crc = sl_crc32c(entry->head.payload_crc, piece->data, piece->n_bytes);
        SL_TRY(lane_write(&journal->lane, at, piece->data, piece->n_bytes, err));
        at += (int64_t)piece->n_bytes;
    }
    entry->head.head_crc = record_head_crc(&entry->head, widths_of(journal, i), journal->n_columns);
    SL_TRY(lane_write(&journal->lane, entry->at, &entry->head, sizeof entry->head, err));
    SL_TRY(lane_write(&journal->lane, entry->at + (int64_t)sizeof entry->head,
                      widths_of(journal, i), head_bytes - sizeof entry->head, err));
    journal->n_written = at;
    journal->n_settled = journal->n_entries;
out:
    return rc;
}

static sl_status keep_record(struct sl_journal *journal, struct sl_error *err)
{
    const size_t  i = journal->n_entries - 1;
    const size_t  widths_bytes = (size_t)journal->n_columns * sizeof(uint32_t);
    struct entry *entry = &journal->entries[i];
    sl_status     rc;

    SL_TRY(sl_text_add_bytes(&journal->pending, &entry->head, sizeof entry->head, err));
    SL_TRY(sl_text_add_bytes(&journal->pending, widths_of(journal, i), widths_bytes, err));
    for (size_t k = 0; k < journal->pieces.n; k++)
        SL_TRY(sl_text_add_bytes(&journal->pending, journal->pieces.items[k].data,
                                 journal->pieces.items[k].n_bytes, err));
out:
    return rc;
}

sl_status make_room(struct sl_journal *journal, struct sl_error *err)
{
    const size_t n = journal->n_entries + 1;
    sl_status    rc;

    SL_TRY(sl_grow_array(&journal->entries, &journal->entry_capacity, n, sizeof *journal->entries,
                         err));
    SL_TRY(sl_grow_array(&journal->widths, &journal->width_capacity, n * (size_t)journal->n_columns,
                         sizeof *journal->widths, err));
out:
    return rc;
}

static sl_status add_entry(struct sl_journal *journal, const struct sl_chunk *cut,
                           const struct sl_rows *rows, struct sl_error *err)
{
    const size_t  i = journal->n_entries;
    struct entry *entry;
    sl_status     rc;

    SL_TRY(make_room(journal, err));
    entry = &journal->entries[i];
    SL_TRY(record_make(journal->plan, cut, rows, &entry->head, widths_of(journal, i),
                       &journal->pieces, err));
    entry->chunk = rows->chunk;
    entry->lane.fd = -1;
    entry->at = journal->n_written + (int64_t)journal->pending.n_bytes;
    journal->n_entries++;
out:
    return rc;
}

sl_status sl_journal_add(struct sl_journal *journal, const struct sl_chunk *cut,
                         const struct sl_rows *rows, struct sl_error *err)
{
    const struct entry *entry;
    size_t              n_bytes;
    bool                is_open = journal->lane.fd >= 0;
    sl_status           rc;

    SL_TRY(add_entry(journal, cut, rows, err));
    entry = &journal->entries[journal->n_entries - 1];
    n_bytes = record_head_bytes(journal->n_columns) + entry->head.payload_bytes;
    is_open = is_open || n_bytes + journal->pending.n_bytes > journal->memory ||
              sl_clock_now() >= journal->opens_at;
    if (!is_open)
        return keep_record(journal, err);
    if (atomic_load(&journal->fault) != 0)
        return sync_failed(journal, atomic_load(&journal->fault), err);
    journal->n_entries--; /* its record is not among those that are pending */
    SL_TRY(write_pending(journal, err));
    sl_text_release(&journal->pending);
    journal->n_entries++;
    rc = write_record(journal, err);
out:
    return rc;
}

sl_status sl_journal_sync(struct sl_journal *journal, struct sl_error *err)
{
    int       fault = 0;
    sl_status rc = SL_OK;

    if (journal->pending.n_bytes > 0)
        SL_TRY(write_pending(journal, err));
    sl_ticker_stop(journal->syncer); /* which would begin once more beside this */
    journal->syncer = NULL;
    if (journal->lane.fd >= 0)
        fault = sync_file(journal);
    if (fault != 0)
        rc = sync_failed(journal, fault, err);
out:
    return rc;
}

/* --- back from it ----------------------------------------------------------------------------- */

struct payload payload_of(const struct sl_journal *journal, const struct entry *entry)
{
    return (struct payload){.journal = journal,
                            .lane = entry->lane.fd >= 0 ? &entry->lane : &journal->lane,
                            .at = entry->at + (int64_t)record_head_bytes(journal->n_columns)};
}

sl_status payload_read(void *state, int64_t at, void *to, size_t n_bytes, struct sl_error *err)
{
    const struct payload    *payload = state;
    const struct sl_journal *journal = payload->journal;
    const int64_t            from = payload->at + at;
    size_t                   n_read;
    sl_status                rc;

    if (payload->lane == &journal->lane && from >= journal->n_written) {
        memcpy(to, journal->pending.data + (from - journal->n_written), n_bytes);
        return SL_OK;
    }
    rc = lane_read(payload->lane, from, to, n_bytes, &n_read, err);
    if (rc == SL_OK && n_read < n_bytes)
        rc = sl_fail(err, SL_EOUTPUT, "cannot read journal '%s': it is shorter than it was",
                     payload->lane->path);
    return rc;
}

sl_status sl_journal_read(struct sl_journal *journal, size_t i, enum sl_journal_part part,
                          struct sl_rows *rows, struct sl_error *err)
{
    const struct entry        *entry = &journal->entries[i];
    struct payload             payload = payload_of(journal, entry);
    const struct record_source source = {.state = &payload, .read = payload_read};
    const size_t               first = rows->table.n_rows;
    sl_status                  rc = record_read(&entry->head, &source, part, rows, err);

    if (rc == SL_OK && payload.lane != &journal->lane &&
        !record_part_is_sound(&entry->head, part, rows, first))
        rc = sl_fail(err, SL_EOUTPUT,
                     "a record holds what no run finds; give --resume never to start anew");
    if (rc != SL_OK && strstr(err->text, payload.lane->path) == NULL)
        sl_error_in(err, "journal '%s'", payload.lane->path);
    return rc;
}
