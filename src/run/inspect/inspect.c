/* What a file is, told by how it begins: HDF5 has a signature, a model says its format, and what is
 * left is a job. */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

#include "rehearse.h"
#include "scoreline/bytes.h"
#include "scoreline/report.h"
#include "scoreline/scored.h"

enum { MAX_BYTES = 256 << 20 };

static sl_status inspect_job(const struct sl_inspect_opts *opts, struct sl_error *err)
{
    const struct sl_run_opts run_opts = {.job_file = opts->file,
                                         .n_sets = opts->n_sets,
                                         .sets = opts->sets,
                                         .model = opts->model,
                                         .results = opts->results,
                                         .as_json = opts->as_json};
    struct run               run = {.comm = sl_comm_self(), .opts = &run_opts};
    sl_status                rc;

    SL_TRY(run_plan_inputs(&run, err));
    SL_TRY(run_tell_plan(&run, sl_report_job, err));
out:
    run_release(&run);
    return rc;
}

static sl_status inspect_model(const struct sl_inspect_opts *opts, const char *text, size_t n_bytes,
                               struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_json     *to;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, err));
    to = sl_json_root(doc);
    SL_TRY(sl_json_add_text(to, "format", "scoreline-inspection", err));
    SL_TRY(sl_json_add_number(to, "version", 1, err));
    SL_TRY(sl_json_add_text(to, "kind", "model", err));
    SL_TRY(sl_json_add_text(to, "file", opts->file, err));
    SL_TRY(inspect_describe_model(text, n_bytes, opts->file, to, err));
    SL_TRY(sl_json_add_bool(to, "valid", true, err));
    SL_TRY(run_tell(opts->results, opts->as_json, to, sl_report_model, err));
out:
    sl_json_close(doc);
    return rc;
}

static sl_status refuse_job_options(const struct sl_inspect_opts *opts, struct sl_error *err)
{
    if (opts->n_sets == 0 && opts->model == NULL)
        return SL_OK;
    return sl_fail(err, SL_EUSAGE, "--%s is for a job, and '%s' is none",
                   opts->n_sets > 0 ? "set" : "model", opts->file);
}

/* What a JSON file says it is; "" if nothing. */
static sl_status read_format(const char *text, size_t n_bytes, const char *file, char *format,
                             size_t format_bytes, struct sl_error *err)
{
    struct sl_json_doc   *doc = NULL;
    const struct sl_json *value = NULL;
    sl_status             rc = sl_json_parse(text, n_bytes, file, &doc, err);

    if (rc == SL_OK && sl_json_kind(sl_json_root(doc)) == SL_JSON_OBJECT)
        value = sl_json_find(sl_json_root(doc), "format");
    snprintf(format, format_bytes, "%s",
             value != NULL && sl_json_kind(value) == SL_JSON_TEXT ? sl_json_text(value) : "");
    sl_json_close(doc);
    return rc;
}

static sl_status inspect_text(const struct sl_inspect_opts *opts, const char *text, size_t n_bytes,
                              struct sl_error *err)
{
    char      format[64];
    sl_status rc;

    SL_TRY(read_format(text, n_bytes, opts->file, format, sizeof format, err));
    if (format[0] == '\0')
        return inspect_job(opts, err);
    SL_TRY(refuse_job_options(opts, err));
    if (strcmp(format, "scoreline-model") == 0)
        return inspect_model(opts, text, n_bytes, err);
    rc = sl_fail(err, SL_EJOB, "'%s' is neither job, model nor output, its format is '%s'",
                 opts->file, format);
out:
    return rc;
}

sl_status sl_inspect(const struct sl_inspect_opts *opts, struct sl_error *err)
{
    char     *text = NULL;
    size_t    n_bytes = 0;
    sl_status rc;

    if (sl_scored_is_hdf5(opts->file)) {
        rc = refuse_job_options(opts, err);
        return rc == SL_OK ? inspect_output(opts, err) : rc;
    }
    rc = sl_bytes_slurp(opts->file, MAX_BYTES, &text, &n_bytes, err);
    if (rc == SL_EINPUT) /* as where a run cannot read its job */
        rc = err->code = SL_EJOB;
    if (rc == SL_OK)
        rc = inspect_text(opts, text, n_bytes, err);
    free(text);
    return rc;
}
