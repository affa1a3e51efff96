/* Which columns there are, and which of them cannot be features whatever they hold: those that a
 * job excepts, that tell the label, that are half a pair, that have no name. */
#include "candidates.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

const struct sl_group_spec *expand_group(const struct expander *x)
{
    return &x->run->job->recipe.group;
}

static sl_status add_column(struct expander *x, const char *name, struct sl_error *err)
{
    sl_status rc =
        sl_grow_array(&x->columns, &x->capacity, (size_t)x->n_columns + 1, sizeof *x->columns, err);

    if (rc != SL_OK)
        return rc;
    x->columns[x->n_columns] = (struct sl_column_request){.type = SL_TEXT};
    rc = sl_copy_text(name, &x->columns[x->n_columns].name, err);
    x->n_columns += rc == SL_OK;
    return rc;
}

static sl_status read_header(struct expander *x, struct sl_error *err)
{
    const struct sl_plan  *training = &x->run->training;
    struct sl_source_range range;
    const char            *name;
    sl_status              rc;

    if (training->n_partitions == 0 || training->partitions[0].n_files == 0)
        return sl_fail(err, SL_EINPUT, "nothing to train on: there are no files");
    range = run_range(training, 0, training->partitions[0].first_file);
    range.end_byte = 0;
    SL_TRY(sl_source_open(&x->run->job->input, &range, NULL, 0, &x->source, err));
    for (int64_t i = 0; (name = sl_source_column(x->source, i)) != NULL; i++)
        SL_TRY(add_column(x, name, err));
out:
    return rc;
}

static int find_column(const struct expander *x, const char *a, const char *b)
{
    const size_t n = strlen(a);

    for (int i = 0; i < x->n_columns; i++)
        if (strncmp(x->columns[i].name, a, n) == 0 && strcmp(x->columns[i].name + n, b) == 0)
            return i;
    return -1;
}

bool expand_is_listed(const struct expander *x, const struct candidate *c, char *const *names,
                      int n)
{
    const struct sl_orient_spec *orient = &x->run->job->recipe.orient;

    return sl_recipe_is_listed(orient, names, n, x->columns[c->columns[0]].name);
}

/* A name that no column has is a slip: what should have been left out would be learned from. */
static sl_status check_listed(const struct expander *x, const char *key, char *const *names, int n,
                              struct sl_error *err)
{
    const struct sl_orient_spec *orient = &x->run->job->recipe.orient;
    const char                 **known = NULL;
    char                         hint[200];
    sl_status                    rc;

    SL_TRY(sl_alloc_array((size_t)x->n_columns, sizeof *known, &known, err));
    for (int i = 0; i < x->n_columns; i++)
        known[i] = x->columns[i].name;
    for (int k = 0; k < n && rc == SL_OK; k++) {
        bool is_there = false;

        for (int i = 0; i < x->n_columns; i++)
            is_there = is_there || sl_recipe_is_listed(orient, &names[k], 1, known[i]);
        if (!is_there)
            rc = sl_fail(err, SL_EINPUT, "features.%s: '%s' has no column '%s'%s", key,
                         x->run->training.files[x->run->training.partitions[0].first_file].path,
                         names[k],
                         sl_suggest(names[k], known, (size_t)x->n_columns, hint, sizeof hint));
    }
out:
    free(known);
    return rc;
}

sl_status expand_leave_out(struct expander *x, const struct candidate *c, const char *why,
                           struct sl_error *err)
{
    struct run *run = x->run;
    size_t      capacity = (size_t)run->n_left_out;
    sl_status   rc = SL_OK;

    for (int k = 0; k < c->n && rc == SL_OK; k++) {
        SL_TRY(sl_grow_array(&run->left_out, &capacity, (size_t)run->n_left_out + 1,
                             sizeof *run->left_out, err));
        run->left_out[run->n_left_out] = (struct run_left_out){.why = why};
        SL_TRY(sl_copy_text(c->names[k], &run->left_out[run->n_left_out].column, err));
        run->n_left_out++;
    }
out:
    return rc;
}

/* Columns that label or weight read would tell what is to be found out; those that the coins read
 * are columns like any other. */
static bool tells_the_label(const struct expander *x, const struct candidate *c,
                            const struct sl_recipe *probe)
{
    int                             n;
    const struct sl_column_request *read = sl_recipe_requests(probe, &n);
    bool                            is_one = false;

    for (int k = 0; k < c->n; k++)
        for (int i = 0; i < n; i++)
            is_one = is_one || strcmp(read[i].name, x->columns[c->columns[k]].name) == 0;
    return is_one;
}

