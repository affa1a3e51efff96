/* The output file: what is written is read back, whatever rank had it; and when one rank cannot
 * write, all say so and nothing is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scoreline/mpi_handle.h"
#include "scoreline/scored.h"
#include "scoreline/sink.h"

enum {
    N_CHUNKS = 23,
    CHUNK_ROWS = 100,
    N_ROWS = N_CHUNKS * CHUNK_ROWS,
    N_COLUMNS = 6,
    N_ITEMS = 3, /* scores of a row */
    N_BINS = 4,
    WIDTH = 7,
    WIDE = 8192
};

struct fixture {
    struct sl_comm *comm;
    int             rank;
    int             size;
    int             compress;
    int64_t         width; /* of texts in the file */
    char            directory[64];
    char            path[96];
};

static void ok(sl_status rc, const struct sl_error *err)
{
    if (rc != SL_OK)
        print_error("%s\n", err->text);
    assert_int_equal(rc, SL_OK);
}

/* --- a table whose cells tell their place in the file --- */

static double value_of(int64_t row)
{
    return (double)row / 7.0;
}

static int text_of(int64_t row, char out[32])
{
    return snprintf(out, 32, "%.*s", (int)(row % (WIDTH + 1)), "abcd\xC3\xA9g");
}

static double score_of(int64_t row, int item)
{
    return (double)(row * 10 + item) / 3.0;
}

static void table_init(struct sl_table *table)
{
    static const struct {
        const char            *name;
        enum sl_dtype          dtype;
        struct sl_column_notes notes;
    } columns[N_COLUMNS] = {
        {"probability", SL_F64, {.long_name = "probability of class 1", .units = "1"}},
        {"status", SL_U8, {.flag_meanings = "scored missing_input rejected"}},
        {"partition", SL_I32, {0}},
        {"name", SL_FIXED_TEXT, {0}},
        {"number", SL_I64, {0}},
        {"scores", SL_F64, {.units = "1"}},
    };
    struct sl_error err;

    assert_int_equal(sl_table_init(table, "predictions", "row", N_COLUMNS, &err), SL_OK);
    for (int i = 0; i < N_COLUMNS; i++)
        assert_int_equal(sl_table_column_init(&table->columns[i], columns[i].name, columns[i].dtype,
                                              columns[i].notes, &err),
                         SL_OK);
    sl_table_column_items(&table->columns[N_COLUMNS - 1], N_ITEMS, "class");
}

static void put_row(struct sl_table *table, int64_t row)
{
    struct sl_table_column *c = table->columns;
    size_t                  i = table->n_rows;
    struct sl_error         err;
    char                    text[32];
    size_t                  n_bytes = (size_t)text_of(row, text);

    assert_int_equal(sl_table_reserve(table, 1, &err), SL_OK);
    c[0].cells.f64[i] = value_of(row);
    c[1].cells.u8[i] = (uint8_t)(row % 3);
    c[2].cells.i32[i] = (int32_t)(row / CHUNK_ROWS);
    assert_int_equal(sl_table_put_text(&c[3], i, (struct sl_slice){text, n_bytes}, &err), SL_OK);
    c[4].cells.i64[i] = row % 5 == 0 ? INT64_MIN : row;
    for (int k = 0; k < N_ITEMS; k++)
        c[5].cells.f64[i * N_ITEMS + (size_t)k] = score_of(row, k);
    table->n_rows++;
}

/* Chunks dealt round, taken from the last to the first, each after some rows that nobody wants: so
 * neither memory nor file order helps. */
static size_t fill(const struct fixture *f, struct sl_table *table, struct sl_slab *slabs)
{
    size_t n = 0;

    for (int c = N_CHUNKS - 1; c >= 0; c--) {
        if (c % f->size != f->rank)
            continue;
        if (c % 3 == 0)
            put_row(table, 999999);
        slabs[n++] = (struct sl_slab){table->n_rows, (int64_t)c * CHUNK_ROWS, CHUNK_ROWS};
        for (int i = 0; i < CHUNK_ROWS; i++)
            put_row(table, (int64_t)c * CHUNK_ROWS + i);
    }
    for (size_t i = 0; i < n / 2; i++) { /* ascending `to` */
        struct sl_slab s = slabs[i];

        slabs[i] = slabs[n - 1 - i];
        slabs[n - 1 - i] = s;
    }
    return n;
}

