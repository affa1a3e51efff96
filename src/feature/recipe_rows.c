/* What becomes of rows that lack something, and what is said of them. */
#include <math.h>
#include <stdio.h>

#include "recipe_impl.h"

static bool lacks(const struct sl_feature *feature, const struct sl_design *design, size_t row)
{
    if (sl_feature_is_categorical(feature))
        return feature->texts[row].data == NULL;
    return isnan(design->x.data[(size_t)feature->index * design->x.ld + row]);
}

enum sl_row_use sl_recipe_judge(const struct sl_recipe *recipe, const struct sl_design *design,
                                size_t row, int *feature)
{
    enum sl_row_use use = SL_ROW_USABLE;

    for (int j = 0; j < recipe->n_features; j++) {
        const enum sl_missing_policy missing = recipe->features[j].spec.missing;
        const bool is_fatal = missing == SL_MISSING_ERROR || missing == SL_MISSING_DROP_ROW;

        if (!is_fatal || !lacks(&recipe->features[j], design, row))
            continue;
        use = SL_ROW_LEFT_OUT;
        if (missing == SL_MISSING_ERROR) {
            *feature = j;
            return SL_ROW_FAULT;
        }
    }
    return use;
}

const char *sl_recipe_describe_missing(const struct sl_recipe *recipe, int feature, char *out,
                                       size_t out_bytes)
{
    const struct sl_feature *f = &recipe->features[feature];

    snprintf(out, out_bytes,
             "feature '%.100s' is missing; say in the job what to do (\"missing\": \"drop_row\"%s)",
             f->spec.name,
             sl_feature_is_categorical(f) ? " or \"level\"" : ", \"mean\", \"median\" or a number");
    return out;
}

const char *sl_recipe_describe_fault(const struct sl_recipe *recipe, const struct sl_design *design,
                                     char *out, size_t out_bytes)
{
    const struct sl_feature *f = &recipe->features[design->fault_feature];
    struct sl_slice          level = {NULL, 0};

    if (sl_feature_is_categorical(f))
        level = f->texts[design->fault_row];
    if (level.data == NULL && f->spec.missing != SL_MISSING_LEVEL)
        return sl_recipe_describe_missing(recipe, design->fault_feature, out, out_bytes);
    if (level.data == NULL) {
        snprintf(out, out_bytes,
                 "feature '%.100s' is missing, which it never was in training, and "
                 "\"handle_unknown\" is \"error\"",
                 f->spec.name);
        return out;
    }
    snprintf(out, out_bytes,
             "feature '%.100s': '%.*s' is no level that training had, and \"handle_unknown\" is "
             "\"error\"",
             f->spec.name, level.n_bytes < 60 ? (int)level.n_bytes : 60, level.data);
    for (char *c = out; *c != '\0'; c++)
        *c = (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
    return out;
}

enum { FEW_LEVELS = 100 }; /* never suspicious */

int sl_recipe_find_wide(const struct sl_recipe *recipe, int from, const char **name, int *n_levels)
{
    for (int j = from; j < recipe->n_features; j++) {
        const struct sl_feature *f = &recipe->features[j];
        const int64_t            tenth = f->spec.max_levels / 10;

        if (!sl_feature_is_categorical(f) ||
            f->levels.n <= (tenth > FEW_LEVELS ? tenth : FEW_LEVELS))
            continue;
        *name = f->spec.name;
        *n_levels = f->levels.n;
        return j;
    }
    return -1;
}
