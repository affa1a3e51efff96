/* The journal: what is kept comes back, from memory and from files; of what earlier runs left only
 * that is taken up which is whole, of this run, and fits the plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "scoreline/hash.h"
#include "scoreline/journal.h"
#include "scoreline/memory.h"

#define NEVER 1e300 /* a moment that does not come */

enum { N_KEPT = 2, NAME = SL_ROWS_N_FIXED, RANK, N_COLUMNS, N_COUNTS = 3, N_REQUESTS = 4 };
enum { FILE_BYTES = 100, MOST_CHUNKS = 16, IN_MEMORY = 1 << 20, STRIPE_BYTES = 4 << 20 };

static struct sl_error err;

static const struct sl_journal_identity ours = {"0123456789abcdef", "fedcba9876543210"};

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != SL_OK)                                                                       \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)

/* --- a folder, and rows -------------------------------------------------------------------------
 */

struct place {
    char folder[32];
    char path[48]; /* of a journal in it */
};

static int setup(void **state)
{
    static struct place place;

    strcpy(place.folder, "/tmp/scoreline_jrnl_XXXXXX");
    *state = &place;
    if (mkdtemp(place.folder) == NULL)
        return -1;
    snprintf(place.path, sizeof place.path, "%s/a.journal", place.folder);
    return 0;
}

static int teardown(void **state)
{
    const struct place *place = *state;

    unlink(place->path);
    return rmdir(place->folder);
}

static void rows_init(struct sl_rows *rows, size_t n_counts)
{
    char                           name[] = "name", rank[] = "rank";
    const struct sl_column_request kept[N_KEPT] = {{.name = name, .type = SL_TEXT},
                                                   {.name = rank, .type = SL_INTEGER}};
    const struct sl_rows_spec      spec = {.n_classes = 2,
                                           .n_requests = N_REQUESTS,
                                           .kept = kept,
                                           .n_kept = N_KEPT,
                                           .max_rejects = 10,
                                           .n_counts = n_counts};

    OK(sl_rows_init(rows, &spec, &err));
}

/* A chunk of the one file: what its rows are follows from its first byte and their number. */
static struct sl_chunk cut_of(int64_t first_byte, int64_t end_byte)
{
    return (struct sl_chunk){.first_byte = first_byte, .end_byte = end_byte};
}

static double probability_of(int64_t first_byte, size_t row)
{
    return (double)(first_byte + 1) / (double)(row + 2) / 1e7;
}

/* Texts of all lengths, the first of them empty. */
static void name_of(int64_t first_byte, size_t row, char *to, size_t to_bytes)
{
    snprintf(to, to_bytes, "%.*s%zu", row > 0 ? (int)(first_byte % 7) : 0, "abcdefg", row);
    if (row == 0)
        to[0] = '\0';
}

static void put_row(struct sl_table *table, int64_t first_byte, size_t row)
{
    struct sl_table_column *columns = table->columns;
    char                    name[16];

    name_of(first_byte, row, name, sizeof name);
    columns[SL_ROWS_PROBABILITY].cells.f64[row] = probability_of(first_byte, row);
    columns[SL_ROWS_PREDICTED].cells.i8[row] = (int8_t)(row % 2);
    columns[SL_ROWS_STATUS].cells.u8[row] = SL_ROW_SCORED;
    columns[SL_ROWS_LABEL].cells.i8[row] = (int8_t)((int)(row % 4) - 2);
    columns[RANK].cells.i64[row] = first_byte * 1000 + (int64_t)row;
    OK(sl_table_put_text(&columns[NAME], row, (struct sl_slice){name, strlen(name)}, &err));
}

/* Row 1, where there is one, is a rejected record. */
static void put_reject(struct sl_rows *rows, const struct sl_chunk *cut)
{
    const struct sl_reject reject = {
        .place = {1, 1, cut->first_byte}, .reason = SL_NOT_A_NUMBER, .column = 2};

    rows->table.columns[SL_ROWS_PROBABILITY].cells.f64[1] = NAN;
    rows->table.columns[SL_ROWS_PREDICTED].cells.i8[1] = -1;
    rows->table.columns[SL_ROWS_STATUS].cells.u8[1] = SL_ROW_REJECTED;
    rows->chunk.n_rejected = 1;
    OK(sl_rows_reject(rows, &reject, &err));
}

static void fill(struct sl_rows *rows, const struct sl_chunk *cut, size_t n)
{
    struct sl_rows_chunk *chunk = &rows->chunk;

    sl_rows_begin(rows, cut->first_byte);
    OK(sl_table_reserve(&rows->table, n, &err));
    for (size_t row = 0; row < n; row++)
        put_row(&rows->table, cut->first_byte, row);
    rows->table.n_rows = n;
    chunk->n_rows = chunk->n_records = chunk->n_lines = (int64_t)n;
    chunk->begin = cut->first_byte;
    chunk->end = cut->end_byte;
    chunk->is_certain = true;
    chunk->n_nonfinite = 3;
    if (n > 1)
        put_reject(rows, cut);
    for (size_t i = 0; i < rows->n_counts; i++)
        rows->counts[i] = (int64_t)(n > i ? i : 0);
}

