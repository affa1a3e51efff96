/* A job from its file to the struct: parse, `--set`, tables, rules between keys, and the places of
 * files. */
#include "scoreline/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job_internal.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

enum { MAX_FILE_BYTES = 16 * 1024 * 1024 };

static sl_status check_sets(int n_sets, const char *const *sets, struct sl_error *err);
static sl_status read_file(const char *file, struct sl_text *text, struct sl_error *err);
static sl_status name_job(struct sl_job *job, struct sl_error *err);
static sl_status place_files(const struct sl_job_reader *reader, struct sl_job *job,
                             struct sl_error *err);

sl_status sl_job_read(const char *file, int n_sets, const char *const *sets, struct sl_job **job,
                      struct sl_error *err)
{
    struct sl_text text = {0};
    sl_status      rc;

    SL_TRY(check_sets(n_sets, sets, err));
    SL_TRY(read_file(file, &text, err));
    SL_TRY(sl_job_parse(text.data, text.n_bytes, file, n_sets, sets, job, err));
out:
    sl_text_release(&text);
    return rc;
}

sl_status sl_job_parse(const char *text, size_t n_bytes, const char *file, int n_sets,
                       const char *const *sets, struct sl_job **job, struct sl_error *err)
{
    struct sl_job_reader reader = {.file = file, .n_sets = n_sets, .sets = sets};
    struct sl_json_doc  *doc = NULL;
    struct sl_job       *made = NULL;
    sl_status            rc;

    SL_TRY(check_sets(n_sets, sets, err));
    SL_TRY(sl_json_parse(text, n_bytes, file, &doc, err));
    if (sl_json_kind(sl_json_root(doc)) == SL_JSON_OBJECT) /* else refused below, by its place */
        SL_TRY(sl_job_apply_sets(&doc, n_sets, sets, err));
    reader.doc = doc;
    SL_TRY(sl_alloc_array(1, sizeof(*made), &made, err));
    SL_TRY(sl_job_read_value(&reader, &sl_job_root, sl_json_root(doc), made, err));
    SL_TRY(sl_job_check(&reader, made, err));
    SL_TRY(sl_copy_text(file, &made->file, err));
    SL_TRY(sl_json_print(sl_json_root(doc), true, &made->text, err));
    SL_TRY(name_job(made, err));
    SL_TRY(place_files(&reader, made, err));
    *job = made;
    made = NULL;
out:
    sl_job_free(made);
    sl_json_close(doc);
    return rc;
}

void sl_job_free(struct sl_job *job)
{
    if (job == NULL)
        return;
    sl_job_release_fields(sl_job_root.table, job);
    free(job->file);
    free(job->text);
    free(job);
}

/* A fault of the command line is found before any file is touched. */
static sl_status check_sets(int n_sets, const char *const *sets, struct sl_error *err)
{
    for (int i = 0; i < n_sets; i++) {
        if (strchr(sets[i], '=') == NULL)
            return sl_fail(err, SL_EUSAGE, "--set '%s': expected key.path=value", sets[i]);
    }
    return SL_OK;
}

static sl_status read_stream(FILE *in, const char *file, struct sl_text *text, struct sl_error *err)
{
    char      piece[4096];
    size_t    n = 1;
    sl_status rc = SL_OK;

    while (n > 0 && rc == SL_OK) {
        n = fread(piece, 1, sizeof piece, in);
        rc = sl_text_add_bytes(text, piece, n, err);
        if (text->n_bytes > MAX_FILE_BYTES)
            return sl_fail(err, SL_EJOB, "job file '%s' is larger than 16 MiB", file);
    }
    if (rc == SL_OK && ferror(in))
        return sl_fail(err, SL_EJOB, "cannot read job file '%s': %s", file, strerror(errno));
    return rc;
}

static sl_status read_file(const char *file, struct sl_text *text, struct sl_error *err)
{
    FILE     *in = fopen(file, "rb");
    sl_status rc;

    if (in == NULL)
        return sl_fail(err, SL_EJOB, "cannot open job file '%s': %s", file, strerror(errno));
    rc = read_stream(in, file, text, err);
    fclose(in);
    return rc;
}

/* The part of a path after its last slash. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* A job without a name bears its file's. */
static sl_status name_job(struct sl_job *job, struct sl_error *err)
{
    const char *base = base_name(job->file);
    size_t      n_bytes = strlen(base);
    sl_status   rc;

    if (job->name != NULL)
        return SL_OK;
    if (n_bytes > 5 && strcmp(base + n_bytes - 5, ".json") == 0)
        n_bytes -= 5;
    rc = sl_alloc_array(n_bytes + 1, 1, &job->name, err);
    if (rc == SL_OK)
        memcpy(job->name, base, n_bytes);
    return rc;
}

/* Put the job file's directory before a path that is relative to it. */
static sl_status join_job_dir(const char *file, char **path, struct sl_error *err)
{
    struct sl_text joined = {0};
    size_t         n_dir = (size_t)(base_name(file) - file);
    sl_status      rc;

    if (n_dir == 0 || (*path)[0] == '/')
        return SL_OK;
    if ((*path)[0] == '\0' && n_dir > 1)
        n_dir--; /* the directory itself, without its slash */
    SL_TRY(sl_text_add_bytes(&joined, file, n_dir, err));
    SL_TRY(sl_text_add(&joined, err, "%s", *path));
    free(*path);
    *path = joined.data;
    joined = (struct sl_text){0};
out:
    sl_text_release(&joined);
    return rc;
}

/* Whether what stands at a dotted path was given on the command line. */
static bool is_set(const struct sl_job_reader *reader, const char *path)
{
    bool                  found;
    const struct sl_json *value = sl_job_find(reader->doc, path, &found);

    return found && sl_job_set_of(reader, value) != NULL;
}

/* Paths in the job are relative to its file; those by --set and the default output are relative to
 * the working directory. */
static sl_status place_files(const struct sl_job_reader *reader, struct sl_job *job,
                             struct sl_error *err)
{
    struct sl_text output = {0};
    sl_status      rc = SL_OK;

    if (job->input.path[0] == '/')
        job->input.root[0] = '\0';
    else if (!is_set(reader, "data.root"))
        SL_TRY(join_job_dir(job->file, &job->input.root, err));
    if (job->output.path == NULL) {
        SL_TRY(sl_text_add(&output, err, "%s.h5", job->name));
        job->output.path = output.data;
    } else if (!is_set(reader, "output.path")) {
        SL_TRY(join_job_dir(job->file, &job->output.path, err));
    }
out:
    return rc;
}
