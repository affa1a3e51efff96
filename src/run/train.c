/* Second stage: read the training partitions, fit recipe and estimator.  Rank 0 does it alone, or
 * all ranks together, each with the rows of the partitions it is dealt: one way for both, rank 0
 * alone being a team of one.  The model file, as text, is what every rank gets, so that what was
 * broadcast is what can be kept. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "run_impl.h"
#include "scoreline/catalog.h"
#include "scoreline/file.h"
#include "scoreline/memory.h"
#include "scoreline/source.h"
#include "scoreline/stop.h"
#include "scoreline/text.h"
#include "training_set.h"

/* What is carried from file to file. */
struct trainer {
    struct run                *run;
    const struct sl_comm      *comm;   /* who trains together */
    struct sl_recipe          *recipe; /* the bundle's */
    const struct sl_partition *partition;
    const struct sl_file      *file;
    int64_t                    first_record; /* of the file in its partition */
    struct sl_source          *source;
    struct sl_column_request  *requests; /* the recipe's, none of them optional */
    int                        n_requests;
    struct sl_column_block     block;
    struct sl_design           design;
    struct training_set       *set;
    int64_t                    n_records;
    int64_t                    n_rejected;
    int64_t                    bytes_before; /* of files that were read */
};

static sl_status trainer_init(struct trainer *t, struct sl_error *err);
static void      trainer_release(struct trainer *t);
static sl_status read_partition(struct trainer *t, int32_t p, struct sl_error *err);
static sl_status add_block(struct trainer *t, struct sl_error *err);

/* Whether bad records are more than the job forgives. */
static sl_status check_rejected(const struct trainer *t, struct sl_error *err)
{
    const struct sl_bad_rows_spec *spec = &t->run->job->train.bad_rows;
    int64_t                        n = t->n_rejected;

    if (n <= spec->max_count && (double)n <= spec->max_fraction * (double)t->n_records)
        return SL_OK;
    return sl_fail(err, SL_EBADROWS,
                   "%" PRId64 " of %" PRId64 " records to train on are bad, more than "
                   "train.bad_rows allows",
                   n, t->n_records);
}

/* The rank that reads a partition: ranks have runs of them, of about as many bytes. */
static int reader_of(const struct sl_plan *training, int n_ranks, int64_t n_before, int64_t n_bytes)
{
    const double n_all = fmax((double)sl_plan_bytes(training), 1.0);
    const int    rank = (int)(((double)n_before + 0.5 * (double)n_bytes) / n_all * n_ranks);

    return rank < n_ranks ? rank : n_ranks - 1;
}

/* The most that a rank reads, of 1. */
static double largest_share(const struct sl_plan *training, int n_ranks)
{
    int64_t n_before = 0, here = 0, most = 0;
    int     last = -1;

    for (int32_t p = 0; p < training->n_partitions; p++) {
        const int64_t n_bytes = training->partitions[p].n_bytes;
        const int     rank = reader_of(training, n_ranks, n_before, n_bytes);

        here = rank == last ? here + n_bytes : n_bytes;
        last = rank;
        most = here > most ? here : most;
        n_before += n_bytes;
    }
    return n_before > 0 ? (double)most / (double)n_before : 1.0;
}

int64_t run_training_rank_bytes(const struct run *run, int64_t n_rows)
{
    const int     n_ranks = sl_comm_size(run->comm);
    const int     n_columns = run_most_columns(run);
    const int64_t column_bytes = 3 * (int64_t)sizeof(double); /* as it is, known values, sorted */
    double        most;

    if (run->job->train.mode == SL_TRAIN_ROOT || n_ranks == 1)
        return run_training_bytes(run, n_rows, n_columns, 1);
    /* when rows move the new arrays, which do not grow, stand beside the old ones */
    most = ceil((double)n_rows * largest_share(&run->training, n_ranks)) * 5.0 / 3.0;
    return run_training_bytes(run, (int64_t)most, n_columns, 1) + n_rows * column_bytes;
}

/* What this rank is to read. */
static int64_t own_bytes(const struct trainer *t)
{
    const struct sl_plan *training = &t->run->training;
    int64_t               n_before = 0, own = 0;

    for (int32_t p = 0; p < training->n_partitions; p++) {
        const int64_t n_bytes = training->partitions[p].n_bytes;

        if (reader_of(training, sl_comm_size(t->comm), n_before, n_bytes) == sl_comm_rank(t->comm))
            own += n_bytes;
        n_before += n_bytes;
    }
    return own;
}

