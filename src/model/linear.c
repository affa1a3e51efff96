/* Coefficients of linear models: saved, loaded, and margins made with them, term after term over
 * all rows of a block. */
#include "linear.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/json_need.h"
#include "scoreline/memory.h"

const char *const sl_linear_members[] = {"coef", "intercept", NULL};

void sl_linear_free(void *state)
{
    struct sl_linear *model = state;

    sl_terms_release(&model->terms);
    free(model->coef);
    free(model->intercept);
    free(model->first_entry);
    free(model->table);
    free(model);
}

sl_status sl_linear_create(const struct sl_terms *terms, int n_classes, void **state,
                           struct sl_error *err)
{
    const size_t      n_columns = (size_t)terms->n_columns;
    const size_t      n_entries = n_columns + (size_t)terms->n_categorical;
    const size_t      n_outputs = n_classes > 2 ? (size_t)n_classes : 1;
    struct sl_linear *model;
    size_t            entry = 0;
    sl_status         rc;

    SL_TRY(sl_alloc_array(1, sizeof *model, &model, err));
    *state = model;
    model->n_outputs = n_outputs;
    model->n_entries = n_entries;
    SL_TRY(sl_terms_copy(terms, &model->terms, err));
    SL_TRY(sl_alloc_array(n_outputs * n_columns, sizeof(double), &model->coef, err));
    SL_TRY(sl_alloc_array(n_outputs, sizeof(double), &model->intercept, err));
    SL_TRY(sl_alloc_array((size_t)terms->n_terms, sizeof(size_t), &model->first_entry, err));
    SL_TRY(sl_alloc_array(n_outputs * n_entries, sizeof(double), &model->table, err));
    for (int t = 0; t < terms->n_terms; t++) {
        model->first_entry[t] = entry;
        entry += (size_t)terms->items[t].n_columns + terms->items[t].is_categorical;
    }
out:
    return rc;
}

void sl_linear_tabulate(struct sl_linear *model)
{
    const struct sl_terms *terms = &model->terms;

    for (size_t k = 0; k < model->n_outputs; k++) {
        double *table = model->table + k * model->n_entries;

        for (int t = 0; t < terms->n_terms; t++) {
            const struct sl_term *term = &terms->items[t];
            const size_t          n = (size_t)term->n_columns;

            memcpy(table + model->first_entry[t],
                   model->coef + k * (size_t)terms->n_columns + term->first_column,
                   n * sizeof *table);
            if (term->is_categorical)
                table[model->first_entry[t] + n] = 0.0;
        }
    }
}

static void add_margins(const struct sl_linear *model, const struct sl_design *x, size_t k,
                        double *margin)
{
    const double *table = model->table + k * model->n_entries;
    const size_t  n_rows = x->x.n_rows;

    for (size_t i = 0; i < n_rows; i++)
        margin[i] = model->intercept[k];
    for (int t = 0; t < model->terms.n_terms; t++) {
        const struct sl_term *term = &model->terms.items[t];
        const double         *entry = table + model->first_entry[t];
        const size_t          from = (size_t)term->index * x->x.ld;

        if (term->is_categorical) {
            const int32_t *codes = x->codes + from;

            for (size_t i = 0; i < n_rows; i++)
                margin[i] += entry[codes[i]];
        } else {
            const double *column = x->x.data + from;
            const double  coef = *entry;

            for (size_t i = 0; i < n_rows; i++)
                margin[i] += coef * column[i];
        }
    }
}

void sl_linear_margins(const struct sl_linear *model, const struct sl_design *x,
                       struct sl_matrix *y)
{
    for (size_t k = 0; k < model->n_outputs; k++)
        add_margins(model, x, k, y->data + k * y->ld);
}

sl_status sl_linear_predict(const void *state, const struct sl_design *x, struct sl_matrix *y,
                            struct sl_error *err)
{
    (void)err;
    sl_linear_margins(state, x, y);
    return SL_OK;
}

sl_status sl_linear_save(const void *state, struct sl_json *to, struct sl_error *err)
{
    const struct sl_linear *model = state;
    const size_t            n_columns = (size_t)model->terms.n_columns;
    struct sl_json         *coef, *row, *intercept;
    sl_status               rc;

    SL_TRY(sl_json_add_list(to, "coef", &coef, err));
    for (size_t k = 0; k < model->n_outputs; k++) {
        SL_TRY(sl_json_add_list(coef, NULL, &row, err));
        for (size_t j = 0; j < n_columns; j++)
            SL_TRY(sl_json_add_number(row, NULL, model->coef[k * n_columns + j], err));
    }
    SL_TRY(sl_json_add_list(to, "intercept", &intercept, err));
    for (size_t k = 0; k < model->n_outputs; k++)
        SL_TRY(sl_json_add_number(intercept, NULL, model->intercept[k], err));
out:
    return rc;
}

/* Before room is made: no number in the file says how much. */
static sl_status check_shape(const struct sl_json_doc *doc, const struct sl_json *coef,
                             size_t n_outputs, size_t n_columns, struct sl_error *err)
{
    if (sl_json_count(coef) != n_outputs)
        return sl_json_fail(doc, coef, SL_EJOB, err, "expected %zu row%s of coefficients, got %zu",
                            n_outputs, n_outputs == 1 ? "" : "s", sl_json_count(coef));
    for (const struct sl_json *row = sl_json_first(coef); row != NULL; row = sl_json_next(row))
        if (sl_json_kind(row) == SL_JSON_LIST && sl_json_count(row) != n_columns)
            return sl_json_fail(doc, row, SL_EJOB, err, "expected %zu number%s, got %zu", n_columns,
                                n_columns == 1 ? "" : "s", sl_json_count(row));
    return SL_OK;
}

sl_status sl_linear_load(const struct sl_json_doc *doc, const struct sl_json *from,
                         const struct sl_terms *terms, int n_classes, void **state,
                         struct sl_error *err)
{
    const struct sl_json *coef, *intercept, *row;
    const size_t          n_columns = (size_t)terms->n_columns;
    struct sl_linear     *model;
    double               *at;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, "coef", SL_JSON_LIST, &coef, err));
    SL_TRY(sl_json_need(doc, from, "intercept", SL_JSON_LIST, &intercept, err));
    SL_TRY(check_shape(doc, coef, n_classes > 2 ? (size_t)n_classes : 1, n_columns, err));
    SL_TRY(sl_linear_create(terms, n_classes, state, err));
    model = *state;
    at = model->coef;
    for (row = sl_json_first(coef); row != NULL; row = sl_json_next(row), at += n_columns)
        SL_TRY(sl_json_need_numbers(doc, row, n_columns, at, err));
    SL_TRY(sl_json_need_numbers(doc, intercept, model->n_outputs, model->intercept, err));
    sl_linear_tabulate(model);
out:
    return rc;
}
