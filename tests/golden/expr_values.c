/* Evaluates expressions over columns read from standard input and prints their values as
 * hexadecimal floating point, for test_expr_numpy.py to compare.  Lines, each word after a blank:
 *   number NAME HEXFLOAT...     a column, nan where missing
 *   text NAME HEX...            the bytes of its texts in hexadecimal, - for the empty one
 *   feature NAME EXPRESSION     an earlier feature
 *   expr EXPRESSION             -> "COUNT HEXFLOAT...", COUNT of results not finite
 * NA and the empty text are missing.  All columns have the length of the first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/recipe.h"

enum { MAX_LINE = 1 << 20, MAX_COLUMNS = 32, MAX_FEATURES = 8 };

struct column {
    char           *name;
    enum sl_type    type;
    double          numbers[SL_BLOCK_ROWS];
    struct sl_slice texts[SL_BLOCK_ROWS];
};

struct table {
    size_t                 n_rows;
    int                    n_columns;
    struct column         *columns[MAX_COLUMNS];
    int                    n_features;
    struct sl_feature_spec features[MAX_FEATURES]; /* one more than the earlier ones */
};

static void stop(const char *what)
{
    fprintf(stderr, "expr_values: %s\n", what);
    exit(1);
}

static char *copy(const char *text, size_t n_bytes)
{
    char *out = calloc(n_bytes + 1, 1);

    if (out == NULL)
        stop("out of memory");
    memcpy(out, text, n_bytes);
    return out;
}

static struct sl_slice unhex(const char *word)
{
    size_t n_bytes = word[0] == '-' ? 0 : strlen(word) / 2;
    char  *out = copy(word, n_bytes);

    for (size_t i = 0; i < n_bytes; i++) {
        char digits[3] = {word[2 * i], word[2 * i + 1], '\0'};

        out[i] = (char)strtol(digits, NULL, 16);
    }
    return (struct sl_slice){out, n_bytes};
}

static void add_column(struct table *table, enum sl_type type, char *rest)
{
    struct column *column = calloc(1, sizeof *column);
    char          *state;
    char          *word = strtok_r(rest, " ", &state);
    size_t         n = 0;

    if (column == NULL || word == NULL || table->n_columns == MAX_COLUMNS)
        stop("a column too many");
    column->name = copy(word, strlen(word));
    column->type = type;
    while ((word = strtok_r(NULL, " ", &state)) != NULL) {
        if (n == SL_BLOCK_ROWS)
            stop("a row too many");
        if (type == SL_TEXT)
            column->texts[n++] = unhex(word);
        else
            column->numbers[n++] = strtod(word, NULL);
    }
    table->n_rows = n;
    table->columns[table->n_columns++] = column;
}

static void add_feature(struct table *table, char *rest)
{
    char *blank = strchr(rest, ' ');

    if (blank == NULL || table->n_features == MAX_FEATURES - 1)
        stop("a feature too many");
    table->features[table->n_features++] = (struct sl_feature_spec){
        .name = copy(rest, (size_t)(blank - rest)), .expr = copy(blank + 1, strlen(blank + 1))};
}

static void fill(const struct table *table, const struct sl_column_request *request,
                 struct sl_column *out)
{
    for (int k = 0; k < table->n_columns; k++) {
        const struct column *column = table->columns[k];

        if (column->type != request->type || strcmp(column->name, request->name) != 0)
            continue;
        if (column->type == SL_TEXT)
            memcpy(out->values.text, column->texts, sizeof column->texts);
        else
            memcpy(out->values.number, column->numbers, sizeof column->numbers);
        return;
    }
    stop(request->name);
}

/* The last feature of the recipe; the others' counts are taken off. */
static void print_values(const struct table *table, struct sl_recipe *recipe, int64_t *others)
{
    struct sl_error                 err;
    struct sl_column_block          block;
    struct sl_design                design;
    int                             n;
    const struct sl_column_request *requests = sl_recipe_requests(recipe, &n);
    int                             n_features;
    const double                   *values;

    sl_recipe_columns(recipe, &n_features);
    if (sl_column_block_init(&block, requests, n, &err) != SL_OK ||
        sl_design_init(&design, SL_BLOCK_ROWS, (int)n_features, 0, &err) != SL_OK)
        stop(err.text);
    block.n_rows = table->n_rows;
    for (int i = 0; i < n; i++)
        fill(table, &requests[i], &block.columns[i]);
    if (sl_recipe_evaluate(recipe, &block, &design, &err) != SL_OK)
        stop(err.text);
    if (*others < 0) {
        *others = design.n_nonfinite;
    } else {
        printf("%" PRId64, design.n_nonfinite - *others);
        values = design.x.data + (size_t)(n_features - 1) * design.x.ld;
        for (size_t i = 0; i < table->n_rows; i++)
            printf(" %a", values[i]);
        printf("\n");
    }
    sl_design_release(&design);
    sl_column_block_release(&block);
}

static void evaluate(struct table *table, char *expr, int64_t *others)
{
    char                  name[] = "the expression", label[] = "1 == 1", empty[] = "", na[] = "NA";
    char                 *missing[] = {empty, na};
    struct sl_recipe_spec spec = {.n_features = table->n_features + 1,
                                  .features = table->features,
                                  .label = label,
                                  .n_missing = 2,
                                  .missing = missing};
    struct sl_recipe     *recipe;
    struct sl_error       err;

    table->features[table->n_features] = (struct sl_feature_spec){.name = name, .expr = expr};
    if (sl_recipe_create(&spec, true, &recipe, &err) != SL_OK)
        stop(err.text);
    print_values(table, recipe, others);
    sl_recipe_free(recipe);
}

static void table_release(struct table *table)
{
    for (int k = 0; k < table->n_columns; k++) {
        struct column *column = table->columns[k];

        for (size_t i = 0; column->type == SL_TEXT && i < table->n_rows; i++)
            free((char *)(uintptr_t)column->texts[i].data);
        free(column->name);
        free(column);
    }
    for (int j = 0; j < table->n_features; j++) {
        free(table->features[j].name);
        free(table->features[j].expr);
    }
}

int main(void)
{
    struct table table = {0};
    char        *line = calloc(MAX_LINE, 1);
    char         zero[] = "0";
    int64_t      others = -1;

    while (line != NULL && fgets(line, MAX_LINE, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "number ", 7) == 0)
            add_column(&table, SL_NUMBER, line + 7);
        else if (strncmp(line, "text ", 5) == 0)
            add_column(&table, SL_TEXT, line + 5);
        else if (strncmp(line, "feature ", 8) == 0)
            add_feature(&table, line + 8);
        else if (strncmp(line, "expr ", 5) == 0 && others < 0)
            evaluate(&table, zero, &others);
        if (strncmp(line, "expr ", 5) == 0)
            evaluate(&table, line + 5, &others);
    }
    free(line);
    table_release(&table);
    return 0;
}