/* Rank-local. */
static sl_status read_partitions(struct trainer *t, struct sl_error *err)
{
    const struct sl_plan *training = &t->run->training;
    const int             n_ranks = sl_comm_size(t->comm);
    int64_t               n_before = 0;
    sl_status             rc = SL_OK;

    run_progress_expect(t->run, own_bytes(t));
    for (int32_t p = 0; p < training->n_partitions; p++) {
        const int64_t n_bytes = training->partitions[p].n_bytes;

        if (reader_of(training, n_ranks, n_before, n_bytes) == sl_comm_rank(t->comm))
            SL_TRY(read_partition(t, p, err));
        n_before += n_bytes;
    }
out:
    return rc;
}

/* The rows of all ranks, and whether there are any. */
static sl_status settle_rows(struct trainer *t, struct sl_error *err)
{
    int64_t   n_rows;
    sl_status rc;

    sl_comm_sum_i64(t->comm, &t->n_records, 1);
    sl_comm_sum_i64(t->comm, &t->n_rejected, 1);
    SL_TRY(check_rejected(t, err));
    n_rows = (int64_t)t->set->rows.x.n_rows;
    sl_comm_sum_i64(t->comm, &n_rows, 1);
    if (n_rows == 0)
        return sl_fail(err, SL_EINPUT,
                       "nothing to train on: of %" PRId64 " records in %d partitions none has all "
                       "features and a label%s",
                       t->n_records, t->run->training.n_partitions,
                       t->set->sample->fraction > 0.0 ? " and is in the sample" : "");
    SL_TRY(training_set_unite(t->comm, t->set, t->recipe, err));
    SL_TRY(training_set_finish(t->comm, t->set, t->recipe, err));
out:
    return rc;
}

sl_status run_read_training(struct run *run, const struct sl_comm *comm, struct training_set *set,
                            struct sl_error *err)
{
    struct trainer t = {.run = run, .comm = comm, .set = set};
    sl_status      rc;

    SL_TRY(sl_comm_agree(comm, trainer_init(&t, err), err));
    SL_TRY(sl_comm_agree(comm, read_partitions(&t, err), err));
    run_progress_enter(run, "fit");
    SL_TRY(settle_rows(&t, err));
    run->n_training_records = t.n_records;
out:
    trainer_release(&t);
    return rc;
}

/* Collective on comm. */
static sl_status train(struct run *run, const struct sl_comm *comm, struct sl_error *err)
{
    struct training_set set = {.sample = NULL};
    sl_status           rc;

    SL_TRY(run_read_training(run, comm, &set, err));
    SL_TRY(run_fit(run, comm, &set, err));
    if (sl_stop_asked()) /* the solver took it for the end: what it says is no optimum */
        rc = sl_stop_fail(" while the model was fitted; run the same command again", err);
out:
    training_set_release(&set);
    return rc;
}

/* Rank 0: the model as text, which one that is given is already. */
static sl_status keep_model(struct run *run, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (run->opts->model == NULL && !run->is_fitted) {
        SL_TRY(sl_bundle_print(&run->bundle, &run->model_text, err));
        run->model_bytes = strlen(run->model_text) + 1;
        SL_TRY(run_fingerprint_model(run, err));
        if (run->parts != NULL)
            SL_TRY(run_keep_fitted(run, err));
    }
    if (run->save_model != NULL)
        rc = sl_file_save(run->save_model, run->model_text, run->model_bytes - 1, err);
out:
    return rc;
}

/* On rank 0 all of the model, on others perhaps some of it. */
static sl_status make_model(struct run *run, struct sl_error *err)
{
    const bool is_rank_0 = sl_comm_rank(run->comm) == 0;
    const bool trains = run->opts->model == NULL && !run->is_fitted;
    sl_status  rc = SL_OK;

    if (trains && run->job->train.mode == SL_TRAIN_DISTRIBUTED) {
        SL_TRY(run_share_training(run, err));
        SL_TRY(train(run, run->comm, err));
    } else if (trains && is_rank_0) {
        rc = train(run, sl_comm_self(), err);
    }
    if (rc == SL_OK && is_rank_0 && trains)
        rc = sl_catalog_check(&run->training, err);
    if (rc == SL_OK && is_rank_0)
        rc = keep_model(run, err);
out:
    return sl_comm_agree(run->comm, rc, err);
}

