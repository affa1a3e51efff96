/* The command that makes one output of several pieces, top-down: rank 0 plans, all ranks know the
 * plan, count, and copy. */
#include "stitch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../about.h"
#include "../progress.h"
#include "../summary.h"
#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"
#include "scoreline/version.h"

enum {
    N_ATTRIBUTES = 8,
    N_OWN = 5, /* texts of /provenance that are of the pieces */
    N_PROVENANCE = N_OWN + ABOUT_N_TEXTS
};

/* Goes over to what is done next. */
static void stage(struct stitch *s, const char *name, enum sl_phase phase)
{
    run_progress_enter(s->progress, name, s->beside);
    sl_stopwatch_enter(s->watch, phase);
}

/* --- the plan, on every rank --------------------------------------------------------------------
 */

static sl_status check_output(struct stitch *s, struct sl_error *err)
{
    char                 found[sizeof s->fingerprint] = "";
    const char          *path = s->opts->output;
    enum sl_output_state state = sl_sink_look(path, found, sizeof found);

    if (state == SL_OUTPUT_ABSENT || s->opts->if_exists == SL_IF_EXISTS_REPLACE)
        return sl_sink_probe(path, err);
    if (state != SL_OUTPUT_COMPLETE || strcmp(found, s->fingerprint) != 0)
        return sl_fail(err, SL_EOUTPUT,
                       "output '%s' exists and is not made of these pieces; name another with -o, "
                       "or give --if-exists replace",
                       path);
    s->is_complete = true;
    return SL_OK;
}

static sl_status check_summary(const struct stitch *s, struct sl_error *err)
{
    const char *path = s->opts->summary;
    sl_status   rc;

    if (path == NULL)
        return SL_OK;
    if (!stitch_summary_is_apart(s))
        return sl_fail(err, SL_EUSAGE,
                       "'%s' would be both the summary and the output or a piece; name another",
                       path);
    SL_TRY(sl_sink_probe(path, err));
    SL_TRY(summary_check(path, err));
out:
    return rc;
}

static sl_status make_plan(struct stitch *s, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(check_summary(s, err));
    SL_TRY(stitch_read_pieces(s, err));
    SL_TRY(stitch_plan(s, err));
    s->is_planned = true;
    SL_TRY(check_output(s, err));
    if (s->is_complete)
        goto out;
    SL_TRY(sl_parts_open(s->opts->output, s->run_id, &s->beside, err));
    rc = check_output(s, err); /* whoever had the lock before may have finished it meanwhile */
out:
    return rc;
}

/* An array that rank 0 has; others are given theirs. */
static sl_status share(const struct sl_comm *comm, void *array, size_t n_bytes,
                       struct sl_error *err)
{
    void     *data;
    sl_status rc;

    memcpy(&data, array, sizeof data);
    rc = sl_comm_bcast_bytes(comm, &data, &n_bytes, err);
    memcpy(array, &data, sizeof data);
    return rc;
}

static sl_status share_plan(struct stitch *s, struct sl_error *err)
{
    const bool is_root = sl_comm_rank(s->comm) == 0;
    int64_t    numbers[] = {s->reference,
                            s->n_partitions,
                            (int64_t)s->n_segments,
                            s->n_rows,
                            s->is_complete,
                         is_root ? s->pieces[s->reference].columns.n_columns : 0,
                         is_root ? s->pieces[s->reference].classes.n : 0,
                         is_root ? s->pieces[s->reference].exact_rows : 0,
                         is_root ? (int64_t)s->pieces[s->reference].deviance : 0};
    sl_status  rc;

    sl_comm_bcast_i64(s->comm, 0, numbers, sizeof numbers / sizeof *numbers);
    s->reference = (int)numbers[0];
    s->n_partitions = (int)numbers[1];
    s->n_segments = (size_t)numbers[2];
    s->n_rows = numbers[3];
    s->is_complete = numbers[4] != 0;
    s->n_classes = (int)numbers[6];
    s->exact_rows = numbers[7];
    s->deviance = (enum sl_deviance)numbers[8];
    SL_TRY(share(s->comm, &s->trained_on, (size_t)numbers[1] * sizeof *s->trained_on, err));
    SL_TRY(share(s->comm, &s->segments, (size_t)numbers[2] * sizeof *s->segments, err));
    SL_TRY(share(s->comm, &s->widths, (size_t)numbers[5] * sizeof *s->widths, err));
out:
    return rc;
}

