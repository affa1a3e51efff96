/* The label's classes: texts in byte order, or integers in theirs.  A column whose values in
 * training are all integers has integers as classes, however they are written ("1", "01", "1.0").
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/decimal.h"
#include "scoreline/memory.h"
#include "scoreline/number.h"

bool sl_label_text(double value, char out[32])
{
    if (!(fabs(value) < 0x1p53) || value != floor(value))
        return false;
    out[sl_format_i64((int64_t)value, out)] = '\0';
    return true;
}

bool sl_class_text(struct sl_slice text, char out[32])
{
    double value;

    return sl_parse_f64(text, &value) && sl_label_text(value, out);
}

/* --- learning --------------------------------------------------------------------------------- */

static bool all_are_integers(const struct sl_levels *levels, const bool *is_used)
{
    char text[32];

    for (int32_t i = 0; i < levels->n; i++)
        if (is_used[i] && !sl_class_text(sl_levels_get(levels, i), text))
            return false;
    return true;
}

/* Texts that are one integer become one level: map [levels.n] says which. */
static sl_status merge_integers(struct sl_levels *levels, bool *is_used, int32_t *map,
                                struct sl_error *err)
{
    struct sl_levels merged = {0};
    char             text[32];
    sl_status        rc = SL_OK;

    for (int32_t i = 0; i < levels->n; i++) {
        map[i] = -1;
        if (is_used[i] && sl_class_text(sl_levels_get(levels, i), text))
            SL_TRY(sl_levels_add(&merged, (struct sl_slice){text, strlen(text)}, &map[i], err));
    }
    for (int32_t i = 0; i < merged.n; i++)
        is_used[i] = true;
    sl_levels_release(levels);
    *levels = merged;
    merged = (struct sl_levels){0};
out:
    sl_levels_release(&merged);
    return rc;
}

static void renumber(double *label, size_t n_rows, const int32_t *map)
{
    for (size_t i = 0; i < n_rows; i++)
        label[i] = map[(int32_t)label[i]];
}

/* Numbers that are no classes are met by those who think of a regression. */
static sl_status refuse_fractions(const struct sl_label *label, struct sl_error *err)
{
    struct sl_slice fraction = {0};
    double          value;

    for (int32_t i = 0; i < label->classes.n; i++) {
        const struct sl_slice text = sl_levels_get(&label->classes, i);

        if (!sl_parse_f64(text, &value))
            return SL_OK;
        if (value != floor(value))
            fraction = text;
    }
    if (fraction.data == NULL)
        return SL_OK;
    return sl_fail(err, SL_EINPUT,
                   "label '%s' has numbers that are not whole (%.*s), which are no classes: make a "
                   "condition of it, as in \"%s > %.*s\"",
                   label->expr, (int)fraction.n_bytes, fraction.data, label->expr,
                   (int)fraction.n_bytes, fraction.data);
}

static sl_status check_classes(const struct sl_label *label, size_t n_rows, struct sl_error *err)
{
    const struct sl_slice only =
        label->classes.n == 1 ? sl_levels_get(&label->classes, 0) : (struct sl_slice){"", 0};

    if (label->classes.n != 1)
        return SL_OK;
    return sl_fail(err, SL_EINPUT,
                   "all %zu training rows are of class %.*s, nothing can be learned from one "
                   "class: train on partitions that hold both, or mend the label",
                   n_rows, only.n_bytes < 100 ? (int)only.n_bytes : 100, only.data);
}

sl_status sl_recipe_fit_label(const struct sl_comm *comm, struct sl_recipe *recipe,
                              struct sl_design *set, struct sl_error *err)
{
    struct sl_label *label = &recipe->label;
    const size_t     n = (size_t)label->classes.n;
    int64_t          n_rows = (int64_t)set->x.n_rows;
    bool            *is_used = NULL;
    int32_t         *map = NULL;
    sl_status        rc;

    if (label->is_number)
        return SL_OK;
    rc = sl_alloc_array(n, sizeof *is_used, &is_used, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n, sizeof *map, &map, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    for (size_t i = 0; i < set->x.n_rows; i++)
        is_used[(int32_t)set->label[i]] = true;
    sl_comm_any(comm, is_used, n);
    sl_comm_sum_i64(comm, &n_rows, 1);
    label->order = SL_ORDER_BYTES;
    if (all_are_integers(&label->classes, is_used)) {
        label->order = SL_ORDER_INTEGERS;
        SL_TRY(merge_integers(&label->classes, is_used, map, err));
        renumber(set->label, set->x.n_rows, map);
    }
    SL_TRY(sl_levels_settle(&label->classes, label->order, is_used, map, err));
    renumber(set->label, set->x.n_rows, map);
    SL_TRY(refuse_fractions(label, err));
    SL_TRY(check_classes(label, (size_t)n_rows, err));
    SL_TRY(sl_recipe_list_classes(recipe, err));
out:
    free(map);
    free(is_used);
    return rc;
}

/* --- scoring ---------------------------------------------------------------------------------- */

sl_status sl_recipe_list_classes(struct sl_recipe *recipe, struct sl_error *err)
{
    struct sl_label *label = &recipe->label;
    char             text[32];
    sl_status        rc;

    free(recipe->classes);
    recipe->classes = NULL;
    SL_TRY(
        sl_alloc_array((size_t)label->classes.n, sizeof *recipe->classes, &recipe->classes, err));
    for (int32_t i = 0; i < label->classes.n; i++)
        recipe->classes[i] = sl_levels_get(&label->classes, i);
    for (int v = 0; v < (int)(sizeof label->small / sizeof *label->small); v++) {
        snprintf(text, sizeof text, "%d", v);
        label->small[v] = sl_levels_find(&label->classes, (struct sl_slice){text, strlen(text)});
    }
out:
    return rc;
}

static int32_t class_of_number(const struct sl_label *label, double value)
{
    char text[32];

    if (value >= 0.0 && value < 256.0 && value == floor(value))
        return label->small[(int)value];
    if (!sl_label_text(value, text))
        return -1;
    return sl_levels_find(&label->classes, (struct sl_slice){text, strlen(text)});
}

static int32_t class_of_text(const struct sl_label *label, struct sl_slice text)
{
    int32_t class = sl_levels_find(&label->classes, text);
    double value;

    if (class < 0 && label->order == SL_ORDER_INTEGERS && sl_parse_f64(text, &value))
        class = class_of_number(label, value);
    return class;
}

int32_t sl_recipe_class_of(const struct sl_recipe *recipe, struct sl_slice text)
{
    const int32_t class = class_of_text(&recipe->label, text);

    return class >= 0 ? class : SL_LABEL_OTHER;
}

void sl_recipe_classify(const struct sl_recipe *recipe, struct sl_design *design)
{
    const struct sl_label *label = &recipe->label;
    const bool             is_text = label->program.type == SL_EXPR_TEXT;

    for (size_t i = 0; !label->is_number && i < design->x.n_rows; i++) {
        int32_t class;

        if (isnan(design->label[i]))
            continue;
        class = is_text ? class_of_text(label, label->texts[i])
                        : class_of_number(label, design->label[i]);
        design->label[i] = class >= 0 ? class : SL_LABEL_OTHER;
    }
}