static void small_table(struct sl_table *table, int rank)
{
    struct sl_error err;

    assert_int_equal(sl_table_init(table, "partitions", "partition", 2, &err), SL_OK);
    assert_int_equal(sl_table_column_init(&table->columns[0], "name", SL_FIXED_TEXT,
                                          (struct sl_column_notes){.long_name = "key values"},
                                          &err),
                     SL_OK);
    assert_int_equal(sl_table_column_init(&table->columns[1], "counts", SL_I64,
                                          (struct sl_column_notes){.long_name = "by bin"}, &err),
                     SL_OK);
    sl_table_column_items(&table->columns[1], N_BINS, "bin");
    if (rank != 0)
        return;
    assert_int_equal(sl_table_reserve(table, 2, &err), SL_OK);
    assert_int_equal(sl_table_put_text(&table->columns[0], 0, (struct sl_slice){"2015", 4}, &err),
                     SL_OK);
    assert_int_equal(sl_table_put_text(&table->columns[0], 1, (struct sl_slice){"20160", 5}, &err),
                     SL_OK);
    for (int i = 0; i < 2 * N_BINS; i++)
        table->columns[1].cells.i64[i] = 1000 + i;
    table->n_rows = 2;
}

struct output {
    struct sl_table     rows;
    struct sl_table     tables[1];
    struct sl_slab      slabs[N_CHUNKS];
    size_t              n_slabs;
    int64_t             widths[N_COLUMNS];
    char               *long_text;
    struct sl_sink_spec spec;
};

static const struct sl_named_text attributes[] = {
    {"Conventions", "CF-1.10"}, {"fingerprint", "0123456789abcdef"}, {"title", ""}};

enum { LONG_BYTES = 200000 }; /* more than an attribute takes */

static void output_init(const struct fixture *f, struct output *o, struct sl_named_text *provenance,
                        bool with_rows)
{
    *o = (struct output){.widths = {0, 0, 0, f->width, 0, 0}};
    table_init(&o->rows);
    if (with_rows)
        o->n_slabs = fill(f, &o->rows, o->slabs);
    small_table(&o->tables[0], f->rank);
    o->long_text = malloc(LONG_BYTES + 1);
    memset(o->long_text, 'x', LONG_BYTES);
    o->long_text[LONG_BYTES] = '\0';
    provenance[0] = (struct sl_named_text){"job", "{\"name\": \"caf\xC3\xA9\"}"};
    provenance[1] = (struct sl_named_text){"long", o->long_text};
    provenance[2] = (struct sl_named_text){"empty", ""};
    o->spec = (struct sl_sink_spec){.path = f->path,
                                    .attributes = attributes,
                                    .n_attributes = 3,
                                    .provenance = provenance,
                                    .n_provenance = 3,
                                    .tables = o->tables,
                                    .n_tables = 1,
                                    .rows = &o->rows,
                                    .widths = o->widths,
                                    .n_rows = with_rows ? N_ROWS : 0,
                                    .compress = f->compress};
}

static void output_release(struct output *o)
{
    sl_table_release(&o->rows);
    sl_table_release(&o->tables[0]);
    free(o->long_text);
}

/* --- looking at what came of it --- */

