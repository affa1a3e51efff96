/* A job and what running it means. */
#include <string.h>

#include "layout.h"
#include "scoreline/report.h"

#define N(array) ((int)(sizeof(array) / sizeof *(array)))

static bool is_exact(const struct sl_json *job)
{
    return sl_json_bool(sl_json_find(job, "rows_are_exact"));
}

static const char *plural(double n)
{
    return n == 1 ? "" : "s";
}

static void print_features(FILE *to, const struct sl_json *job)
{
    static const struct layout_column columns[] = {
        {"feature", "name", NULL, LAYOUT_TEXT, NULL},
        {"expression", "expr", "column", LAYOUT_TEXT, "categorical"},
        {"missing", "missing", NULL, LAYOUT_TEXT, NULL},
        {"scale", "scale", NULL, LAYOUT_TEXT, NULL},
        {"indicator", "indicator", NULL, LAYOUT_MARK, NULL},
    };
    const struct sl_json *features = sl_json_find(job, "features");

    if (features == NULL)
        return;
    layout_table(to, features, columns, N(columns) - !layout_any(features, "indicator"));
    fputc('\n', to);
}

static void print_kept(FILE *to, const struct sl_json *job)
{
    const struct sl_json *item = sl_json_first(sl_json_find(job, "keep"));

    layout_name(to, "keeps");
    if (item == NULL)
        fputs("no columns", to);
    for (; item != NULL; item = sl_json_next(item)) {
        layout_text(to, layout_get_text(item, "column"));
        fprintf(to, " (%s)%s", layout_get_text(item, "as"), sl_json_next(item) != NULL ? ", " : "");
    }
    fputc('\n', to);
}

static void print_orient(FILE *to, const struct sl_json *orient)
{
    if (orient == NULL)
        return;
    layout_name(to, "orient");
    layout_text(to, layout_get_text(orient, "first"));
    fputs(" and ", to);
    layout_text(to, layout_get_text(orient, "second"));
    fputs(" become ", to);
    layout_words(to, sl_json_find(orient, "as"), 2);
    fputs(" by a coin of ", to);
    layout_words(to, sl_json_find(orient, "key"), 20);
    fputc('\n', to);
}

static void print_left_out(FILE *to, const struct sl_json *left_out)
{
    for (const struct sl_json *item = sl_json_first(left_out); item != NULL;
         item = sl_json_next(item)) {
        layout_name(to, "left out");
        layout_text(to, layout_get_text(item, "column"));
        fputs(": ", to);
        layout_text(to, layout_get_text(item, "why"));
        fputc('\n', to);
    }
}

static void print_estimator(FILE *to, const struct sl_json *job)
{
    if (sl_json_find(job, "features") == NULL) {
        layout_name(to, "model");
        fputs("left to be given: no features, label and train here\n", to);
        return;
    }
    layout_name(to, "estimator");
    fprintf(to, "%s: ", layout_get_text(job, "estimator"));
    layout_members(to, sl_json_find(job, "params"));
    fputc('\n', to);
    layout_name(to, "label");
    layout_text(to, layout_get_text(job, "label"));
    fputc('\n', to);
    if (sl_json_find(job, "weight") != NULL) {
        layout_name(to, "weight");
        layout_text(to, layout_get_text(job, "weight"));
        fputc('\n', to);
    }
    print_orient(to, sl_json_find(job, "orient"));
    print_left_out(to, sl_json_find(job, "left_out"));
}

static void print_output(FILE *to, const struct sl_json *job)
{
    const struct sl_json *output = sl_json_find(job, "output");

    layout_name(to, "output");
    layout_text(to, layout_get_text(output, "path"));
    fprintf(to, " (%s)\n", layout_get_text(output, "state"));
}

static void print_job(FILE *to, const struct sl_json *job)
{
    layout_name(to, "job");
    layout_text(to, layout_get_text(job, "name"));
    if (layout_get_text(job, "description")[0] != '\0') {
        fputs(": ", to);
        layout_text(to, layout_get_text(job, "description"));
    }
    fputc('\n', to);
    print_estimator(to, job);
    print_kept(to, job);
    print_output(to, job);
    fputc('\n', to);
}

static void print_columns(FILE *to, const struct sl_json *job)
{
    static const struct layout_column columns[] = {
        {"column", "name", NULL, LAYOUT_TEXT, NULL},
        {"for", "for", NULL, LAYOUT_TEXT, NULL},
        {"read as", "as", NULL, LAYOUT_TEXT, NULL},
        {"found", "found", NULL, LAYOUT_FOUND, NULL},
    };
    const struct sl_json *found = sl_json_find(job, "columns");

    if (found == NULL)
        return;
    layout_table(to, sl_json_find(found, "needs"), columns, N(columns));
    fprintf(to, "'");
    layout_text(to, layout_get_text(found, "file"));
    fprintf(to, "' has %zu columns:\n", sl_json_count(sl_json_find(found, "header")));
    layout_name(to, "");
    layout_words(to, sl_json_find(found, "header"), 200);
    fputs("\n\n", to);
}

