/* The small tables of the whole, out of those of the pieces: cells are copied but where they tell
 * of places, which are new. */
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "stitch.h"

enum { DEFAULT_MAX_REJECTS = 10000 };

/* A row of a table of the same columns, in whatever order, to the end of `to`. */
static sl_status copy_row(const struct sl_table *from, size_t row, struct sl_table *to,
                          struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_table_reserve(to, 1, err));
    for (int i = 0; i < to->n_columns; i++) {
        struct sl_table_column       *c = &to->columns[i];
        const struct sl_table_column *source = sl_table_column(from, c->name);
        const size_t                  n_bytes = sl_column_bytes(c);

        if (source == NULL || source->dtype != c->dtype || source->n_items != c->n_items)
            return sl_fail(err, SL_EINPUT, "a piece has no /%s/%s", from->name, c->name);
        if (c->dtype == SL_FIXED_TEXT)
            SL_TRY(sl_table_put_text(c, to->n_rows, sl_table_text(source, row), err));
        else
            memcpy((char *)c->cells.any + to->n_rows * n_bytes,
                   (const char *)source->cells.any + row * n_bytes, n_bytes);
    }
    to->n_rows++;
out:
    return rc;
}

/* --- /partitions -------------------------------------------------------------------------------
 */

/* What is another number in the whole. */
static void set_integer(struct sl_table *table, size_t row, const char *name, int64_t value)
{
    struct sl_table_column *column = sl_table_find(table, name, SL_I64);

    if (column != NULL)
        column->cells.i64[row] = value;
}

static void set_numbers(const struct stitch *s, struct sl_table *table,
                        const struct stitch_part *part)
{
    const struct sl_row_counts *n = &s->counts[part->partition];
    size_t                      row = (size_t)part->partition;

    set_integer(table, row, "index", part->index);
    set_integer(table, row, "rows", n->n_rows);
    set_integer(table, row, "scored", n->n_scored);
    set_integer(table, row, "missing", n->n_missing);
    set_integer(table, row, "rejected", n->n_rejected);
}

static sl_status make_partitions(const struct stitch *s, struct sl_table *table,
                                 struct sl_error *err)
{
    int64_t   first_row = 0;
    sl_status rc = SL_OK;

    for (size_t i = 0; i < s->n_parts; i++) {
        const struct stitch_part *part = &s->parts[i];

        if ((size_t)part->partition == table->n_rows) {
            SL_TRY(copy_row(&s->pieces[part->piece].partitions.table, part->row, table, err));
            set_numbers(s, table, part);
            set_integer(table, (size_t)part->partition, "first_row", first_row);
            first_row += s->counts[part->partition].n_rows;
        } else if (part->first_byte < part->end_byte) {
            set_integer(table, (size_t)part->partition, "end_byte", part->end_byte);
        }
    }
out:
    return rc;
}

/* --- /rejects ----------------------------------------------------------------------------------
 */

/* Where a reject belongs. */
struct place {
    int32_t partition; /* of the output */
    int64_t record;
    size_t  row; /* of its table */
};

/* Rejects in order, at most as many as the job keeps. */
struct rejects {
    size_t          most;
    struct sl_table table;
    struct place   *places; /* [table.n_rows] */
    size_t          capacity;
};

static int by_place(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;

    if (a->partition != b->partition)
        return a->partition < b->partition ? -1 : 1;
    return (a->record > b->record) - (a->record < b->record);
}

sl_status stitch_map_partitions(const struct stitch *s, int piece, int32_t **map,
                                struct sl_error *err)
{
    size_t    n = (size_t)s->pieces[piece].partitions.plan.n_partitions;
    sl_status rc = sl_alloc_array(n, sizeof **map, map, err);

    for (size_t i = 0; rc == SL_OK && i < n; i++)
        (*map)[i] = -1;
    for (size_t i = 0; rc == SL_OK && i < s->n_parts; i++)
        if (s->parts[i].piece == piece)
            (*map)[s->parts[i].row] = s->parts[i].partition;
    return rc;
}

static sl_status find_places(const struct stitch *s, int piece, struct sl_scored *scored,
                             const struct sl_table *table, struct place **out, struct sl_error *err)
{
    const int                     n_partitions = s->pieces[piece].partitions.plan.n_partitions;
    const struct sl_table_column *partition, *record;
    struct place                 *places = NULL;
    int32_t                      *map = NULL;
    sl_status                     rc;

    SL_TRY(sl_scored_find(scored, table, "partition", SL_I32, &partition, err));
    SL_TRY(sl_scored_find(scored, table, "record", SL_I64, &record, err));
    SL_TRY(stitch_map_partitions(s, piece, &map, err));
    SL_TRY(sl_alloc_array(table->n_rows, sizeof *places, &places, err));
    for (size_t i = 0; i < table->n_rows; i++) {
        int32_t p = partition->cells.i32[i];

        if (p < 0 || p >= n_partitions || map[p] < 0) {
            rc = sl_fail(err, SL_EINPUT, "'%s': /rejects/partition: there is no partition %d%s",
                         s->pieces[piece].path, (int)p,
                         p < 0 || p >= n_partitions ? "" : " that has rows");
            goto out;
        }
        places[i] = (struct place){.partition = map[p], .record = record->cells.i64[i], .row = i};
    }
    qsort(places, table->n_rows, sizeof *places, by_place);
    *out = places;
    places = NULL;
out:
    free(places);
    free(map);
    return rc;
}