static int files_in(const char *directory)
{
    DIR *dir = opendir(directory);
    int  n = 0;

    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void read_column(hid_t file, const char *name, hid_t type, void *to, hsize_t expected)
{
    hid_t   dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t   space = H5Dget_space(dataset);
    hsize_t extent = 0;

    assert_int_equal(H5Sget_simple_extent_dims(space, &extent, NULL), 1);
    assert_int_equal(extent, expected);
    if (to != NULL && extent > 0)
        assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
}

static void check_rows(hid_t file, size_t width)
{
    double  *f64 = malloc(N_ROWS * sizeof *f64);
    int64_t *i64 = malloc(N_ROWS * sizeof *i64);
    uint8_t *u8 = malloc(N_ROWS);
    int32_t *i32 = malloc(N_ROWS * sizeof *i32);
    char    *texts = malloc(N_ROWS * width);
    hid_t    type;
    hid_t    dataset = H5Dopen2(file, "/predictions/name", H5P_DEFAULT);

    type = H5Dget_type(dataset);
    assert_int_equal(H5Tget_size(type), width);
    assert_int_equal(H5Tget_strpad(type), H5T_STR_NULLPAD);
    assert_int_equal(H5Tget_cset(type), H5T_CSET_UTF8);
    read_column(file, "/predictions/probability", H5T_NATIVE_DOUBLE, f64, N_ROWS);
    read_column(file, "/predictions/status", H5T_NATIVE_UINT8, u8, N_ROWS);
    read_column(file, "/predictions/partition", H5T_NATIVE_INT32, i32, N_ROWS);
    read_column(file, "/predictions/number", H5T_NATIVE_INT64, i64, N_ROWS);
    read_column(file, "/predictions/name", type, texts, N_ROWS);
    read_column(file, "/predictions/row", 0, NULL, N_ROWS);
    for (int64_t i = 0; i < N_ROWS; i++) {
        char text[WIDE] = {0};

        text_of(i, text);
        assert_true(f64[i] == value_of(i));
        assert_int_equal(u8[i], i % 3);
        assert_int_equal(i32[i], i / CHUNK_ROWS);
        assert_int_equal(i64[i], i % 5 == 0 ? INT64_MIN : i);
        assert_memory_equal(texts + (size_t)i * width, text, width);
    }
    H5Tclose(type);
    H5Dclose(dataset);
    free(f64);
    free(i64);
    free(u8);
    free(i32);
    free(texts);
}

static void check_rest(hid_t file)
{
    char   *text = calloc(1, LONG_BYTES + 1);
    char    names[2][5];
    hid_t   type = H5Tcopy(H5T_C_S1);
    hid_t   dataset = H5Dopen2(file, "/provenance/long", H5P_DEFAULT);
    int8_t  complete = 0;
    int32_t version = 0;
    hid_t   attribute = H5Aopen(file, "complete", H5P_DEFAULT);

    assert_true(H5Aread(attribute, H5T_NATIVE_INT8, &complete) >= 0);
    assert_int_equal(complete, 1);
    H5Aclose(attribute);
    attribute = H5Aopen(file, "scoreline_format", H5P_DEFAULT);
    assert_true(H5Aread(attribute, H5T_NATIVE_INT32, &version) >= 0);
    assert_int_equal(version, 1);
    H5Aclose(attribute);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    H5Tset_size(type, LONG_BYTES);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0);
    assert_int_equal(strspn(text, "x"), LONG_BYTES);
    H5Dclose(dataset);
    H5Tset_size(type, 5);
    read_column(file, "/partitions/name", type, names, 2);
    assert_memory_equal(names[0], "2015\0", 5);
    assert_memory_equal(names[1], "20160", 5);
    H5Tclose(type);
    free(text);
}

/* The same through the program's own reader, in two parts that meet within a chunk. */
static void check_own_reader(const struct fixture *f)
{
    struct sl_scored *scored = NULL;
    struct sl_table   rows = {0};
    struct sl_table   small = {0};
    struct sl_error   err = {0};

    ok(sl_scored_open(f->path, &scored, &err), &err);
    assert_int_equal(sl_scored_n_rows(scored), N_ROWS);
    ok(sl_scored_select(scored, NULL, 0, &rows, &err), &err);
    assert_int_equal(rows.n_columns, N_COLUMNS);
    assert_string_equal(rows.dimension, "row");
    assert_string_equal(rows.columns[5].items, "class");
    assert_int_equal(rows.columns[5].n_items, N_ITEMS);
    assert_null(rows.columns[0].items);
    ok(sl_scored_read(scored, 0, 777, &rows, &err), &err);
    ok(sl_scored_append(scored, 777, N_ROWS - 777, &rows, &err), &err);
    for (int64_t i = 0; i < N_ROWS; i++) {
        assert_true(rows.columns[0].cells.f64[i] == value_of(i));
        for (int k = 0; k < N_ITEMS; k++)
            assert_true(rows.columns[5].cells.f64[i * N_ITEMS + k] == score_of(i, k));
    }
    ok(sl_scored_table(scored, "partitions", &small, &err), &err);
    assert_string_equal(small.dimension, "partition");
    assert_string_equal(small.columns[1].items, "bin");
    for (int i = 0; i < 2 * N_BINS; i++)
        assert_int_equal(small.columns[1].cells.i64[i], 1000 + i);
    sl_table_release(&small);
    sl_table_release(&rows);
    sl_scored_close(scored);
}

/* --- cases --- */

static int setup(void **state)
{
    struct fixture *f = *state;

    snprintf(f->directory, sizeof f->directory, "/tmp/scoreline-sink-XXXXXX");
    if (f->rank == 0 && mkdtemp(f->directory) == NULL)
        return -1;
    MPI_Bcast(f->directory, sizeof f->directory, MPI_CHAR, 0, MPI_COMM_WORLD);
    snprintf(f->path, sizeof f->path, "%s/out.h5", f->directory);
    f->compress = 0;
    f->width = WIDTH;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    MPI_Barrier(MPI_COMM_WORLD);
    if (f->rank == 0) {
        unlink(f->path);
        rmdir(f->directory);
    }
    return 0;
}

