/* Checks: training rows as they were read, with their scores.  Whoever loads the model computes
 * them again, from the recipe on: a file in which any number was changed gives itself away. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bundle_impl.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"

sl_status sl_checks_init(struct sl_checks *checks, const struct sl_column_request *requests,
                         int n_requests, struct sl_error *err)
{
    *checks = (struct sl_checks){.n_rows = 0};
    return sl_column_block_init(&checks->block, requests, n_requests, err);
}

void sl_checks_release(struct sl_checks *checks)
{
    for (int k = 0; k < checks->block.n_columns; k++)
        for (size_t i = 0; checks->block.columns[k].type == SL_TEXT && i < checks->n_rows; i++)
            free((char *)(uintptr_t)checks->block.columns[k].values.text[i].data);
    sl_column_block_release(&checks->block);
    sl_matrix_release(&checks->scores);
    *checks = (struct sl_checks){.n_rows = 0};
}

/* In the place of what was there. */
static sl_status put_text(struct sl_slice *to, struct sl_slice text, struct sl_error *err)
{
    char     *copy = NULL;
    sl_status rc = sl_alloc_array(text.n_bytes + 1, 1, &copy, err);

    if (rc != SL_OK)
        return rc;
    if (text.n_bytes > 0)
        memcpy(copy, text.data, text.n_bytes);
    free((char *)(uintptr_t)to->data);
    *to = (struct sl_slice){copy, text.n_bytes};
    return SL_OK;
}

static void add_row(struct sl_checks *checks)
{
    const size_t row = checks->n_rows++;

    checks->block.n_rows = checks->n_rows;
    checks->block.reject[row] = SL_GOOD;
    for (int k = 0; k < checks->block.n_columns; k++)
        if (checks->block.columns[k].type == SL_TEXT)
            checks->block.columns[k].values.text[row] = (struct sl_slice){NULL, 0};
}

sl_status sl_checks_put(struct sl_checks *checks, size_t to, const struct sl_column_block *block,
                        size_t row, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (to == checks->n_rows)
        add_row(checks);
    for (int k = 0; k < checks->block.n_columns; k++) {
        struct sl_column       *column = &checks->block.columns[k];
        const struct sl_column *from = &block->columns[k];

        if (column->type == SL_TEXT)
            SL_TRY(put_text(&column->values.text[to], from->values.text[row], err));
        else
            column->values.number[to] = from->values.number[row];
    }
out:
    return rc;
}

sl_status sl_checks_score(struct sl_checks *checks, struct sl_recipe *recipe,
                          const struct sl_model *model, struct sl_error *err)
{
    const struct sl_terms *terms = sl_recipe_terms(recipe);
    struct sl_design       design = {.fault_row = -1};
    sl_status              rc;

    sl_matrix_release(&checks->scores);
    SL_TRY(sl_design_init(&design, SL_BLOCK_ROWS, terms->n_numeric, terms->n_categorical, err));
    SL_TRY(sl_matrix_init(&checks->scores, SL_BLOCK_ROWS, (size_t)sl_model_n_outputs(model), err));
    SL_TRY(sl_recipe_apply(recipe, &checks->block, &design, err));
    SL_TRY(sl_model_predict(model, &design, &checks->scores, err));
    for (size_t i = 0; i < checks->n_rows; i++)
        if (design.status[i] != SL_ROW_SCORED)
            rc = sl_fail(err, SL_EINPUT, "check %zu cannot be scored: an input is missing", i);
out:
    sl_design_release(&design);
    return rc;
}

/* --- in a model file -------------------------------------------------------------------------- */

static const char again[] = " (again)";

/* How often a name ends so. */
static int count_again(const char *name)
{
    const size_t n_bytes = sizeof again - 1;
    size_t       n = strlen(name);
    int          count = 0;

    for (; n >= n_bytes && memcmp(name + n - n_bytes, again, n_bytes) == 0; n -= n_bytes)
        count++;
    return count;
}

/* A column may be read as a number and as a text; the second of them then has a name of its own.
 * Names that end so already do it twice as often: all names differ, whatever columns are called. */
static sl_status name_input(const struct sl_column_request *requests, int k, struct sl_text *name,
                            struct sl_error *err)
{
    int       n_more = count_again(requests[k].name);
    sl_status rc;

