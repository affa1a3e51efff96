/* What earlier runs of the same job left beside the output, and what this one will: the directory
 * is locked, its manifest held against this run, the model that was fitted taken from it, and the
 * plan cut so that chunks that are done are not done again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_impl.h"
#include "scoreline/hash.h"
#include "scoreline/memory.h"
#include "scoreline/stop.h"
#include "scoreline/text.h"

enum { MOST_MANIFEST_BYTES = 1 << 28, MOST_MODEL_BYTES = 1 << 28, MANIFEST_VERSION = 1 };
enum { SEAL_BYTES = 20 }; /* the last line of a kept model, and the line end before it */
static const char manifest_format[] = "scoreline-journal";

/* --- the manifest ----------------------------------------------------------------------------- */

static sl_status add_inputs(const struct run *run, struct sl_json *root, struct sl_error *err)
{
    struct sl_json *list;
    struct sl_json *item;
    char            hash[SL_JOURNAL_HASH];
    sl_status       rc;

    SL_TRY(sl_json_add_list(root, "inputs", &list, err));
    for (int i = 0; i < run->plan.n_partitions; i++) {
        run_print_hash(run->plan.partitions[i].input, hash);
        SL_TRY(sl_json_add_object(list, NULL, &item, err));
        SL_TRY(sl_json_add_text(item, "partition", run->plan.partitions[i].name, err));
        SL_TRY(sl_json_add_text(item, "fingerprint", hash, err));
        if (run->totals.skipped != NULL && run->totals.skipped[i])
            SL_TRY(sl_json_add_bool(item, "skipped", true, err));
    }
out:
    return rc;
}

sl_status run_save_manifest(struct run *run, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_json     *root;
    char               *text = NULL;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, err));
    root = sl_json_root(doc);
    SL_TRY(sl_json_add_text(root, "format", manifest_format, err));
    SL_TRY(sl_json_add_number(root, "version", MANIFEST_VERSION, err));
    SL_TRY(sl_json_add_text(root, "job", run->job->name, err));
    SL_TRY(sl_json_add_text(root, "job_fingerprint", run->fingerprint.job, err));
    SL_TRY(sl_json_add_text(root, "training_fingerprint", run->fingerprint.training, err));
    SL_TRY(add_inputs(run, root, err));
    SL_TRY(sl_json_print(root, true, &text, err));
    rc = sl_parts_save(run->parts, SL_PARTS_MANIFEST, text, strlen(text), err);
out:
    free(text);
    sl_json_close(doc);
    return rc;
}

static const char *text_of(const struct sl_json *object, const char *key)
{
    const char *text = sl_json_text(sl_json_find(object, key));

    return text != NULL ? text : "";
}

/* The first partition that is not what the manifest says, -1 if none is; one that was skipped may
 * be another now.  *is_same: they are the same partitions. */
static int find_changed(const struct run *run, const struct sl_json *root, bool *is_same)
{
    const struct sl_json *item = sl_json_first(sl_json_find(root, "inputs"));

    for (int i = 0; i < run->plan.n_partitions; i++, item = sl_json_next(item)) {
        char hash[SL_JOURNAL_HASH];

        run_print_hash(run->plan.partitions[i].input, hash);
        *is_same =
            item != NULL && strcmp(text_of(item, "partition"), run->plan.partitions[i].name) == 0;
        if (!*is_same)
            return -1;
        if (strcmp(text_of(item, "fingerprint"), hash) != 0 &&
            !sl_json_bool(sl_json_find(item, "skipped")))
            return i;
    }
    *is_same = item == NULL;
    return -1;
}

static const char anew[] = "give --resume never to throw it away and start anew, or name another "
                           "output with -o";

