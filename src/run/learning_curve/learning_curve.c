/* The command, top-down: plan, read the rows, fit and judge, tell. */
#include <stdlib.h>
#include <string.h>

#include "../about.h"
#include "../progress.h"
#include "../summary.h"
#include "curve.h"
#include "scoreline/clock.h"
#include "scoreline/file.h"
#include "scoreline/memory.h"

static sl_status check_forms(const struct sl_learning_curve_opts *opts, struct sl_error *err);
static sl_status report(struct curve *curve, struct sl_error *err);
static sl_status add_counts(const void *state, struct sl_json *to, struct sl_error *err);

static sl_status stages(struct curve *curve, struct sl_error *err)
{
    struct run *run = &curve->run;
    sl_status   rc;

    SL_TRY(check_forms(curve->opts, err));
    SL_TRY(run_begin_progress(run, err));
    run_enter(run, "plan", SL_PHASE_PLAN);
    SL_TRY(curve_plan(run, err));
    if (run->opts->dry_run)
        SL_TRY(curve_rehearse(curve, err));
    if (run->opts->dry_run || run->is_complete)
        goto out;
    if (!curve->is_found) {
        run_enter(run, "train", SL_PHASE_TRAIN);
        SL_TRY(curve_read(run, err));
        sl_stopwatch_enter(run->watch, SL_PHASE_FIT);
        SL_TRY(curve_measure(run, err));
    }
    sl_stopwatch_enter(run->watch, SL_PHASE_OTHER);
    run_progress_hush(run->progress);
    rc = report(curve, err);
    curve->is_done = rc == SL_OK && !curve->is_found;
out:
    return rc;
}

static void curve_release(struct curve *curve)
{
    free(curve->fits);
    trial_results_release(&curve->results);
    free(curve->sizes);
    trial_variant_release(&curve->features);
    free(curve->row_roles);
    trial_rows_release(&curve->rows);
    sl_json_close(curve->found);
    free(curve->roles);
}

sl_status sl_learning_curve(const struct sl_comm *comm, const struct sl_learning_curve_opts *opts,
                            struct sl_error *err)
{
    struct curve        curve = {.run = {.comm = comm, .opts = &opts->run, .began = sl_clock_now()},
                                 .opts = opts};
    struct run_told     told = {.state = &curve, .add = add_counts};
    struct sl_stopwatch watch;
    sl_status           rc;

    sl_stopwatch_start(&watch, SL_PHASE_OTHER);
    about_run_id(curve.run.run_id);
    run_begin(&curve.run, &watch);
    curve.run.told = &told;
    rc = stages(&curve, err);
    told.is_done = curve.is_done;
    rc = run_end(&curve.run, rc, err);
    curve_release(&curve);
    return rc;
}

/* --- files ------------------------------------------------------------------------------------ */

enum curve_form curve_form_of(const char *path)
{
    static const char *const endings[CURVE_N_FORMS] = {
        [CURVE_JSON] = ".json", [CURVE_HDF5] = ".h5", [CURVE_SVG] = ".svg"};
    const size_t    n = strlen(path);
    enum curve_form form = CURVE_JSON;

    for (; form < CURVE_N_FORMS; form++)
        if (n > strlen(endings[form]) &&
            strcmp(path + n - strlen(endings[form]), endings[form]) == 0)
            break;
    return form;
}

static sl_status check_forms(const struct sl_learning_curve_opts *opts, struct sl_error *err)
{
    for (int i = 0; i < opts->n_outputs; i++)
        if (curve_form_of(opts->outputs[i]) == CURVE_N_FORMS)
            return sl_fail(err, SL_EUSAGE,
                           "output '%s': the ending says what is written, .json, .h5 or .svg",
                           opts->outputs[i]);
    return SL_OK;
}

static sl_status print_picture(const struct sl_json *result, char **text, struct sl_error *err)
{
    size_t    n_bytes = 0;
    FILE     *to = open_memstream(text, &n_bytes);
    sl_status rc;

    if (to == NULL)
        return sl_fail(err, SL_ENOMEM, "out of memory");
    rc = sl_report_learning_curve_svg(to, result, err);
    if (fclose(to) != 0 && rc == SL_OK)
        rc = sl_fail(err, SL_ENOMEM, "out of memory");
    return rc;
}

static sl_status save(const char *path, const char *job, const struct sl_json *result,
                      struct sl_error *err)
{
    const enum curve_form form = curve_form_of(path);
    char                 *text = NULL;
    sl_status             rc;

    if (form == CURVE_HDF5)
        return curve_write_tables(path, job, result, err);
    if (form == CURVE_SVG)
        SL_TRY(print_picture(result, &text, err));
    else
        SL_TRY(sl_json_print(result, true, &text, err));
    rc = sl_file_save(path, text, strlen(text), err);
out:
    free(text);
    return rc;
}

/* --- telling ---------------------------------------------------------------------------------- */

static void print_notes(const struct curve *curve)
{
    const struct run *run = &curve->run;
    const int         n_ranks = sl_comm_size(run->comm);

    if (curve->results.n_resumed > 0)
        fprintf(run->opts->notes,
                "scoreline: %lld of %lld fits were made by an earlier run, and taken from its "
                "journal\n",
                (long long)curve->results.n_resumed, (long long)curve->results.n_units);
    fprintf(run->opts->notes, "scoreline: %lld fits to up to %zu rows, %d rank%s, %.3f s%s%s%s\n",
            (long long)curve->results.n_units, curve->sizes[curve->n_sizes - 1], n_ranks,
            n_ranks == 1 ? "" : "s", sl_clock_now() - run->began, run->output != NULL ? ": '" : "",
            run->output != NULL ? run->output : "", run->output != NULL ? "'" : "");
}

/* Rank 0. */
static sl_status tell(struct curve *curve, struct sl_error *err)
{
    const struct run     *run = &curve->run;
    struct sl_json_doc   *made = NULL;
    const struct sl_json *result;
    sl_status             rc = SL_OK;

    if (curve->found == NULL)
        SL_TRY(curve_tell(curve, &made, err));
    result = sl_json_root(curve->found != NULL ? curve->found : made);
    for (int i = 0; i < curve->opts->n_outputs; i++)
        SL_TRY(save(curve->opts->outputs[i], run->job->text, result, err));
    if (run->opts->results != NULL)
        sl_report_learning_curve(run->opts->results, result);
    if (run->opts->notes != NULL && curve->found == NULL)
        print_notes(curve);
out:
    sl_json_close(made);
    return rc;
}

/* As far as it came; counts that are not known are 0. */
static sl_status add_counts(const void *state, struct sl_json *to, struct sl_error *err)
{
    const struct curve    *curve = state;
    const struct run      *run = &curve->run;
    const struct run_count counts[] = {
        {"partitions", run->training.n_partitions}, {"bytes", sl_plan_bytes(&run->training)},
        {"rows", (int64_t)curve->rows.n},           {"fits", curve->results.n_units},
        {"units", curve->results.n_units},          {"units_resumed", curve->results.n_resumed}};

    return summary_add_counts(to, counts, sizeof counts / sizeof *counts, err);
}

static sl_status report(struct curve *curve, struct sl_error *err)
{
    sl_status rc = sl_comm_rank(curve->run.comm) == 0 ? tell(curve, err) : SL_OK;

    return sl_comm_agree(curve->run.comm, rc, err);
}