    for (int i = 0; i < k; i++)
        n_more += strcmp(requests[i].name, requests[k].name) == 0;
    name->n_bytes = 0;
    SL_TRY(sl_text_add(name, err, "%s", requests[k].name));
    for (int i = 0; i < n_more; i++)
        SL_TRY(sl_text_add(name, err, "%s", again));
out:
    return rc;
}

static sl_status save_cell(const struct sl_column *column, size_t row, const char *name,
                           struct sl_json *to, struct sl_error *err)
{
    if (column->type == SL_TEXT)
        return sl_json_add_bytes(to, name, column->values.text[row], err);
    return sl_json_add_number(to, name, column->values.number[row], err); /* missing: null */
}

/* One score, or a list of them. */
static sl_status save_scores(const struct sl_matrix *scores, size_t row, struct sl_json *to,
                             struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc = SL_OK;

    if (scores->n_cols == 1)
        return sl_json_add_number(to, "score", scores->data[row], err);
    SL_TRY(sl_json_add_list(to, "score", &list, err));
    for (size_t k = 0; k < scores->n_cols; k++)
        SL_TRY(sl_json_add_number(list, NULL, scores->data[k * scores->ld + row], err));
out:
    return rc;
}

static sl_status save_check(const struct sl_checks *checks, const struct sl_recipe *recipe,
                            size_t row, struct sl_json *to, struct sl_error *err)
{
    int                             n;
    const struct sl_column_request *requests = sl_recipe_requests(recipe, &n);
    struct sl_text                  name = {0};
    struct sl_json                 *object, *inputs;
    sl_status                       rc;

    SL_TRY(sl_json_add_object(to, NULL, &object, err));
    SL_TRY(sl_json_add_object(object, "inputs", &inputs, err));
    for (int k = 0; k < n; k++) {
        SL_TRY(name_input(requests, k, &name, err));
        SL_TRY(save_cell(&checks->block.columns[k], row, name.data, inputs, err));
    }
    SL_TRY(save_scores(&checks->scores, row, object, err));
out:
    sl_text_release(&name);
    return rc;
}

sl_status sl_checks_save(const struct sl_checks *checks, const struct sl_recipe *recipe,
                         struct sl_json *to, struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    if (checks->n_rows > SL_MOST_CHECKS)
        return sl_fail(err, SL_EBUG, "bundle: %zu checks, at most %d are read back", checks->n_rows,
                       (int)SL_MOST_CHECKS);
    SL_TRY(sl_json_add_list(to, "checks", &list, err));
    for (size_t i = 0; i < checks->n_rows; i++)
        SL_TRY(save_check(checks, recipe, i, list, err));
out:
    return rc;
}

/* A file being read; `row` holds one cell of each input. */
struct loader {
    const struct sl_json_doc       *doc;
    const struct sl_column_request *requests;
    int                             n_requests;
    struct sl_column_block          row;
    struct sl_text                 *texts; /* [n_requests] */
    struct sl_text                  name;
    struct sl_error                *err;
};

static sl_status load_cell(struct loader *l, int k, const struct sl_json *inputs)
{
    struct sl_column     *column = &l->row.columns[k];
    const struct sl_json *value;
    sl_status             rc;

    SL_TRY(name_input(l->requests, k, &l->name, l->err));
    value = sl_json_find(inputs, l->name.data);
    if (value == NULL)
        return sl_json_fail(l->doc, inputs, SL_EJOB, l->err, "missing key '%s'", l->name.data);
    if (column->type != SL_TEXT && sl_json_kind(value) == SL_JSON_NULL) {
        column->values.number[0] = (double)NAN;
    } else if (column->type != SL_TEXT) {
        SL_TRY(
            sl_json_need_number(l->doc, inputs, l->name.data, &column->values.number[0], l->err));
    } else {
        l->texts[k].n_bytes = 0;
        SL_TRY(sl_json_need_bytes(l->doc, value, &l->texts[k], l->err));
        column->values.text[0] = (struct sl_slice){l->texts[k].data != NULL ? l->texts[k].data : "",
                                                   l->texts[k].n_bytes};
    }
out:
    return rc;
}

static sl_status load_inputs(struct loader *l, const struct sl_json *check,
                             struct sl_checks *checks)
{
    static const char *const keys[] = {"inputs", "score"};
    const struct sl_json    *inputs;
    sl_status                rc;

