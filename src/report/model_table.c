/* A model as its terms. */
#include <math.h>
#include <string.h>

#include "layout.h"
#include "scoreline/report.h"

#define N(array) ((int)(sizeof(array) / sizeof *(array)))

enum { MOST_CLASSES = 8 };
static const char *const class_keys[MOST_CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7"};

static void print_fit(FILE *to, const struct sl_json *model)
{
    const struct sl_json *fit = sl_json_find(model, "fit");
    const struct sl_json *provenance = sl_json_find(model, "provenance");
    const bool            converged = sl_json_bool(sl_json_find(fit, "converged"));

    layout_name(to, "trained on");
    fprintf(to, "%.0f rows", layout_get_number(fit, "rows"));
    if (sl_json_first(sl_json_find(provenance, "trained_on")) != NULL) {
        fputs(" of ", to);
        layout_words(to, sl_json_find(provenance, "trained_on"), 20);
    }
    fputc('\n', to);
    layout_name(to, "fit");
    layout_text(to, layout_get_text(fit, "solver"));
    fprintf(to, ", %.0f iterations, %s: objective %.8g, gradient %.3g\n",
            layout_get_number(fit, "n_iter"), converged ? "converged" : "NOT CONVERGED",
            layout_get_number(fit, "objective"), layout_get_number(fit, "gradient_norm"));
    layout_name(to, "parameters");
    layout_members(to, sl_json_find(fit, "params"));
    fputc('\n', to);
}

static void print_origin(FILE *to, const struct sl_json *model)
{
    const struct sl_json *provenance = sl_json_find(model, "provenance");

    layout_name(to, "made by");
    fputs("job ", to);
    layout_text(to, layout_get_text(provenance, "job"));
    fputs(", ", to);
    layout_text(to, layout_get_text(provenance, "created"));
    fputs(", ", to);
    layout_text(to, layout_get_text(provenance, "software"));
    fputc('\n', to);
}

/* A line of coefficients by class, found by the class's number. */
static sl_status add_class_line(const struct sl_json *term, struct sl_json *list,
                                struct sl_error *err)
{
    const struct sl_json *coef = sl_json_first(sl_json_find(term, "coef"));
    struct sl_json       *line;
    sl_status             rc;

    SL_TRY(sl_json_add_object(list, NULL, &line, err));
    SL_TRY(sl_json_add_copy(line, "term", sl_json_find(term, "name"), err));
    for (int k = 0; k < MOST_CLASSES && coef != NULL; k++, coef = sl_json_next(coef))
        SL_TRY(sl_json_add_copy(line, class_keys[k], coef, err));
out:
    return rc;
}

static sl_status make_class_lines(const struct sl_json *model, struct sl_json *list,
                                  struct sl_error *err)
{
    const struct sl_json *coef = sl_json_first(sl_json_find(model, "intercept"));
    struct sl_json       *line;
    sl_status             rc = SL_OK;

    for (const struct sl_json *term = sl_json_first(sl_json_find(model, "terms")); term != NULL;
         term = sl_json_next(term))
        SL_TRY(add_class_line(term, list, err));
    SL_TRY(sl_json_add_object(list, NULL, &line, err));
    SL_TRY(sl_json_add_text(line, "term", "(intercept)", err));
    for (int k = 0; k < MOST_CLASSES && coef != NULL; k++, coef = sl_json_next(coef))
        SL_TRY(sl_json_add_copy(line, class_keys[k], coef, err));
out:
    return rc;
}

static bool is_logistic(const struct sl_json *model)
{
    return strcmp(layout_word(sl_json_find(model, "estimator")), "logistic_regression") == 0;
}

/* Beyond two classes each has coefficients of its own: a column of the table. */
static void print_class_terms(FILE *to, const struct sl_json *model)
{
    const struct sl_json *classes = sl_json_find(model, "classes");
    const size_t          n_classes = sl_json_count(classes);
    struct layout_column  columns[1 + MOST_CLASSES] = {{"term", "term", NULL, LAYOUT_TEXT, NULL}};
    struct sl_json_doc   *doc = NULL;
    struct sl_json       *list;
    struct sl_error       unused;
    int                   n = 0;

    for (const struct sl_json *class = sl_json_first(classes); class != NULL && n < MOST_CLASSES;
         class = sl_json_next(class), n++)
        columns[1 + n] =
            (struct layout_column){layout_word(class), class_keys[n], NULL, LAYOUT_NUMBER, NULL};
    if (sl_json_create(&doc, &unused) == SL_OK &&
        sl_json_add_list(sl_json_root(doc), "lines", &list, &unused) == SL_OK &&
        make_class_lines(model, list, &unused) == SL_OK)
        layout_table(to, list, columns, 1 + n);
    if (n_classes > MOST_CLASSES)
        fprintf(to, "and of %zu classes more: see --json\n", n_classes - MOST_CLASSES);
    fprintf(to, "\ncoefficients are of features filled and scaled, for the %s\n",
            is_logistic(model) ? "log of each class's share" : "margin of each class");
    sl_json_close(doc);
}

static void print_terms(FILE *to, const struct sl_json *model)
{
    static const struct layout_column columns[] = {
        {"term", "name", NULL, LAYOUT_TEXT, NULL},
        {"expression", "expr", "column", LAYOUT_TEXT, "categorical"},
        {"missing", "missing", NULL, LAYOUT_TEXT, NULL},
        {"fill", "fill", NULL, LAYOUT_NUMBER, NULL},
        {"mean", "mean", NULL, LAYOUT_NUMBER, NULL},
        {"std", "std", NULL, LAYOUT_NUMBER, NULL},
        {"coefficient", "coef", NULL, LAYOUT_NUMBER, NULL},
        {"per unit", "per_unit", NULL, LAYOUT_NUMBER, NULL},
        {"odds ratio", "odds_ratio", NULL, LAYOUT_NUMBER, NULL},
    };
    const struct sl_json *terms = sl_json_find(model, "terms");
    const struct sl_json *first = sl_json_first(terms);
    const bool            has_odds = first != NULL && sl_json_find(first, "odds_ratio") != NULL;

    fputc('\n', to);
    if (first != NULL && sl_json_find(first, "coef") == NULL) { /* no linear model */
        layout_table(to, terms, columns, N(columns) - 3);
        return;
    }
    if (sl_json_count(sl_json_find(model, "classes")) > 2) {
        print_class_terms(to, model);
        return;
    }
    layout_table(to, terms, columns, N(columns) - !has_odds);
    fprintf(to,
            "intercept %.6g\n\n"
            "coefficient: of the feature filled and scaled; per unit: of the feature itself%s",
            layout_get_number(model, "intercept"),
            has_odds ? ";\nodds ratio: what one unit more makes of the odds of class " : "");
    if (has_odds)
        layout_text(to, layout_word(sl_json_next(sl_json_first(sl_json_find(model, "classes")))));
    fputc('\n', to);
}

static void print_classes(FILE *to, const struct sl_json *of)
{
    if (sl_json_count(sl_json_find(of, "classes")) == 0) /* numbers are predicted */
        return;
    layout_name(to, "classes");
    layout_words(to, sl_json_find(of, "classes"), 20);
    fputc('\n', to);
}

static void print_label(FILE *to, const struct sl_json *model)
{
    layout_name(to, "label");
    layout_text(to, layout_get_text(model, "label"));
    fputc('\n', to);
    if (layout_get_text(model, "weight") == NULL)
        return;
    layout_name(to, "weight");
    layout_text(to, layout_get_text(model, "weight"));
    fputc('\n', to);
}

/* All but where it came from. */
static void print_model(FILE *to, const struct sl_json *model)
{
    layout_name(to, "model");
    layout_text(to, layout_get_text(model, "estimator"));
    fprintf(to, " of %zu term%s; its %.0f checks give the same scores\n",
            sl_json_count(sl_json_find(model, "terms")),
            sl_json_count(sl_json_find(model, "terms")) == 1 ? "" : "s",
            layout_get_number(model, "checks"));
    print_label(to, model);
    print_fit(to, model);
}

void sl_report_model(FILE *to, const struct sl_json *model)
{
    print_model(to, model);
    print_classes(to, model);
    print_origin(to, model);
    print_terms(to, model);
}

/* --- an output, which has a model too --------------------------------------------------------- */

static void print_provenance(FILE *to, const struct sl_json *output)
{
    const struct sl_json *from = sl_json_find(output, "provenance");

    layout_name(to, "written");
    layout_text(to, layout_get_text(from, "created"));
    fputs(" by ", to);
    layout_text(to, layout_get_text(from, "version"));
    fputs(" on ", to);
    layout_text(to, layout_get_text(from, "ranks"));
    fputs(" rank(s) of ", to);
    layout_text(to, layout_get_text(from, "host"));
    fputc('\n', to);
    layout_name(to, "command");
    layout_text(to, layout_get_text(from, "command"));
    fputc('\n', to);
    layout_name(to, "fingerprint");
    layout_text(to, layout_get_text(output, "fingerprint"));
    fputc('\n', to);
}

static void print_columns(FILE *to, const struct sl_json *output)
{
    const struct sl_json *item = sl_json_first(sl_json_find(output, "columns"));

    layout_name(to, "columns");
    for (; item != NULL; item = sl_json_next(item)) {
        layout_text(to, layout_get_text(item, "name"));
        fprintf(to, " (%s", layout_get_text(item, "type"));
        if (sl_json_find(item, "width") != NULL)
            fprintf(to, " of %.0f", layout_get_number(item, "width"));
        if (sl_json_find(item, "items") != NULL)
            fprintf(to, " x %.0f", layout_get_number(item, "items"));
        fputs(sl_json_next(item) != NULL ? "), " : ")", to);
    }
    fputc('\n', to);
}

static void print_partitions(FILE *to, const struct sl_json *output)
{
    static const struct layout_column columns[] = {
        {"partition", "name", NULL, LAYOUT_TEXT, NULL},
        {" ", "trained_on", NULL, LAYOUT_MARK, NULL},
        {"rows", "rows", NULL, LAYOUT_COUNT, NULL},
        {"scored", "scored", NULL, LAYOUT_COUNT, NULL},
        {"missing", "missing", NULL, LAYOUT_COUNT, NULL},
        {"rejected", "rejected", NULL, LAYOUT_COUNT, NULL},
        {"size", "bytes", NULL, LAYOUT_BYTES, NULL},
    };

    layout_table(to, sl_json_find(output, "partitions"), columns, N(columns));
    if (layout_any(sl_json_find(output, "partitions"), "trained_on"))
        fputs("* what the model was trained on\n", to);
    fputc('\n', to);
}

static void print_metrics(FILE *to, const struct sl_json *output)
{
    static const struct layout_column columns[] = {
        {"metrics", "scope", NULL, LAYOUT_TEXT, NULL},
        {"labelled", "rows", NULL, LAYOUT_COUNT, NULL},
        {"accuracy", "accuracy", NULL, LAYOUT_FIXED, NULL},
        {"log loss", "log_loss", NULL, LAYOUT_FIXED, NULL},
        {"AUC", "roc_auc", NULL, LAYOUT_FIXED, NULL},
        {"Brier", "brier", NULL, LAYOUT_FIXED, NULL},
        {"base rate", "base_rate", NULL, LAYOUT_FIXED, NULL},
    };

    layout_table(to, sl_json_find(output, "metrics"), columns, N(columns));
}

void sl_report_output(FILE *to, const struct sl_json *output)
{
    const struct sl_json *model = sl_json_find(output, "model");
    const size_t          n_partitions = sl_json_count(sl_json_find(output, "partitions"));

    layout_name(to, "output");
    layout_text(to, layout_get_text(output, "title"));
    fprintf(to, ", complete: %.0f rows in %zu partition%s, %.0f bad records listed\n",
            layout_get_number(output, "rows"), n_partitions, n_partitions == 1 ? "" : "s",
            layout_get_number(output, "rejects"));
    print_columns(to, output);
    print_classes(to, output);
    print_provenance(to, output);
    if (model != NULL)
        print_model(to, model);
    fputc('\n', to);
    print_partitions(to, output);
    print_metrics(to, output);
}
