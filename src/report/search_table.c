/* The result of a search: the best candidates; and what one would do. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "scoreline/report.h"

enum { MOST_CANDIDATES = 20, MOST_PARAMS = 10 };

/* --- the result ------------------------------------------------------------------------------- */

/* The candidate that comes behind one, by rank and then by number; NULL behind none: the first. */
static const struct sl_json *find_next(const struct sl_json *list, double rank, double number)
{
    const struct sl_json *next = NULL;
    double                next_rank = INFINITY;

    for (const struct sl_json *c = sl_json_first(list); c != NULL; c = sl_json_next(c)) {
        const double c_rank = layout_get_number(c, "rank_test_score");

        /* of equal ranks the list has them in the order of numbers */
        if (c_rank < next_rank &&
            (c_rank > rank || (c_rank == rank && layout_get_number(c, "candidate") > number))) {
            next = c;
            next_rank = c_rank;
        }
    }
    return next;
}

/* Parameters stand beside the rest, under names that nothing else has. */
static sl_status add_line(const struct sl_json *candidate, struct sl_json *list,
                          struct sl_error *err)
{
    static const char *const keys[] = {"rank_test_score", "mean_test_score", "std_test_score",
                                       "candidate", "features"};
    struct sl_json          *line;
    char                     name[80];
    sl_status                rc;

    SL_TRY(sl_json_add_object(list, NULL, &line, err));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (sl_json_find(candidate, keys[i]) != NULL)
            SL_TRY(sl_json_add_copy(line, keys[i], sl_json_find(candidate, keys[i]), err));
    for (const struct sl_json *p = sl_json_first(sl_json_find(candidate, "params")); p != NULL;
         p = sl_json_next(p)) {
        snprintf(name, sizeof name, "param_%s", sl_json_key(p));
        SL_TRY(sl_json_add_copy(line, name, p, err));
    }
out:
    return rc;
}

static sl_status add_lines(const struct sl_json *search, struct sl_json *list, struct sl_error *err)
{
    const struct sl_json *candidates = sl_json_find(search, "candidates");
    const struct sl_json *candidate = find_next(candidates, -1, -1);
    sl_status             rc = SL_OK;

    for (int i = 0; i < MOST_CANDIDATES && candidate != NULL; i++) {
        SL_TRY(add_line(candidate, list, err));
        candidate = find_next(candidates, layout_get_number(candidate, "rank_test_score"),
                              layout_get_number(candidate, "candidate"));
    }
out:
    return rc;
}

/* Columns of the parameters that were tried; names are kept in `keys`. */
static int add_columns(const struct sl_json *search, struct layout_column *columns, int n,
                       char keys[MOST_PARAMS][80])
{
    const struct sl_json *first = sl_json_first(sl_json_find(search, "candidates"));
    int                   i = 0;

    if (sl_json_find(first, "features") != NULL)
        columns[n++] = (struct layout_column){"features", "features", NULL, LAYOUT_TEXT, NULL};
    for (const struct sl_json *p = sl_json_first(sl_json_find(first, "params"));
         p != NULL && i < MOST_PARAMS; p = sl_json_next(p), i++) {
        snprintf(keys[i], sizeof keys[i], "param_%s", sl_json_key(p));
        columns[n++] = (struct layout_column){
            sl_json_key(p), keys[i], NULL,
            sl_json_kind(p) == SL_JSON_NUMBER ? LAYOUT_NUMBER : LAYOUT_TEXT, NULL};
    }
    return n;
}

static const char *plural(double n)
{
    return n == 1 ? "" : "s";
}

void sl_report_search(FILE *to, const struct sl_json *search)
{
    struct layout_column columns[5 + MOST_PARAMS] = {
        {"rank", "rank_test_score", NULL, LAYOUT_COUNT, NULL},
        {"candidate", "candidate", NULL, LAYOUT_COUNT, NULL},
        {"mean score", "mean_test_score", NULL, LAYOUT_FIXED, NULL},
        {"std", "std_test_score", NULL, LAYOUT_FIXED, NULL},
    };
    const double        n = (double)sl_json_count(sl_json_find(search, "candidates"));
    const double        n_splits = (double)sl_json_count(sl_json_find(search, "splits"));
    struct sl_json_doc *doc = NULL;
    struct sl_json     *list;
    struct sl_error     unused;
    char                keys[MOST_PARAMS][80];

    layout_text(to, layout_get_text(search, "estimator"));
    fprintf(to, ": %.0f candidate%s in %.0f split%s of %.0f rows, by %s\n\n", n, plural(n),
            n_splits, plural(n_splits), layout_get_number(search, "rows"),
            layout_get_text(search, "scoring"));
    if (sl_json_create(&doc, &unused) == SL_OK &&
        sl_json_add_list(sl_json_root(doc), "lines", &list, &unused) == SL_OK &&
        add_lines(search, list, &unused) == SL_OK)
        layout_table(to, list, columns, add_columns(search, columns, 4, keys));
    if (n > MOST_CANDIDATES)
        fprintf(to, "... %.0f more\n", n - MOST_CANDIDATES);
    sl_json_close(doc);
}

/* --- what would be done ----------------------------------------------------------------------- */

void sl_report_search_plan(FILE *to, const struct sl_json *plan)
{
    const double n = layout_get_number(plan, "partitions");

    layout_name(to, "job");
    layout_text(to, layout_get_text(plan, "job"));
    fputc('\n', to);
    layout_name(to, "estimator");
    fprintf(to, "%s, judged by %s\n", layout_get_text(plan, "estimator"),
            layout_get_text(plan, "scoring"));
    layout_name(to, "features");
    layout_words(to, sl_json_find(plan, "features"), 20);
    fputc('\n', to);
    layout_name(to, "reads");
    fprintf(to, "%.0f partition%s, %s%.0f rows\n", n, plural(n),
            sl_json_bool(sl_json_find(plan, "rows_are_exact")) ? "" : "about ",
            layout_get_number(plan, "rows"));
    layout_name(to, "fits");
    fprintf(to, "%.0f: %.0f candidates in %.0f splits\n", layout_get_number(plan, "fits"),
            layout_get_number(plan, "candidates"), layout_get_number(plan, "splits"));
    layout_name(to, "memory");
    fputs("about ", to);
    layout_size(to, plan, "memory_bytes");
    fputs(" a rank\n", to);
}
