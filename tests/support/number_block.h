/* Blocks and training sets of numeric columns for tests of recipes. */
#ifndef SCORELINE_TESTS_NUMBER_BLOCK_H
#define SCORELINE_TESTS_NUMBER_BLOCK_H

#include <string.h>

#include "scoreline/block.h"
#include "scoreline/recipe.h"

/* A column of a made-up file. */
struct test_column {
    const char   *name;
    const double *values; /* [n_rows] */
};

/* The columns that a recipe requests, found by name as a source would; false if one is not there.
 * Those requested as text are left to the caller, all without data. */
static inline bool fill_block(const struct sl_recipe *recipe, const struct test_column *columns,
                              size_t n_columns, size_t n_rows, struct sl_column_block *block,
                              struct sl_error *err)
{
    int                             n_requests;
    const struct sl_column_request *requests = sl_recipe_requests(recipe, &n_requests);

    if (sl_column_block_init(block, requests, n_requests, err) != SL_OK)
        return false;
    block->n_rows = n_rows;
    for (int i = 0; i < n_requests; i++) {
        size_t k = 0;

        if (requests[i].type == SL_TEXT)
            continue;
        while (k < n_columns && strcmp(columns[k].name, requests[i].name) != 0)
            k++;
        if (k == n_columns || requests[i].type != SL_NUMBER)
            return false;
        memcpy(block->columns[i].values.number, columns[k].values, n_rows * sizeof(double));
    }
    return true;
}

/* Fit a recipe of numeric features to values as they would be evaluated: x [n_columns][n_rows] and
 * what a label that is a number came to.  What became of them is `set`, released by the caller in
 * any case. */
static inline sl_status fit_numbers(struct sl_recipe *recipe, const double *x, const double *label,
                                    size_t n_rows, struct sl_design *set, struct sl_error *err)
{
    int       n_columns;
    sl_status rc;

    sl_recipe_columns(recipe, &n_columns);
    SL_TRY(sl_design_init(set, n_rows, n_columns, 0, err));
    memcpy(set->x.data, x, (size_t)n_columns * n_rows * sizeof *x);
    memcpy(set->label, label, n_rows * sizeof *label);
    set->x.n_rows = n_rows;
    for (size_t i = 0; i < n_rows; i++)
        SL_TRY(sl_recipe_learn(recipe, set, i, err));
    SL_TRY(sl_recipe_fit(sl_comm_self(), recipe, set, err));
out:
    return rc;
}

#endif