static void check_row(const struct sl_table *table, int64_t first_byte, size_t at, size_t row)
{
    const struct sl_table_column *columns = table->columns;
    const int64_t *const          ends = columns[NAME].cells.end;
    const int64_t                 begin = at + row > 0 ? ends[at + row - 1] : 0;
    char                          name[16];

    name_of(first_byte, row, name, sizeof name);
    if (row == 1)
        assert_true(isnan(columns[SL_ROWS_PROBABILITY].cells.f64[at + row]));
    else
        assert_true(columns[SL_ROWS_PROBABILITY].cells.f64[at + row] ==
                    probability_of(first_byte, row));
    assert_int_equal(columns[SL_ROWS_PREDICTED].cells.i8[at + row], row == 1 ? -1 : (int)(row % 2));
    assert_int_equal(columns[SL_ROWS_LABEL].cells.i8[at + row], (int)(row % 4) - 2);
    assert_int_equal(columns[RANK].cells.i64[at + row], first_byte * 1000 + (int64_t)row);
    assert_int_equal(ends[at + row] - begin, strlen(name));
    assert_memory_equal(columns[NAME].bytes.data + begin, name, strlen(name));
}

/* Record i is what fill() made. */
static void check_record(struct sl_journal *journal, size_t i, int64_t first_byte, size_t n)
{
    const struct sl_rows_chunk *chunk = sl_journal_chunk(journal, i);
    struct sl_rows              rows;

    rows_init(&rows, N_COUNTS);
    assert_int_equal(chunk->n_rows, n);
    assert_int_equal(chunk->begin, first_byte);
    assert_int_equal(chunk->n_rejected, n > 1);
    OK(sl_journal_read(journal, i, SL_JOURNAL_COUNTS, &rows, &err));
    for (size_t k = 0; k < N_COUNTS; k++)
        assert_int_equal(rows.counts[k], n > k ? k : 0);
    OK(sl_journal_read(journal, i, SL_JOURNAL_REJECTS, &rows, &err));
    assert_int_equal(rows.n_rejects, n > 1);
    if (n > 1)
        assert_true(rows.rejects[0].column == 2 && rows.rejects[0].place.record == 1);
    for (size_t twice = 0; twice < 2; twice++) { /* the second time behind what is there */
        OK(sl_journal_read(journal, i, SL_JOURNAL_ROWS, &rows, &err));
        assert_int_equal(rows.table.n_rows, (twice + 1) * n);
        for (size_t row = 0; row < n; row++)
            check_row(&rows.table, first_byte, twice * n, row);
    }
    sl_rows_begin(&rows, 0);
    OK(sl_journal_read(journal, i, SL_JOURNAL_SCORES, &rows, &err));
    assert_int_equal(rows.table.n_rows, n);
    if (n > 0)
        assert_true(rows.table.columns[SL_ROWS_PROBABILITY].cells.f64[0] ==
                    probability_of(first_byte, 0));
    sl_rows_release(&rows);
}

/* --- journals -----------------------------------------------------------------------------------
 */

/* What chunks are of where they are added. */
static struct sl_partition  inputs[] = {{.n_files = 1, .input = 7}};
static const struct sl_plan own_plan = {.n_partitions = 1, .partitions = inputs};

static struct sl_journal_spec spec_of(const struct place *place, size_t memory)
{
    return (struct sl_journal_spec){.path = place->path,
                                    .identity = ours,
                                    .n_lanes = 1,
                                    .memory = memory,
                                    .opens_at = NEVER,
                                    .plan = &own_plan};
}

static struct sl_journal *create(const struct sl_journal_spec *spec)
{
    struct sl_journal *journal = NULL;
    struct sl_rows     rows;

    rows_init(&rows, N_COUNTS);
    OK(sl_journal_create(spec, &rows, &journal, &err));
    sl_rows_release(&rows);
    return journal;
}

static void add(struct sl_journal *journal, struct sl_chunk cut, size_t n)
{
    struct sl_rows rows;

    rows_init(&rows, N_COUNTS);
    fill(&rows, &cut, n);
    OK(sl_journal_add(journal, &cut, &rows, &err));
    sl_rows_release(&rows);
}

