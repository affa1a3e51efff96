/* Categorical features: the levels that training had, and the codes of a block.  A level that is
 * unknown, or missing where training missed none, counts in no column, unless the job says as what.
 */
#include <stdlib.h>
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"
#include "scoreline/number.h"

sl_status sl_feature_make_texts(struct sl_feature *feature, struct sl_error *err)
{
    return sl_alloc_array(SL_BLOCK_ROWS, sizeof *feature->texts, &feature->texts, err);
}

/* What is missing is told after blanks were taken off. */
void sl_feature_load_texts(const struct sl_recipe *recipe, struct sl_feature *feature,
                           size_t n_rows)
{
    const struct sl_slice *from = recipe->block_columns[feature->column].values.text;

    for (size_t i = 0; i < n_rows; i++) {
        const struct sl_slice text = feature->spec.trim ? sl_slice_trim(from[i]) : from[i];

        feature->texts[i] = sl_slice_is_among(text, recipe->missing.texts, recipe->missing.n)
                                ? (struct sl_slice){NULL, 0}
                                : text;
    }
}

/* --- learning --------------------------------------------------------------------------------- */

sl_status sl_recipe_learn(struct sl_recipe *recipe, struct sl_design *design, size_t row,
                          struct sl_error *err)
{
    struct sl_label *label = &recipe->label;
    char             text[32];
    struct sl_slice class = {text, 0};
    int32_t   number;
    sl_status rc = SL_OK;

    for (int j = 0; j < recipe->n_features; j++) {
        struct sl_feature *feature = &recipe->features[j];
        int32_t           *code;

        if (!sl_feature_is_categorical(feature))
            continue;
        code = &design->codes[(size_t)feature->index * design->x.ld + row];
        *code = -1;
        if (feature->texts[row].data != NULL)
            SL_TRY(sl_levels_add(&feature->levels, feature->texts[row], code, err));
    }
    if (label->is_number)
        return SL_OK;
    if (label->program.type == SL_EXPR_TEXT)
        class = label->texts[row];
    else if (!sl_label_text(design->label[row], text))
        return sl_fail(err, SL_EINPUT, "label is %.17g; classes are integers or texts",
                       design->label[row]);
    else
        class.n_bytes = strlen(text);
    SL_TRY(sl_levels_add(&label->classes, class, &number, err));
    if (label->classes.n > SL_MOST_CLASSES)
        return sl_fail(err, SL_EINPUT, "the label has more than %d classes", (int)SL_MOST_CLASSES);
    design->label[row] = number;
out:
    return rc;
}

/* Also where a level is named twice, "12 " and "12", its bytes are what counts. */
static sl_status find_unknown_as(struct sl_feature *feature, struct sl_error *err)
{
    const char *name = feature->spec.handle_unknown;

    feature->unknown_as = -1;
    if (strcmp(name, "ignore") == 0 || strcmp(name, "error") == 0)
        return SL_OK;
    feature->unknown_as = sl_levels_find(&feature->levels, (struct sl_slice){name, strlen(name)});
    if (feature->unknown_as >= 0)
        return SL_OK;
    return sl_fail(err, SL_EINPUT,
                   "feature '%s': handle_unknown is '%s', which is no level in the training rows "
                   "(nor 'ignore' or 'error')",
                   feature->spec.name, name);
}

static sl_status check_number(const struct sl_feature *feature, struct sl_error *err)
{
    if (feature->levels.n <= feature->spec.max_levels)
        return SL_OK;
    return sl_fail(err, SL_EINPUT,
                   "feature '%s': column '%s' has %d levels in the training rows, more than "
                   "max_levels %lld; is it an id? leave it out, or raise max_levels",
                   feature->spec.name, feature->spec.categorical, feature->levels.n,
                   (long long)feature->spec.max_levels);
}