static void print_partitions(FILE *to, const struct sl_json *job)
{
    static const struct layout_column columns[] = {
        {"partition", "name", NULL, LAYOUT_TEXT, NULL},
        {" ", "trained_on", NULL, LAYOUT_MARK, NULL},
        {"files", "files", NULL, LAYOUT_COUNT, NULL},
        {"size", "bytes", NULL, LAYOUT_BYTES, NULL},
        {"bytes", "bytes", NULL, LAYOUT_COUNT, NULL},
        {"chunks", "chunks", NULL, LAYOUT_COUNT, NULL},
    };

    if (sl_json_find(job, "partitions") == NULL)
        return;
    layout_table(to, sl_json_find(job, "partitions"), columns, N(columns));
    if (layout_any(sl_json_find(job, "partitions"), "trained_on"))
        fputs("* what the model is trained on\n", to);
    fputc('\n', to);
}

static void print_model(FILE *to, const struct sl_json *job)
{
    layout_name(to, "model");
    layout_text(to, layout_get_text(job, "model"));
    fputc('\n', to);
}

static void print_training(FILE *to, const struct sl_json *job)
{
    const struct sl_json *training = sl_json_find(job, "training");
    const double          n_rows = layout_get_number(training, "rows");

    layout_name(to, "trains on");
    layout_words(to, sl_json_find(training, "partitions"), 20);
    fputs(": ", to);
    layout_size(to, training, "bytes");
    fprintf(to, ", %s%.0f row%s\n", is_exact(job) ? "" : "about ", n_rows, plural(n_rows));
}

static void print_scoring(FILE *to, const struct sl_json *job)
{
    const struct sl_json *scoring = sl_json_find(job, "scoring");
    const double          n_partitions = layout_get_number(scoring, "partitions");
    const double          n_files = layout_get_number(scoring, "files");
    const double          n_chunks = layout_get_number(scoring, "chunks");
    const double          n_rows = layout_get_number(scoring, "rows");

    layout_name(to, "scores");
    fprintf(to, "%.0f partition%s of %.0f file%s: ", n_partitions, plural(n_partitions), n_files,
            plural(n_files));
    layout_size(to, scoring, "bytes");
    fprintf(to, " (%.0f bytes) in %.0f chunk%s, %s%.0f row%s\n",
            layout_get_number(scoring, "bytes"), n_chunks, plural(n_chunks),
            is_exact(job) ? "" : "about ", n_rows, plural(n_rows));
}

static void print_training_memory(FILE *to, const struct sl_json *job)
{
    const struct sl_json *training = sl_json_find(job, "training");

    layout_size(to, training, "memory_bytes");
    if (strcmp(layout_get_text(training, "mode"), "distributed") == 0)
        fputs(" on each rank at most while all train", to);
    else
        fputs(" on rank 0 while it trains", to);
    if (sl_json_find(training, "max_bytes") != NULL) {
        fputs("; train.max_bytes is ", to);
        layout_size(to, training, "max_bytes");
    }
    if (layout_get_number(training, "memory_bytes") > layout_get_number(job, "machine_bytes")) {
        fputs("; THIS MACHINE HAS ", to);
        layout_size(to, job, "machine_bytes");
    }
    fputc('\n', to);
}

static void print_scoring_memory(FILE *to, const struct sl_json *job)
{
    const struct sl_json *scoring = sl_json_find(job, "scoring");

    layout_size(to, scoring, "buffer_bytes");
    fputs(" on each rank for buffers, up to ", to);
    layout_size(to, scoring, "result_bytes");
    fputs(" for results; MPI and libraries come on top\n", to);
    layout_name(to, "disk");
    layout_size(to, scoring, "output_bytes");
    fputs(" for the output, before any compression\n", to);
}

static void print_needs(FILE *to, const struct sl_json *job)
{
    const bool trains = sl_json_find(job, "training") != NULL;
    const bool scores = sl_json_find(job, "scoring") != NULL;

    if (trains)
        print_training(to, job);
    else if (sl_json_find(job, "model") != NULL)
        print_model(to, job);
    if (scores)
        print_scoring(to, job);
    layout_name(to, "memory");
    if (trains)
        print_training_memory(to, job);
    if (trains && scores)
        layout_name(to, "");
    if (scores)
        print_scoring_memory(to, job);
    if (!is_exact(job))
        fputs("rows, memory and disk are told from samples, 64 KiB of at most 16 files\n", to);
}

static void print_ranks(FILE *to, const struct sl_json *job)
{
    static const struct layout_column columns[] = {
        {"rank", "rank", NULL, LAYOUT_COUNT, NULL},
        {"first chunk", "first_chunk", NULL, LAYOUT_COUNT, NULL},
        {"chunks", "chunks", NULL, LAYOUT_COUNT, NULL},
        {"size", "bytes", NULL, LAYOUT_BYTES, NULL},
    };
    const struct sl_json *rest = sl_json_find(job, "on_demand");

    layout_table(to, sl_json_find(job, "ranks"), columns, N(columns));
    if (layout_get_number(rest, "chunks") > 0) {
        fprintf(to, "the last %.0f chunk%s (", layout_get_number(rest, "chunks"),
                plural(layout_get_number(rest, "chunks")));
        layout_size(to, rest, "bytes");
        fputs(") go to whoever is free\n", to);
    }
    fputc('\n', to);
}

void sl_report_job(FILE *to, const struct sl_json *job)
{
    print_job(to, job);
    print_features(to, job);
    print_columns(to, job);
    print_partitions(to, job);
    print_needs(to, job);
}

void sl_report_plan(FILE *to, const struct sl_json *job)
{
    if (sl_json_find(job, "scoring") != NULL) {
        print_partitions(to, job);
        print_ranks(to, job);
    }
    print_needs(to, job);
    print_output(to, job);
}