/* A file of chunks that end where the next begins, three rows each. */
static void write_chunks(const struct place *place, const int64_t *ends, size_t n)
{
    const struct sl_journal_spec spec = spec_of(place, 0);
    struct sl_journal           *journal = create(&spec);

    for (size_t i = 0; i < n; i++)
        add(journal, cut_of(i > 0 ? ends[i - 1] : 0, ends[i]), 3);
    OK(sl_journal_sync(journal, &err));
    sl_journal_close(journal);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void a_journal_that_stays_in_memory_makes_no_file(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, IN_MEMORY);
    struct sl_journal           *journal = create(&spec);
    int64_t                      widths[N_COLUMNS] = {0};

    add(journal, cut_of(0, 30), 9);
    add(journal, cut_of(30, 34), 0);
    add(journal, cut_of(34, 99), 5);
    assert_int_equal(sl_journal_n(journal), 3);
    check_record(journal, 2, 34, 5);
    check_record(journal, 0, 0, 9);
    check_record(journal, 1, 30, 0);
    sl_journal_widen(journal, 0, widths);
    assert_int_equal(widths[NAME], SL_LEAST_WIDTH);
    sl_journal_widen(journal, 2, widths);
    assert_int_equal(widths[NAME], 34 % 7 + 1);
    assert_int_equal(widths[RANK], 0);
    sl_journal_close(journal);
    assert_false(is_there(spec.path));
}

static void what_memory_does_not_hold_goes_to_the_file(void **state)
{
    for (size_t memory = 0; memory < 1200; memory += 150) {
        const struct sl_journal_spec spec = spec_of(*state, memory);
        struct sl_journal           *journal = create(&spec);

        for (int64_t i = 0; i < 5; i++)
            add(journal, cut_of(20 * i, 20 * i + 20), (size_t)i);
        assert_true(is_there(spec.path));
        for (int64_t i = 4; i >= 0; i--)
            check_record(journal, (size_t)i, 20 * i, (size_t)i);
        sl_journal_close(journal);
        unlink(spec.path);
    }
}

static void a_sync_brings_to_the_file_what_is_in_memory(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, IN_MEMORY);
    struct sl_journal           *journal = create(&spec);
    struct stat                  file;

    OK(sl_journal_sync(journal, &err));
    assert_false(is_there(spec.path)); /* there is nothing */
    add(journal, cut_of(0, 30), 4);
    OK(sl_journal_sync(journal, &err));
    assert_int_equal(stat(spec.path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    add(journal, cut_of(30, 60), 3);
    check_record(journal, 0, 0, 4);
    check_record(journal, 1, 30, 3);
    sl_journal_close(journal);
}

static void from_its_moment_on_all_goes_to_the_file(void **state)
{
    struct sl_journal_spec spec = spec_of(*state, IN_MEMORY);
    struct sl_journal     *journal;

    spec.opens_at = 0;
    journal = create(&spec);
    add(journal, cut_of(0, 30), 4);
    assert_true(is_there(spec.path));
    check_record(journal, 0, 0, 4);
    sl_journal_close(journal);
}

static void a_file_that_cannot_be_made_is_named(void **state)
{
    struct sl_journal_spec spec = spec_of(*state, 0);
    const struct sl_chunk  cut = cut_of(0, 30);
    struct sl_journal     *journal;
    struct sl_rows         rows;

    spec.path = "/nonexistent/a.journal";
    journal = create(&spec);
    rows_init(&rows, N_COUNTS);
    fill(&rows, &cut, 3);
    assert_int_equal(sl_journal_add(journal, &cut, &rows, &err), SL_EOUTPUT);
    assert_non_null(strstr(err.text, "/nonexistent/a.journal"));
    sl_rows_release(&rows);
    sl_journal_close(journal);
}

/* --- what earlier runs left ---------------------------------------------------------------------
 */

/* A plan of one file, and what a replay made of it. */
struct replay {
    struct sl_plan        plan;
    struct sl_partition   partition;
    struct sl_file        file;
    const char           *path;
    struct sl_journal_old old;
};

static void replay_plan(struct replay *r, const struct place *place, const int64_t *ends, size_t n)
{
    *r = (struct replay){.partition = inputs[0], .file = {.n_bytes = FILE_BYTES}};
    r->plan = (struct sl_plan){.n_partitions = 1,
                               .partitions = &r->partition,
                               .n_files = 1,
                               .files = &r->file,
                               .n_chunks = (int64_t)n};
    OK(sl_alloc_array(n, sizeof *r->plan.chunks, &r->plan.chunks, &err));
    for (size_t i = 0; i < n; i++)
        r->plan.chunks[i] = cut_of(i > 0 ? ends[i - 1] : 0, ends[i]);
    r->path = place->path;
    r->old.n = 1;
    r->old.paths = (char **)(uintptr_t)&r->path;
}

static void replay_files(struct replay *r)
{
    OK(sl_journal_replay(&r->old, &ours, N_COLUMNS, &r->plan, &r->old.places, &r->old.n_places,
                         &err));
}

static void replay_release(struct replay *r)
{
    free(r->plan.chunks);
    free(r->old.places);
}

/* The plan's ends, those of chunks that name a record with a '*'. */
static void check_cuts(const struct replay *r, const char *expected)
{
    char   text[256] = "";
    size_t n = 0;

    for (int64_t i = 0; i < r->plan.n_chunks; i++) {
        const struct sl_chunk *chunk = &r->plan.chunks[i];

        assert_int_equal(chunk->first_byte, i > 0 ? chunk[-1].end_byte : 0);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%lld%s", i > 0 ? " " : "",
                              (long long)chunk->end_byte, chunk->resumed > 0 ? "*" : "");
    }
    assert_string_equal(text, expected);
}