/* The numbers of the small table are others when the file is made than when it is whole. */
static void change_small(const struct output *o, int64_t by)
{
    for (size_t i = 0; i < o->tables[0].n_rows * N_BINS; i++)
        o->tables[0].columns[1].cells.i64[i] += by;
}

static void write_output(struct fixture *f, bool with_rows)
{
    struct sl_named_text provenance[3];
    struct output        o;
    struct sl_sink      *sink = NULL;
    struct sl_error      err = {0};

    output_init(f, &o, provenance, with_rows);
    change_small(&o, -7);
    ok(sl_sink_create(f->comm, &o.spec, &sink, &err), &err);
    ok(sl_sink_write(sink, &o.rows, o.slabs, o.n_slabs, &err), &err);
    change_small(&o, 7);
    if (f->rank == 0) /* not there before it is whole */
        assert_int_equal(sl_sink_look(f->path, (char[20]){0}, 20), SL_OUTPUT_ABSENT);
    MPI_Barrier(MPI_COMM_WORLD);
    ok(sl_sink_commit(sink, &o.tables[0], &err), &err);
    sl_sink_close(sink);
    output_release(&o);
}

static void check_file(const struct fixture *f)
{
    hid_t h5 = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);

    assert_true(h5 >= 0);
    check_rows(h5, (size_t)f->width);
    check_rest(h5);
    H5Fclose(h5);
    check_own_reader(f);
}