/* Whether a manifest is of this job and its inputs; if not, say why. */
static sl_status compare(const struct run *run, const struct sl_json *root, struct sl_error *err)
{
    const char *path = sl_parts_path(run->parts);
    const bool  is_same_job = strcmp(text_of(root, "job_fingerprint"), run->fingerprint.job) == 0;
    bool        is_same = true;
    const int   changed = is_same_job ? find_changed(run, root, &is_same) : -1;

    if (changed >= 0)
        return sl_fail(err, SL_EOUTPUT,
                       "input '%s' of partition '%s' is not what it was when the journal '%s' was "
                       "begun; put it back, %s",
                       run->plan.partitions[changed].source, run->plan.partitions[changed].name,
                       path, anew);
    if (!is_same_job || !is_same)
        return sl_fail(err, SL_EOUTPUT, "'%s' holds the journal of another job ('%s'); %s", path,
                       text_of(root, "job"), anew);
    if (strcmp(text_of(root, "training_fingerprint"), run->fingerprint.training) != 0)
        return sl_fail(err, SL_EOUTPUT,
                       "what is trained on is not what it was when the journal '%s' was begun; put "
                       "it back, %s",
                       path, anew);
    return SL_OK;
}

/* Whether there is a journal of this very run; one of another is refused. */
static sl_status read_manifest(const struct run *run, bool has_files, bool *is_ours,
                               struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_error     ignored;
    char               *text = NULL;
    size_t              n_bytes = 0;
    sl_status           rc;

    *is_ours = false;
    SL_TRY(sl_parts_read(run->parts, SL_PARTS_MANIFEST, MOST_MANIFEST_BYTES, &text, &n_bytes, err));
    if (text == NULL && !has_files)
        goto out;
    if (text == NULL || sl_json_parse(text, n_bytes, SL_PARTS_MANIFEST, &doc, &ignored) != SL_OK ||
        strcmp(text_of(sl_json_root(doc), "format"), manifest_format) != 0) {
        rc = sl_fail(err, SL_EOUTPUT, "'%s' holds a journal that does not say whose it is; %s",
                     sl_parts_path(run->parts), anew);
        goto out;
    }
    SL_TRY(compare(run, sl_json_root(doc), err));
    *is_ours = true;
out:
    free(text);
    sl_json_close(doc);
    return rc;
}

/* --- the model -------------------------------------------------------------------------------- */

/* A number of it that is another by one bit may leave its checks right. */
static void print_seal(const char *model, size_t n_bytes, char seal[SEAL_BYTES + 1])
{
    snprintf(seal, SEAL_BYTES + 1, "\n// crc32c %08" PRIx32 "\n", sl_crc32c(0, model, n_bytes));
}

sl_status run_keep_fitted(struct run *run, struct sl_error *err)
{
    const size_t   n_bytes = run->model_bytes - 1;
    struct sl_text text = {0};
    char           seal[SEAL_BYTES + 1];
    sl_status      rc;

    print_seal(run->model_text, n_bytes, seal);
    SL_TRY(sl_text_add_bytes(&text, run->model_text, n_bytes, err));
    SL_TRY(sl_text_add_bytes(&text, seal, SEAL_BYTES, err));
    rc = sl_parts_save(run->parts, SL_PARTS_MODEL, text.data, text.n_bytes, err);
out:
    sl_text_release(&text);
    return rc;
}

/* Take the seal off a kept model; false where it is not the model's. */
static bool unseal(char *text, size_t *n_bytes)
{
    char seal[SEAL_BYTES + 1];

    if (*n_bytes < SEAL_BYTES)
        return false;
    *n_bytes -= SEAL_BYTES;
    print_seal(text, *n_bytes, seal);
    if (memcmp(text + *n_bytes, seal, SEAL_BYTES) != 0)
        return false;
    text[*n_bytes] = '\0';
    return true;
}

/* The model that rows in the journal were scored with; without it nothing of them is of use. */
static sl_status take_model(struct run *run, bool *has_model, struct sl_error *err)
{
    struct sl_error ignored;
    size_t          n_bytes = 0;
    bool            is_whole;
    sl_status       rc;

    *has_model = run->opts->model != NULL; /* that is given: it is read already */
    if (*has_model)
        return SL_OK;
    SL_TRY(sl_parts_read(run->parts, SL_PARTS_MODEL, MOST_MODEL_BYTES, &run->model_text, &n_bytes,
                         err));
    if (run->model_text == NULL)
        goto out;
    is_whole = unseal(run->model_text, &n_bytes);
    run->model_bytes = n_bytes + 1;
    *has_model = is_whole &&
                 sl_bundle_parse(run->model_text, n_bytes, SL_PARTS_MODEL, &run->bundle,
                                 &ignored) == SL_OK &&
                 run_fingerprint_model(run, &ignored) == SL_OK;
    run->is_fitted = *has_model;
    if (*has_model)
        goto out;
    sl_bundle_release(&run->bundle);
    free(run->model_text);
    run->model_text = NULL;
out:
    return rc;
}