/* Takes up what chunk i names; where `n` is not negative it must be so many rows of fill(). */
static bool adopt(const struct replay *r, const struct place *place, int64_t i, int64_t begin,
                  int n)
{
    struct sl_journal_spec spec = spec_of(place, IN_MEMORY);
    struct sl_journal     *journal;
    bool                   taken;

    spec.path = "/nonexistent/own.journal"; /* which nothing is written to */
    spec.old = &r->old;
    journal = create(&spec);
    add(journal, cut_of(7, 9), 2);
    OK(sl_journal_adopt(journal, &r->plan.chunks[i], i, begin, &taken, &err));
    add(journal, cut_of(9, 12), 4);
    assert_int_equal(sl_journal_n(journal), 2 + (size_t)taken);
    check_record(journal, 0, 7, 2);
    check_record(journal, 1 + (size_t)taken, 9, 4);
    if (taken && n >= 0) {
        const struct sl_rows_chunk *chunk = sl_journal_chunk(journal, 1);

        assert_true(chunk->is_resumed && chunk->is_certain && chunk->chunk == i);
        assert_int_equal(chunk->n_nonfinite, 3);
        check_record(journal, 1, r->plan.chunks[i].first_byte, (size_t)n);
    }
    sl_journal_close(journal);
    return taken;
}

static const int64_t thirds[] = {30, 60, FILE_BYTES};

static void what_was_done_is_taken_up(void **state)
{
    struct replay r;

    write_chunks(*state, thirds, 3);
    replay_plan(&r, *state, thirds, 3);
    replay_files(&r);
    check_cuts(&r, "30* 60* 100*");
    for (int64_t i = 0; i < 3; i++)
        assert_true(adopt(&r, *state, i, -1, 3));
    assert_true(adopt(&r, *state, 1, 30, 3));
    assert_false(adopt(&r, *state, 1, 31, 3)); /* it is known to begin elsewhere */
    replay_release(&r);
}

static void other_chunk_sizes_are_cut_around_it(void **state)
{
    static const struct {
        int64_t     ends[MOST_CHUNKS];
        size_t      n;
        const char *expected;
    } plans[] = {
        {{FILE_BYTES}, 1, "30* 60* 100*"},
        {{10, 20, 30, 40, 50, 60, 70, 80, 90, FILE_BYTES}, 10, "30* 60* 100*"},
        {{45, FILE_BYTES}, 2, "30* 60* 100*"},
        {{29, 31, 59, 61, FILE_BYTES}, 5, "30* 60* 100*"},
    };
    struct replay r;

    write_chunks(*state, thirds, 3);
    for (size_t k = 0; k < sizeof plans / sizeof *plans; k++) {
        replay_plan(&r, *state, plans[k].ends, plans[k].n);
        replay_files(&r);
        check_cuts(&r, plans[k].expected);
        replay_release(&r);
    }
}

static void the_rest_is_cut_as_it_was(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal           *journal = create(&spec);
    static const int64_t         quarters[] = {25, 50, 75, FILE_BYTES};
    struct replay                r;

    add(journal, cut_of(30, 60), 3);
    sl_journal_close(journal);
    replay_plan(&r, *state, quarters, 4);
    replay_files(&r);
    check_cuts(&r, "25 30 60* 75 100");
    assert_true(adopt(&r, *state, 2, -1, 3));
    replay_release(&r);
}

static void of_those_that_overlap_one_is_taken(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal           *journal = create(&spec);
    static const int64_t         whole[] = {FILE_BYTES};
    struct replay                r;

    add(journal, cut_of(20, 80), 3);
    add(journal, cut_of(0, 40), 3);
    add(journal, cut_of(40, 50), 3);
    add(journal, cut_of(30, 90), 3);
    sl_journal_close(journal);
    replay_plan(&r, *state, whole, 1);
    replay_files(&r);
    check_cuts(&r, "40* 50* 100");
    replay_release(&r);
}

/* A record as it stands in the journal, but for what the case changes. */
static void add_changed(struct sl_journal *journal, struct sl_chunk cut,
                        void (*change)(struct sl_rows *rows))
{
    struct sl_rows rows;

    rows_init(&rows, N_COUNTS);
    fill(&rows, &cut, 3);
    change(&rows);
    OK(sl_journal_add(journal, &cut, &rows, &err));
    sl_rows_release(&rows);
}

static void guess_wrong(struct sl_rows *rows)
{
    rows->chunk.is_certain = false;
    rows->chunk.begin += 5;
    rows->table.columns[RANK].cells.i64[0] = -1;
}

