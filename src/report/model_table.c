/* A model as its terms. */
#include <math.h>
#include <string.h>

#include "layout.h"
#include "scoreline/report.h"

#define N(array) ((int)(sizeof(array) / sizeof *(array)))

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

static void print_terms(FILE *to, const struct sl_json *model)
{
    static const struct layout_column columns[] = {
        {"term", "name", NULL, LAYOUT_TEXT},
        {"expression", "expr", "column", LAYOUT_TEXT},
        {"missing", "missing", NULL, LAYOUT_TEXT},
        {"fill", "fill", NULL, LAYOUT_NUMBER},
        {"mean", "mean", NULL, LAYOUT_NUMBER},
        {"std", "std", NULL, LAYOUT_NUMBER},
        {"coefficient", "coef", NULL, LAYOUT_NUMBER},
        {"per unit", "per_unit", NULL, LAYOUT_NUMBER},
        {"odds ratio", "odds_ratio", NULL, LAYOUT_NUMBER},
    };
    const struct sl_json *terms = sl_json_find(model, "terms");
    const struct sl_json *first = sl_json_first(terms);
    const bool            has_odds = first != NULL && sl_json_find(first, "odds_ratio") != NULL;

    fputc('\n', to);
    layout_table(to, terms, columns, N(columns) - !has_odds);
    fprintf(to,
            "intercept %.6g\n\n"
            "coefficient: of the feature filled and scaled; per unit: of the feature itself%s\n",
            layout_get_number(model, "intercept"),
            has_odds ? ";\nodds ratio: what one unit more makes of the odds of class 1" : "");
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
    layout_name(to, "label");
    layout_text(to, layout_get_text(model, "label"));
    fputc('\n', to);
    print_fit(to, model);
}

void sl_report_model(FILE *to, const struct sl_json *model)
{
    print_model(to, model);
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
        {"partition", "name", NULL, LAYOUT_TEXT},   {" ", "trained_on", NULL, LAYOUT_MARK},
        {"rows", "rows", NULL, LAYOUT_COUNT},       {"scored", "scored", NULL, LAYOUT_COUNT},
        {"missing", "missing", NULL, LAYOUT_COUNT}, {"rejected", "rejected", NULL, LAYOUT_COUNT},
        {"size", "bytes", NULL, LAYOUT_BYTES},
    };

    layout_table(to, sl_json_find(output, "partitions"), columns, N(columns));
    if (layout_any(sl_json_find(output, "partitions"), "trained_on"))
        fputs("* what the model was trained on\n", to);
    fputc('\n', to);
}

static void print_metrics(FILE *to, const struct sl_json *output)
{
    static const struct layout_column columns[] = {
        {"metrics", "scope", NULL, LAYOUT_TEXT},
        {"labelled", "rows", NULL, LAYOUT_COUNT},
        {"accuracy", "accuracy", NULL, LAYOUT_FIXED},
        {"log loss", "log_loss", NULL, LAYOUT_FIXED},
        {"AUC", "roc_auc", NULL, LAYOUT_FIXED},
        {"Brier", "brier", NULL, LAYOUT_FIXED},
        {"base rate", "base_rate", NULL, LAYOUT_FIXED},
    };

    layout_table(to, sl_json_find(output, "metrics"), columns, N(columns));
}

void sl_report_output(FILE *to, const struct sl_json *output)
{
    const struct sl_json *model = sl_json_find(output, "model");

    layout_name(to, "output");
    layout_text(to, layout_get_text(output, "title"));
    fprintf(to, ", complete: %.0f rows in %zu partitions, %.0f bad records listed\n",
            layout_get_number(output, "rows"), sl_json_count(sl_json_find(output, "partitions")),
            layout_get_number(output, "rejects"));
    print_columns(to, output);
    layout_name(to, "classes");
    layout_words(to, sl_json_find(output, "classes"), 20);
    fputc('\n', to);
    print_provenance(to, output);
    if (model != NULL)
        print_model(to, model);
    fputc('\n', to);
    print_partitions(to, output);
    print_metrics(to, output);
}
