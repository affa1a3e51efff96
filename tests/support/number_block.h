/* Blocks of numeric columns for tests of recipes. */
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

#endif