/* Level numbers, of missing ones n. */
static sl_status profile_levels(const struct sl_comm *comm, struct sl_feature *feature,
                                const int32_t *levels, size_t n_rows, struct sl_error *err)
{
    const int32_t n = feature->levels.n;
    int64_t      *counts = NULL;
    sl_status     rc;

    rc = sl_alloc_array((size_t)n + 1, sizeof *counts, &counts, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    for (size_t i = 0; i < n_rows; i++)
        counts[levels[i]]++;
    sl_comm_sum_i64(comm, counts, (size_t)n + 1);
    sl_profile_release(&feature->profile);
    SL_TRY(sl_profile_init_levels(&feature->profile, counts, n, counts[n], err));
out:
    free(counts);
    return rc;
}

sl_status sl_feature_fit_levels(const struct sl_comm *comm, struct sl_feature *feature,
                                struct sl_design *set, struct sl_error *err)
{
    const size_t n = (size_t)feature->levels.n;
    int32_t     *codes = set->codes + (size_t)feature->index * set->x.ld;
    bool        *is_used = NULL;
    int32_t     *map = NULL;
    sl_status    rc;

    rc = sl_alloc_array(n, sizeof *is_used, &is_used, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n, sizeof *map, &map, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    feature->had_missing = false;
    for (size_t i = 0; i < set->x.n_rows; i++) {
        if (codes[i] >= 0)
            is_used[codes[i]] = true;
        feature->had_missing |= codes[i] < 0;
    }
    sl_comm_any(comm, is_used, n);
    sl_comm_any(comm, &feature->had_missing, 1);
    rc = sl_levels_settle(&feature->levels, SL_ORDER_BYTES, is_used, map, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(check_number(feature, err));
    SL_TRY(find_unknown_as(feature, err));
    for (size_t i = 0; i < set->x.n_rows; i++)
        codes[i] = codes[i] >= 0 ? map[codes[i]] : feature->levels.n;
    SL_TRY(profile_levels(comm, feature, codes, set->x.n_rows, err));
out:
    free(map);
    free(is_used);
    return rc;
}

void sl_feature_encode_set(const struct sl_feature *feature, struct sl_design *set)
{
    int32_t *codes = set->codes + (size_t)feature->index * set->x.ld;

    for (size_t i = 0; i < set->x.n_rows; i++)
        codes[i] = feature->codes[codes[i]];
}

/* --- scoring ---------------------------------------------------------------------------------- */

/* Of missing ones n, of unknown ones n + 1, and so of missing ones too where missing is a level and
 * training had it not. */
int32_t sl_feature_level(const struct sl_feature *feature, struct sl_slice text)
{
    const int32_t n = feature->levels.n;
    const bool    is_unknown = feature->spec.missing == SL_MISSING_LEVEL && !feature->had_missing;
    int32_t       level;

    if (text.data == NULL)
        return is_unknown ? n + 1 : n;
    level = sl_levels_find(&feature->levels, text);
    return level < 0 ? n + 1 : level;
}

void sl_feature_find_levels(const struct sl_feature *feature, struct sl_design *design)
{
    int32_t *to = design->codes + (size_t)feature->index * design->x.ld;

    for (size_t i = 0; i < design->x.n_rows; i++)
        to[i] = sl_feature_level(feature, feature->texts[i]);
}

/* Rows that may not be as they are.  What is missing is unknown, unless training missed it too. */
static void settle(const struct sl_recipe *recipe, int index, struct sl_design *design,
                   const int32_t *levels)
{
    const struct sl_feature     *feature = &recipe->features[index];
    const enum sl_missing_policy missing = feature->spec.missing;
    const int32_t                n = feature->levels.n;
    const bool    refuses_unknown = strcmp(feature->spec.handle_unknown, "error") == 0;
    const int32_t last_known = feature->had_missing ? n : n - 1;

    for (size_t i = 0; i < design->x.n_rows; i++) {
        const bool is_missing = levels[i] == n && missing != SL_MISSING_LEVEL;
        const bool is_refused = levels[i] > last_known && refuses_unknown && !is_missing;

        if (design->status[i] == SL_ROW_REJECTED || (!is_missing && !is_refused))
            continue;
        design->status[i] = SL_ROW_MISSING;
        if (is_refused || missing == SL_MISSING_ERROR)
            sl_design_fault(design, i, index);
    }
}

void sl_feature_encode(const struct sl_recipe *recipe, int index, const uint8_t *reject,
                       struct sl_design *design)
{
    const struct sl_feature *feature = &recipe->features[index];
    int32_t                 *codes = design->codes + (size_t)feature->index * design->x.ld;

    if (design->counts != NULL)
        sl_profile_count_levels(&feature->profile, codes, reject, design->x.n_rows,
                                design->counts + feature->first_count);
    settle(recipe, index, design, codes);
    for (size_t i = 0; i < design->x.n_rows; i++)
        codes[i] = feature->codes[codes[i]];
}