static void of_those_of_one_chunk_the_certain_one_is_taken(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal           *journal = create(&spec);
    struct replay                r;

    add_changed(journal, cut_of(0, 30), guess_wrong);
    add(journal, cut_of(0, 30), 3);
    add_changed(journal, cut_of(0, 30), guess_wrong);
    add(journal, cut_of(0, 30), 3);
    sl_journal_close(journal);
    replay_plan(&r, *state, thirds, 3);
    replay_files(&r);
    check_cuts(&r, "30* 60 100");
    assert_true(adopt(&r, *state, 0, -1, 3));
    replay_release(&r);
}

static void fail_at_data(struct sl_rows *rows)
{
    rows->chunk.fault.code = SL_EINPUT;
}

static void what_ends_a_run_is_not_taken_up(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal           *journal = create(&spec);
    struct replay                r;

    add_changed(journal, cut_of(0, 30), fail_at_data);
    add(journal, cut_of(30, 60), 3);
    sl_journal_close(journal);
    replay_plan(&r, *state, thirds, 3);
    replay_files(&r);
    check_cuts(&r, "30 60* 100");
    replay_release(&r);
}

static void what_was_scanned_only_is_no_rows(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal           *journal = create(&spec);
    struct sl_chunk              cut = cut_of(0, 30);
    struct sl_rows               rows;
    struct replay                r;

    rows_init(&rows, N_COUNTS);
    fill(&rows, &cut, 0);
    rows.chunk.n_records = 4;
    cut.scan_only = true;
    OK(sl_journal_add(journal, &cut, &rows, &err));
    add(journal, cut_of(30, 60), 3);
    sl_journal_close(journal);
    sl_rows_release(&rows);

    replay_plan(&r, *state, thirds, 3); /* of which rows are wanted */
    replay_files(&r);
    check_cuts(&r, "30 60* 100");
    replay_release(&r);
    replay_plan(&r, *state, thirds, 3); /* of which two are only scanned */
    r.plan.chunks[0].scan_only = r.plan.chunks[1].scan_only = true;
    replay_files(&r);
    check_cuts(&r, "30* 60 100");
    assert_true(adopt(&r, *state, 0, -1, -1));
    replay_release(&r);
}

static void a_chunk_without_bytes_has_its_record(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal           *journal = create(&spec);
    static const int64_t         ends[] = {FILE_BYTES, FILE_BYTES};
    struct replay                r;

    add(journal, cut_of(0, FILE_BYTES), 3);
    add(journal, cut_of(FILE_BYTES, FILE_BYTES), 0);
    sl_journal_close(journal);
    replay_plan(&r, *state, ends, 2);
    replay_files(&r);
    check_cuts(&r, "100* 100*");
    replay_release(&r);
}

/* It would lead nowhere, again and again. */
static void a_record_without_bytes_is_passed_over_elsewhere(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal           *journal = create(&spec);
    struct replay                r;

    add(journal, cut_of(0, 0), 0);
    add(journal, cut_of(30, 30), 0);
    add(journal, cut_of(30, 60), 3);
    add(journal, cut_of(60, 60), 0);
    sl_journal_close(journal);
    replay_plan(&r, *state, thirds, 3);
    replay_files(&r);
    check_cuts(&r, "30 60* 100");
    replay_release(&r);
}

/* Two begin at one byte, and the one that follows what is before ends behind what is scanned. */
static void what_follows_ends_within_its_stretch(void **state)
{
    const struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal           *journal = create(&spec);
    static const int64_t         ends[] = {30, FILE_BYTES};
    static const int64_t         last[] = {15, 30, 60};
    struct sl_rows               rows;
    struct replay                r;

    rows_init(&rows, N_COUNTS);
    for (size_t i = 0; i < 3; i++) {
        struct sl_chunk cut = cut_of(i > 0 ? 15 : 0, last[i]);

        fill(&rows, &cut, 0);
        rows.chunk.begin = i == 1 ? 20 : cut.first_byte; /* a guess that is wrong */
        rows.chunk.is_certain = i != 2;
        cut.scan_only = true;
        OK(sl_journal_add(journal, &cut, &rows, &err));
    }
    sl_journal_close(journal);
    sl_rows_release(&rows);
    replay_plan(&r, *state, ends, 2);
    r.plan.chunks[0].scan_only = true;
    replay_files(&r);
    check_cuts(&r, "15* 30* 100");
    replay_release(&r);
}

static void lanes_of_one_file_do_not_mix(void **state)
{
    enum { N_LANES = 3, N_EACH = 4 };
    struct sl_journal_spec spec = spec_of(*state, 400);
    struct sl_journal     *journals[N_LANES];
    static const int64_t   whole[] = {FILE_BYTES};
    struct replay          r;

    spec.n_lanes = N_LANES;
    for (spec.lane = 0; spec.lane < N_LANES; spec.lane++)
        journals[spec.lane] = create(&spec);
    for (int64_t i = 0; i < N_LANES * N_EACH; i++)
        add(journals[i % N_LANES], cut_of(8 * i, 8 * i + 8), (size_t)(i % 5));
    for (int lane = 0; lane < N_LANES; lane++) {
        OK(sl_journal_sync(journals[lane], &err));
        for (int64_t k = 0; k < N_EACH; k++)
            check_record(journals[lane], (size_t)k, 8 * (N_LANES * k + lane),
                         (size_t)((N_LANES * k + lane) % 5));
        sl_journal_close(journals[lane]);
    }
    replay_plan(&r, *state, whole, 1);
    replay_files(&r);
    check_cuts(&r, "8* 16* 24* 32* 40* 48* 56* 64* 72* 80* 88* 96* 100");
    for (int64_t i = 0; i < N_LANES * N_EACH; i++)
        assert_true(adopt(&r, *state, i, -1, (int)(i % 5)));
    replay_release(&r);
}

