/* What a run will take of memory and disk.  How many records a file has cannot be known without
 * reading it: pieces of some files, spread evenly, are read, and the rest is taken to be like them.
 */
#include <math.h>
#include <stdlib.h>

#include "../run_impl.h"
#include "scoreline/memory.h"
#include "scoreline/source.h"
#include "scoreline/text.h"

enum {
    MOST_FILES = 16, /* that are sampled */
    N_PIECES = 4,    /* of a file */
    PIECE_BYTES = 16 << 10,

    WINDOW_BYTES = 1 << 20, /* a rank's window on its file, and what it holds besides blocks */
    FIELD_BYTES = 8 + 16,   /* of a block: where a field lies, and its value */
    RECORD_BYTES = 64,      /* of a block: where a record lies, its status, label and score */
    SCORE_BYTES = 16,       /* of a row and class while the metrics are found, up to a limit */

    FILE_BYTES = 64 << 10, /* of an output without rows */
    PARTITION_BYTES = 256, /* its lines in /partitions and /metrics, but for names */
};

/* What the sampled records are like. */
struct sample {
    int64_t  n_files;
    int64_t  n_records;
    int64_t  n_header_bytes;
    int64_t  n_record_bytes;
    bool     is_whole;     /* every file was read to its end */
    int64_t  n_text_bytes; /* of all kept texts */
    int64_t *widths;       /* [n_keep] the longest text of each */
};

/* A file is asked for the kept columns alone; whether it has them is found out elsewhere. */
struct sampler {
    const struct run         *run;
    const struct sl_plan     *plan;
    int                       n_requests;
    struct sl_column_request *requests; /* names borrowed from the job */
    struct sl_column_block    block;
    struct sl_source         *source;
    struct sample            *sample;
};

static void measure_texts(const struct sampler *s)
{
    const struct sl_keep_spec *keep = s->run->job->output.keep;

    for (int k = 0; k < s->n_requests; k++) {
        for (size_t i = 0; s->requests[k].type == SL_TEXT && i < s->block.n_rows; i++) {
            int64_t width = (int64_t)s->block.columns[k].values.text[i].n_bytes;

            width = width < keep[k].max_width ? width : keep[k].max_width;
            s->sample->n_text_bytes += width;
            if (width > s->sample->widths[k])
                s->sample->widths[k] = width;
        }
    }
}

/* A sample that begins in the middle rests on a guess, and where that gave up says nothing. */
static sl_status sample_range(struct sampler *s, const struct sl_source_range *range,
                              struct sl_error *err)
{
    struct sl_source_extent extent;
    sl_status               rc;

    SL_TRY(sl_source_open(&s->run->job->input, range, s->requests, s->n_requests, &s->source, err));
    if (range->first_byte == 0) {
        sl_source_extent(s->source, &extent);
        s->sample->n_header_bytes += extent.begin;
    }
    do {
        SL_TRY(sl_source_next(s->source, &s->block, err));
        measure_texts(s);
    } while (s->block.n_rows > 0);
    sl_source_extent(s->source, &extent);
    if (extent.gave_up)
        goto out;
    s->sample->n_records += extent.n_records;
    s->sample->n_record_bytes += extent.end - extent.begin;
out:
    return rc;
}

/* A small file is read whole; of others the header, and the middle of each of a few parts. */
static sl_status sample_file(struct sampler *s, int32_t p, int32_t f, struct sl_error *err)
{
    struct sl_source_range range = run_range(s->plan, p, f);
    const int64_t          n_bytes = range.end_byte;
    sl_status              rc;

    s->sample->n_files++;
    if (n_bytes <= (int64_t)N_PIECES * PIECE_BYTES)
        return sample_range(s, &range, err);
    s->sample->is_whole = false;
    range.end_byte = 0;
    SL_TRY(sample_range(s, &range, err));
    range.begin = -1;
    range.is_certain = false;
    for (int i = 0; i < N_PIECES; i++) {
        range.first_byte = n_bytes / N_PIECES * i + (n_bytes / N_PIECES - PIECE_BYTES) / 2;
        range.end_byte = range.first_byte + PIECE_BYTES;
        SL_TRY(sample_range(s, &range, err));
    }
out:
    return rc;
}