sl_status run_train(struct run *run, struct sl_error *err)
{
    void     *bytes;
    sl_status rc;

    SL_TRY(make_model(run, err));
    bytes = run->model_text;
    rc = sl_comm_bcast_bytes(run->comm, &bytes, &run->model_bytes, err);
    run->model_text = bytes;
    if (rc != SL_OK)
        return rc;
    if (sl_comm_rank(run->comm) != 0) {
        sl_bundle_release(&run->bundle);
        rc = sl_bundle_parse(run->model_text, run->model_bytes - 1, "broadcast model", &run->bundle,
                             err);
    }
    rc = sl_comm_agree(run->comm, rc, err);
out:
    return rc;
}

static sl_status trainer_init(struct trainer *t, struct sl_error *err)
{
    const struct sl_column_request *wanted;
    const struct sl_terms          *terms;
    sl_status                       rc;

    SL_TRY(sl_recipe_create(&t->run->job->recipe, true, &t->run->bundle.recipe, err));
    t->recipe = t->run->bundle.recipe;
    wanted = sl_recipe_requests(t->recipe, &t->n_requests);
    terms = sl_recipe_terms(t->recipe);
    SL_TRY(sl_alloc_array((size_t)t->n_requests, sizeof *t->requests, &t->requests, err));
    for (int i = 0; i < t->n_requests; i++) {
        t->requests[i] = wanted[i];
        t->requests[i].optional = false;
    }
    SL_TRY(sl_design_init(&t->design, SL_BLOCK_ROWS, terms->n_numeric, terms->n_categorical, err));
    SL_TRY(sl_column_block_init(&t->block, t->requests, t->n_requests, err));
    SL_TRY(training_set_init(t->set, &t->run->job->train.sample, t->recipe, err));
out:
    return rc;
}

static void trainer_release(struct trainer *t)
{
    sl_source_close(t->source);
    sl_column_block_release(&t->block);
    sl_design_release(&t->design);
    free(t->requests);
}

static sl_status read_file(struct trainer *t, int32_t partition, int32_t file, struct sl_error *err)
{
    const struct sl_source_range range = run_range(&t->run->training, partition, file);
    struct sl_source_extent      extent;
    sl_status                    rc;

    t->file = &t->run->training.files[file];
    SL_TRY(
        sl_source_open(&t->run->job->input, &range, t->requests, t->n_requests, &t->source, err));
    do {
        SL_TRY(sl_source_next(t->source, &t->block, err));
        SL_TRY(sl_recipe_evaluate(t->recipe, &t->block, &t->design, err));
        SL_TRY(add_block(t, err));
        if (t->block.n_rows > 0)
            run_progress_read(t->run, t->bytes_before + t->block.places[t->block.n_rows - 1].byte,
                              t->n_records);
        if (sl_stop_asked())
            return sl_stop_fail(" while reading what is trained on; run the same command again",
                                err);
    } while (t->block.n_rows > 0);
    sl_source_extent(t->source, &extent);
    t->first_record += extent.n_records;
    t->bytes_before += t->file->n_bytes;
out:
    return rc;
}

static sl_status read_partition(struct trainer *t, int32_t p, struct sl_error *err)
{
    const struct sl_partition *partition = &t->run->training.partitions[p];
    sl_status                  rc = SL_OK;

    t->partition = partition;
    t->set->partition = p;
    t->first_record = 0;
    for (int32_t f = 0; f < partition->n_files && rc == SL_OK; f++)
        rc = read_file(t, p, partition->first_file + f, err);
    if (rc != SL_OK && rc != SL_ESTOPPED)
        sl_error_in(err, "partition '%s'", partition->name);
    return rc;
}

/* Fail for a row that the job does not forgive. */
static sl_status fail_row(const struct trainer *t, size_t row, sl_status code, const char *what,
                          struct sl_error *err)
{
    return sl_fail(err, code, "'%s': line %" PRId64 ": %s", t->file->path,
                   t->block.places[row].line + 1, what);
}

/* Whether a row can be learned from. */
static sl_status row_is_usable(const struct trainer *t, size_t row, bool *usable,
                               struct sl_error *err)
{
    const double    weight = t->design.weight[row];
    enum sl_row_use use;
    int             feature = 0;
    char            what[256];

