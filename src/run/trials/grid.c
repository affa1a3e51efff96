/* Candidates, listed or drawn, and the paths by which they are fitted. */
#include "grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/memory.h"
#include "scoreline/numeric.h"

enum { MOST_CANDIDATES = 1000000 };

/* Values of one parameter, as the estimator knows them. */
struct axis {
    const struct sl_range_spec *range;
    const struct sl_param      *param;
    int                         index;  /* in the table of ops */
    double                     *values; /* [range->n_values] of a list */
};

struct axes {
    const struct sl_search_spec *spec;
    int                          n;
    struct axis                 *items; /* [n] in the order of names */
    int                          n_variants;
};

void grid_release(struct grid *grid)
{
    free(grid->tried);
    free(grid->variants);
    free(grid->params);
    *grid = (struct grid){.n = 0};
}

/* --- axes ------------------------------------------------------------------------------------- */

static sl_status check_value(const struct sl_model_ops *ops, const struct sl_range_spec *range,
                             struct sl_param_value given, int *index, double *value,
                             struct sl_error *err)
{
    sl_status rc;

    given.name = range->name;
    SL_TRY(sl_model_param(ops, &given, index, value, err));
    if (ops->params[*index].type == SL_PARAM_NUMBERS)
        rc = sl_fail(err, SL_EJOB, "lists of numbers are not tried, give one in train.params");
out:
    return rc;
}

static sl_status read_list(const struct sl_model_ops *ops, struct axis *axis, struct sl_error *err)
{
    const struct sl_range_spec *range = axis->range;
    sl_status                   rc =
        sl_alloc_array((size_t)range->n_values, sizeof *axis->values, &axis->values, err);

    for (int i = 0; rc == SL_OK && i < range->n_values; i++) {
        rc = check_value(ops, range, range->values[i], &axis->index, &axis->values[i], err);
        if (rc != SL_OK)
            sl_error_in(err, "$.search.params.%.100s[%d]", range->name, i);
    }
    return rc;
}

static sl_status read_distribution(const struct sl_model_ops *ops, struct axis *axis,
                                   struct sl_error *err)
{
    const struct sl_range_spec *range = axis->range;
    double                      unused;
    sl_status                   rc;

    SL_TRY(check_value(ops, range, (struct sl_param_value){.value = range->low}, &axis->index,
                       &unused, err));
    rc = check_value(ops, range, (struct sl_param_value){.value = range->high}, &axis->index,
                     &unused, err);
out:
    if (rc != SL_OK)
        sl_error_in(err, "$.search.params.%.100s", range->name);
    return rc;
}

static int by_name(const void *left, const void *right)
{
    const struct axis *a = left;
    const struct axis *b = right;

    return strcmp(a->range->name, b->range->name);
}

static sl_status axes_init(struct axes *axes, const struct sl_model_ops *ops, struct sl_error *err)
{
    const struct sl_search_spec *spec = axes->spec;
    sl_status                    rc;

    SL_TRY(sl_alloc_array((size_t)spec->n_params, sizeof *axes->items, &axes->items, err));
    for (; axes->n < spec->n_params; axes->n++) {
        struct axis *axis = &axes->items[axes->n];

        *axis = (struct axis){.range = &spec->params[axes->n]};
        rc = axis->range->draw == SL_DRAW_LIST ? read_list(ops, axis, err)
                                               : read_distribution(ops, axis, err);
        if (rc != SL_OK) {
            axes->n++; /* what it holds is released */
            goto out;
        }
        axis->param = &ops->params[axis->index];
    }
    if (axes->n > 0)
        qsort(axes->items, (size_t)axes->n, sizeof *axes->items, by_name);
out:
    return rc;
}

static void axes_release(struct axes *axes)
{
    for (int i = 0; i < axes->n; i++)
        free(axes->items[i].values);
    free(axes->items);
}

/* Of variants and lists; distributions count as one. */
static double count_cells(const struct axes *axes)
{
    double n = axes->n_variants;

    for (int i = 0; i < axes->n; i++)
        n *= axes->items[i].range->draw == SL_DRAW_LIST ? axes->items[i].range->n_values : 1;
    return n;
}

static bool are_lists(const struct axes *axes)
{
    for (int i = 0; i < axes->n; i++)
        if (axes->items[i].range->draw != SL_DRAW_LIST)
            return false;
    return true;
}

/* --- candidates ------------------------------------------------------------------------------- */