/* At most MOST_FILES of all, at even distances. */
static sl_status sample_files(struct sampler *s, struct sl_error *err)
{
    const int64_t n_files = sl_plan_n_files(s->plan);
    const int64_t n = n_files < MOST_FILES ? n_files : MOST_FILES;
    int64_t       i = 0;
    sl_status     rc = SL_OK;

    s->sample->is_whole = n == n_files;
    for (int32_t p = 0; p < s->plan->n_partitions; p++) {
        const struct sl_partition *partition = &s->plan->partitions[p];

        for (int32_t f = 0; f < partition->n_files && rc == SL_OK; f++, i++)
            if (i * n % n_files < n)
                rc = sample_file(s, p, partition->first_file + f, err);
    }
    return rc;
}

static sl_status sampler_init(struct sampler *s, struct sl_error *err)
{
    const struct sl_output_spec *output = &s->run->job->output;
    size_t                       n = (size_t)output->n_keep;
    sl_status                    rc;

    s->n_requests = output->n_keep;
    SL_TRY(sl_alloc_array(n, sizeof *s->requests, &s->requests, err));
    SL_TRY(sl_alloc_array(n, sizeof *s->sample->widths, &s->sample->widths, err));
    for (size_t k = 0; k < n; k++)
        s->requests[k] = (struct sl_column_request){
            .name = output->keep[k].column, .type = output->keep[k].type, .optional = true};
    SL_TRY(sl_column_block_init(&s->block, s->requests, s->n_requests, err));
out:
    return rc;
}

static void sampler_release(struct sampler *s)
{
    sl_source_close(s->source);
    sl_column_block_release(&s->block);
    free(s->requests);
}

/* sample->widths is freed by the caller, whatever happens. */
static sl_status take_sample(const struct run *run, const struct sl_plan *plan,
                             struct sample *sample, struct sl_error *err)
{
    struct sampler s = {.run = run, .plan = plan, .sample = sample};
    sl_status      rc;

    *sample = (struct sample){0};
    SL_TRY(sampler_init(&s, err));
    SL_TRY(sample_files(&s, err));
out:
    sampler_release(&s);
    return rc;
}

static int64_t count_rows(const struct sl_plan *plan, const struct sample *sample)
{
    double n_bytes = (double)sl_plan_bytes(plan);

    if (sample->is_whole || sample->n_records == 0)
        return sample->n_records;
    n_bytes -=
        (double)sample->n_header_bytes / (double)sample->n_files * (double)sl_plan_n_files(plan);
    return (int64_t)(n_bytes * (double)sample->n_records / (double)sample->n_record_bytes + 0.5);
}

static sl_status count_training(const struct run *run, struct run_needs *needs,
                                struct sl_error *err)
{
    struct sample sample;
    sl_status     rc = take_sample(run, &run->training, &sample, err);

    if (rc == SL_OK) {
        needs->n_training_rows = count_rows(&run->training, &sample);
        needs->training_bytes = run_training_rank_bytes(run, needs->n_training_rows);
        needs->is_counted &= sample.is_whole;
    }
    free(sample.widths);
    return rc;
}

sl_status run_check_training_size(const struct run *run, struct sl_error *err)
{
    const int64_t    limit = run->job->train.max_bytes;
    const int        n_columns = run_most_columns(run);
    struct run_needs needs = {.is_counted = true};
    char             wanted[32];
    char             allowed[32];
    sl_status        rc;

    if (limit == 0)
        return SL_OK;
    rc = count_training(run, &needs, err);
    if (rc != SL_OK || needs.training_bytes <= limit)
        return rc;
    sl_format_bytes((double)needs.training_bytes, wanted, sizeof wanted);
    sl_format_bytes((double)limit, allowed, sizeof allowed);
    return sl_fail(err, SL_EINPUT,
                   "training would take %s%s of memory (%lld rows of %d column%s), more than "
                   "train.max_bytes (%s); train on fewer partitions, or raise it",
                   needs.is_counted ? "" : "about ", wanted, (long long)needs.n_training_rows,
                   n_columns, n_columns == 1 ? "" : "s", allowed);
}

/* --- scoring ---------------------------------------------------------------------------------- */

/* Bytes of a row in memory, while metrics are found, and in the file. */
struct row_bytes {
    double  in_memory;
    double  in_metrics;
    int64_t in_file;
};

