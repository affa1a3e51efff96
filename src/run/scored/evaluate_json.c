/* The evaluation for programs. */
#include <stdlib.h>

#include "evaluate.h"
#include "scoreline/json.h"

#define ADD_NUMBERS(to, numbers, err)                                                              \
    sl_json_add_numbers(to, numbers, sizeof(numbers) / sizeof *(numbers), err)

static sl_status add_number_metrics(const struct sl_number_values *v, struct sl_json *to,
                                    struct sl_error *err)
{
    const struct sl_json_number numbers[] = {{"rows", (double)v->n_rows},
                                             {"r2", v->r2},
                                             {"rmse", v->rmse},
                                             {"mae", v->mae},
                                             {"deviance", v->deviance}};

    return ADD_NUMBERS(to, numbers, err);
}

static sl_status add_metrics(const struct evaluate *e, struct sl_json *root, struct sl_error *err)
{
    int             n = SL_FIRST_PARTITION + e->partitions.plan.n_partitions;
    struct sl_json *list = NULL;
    struct sl_json *object = NULL;
    sl_status       rc;

    SL_TRY(sl_json_add_list(root, "metrics", &list, err));
    for (int i = 0; i < n; i++) {
        const struct sl_metric_values *v = &e->measured.values[i];
        const struct sl_partition     *p =
            i < SL_FIRST_PARTITION ? NULL : &e->partitions.plan.partitions[i - SL_FIRST_PARTITION];
        const struct sl_json_number numbers[] = {
            {"rows", (double)v->n_rows},         {"accuracy", v->accuracy},
            {"log_loss", v->log_loss},           {"roc_auc", v->roc_auc},
            {"roc_auc_error", v->roc_auc_error}, {"brier", v->brier},
            {"base_rate", v->base_rate}};

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(sl_json_add_text(object, "scope",
                                i < SL_FIRST_PARTITION ? sl_metric_group_names[i] : p->name, err));
        if (p != NULL)
            SL_TRY(sl_json_add_bool(object, "trained_on", p->trained_on, err));
        SL_TRY(e->classes.n > 0 ? ADD_NUMBERS(object, numbers, err)
                                : add_number_metrics(&e->measured.numbers[i], object, err));
    }
out:
    return rc;
}

static sl_status add_deciles(const struct evaluate *e, struct sl_json *root, struct sl_error *err)
{
    struct sl_json *list = NULL;
    struct sl_json *object = NULL;
    sl_status       rc;

    SL_TRY(sl_json_add_list(root, "deciles", &list, err));
    for (int i = 0; i < SL_N_DECILES; i++) {
        const struct sl_decile     *d = &e->evaluation.deciles[i];
        const struct sl_json_number numbers[] = {{"decile", i + 1},
                                                 {"rows", (double)d->n_rows},
                                                 {"positives", (double)d->n_positive},
                                                 {"base_rate", d->base_rate},
                                                 {"mean_probability", d->mean_probability},
                                                 {"lift", d->lift},
                                                 {"captured", d->captured}};

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(ADD_NUMBERS(object, numbers, err));
    }
out:
    return rc;
}

static sl_status add_bins(const struct evaluate *e, struct sl_json *root, struct sl_error *err)
{
    struct sl_json *list = NULL;
    struct sl_json *object = NULL;
    sl_status       rc;

    SL_TRY(sl_json_add_list(root, "calibration", &list, err));
    for (int i = 0; i < SL_N_BINS; i++) {
        const struct sl_bin        *b = &e->evaluation.bins[i];
        const struct sl_json_number numbers[] = {{"low", b->low},
                                                 {"high", b->high},
                                                 {"rows", (double)b->n_rows},
                                                 {"mean_probability", b->mean_probability},
                                                 {"observed", b->observed}};

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(ADD_NUMBERS(object, numbers, err));
    }
out:
    return rc;
}

