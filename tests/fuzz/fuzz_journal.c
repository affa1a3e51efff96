/* Journal files: replayed and taken up, every part read back.  Nothing is believed but what fits
 * the plan, and a plan cut anew covers what it covered.
 *
 * An input is a byte that says whether checksums are mended (else none would ever fit), the file's
 * head, and behind a length of two bytes what is in the first lane; the rest is in the second. */
#include <fcntl.h>
#include <string.h>

#include "../../src/journal/lane.h"
#include "../../src/journal/record.h"
#include "fuzz.h"
#include "scoreline/hash.h"

enum { MOST_BYTES = 1 << 14, N_FILES = 2, N_CHUNKS = 6, N_KEPT = 2, N_COUNTS = 3 };
enum { N_REQUESTS = 4 }; /* columns that records may name */
enum { N_COLUMNS = SL_ROWS_N_FIXED + N_KEPT, MEND = 1 };

static const struct sl_journal_identity identity = {"0123456789abcdef", "fedcba9876543210"};

/* Two partitions of a file each, 0 to 100 and 0 to 50, a piece of the first only scanned. */
static void make_plan(struct sl_plan *plan)
{
    static const struct sl_chunk chunks[N_CHUNKS] = {
        {0, 0, 0, 20, true, 0},  {0, 0, 20, 60, false, 0}, {0, 0, 60, 100, false, 0},
        {1, 1, 0, 25, false, 0}, {1, 1, 25, 50, false, 0}, {1, 1, 50, 50, false, 0},
    };
    struct sl_partition *partitions = calloc(N_FILES, sizeof *partitions);
    struct sl_file      *files = calloc(N_FILES, sizeof *files);
    struct sl_chunk     *copy = malloc(sizeof chunks);

    FUZZ_CHECK(partitions != NULL && files != NULL && copy != NULL);
    for (int i = 0; i < N_FILES; i++) {
        files[i].n_bytes = i == 0 ? 100 : 50;
        partitions[i] = (struct sl_partition){.first_file = i, .n_files = 1};
    }
    memcpy(copy, chunks, sizeof chunks);
    *plan = (struct sl_plan){.n_partitions = N_FILES,
                             .partitions = partitions,
                             .n_files = N_FILES,
                             .files = files,
                             .n_chunks = N_CHUNKS,
                             .chunks = copy};
}

static void make_rows(struct sl_rows *rows)
{
    struct sl_error                err;
    const struct sl_column_request kept[N_KEPT] = {{.name = (char[]){"name"}, .type = SL_TEXT},
                                                   {.name = (char[]){"rank"}, .type = SL_INTEGER}};
    const struct sl_rows_spec      spec = {.n_classes = 2,
                                           .n_requests = N_REQUESTS,
                                           .kept = kept,
                                           .n_kept = N_KEPT,
                                           .max_rejects = 10,
                                           .n_counts = N_COUNTS};

    FUZZ_CHECK(sl_rows_init(rows, &spec, &err) == SL_OK);
}

/* --- the file --------------------------------------------------------------------------------- */

static void mend_head(struct lane_head *head)
{
    head->crc = sl_crc32c(0, &head->n_lanes, sizeof *head - offsetof(struct lane_head, n_lanes));
}

/* Records one behind the other, as far as they are whole. */
static void mend_records(uint8_t *lane, size_t n_bytes)
{
    const size_t       head_bytes = record_head_bytes(N_COLUMNS);
    uint32_t           widths[N_COLUMNS];
    struct record_head head;

    for (size_t at = 0; n_bytes - at >= head_bytes;) {
        memcpy(&head, lane + at, sizeof head);
        memcpy(widths, lane + at + sizeof head, sizeof widths);
        if (head.payload_bytes <= n_bytes - at - head_bytes)
            head.payload_crc = sl_crc32c(0, lane + at + head_bytes, head.payload_bytes);
        head.head_crc = record_head_crc(&head, widths, N_COLUMNS);
        memcpy(lane + at, &head, sizeof head);
        if (head.payload_bytes > n_bytes - at - head_bytes)
            return;
        at += head_bytes + head.payload_bytes;
    }
}

static void put_at(int fd, const void *data, size_t n_bytes, off_t at)
{
    FUZZ_CHECK(pwrite(fd, data, n_bytes, at) == (ssize_t)n_bytes);
}

static void put_lane(int fd, int lane, bool mend, const uint8_t *data, size_t n_bytes)
{
    uint8_t *copy = malloc(n_bytes + 1);

    FUZZ_CHECK(copy != NULL);
    memcpy(copy, data, n_bytes);
    if (mend)
        mend_records(copy, n_bytes);
    if (n_bytes > 0)
        put_at(fd, copy, n_bytes, lane_begin(lane));
    free(copy);
}