static struct row_bytes measure_row(const struct run *run, const struct sample *sample,
                                    int n_classes, bool is_number)
{
    const struct sl_output_spec *output = &run->job->output;
    const size_t                 n_scores = n_classes > 2 ? (size_t)n_classes : 1;
    const int64_t                fixed =
        (int64_t)(n_scores * sizeof(double) +
                  (is_number ? sizeof(double)
                             : 2 * sl_dtype_bytes(sl_rows_class_dtype(n_classes))) +
                  sizeof(uint8_t) + sizeof(int32_t));
    struct row_bytes bytes = {.in_memory = (double)fixed, .in_file = fixed};

    if (!is_number) /* of two classes there is one curve */
        bytes.in_metrics = (double)(SCORE_BYTES * n_scores);
    for (int k = 0; k < output->n_keep; k++) {
        bool is_text = output->keep[k].type == SL_TEXT;

        bytes.in_memory += sizeof(int64_t);
        bytes.in_file += is_text ? sample->widths[k] : (int64_t)sizeof(int64_t);
    }
    if (sample->n_records > 0)
        bytes.in_memory += (double)sample->n_text_bytes / (double)sample->n_records;
    return bytes;
}

/* The largest share of a plan that a rank is likely to have, of 1. */
static double largest_share(struct run *run)
{
    const double total = (double)sl_plan_bytes(&run->plan);
    const int    n_ranks = sl_comm_size(run->comm);
    double       most = total / n_ranks;

    for (int rank = 0; rank < n_ranks; rank++) {
        const struct sl_sched_share share = run_share(run, n_ranks, rank);
        double                      n_bytes = 0;

        for (int64_t c = share.first; c < share.first + share.n_tasks; c++)
            n_bytes += (double)run_chunk_bytes(&run->plan.chunks[c]);
        most = n_bytes > most ? n_bytes : most;
    }
    return total > 0 ? most / total : 1;
}

/* Rows of the chunk under way; those that are done, up to a limit; the metrics. */
static double result_bytes(const struct run *run, double n_rows, const struct row_bytes *row)
{
    const double all = n_rows * row->in_memory;
    const double chunk_bytes = (double)run->job->score.chunk_bytes;
    const double in_one =
        fmin(1.0, chunk_bytes / fmax((double)sl_plan_bytes(&run->plan), chunk_bytes));

    return all * in_one + fmin(all, RUN_JOURNAL_BYTES) +
           fmin(n_rows * row->in_metrics, SL_METRICS_MEMORY);
}

static void find_scoring(struct run *run, const struct sl_recipe *recipe,
                         const struct sample *sample, struct run_needs *needs)
{
    int        n_recipe = 0;
    int        n_columns = 0;
    int        n_classes = 0; /* of a model that is there already */
    const bool is_number = recipe != NULL && sl_recipe_is_number(recipe);

    if (recipe != NULL) {
        sl_recipe_classes(recipe, &n_classes);
        sl_recipe_requests(recipe, &n_recipe);
        sl_recipe_columns(recipe, &n_columns);
    }
    if (run->plans_training) /* which indicators there are is not known yet */
        n_columns = run_most_columns(run);
    const struct row_bytes row = measure_row(run, sample, n_classes, is_number);
    const int64_t          n_fields = n_recipe + run->job->output.n_keep;

    double most_rows;

    needs->n_rows = count_rows(&run->plan, sample);
    most_rows = (double)needs->n_rows * largest_share(run);
    needs->is_counted &= sample->is_whole;
    needs->buffer_bytes = WINDOW_BYTES + SL_BLOCK_ROWS * (n_fields * FIELD_BYTES + RECORD_BYTES +
                                                          n_columns * (int64_t)sizeof(double));
    needs->result_bytes = (int64_t)result_bytes(run, most_rows, &row);
    needs->output_bytes = FILE_BYTES + needs->n_rows * row.in_file +
                          run->plan.n_partitions * (int64_t)PARTITION_BYTES;
}

sl_status run_find_needs(struct run *run, const struct sl_recipe *recipe, struct run_needs *needs,
                         struct sl_error *err)
{
    struct sample sample = {0};
    sl_status     rc = SL_OK;

    *needs = (struct run_needs){.is_counted = true};
    if (run->plans_training)
        SL_TRY(count_training(run, needs, err));
    if (run->plans_scoring) {
        SL_TRY(take_sample(run, &run->plan, &sample, err));
        sample.is_whole &= run->opts->shard.n == 0; /* which has a part of its files only */
        find_scoring(run, recipe, &sample, needs);
    }
out:
    free(sample.widths);
    return rc;
}