    *usable = false;
    if (t->block.reject[row] != SL_GOOD) {
        if (t->run->job->train.bad_rows.policy != SL_BAD_ROWS_FAIL)
            return SL_OK;
        run_describe_reject(t->run, t->source, &t->block, row, what, sizeof what);
        return fail_row(t, row, SL_EBADROWS, what, err);
    }
    if (isnan(t->design.label[row]) || isnan(weight))
        return SL_OK;
    if (weight < 0.0) {
        snprintf(what, sizeof what, "weight is %.17g, expected 0 or more", weight);
        return fail_row(t, row, SL_EINPUT, what, err);
    }
    use = sl_recipe_judge(t->recipe, &t->design, row, &feature);
    *usable = use == SL_ROW_USABLE;
    if (use != SL_ROW_FAULT)
        return SL_OK;
    sl_recipe_describe_missing(t->recipe, feature, what, sizeof what);
    return fail_row(t, row, SL_EINPUT, what, err);
}

static sl_status add_row(struct trainer *t, size_t row, struct sl_error *err)
{
    const struct training_set *set = t->set;
    const uint64_t             key = training_key(set->sample, t->partition->name,
                                                  t->first_record + t->block.places[row].record);
    bool                       usable;
    struct sl_error            fault;
    sl_status                  rc;

    SL_TRY(row_is_usable(t, row, &usable, err));
    if (!usable || training_set_skips(set, key))
        return SL_OK;
    rc = training_set_add(t->set, t->recipe, &t->block, &t->design, row, key, &fault);
    if (rc == SL_EINPUT)
        return fail_row(t, row, rc, fault.text, err);
    if (rc != SL_OK)
        *err = fault;
out:
    return rc;
}

int run_most_columns(const struct run *run)
{
    const struct sl_recipe_spec *spec = &run->job->recipe;
    int                          n_columns = spec->n_features;

    for (int j = 0; j < spec->n_features; j++)
        n_columns += spec->features[j].indicator;
    return n_columns;
}

int64_t run_training_bytes(const struct run *run, int64_t n_rows, int n_columns, int n_outputs)
{
    const struct sl_recipe_spec *spec = &run->job->recipe;
    int64_t                      row_bytes = 0;
    const double                 n_slots = n_columns + 1.0;
    const double                 n_coef = n_slots * n_outputs;
    const double                 n_pairs = n_outputs * (n_outputs + 1.0) / 2.0;
    double                       n_bytes;

    for (int j = 0; j < spec->n_features; j++)
        row_bytes += spec->features[j].categorical != NULL
                         ? (int64_t)sizeof(int32_t)
                         : (int64_t)sizeof(double) * (1 + spec->features[j].indicator);
    /* status, label, weight and key; arrays grow by half; the column whose fill is learned */
    row_bytes = (row_bytes + 1 + 3 * (int64_t)sizeof(double)) * 3 / 2 + (int64_t)sizeof(double);
    /* Hessian and its factor, and what it is added up in, with a block of rows; each further thread
       takes another of the latter, all of them 1 GiB */
    n_bytes =
        (double)n_rows * (double)row_bytes +
        (2 * n_coef * n_coef + 34 * n_coef +
         2 * (n_pairs * n_slots * n_slots + SL_BLOCK_ROWS * (2 * n_slots + 3.0 * n_outputs + 9))) *
            (double)sizeof(double);
    return n_bytes < 0x1p62 ? (int64_t)n_bytes : INT64_C(1) << 62;
}

sl_status run_check_training_rows(const struct run *run, size_t n_rows, int n_columns,
                                  int n_outputs, struct sl_error *err)
{
    const int64_t limit = run->job->train.max_bytes;
    char          text[32];

    if (limit == 0 || run_training_bytes(run, (int64_t)n_rows, n_columns, n_outputs) <= limit)
        return SL_OK;
    sl_format_bytes((double)limit, text, sizeof text);
    return sl_fail(err, SL_EINPUT,
                   "training takes more memory than train.max_bytes (%s): %zu rows of %d column%s "
                   "so far; train on fewer partitions, take a sample, or raise it",
                   text, n_rows, n_columns, n_columns == 1 ? "" : "s");
}

static sl_status add_block(struct trainer *t, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t i = 0; i < t->block.n_rows; i++) {
        t->n_records++;
        t->n_rejected += t->block.reject[i] != SL_GOOD;
        SL_TRY(add_row(t, i, err));
    }
    SL_TRY(
        run_check_training_rows(t->run, t->set->rows.x.n_rows, run_most_columns(t->run), 1, err));
out:
    return rc;
}