/* Rows of more bytes than a stripe, between others. */
static void records_go_over_the_ends_of_stripes(void **state)
{
    const size_t           n = STRIPE_BYTES / 20;
    struct sl_journal_spec spec = spec_of(*state, 0);
    struct sl_journal     *journal;
    struct replay          r;

    spec.lane = 1;
    spec.n_lanes = 2;
    journal = create(&spec);
    add(journal, cut_of(0, 30), 3);
    {
        const struct sl_chunk cut = cut_of(30, 30 + (int64_t)n);
        struct sl_rows        rows;

        rows_init(&rows, N_COUNTS);
        fill(&rows, &cut, n);
        OK(sl_journal_add(journal, &cut, &rows, &err));
        sl_rows_release(&rows);
    }
    add(journal, cut_of(30 + (int64_t)n, 60 + (int64_t)n), 4);
    check_record(journal, 1, 30, n);
    check_record(journal, 2, 30 + (int64_t)n, 4);
    sl_journal_close(journal);
    const int64_t whole[] = {60 + (int64_t)n};

    replay_plan(&r, *state, whole, 1);
    r.file.n_bytes = whole[0];
    replay_files(&r);
    assert_int_equal(r.old.n_places, 3);
    assert_true(adopt(&r, *state, 1, -1, (int)n));
    assert_true(adopt(&r, *state, 2, -1, 4));
    replay_release(&r);
}

/* --- files that are not as they were ------------------------------------------------------------
 */

static char *slurp(const char *path, size_t *n_bytes)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(1 << 16);

    assert_true(file != NULL && bytes != NULL);
    *n_bytes = fread(bytes, 1, 1 << 16, file);
    assert_true(*n_bytes < 1 << 16);
    fclose(file);
    return bytes;
}

static void put(const char *path, const char *bytes, size_t n_bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n_bytes, file), n_bytes);
    assert_int_equal(fclose(file), 0);
}

/* How many of the plan's chunks are taken up; all of them must be as they were. */
static size_t count_taken(const struct place *place)
{
    struct replay r;
    size_t        n = 0;

    replay_plan(&r, place, thirds, 3);
    replay_files(&r);
    for (int64_t i = 0; i < r.plan.n_chunks; i++)
        n += r.plan.chunks[i].resumed > 0 && adopt(&r, place, i, -1, 3);
    replay_release(&r);
    return n;
}

static void a_torn_file_gives_what_is_whole(void **state)
{
    const struct place *place = *state;
    size_t              n_bytes;
    size_t              before = 0;
    char               *bytes;

    write_chunks(place, thirds, 3);
    bytes = slurp(place->path, &n_bytes);
    for (size_t n = 0; n <= n_bytes; n += n < 4000 && n >= 80 ? 500 : 1) {
        size_t taken;

        put(place->path, bytes, n);
        taken = count_taken(place);
        assert_in_range(taken, before, n == n_bytes ? 3 : 2);
        before = taken;
    }
    assert_int_equal(before, 3);
    free(bytes);
}

static void a_flipped_bit_is_never_believed(void **state)
{
    const struct place *place = *state;
    size_t              n_bytes;
    size_t              n_lost = 0;
    char               *bytes;

    write_chunks(place, thirds, 3);
    bytes = slurp(place->path, &n_bytes);
    for (size_t at = 0; at < n_bytes; at += at == 79 ? 4096 - 79 : 1) { /* between is nothing */
        bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
        put(place->path, bytes, n_bytes);
        assert_in_range(count_taken(place), 0, 2);
        bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
        n_lost++;
    }
    assert_true(n_lost > 600);
    put(place->path, bytes, n_bytes);
    assert_int_equal(count_taken(place), 3);
    free(bytes);
}

static void files_of_others_are_passed_over(void **state)
{
    const struct place          *place = *state;
    const struct sl_journal_spec own = spec_of(place, 0);
    struct sl_journal_spec       specs[] = {own, own};
    static const char *const     nothing[] = {"", "x", "SOCLJRNL"};
    struct replay                r;

    specs[0].identity.fingerprint[3] ^= 1;
    specs[1].identity.model[15] ^= 1;
    for (size_t i = 0; i < 2; i++) {
        struct sl_journal *journal = create(&specs[i]);

        add(journal, cut_of(0, 30), 3);
        sl_journal_close(journal);
        assert_int_equal(count_taken(place), 0);
        unlink(place->path);
    }
    for (size_t i = 0; i < 3; i++) {
        put(place->path, nothing[i], strlen(nothing[i]));
        assert_int_equal(count_taken(place), 0);
    }
    write_chunks(place, thirds, 3);
    replay_plan(&r, place, thirds, 3);
    OK(sl_journal_replay(&r.old, &ours, N_COLUMNS + 1, &r.plan, &r.old.places, &r.old.n_places,
                         &err)); /* of other columns */
    check_cuts(&r, "30 60 100");
    replay_release(&r);
}