static sl_status add_confusion(const struct evaluate *e, struct sl_json *root, struct sl_error *err)
{
    const struct sl_confusion      *c = &e->evaluation.confusion;
    const struct sl_confusion_rates rates = sl_confusion_rates(c);
    const struct sl_json_number     numbers[] = {{"threshold", c->threshold},
                                                 {"true_positive", (double)c->n_true_positive},
                                                 {"false_positive", (double)c->n_false_positive},
                                                 {"true_negative", (double)c->n_true_negative},
                                                 {"false_negative", (double)c->n_false_negative},
                                                 {"accuracy", rates.accuracy},
                                                 {"precision", rates.precision},
                                                 {"recall", rates.recall},
                                                 {"specificity", rates.specificity},
                                                 {"f1", rates.f1}};
    struct sl_json                 *object;
    sl_status                       rc;

    SL_TRY(sl_json_add_object(root, "confusion", &object, err));
    SL_TRY(ADD_NUMBERS(object, numbers, err));
out:
    return rc;
}

/* What there is of two classes only. */
static sl_status add_details(const struct evaluate *e, struct sl_json *root, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(add_deciles(e, root, err));
    SL_TRY(add_bins(e, root, err));
    SL_TRY(add_confusion(e, root, err));
out:
    return rc;
}

static sl_status add_classes(const struct evaluate *e, struct sl_json *root, struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_list(root, "classes", &list, err));
    for (int k = 0; k < e->classes.n; k++)
        SL_TRY(scored_add_text(list, NULL, e->classes.names[k], err));
out:
    return rc;
}

static sl_status add_class_metrics(const struct evaluate *e, struct sl_json *root,
                                   struct sl_error *err)
{
    struct sl_json *list;
    struct sl_json *object;
    sl_status       rc;

    SL_TRY(sl_json_add_list(root, "class_metrics", &list, err));
    for (int i = 0; i < SL_FIRST_PARTITION * e->classes.n; i++) {
        const struct sl_class_values *v = &e->measured.classes[i];
        const int                     k = i % e->classes.n;
        const struct sl_json_number   numbers[] = {{"rows", (double)v->n_rows},
                                                   {"predicted", (double)v->n_predicted},
                                                   {"correct", (double)v->n_correct},
                                                   {"precision", v->precision},
                                                   {"recall", v->recall},
                                                   {"roc_auc", v->roc_auc},
                                                   {"roc_auc_error", v->roc_auc_error}};

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(sl_json_add_text(object, "scope", sl_metric_group_names[i / e->classes.n], err));
        SL_TRY(scored_add_text(object, "class", e->classes.names[k], err));
        SL_TRY(ADD_NUMBERS(object, numbers, err));
    }
out:
    return rc;
}

/* Rows by label, a list each, by prediction. */
static sl_status add_matrix(const struct evaluate *e, struct sl_json *root, struct sl_error *err)
{
    const size_t    n = (size_t)e->classes.n;
    const int64_t  *cells = e->measured.confusion + (size_t)e->group * n * n;
    struct sl_json *object;
    struct sl_json *matrix;
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_object(root, "confusion", &object, err));
    SL_TRY(sl_json_add_list(object, "matrix", &matrix, err));
    for (size_t i = 0; i < n; i++) {
        SL_TRY(sl_json_add_list(matrix, NULL, &list, err));
        for (size_t k = 0; k < n; k++)
            SL_TRY(sl_json_add_number(list, NULL, (double)cells[i * n + k], err));
    }
out:
    return rc;
}

static sl_status fill(const struct evaluate *e, struct sl_json *root, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_json_add_text(root, "format", "scoreline-evaluation", err));
    SL_TRY(sl_json_add_number(root, "version", 1, err));
    SL_TRY(sl_json_add_text(root, "output", e->opts->file, err));
    if (e->classes.n > 0)
        SL_TRY(add_classes(e, root, err));
    SL_TRY(add_metrics(e, root, err));
    if (e->classes.n > 0)
        SL_TRY(add_class_metrics(e, root, err));
    SL_TRY(sl_json_add_text(root, "rows_of", sl_metric_group_names[e->group], err));
    SL_TRY(sl_json_add_number(root, "rows", (double)e->measured.values[e->group].n_rows, err));
    if (e->classes.n > 0)
        SL_TRY(e->classes.n > 2 ? add_matrix(e, root, err) : add_details(e, root, err));
    SL_TRY(evaluate_add_drift(e, root, err));
out:
    return rc;
}

sl_status evaluate_print_json(const struct evaluate *e, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    char               *text = NULL;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, err));
    SL_TRY(fill(e, sl_json_root(doc), err));
    SL_TRY(sl_json_print(sl_json_root(doc), true, &text, err));
    fputs(text, e->opts->results);
out:
    free(text);
    sl_json_close(doc);
    return rc;
}
