/* Records of earlier runs become a journal's own, if all of their bytes are there as they were
 * written, and say what the plan asks for. */
#include <string.h>
#include <unistd.h>

#include "journal_impl.h"
#include "scoreline/hash.h"

enum { VERIFY_BYTES = 1 << 20 };

/* The file of an earlier run whose rows are like ours; not open where it is of no use. */
static struct lane old_lane(struct sl_journal *journal, const struct sl_journal_place *place)
{
    struct lane     *lane = &journal->old_lanes[place->file];
    struct lane      own;
    struct lane_head head;
    struct sl_error  ignored;
    int64_t          n_bytes;

    if (!journal->tried[place->file]) {
        journal->tried[place->file] = true;
        lane->path = journal->old->paths[place->file];
        if (lane_open(lane, &head, &n_bytes, &ignored) == SL_OK && lane->fd >= 0 &&
            !lane_heads_agree(&head, &journal->lane_head)) {
            close(lane->fd);
            lane->fd = -1;
        }
    }
    own = *lane;
    own.lane = place->lane;
    return own;
}

static bool is_cut_so(const struct sl_journal *journal, const struct record_head *head,
                      const struct sl_chunk *cut)
{
    return head->input == journal->plan->partitions[cut->partition].input &&
           head->partition == cut->partition && head->file == cut->file &&
           head->first_byte == cut->first_byte && head->end_byte == cut->end_byte &&
           ((head->flags & RECORD_SCANNED) != 0) == cut->scan_only &&
           (head->flags & RECORD_FAULT) == 0;
}

/* Whether all bytes of an entry's record are there as they were written. */
static bool verifies(struct sl_journal *journal, const struct entry *entry)
{
    struct payload  payload = payload_of(journal, entry);
    const size_t    n_bytes = entry->head.payload_bytes;
    struct sl_error ignored;
    uint32_t        crc = 0;

    for (size_t at = 0; at < n_bytes;) {
        const size_t n = n_bytes - at < VERIFY_BYTES ? n_bytes - at : VERIFY_BYTES;

        if (payload_read(&payload, (int64_t)at, journal->buffer.data, n, &ignored) != SL_OK)
            return false;
        crc = sl_crc32c(crc, journal->buffer.data, n);
        at += n;
    }
    return crc == entry->head.payload_crc;
}

static struct sl_rows_chunk chunk_of(const struct record_head *head, int64_t chunk)
{
    return (struct sl_rows_chunk){.chunk = chunk,
                                  .n_rows = head->n_rows,
                                  .n_records = head->n_records,
                                  .n_lines = head->n_lines,
                                  .begin = head->begin,
                                  .end = head->end,
                                  .lacks = head->lacks,
                                  .n_rejected = head->n_rejected,
                                  .n_missing = head->n_missing,
                                  .n_nonfinite = head->n_nonfinite,
                                  .is_certain = (head->flags & RECORD_CERTAIN) != 0,
                                  .is_resumed = true};
}

/* The head at a place, as an entry behind the others, which it does not belong to yet. */
static bool read_entry(struct sl_journal *journal, const struct sl_journal_place *place)
{
    struct entry   *entry = &journal->entries[journal->n_entries];
    uint32_t       *widths = widths_of(journal, journal->n_entries);
    const size_t    widths_bytes = (size_t)journal->n_columns * sizeof *widths;
    struct sl_error ignored;
    size_t          n_head;
    size_t          n_widths;

    *entry = (struct entry){.lane = old_lane(journal, place), .at = place->at};
    return entry->lane.fd >= 0 &&
           lane_read(&entry->lane, place->at, &entry->head, sizeof entry->head, &n_head,
                     &ignored) == SL_OK &&
           lane_read(&entry->lane, place->at + (int64_t)sizeof entry->head, widths, widths_bytes,
                     &n_widths, &ignored) == SL_OK &&
           n_head == sizeof entry->head && n_widths == widths_bytes &&
           record_head_is_sound(&entry->head, widths, journal->n_columns) &&
           entry->head.lacks < journal->n_requests;
}

sl_status sl_journal_adopt(struct sl_journal *journal, const struct sl_chunk *cut, int64_t chunk,
                           int64_t begin, bool *taken, struct sl_error *err)
{
    const struct sl_journal_place *place = &journal->old->places[cut->resumed - 1];
    struct entry                  *entry;
    sl_status                      rc;

    SL_TRY(make_room(journal, err));
    SL_TRY(sl_text_reserve(&journal->buffer, VERIFY_BYTES, err));
    entry = &journal->entries[journal->n_entries];
    *taken = read_entry(journal, place) && is_cut_so(journal, &entry->head, cut) &&
             (begin < 0 || begin == entry->head.begin) && verifies(journal, entry);
    if (!*taken)
        goto out;
    entry->chunk = chunk_of(&entry->head, chunk);
    if (journal->pending.n_bytes == 0)
        journal->n_settled++;
    journal->n_entries++;
out:
    return rc;
}