static void rows_of_another_input_are_not_taken_up(void **state)
{
    struct replay r;

    write_chunks(*state, thirds, 3);
    replay_plan(&r, *state, thirds, 3);
    r.partition.input = 8; /* it has changed since */
    replay_files(&r);
    check_cuts(&r, "30 60 100");
    replay_release(&r);
}

static void rows_of_another_shape_are_not_taken_up(void **state)
{
    struct sl_journal_spec spec = spec_of(*state, IN_MEMORY);
    struct sl_journal     *journal = NULL;
    struct sl_rows         rows;
    struct replay          r;
    bool                   taken;

    write_chunks(*state, thirds, 3);
    replay_plan(&r, *state, thirds, 3);
    replay_files(&r);
    rows_init(&rows, N_COUNTS + 1);
    spec.old = &r.old;
    OK(sl_journal_create(&spec, &rows, &journal, &err));
    OK(sl_journal_adopt(journal, &r.plan.chunks[0], 0, -1, &taken, &err));
    assert_false(taken);
    sl_journal_close(journal);
    sl_rows_release(&rows);
    replay_release(&r);
}

static void links_are_passed_over_and_absent_files_named(void **state)
{
    const struct place *place = *state;
    char                real[64];
    struct replay       r;

    snprintf(real, sizeof real, "%s.real", place->path);
    write_chunks(place, thirds, 3);
    assert_int_equal(rename(place->path, real), 0);
    assert_int_equal(symlink(real, place->path), 0);
    assert_int_equal(count_taken(place), 0);
    unlink(real);
    unlink(place->path);
    replay_plan(&r, place, thirds, 3);
    assert_int_equal(
        sl_journal_replay(&r.old, &ours, N_COLUMNS, &r.plan, &r.old.places, &r.old.n_places, &err),
        SL_EOUTPUT);
    assert_non_null(strstr(err.text, place->path));
    replay_release(&r);
}

/* --- what checksums hold for, and no run finds --------------------------------------------------
 */

static void name_unknown_column(struct sl_rows *rows)
{
    rows->rejects[0].column = N_REQUESTS;
}

static void name_unknown_reason(struct sl_rows *rows)
{
    rows->rejects[0].reason = (enum sl_reject_reason)(SL_NOT_AN_INTEGER + 1);
}

static void count_too_many(struct sl_rows *rows)
{
    rows->counts[2] = 4;
}

static void predict_no_class(struct sl_rows *rows)
{
    rows->table.columns[SL_ROWS_PREDICTED].cells.i8[2] = 2;
}

static void label_no_class(struct sl_rows *rows)
{
    rows->table.columns[SL_ROWS_LABEL].cells.i8[2] = 2;
}

static void be_too_probable(struct sl_rows *rows)
{
    rows->table.columns[SL_ROWS_PROBABILITY].cells.f64[2] = 1.5;
}

static void have_no_such_status(struct sl_rows *rows)
{
    rows->table.columns[SL_ROWS_STATUS].cells.u8[0] = 3;
}

static void turn_texts_round(struct sl_rows *rows)
{
    rows->table.columns[NAME].cells.end[1] = INT64_MAX;
}

static void what_no_run_finds_is_refused(void **state)
{
    static const struct {
        void (*change)(struct sl_rows *rows);
        enum sl_journal_part part;
    } cases[] = {
        {name_unknown_column, SL_JOURNAL_REJECTS}, {name_unknown_reason, SL_JOURNAL_REJECTS},
        {count_too_many, SL_JOURNAL_COUNTS},       {predict_no_class, SL_JOURNAL_SCORES},
        {label_no_class, SL_JOURNAL_ROWS},         {be_too_probable, SL_JOURNAL_SCORES},
        {have_no_such_status, SL_JOURNAL_SCORES},  {turn_texts_round, SL_JOURNAL_ROWS},
    };
    const struct place          *place = *state;
    const struct sl_journal_spec spec = spec_of(place, 0);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_journal_spec again = spec_of(place, IN_MEMORY);
        struct sl_journal     *journal = create(&spec);
        struct sl_rows         rows;
        struct replay          r;
        bool                   taken;

        add_changed(journal, cut_of(0, 30), cases[i].change);
        sl_journal_close(journal);
        replay_plan(&r, place, thirds, 3);
        replay_files(&r);
        again.old = &r.old;
        journal = create(&again);
        OK(sl_journal_adopt(journal, &r.plan.chunks[0], 0, -1, &taken, &err));
        assert_true(taken); /* its bytes are as they were written */
        rows_init(&rows, N_COUNTS);
        assert_int_equal(sl_journal_read(journal, 0, cases[i].part, &rows, &err), SL_EOUTPUT);
        assert_non_null(strstr(err.text, place->path));
        sl_rows_release(&rows);
        sl_journal_close(journal);
        replay_release(&r);
        unlink(place->path);
    }
}

