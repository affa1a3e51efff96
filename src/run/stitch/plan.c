/* Every row's place in the whole.  Parts are sorted by partition and byte; where the bytes of two
 * do not meet, they overlap or leave a gap, and both are named. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/memory.h"
#include "stitch.h"

enum { MOST_NAMED = 5 };

/* --- parts ------------------------------------------------------------------------------------ */

/* Cells of /partitions of a piece. */
static sl_status integers(const struct stitch_piece *piece, const char *name, const int64_t **cells,
                          struct sl_error *err)
{
    const struct sl_table_column *column = sl_table_find(&piece->partitions.table, name, SL_I64);

    if (column == NULL)
        return sl_fail(err, SL_EINPUT, "'%s': it has no /partitions/%s", piece->path, name);
    *cells = column->cells.i64;
    return SL_OK;
}

static struct sl_slice text_at(const struct stitch *s, const struct stitch_part *part,
                               const char *name)
{
    const struct sl_table        *table = &s->pieces[part->piece].partitions.table;
    const struct sl_table_column *column = sl_table_find(table, name, SL_FIXED_TEXT);

    return column != NULL ? sl_table_text(column, part->row) : (struct sl_slice){"", 0};
}

static const char *name_of(const struct stitch *s, const struct stitch_part *part)
{
    return s->pieces[part->piece].partitions.plan.partitions[part->row].name;
}

static const char *path_of(const struct stitch *s, const struct stitch_part *part)
{
    return s->pieces[part->piece].path;
}

static sl_status add_parts(struct stitch *s, int p, const struct stitch_names *names,
                           struct sl_error *err)
{
    const struct stitch_piece *piece = &s->pieces[p];
    const int64_t             *first_byte = NULL;
    const int64_t             *end_byte = NULL;
    const int64_t             *bytes = NULL;
    sl_status                  rc;

    SL_TRY(integers(piece, "first_byte", &first_byte, err));
    SL_TRY(integers(piece, "end_byte", &end_byte, err));
    SL_TRY(integers(piece, "bytes", &bytes, err));
    for (int i = 0; i < piece->partitions.plan.n_partitions; i++) {
        const char               *name = piece->partitions.plan.partitions[i].name;
        const struct stitch_name *found = stitch_find_name(names, name);

        if (found == NULL || first_byte[i] < 0 || first_byte[i] > end_byte[i] ||
            end_byte[i] > bytes[i] ||
            (first_byte[i] == end_byte[i] && piece->partitions.counts[i].n_rows > 0))
            return sl_fail(err, SL_EINPUT, "'%s': /partitions is wrong about partition '%s'",
                           piece->path, name);
        if (first_byte[i] == end_byte[i] && bytes[i] > 0)
            continue; /* a share that no record begins in */
        s->parts[s->n_parts++] = (struct stitch_part){.piece = p,
                                                      .row = (size_t)i,
                                                      .index = found->index,
                                                      .first_byte = first_byte[i],
                                                      .end_byte = end_byte[i]};
    }
out:
    return rc;
}

static int by_place(const void *left, const void *right)
{
    const struct stitch_part *a = left;
    const struct stitch_part *b = right;

    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    if (a->first_byte != b->first_byte)
        return a->first_byte < b->first_byte ? -1 : 1;
    return (a->end_byte > b->end_byte) - (a->end_byte < b->end_byte);
}

static sl_status collect_parts(struct stitch *s, const struct stitch_names *names,
                               struct sl_error *err)
{
    size_t    n = 0;
    sl_status rc;

    for (int p = 0; p < s->opts->n_files; p++)
        n += (size_t)s->pieces[p].partitions.plan.n_partitions;
    SL_TRY(sl_alloc_array(n, sizeof *s->parts, &s->parts, err));
    for (int p = 0; p < s->opts->n_files; p++)
        SL_TRY(add_parts(s, p, names, err));
    qsort(s->parts, s->n_parts, sizeof *s->parts, by_place);
out:
    return rc;
}

/* --- what does not fit, and what is missing --------------------------------------------------- */

static int64_t bytes_of(const struct stitch *s, const struct stitch_part *part)
{
    struct sl_error ignored;
    const int64_t  *bytes = NULL;

    return integers(&s->pieces[part->piece], "bytes", &bytes, &ignored) == SL_OK ? bytes[part->row]
                                                                                 : 0;
}

static sl_status check_same_input(const struct stitch *s, const struct stitch_part *a,
                                  const struct stitch_part *b, struct sl_error *err)
{
    if (stitch_compare_bytes(text_at(s, a, "fingerprint"), text_at(s, b, "fingerprint")) == 0 &&
        bytes_of(s, a) == bytes_of(s, b))
        return SL_OK;
    return sl_fail(err, SL_EINPUT,
                   "partition '%s' was read from different inputs in '%s' and in '%s'",
                   name_of(s, a), path_of(s, a), path_of(s, b));
}

