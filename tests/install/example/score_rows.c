/* score_rows MODEL.json FILE.csv: the probability of class 1 for each record of a CSV file, a line
 * each; an empty line where a record cannot be scored.  A program of your own that links the
 * library: it needs no job file, no MPI_Init and no launcher. */
#include <scoreline/bundle.h>
#include <scoreline/bytes.h>
#include <scoreline/source.h>
#include <stdio.h>
#include <stdlib.h>

/* What the rows pass through; each grows to one block and stays. */
struct stages {
    struct sl_source      *source;
    struct sl_column_block block;  /* the columns that the recipe reads */
    struct sl_design       design; /* the features made of them */
    struct sl_matrix       scores;
};

static sl_status load_model(const char *path, struct sl_bundle *bundle, struct sl_error *err)
{
    char     *text = NULL;
    size_t    n_bytes = 0;
    sl_status rc;

    SL_TRY(sl_bytes_slurp(path, 256 << 20, &text, &n_bytes, err));
    rc = sl_bundle_parse(text, n_bytes, path, bundle, err); /* the checks are computed again */
out:
    free(text);
    return rc;
}

static sl_status open_stages(struct stages *s, const struct sl_bundle *bundle, const char *path,
                             struct sl_error *err)
{
    static char                       empty[] = "", na[] = "NA";
    static char                      *missing[] = {empty, na};
    static const struct sl_input_spec csv = {.missing = missing,
                                             .n_missing = 2,
                                             .delimiter = ',',
                                             .quote = '"',
                                             .max_field_bytes = 1 << 20,
                                             .max_record_bytes = 1 << 24};
    const struct sl_terms            *terms = sl_recipe_terms(bundle->recipe);
    int                               n;
    const struct sl_column_request   *columns = sl_recipe_inputs(bundle->recipe, &n);
    struct sl_source_range            all = {.path = path, .begin = -1, .is_certain = true};
    struct sl_bytes_info              about;
    sl_status                         rc;

    SL_TRY(sl_bytes_stat(path, &about, err));
    all.end_byte = about.n_bytes;
    SL_TRY(sl_column_block_init(&s->block, columns, n, err));
    SL_TRY(sl_design_init(&s->design, SL_BLOCK_ROWS, terms->n_numeric, terms->n_categorical, err));
    SL_TRY(
        sl_matrix_init(&s->scores, SL_BLOCK_ROWS, (size_t)sl_model_n_outputs(bundle->model), err));
    rc = sl_source_open(&csv, &all, columns, n, &s->source, err);
out:
    return rc;
}

static void close_stages(struct stages *s)
{
    sl_source_close(s->source);
    sl_matrix_release(&s->scores);
    sl_design_release(&s->design);
    sl_column_block_release(&s->block);
}

static sl_status score_blocks(struct stages *s, struct sl_bundle *bundle, struct sl_error *err)
{
    sl_status rc;

    for (;;) {
        SL_TRY(sl_source_next(s->source, &s->block, err));
        if (s->block.n_rows == 0)
            break;
        SL_TRY(sl_recipe_apply(bundle->recipe, &s->block, &s->design, err));
        SL_TRY(sl_model_predict(bundle->model, &s->design, &s->scores, err));
        for (size_t i = 0; i < s->block.n_rows; i++)
            if (s->design.status[i] == SL_ROW_SCORED)
                printf("%.17g\n", s->scores.data[i]);
            else
                printf("\n");
    }
out:
    return rc;
}

int main(int argc, char **argv)
{
    struct sl_error  err = {SL_OK, ""};
    struct sl_bundle bundle = {NULL};
    struct stages    stages = {.design = {.fault_row = -1}};
    sl_status        rc;

    if (argc != 3) {
        fprintf(stderr, "usage: score_rows MODEL.json FILE.csv\n");
        return 2;
    }
    SL_TRY(load_model(argv[1], &bundle, &err));
    SL_TRY(open_stages(&stages, &bundle, argv[2], &err));
    rc = score_blocks(&stages, &bundle, &err);
out:
    if (rc != SL_OK)
        fprintf(stderr, "score_rows: %s\n", err.text);
    close_stages(&stages);
    sl_bundle_release(&bundle);
    return sl_exit_code(rc);
}