static void rows_are_read_back(void **state)
{
    struct fixture *f = *state;
    char            fingerprint[20];
    struct stat     file;
    mode_t          mask = umask(027);

    write_output(f, true);
    umask(mask);
    if (f->rank != 0)
        return;
    assert_int_equal(sl_sink_look(f->path, fingerprint, sizeof fingerprint), SL_OUTPUT_COMPLETE);
    assert_string_equal(fingerprint, "0123456789abcdef");
    assert_int_equal(files_in(f->directory), 1);
    assert_int_equal(stat(f->path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0640);
    check_file(f);
}

/* One block, and several of several chunks: a row of WIDE bytes leaves 1024 to a block. */
static void compressed_rows_are_read_back(void **state)
{
    struct fixture *f = *state;
    struct stat     file;

    for (f->compress = 1; f->compress <= 9; f->compress += 4) {
        for (f->width = WIDTH; f->width <= WIDE; f->width += WIDE - WIDTH) {
            write_output(f, true);
            if (f->rank == 0) {
                check_file(f);
                assert_int_equal(stat(f->path, &file), 0);
                assert_in_range(file.st_size, LONG_BYTES, LONG_BYTES + 200000);
                assert_int_equal(files_in(f->directory), 1);
                unlink(f->path);
            }
            MPI_Barrier(MPI_COMM_WORLD);
        }
    }
    f->compress = 9;
    write_output(f, false);
    MPI_Barrier(MPI_COMM_WORLD);
}

/* Rows in several calls, those of the file's end first, in each call from a few ranks only. */
static void rows_may_come_in_parts(void **state)
{
    struct fixture      *f = *state;
    struct sl_named_text provenance[3];
    struct sl_error      err = {0};
    struct output        o;
    struct sl_sink      *sink = NULL;

    for (f->compress = 0; f->compress <= 4; f->compress += 4) {
        f->width = WIDE;
        output_init(f, &o, provenance, true);
        ok(sl_sink_create(f->comm, &o.spec, &sink, &err), &err);
        for (int c = N_CHUNKS - 1; c >= 0; c--) {
            size_t first = o.n_slabs;
            size_t n = 0;

            for (size_t s = 0; s < o.n_slabs; s++) {
                if (o.slabs[s].to / CHUNK_ROWS / 2 == c) {
                    first = s < first ? s : first;
                    n++;
                }
            }
            ok(sl_sink_write(sink, &o.rows, o.slabs + first, n, &err), &err);
        }
        ok(sl_sink_commit(sink, NULL, &err), &err);
        sl_sink_close(sink);
        output_release(&o);
        if (f->rank == 0) {
            check_file(f);
            unlink(f->path);
        }
        MPI_Barrier(MPI_COMM_WORLD);
    }
}

/* A row that nobody gives, or two do, would be noise in the file. */
static void missing_rows_are_noticed(void **state)
{
    struct fixture      *f = *state;
    struct sl_named_text provenance[3];
    struct sl_error      err = {0};
    struct output        o;
    struct sl_sink      *sink = NULL;

    f->compress = 1;
    output_init(f, &o, provenance, true);
    o.spec.n_rows++;
    ok(sl_sink_create(f->comm, &o.spec, &sink, &err), &err);
    ok(sl_sink_write(sink, &o.rows, o.slabs, o.n_slabs, &err), &err);
    assert_int_equal(sl_sink_commit(sink, NULL, &err), SL_EBUG);
    assert_string_equal(err.text, "sink: 0 of 1 blocks of rows were given");
    assert_int_equal(sl_sink_write(sink, &o.rows, o.slabs, o.n_slabs, &err), SL_EBUG);
    sl_sink_close(sink);
    MPI_Barrier(MPI_COMM_WORLD);
    assert_int_equal(files_in(f->directory), 0);
    MPI_Barrier(MPI_COMM_WORLD);
    output_release(&o);
}

static void no_rows_and_a_second_time(void **state)
{
    struct fixture *f = *state;

    write_output(f, false);
    if (f->rank == 0) {
        hid_t h5 = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);

        read_column(h5, "/predictions/probability", 0, NULL, 0);
        H5Fclose(h5);
        unlink(f->path);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    write_output(f, true);
}

static void what_is_not_committed_is_removed(void **state)
{
    struct fixture      *f = *state;
    struct sl_named_text provenance[3];
    struct output        o;
    struct sl_sink      *sink = NULL;
    struct sl_error      err = {0};

    output_init(f, &o, provenance, true);
    ok(sl_sink_create(f->comm, &o.spec, &sink, &err), &err);
    if (f->rank == 0)
        assert_int_equal(files_in(f->directory), 1);
    MPI_Barrier(MPI_COMM_WORLD);
    sl_sink_close(sink);
    MPI_Barrier(MPI_COMM_WORLD);
    assert_int_equal(files_in(f->directory), 0);
    MPI_Barrier(MPI_COMM_WORLD);
    output_release(&o);
}

/* The limit of one rank, lowered before or after the file is made, and raised again. */
static void fails_on(struct fixture *f, int rank, rlim_t limit, bool before)
{
    struct sl_named_text provenance[3];
    struct output        o;
    struct sl_sink      *sink = NULL;
    struct sl_error      err = {0};
    struct rlimit        old;
    struct rlimit        low;
    sl_status            rc = SL_OK;

    output_init(f, &o, provenance, true);
    getrlimit(RLIMIT_FSIZE, &old);
    low = (struct rlimit){limit, old.rlim_max};
    if (before && f->rank == rank)
        setrlimit(RLIMIT_FSIZE, &low);
    rc = sl_sink_create(f->comm, &o.spec, &sink, &err);
    if (f->compress == 0) /* it has its room by now, or there is none */
        assert_int_equal(rc, before ? SL_EOUTPUT : SL_OK);
    if (!before && f->rank == rank)
        setrlimit(RLIMIT_FSIZE, &low);
    if (rc == SL_OK)
        rc = sl_sink_write(sink, &o.rows, o.slabs, o.n_slabs, &err);
    if (rc == SL_OK)
        rc = sl_sink_commit(sink, NULL, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    sl_sink_close(sink);
    MPI_Barrier(MPI_COMM_WORLD);
    assert_int_equal(rc, SL_EOUTPUT);
    assert_int_equal(err.code, SL_EOUTPUT);
    assert_int_equal(strncmp(err.text, "cannot write '/tmp/scoreline-sink-", 34), 0);
    assert_non_null(strstr(err.text, "/out.h5': "));
    assert_non_null(strstr(err.text, "File too large"));
    assert_int_equal(files_in(f->directory), 0);
    MPI_Barrier(MPI_COMM_WORLD);
    output_release(&o);
}

static void limit_of_one_rank(void **state)
{
    struct fixture     *f = *state;
    static const rlim_t limits[] = {0, 100, 3000, 30000, 250000};

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        fails_on(f, 0, limits[i], true);
        fails_on(f, f->size - 1, limits[i], true);
        fails_on(f, f->size - 1, limits[i], false);
    }
}

/* Rank 0 is the one that writes, and learns the size only then.  Of the about 620,000 bytes it may
 * need for the structure alone it is sure beforehand. */
static void limit_when_compressed(void **state)
{
    struct fixture     *f = *state;
    static const rlim_t limits[] = {0, 30000, 620000, 650000};

    f->compress = 1;
    f->width = WIDE;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        fails_on(f, 0, limits[i], true);
        fails_on(f, 0, limits[i], false);
    }
}