static sl_status overlap(const struct stitch *s, const struct stitch_part *a,
                         const struct stitch_part *b, struct sl_error *err)
{
    int64_t end = a->end_byte < b->end_byte ? a->end_byte : b->end_byte;

    return sl_fail(err, SL_EINPUT,
                   "partition '%s': bytes %" PRId64 " to %" PRId64 " are in '%s' and in '%s'",
                   name_of(s, a), b->first_byte, end, path_of(s, a), path_of(s, b));
}

/* Names of what is missing, at most a few of each kind, and how many there are. */
struct gaps {
    int64_t        n_partitions;
    int64_t        n_ranges;
    struct sl_text partitions;
    struct sl_text ranges;
};

static void gaps_release(struct gaps *gaps)
{
    sl_text_release(&gaps->partitions);
    sl_text_release(&gaps->ranges);
}

static sl_status add_range(struct gaps *gaps, const struct stitch *s,
                           const struct stitch_part *part, int64_t begin, int64_t end,
                           struct sl_error *err)
{
    if (begin == end || gaps->n_ranges++ >= MOST_NAMED)
        return SL_OK;
    return sl_text_add(
        &gaps->ranges, err, "%s bytes %" PRId64 " to %" PRId64 " of %" PRId64 " of '%s'",
        gaps->n_ranges > 1 ? "," : "", begin, end, bytes_of(s, part), name_of(s, part));
}

/* Partitions [from, to) of the list. */
static sl_status add_missing(struct gaps *gaps, const struct stitch_names *names, int64_t from,
                             int64_t to, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int64_t i = from; i < to && rc == SL_OK; i++) {
        const struct sl_slice name = names->in_order[i];

        if (gaps->n_partitions++ < MOST_NAMED)
            rc = sl_text_add(&gaps->partitions, err, "%s '%.*s'", gaps->n_partitions > 1 ? "," : "",
                             (int)name.n_bytes, name.data);
    }
    return rc;
}

static sl_status describe(struct stitch *s, const struct gaps *gaps, int64_t n_all,
                          struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (gaps->n_partitions > 0)
        SL_TRY(sl_text_add(&s->missing, err, "%" PRId64 " of %" PRId64 " partitions:%s%s",
                           gaps->n_partitions, n_all, gaps->partitions.data,
                           gaps->n_partitions > MOST_NAMED ? ", ..." : ""));
    if (gaps->n_ranges > 0)
        SL_TRY(sl_text_add(&s->missing, err, "%s%s%s", s->missing.n_bytes > 0 ? ";" : "",
                           gaps->ranges.data, gaps->n_ranges > MOST_NAMED ? ", ..." : ""));
    if (s->missing.n_bytes > 0 && !s->opts->allow_missing)
        rc = sl_fail(err, SL_EINPUT,
                     "missing: %s; give the pieces that have them, or --allow-missing to go on "
                     "without",
                     s->missing.data + (s->missing.data[0] == ' '));
out:
    return rc;
}

/* --- partitions of the output ------------------------------------------------------------------
 */

/* Parts that meet become one; a gap that is allowed leaves two, each with its own bytes. */
struct joiner {
    const struct stitch_part *first; /* of the partition under way, NULL before the first */
    const struct stitch_part *last;
    int64_t                   reach; /* bytes of it that are there so far */
    int64_t                   next_index;
};

static sl_status begin_index(struct stitch *s, struct joiner *j, const struct stitch_names *names,
                             struct stitch_part *part, struct gaps *gaps, struct sl_error *err)
{
    sl_status rc;

    if (j->first != NULL)
        SL_TRY(add_range(gaps, s, j->last, j->reach, bytes_of(s, j->last), err));
    SL_TRY(add_missing(gaps, names, j->next_index, part->index, err));
    SL_TRY(add_range(gaps, s, part, 0, part->first_byte, err));
    j->next_index = part->index + 1;
    j->first = part;
    part->partition = s->n_partitions++;
out:
    return rc;
}

static sl_status continue_index(struct stitch *s, struct joiner *j, struct stitch_part *part,
                                struct gaps *gaps, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(check_same_input(s, j->first, part, err));
    part->partition = s->n_partitions - 1;
    if (part->first_byte == part->end_byte)
        goto out;
    if (part->first_byte < j->reach)
        return overlap(s, j->last, part, err);
    SL_TRY(add_range(gaps, s, part, j->reach, part->first_byte, err));
    if (part->first_byte > j->reach)
        part->partition = s->n_partitions++;
out:
    return rc;
}

static sl_status join_parts(struct stitch *s, const struct stitch_names *names, struct gaps *gaps,
                            struct sl_error *err)
{
    struct joiner j = {.first = NULL};
    sl_status     rc = SL_OK;

