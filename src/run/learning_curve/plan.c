/* What a learning curve reads: the partitions that the job trains on, those that sizes are drawn
 * from and those that judge, each once; and whether its results are there already. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "curve.h"
#include "scoreline/bytes.h"
#include "scoreline/catalog.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"

enum { MOST_RESULT_BYTES = 1 << 28 };

/* --- partitions ------------------------------------------------------------------------------- */

static int find_partition(const struct sl_plan *plan, const char *name)
{
    for (int p = 0; p < plan->n_partitions; p++)
        if (strcmp(plan->partitions[p].name, name) == 0)
            return p;
    return -1;
}

/* Move partition p of a plan behind the last one of another, with its files; there is room. */
static void move_partition(struct sl_plan *to, struct sl_plan *from, int p)
{
    struct sl_partition *partition = &from->partitions[p];

    for (int32_t f = 0; f < partition->n_files; f++) {
        to->files[to->n_files + f] = from->files[partition->first_file + f];
        from->files[partition->first_file + f] = (struct sl_file){.path = NULL};
    }
    to->partitions[to->n_partitions] = *partition;
    to->partitions[to->n_partitions++].first_file = to->n_files;
    to->n_files += partition->n_files;
    *partition = (struct sl_partition){.name = NULL};
}

/* The partitions of `from` get a role, and a place in what is read where they have none. */
static sl_status add_role(struct curve *curve, struct sl_plan *from, enum curve_role role,
                          struct sl_error *err)
{
    struct sl_plan *to = &curve->run.training;
    size_t          p_room = (size_t)to->n_partitions, f_room = (size_t)to->n_files;
    size_t          r_room = p_room;
    const size_t    most = p_room + (size_t)from->n_partitions;
    sl_status       rc;

    SL_TRY(sl_grow_array(&curve->roles, &r_room, most, sizeof *curve->roles, err));
    SL_TRY(sl_grow_array(&to->partitions, &p_room, most, sizeof *to->partitions, err));
    SL_TRY(
        sl_grow_array(&to->files, &f_room, f_room + (size_t)from->n_files, sizeof *to->files, err));
    for (int p = 0; p < from->n_partitions; p++) {
        int place = find_partition(to, from->partitions[p].name);

        if (place < 0) {
            place = to->n_partitions;
            curve->roles[place] = 0;
            move_partition(to, from, p);
        }
        curve->roles[place] |= (unsigned char)role;
    }
out:
    return rc;
}

static sl_status add_selection(struct curve *curve, const struct sl_selection *selection,
                               enum curve_role role, struct sl_error *err)
{
    struct sl_plan found = {0};
    sl_status      rc;

    SL_TRY(sl_catalog_list(&curve->run.job->input, selection, NULL, &found, err));
    rc = add_role(curve, &found, role, err);
out:
    sl_plan_release(&found);
    return rc;
}

/* Rows that judge must be others than those that are drawn from, or all of these in turn. */
static sl_status refuse_overlap(const struct curve *curve, struct sl_error *err)
{
    for (int p = 0; p < curve->run.training.n_partitions; p++)
        if ((curve->roles[p] & CURVE_POOL) != 0 && (curve->roles[p] & CURVE_VALIDATED) != 0)
            return sl_fail(err, SL_EJOB,
                           "%s: $.learning_curve.validate_on: partition '%s' is trained on too; "
                           "leave it out here, or in learning_curve.partitions",
                           curve->run.job->file, curve->run.training.partitions[p].name);
    return SL_OK;
}

/* Rank 0: those of the job are listed already. */
static sl_status list_partitions(struct curve *curve, struct sl_error *err)
{
    const struct sl_job                 *job = curve->run.job;
    const struct sl_learning_curve_spec *spec = &job->learning_curve;
    const int                            n_of_job = curve->run.training.n_partitions;
    sl_status                            rc;

    SL_TRY(sl_alloc_array((size_t)n_of_job, sizeof *curve->roles, &curve->roles, err));
    memset(curve->roles, CURVE_OF_JOB, (size_t)n_of_job);
    SL_TRY(add_selection(curve, spec->has_partitions ? &spec->partitions : &job->train.partitions,
                         CURVE_POOL, err));
    if (spec->validates_on_others) {
        SL_TRY(add_selection(curve, &spec->validate_on, CURVE_VALIDATED, err));
        SL_TRY(refuse_overlap(curve, err));
    } else {
        for (int p = 0; p < curve->run.training.n_partitions; p++)
            if ((curve->roles[p] & CURVE_POOL) != 0)
                curve->roles[p] |= CURVE_VALIDATED;
    }
    rc = sl_catalog_cut(&curve->run.training, 0, err);
out:
    return rc;
}

/* --- results that are there ------------------------------------------------------------------- */

/* A picture names its fingerprint behind the word for what it is. */
static enum sl_output_state look_at_picture(const char *text, char *fingerprint, size_t out_bytes)
{
    const char *mark = strstr(text, CURVE_FORMAT " ");

    if (mark == NULL)
        return SL_OUTPUT_FOREIGN;
    snprintf(fingerprint, out_bytes, "%.16s", mark + strlen(CURVE_FORMAT " "));
    return SL_OUTPUT_COMPLETE;
}