/* --- the journal's files ---------------------------------------------------------------------- */

static sl_status list_files(struct run *run, struct sl_error *err)
{
    struct sl_journal_old *old = &run->old;
    char                 **names = NULL;
    size_t                 n = 0;
    sl_status              rc;

    SL_TRY(sl_parts_list(run->parts, &names, &n, err));
    SL_TRY(sl_alloc_array(n, sizeof *old->paths, &old->paths, err));
    for (; old->n < n; old->n++) {
        struct sl_text path = {0};

        SL_TRY(sl_parts_locate(run->output, names[old->n], &path, err));
        old->paths[old->n] = path.data;
    }
out:
    sl_parts_free_names(names, n);
    return rc;
}

void run_old_release(struct sl_journal_old *old)
{
    for (size_t i = 0; old->paths != NULL && i < old->n; i++)
        free(old->paths[i]);
    free(old->paths);
    free(old->places);
    *old = (struct sl_journal_old){0};
}

static sl_status replay(struct run *run, struct sl_error *err)
{
    struct sl_journal_identity identity;
    bool                       has_model;
    int                        n_classes;
    sl_status                  rc;

    SL_TRY(take_model(run, &has_model, err));
    if (has_model) {
        run_identify(run, &identity);
        sl_recipe_classes(run->bundle.recipe, &n_classes);
        SL_TRY(sl_journal_replay(&run->old, &identity,
                                 sl_rows_n_fixed(n_classes) + run->job->output.n_keep, &run->plan,
                                 &run->old.places, &run->old.n_places, err));
    } else if (run->old.n > 0 && run->opts->notes != NULL) {
        fprintf(run->opts->notes,
                "scoreline: note: '%s/%s' is missing or damaged: nothing can be resumed, all is "
                "done anew\n",
                sl_parts_path(run->parts), SL_PARTS_MODEL);
    }
out:
    return rc;
}

void run_identify(const struct run *run, struct sl_journal_identity *identity)
{
    *identity = (struct sl_journal_identity){{0}, {0}};
    memcpy(identity->fingerprint, run->fingerprint.job, sizeof identity->fingerprint);
    memcpy(identity->model, run->fingerprint.model, sizeof identity->model);
}

sl_status run_open_parts(struct run *run, bool *is_ours, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_parts_open(run->output, run->run_id, &run->parts, err));
    if (run->opts->resume == SL_RESUME_NEVER)
        SL_TRY(sl_parts_clear(run->parts, err));
    SL_TRY(list_files(run, err));
    SL_TRY(read_manifest(run, run->old.n > 0, is_ours, err));
    if (!*is_ours)
        rc = run_save_manifest(run, err);
out:
    return rc;
}

sl_status run_look_for_journal(struct run *run, struct sl_error *err)
{
    bool      is_ours = false;
    sl_status rc;

    SL_TRY(run_open_parts(run, &is_ours, err));
    if (is_ours)
        SL_TRY(replay(run, err));
    if (run->opts->resume == SL_RESUME_REQUIRE && run->old.n_places == 0)
        rc = sl_fail(err, SL_EOUTPUT,
                     "--resume require: '%s' holds nothing of this job that could be resumed",
                     sl_parts_path(run->parts));
out:
    return rc;
}

void run_forget_journal(struct run *run)
{
    struct sl_error ignored;
    struct sl_text  path = {0};
    bool            is_ours = false;

    if (sl_parts_locate(run->output, "", &path, &ignored) == SL_OK &&
        access(path.data, F_OK) == 0 &&
        sl_parts_open(run->output, run->run_id, &run->parts, &ignored) == SL_OK) {
        if (read_manifest(run, true, &is_ours, &ignored) != SL_OK)
            is_ours = false;
        sl_parts_close(run->parts, is_ours ? SL_PARTS_REMOVE : SL_PARTS_KEEP_JOURNAL);
        run->parts = NULL;
    }
    sl_text_release(&path);
}

/* --- on every rank ---------------------------------------------------------------------------- */