    for (size_t i = 0; i < s->n_parts; i++) {
        struct stitch_part *part = &s->parts[i];
        bool                is_new = j.first == NULL || part->index != j.first->index;

        SL_TRY(is_new ? begin_index(s, &j, names, part, gaps, err)
                      : continue_index(s, &j, part, gaps, err));
        if (is_new || part->end_byte > j.reach) {
            j.last = part;
            j.reach = part->end_byte;
        }
    }
    if (j.first != NULL)
        SL_TRY(add_range(gaps, s, j.last, j.reach, bytes_of(s, j.last), err));
    SL_TRY(add_missing(gaps, names, j.next_index, (int64_t)names->n, err));
out:
    return rc;
}

static sl_status fill_plan(struct stitch *s, struct sl_error *err)
{
    size_t    n = (size_t)s->n_partitions;
    sl_status rc;

    SL_TRY(sl_alloc_array(n, sizeof *s->plan.partitions, &s->plan.partitions, err));
    SL_TRY(sl_alloc_array(n, sizeof *s->counts, &s->counts, err));
    SL_TRY(sl_alloc_array(n, sizeof *s->trained_on, &s->trained_on, err));
    SL_TRY(sl_alloc_array(s->n_parts, sizeof *s->segments, &s->segments, err));
    s->plan.n_partitions = s->n_partitions;
    for (size_t i = 0; i < s->n_parts; i++) {
        const struct stitch_part       *part = &s->parts[i];
        const struct scored_partitions *from = &s->pieces[part->piece].partitions;
        struct sl_partition            *to = &s->plan.partitions[part->partition];

        if (to->name == NULL)
            SL_TRY(sl_copy_text(name_of(s, part), &to->name, err));
        to->trained_on = s->trained_on[part->partition] =
            from->plan.partitions[part->row].trained_on;
        sl_row_counts_add(&s->counts[part->partition], &from->counts[part->row]);
        s->segments[s->n_segments++] =
            (struct stitch_segment){.from = from->first_row[part->row],
                                    .to = s->n_rows,
                                    .n_rows = from->counts[part->row].n_rows,
                                    .piece = part->piece,
                                    .partition = part->partition};
        s->n_rows += from->counts[part->row].n_rows;
    }
out:
    return rc;
}

/* Whether the i-th part is the last one of its partition in the output. */
static bool ends_partition(const struct stitch *s, size_t i)
{
    return i + 1 == s->n_parts || s->parts[i + 1].partition != s->parts[i].partition;
}

/* The same for the same rows, however they were cut. */
static void make_fingerprint(struct stitch *s)
{
    struct sl_hash hash;
    int64_t        first_byte = 0;

    sl_hash_init(&hash);
    sl_hash_add_text(&hash, s->pieces[0].model);
    sl_hash_add_text(&hash, s->pieces[0].scoring);
    sl_hash_add_text(&hash, s->names.data != NULL ? s->names.data : "");
    for (size_t i = 0; i < s->n_parts; i++) {
        const struct stitch_part *part = &s->parts[i];
        const struct sl_slice     input = text_at(s, part, "fingerprint");

        if (i == 0 || ends_partition(s, i - 1))
            first_byte = part->first_byte;
        if (!ends_partition(s, i))
            continue;
        sl_hash_add(&hash, &part->index, sizeof part->index);
        sl_hash_add(&hash, &first_byte, sizeof first_byte);
        sl_hash_add(&hash, &part->end_byte, sizeof part->end_byte);
        sl_hash_add(&hash, input.data, input.n_bytes);
    }
    snprintf(s->fingerprint, sizeof s->fingerprint, "%016" PRIx64, sl_hash_value(&hash));
}

static sl_status widen(struct stitch *s, struct sl_error *err)
{
    const struct sl_table *columns = &s->pieces[s->reference].columns;
    sl_status rc = sl_alloc_array((size_t)columns->n_columns, sizeof *s->widths, &s->widths, err);

    for (int i = 0; rc == SL_OK && i < columns->n_columns; i++) {
        if (columns->columns[i].dtype != SL_FIXED_TEXT)
            continue;
        for (int p = 0; p < s->opts->n_files; p++) {
            const struct sl_table_column *other =
                sl_table_column(&s->pieces[p].columns, columns->columns[i].name);

            if (other != NULL && (int64_t)other->width > s->widths[i])
                s->widths[i] = (int64_t)other->width;
        }
    }
    return rc;
}

sl_status stitch_plan(struct stitch *s, struct sl_error *err)
{
    struct stitch_names names = {0};
    struct gaps         gaps = {0};
    sl_status           rc;

    SL_TRY(stitch_collect_names(s, &names, err));
    SL_TRY(collect_parts(s, &names, err));
    SL_TRY(join_parts(s, &names, &gaps, err));
    SL_TRY(describe(s, &gaps, (int64_t)names.n, err));
    s->reference = s->n_parts > 0 ? s->parts[0].piece : 0;
    SL_TRY(fill_plan(s, err));
    SL_TRY(widen(s, err));
    make_fingerprint(s);
out:
    gaps_release(&gaps);
    stitch_names_release(&names);
    return rc;
}