static sl_status make_room(struct grid *grid, const struct axes *axes, double n, const double *base,
                           struct sl_error *err)
{
    sl_status rc;

    if (n > MOST_CANDIDATES)
        return sl_fail(err, SL_EJOB,
                       "$.search: %.0f candidates, at most %d are allowed: try fewer values, or "
                       "draw with the method 'random'",
                       n, (int)MOST_CANDIDATES);
    grid->n = (size_t)n;
    SL_TRY(sl_alloc_array((size_t)axes->n, sizeof *grid->tried, &grid->tried, err));
    SL_TRY(sl_alloc_array(grid->n, sizeof *grid->variants, &grid->variants, err));
    SL_TRY(
        sl_alloc_array(grid->n * (size_t)grid->n_params, sizeof *grid->params, &grid->params, err));
    for (int i = 0; i < axes->n; i++)
        grid->tried[i] = axes->items[i].index;
    grid->n_tried = axes->n;
    for (size_t c = 0; c < grid->n; c++)
        for (int j = 0; j < grid->n_params; j++)
            grid->params[c * (size_t)grid->n_params + (size_t)j] = base[j];
out:
    return rc;
}

/* A cell of the grid as candidate c; the last axis goes fastest. */
static void put_cell(struct grid *grid, const struct axes *axes, size_t c, int64_t cell)
{
    double *params = grid->params + c * (size_t)grid->n_params;

    for (int i = axes->n - 1; i >= 0; i--) {
        const int n = axes->items[i].range->n_values;

        params[axes->items[i].index] = axes->items[i].values[cell % n];
        cell /= n;
    }
    grid->variants[c] = (int32_t)cell;
}

static double draw(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return (double)(sl_mix64(*state) >> 11) * 0x1p-53;
}

static double draw_value(const struct axis *axis, uint64_t *state)
{
    const struct sl_range_spec *range = axis->range;
    double                      u = draw(state), logs[2] = {range->low, range->high}, value;

    switch (range->draw) {
    case SL_DRAW_LIST:
        return axis->values[(int)(u * range->n_values)];
    case SL_DRAW_UNIFORM:
        value = range->low + u * (range->high - range->low);
        break;
    case SL_DRAW_LOGUNIFORM:
        sl_log_many(logs, 2, logs);
        value = logs[0] + u * (logs[1] - logs[0]);
        sl_exp_many(&value, 1, &value);
        break;
    }
    value = fmin(fmax(value, range->low), range->high); /* whatever rounding did */
    return axis->param->type == SL_PARAM_INTEGER ? floor(value) : value;
}

static void draw_candidates(struct grid *grid, const struct axes *axes)
{
    uint64_t state = (uint64_t)axes->spec->random_state;

    for (size_t c = 0; c < grid->n; c++) {
        double *params = grid->params + c * (size_t)grid->n_params;

        if (axes->n_variants > 1)
            grid->variants[c] = (int32_t)(draw(&state) * axes->n_variants);
        for (int i = 0; i < axes->n; i++)
            params[axes->items[i].index] = draw_value(&axes->items[i], &state);
    }
}

static bool is_among(const int64_t *cells, size_t n, int64_t cell)
{
    for (size_t i = 0; i < n; i++)
        if (cells[i] == cell)
            return true;
    return false;
}

static sl_status draw_cells(struct grid *grid, const struct axes *axes, double n_cells,
                            struct sl_error *err)
{
    uint64_t  state = (uint64_t)axes->spec->random_state;
    int64_t  *cells = NULL;
    sl_status rc = sl_alloc_array(grid->n, sizeof *cells, &cells, err);

    for (size_t c = 0; rc == SL_OK && c < grid->n; c++) {
        do
            cells[c] = (int64_t)(draw(&state) * n_cells);
        while (is_among(cells, c, cells[c]));
        put_cell(grid, axes, c, cells[c]);
    }
    free(cells);
    return rc;
}

static sl_status list_candidates(struct grid *grid, const struct axes *axes, const double *base,
                                 struct sl_error *err)
{
    const struct sl_search_spec *spec = axes->spec;
    const double                 n_cells = count_cells(axes);
    const double                 n_iter = (double)spec->n_iter;
    const bool is_whole = spec->method == SL_SEARCH_GRID || (are_lists(axes) && n_cells <= n_iter);
    sl_status  rc;

