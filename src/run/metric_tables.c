/* What was measured as tables of the output: by group of rows, by class, and how often which class
 * was taken for which. */
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "tables.h"

/* --- /classes --------------------------------------------------------------------------------- */

static sl_status make_classes(const struct sl_slice *classes, int n_classes, bool fill,
                              struct sl_table *table, struct sl_error *err)
{
    static const struct table_column name = {
        "name", SL_FIXED_TEXT, {.long_name = "class, as the data have it"}};
    size_t    n = fill ? (size_t)n_classes : 0;
    sl_status rc;

    SL_TRY(table_make(table, "classes", "class", &name, 1, n, err));
    for (size_t k = 0; k < n; k++)
        SL_TRY(sl_table_put_text(&table->columns[0], k, classes[k], err));
    table->n_rows = n;
out:
    return rc;
}

/* --- /metrics --------------------------------------------------------------------------------- */

enum {
    M_SCOPE,
    M_ROWS,
    M_ACCURACY,
    M_LOG_LOSS,
    M_ROC_AUC,
    M_ROC_AUC_ERROR,
    M_BRIER,
    M_BASE_RATE,
    M_COLUMNS
};

static const struct table_column metric_columns[M_COLUMNS] = {
    [M_SCOPE] = {"scope", SL_FIXED_TEXT, {.long_name = "rows the metrics are of"}},
    [M_ROWS] = {"rows", SL_I64, {.long_name = "scored rows with a known label"}},
    [M_ACCURACY] = {"accuracy", SL_F64, {.long_name = "share predicted right", .units = "1"}},
    [M_LOG_LOSS] = {"log_loss",
                    SL_F64,
                    {.long_name = "mean negative log-likelihood", .units = "1"}},
    [M_ROC_AUC] = {"roc_auc",
                   SL_F64,
                   {.long_name = "area under the ROC curve, mean over classes", .units = "1"}},
    [M_ROC_AUC_ERROR] = {"roc_auc_error",
                         SL_F64,
                         {.long_name = "bound of the error of roc_auc, 0 where exact",
                          .units = "1"}},
    [M_BRIER] = {"brier",
                 SL_F64,
                 {.long_name = "mean squared error of the probability", .units = "1"}},
    [M_BASE_RATE] = {"base_rate", SL_F64, {.long_name = "share of class 1", .units = "1"}},
};

enum { N_SCOPE, N_ROWS, N_R2, N_RMSE, N_MAE, N_DEVIANCE, N_COLUMNS };

static const struct table_column number_columns[N_COLUMNS] = {
    [N_SCOPE] = {"scope", SL_FIXED_TEXT, {.long_name = "rows the metrics are of"}},
    [N_ROWS] = {"rows", SL_I64, {.long_name = "scored rows with a known label"}},
    [N_R2] = {"r2", SL_F64, {.long_name = "coefficient of determination", .units = "1"}},
    [N_RMSE] = {"rmse", SL_F64, {.long_name = "root of the mean squared error"}},
    [N_MAE] = {"mae", SL_F64, {.long_name = "mean absolute error"}},
    [N_DEVIANCE] = {"deviance", SL_F64, {.long_name = "mean deviance"}},
};

static const char *scope_name(const struct sl_plan *plan, size_t i)
{
    return i < SL_FIRST_PARTITION ? sl_metric_group_names[i]
                                  : plan->partitions[i - SL_FIRST_PARTITION].name;
}

static sl_status make_number_metrics(const struct sl_plan *plan, const struct sl_measured *measured,
                                     size_t n, struct sl_table *table, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(table_make(table, "metrics", "scope_index", number_columns, N_COLUMNS, n, err));
    for (size_t i = 0; i < n; i++) {
        const struct sl_number_values *v = &measured->numbers[i];
        struct sl_table_column        *c = table->columns;

        SL_TRY(table_put(&c[N_SCOPE], i, scope_name(plan, i), err));
        c[N_ROWS].cells.i64[i] = v->n_rows;
        c[N_R2].cells.f64[i] = v->r2;
        c[N_RMSE].cells.f64[i] = v->rmse;
        c[N_MAE].cells.f64[i] = v->mae;
        c[N_DEVIANCE].cells.f64[i] = v->deviance;
    }
    table->n_rows = n;
out:
    return rc;
}

static sl_status make_metrics(const struct sl_plan *plan, const struct sl_measured *measured,
                              bool fill, struct sl_table *table, struct sl_error *err)
{
    size_t    n = fill ? (size_t)plan->n_partitions + SL_FIRST_PARTITION : 0;
    sl_status rc;

    if (measured->n_classes == 0)
        return make_number_metrics(plan, measured, n, table, err);
    SL_TRY(table_make(table, "metrics", "scope_index", metric_columns, M_COLUMNS, n, err));
    for (size_t i = 0; i < n; i++) {
        const struct sl_metric_values *v = &measured->values[i];
        struct sl_table_column        *c = table->columns;

        SL_TRY(table_put(&c[M_SCOPE], i, scope_name(plan, i), err));
        c[M_ROWS].cells.i64[i] = v->n_rows;
        c[M_ACCURACY].cells.f64[i] = v->accuracy;
        c[M_LOG_LOSS].cells.f64[i] = v->log_loss;
        c[M_ROC_AUC].cells.f64[i] = v->roc_auc;
        c[M_ROC_AUC_ERROR].cells.f64[i] = v->roc_auc_error;
        c[M_BRIER].cells.f64[i] = v->brier;
        c[M_BASE_RATE].cells.f64[i] = v->base_rate;
    }
    table->n_rows = n;
out:
    return rc;
}

/* --- /class_metrics --------------------------------------------------------------------------- */

