/* What earlier runs left: their files are read head by head, and a plan is cut anew so that what is
 * done is chunks of its own, and the rest is cut as it was.  Nothing is believed that does not
 * verify; whether chunks begin where those before them end is for the scheduler to find out, as for
 * any guess. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lane.h"
#include "record.h"
#include "scoreline/memory.h"

/* A record that may be taken up. */
struct found {
    int32_t                 file; /* of the plan */
    int64_t                 first_byte;
    int64_t                 end_byte;
    int64_t                 begin;
    int64_t                 end;
    bool                    is_certain;
    bool                    is_scanned;
    struct sl_journal_place place;
};

struct replay {
    const struct sl_plan             *plan;
    const struct sl_journal_identity *identity;
    int                               n_columns;
    uint32_t                         *widths; /* [n_columns] */
    size_t                            n_found;
    size_t                            capacity;
    struct found                     *found;
};

/* --- reading ---------------------------------------------------------------------------------- */

static bool fits_plan(const struct replay *r, const struct record_head *head)
{
    const struct sl_plan      *plan = r->plan;
    const struct sl_partition *partition;

    if (head->partition >= plan->n_partitions || head->file >= plan->n_files)
        return false;
    partition = &plan->partitions[head->partition];
    return head->input == partition->input && head->file >= partition->first_file &&
           head->file - partition->first_file < partition->n_files &&
           head->end_byte <= plan->files[head->file].n_bytes &&
           head->end <= plan->files[head->file].n_bytes;
}

static sl_status note_record(struct replay *r, const struct record_head *head,
                             struct sl_journal_place place, struct sl_error *err)
{
    sl_status rc;

    if ((head->flags & RECORD_FAULT) != 0 || !fits_plan(r, head))
        return SL_OK;
    rc = sl_grow_array(&r->found, &r->capacity, r->n_found + 1, sizeof *r->found, err);
    if (rc == SL_OK)
        r->found[r->n_found++] = (struct found){.file = head->file,
                                                .first_byte = head->first_byte,
                                                .end_byte = head->end_byte,
                                                .begin = head->begin,
                                                .end = head->end,
                                                .is_certain = (head->flags & RECORD_CERTAIN) != 0,
                                                .is_scanned = (head->flags & RECORD_SCANNED) != 0,
                                                .place = place};
    return rc;
}

/* One lane, up to the first thing that is no whole record. */
static sl_status read_lane(struct replay *r, const struct lane *lane, int32_t file, int64_t n_bytes,
                           struct sl_error *err)
{
    const size_t       widths_bytes = (size_t)r->n_columns * sizeof *r->widths;
    const int64_t      head_bytes = (int64_t)record_head_bytes(r->n_columns);
    struct record_head head;
    int64_t            at = 0;
    sl_status          rc = SL_OK;

    for (;;) {
        size_t n_head;
        size_t n_widths;

        SL_TRY(lane_read(lane, at, &head, sizeof head, &n_head, err));
        SL_TRY(lane_read(lane, at + (int64_t)sizeof head, r->widths, widths_bytes, &n_widths, err));
        if (n_head < sizeof head || n_widths < widths_bytes ||
            !record_head_is_sound(&head, r->widths, r->n_columns) ||
            head.payload_bytes > (uint64_t)n_bytes)
            break;
        SL_TRY(note_record(r, &head, (struct sl_journal_place){file, lane->lane, at}, err));
        at += head_bytes + (int64_t)head.payload_bytes;
    }
out:
    return rc;
}

static sl_status read_file(struct replay *r, const char *path, int32_t file, struct sl_error *err)
{
    struct lane      lane = {.path = path, .fd = -1};
    struct lane_head head;
    int64_t          n_bytes;
    sl_status        rc;

    rc = lane_open(&lane, &head, &n_bytes, err);
    if (rc != SL_OK || lane.fd < 0)
        goto out;
    if (head.n_columns != r->n_columns ||
        memcmp(&head.identity, r->identity, sizeof head.identity) != 0)
        goto out; /* of another model: what it says is of no use */
    for (lane.lane = 0; lane.lane < head.n_lanes && lane_begin(lane.lane) < n_bytes; lane.lane++)
        SL_TRY(read_lane(r, &lane, file, n_bytes, err));
out:
    if (lane.fd >= 0)
        close(lane.fd);
    return rc;
}

/* --- choosing and cutting --------------------------------------------------------------------- */

/* By place in the input; of several the one to be believed first comes first. */
static int by_place(const void *left, const void *right)
{
    const struct found *a = left;
    const struct found *b = right;

    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->first_byte != b->first_byte)
        return a->first_byte < b->first_byte ? -1 : 1;
    if (a->is_certain != b->is_certain)
        return a->is_certain ? -1 : 1;
    return (a->end_byte < b->end_byte) - (a->end_byte > b->end_byte);
}

/* A plan being cut anew. */
struct cutting {
    const struct replay     *r;
    size_t                   next; /* of r->found */
    int64_t                  end;  /* of what was cut of this stretch of a file */
    int64_t                  last; /* where its last record that was taken up ends, else -1 */
    struct sl_chunk         *chunks;
    size_t                   n_chunks;
    size_t                   chunk_capacity;
    struct sl_journal_place *places;
    size_t                   n_places;
    size_t                   place_capacity;
};

static sl_status emit(struct cutting *c, struct sl_chunk chunk, int64_t first_byte,
                      int64_t end_byte, int64_t resumed, struct sl_error *err)
{
    sl_status rc =
        sl_grow_array(&c->chunks, &c->chunk_capacity, c->n_chunks + 1, sizeof *c->chunks, err);

    if (rc != SL_OK)
        return rc;
    chunk.first_byte = first_byte;
    chunk.end_byte = end_byte;
    chunk.resumed = resumed;
    c->chunks[c->n_chunks++] = chunk;
    c->end = end_byte;
    return SL_OK;
}

