/* Second stage: rank 0 reads the training partitions, fits recipe and estimator; the model file, as
 * text, is what every rank gets, so that what was broadcast is what can be kept. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/clock.h"
#include "scoreline/file.h"
#include "scoreline/json.h"
#include "scoreline/memory.h"
#include "scoreline/source.h"
#include "scoreline/text.h"
#include "scoreline/version.h"

enum { N_CHECKS = 5 }; /* training rows that travel with the model */

/* Rows to learn from, row after row while they are read. */
struct training_set {
    size_t  n_columns; /* features: indicators follow when all is known */
    size_t  n_rows;
    size_t  x_capacity;
    size_t  y_capacity;
    double *x; /* [n_rows][n_columns] */
    double *y; /* [n_rows] */
    int64_t n_records;
    int64_t n_rejected;
};

/* What is carried from file to file. */
struct trainer {
    struct run               *run;
    struct sl_recipe         *recipe; /* the bundle's */
    const struct sl_file     *file;
    struct sl_source         *source;
    struct sl_column_request *requests; /* the recipe's, none of them optional */
    int                       n_requests;
    struct sl_column_block    block;
    struct sl_design          design;
    struct training_set       set;
};

static sl_status trainer_init(struct trainer *t, struct sl_error *err);
static void      trainer_release(struct trainer *t);
static sl_status read_partition(struct trainer *t, int32_t p, struct sl_error *err);
static sl_status add_block(struct trainer *t, struct sl_error *err);
static sl_status fit(struct run *run, const struct training_set *set, struct sl_error *err);

/* Whether bad records are more than the job forgives. */
static sl_status check_rejected(const struct trainer *t, struct sl_error *err)
{
    const struct sl_bad_rows_spec *spec = &t->run->job->train.bad_rows;
    int64_t                        n = t->set.n_rejected;

    if (n <= spec->max_count && (double)n <= spec->max_fraction * (double)t->set.n_records)
        return SL_OK;
    return sl_fail(err, SL_EBADROWS,
                   "%" PRId64 " of %" PRId64 " records to train on are bad, more than "
                   "train.bad_rows allows",
                   n, t->set.n_records);
}

/* Rank 0. */
static sl_status train(struct run *run, struct sl_error *err)
{
    struct trainer t = {.run = run};
    sl_status      rc;

    SL_TRY(sl_recipe_create(&run->job->recipe, &run->bundle.recipe, err));
    t.recipe = run->bundle.recipe;
    SL_TRY(trainer_init(&t, err));
    for (int32_t p = 0; p < run->training.n_partitions; p++)
        SL_TRY(read_partition(&t, p, err));
    SL_TRY(check_rejected(&t, err));
    if (t.set.n_rows == 0)
        rc = sl_fail(err, SL_EINPUT,
                     "nothing to train on: of %" PRId64 " records in %d partitions none has all "
                     "features and a label",
                     t.set.n_records, run->training.n_partitions);
    if (rc == SL_OK)
        rc = fit(run, &t.set, err);
    run->n_training_records = t.set.n_records;
out:
    trainer_release(&t);
    return rc;
}

/* Rank 0: the model as text, which one that is given is already. */
static sl_status make_model(struct run *run, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (run->opts->model == NULL) {
        SL_TRY(train(run, err));
        SL_TRY(sl_bundle_print(&run->bundle, &run->model_text, err));
        run->model_bytes = strlen(run->model_text) + 1;
        SL_TRY(run_fingerprint_model(run, err));
    }
    if (run->save_model != NULL)
        rc = sl_file_save(run->save_model, run->model_text, run->model_bytes - 1, err);
out:
    return rc;
}