static sl_status append_reject(struct rejects *to, const struct sl_table *from,
                               const struct place *place, struct sl_error *err)
{
    size_t    row = to->table.n_rows;
    sl_status rc;

    SL_TRY(sl_grow_array(&to->places, &to->capacity, row + 1, sizeof *to->places, err));
    SL_TRY(copy_row(from, place->row, &to->table, err));
    to->places[row] = (struct place){place->partition, place->record, row};
    sl_table_find(&to->table, "partition", SL_I32)->cells.i32[row] = place->partition;
out:
    return rc;
}

/* Two lists in order become one. */
static sl_status merge(struct rejects *sum, const struct sl_table *table,
                       const struct place *places, struct sl_error *err)
{
    struct rejects merged = {.most = sum->most};
    size_t         i = 0;
    size_t         k = 0;
    sl_status      rc;

    SL_TRY(sl_table_like(&sum->table, &merged.table, err));
    while (merged.table.n_rows < sum->most && (i < sum->table.n_rows || k < table->n_rows)) {
        bool is_old = k == table->n_rows ||
                      (i < sum->table.n_rows && by_place(&sum->places[i], &places[k]) <= 0);

        if (is_old)
            SL_TRY(append_reject(&merged, &sum->table, &sum->places[i++], err));
        else
            SL_TRY(append_reject(&merged, table, &places[k++], err));
    }
    sl_table_release(&sum->table);
    free(sum->places);
    *sum = merged;
    merged = (struct rejects){.most = 0};
out:
    sl_table_release(&merged.table);
    free(merged.places);
    return rc;
}

static sl_status add_rejects(const struct stitch *s, int piece, struct rejects *sum,
                             struct sl_error *err)
{
    struct sl_scored *scored = NULL;
    struct sl_table   table = {0};
    struct place     *places = NULL;
    sl_status         rc;

    SL_TRY(sl_scored_open(s->pieces[piece].path, &scored, err));
    SL_TRY(sl_scored_table(scored, "rejects", &table, err));
    SL_TRY(find_places(s, piece, scored, &table, &places, err));
    SL_TRY(merge(sum, &table, places, err));
out:
    free(places);
    sl_table_release(&table);
    sl_scored_close(scored);
    return rc;
}

static sl_status make_rejects(const struct stitch *s, struct sl_scored *reference,
                              struct sl_table *table, struct sl_error *err)
{
    struct sl_table from = {0};
    struct rejects  sum = {.most = 0};
    double          most = 0;
    sl_status       rc;

    SL_TRY(scored_job_number(reference, "output", "max_rejects", DEFAULT_MAX_REJECTS, &most, err));
    sum.most = most > 0 ? (size_t)most : 0;
    SL_TRY(sl_scored_table(reference, "rejects", &from, err));
    SL_TRY(sl_table_like(&from, &sum.table, err));
    for (int p = 0; p < s->opts->n_files; p++)
        if (s->pieces[p].has_rejects)
            SL_TRY(add_rejects(s, p, &sum, err));
    *table = sum.table;
    sum.table = (struct sl_table){0};
out:
    free(sum.places);
    sl_table_release(&sum.table);
    sl_table_release(&from);
    return rc;
}

/* -----------------------------------------------------------------------------------------------
 */

sl_status stitch_tables(const struct stitch *s, struct sl_scored *reference,
                        struct sl_table tables[STITCH_N_TABLES], struct sl_error *err)
{
    struct sl_table from = {0};
    sl_status       rc;

    SL_TRY(sl_scored_table(reference, "partitions", &from, err));
    SL_TRY(sl_table_like(&from, &tables[STITCH_PARTITIONS], err));
    SL_TRY(make_partitions(s, &tables[STITCH_PARTITIONS], err));
    SL_TRY(run_metric_tables(&s->plan, s->pieces[s->reference].classes.names, &s->measured, true,
                             tables, err));
    SL_TRY(make_rejects(s, reference, &tables[STITCH_REJECTS], err));
    SL_TRY(stitch_drift(s, reference, &tables[STITCH_DRIFT], err));
out:
    sl_table_release(&from);
    return rc;
}
