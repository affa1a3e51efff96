/* Output files from elsewhere, given to what reads them: evaluate, export, combine.
 *
 * HDF5 checks its own structures, so that bytes changed anywhere seldom get past it.  An input is
 * therefore a list of edits of a good output, made through HDF5: what is valid HDF5, and no output
 * of ours.  The good one is written by a run, when the first input comes. */
#include <hdf5.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "scoreline/output.h"
#include "scoreline/run.h"

enum { MOST_EDITS = 8, MOST_OBJECTS = 160, NAME_BYTES = 96, MOST_BYTES = 4096 };

/* The good output. */
struct sample {
    char     folder[48];
    char     path[64];   /* what an input becomes */
    char     result[64]; /* what export and combine write */
    uint8_t *bytes;
    size_t   n_bytes;
    size_t   n_objects;
    char     objects[MOST_OBJECTS][NAME_BYTES];
    FILE    *nowhere;
};

/* --- the sample ------------------------------------------------------------------------------- */

static void put_text(const char *folder, const char *name, const char *text)
{
    char  path[80];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    FUZZ_CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static const char job[] =
    "{\"name\": \"s\", \"data\": {\"path\": \"{p}.csv\", \"partitions\": {\"p\": [\"x\", \"y\"]}},"
    "\"features\": [\"a\", {\"name\": \"c\", \"categorical\": \"c\", \"missing\": \"level\"}],"
    "\"label\": \"b > 0\", \"train\": {\"partitions\": {\"p\": \"x\"},"
    "\"estimator\": \"logistic_regression\"}, \"score\": {\"bad_rows\": {\"max_fraction\": 1}},"
    "\"output\": {\"keep\": [\"c\", {\"column\": \"b\", \"as\": \"int64\"}]}}";

static void run_sample(struct sample *s)
{
    char            job_path[64];
    struct sl_error err;

    put_text(s->folder, "x.csv", "a,b,c\n1,0,u\n2,1,v\n3,0,u\n2.5,1,v\n0.5,1,\n");
    put_text(s->folder, "y.csv", "a,b,c\n1,1,u\n2,0,w\n9,1\n3,0,v\n");
    put_text(s->folder, "j.json", job);
    snprintf(job_path, sizeof job_path, "%s/j.json", s->folder);
    const struct sl_run_opts opts = {.job_file = job_path,
                                     .output = s->path,
                                     .command = "scoreline run j.json",
                                     .max_time_s = -1};
    if (sl_run(sl_comm_self(), &opts, &err) != SL_OK) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
}

static herr_t note_object(hid_t file, const char *name, const H5O_info_t *info, void *state)
{
    struct sample *s = state;

    (void)file;
    (void)info;
    if (s->n_objects < MOST_OBJECTS && strlen(name) < NAME_BYTES && strcmp(name, ".") != 0)
        strcpy(s->objects[s->n_objects++], name);
    return 0;
}

static void read_sample(struct sample *s)
{
    FILE *file = fopen(s->path, "rb");
    hid_t id;

    FUZZ_CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
    s->n_bytes = (size_t)ftell(file);
    s->bytes = malloc(s->n_bytes);
    rewind(file);
    FUZZ_CHECK(s->bytes != NULL && fread(s->bytes, 1, s->n_bytes, file) == s->n_bytes);
    fclose(file);
    id = H5Fopen(s->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    FUZZ_CHECK(id >= 0);
    FUZZ_CHECK(H5Ovisit2(id, H5_INDEX_NAME, H5_ITER_INC, note_object, s, H5O_INFO_BASIC) >= 0);
    H5Fclose(id);
    FUZZ_CHECK(s->n_objects > 20);
}

static struct sample sample;

static void remove_sample(void)
{
    static const char *const names[] = {"x.csv", "y.csv", "j.json", "in.h5", "result"};
    char                     path[80];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", sample.folder, names[i]);
        unlink(path);
    }
    rmdir(sample.folder);
    free(sample.bytes);
    fclose(sample.nowhere);
}

static const struct sample *the_sample(void)
{
    struct sample *s = &sample;

    if (s->n_objects > 0)
        return s;
    fuzz_name(s->folder, sizeof s->folder, "output");
    FUZZ_CHECK(mkdtemp(s->folder) != NULL);
    snprintf(s->path, sizeof s->path, "%s/in.h5", s->folder);
    snprintf(s->result, sizeof s->result, "%s/result", s->folder);
    s->nowhere = fopen("/dev/null", "w");
    FUZZ_CHECK(s->nowhere != NULL);
    run_sample(s);
    read_sample(s);
    FUZZ_CHECK(atexit(remove_sample) == 0);
    return s;
}

/* --- edits ------------------------------------------------------------------------------------ */

struct input {
    const struct sample *s;
    const uint8_t       *data;
    size_t               size;
};

static uint8_t next(struct input *in)
{
    return fuzz_byte(&in->data, &in->size);
}

static const char *next_object(struct input *in)
{
    return in->s->objects[next(in) % in->s->n_objects];
}

/* Of all magnitudes, those about powers of two most of all. */
static hsize_t next_size(struct input *in)
{
    const uint8_t code = next(in);

    return code < 128 ? code % 16 : ((hsize_t)1 << (code & 63)) + (hsize_t)(code & 1) - 1;
}

static hid_t next_type(struct input *in)
{
    const hid_t   types[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_FLOAT, H5T_NATIVE_INT8, H5T_NATIVE_UINT8,
                             H5T_NATIVE_INT32,  H5T_STD_I32BE,    H5T_STD_I64LE,   H5T_STD_U64LE,
                             H5T_C_S1,          H5T_IEEE_F64BE};
    const uint8_t code = next(in);
    const hid_t   type = H5Tcopy(types[code % 10]);

    if (H5Tget_class(type) == H5T_STRING) {
        H5Tset_size(type, (code & 16) != 0 ? H5T_VARIABLE : 1 + (size_t)next_size(in) % 100000);
        H5Tset_strpad(type, (code & 32) != 0 ? H5T_STR_NULLPAD : H5T_STR_SPACEPAD);
    }
    return type;
}

/* Values of the first cells. */
static void write_cells(struct input *in, hid_t dataset)
{
    static uint8_t cells[1 << 20];
    const hid_t    type = H5Dget_type(dataset);
    const hid_t    space = H5Dget_space(dataset);
    const size_t   width = H5Tget_size(type);
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    const size_t   n_given = next(in);

    if (n > 0 && width > 0 && (size_t)n <= sizeof cells / width && H5Tis_variable_str(type) == 0) {
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells);
        for (size_t i = 0; i < n_given && i < (size_t)n * width; i++)
            cells[i] = next(in);
        H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells);
    }
    H5Sclose(space);
    H5Tclose(type);
}

