/* Made-up files for tests of recipes: lines of fields between commas, the first line names the
 * columns.  Nothing is quoted; what is empty or "NA" is missing in columns of numbers.  Comes after
 * cmocka.h. */
#ifndef SCORELINE_TESTS_TEXT_TABLE_H
#define SCORELINE_TESTS_TEXT_TABLE_H

#include <math.h>
#include <string.h>

#include "scoreline/block.h"
#include "scoreline/number.h"
#include "scoreline/recipe.h"

/* Field `column` of the line that begins at `line`; without data where there are fewer. */
static inline struct sl_slice table_field(const char *line, int column)
{
    for (; column > 0 && *line != '\n' && *line != '\0'; line++)
        column -= *line == ',';
    return column > 0 ? (struct sl_slice){NULL, 0} : (struct sl_slice){line, strcspn(line, ",\n")};
}

/* The beginning of line `i`, NULL behind the last. */
static inline const char *table_line(const char *table, size_t i)
{
    for (; i > 0; i--) {
        table = strchr(table, '\n');
        if (table == NULL)
            return NULL;
        table++;
    }
    return *table == '\0' ? NULL : table;
}

/* The index of a column, -1 if the table lacks it. */
static inline int table_column(const char *table, const char *name)
{
    struct sl_slice field;

    for (int k = 0; (field = table_field(table, k)).data != NULL; k++)
        if (sl_slice_equals(field, name))
            return k;
    return -1;
}

static inline void table_cell(const struct sl_column *to, size_t row, struct sl_slice field,
                              uint8_t *reject)
{
    if (to->type == SL_TEXT) {
        to->values.text[row] = field;
        return;
    }
    to->values.number[row] = (double)NAN;
    if (field.n_bytes > 0 && !sl_slice_equals(field, "NA") &&
        !sl_parse_f64(field, &to->values.number[row]))
        *reject = SL_NOT_A_NUMBER;
}

/* The columns of requests as a source would give them; texts are borrowed from the table.  The
 * block is released by the caller. */
static inline void read_table(const struct sl_column_request *requests, int n_requests,
                              const char *table, struct sl_column_block *block)
{
    struct sl_error err;
    const char     *line = table_line(table, 1);

    assert_int_equal(sl_column_block_init(block, requests, n_requests, &err), SL_OK);
    for (; line != NULL; line = table_line(line, 1), block->n_rows++) {
        assert_true(block->n_rows < SL_BLOCK_ROWS);
        for (int i = 0; i < n_requests; i++) {
            const int column = table_column(table, requests[i].name);

            if (column < 0 && !requests[i].optional)
                fail_msg("the table has no column '%s'", requests[i].name);
            table_cell(&block->columns[i], block->n_rows,
                       column < 0 ? (struct sl_slice){"", 0} : table_field(line, column),
                       &block->reject[block->n_rows]);
        }
    }
}

/* Take up the rows of a table that can be learned from, as training does; `set` is released by the
 * caller, also after a failure. */
static inline sl_status learn_table(struct sl_recipe *recipe, const char *table,
                                    struct sl_design *set, struct sl_error *err)
{
    const struct sl_terms          *terms = sl_recipe_terms(recipe);
    struct sl_column_block          block = {0};
    struct sl_design                design = {0};
    int                             n, feature;
    const struct sl_column_request *requests = sl_recipe_requests(recipe, &n);
    sl_status                       rc;

    *set = (struct sl_design){.fault_row = -1};
    read_table(requests, n, table, &block);
    SL_TRY(sl_design_init(&design, SL_BLOCK_ROWS, terms->n_numeric, terms->n_categorical, err));
    SL_TRY(sl_design_init(set, block.n_rows, terms->n_numeric, terms->n_categorical, err));
    SL_TRY(sl_recipe_evaluate(recipe, &block, &design, err));
    for (size_t i = 0; i < block.n_rows; i++) {
        if (isnan(design.label[i]) || isnan(design.weight[i]) ||
            sl_recipe_judge(recipe, &design, i, &feature) != SL_ROW_USABLE)
            continue;
        SL_TRY(sl_recipe_learn(recipe, &design, i, err));
        sl_design_append(set, &design, i);
    }
out:
    sl_design_release(&design);
    sl_column_block_release(&block);
    return rc;
}

/* The same, and fit the recipe to them. */
static inline sl_status fit_table(struct sl_recipe *recipe, const char *table,
                                  struct sl_design *set, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(learn_table(recipe, table, set, err));
    SL_TRY(sl_recipe_fit(sl_comm_self(), recipe, set, err));
out:
    return rc;
}

/* What a fitted recipe makes of a table; both are released by the caller. */
static inline sl_status apply_table(struct sl_recipe *recipe, const char *table,
                                    struct sl_column_block *block, struct sl_design *design,
                                    struct sl_error *err)
{
    const struct sl_terms          *terms = sl_recipe_terms(recipe);
    int                             n;
    const struct sl_column_request *requests = sl_recipe_inputs(recipe, &n);
    sl_status                       rc;

    *block = (struct sl_column_block){0};
    *design = (struct sl_design){.fault_row = -1};
    read_table(requests, n, table, block);
    SL_TRY(sl_design_init(design, SL_BLOCK_ROWS, terms->n_numeric, terms->n_categorical, err));
    SL_TRY(sl_recipe_apply(recipe, block, design, err));
out:
    return rc;
}

#endif
