/* The rows of many fits: read by all ranks as those of a training are, then column after column
 * brought together, so that each rank has all of them. */
#include <stdlib.h>
#include <string.h>

#include "../progress.h"
#include "../training_set.h"
#include "scoreline/memory.h"
#include "trials.h"

void trial_rows_release(struct trial_rows *rows)
{
    sl_recipe_free(rows->recipe);
    sl_design_release(&rows->design);
    free(rows->keys);
    free(rows->partitions);
    *rows = (struct trial_rows){.n = 0};
}

/* One array of this rank's rows becomes that of all. */
static sl_status unite(const struct sl_comm *comm, const void *own, size_t n_own, size_t item_bytes,
                       void *all, struct sl_error *err)
{
    void     *got = NULL;
    size_t    n_bytes;
    sl_status rc = sl_comm_allgather_bytes(comm, own, n_own * item_bytes, &got, &n_bytes, err);

    if (rc == SL_OK && n_bytes > 0)
        memcpy(all, got, n_bytes);
    free(got);
    return rc;
}

static sl_status unite_columns(const struct sl_comm *comm, const struct training_set *set,
                               struct trial_rows *rows, struct sl_error *err)
{
    const struct sl_design *from = &set->rows;
    struct sl_design       *to = &rows->design;
    const size_t            n = from->x.n_rows;
    sl_status               rc = SL_OK;

    for (size_t j = 0; j < from->x.n_cols; j++)
        SL_TRY(unite(comm, from->x.data + j * from->x.ld, n, sizeof *from->x.data,
                     to->x.data + j * to->x.ld, err));
    for (size_t k = 0; k < (size_t)from->n_codes; k++)
        SL_TRY(unite(comm, from->codes + k * from->x.ld, n, sizeof *from->codes,
                     to->codes + k * to->x.ld, err));
    SL_TRY(unite(comm, from->status, n, sizeof *from->status, to->status, err));
    SL_TRY(unite(comm, from->label, n, sizeof *from->label, to->label, err));
    SL_TRY(unite(comm, from->weight, n, sizeof *from->weight, to->weight, err));
    SL_TRY(unite(comm, set->keys, n, sizeof *set->keys, rows->keys, err));
    SL_TRY(unite(comm, set->partitions, n, sizeof *set->partitions, rows->partitions, err));
    to->x.n_rows = rows->n;
out:
    return rc;
}

static sl_status make_room(const struct run *run, const struct training_set *set,
                           struct trial_rows *rows, struct sl_error *err)
{
    const struct sl_terms *terms = sl_recipe_terms(rows->recipe);
    sl_status              rc;

    SL_TRY(sl_design_init(&rows->design, rows->n, (int)set->rows.x.n_cols, set->rows.n_codes, err));
    SL_TRY(sl_alloc_array(rows->n, sizeof *rows->keys, &rows->keys, err));
    SL_TRY(sl_alloc_array(rows->n, sizeof *rows->partitions, &rows->partitions, err));
    rc = run_check_training_rows(run, rows->n, (int)terms->n_columns, 1, err);
out:
    return rc;
}

sl_status trial_rows_read(struct run *run, struct trial_rows *rows, struct sl_error *err)
{
    struct training_set set = {.sample = NULL};
    int64_t             n;
    sl_status           rc;

    *rows = (struct trial_rows){.n = 0};
    SL_TRY(run_share_training(run, err));
    SL_TRY(run_read_training(run, run->comm, &set, err));
    rows->recipe = run->bundle.recipe;
    run->bundle.recipe = NULL;
    n = (int64_t)set.rows.x.n_rows;
    sl_comm_sum_i64(run->comm, &n, 1);
    rows->n = (size_t)n;
    SL_TRY(sl_comm_agree(run->comm, make_room(run, &set, rows, err), err));
    SL_TRY(unite_columns(run->comm, &set, rows, err));
out:
    training_set_release(&set);
    return rc;
}

sl_status trial_rows_describe(struct run *run, struct sl_json *to, struct sl_error *err)
{
    const int         n_columns = run_most_columns(run);
    struct sl_recipe *recipe = NULL;
    struct run_needs  needs;
    double            n_bytes;
    sl_status         rc;

    SL_TRY(sl_recipe_create(&run->job->recipe, true, &recipe, err));
    SL_TRY(run_check_columns(run, recipe, err));
    SL_TRY(run_find_needs(run, recipe, &needs, err));
    /* all rows, those of the fold at hand, and what a fit takes */
    n_bytes = (double)needs.n_training_rows * (n_columns + 5.0) * sizeof(double) +
              (double)run_training_bytes(run, needs.n_training_rows, n_columns, 1);
    SL_TRY(sl_json_add_number(to, "rows", (double)needs.n_training_rows, err));
    SL_TRY(sl_json_add_bool(to, "rows_are_exact", needs.is_counted, err));
    rc = sl_json_add_number(to, "memory_bytes", n_bytes, err);
out:
    sl_recipe_free(recipe);
    return rc;
}