static sl_status emit_record(struct cutting *c, const struct sl_chunk *chunk,
                             const struct found *found, struct sl_error *err)
{
    sl_status rc =
        sl_grow_array(&c->places, &c->place_capacity, c->n_places + 1, sizeof *c->places, err);

    if (rc != SL_OK)
        return rc;
    c->places[c->n_places++] = found->place;
    c->last = found->end;
    return emit(c, *chunk, found->first_byte, found->end_byte, (int64_t)c->n_places, err);
}

/* Whether a record may be what comes next in a chunk, or in the stretch that it belongs to.  One of
 * no bytes leads no further: only a chunk of none may have it. */
static bool may_follow(const struct found *f, const struct sl_chunk *chunk, int64_t from,
                       int64_t stretch_end)
{
    const bool is_empty = chunk->first_byte == chunk->end_byte;

    return f->file == chunk->file && f->first_byte >= from && f->end_byte <= stretch_end &&
           f->is_scanned == chunk->scan_only && (f->first_byte == f->end_byte) == is_empty &&
           (f->first_byte < chunk->end_byte || is_empty);
}

/* Of records that begin at one byte the first, unless another begins where what is before ends. */
static const struct found *best_of(const struct cutting *c, const struct found *first,
                                   const struct sl_chunk *chunk, int64_t stretch_end)
{
    const struct found *end = c->r->found + c->r->n_found;

    for (const struct found *f = first;
         f < end && f->file == first->file && f->first_byte == first->first_byte; f++)
        if (f->begin == c->last && may_follow(f, chunk, first->first_byte, stretch_end))
            return f;
    return first;
}

/* The first record in [from, before) of a chunk's file that ends within the stretch. */
static const struct found *next_record(struct cutting *c, const struct sl_chunk *chunk,
                                       int64_t from, int64_t stretch_end)
{
    const struct replay *r = c->r;

    for (; c->next < r->n_found; c->next++) {
        const struct found *f = &r->found[c->next];

        if (f->file > chunk->file || (f->file == chunk->file && f->first_byte > chunk->end_byte))
            return NULL;
        if (may_follow(f, chunk, from, stretch_end))
            return best_of(c, f, chunk, stretch_end);
        if (f->file == chunk->file && f->first_byte >= chunk->end_byte)
            return NULL; /* of a later chunk */
    }
    return NULL;
}

static sl_status cut_chunk(struct cutting *c, const struct sl_chunk *chunk, int64_t stretch_end,
                           struct sl_error *err)
{
    const bool is_empty = chunk->first_byte == chunk->end_byte;
    int64_t    at = c->end > chunk->first_byte ? c->end : chunk->first_byte;
    sl_status  rc = SL_OK;

    while (at < chunk->end_byte || is_empty) {
        const struct found *found = next_record(c, chunk, at, stretch_end);

        if (found == NULL) {
            rc = emit(c, *chunk, at, chunk->end_byte, 0, err);
            break;
        }
        if (found->first_byte > at)
            SL_TRY(emit(c, *chunk, at, found->first_byte, 0, err));
        SL_TRY(emit_record(c, chunk, found, err));
        at = found->end_byte;
        if (is_empty)
            break;
    }
out:
    return rc;
}

/* Chunks that follow each other in a file, all of one kind. */
static bool goes_on(const struct sl_chunk *chunk)
{
    return chunk[-1].file == chunk->file && chunk[-1].scan_only == chunk->scan_only;
}

static sl_status cut_plan(struct cutting *c, const struct sl_plan *plan, struct sl_error *err)
{
    int64_t   end = 0; /* of the stretch */
    sl_status rc = SL_OK;

    for (int64_t i = 0; i < plan->n_chunks && rc == SL_OK; i++) {
        const struct sl_chunk *chunk = &plan->chunks[i];

        if (i == 0 || !goes_on(chunk)) {
            int64_t last = i;

            while (last + 1 < plan->n_chunks && goes_on(&plan->chunks[last + 1]))
                last++;
            end = plan->chunks[last].end_byte;
            c->end = chunk->first_byte;
            c->last = -1;
        }
        rc = cut_chunk(c, chunk, end, err);
    }
    return rc;
}

sl_status sl_journal_replay(const struct sl_journal_old      *old,
                            const struct sl_journal_identity *identity, int n_columns,
                            struct sl_plan *plan, struct sl_journal_place **places,
                            size_t *n_places, struct sl_error *err)
{
    struct replay  r = {.plan = plan, .identity = identity, .n_columns = n_columns};
    struct cutting c = {.r = &r};
    sl_status      rc;

    SL_TRY(sl_alloc_array((size_t)n_columns, sizeof *r.widths, &r.widths, err));
    for (size_t i = 0; i < old->n; i++)
        SL_TRY(read_file(&r, old->paths[i], (int32_t)i, err));
    if (r.n_found > 0)
        qsort(r.found, r.n_found, sizeof *r.found, by_place);
    SL_TRY(cut_plan(&c, plan, err));
    free(plan->chunks);
    plan->chunks = c.chunks;
    plan->n_chunks = (int64_t)c.n_chunks;
    *places = c.places;
    *n_places = c.n_places;
    c.chunks = NULL;
    c.places = NULL;
out:
    free(c.chunks);
    free(c.places);
    free(r.found);
    free(r.widths);
    return rc;
}