/* What JSON says that it is; that of this very run has all that is told of it, and is kept. */
static enum sl_output_state look_at_result(struct curve *curve, const char *text, size_t n_bytes,
                                           char *fingerprint, size_t out_bytes)
{
    struct sl_json_doc *doc = NULL;
    const char         *format, *found;
    struct sl_error     unused;

    if (sl_json_parse(text, n_bytes, "result", &doc, &unused) != SL_OK)
        return SL_OUTPUT_FOREIGN;
    format = sl_json_text(sl_json_find(sl_json_root(doc), "format"));
    found = sl_json_text(sl_json_find(sl_json_root(doc), "fingerprint"));
    if (format == NULL || strcmp(format, CURVE_FORMAT) != 0 || found == NULL) {
        sl_json_close(doc);
        return SL_OUTPUT_FOREIGN;
    }
    snprintf(fingerprint, out_bytes, "%s", found);
    if (curve->found == NULL && strcmp(found, curve->run.fingerprint.run) == 0)
        curve->found = doc;
    else
        sl_json_close(doc);
    return SL_OUTPUT_COMPLETE;
}

/* What stands at a path. */
static enum sl_output_state look_at(struct curve *curve, const char *path, char *fingerprint,
                                    size_t out_bytes)
{
    const enum curve_form form = curve_form_of(path);
    enum sl_output_state  state = SL_OUTPUT_FOREIGN;
    struct sl_error       unused;
    char                 *text = NULL;
    size_t                n_bytes;
    sl_status             rc;

    if (access(path, F_OK) != 0)
        return SL_OUTPUT_ABSENT;
    if (form == CURVE_HDF5)
        return sl_sink_look(path, fingerprint, out_bytes);
    SL_TRY(sl_bytes_slurp(path, MOST_RESULT_BYTES, &text, &n_bytes, &unused));
    if (form == CURVE_SVG)
        state = look_at_picture(text, fingerprint, out_bytes);
    else
        state = look_at_result(curve, text, n_bytes, fingerprint, out_bytes);
out:
    free(text);
    return rc == SL_OK ? state : SL_OUTPUT_FOREIGN;
}

/* One output after the other takes the place of the run's. */
static sl_status check_outputs(struct curve *curve, struct sl_error *err)
{
    struct run *run = &curve->run;
    int         n_there = 0;
    sl_status   rc = SL_OK;

    for (int i = 0; i < curve->opts->n_outputs; i++) {
        char                 found[sizeof run->fingerprint.run] = "";
        enum sl_output_state state;

        run->output = curve->opts->outputs[i];
        run->is_complete = false;
        SL_TRY(run_check_paths(run, err));
        for (int j = 0; j < i; j++)
            if (run_same_file(curve->opts->outputs[j], run->output))
                return sl_fail(err, SL_EUSAGE, "'%s' would be two outputs; name another",
                               run->output);
        state = look_at(curve, run->output, found, sizeof found);
        SL_TRY(run_check_output(run, state, found, run->fingerprint.run, err));
        n_there += run->is_complete;
    }
    run->output = curve->opts->n_outputs > 0 ? curve->opts->outputs[0] : NULL;
    run->is_complete = n_there > 0 && n_there == curve->opts->n_outputs;
    if (run->opts->if_exists == SL_IF_EXISTS_REPLACE) {
        sl_json_close(curve->found);
        curve->found = NULL;
    }
out:
    return rc;
}

/* Rank 0. */
static sl_status make_plan(struct curve *curve, struct sl_error *err)
{
    struct run *run = &curve->run;
    bool        is_ours;
    sl_status   rc;

    SL_TRY(run_list_training(run, err));
    rc = trial_scoring(run, "learning_curve", run->job->learning_curve.scoring, &curve->scoring,
                       err);
    if (rc != SL_OK)
        sl_error_in(err, "%s", run->job->file);
    SL_TRY(rc);
    if (run->job->train.sample.stratify)
        return sl_fail(err, SL_EUNSUPPORTED,
                       "%s: $.train.sample.stratify: a learning curve draws rows of all classes "
                       "alike; --set train.sample.stratify=false",
                       run->job->file);
    SL_TRY(list_partitions(curve, err));
    SL_TRY(run_check_training_size(run, err));
    SL_TRY(run_fingerprint_training(run, err));
    SL_TRY(run_fingerprint_trials(run, "learning_curve", err));
    SL_TRY(check_outputs(curve, err));
    if (run->output == NULL || run->opts->dry_run)
        goto out;
    if (run->is_complete || curve->found != NULL) {
        run_forget_journal(run);
        goto out;
    }
    SL_TRY(run_open_parts(run, &is_ours, err));
    if (run->opts->resume == SL_RESUME_REQUIRE && !is_ours)
        rc = sl_fail(err, SL_EOUTPUT,
                     "--resume require: '%s' holds nothing of this job that could be resumed",
                     sl_parts_path(run->parts));
    if (rc == SL_OK) /* whoever had the lock before may have finished it meanwhile */
        rc = check_outputs(curve, err);
out:
    return rc;
}

sl_status curve_plan(struct run *run, struct sl_error *err)
{
    struct curve *curve = curve_of(run);
    int64_t       is_found;
    sl_status     rc;

    SL_TRY(run_share_job(run, err));
    run->output = curve->opts->n_outputs > 0 ? curve->opts->outputs[0] : NULL;
    rc = sl_comm_rank(run->comm) == 0 ? make_plan(curve, err) : SL_OK;
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    run_share_complete(run);
    is_found = curve->found != NULL;
    sl_comm_bcast_i64(run->comm, 0, &is_found, 1);
    curve->is_found = is_found != 0;
out:
    return rc;
}