    SL_TRY(sl_json_only(l->doc, check, keys, sizeof keys / sizeof *keys, l->err));
    SL_TRY(sl_json_need(l->doc, check, "inputs", SL_JSON_OBJECT, &inputs, l->err));
    if (sl_json_count(inputs) != (size_t)l->n_requests)
        return sl_json_fail(l->doc, inputs, SL_EJOB, l->err, "expected %d inputs, got %zu",
                            l->n_requests, sl_json_count(inputs));
    for (int k = 0; k < l->n_requests; k++)
        SL_TRY(load_cell(l, k, inputs));
    SL_TRY(sl_checks_put(checks, checks->n_rows, &l->row, 0, l->err));
out:
    return rc;
}

static sl_status loader_init(struct loader *l, const struct sl_recipe *recipe)
{
    sl_status rc;

    l->requests = sl_recipe_requests(recipe, &l->n_requests);
    SL_TRY(sl_alloc_array((size_t)l->n_requests, sizeof *l->texts, &l->texts, l->err));
    SL_TRY(sl_column_block_init(&l->row, l->requests, l->n_requests, l->err));
out:
    return rc;
}

static void loader_release(struct loader *l)
{
    for (int k = 0; l->texts != NULL && k < l->n_requests; k++)
        sl_text_release(&l->texts[k]);
    free(l->texts);
    sl_text_release(&l->name);
    sl_column_block_release(&l->row);
}

/* The scores that the file says a check has: want [n_outputs]. */
static sl_status load_scores(const struct sl_json_doc *doc, const struct sl_json *check,
                             size_t n_outputs, double *want, struct sl_error *err)
{
    const struct sl_json *list;
    sl_status             rc;

    if (n_outputs == 1)
        return sl_json_need_number(doc, check, "score", want, err);
    SL_TRY(sl_json_need(doc, check, "score", SL_JSON_LIST, &list, err));
    SL_TRY(sl_json_need_numbers(doc, list, n_outputs, want, err));
out:
    return rc;
}

/* Compared as bytes: a model that is off by the last bit is not the one that was trained. */
static sl_status verify(const struct sl_json_doc *doc, const struct sl_json *list,
                        const struct sl_checks *checks, struct sl_error *err)
{
    const struct sl_matrix *got = &checks->scores;
    const struct sl_json   *item = sl_json_first(list);
    double                 *want = NULL;
    sl_status               rc;

    SL_TRY(sl_alloc_array(got->n_cols, sizeof *want, &want, err));
    for (size_t i = 0; i < checks->n_rows; i++, item = sl_json_next(item)) {
        SL_TRY(load_scores(doc, item, got->n_cols, want, err));
        for (size_t k = 0; k < got->n_cols && rc == SL_OK; k++) {
            const double *score = &got->data[k * got->ld + i];

            /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-*): the same bits */
            if (memcmp(score, &want[k], sizeof *score) != 0)
                rc = sl_json_fail(doc, item, SL_EJOB, err,
                                  "the model gives the score %.17g, the file says %.17g: the file "
                                  "was altered or damaged",
                                  *score, want[k]);
        }
        SL_TRY(rc);
    }
out:
    free(want);
    return rc;
}

sl_status sl_checks_load(const struct sl_json_doc *doc, const struct sl_json *model,
                         struct sl_bundle *bundle, struct sl_error *err)
{
    struct loader         l = {.doc = doc, .err = err};
    struct sl_checks     *checks = &bundle->checks;
    const struct sl_json *list;
    struct sl_error       fault;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, model, "checks", SL_JSON_LIST, &list, err));
    if (sl_json_count(list) > SL_MOST_CHECKS)
        return sl_json_fail(doc, list, SL_EJOB, err, "%zu checks, at most %d are allowed",
                            sl_json_count(list), (int)SL_MOST_CHECKS);
    if (sl_json_count(list) == 0)
        return sl_json_fail(doc, list, SL_EJOB, err,
                            "no checks: without any it cannot be told whether the model is whole");
    SL_TRY(loader_init(&l, bundle->recipe));
    SL_TRY(sl_checks_init(checks, l.requests, l.n_requests, err));
    for (const struct sl_json *item = sl_json_first(list); item != NULL; item = sl_json_next(item))
        SL_TRY(load_inputs(&l, item, checks));
    rc = sl_checks_score(checks, bundle->recipe, bundle->model, &fault);
    if (rc == SL_EINPUT)
        rc = sl_json_fail(doc, list, SL_EJOB, err, "%s", fault.text);
    else if (rc != SL_OK)
        *err = fault;
    SL_TRY(rc);
    SL_TRY(verify(doc, list, checks, err));
out:
    loader_release(&l);
    return rc;
}