static void put_journal(char *path, const uint8_t *data, size_t size)
{
    const bool       mend = (fuzz_byte(&data, &size) & MEND) != 0;
    struct lane_head head;
    size_t           n_first;
    const int        fd = mkstemp(path);

    FUZZ_CHECK(fd >= 0);
    if (size < sizeof head) { /* torn in its head */
        put_at(fd, data, size, 0);
    } else {
        memcpy(&head, data, sizeof head);
        data += sizeof head;
        size -= sizeof head;
        if (mend)
            mend_head(&head);
        put_at(fd, &head, sizeof head, 0);
        n_first = fuzz_byte(&data, &size);
        n_first |= (size_t)fuzz_byte(&data, &size) << 8;
        n_first = n_first < size ? n_first : size;
        put_lane(fd, 0, mend, data, n_first);
        put_lane(fd, 1, mend, data + n_first, size - n_first);
    }
    FUZZ_CHECK(close(fd) == 0);
}

/* --- what comes of it ------------------------------------------------------------------------- */

/* Every byte of every file is in one chunk, in order, as before. */
static void check_plan(const struct sl_plan *plan, size_t n_places)
{
    size_t  n_resumed = 0;
    int64_t end = 0;

    for (int64_t i = 0; i < plan->n_chunks; i++) {
        const struct sl_chunk *chunk = &plan->chunks[i];

        if (i > 0 && chunk->file != chunk[-1].file) {
            FUZZ_CHECK(end == plan->files[chunk[-1].file].n_bytes);
            end = 0;
        }
        FUZZ_CHECK(chunk->first_byte == end && chunk->end_byte >= end);
        FUZZ_CHECK(chunk->scan_only == (chunk->file == 0 && chunk->end_byte <= 20));
        end = chunk->end_byte;
        n_resumed += chunk->resumed > 0;
        FUZZ_CHECK(chunk->resumed == 0 || chunk->resumed == (int64_t)n_resumed);
    }
    FUZZ_CHECK(end == plan->files[N_FILES - 1].n_bytes && n_resumed == n_places);
}

/* What rows say must be safe to count and to look names up by. */
static void check_rows(const struct sl_rows_chunk *chunk, const struct sl_rows *rows)
{
    FUZZ_CHECK(chunk->begin >= 0 && chunk->begin <= chunk->end && chunk->end <= 100);
    FUZZ_CHECK(chunk->n_records <= 100 && chunk->n_lines <= 100);
    FUZZ_CHECK(chunk->n_missing + chunk->n_rejected <= chunk->n_records);
    FUZZ_CHECK(chunk->lacks >= -1 && chunk->lacks < N_REQUESTS);
    for (size_t i = 0; i < rows->n_rejects; i++)
        FUZZ_CHECK(rows->rejects[i].reason <= SL_NOT_AN_INTEGER && rows->rejects[i].column >= -1 &&
                   rows->rejects[i].column < N_REQUESTS);
    for (size_t i = 0; i < N_COUNTS; i++)
        FUZZ_CHECK(rows->counts[i] >= 0 && rows->counts[i] <= chunk->n_records);
}

static void read_back(struct sl_journal *journal, size_t i, struct sl_rows *rows)
{
    struct sl_error                   err;
    const struct sl_rows_chunk       *chunk = sl_journal_chunk(journal, i);
    static const enum sl_journal_part parts[] = {SL_JOURNAL_COUNTS, SL_JOURNAL_REJECTS,
                                                 SL_JOURNAL_SCORES, SL_JOURNAL_ROWS};

    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        sl_rows_begin(rows, chunk->chunk);
        if (sl_journal_read(journal, i, parts[k], rows, &err) == SL_OK)
            check_rows(chunk, rows);
    }
}

static void take_up(const struct sl_journal_old *old, const struct sl_plan *plan)
{
    struct sl_error              err;
    struct sl_rows               rows;
    struct sl_journal           *journal = NULL;
    bool                         taken;
    const struct sl_journal_spec spec = {.path = "/nowhere/own.journal",
                                         .identity = identity,
                                         .n_lanes = 1,
                                         .plan = plan,
                                         .memory = 1 << 20,
                                         .opens_at = 1e300,
                                         .old = old};

    make_rows(&rows);
    FUZZ_CHECK(sl_journal_create(&spec, &rows, &journal, &err) == SL_OK);
    for (int64_t c = 0; c < plan->n_chunks; c++)
        if (plan->chunks[c].resumed > 0) {
            FUZZ_CHECK(sl_journal_adopt(journal, &plan->chunks[c], c, -1, &taken, &err) == SL_OK);
            if (taken)
                read_back(journal, sl_journal_n(journal) - 1, &rows);
        }
    sl_journal_close(journal);
    sl_rows_release(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_error       err;
    char                  path[48];
    char                 *paths[] = {path};
    struct sl_journal_old old = {.n = 1, .paths = paths};
    struct sl_plan        plan;

    if (size > MOST_BYTES)
        return 0;
    fuzz_name(path, sizeof path, "journal");
    put_journal(path, data, size);
    make_plan(&plan);
    FUZZ_CHECK(sl_journal_replay(&old, &identity, N_COLUMNS, &plan, &old.places, &old.n_places,
                                 &err) == SL_OK);
    check_plan(&plan, old.n_places);
    take_up(&old, &plan);
    free(old.places);
    free(plan.chunks);
    free(plan.files);
    free(plan.partitions);
    unlink(path);
    return 0;
}