/* Paths one behind the other, each with its NUL. */
static sl_status join_paths(const struct sl_journal_old *old, struct sl_text *to,
                            struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t i = 0; i < old->n && rc == SL_OK; i++)
        rc = sl_text_add_bytes(to, old->paths[i], strlen(old->paths[i]) + 1, err);
    return rc;
}

static sl_status split_paths(const char *joined, struct sl_journal_old *old, struct sl_error *err)
{
    const int64_t n = (int64_t)old->n;
    sl_status     rc = sl_alloc_array(old->n, sizeof *old->paths, &old->paths, err);

    for (int64_t i = 0; i < n && rc == SL_OK; i++) {
        rc = sl_copy_text(joined, &old->paths[i], err);
        joined += strlen(joined) + 1;
    }
    return rc;
}

sl_status run_share_old(struct run *run, struct sl_error *err)
{
    const bool             is_rank_0 = sl_comm_rank(run->comm) == 0;
    struct sl_journal_old *old = &run->old;
    struct sl_text         joined = {0};
    void                  *bytes;
    size_t                 n_bytes;
    int64_t                n[2] = {(int64_t)old->n, (int64_t)old->n_places};
    sl_status              rc;

    sl_comm_bcast_i64(run->comm, 0, n, 2);
    if (n[1] == 0) /* nothing is taken up: nobody needs to know of it */
        return SL_OK;
    SL_TRY(sl_comm_agree(run->comm, is_rank_0 ? join_paths(old, &joined, err) : SL_OK, err));
    bytes = joined.data;
    n_bytes = joined.n_bytes;
    SL_TRY(sl_comm_bcast_bytes(run->comm, &bytes, &n_bytes, err));
    joined.data = bytes;
    old->n = (size_t)n[0];
    rc = is_rank_0 ? SL_OK : split_paths(joined.data, old, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    bytes = old->places;
    n_bytes = old->n_places * sizeof *old->places;
    SL_TRY(sl_comm_bcast_bytes(run->comm, &bytes, &n_bytes, err));
    old->places = bytes;
    old->n_places = (size_t)n[1];
out:
    free(joined.data);
    return rc;
}

/* The ranks of a node share a file, named after the run and the first of them. */
sl_status run_open_journal(struct run *run, struct sl_error *err)
{
    struct sl_journal_spec spec = {.memory = RUN_JOURNAL_BYTES,
                                   .opens_at = run->began + run->job->output.journal_after,
                                   .plan = &run->plan,
                                   .old = run->old.n_places > 0 ? &run->old : NULL};
    struct sl_comm_node    node;
    struct sl_text         path = {0};
    char                   name[64];
    sl_status              rc;

    run_identify(run, &spec.identity);
    sl_comm_share(run->comm, 0, &spec.identity, sizeof spec.identity);
    sl_comm_share(run->comm, 0, run->run_id, sizeof run->run_id);
    sl_comm_node(run->comm, &node);
    snprintf(name, sizeof name, "%s-%d.journal", run->run_id, node.leader);
    rc = sl_parts_locate(run->output, name, &path, err);
    run->journal_path = path.data;
    spec.path = path.data;
    spec.lane = node.rank;
    spec.n_lanes = node.n_ranks;
    return rc == SL_OK ? sl_journal_create(&spec, &run->rows, &run->journal, err) : rc;
}

/* --- stopping --------------------------------------------------------------------------------- */

sl_status run_stop(struct run *run, struct sl_error *err)
{
    char      what[160] = "; run the same command again";
    int64_t   n_done = 0;
    sl_status rc;

    for (int64_t c = 0; run->sched.owner != NULL && c < run->plan.n_chunks; c++)
        n_done += run->sched.owner[c] >= 0;
    if (run->sched.owner != NULL)
        snprintf(what, sizeof what,
                 ": %" PRId64 " of %" PRId64
                 " chunks are done; run the same command again to go on",
                 n_done, run->plan.n_chunks);
    rc = sl_comm_agree(run->comm, sl_stop_asked() ? sl_stop_fail(what, err) : SL_OK, err);
    return rc != SL_OK ? rc : sl_stop_fail(what, err);
}

sl_status run_check_stop(struct run *run, struct sl_error *err)
{
    bool asked = sl_stop_asked();

    sl_comm_any(run->comm, &asked, 1);
    return asked ? run_stop(run, err) : SL_OK;
}