static void directory_that_is_not_there(void **state)
{
    struct fixture      *f = *state;
    struct sl_named_text provenance[3];
    struct output        o;
    struct sl_sink      *sink = NULL;
    struct sl_error      err = {0};
    char                 path[128];
    char                 expected[256];

    snprintf(path, sizeof path, "%s/none/out.h5", f->directory);
    output_init(f, &o, provenance, true);
    o.spec.path = path;
    assert_int_equal(sl_sink_create(f->comm, &o.spec, &sink, &err), SL_EOUTPUT);
    snprintf(expected, sizeof expected, "cannot write '%s': No such file or directory", path);
    assert_string_equal(err.text, expected);
    assert_null(sink);
    output_release(&o);
    assert_int_equal(sl_sink_probe(path, &err), SL_EOUTPUT);
    snprintf(expected, sizeof expected,
             "cannot write '%s': directory '%s/none': No such file or directory", path,
             f->directory);
    assert_string_equal(err.text, expected);
    assert_int_equal(sl_sink_probe(f->path, &err), SL_OK);
    assert_int_equal(sl_sink_probe("out.h5", &err), SL_OK);
    assert_int_equal(sl_sink_probe(f->directory, &err), SL_EOUTPUT);
    assert_int_equal(sl_sink_probe("/dev/null/out.h5", &err), SL_EOUTPUT);
}

static void other_files_are_foreign(void **state)
{
    struct fixture *f = *state;
    char            fingerprint[20];

    assert_int_equal(sl_sink_look(f->path, fingerprint, 20), SL_OUTPUT_ABSENT);
    assert_int_equal(sl_sink_look(f->directory, fingerprint, 20), SL_OUTPUT_FOREIGN);
    MPI_Barrier(MPI_COMM_WORLD);
    if (f->rank != 0)
        return;
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(sl_sink_look(f->path, fingerprint, 20), SL_OUTPUT_FOREIGN);
    unlink(f->path);
    FILE *file = fopen(f->path, "w");
    fputs("rows\n", file);
    fclose(file);
    assert_int_equal(sl_sink_look(f->path, fingerprint, 20), SL_OUTPUT_FOREIGN);
    hid_t h5 = H5Fcreate(f->path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(h5);
    assert_int_equal(sl_sink_look(f->path, fingerprint, 20), SL_OUTPUT_FOREIGN);
}

int main(int argc, char **argv)
{
    struct fixture  f = {0};
    struct sl_error err;
    int             failed;

    /* As the program does: where a rank cannot make a file in the session directory, OMPIO's open
     * waits for it for ever; it prints what it meets, and hides errno. */
    setenv("OMPI_MCA_io", "^ompio", 0);
    MPI_Init(&argc, &argv);
    signal(SIGXFSZ, SIG_IGN);
    if (sl_comm_from_mpi(MPI_COMM_WORLD, &f.comm, &err) != SL_OK)
        return 1;
    f.rank = sl_comm_rank(f.comm);
    f.size = sl_comm_size(f.comm);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate_setup_teardown(rows_are_read_back, setup, teardown, &f),
        cmocka_unit_test_prestate_setup_teardown(compressed_rows_are_read_back, setup, teardown,
                                                 &f),
        cmocka_unit_test_prestate_setup_teardown(rows_may_come_in_parts, setup, teardown, &f),
        cmocka_unit_test_prestate_setup_teardown(missing_rows_are_noticed, setup, teardown, &f),
        cmocka_unit_test_prestate_setup_teardown(limit_when_compressed, setup, teardown, &f),
        cmocka_unit_test_prestate_setup_teardown(no_rows_and_a_second_time, setup, teardown, &f),
        cmocka_unit_test_prestate_setup_teardown(what_is_not_committed_is_removed, setup, teardown,
                                                 &f),
        cmocka_unit_test_prestate_setup_teardown(limit_of_one_rank, setup, teardown, &f),
        cmocka_unit_test_prestate_setup_teardown(directory_that_is_not_there, setup, teardown, &f),
        cmocka_unit_test_prestate_setup_teardown(other_files_are_foreign, setup, teardown, &f),
    };
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    sl_comm_free(f.comm);
    MPI_Finalize();
    return failed;
}
