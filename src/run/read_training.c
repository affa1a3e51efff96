/* The training partitions, read: the rows that are learned from, and the bad ones counted.  Each of
 * the ranks that train together reads those it is dealt; one rank alone is a team of one. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "progress.h"
#include "run_impl.h"
#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "scoreline/source.h"
#include "scoreline/stop.h"
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

int run_training_reader(const struct sl_plan *training, int n_ranks, int64_t n_before,
                        int64_t n_bytes)
{
    const double n_all = fmax((double)sl_plan_bytes(training), 1.0);
    const int    rank = (int)(((double)n_before + 0.5 * (double)n_bytes) / n_all * n_ranks);

    return rank < n_ranks ? rank : n_ranks - 1;
}

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

/* What this rank is to read. */
static int64_t own_bytes(const struct trainer *t)
{
    const struct sl_plan *training = &t->run->training;
    int64_t               n_before = 0, own = 0;

    for (int32_t p = 0; p < training->n_partitions; p++) {
        const int64_t n_bytes = training->partitions[p].n_bytes;

        if (run_training_reader(training, sl_comm_size(t->comm), n_before, n_bytes) ==
            sl_comm_rank(t->comm))
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

    run_progress_expect(t->run->progress, own_bytes(t));
    for (int32_t p = 0; p < training->n_partitions; p++) {
        const int64_t n_bytes = training->partitions[p].n_bytes;

        if (run_training_reader(training, n_ranks, n_before, n_bytes) == sl_comm_rank(t->comm))
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
    double         began;
    sl_status      rc;

    SL_TRY(sl_comm_agree(comm, trainer_init(&t, err), err));
    began = sl_clock_now();
    rc = read_partitions(&t, err);
    if (run->trains_only)
        run->work_s = sl_clock_now() - began;
    SL_TRY(sl_comm_agree(comm, rc, err));
    run_progress_enter(run->progress, "fit", run->parts);
    sl_stopwatch_enter(run->watch, SL_PHASE_FIT);
    SL_TRY(settle_rows(&t, err));
    run->n_training_records = t.n_records;
    run->is_trained = rc == SL_OK;
out:
    trainer_release(&t);
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
    if (t->run->trains_only)
        SL_TRY(run_pace_init(&t->run->pace, t->run->training.n_partitions, err));
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
            run_progress_count(t->run->progress,
                               t->bytes_before + t->block.places[t->block.n_rows - 1].byte,
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
    const double               began = sl_clock_now();
    const int64_t              before = t->n_records;
    sl_status                  rc = SL_OK;

    t->partition = partition;
    t->set->partition = p;
    t->first_record = 0;
    for (int32_t f = 0; f < partition->n_files && rc == SL_OK; f++)
        rc = read_file(t, p, partition->first_file + f, err);
    if (rc == SL_OK && t->run->trains_only)
        run_pace_add(&t->run->pace, p, sl_clock_now() - began, partition->n_bytes,
                     t->n_records - before);
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