/* --- the file -----------------------------------------------------------------------------------
 */

/* What the file says of itself: from the reference piece, and of this run. */
struct texts {
    struct about         about;
    struct sl_text       pieces; /* paths, one a line */
    char                *title;
    char                *job;
    char                *job_file;
    char                *model;
    struct sl_named_text attributes[N_ATTRIBUTES];
    struct sl_named_text provenance[N_PROVENANCE];
};

static void texts_release(struct texts *texts)
{
    sl_text_release(&texts->pieces);
    free(texts->title);
    free(texts->job);
    free(texts->job_file);
    free(texts->model);
}

static sl_status read_texts(const struct stitch *s, const struct sl_scored *reference,
                            struct texts *texts, struct sl_error *err)
{
    size_t    n_bytes;
    sl_status rc;

    SL_TRY(sl_scored_attribute(reference, "title", &texts->title, err));
    SL_TRY(sl_scored_provenance(reference, "provenance/job", &texts->job, &n_bytes, err));
    SL_TRY(sl_scored_provenance(reference, "provenance/job_file", &texts->job_file, &n_bytes, err));
    SL_TRY(sl_scored_provenance(reference, "provenance/model", &texts->model, &n_bytes, err));
    for (int i = 0; i < s->opts->n_files; i++)
        SL_TRY(sl_text_add(&texts->pieces, err, "%s\n", s->opts->files[i]));
out:
    return rc;
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static void list_texts(const struct stitch *s, struct texts *t)
{
    const struct about        *about = &t->about;
    const struct sl_named_text attributes[N_ATTRIBUTES] = {
        {"Conventions", "CF-1.10"},
        {"title", or_empty(t->title)},
        {"history", about->history},
        {"source", sl_version_line()},
        {"run_id", about->run_id},
        {"fingerprint", s->fingerprint},
        {"model_fingerprint", s->pieces[s->reference].model},
        {"scoring_fingerprint", s->pieces[s->reference].scoring},
    };
    const struct sl_named_text provenance[N_OWN] = {
        {"job", or_empty(t->job)},
        {"job_file", or_empty(t->job_file)},
        {"model", or_empty(t->model)},
        {"partitions", or_empty(s->names.data)},
        {"pieces", or_empty(t->pieces.data)},
    };

    memcpy(t->attributes, attributes, sizeof attributes);
    memcpy(t->provenance, provenance, sizeof provenance);
    about_list(about, s->opts->command, t->provenance + N_OWN);
}

/* Rank 0: all that is not rows. */
static sl_status make_rest(const struct stitch *s, struct sl_scored *reference,
                           struct sl_table tables[STITCH_N_TABLES], struct texts *texts,
                           struct sl_error *err)
{
    sl_status rc;

    SL_TRY(stitch_tables(s, reference, tables, err));
    SL_TRY(read_texts(s, reference, texts, err));
    list_texts(s, texts);
out:
    return rc;
}

static sl_status write_rows(struct stitch *s, const struct sl_sink_spec *spec,
                            struct sl_table *profile, struct sl_error *err)
{
    const double    began = sl_clock_now();
    struct sl_sink *sink = NULL;
    sl_status       rc;