enum {
    C_SCOPE,
    C_CLASS,
    C_ROWS,
    C_PREDICTED,
    C_CORRECT,
    C_PRECISION,
    C_RECALL,
    C_ROC_AUC,
    C_ROC_AUC_ERROR,
    C_COLUMNS
};

static const struct table_column class_columns[C_COLUMNS] = {
    [C_SCOPE] = {"scope", SL_FIXED_TEXT, {.long_name = "rows the metrics are of"}},
    [C_CLASS] = {"class", SL_I32, {.long_name = "index into /classes"}},
    [C_ROWS] = {"rows", SL_I64, {.long_name = "scored rows with this label"}},
    [C_PREDICTED] = {"predicted",
                     SL_I64,
                     {.long_name = "scored rows with a known label predicted so"}},
    [C_CORRECT] = {"correct", SL_I64, {.long_name = "rows with this label predicted so"}},
    [C_PRECISION] = {"precision", SL_F64, {.long_name = "correct of predicted", .units = "1"}},
    [C_RECALL] = {"recall", SL_F64, {.long_name = "correct of rows", .units = "1"}},
    [C_ROC_AUC] = {"roc_auc",
                   SL_F64,
                   {.long_name = "area under the ROC curve, against all others", .units = "1"}},
    [C_ROC_AUC_ERROR] = {"roc_auc_error",
                         SL_F64,
                         {.long_name = "bound of the error of roc_auc, 0 where exact",
                          .units = "1"}},
};

static sl_status make_class_metrics(const struct sl_measured *measured, bool fill,
                                    struct sl_table *table, struct sl_error *err)
{
    const size_t n_classes = (size_t)measured->n_classes;
    const size_t n = fill ? SL_FIRST_PARTITION * n_classes : 0;
    sl_status    rc;

    SL_TRY(table_make(table, "class_metrics", "scope_class", class_columns, C_COLUMNS, n, err));
    for (size_t i = 0; i < n; i++) {
        const struct sl_class_values *v = &measured->classes[i];
        struct sl_table_column       *c = table->columns;

        SL_TRY(table_put(&c[C_SCOPE], i, sl_metric_group_names[i / n_classes], err));
        c[C_CLASS].cells.i32[i] = (int32_t)(i % n_classes);
        c[C_ROWS].cells.i64[i] = v->n_rows;
        c[C_PREDICTED].cells.i64[i] = v->n_predicted;
        c[C_CORRECT].cells.i64[i] = v->n_correct;
        c[C_PRECISION].cells.f64[i] = v->precision;
        c[C_RECALL].cells.f64[i] = v->recall;
        c[C_ROC_AUC].cells.f64[i] = v->roc_auc;
        c[C_ROC_AUC_ERROR].cells.f64[i] = v->roc_auc_error;
    }
    table->n_rows = n;
out:
    return rc;
}

/* --- /confusion ------------------------------------------------------------------------------- */

enum { X_SCOPE, X_LABEL, X_PREDICTED, X_ROWS, X_COLUMNS };

static const struct table_column confusion_columns[X_COLUMNS] = {
    [X_SCOPE] = {"scope", SL_FIXED_TEXT, {.long_name = "rows that were counted"}},
    [X_LABEL] = {"label", SL_I32, {.long_name = "true class, index into /classes"}},
    [X_PREDICTED] = {"predicted", SL_I32, {.long_name = "predicted class, index into /classes"}},
    [X_ROWS] = {"rows", SL_I64, {.long_name = "rows with that label predicted so"}},
};

static sl_status put_cell(struct sl_table *table, const struct sl_measured *measured, size_t i,
                          struct sl_error *err)
{
    const size_t            n = (size_t)measured->n_classes;
    const size_t            row = table->n_rows;
    struct sl_table_column *c = table->columns;
    sl_status               rc;

    SL_TRY(sl_table_reserve(table, 1, err));
    SL_TRY(table_put(&c[X_SCOPE], row, sl_metric_group_names[i / n / n], err));
    c[X_LABEL].cells.i32[row] = (int32_t)(i / n % n);
    c[X_PREDICTED].cells.i32[row] = (int32_t)(i % n);
    c[X_ROWS].cells.i64[row] = measured->confusion[i];
    table->n_rows++;
out:
    return rc;
}

/* Of many classes most pairs never meet: those are left out. */
static sl_status make_confusion(const struct sl_measured *measured, bool fill,
                                struct sl_table *table, struct sl_error *err)
{
    const size_t n_classes = (size_t)measured->n_classes;
    const size_t n = fill ? SL_FIRST_PARTITION * n_classes * n_classes : 0;
    sl_status    rc;

    SL_TRY(table_make(table, "confusion", "cell", confusion_columns, X_COLUMNS, 0, err));
    for (size_t i = 0; i < n; i++)
        if (measured->confusion[i] > 0)
            SL_TRY(put_cell(table, measured, i, err));
out:
    return rc;
}

/* ---------------------------------------------------------------------------------------------- */

sl_status run_metric_tables(const struct sl_plan *plan, const struct sl_slice *classes,
                            const struct sl_measured *measured, bool fill,
                            struct sl_table tables[RUN_N_METRIC_TABLES], struct sl_error *err)
{
    sl_status rc;

    SL_TRY(make_classes(classes, measured->n_classes, fill, &tables[RUN_TABLE_CLASSES], err));
    SL_TRY(make_metrics(plan, measured, fill, &tables[RUN_TABLE_METRICS], err));
    SL_TRY(make_class_metrics(measured, fill, &tables[RUN_TABLE_CLASS_METRICS], err));
    SL_TRY(make_confusion(measured, fill, &tables[RUN_TABLE_CONFUSION], err));
out:
    return rc;
}
