/* Expressions: refused with a message, or compiled and evaluated over a block that holds all kinds
 * of values. */
#include <math.h>
#include <string.h>

#include "../support/expr_case.h"
#include "fuzz.h"

enum { N_ROWS = 4, MOST_BYTES = 4096 };

static const double numbers[N_ROWS] = {3.0, -0.0, NAN, 1e308};
static const char  *texts[N_ROWS] = {"Clay", "3", "NA", ""};

/* Every column that is asked for has the same values, whatever its name. */
static void fill(const struct sl_recipe *recipe, struct sl_column_block *block)
{
    struct sl_error                 err;
    int                             n;
    const struct sl_column_request *requests = sl_recipe_requests(recipe, &n);

    FUZZ_CHECK(sl_column_block_init(block, requests, n, &err) == SL_OK);
    block->n_rows = N_ROWS;
    for (int i = 0; i < n; i++)
        for (size_t row = 0; row < N_ROWS; row++)
            if (requests[i].type == SL_NUMBER)
                block->columns[i].values.number[row] = numbers[row];
            else if (requests[i].type == SL_INTEGER)
                block->columns[i].values.integer[row] = (int64_t)row;
            else
                block->columns[i].values.text[row] =
                    (struct sl_slice){texts[row], strlen(texts[row])};
}

static void evaluate(struct sl_recipe *recipe)
{
    struct sl_error        err;
    struct sl_column_block block = {0};
    struct sl_design       design = {0};
    const struct sl_terms *terms = sl_recipe_terms(recipe);

    fill(recipe, &block);
    FUZZ_CHECK(sl_design_init(&design, SL_BLOCK_ROWS, terms->n_numeric, terms->n_categorical,
                              &err) == SL_OK);
    FUZZ_CHECK(sl_recipe_evaluate(recipe, &block, &design, &err) == SL_OK);
    for (int i = 0; i < terms->n_numeric; i++) /* what is not finite is missing */
        for (size_t row = 0; row < N_ROWS; row++)
            FUZZ_CHECK(!isinf(design.x.data[(size_t)i * design.x.ld + row]));
    sl_design_release(&design);
    sl_column_block_release(&block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_recipe *recipe = NULL;
    struct sl_error   err = {.code = SL_OK};
    char              expr[MOST_BYTES + 1];
    sl_status         rc;

    if (size > MOST_BYTES)
        return 0;
    memcpy(expr, data, size);
    expr[size] = '\0';
    rc = compile_case(expr, &recipe, &err);
    FUZZ_CHECK(rc == SL_OK || rc == SL_EJOB);
    if (rc == SL_OK)
        evaluate(recipe);
    else
        FUZZ_CHECK(err.text[0] != '\0');
    sl_recipe_free(recipe);
    return 0;
}