    SL_TRY(sl_sink_create(s->comm, spec, &sink, err));
    SL_TRY(stitch_copy(s, spec->rows, sink, err));
    s->work_s = sl_clock_now() - began;
    SL_TRY(run_update_profile(s->comm, s->watch, &s->pace, profile, err));
    stage(s, "publish", SL_PHASE_PUBLISH);
    SL_TRY(sl_sink_commit(sink, profile, err));
    s->is_written = true;
out:
    sl_sink_close(sink);
    return rc;
}

static sl_status write_file(struct stitch *s, struct sl_error *err)
{
    struct sl_table   tables[STITCH_N_TABLES] = {{0}};
    struct sl_table   rows = {0};
    struct texts      texts = {.title = NULL};
    struct sl_text    temp = {0};
    struct sl_scored *reference = NULL;
    sl_status         rc;

    about_tell(s->comm, s->opts->command, &texts.about);
    SL_TRY(run_make_profile(s->comm, s->watch, &s->pace, &tables[STITCH_PROFILE], err));
    rc = sl_scored_open(s->opts->files[s->reference], &reference, err);
    if (rc == SL_OK)
        rc = sl_scored_select(reference, NULL, 0, &rows, err);
    if (rc == SL_OK && sl_comm_rank(s->comm) == 0)
        rc = make_rest(s, reference, tables, &texts, err);
    if (rc == SL_OK) /* where whoever comes after a run that was killed finds it */
        rc = sl_parts_locate(s->opts->output, "output", &temp, err);
    SL_TRY(sl_comm_agree(s->comm, rc, err));
    const bool                is_root = sl_comm_rank(s->comm) == 0;
    const struct sl_sink_spec spec = {.path = s->opts->output,
                                      .temp = temp.data,
                                      .attributes = texts.attributes,
                                      .n_attributes = is_root ? N_ATTRIBUTES : 0,
                                      .provenance = texts.provenance,
                                      .n_provenance = is_root ? N_PROVENANCE : 0,
                                      .tables = tables,
                                      .n_tables = is_root ? STITCH_N_TABLES : 0,
                                      .rows = &rows,
                                      .widths = s->widths,
                                      .n_rows = s->n_rows,
                                      .compress = sl_scored_level(reference)};
    rc = write_rows(s, &spec, &tables[STITCH_PROFILE], err);
out:
    for (int i = 0; i < STITCH_N_TABLES; i++)
        sl_table_release(&tables[i]);
    texts_release(&texts);
    sl_text_release(&temp);
    sl_table_release(&rows);
    sl_scored_close(reference);
    return rc;
}

/* --- the command --------------------------------------------------------------------------------
 */

static void stitch_release(struct stitch *s)
{
    run_pace_release(&s->pace);
    stitch_pieces_release(s);
    free(s->parts);
    sl_text_release(&s->names);
    sl_text_release(&s->missing);
    sl_plan_release(&s->plan);
    free(s->counts);
    free(s->trained_on);
    free(s->segments);
    free(s->widths);
    sl_measured_release(&s->measured);
}

static sl_status begin(struct stitch *s, double began, struct sl_error *err)
{
    const struct run_progress_spec spec = {.run_id = s->run_id,
                                           .began = began,
                                           .notes = s->opts->notes,
                                           .form = s->opts->progress,
                                           .every_s = s->opts->progress_s};

    about_run_id(s->run_id);
    return sl_comm_agree(s->comm, run_progress_begin(s->comm, &spec, &s->progress, err), err);
}

static sl_status combine(struct stitch *s, double began, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(begin(s, began, err));
    stage(s, "plan", SL_PHASE_PLAN);
    rc = sl_comm_rank(s->comm) == 0 ? make_plan(s, err) : SL_OK;
    SL_TRY(sl_comm_agree(s->comm, rc, err));
    SL_TRY(share_plan(s, err));
    if (s->is_complete) {
        if (s->opts->notes != NULL)
            fprintf(s->opts->notes,
                    "scoreline: '%s' is already there and complete, nothing to do\n",
                    s->opts->output);
        goto out;
    }
    SL_TRY(sl_comm_agree(s->comm, run_pace_init(&s->pace, s->n_partitions, err), err));
    stage(s, "metrics", SL_PHASE_METRICS);
    SL_TRY(stitch_metrics(s, err));
    stage(s, "combine", SL_PHASE_COMBINE);
    SL_TRY(write_file(s, err));
out:
    return rc;
}

sl_status sl_combine(const struct sl_comm *comm, const struct sl_combine_opts *opts,
                     struct sl_error *err)
{
    const double        began = sl_clock_now();
    struct sl_stopwatch watch;
    struct stitch       s = {.comm = comm, .opts = opts, .watch = opts->watch};
    char                date[32];
    sl_status           rc;

    sl_stopwatch_start(&watch, SL_PHASE_OTHER);
    if (s.watch == NULL)
        s.watch = &watch;
    sl_clock_date(date, sizeof date);
    rc = combine(&s, began, err);
    run_progress_end(s.progress, rc, err);
    sl_parts_close(s.beside, SL_PARTS_KEEP_JOURNAL); /* of which nothing is ours */
    rc = stitch_report(&s, date, rc, err);
    stitch_release(&s);
    return rc;
}