static void lack_unknown_column(struct sl_rows *rows)
{
    rows->chunk.lacks = N_REQUESTS;
}

static void have_more_records_than_bytes(struct sl_rows *rows)
{
    rows->chunk.n_records = 31;
}

static void have_more_lines_than_bytes(struct sl_rows *rows)
{
    rows->chunk.n_lines = INT64_MAX;
}

static void heads_that_do_not_fit_are_not_taken_up(void **state)
{
    static void (*const changes[])(struct sl_rows *) = {
        lack_unknown_column, have_more_records_than_bytes, have_more_lines_than_bytes};
    const struct place          *place = *state;
    const struct sl_journal_spec spec = spec_of(place, 0);

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct sl_journal *journal = create(&spec);

        add_changed(journal, cut_of(0, 30), changes[i]);
        sl_journal_close(journal);
        assert_int_equal(count_taken(place), 0);
        unlink(place->path);
    }
}

/* --- checksums ----------------------------------------------------------------------------------
 */

static void checksums_are_those_of_rfc_3720(void **state)
{
    unsigned char bytes[32];

    (void)state;
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(sl_crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(sl_crc32c(0, bytes, 32), 0x62a8ab43);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    assert_int_equal(sl_crc32c(0, bytes, 32), 0x46dd794e);
    assert_int_equal(sl_crc32c_by_table(0, bytes, 32), 0x46dd794e);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(31 - i);
    assert_int_equal(sl_crc32c(0, bytes, 32), 0x113fdb5c);
}

/* By instruction and by table, from any byte on, of any length, in pieces. */
static void both_ways_give_the_same_checksum(void **state)
{
    enum { N_BYTES = 10000 }; /* pieces that go side by side are some 3000 */
    unsigned char *bytes = malloc(N_BYTES);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < N_BYTES; i++)
        bytes[i] = (unsigned char)(sl_mix64(i) >> 5);
    for (size_t from = 0; from < 17; from++)
        for (size_t n = 0; from + n <= N_BYTES; n += n < 300 ? 1 : 289) {
            const uint32_t all = sl_crc32c_by_table(0, bytes + from, n);
            const uint32_t first = sl_crc32c(0, bytes + from, n / 3);

            assert_int_equal(sl_crc32c(0, bytes + from, n), all);
            assert_int_equal(sl_crc32c(first, bytes + from + n / 3, n - n / 3), all);
        }
    free(bytes);
}

#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(a_journal_that_stays_in_memory_makes_no_file),
        JOURNAL_TEST(what_memory_does_not_hold_goes_to_the_file),
        JOURNAL_TEST(a_sync_brings_to_the_file_what_is_in_memory),
        JOURNAL_TEST(from_its_moment_on_all_goes_to_the_file),
        JOURNAL_TEST(a_file_that_cannot_be_made_is_named),
        JOURNAL_TEST(what_was_done_is_taken_up),
        JOURNAL_TEST(other_chunk_sizes_are_cut_around_it),
        JOURNAL_TEST(the_rest_is_cut_as_it_was),
        JOURNAL_TEST(of_those_that_overlap_one_is_taken),
        JOURNAL_TEST(of_those_of_one_chunk_the_certain_one_is_taken),
        JOURNAL_TEST(what_ends_a_run_is_not_taken_up),
        JOURNAL_TEST(what_was_scanned_only_is_no_rows),
        JOURNAL_TEST(a_chunk_without_bytes_has_its_record),
        JOURNAL_TEST(a_record_without_bytes_is_passed_over_elsewhere),
        JOURNAL_TEST(what_follows_ends_within_its_stretch),
        JOURNAL_TEST(lanes_of_one_file_do_not_mix),
        JOURNAL_TEST(records_go_over_the_ends_of_stripes),
        JOURNAL_TEST(a_torn_file_gives_what_is_whole),
        JOURNAL_TEST(a_flipped_bit_is_never_believed),
        JOURNAL_TEST(files_of_others_are_passed_over),
        JOURNAL_TEST(rows_of_another_input_are_not_taken_up),
        JOURNAL_TEST(rows_of_another_shape_are_not_taken_up),
        JOURNAL_TEST(links_are_passed_over_and_absent_files_named),
        JOURNAL_TEST(what_no_run_finds_is_refused),
        JOURNAL_TEST(heads_that_do_not_fit_are_not_taken_up),
        cmocka_unit_test(checksums_are_those_of_rfc_3720),
        cmocka_unit_test(both_ways_give_the_same_checksum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