sl_status run_train(struct run *run, struct sl_error *err)
{
    void     *bytes;
    sl_status rc = SL_OK;

    if (sl_comm_rank(run->comm) == 0)
        rc = make_model(run, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    bytes = run->model_text;
    rc = sl_comm_bcast_bytes(run->comm, &bytes, &run->model_bytes, err);
    run->model_text = bytes;
    if (rc != SL_OK)
        return rc;
    if (sl_comm_rank(run->comm) != 0)
        rc = sl_bundle_parse(run->model_text, run->model_bytes - 1, "broadcast model", &run->bundle,
                             err);
    rc = sl_comm_agree(run->comm, rc, err);
out:
    return rc;
}

static sl_status trainer_init(struct trainer *t, struct sl_error *err)
{
    const struct sl_column_request *wanted = sl_recipe_requests(t->recipe, &t->n_requests);
    int                             n_columns;
    sl_status                       rc;

    sl_recipe_columns(t->recipe, &n_columns);
    t->set.n_columns = (size_t)n_columns;
    SL_TRY(sl_alloc_array((size_t)t->n_requests, sizeof *t->requests, &t->requests, err));
    for (int i = 0; i < t->n_requests; i++) {
        t->requests[i] = wanted[i];
        t->requests[i].optional = false;
    }
    SL_TRY(sl_design_init(&t->design, SL_BLOCK_ROWS, n_columns, 0, err));
    SL_TRY(sl_column_block_init(&t->block, t->requests, t->n_requests, err));
out:
    return rc;
}

static void trainer_release(struct trainer *t)
{
    sl_source_close(t->source);
    sl_column_block_release(&t->block);
    sl_design_release(&t->design);
    free(t->requests);
    free(t->set.x);
    free(t->set.y);
}

static sl_status read_file(struct trainer *t, int32_t partition, int32_t file, struct sl_error *err)
{
    const struct sl_source_range range = run_range(&t->run->training, partition, file);
    sl_status                    rc;

    t->file = &t->run->training.files[file];
    SL_TRY(
        sl_source_open(&t->run->job->input, &range, t->requests, t->n_requests, &t->source, err));
    do {
        SL_TRY(sl_source_next(t->source, &t->block, err));
        SL_TRY(sl_recipe_evaluate(t->recipe, &t->block, &t->design, err));
        SL_TRY(add_block(t, err));
    } while (t->block.n_rows > 0);
out:
    return rc;
}

static sl_status read_partition(struct trainer *t, int32_t p, struct sl_error *err)
{
    const struct sl_partition *partition = &t->run->training.partitions[p];
    sl_status                  rc = SL_OK;

    for (int32_t f = 0; f < partition->n_files && rc == SL_OK; f++)
        rc = read_file(t, p, partition->first_file + f, err);
    if (rc != SL_OK)
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

/* Whether no feature is missing that may not be: such a row is left out, or is an error. */
static sl_status check_features(const struct trainer *t, size_t row, bool *usable,
                                struct sl_error *err)
{
    int                n_columns;
    const char *const *names = sl_recipe_columns(t->recipe, &n_columns);
    char               what[256];

    for (int j = 0; j < n_columns; j++) {
        if (!isnan(t->design.x.data[(size_t)j * t->design.x.ld + row]))
            continue;
        if (sl_recipe_missing(t->recipe, j) == SL_MISSING_DROP_ROW)
            *usable = false;
        if (sl_recipe_missing(t->recipe, j) != SL_MISSING_ERROR)
            continue;
        snprintf(what, sizeof what,
                 "feature '%s' is missing; say in the job what to do (\"missing\": \"drop_row\", "
                 "\"mean\", \"median\" or a number)",
                 names[j]);
        return fail_row(t, row, SL_EINPUT, what, err);
    }
    return SL_OK;
}

/* Whether a row can be learned from. */
static sl_status row_is_usable(const struct trainer *t, size_t row, bool *usable,
                               struct sl_error *err)
{
    double label = t->design.label[row];
    char   what[256];

    *usable = false;
    if (t->block.reject[row] != SL_GOOD) {
        if (t->run->job->train.bad_rows.policy != SL_BAD_ROWS_FAIL)
            return SL_OK;
        run_describe_reject(t->run, t->source, &t->block, row, what, sizeof what);
        return fail_row(t, row, SL_EBADROWS, what, err);
    }
    if (isnan(label))
        return SL_OK;
    if (label != 0.0 && label != 1.0) {
        snprintf(what, sizeof what, "label is %.17g, expected 0 or 1", label);
        return fail_row(t, row, SL_EINPUT, what, err);
    }
    *usable = true;
    return check_features(t, row, usable, err);
}

int run_most_columns(const struct run *run)
{
    const struct sl_recipe_spec *spec = &run->job->recipe;
    int                          n_columns = spec->n_features;

    for (int j = 0; j < spec->n_features; j++)
        n_columns += spec->features[j].indicator;
    return n_columns;
}

int64_t run_training_bytes(const struct run *run, int64_t n_rows)
{
    const int64_t n_columns = run_most_columns(run);
    const int64_t n_terms = n_columns + 1;
    /* rows as they were read, again as columns, labels, the column whose fill is learned */
    const int64_t n_numbers = n_rows * (run->job->recipe.n_features + n_columns + 2);
    /* Hessian and its factor; block after block of rows */
    const int64_t n_solver = 2 * n_terms * n_terms + 2 * SL_BLOCK_ROWS * n_terms;

    return (n_numbers + n_solver) * (int64_t)sizeof(double);
}

static sl_status check_size(const struct trainer *t, struct sl_error *err)
{
    const int64_t limit = t->run->job->train.max_bytes;
    const int     n_columns = run_most_columns(t->run);
    char          text[32];

    if (limit == 0 || run_training_bytes(t->run, (int64_t)t->set.n_rows) <= limit)
        return SL_OK;
    sl_format_bytes((double)limit, text, sizeof text);
    return sl_fail(err, SL_EINPUT,
                   "training takes more memory than train.max_bytes (%s): %zu rows of %d column%s "
                   "so far; train on fewer partitions, or raise it",
                   text, t->set.n_rows, n_columns, n_columns == 1 ? "" : "s");
}

static sl_status add_block(struct trainer *t, struct sl_error *err)
{
    struct training_set *set = &t->set;
    size_t               p = set->n_columns;
    size_t               n = set->n_rows + t->block.n_rows;
    bool                 usable;
    sl_status            rc;

    SL_TRY(sl_grow_array(&set->x, &set->x_capacity, n * p, sizeof *set->x, err));
    SL_TRY(sl_grow_array(&set->y, &set->y_capacity, n, sizeof *set->y, err));
    for (size_t i = 0; i < t->block.n_rows; i++) {
        set->n_records++;
        set->n_rejected += t->block.reject[i] != SL_GOOD;
        SL_TRY(row_is_usable(t, i, &usable, err));
        if (!usable)
            continue;
        for (size_t j = 0; j < p; j++)
            set->x[set->n_rows * p + j] = t->design.x.data[j * t->design.x.ld + i];
        set->y[set->n_rows++] = t->design.label[i];
    }
    SL_TRY(check_size(t, err));
out:
    return rc;
}

/* Row after row becomes column after column. */
static sl_status as_matrix(const struct training_set *set, struct sl_matrix *x,
                           struct sl_error *err)
{
    sl_status rc = sl_matrix_init(x, set->n_rows, set->n_columns, err);

    if (rc != SL_OK)
        return rc;
    for (size_t i = 0; i < set->n_rows; i++)
        for (size_t j = 0; j < set->n_columns; j++)
            x->data[j * x->ld + i] = set->x[i * set->n_columns + j];
    return SL_OK;
}

static sl_status make_checks(struct sl_bundle *bundle, const struct sl_matrix *x,
                             struct sl_error *err)
{
    struct sl_checks *checks = &bundle->checks;
    size_t            n = x->n_rows < N_CHECKS ? x->n_rows : N_CHECKS;
    sl_status         rc;

    SL_TRY(sl_matrix_init(&checks->x, n, x->n_cols, err));
    SL_TRY(sl_matrix_init(&checks->score, n, 1, err));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < x->n_cols; j++)
            checks->x.data[j * n + i] = x->data[j * x->ld + i * (x->n_rows / n)];
    const struct sl_design design = {.x = checks->x};
    SL_TRY(sl_model_predict(bundle->model, &design, &checks->score, err));
out:
    return rc;
}

static sl_status make_provenance(const struct run *run, char **out, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_json     *to;
    char                date[32];
    sl_status           rc;

    sl_clock_date(date, sizeof date);
    SL_TRY(sl_json_create(&doc, err));
    to = sl_json_root(doc);
    SL_TRY(sl_json_add_text(to, "job", run->job->name, err));
    SL_TRY(sl_json_add_text(to, "created", date, err));
    SL_TRY(sl_json_add_text(to, "software", sl_version_line(), err));
    SL_TRY(run_tell_training(run, to, err));
    SL_TRY(sl_json_print(to, false, out, err));
out:
    sl_json_close(doc);
    return rc;
}

static sl_status fit(struct run *run, const struct training_set *set, struct sl_error *err)
{
    struct sl_bundle *bundle = &run->bundle;
    struct sl_matrix  x = {0};
    sl_status         rc;

    SL_TRY(as_matrix(set, &x, err));
    SL_TRY(sl_recipe_fit(bundle->recipe, &x, err));
    const struct sl_design design = {.x = x};
    const struct sl_fit_in in = {.terms = sl_recipe_terms(bundle->recipe),
                                 .x = &design,
                                 .y = set->y,
                                 .n_classes = 2,
                                 .params = run->params};
    SL_TRY(sl_model_fit(run->estimator, &in, &bundle->model, &bundle->fit, err));
    SL_TRY(make_checks(bundle, &x, err));
    SL_TRY(make_provenance(run, &bundle->provenance, err));
    if (!bundle->fit.converged && run->opts->notes != NULL)
        fprintf(run->opts->notes,
                "scoreline: warning: %s did not converge in %d iterations (gradient %.3g); raise "
                "train.params.max_iter or scale the features\n",
                bundle->fit.solver, bundle->fit.n_iter, bundle->fit.gradient_norm);
out:
    sl_matrix_release(&x);
    return rc;
}