/* Why a column can be no feature, whatever its values are; NULL: it can. */
static const char *why_not_named(const char *name)
{
    if (name[0] == '\0')
        return "it has no name";
    return sl_slice_is_utf8((struct sl_slice){name, strlen(name)}) ? NULL : "its name is not UTF-8";
}

/* The same of one that is no pair. */
static const char *why_not(const struct sl_orient_spec *orient, const char *name, bool is_half)
{
    const char *why = why_not_named(name);

    if (why != NULL)
        return why;
    if (is_half)
        return "it would tell who came first: the other one of the two has none";
    if (orient->first != NULL && (strncmp(name, orient->as[0], strlen(orient->as[0])) == 0 ||
                                  strncmp(name, orient->as[1], strlen(orient->as[1])) == 0 ||
                                  strcmp(name, orient->label) == 0))
        return "orient gives its name to something else";
    return NULL;
}

/* The feature or features that column i stands for; of a pair the second column stands for none. */
static sl_status make_candidate(const struct expander *x, int i, struct candidate *c,
                                struct sl_error *err)
{
    const struct sl_orient_spec *orient = &x->run->job->recipe.orient;
    const char                  *name = x->columns[i].name;
    const size_t                 n_first = orient->first == NULL ? 0 : strlen(orient->first);
    const size_t                 n_second = orient->first == NULL ? 0 : strlen(orient->second);
    struct sl_text               text = {0};
    const bool is_first = n_first > 0 && strncmp(name, orient->first, n_first) == 0;
    const bool is_second =
        !is_first && n_second > 0 && strncmp(name, orient->second, n_second) == 0;
    int       second = -1;
    sl_status rc = SL_OK;

    *c = (struct candidate){.n = 0};
    if (is_first)
        second = find_column(x, orient->second, name + n_first);
    else if (is_second && find_column(x, orient->first, name + n_second) >= 0)
        return SL_OK;
    if (second < 0) {
        c->why_not = why_not(orient, name, is_first || is_second);
        c->columns[0] = i;
        SL_TRY(sl_copy_text(name, &c->names[0], err));
        c->n = 1;
        return SL_OK;
    }
    for (int k = 0; k < 2; k++) {
        text = (struct sl_text){0};
        SL_TRY(sl_text_add(&text, err, "%s%s", orient->as[k], name + n_first));
        c->columns[k] = k == 0 ? i : second;
        c->names[c->n++] = text.data;
    }
    c->why_not = why_not_named(name);
out:
    return rc;
}

static sl_status list_candidates(struct expander *x, const struct sl_recipe *probe,
                                 struct sl_error *err)
{
    const struct sl_group_spec *group = expand_group(x);
    sl_status                   rc;

    SL_TRY(sl_alloc_array((size_t)x->n_columns, sizeof *x->candidates, &x->candidates, err));
    for (int i = 0; i < x->n_columns; i++) {
        struct candidate *c = &x->candidates[x->n_candidates++];

        SL_TRY(make_candidate(x, i, c, err));
        if (c->n > 0 && !expand_is_listed(x, c, group->except, group->n_except)) {
            const char *why =
                tells_the_label(x, c, probe) ? "the label or the weight is made of it" : c->why_not;

            if (why == NULL)
                continue;
            SL_TRY(expand_leave_out(x, c, why, err));
        }
        for (int k = 0; k < c->n; k++)
            free(c->names[k]);
        x->n_candidates--;
    }
out:
    return rc;
}

/* What label and weight read, and nothing else: a recipe that has one feature for want of others
 * and tosses no coins. */
static sl_status make_probe(const struct expander *x, struct sl_recipe **probe,
                            struct sl_error *err)
{
    struct sl_recipe_spec  spec = x->run->job->recipe;
    char                   one[] = "1";
    struct sl_feature_spec feature = {.name = one, .expr = one};

    spec.n_features = 1;
    spec.features = &feature;
    spec.orient.n_key = 0;
    return sl_recipe_create(&spec, true, probe, err);
}

sl_status expand_list_candidates(struct expander *x, struct sl_error *err)
{
    const struct sl_group_spec *group = expand_group(x);
    struct sl_recipe           *probe = NULL;
    sl_status                   rc;

    SL_TRY(make_probe(x, &probe, err));
    SL_TRY(read_header(x, err));
    SL_TRY(check_listed(x, "all_except", group->except, group->n_except, err));
    SL_TRY(check_listed(x, "categorical", group->categorical, group->n_categorical, err));
    SL_TRY(list_candidates(x, probe, err));
out:
    sl_recipe_free(probe);
    return rc;
}