static void change_cells(struct input *in, hid_t file)
{
    const hid_t dataset = H5Dopen2(file, next_object(in), H5P_DEFAULT);

    if (dataset < 0)
        return;
    write_cells(in, dataset);
    H5Dclose(dataset);
}

/* A dataset of another type or shape in an object's place; its space is taken when it is written.
 */
static void replace_dataset(struct input *in, hid_t file)
{
    const char   *name = next_object(in);
    const hid_t   type = next_type(in);
    const int     n_dims = next(in) % 4;
    const hsize_t dims[3] = {next_size(in), next_size(in), next_size(in)};
    const hid_t   how = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t   space = n_dims > 0 ? H5Screate_simple(n_dims, dims, NULL) : H5Screate(H5S_SCALAR);
    hid_t         dataset = -1;

    H5Pset_alloc_time(how, H5D_ALLOC_TIME_LATE);
    if (H5Ldelete(file, name, H5P_DEFAULT) >= 0 && space >= 0)
        dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    if (dataset >= 0) {
        write_cells(in, dataset);
        H5Dclose(dataset);
    }
    if (space >= 0)
        H5Sclose(space);
    H5Pclose(how);
    H5Tclose(type);
}

static void change_link(struct input *in, hid_t file)
{
    const char *name = next_object(in);
    const char *other = next_object(in);

    H5Ldelete(file, name, H5P_DEFAULT);
    switch (next(in) % 6) {
    case 0:
        H5Lcreate_hard(file, other, file, name, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 1:
        H5Lcreate_soft(name, file, name, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 2:
        H5Lcreate_external("/dev/zero", other, file, name, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 3:
        H5Lmove(file, other, file, name, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 4:
        H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        break;
    default:
        break;
    }
}

/* One of an object's own, in place of it where it has one of that name. */
static void change_attribute(struct input *in, hid_t file)
{
    static const char *const names[] = {"scoreline_format", "complete", "history",  "title",
                                        "flag_values",      "units",    "long_name"};
    const char              *name = names[next(in) % 7];
    const char              *object = (next(in) & 1) != 0 ? "/" : next_object(in);
    const hid_t              type = next_type(in);
    const hsize_t            n = 1 + next_size(in) % 300;
    const hid_t              space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
    hid_t                    attribute;
    uint8_t                  value[16] = {0};

    H5Adelete_by_name(file, object, name, H5P_DEFAULT);
    attribute =
        H5Acreate_by_name(file, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = next(in);
    if (attribute >= 0 && n == 1 && H5Tget_size(type) <= sizeof value &&
        H5Tis_variable_str(type) == 0)
        H5Awrite(attribute, type, value);
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

static void edit(struct input *in)
{
    static void (*const edits[])(struct input *, hid_t) = {change_cells, replace_dataset,
                                                           change_link, change_attribute};
    const hid_t file = H5Fopen(in->s->path, H5F_ACC_RDWR, H5P_DEFAULT);

    FUZZ_CHECK(file >= 0);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    for (int i = 0; i < MOST_EDITS && in->size > 0; i++)
        edits[next(in) % 4](in, file);
    FUZZ_CHECK(H5Fclose(file) >= 0);
}

/* --- what reads it ---------------------------------------------------------------------------- */

static sl_status evaluate(const struct sample *s, struct sl_error *err)
{
    const struct sl_evaluate_opts opts = {
        .file = s->path, .threshold = (double)NAN, .results = s->nowhere, .notes = s->nowhere};

    return sl_evaluate(&opts, err);
}

static sl_status evaluate_as_json(const struct sample *s, struct sl_error *err)
{
    const struct sl_evaluate_opts opts = {.file = s->path,
                                          .threshold = 0.5,
                                          .as_json = true,
                                          .results = s->nowhere,
                                          .notes = s->nowhere};

    return sl_evaluate(&opts, err);
}

static sl_status export(const struct sample *s, struct sl_error *err)
{
    const struct sl_export_opts opts = {.file = s->path,
                                        .output = s->result,
                                        .if_exists = SL_IF_EXISTS_REPLACE,
                                        .notes = s->nowhere};

    return sl_export(&opts, err);
}

static sl_status combine(const struct sample *s, struct sl_error *err)
{
    const char                  *path = s->path;
    const struct sl_combine_opts opts = {.n_files = 1,
                                         .files = &path,
                                         .output = s->result,
                                         .command = "scoreline combine",
                                         .if_exists = SL_IF_EXISTS_REPLACE,
                                         .results = s->nowhere,
                                         .notes = s->nowhere};

    return sl_combine(sl_comm_self(), &opts, err);
}

static void read_sample_by(const struct sample *s, uint8_t reader)
{
    static sl_status (*const readers[])(const struct sample *, struct sl_error *) = {
        evaluate, evaluate_as_json, export, combine};
    struct sl_error err = {.code = SL_OK};
    const sl_status rc = readers[reader % 4](s, &err);

    FUZZ_CHECK(rc == SL_OK || rc == SL_EINPUT || rc == SL_EJOB || rc == SL_EOUTPUT ||
               rc == SL_ENOMEM);
    FUZZ_CHECK(rc == SL_OK || err.text[0] != '\0');
    unlink(s->result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sample *s = the_sample();
    struct input         in = {.s = s, .data = data, .size = size};
    const uint8_t        reader = next(&in);
    FILE                *file;

    if (size > MOST_BYTES)
        return 0;
    file = fopen(s->path, "wb");
    FUZZ_CHECK(file != NULL && fwrite(s->bytes, 1, s->n_bytes, file) == s->n_bytes);
    FUZZ_CHECK(fclose(file) == 0);
    edit(&in);
    read_sample_by(s, reader);
    return 0;
}