    SL_TRY(make_room(grid, axes, is_whole ? n_cells : n_iter, base, err));
    for (size_t c = 0; is_whole && c < grid->n; c++)
        put_cell(grid, axes, c, (int64_t)c);
    if (!is_whole && are_lists(axes) && n_cells < 0x1p50) /* else none comes twice anyhow */
        rc = draw_cells(grid, axes, n_cells, err);
    else if (!is_whole)
        draw_candidates(grid, axes);
out:
    return rc;
}

sl_status grid_make(const struct sl_search_spec *spec, const struct sl_model_ops *ops,
                    const double *base, int n_variants, struct grid *grid, struct sl_error *err)
{
    struct axes axes = {.spec = spec, .n_variants = n_variants};
    sl_status   rc;

    *grid = (struct grid){.ops = ops, .n_params = sl_model_n_values(ops, base)};
    SL_TRY(axes_init(&axes, ops, err));
    SL_TRY(list_candidates(grid, &axes, base, err));
out:
    axes_release(&axes);
    return rc;
}

/* --- paths ------------------------------------------------------------------------------------ */

/* A candidate on its way into order. */
struct placed {
    const struct grid *grid;
    int                path; /* the parameter along which fits go on, -1: none */
    size_t             candidate;
};

static const double *params_of(const struct placed *p)
{
    return p->grid->params + p->candidate * (size_t)p->grid->n_params;
}

static int32_t variant_of(const struct placed *p)
{
    return p->grid->variants[p->candidate];
}

/* By all but what they differ in along a path. */
static int compare_paths(const struct placed *a, const struct placed *b)
{
    if (variant_of(a) != variant_of(b))
        return variant_of(a) < variant_of(b) ? -1 : 1;
    for (int j = 0; j < a->grid->n_params; j++)
        if (j != a->path && params_of(a)[j] != params_of(b)[j])
            return params_of(a)[j] < params_of(b)[j] ? -1 : 1;
    return 0;
}

static int by_path(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    int                  order = compare_paths(a, b);

    if (order == 0 && a->path >= 0 && params_of(a)[a->path] != params_of(b)[a->path]) {
        order = params_of(a)[a->path] < params_of(b)[a->path] ? -1 : 1;
        order *= a->grid->ops->params[a->path].path;
    }
    return order != 0 ? order : (a->candidate > b->candidate) - (a->candidate < b->candidate);
}

static int find_path(const struct grid *grid)
{
    for (int i = 0; i < grid->n_tried; i++)
        if (grid->ops->params[grid->tried[i]].path != 0)
            return grid->tried[i];
    return -1;
}

/* Candidates [first, first + n) of the order, cut evenly. */
static void add_paths(struct grid_paths *paths, int32_t variant, size_t first, size_t n)
{
    const size_t n_pieces = (n + GRID_PATH - 1) / GRID_PATH;
    const size_t end = first + n;

    for (size_t i = 0; i < n_pieces; i++) {
        const size_t n_here = (end - first) / (n_pieces - i);

        paths->paths[paths->n_paths++] = (struct grid_path){variant, first, n_here};
        first += n_here;
    }
}

sl_status grid_paths_make(const struct grid *grid, struct grid_paths *paths, struct sl_error *err)
{
    const int      path = find_path(grid);
    struct placed *placed = NULL;
    size_t         begin = 0;
    sl_status      rc;

    *paths = (struct grid_paths){.n_paths = 0};
    SL_TRY(sl_alloc_array(grid->n, sizeof *placed, &placed, err));
    SL_TRY(sl_alloc_array(grid->n, sizeof *paths->order, &paths->order, err));
    SL_TRY(sl_alloc_array(grid->n, sizeof *paths->paths, &paths->paths, err));
    for (size_t c = 0; c < grid->n; c++)
        placed[c] = (struct placed){grid, path, c};
    qsort(placed, grid->n, sizeof *placed, by_path);
    for (size_t i = 0; i < grid->n; i++) {
        paths->order[i] = placed[i].candidate;
        if (i + 1 < grid->n && path >= 0 && compare_paths(&placed[i], &placed[i + 1]) == 0)
            continue;
        add_paths(paths, variant_of(&placed[i]), begin, i + 1 - begin);
        begin = i + 1;
    }
out:
    free(placed);
    return rc;
}

void grid_paths_release(struct grid_paths *paths)
{
    free(paths->paths);
    free(paths->order);
    *paths = (struct grid_paths){.n_paths = 0};
}
