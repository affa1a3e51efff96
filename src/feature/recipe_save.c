/* The recipe in a model file: each feature as the job has it, with what fitting learned beside it;
 * and which texts are missing, where any are read. */
#include "recipe_impl.h"

const char *const sl_feature_policies[] = {
    [SL_MISSING_ERROR] = "error",   [SL_MISSING_DROP_ROW] = "drop_row", [SL_MISSING_MEAN] = "mean",
    [SL_MISSING_MEDIAN] = "median", [SL_MISSING_LEVEL] = "level",
};
const char *const sl_feature_scales[] = {
    [SL_SCALE_NONE] = "none",
    [SL_SCALE_STANDARD] = "standard",
};
const char *const sl_feature_drops[] = {
    [SL_DROP_NONE] = "none",
    [SL_DROP_FIRST] = "first",
};

static sl_status save_number(const struct sl_feature *feature, struct sl_json *to,
                             struct sl_error *err)
{
    const struct sl_feature_spec *spec = &feature->spec;
    sl_status                     rc;

    SL_TRY(sl_json_add_text(to, spec->bare ? "column" : "expr", spec->expr, err));
    if (spec->missing == SL_MISSING_CONSTANT)
        SL_TRY(sl_json_add_number(to, "missing", spec->fill, err));
    else
        SL_TRY(sl_json_add_text(to, "missing", sl_feature_policies[spec->missing], err));
    SL_TRY(sl_json_add_text(to, "scale", sl_feature_scales[spec->scale], err));
    if (sl_feature_fills(feature))
        SL_TRY(sl_json_add_number(to, "fill", feature->fill, err));
    if (spec->scale == SL_SCALE_STANDARD) {
        SL_TRY(sl_json_add_number(to, "mean", feature->mean, err));
        SL_TRY(sl_json_add_number(to, "std", feature->std, err));
    }
    if (spec->indicator) {
        SL_TRY(sl_json_add_bool(to, "indicator", true, err));
        SL_TRY(sl_json_add_bool(to, "had_missing", feature->had_missing, err));
    }
out:
    return rc;
}

static sl_status save_categorical(const struct sl_feature *feature, struct sl_json *to,
                                  struct sl_error *err)
{
    const struct sl_feature_spec *spec = &feature->spec;
    sl_status                     rc;

    SL_TRY(sl_json_add_text(to, "categorical", spec->categorical, err));
    SL_TRY(sl_json_add_text(to, "missing", sl_feature_policies[spec->missing], err));
    SL_TRY(sl_json_add_text(to, "handle_unknown", spec->handle_unknown, err));
    SL_TRY(sl_json_add_text(to, "drop", sl_feature_drops[spec->drop], err));
    SL_TRY(sl_json_add_number(to, "max_levels", (double)spec->max_levels, err));
    SL_TRY(sl_json_add_bool(to, "trim", spec->trim, err));
    if (spec->missing == SL_MISSING_LEVEL)
        SL_TRY(sl_json_add_bool(to, "had_missing", feature->had_missing, err));
    SL_TRY(sl_levels_save(&feature->levels, to, "levels", err));
out:
    return rc;
}

static sl_status save_feature(const struct sl_feature *feature, struct sl_json *to,
                              struct sl_error *err)
{
    struct sl_json *object, *profile;
    sl_status       rc;

    SL_TRY(sl_json_add_object(to, NULL, &object, err));
    SL_TRY(sl_json_add_text(object, "name", feature->spec.name, err));
    SL_TRY(sl_feature_is_categorical(feature) ? save_categorical(feature, object, err)
                                              : save_number(feature, object, err));
    SL_TRY(sl_json_add_object(object, "profile", &profile, err));
    SL_TRY(sl_profile_save(&feature->profile, profile, err));
out:
    return rc;
}

bool sl_recipe_reads_texts(const struct sl_recipe *recipe)
{
    for (int i = 0; i < recipe->n_requests; i++)
        if (recipe->requests[i].type == SL_TEXT)
            return true;
    return false;
}

sl_status sl_recipe_save(const struct sl_recipe *recipe, struct sl_json *to, struct sl_error *err)
{
    const bool      is_integer = recipe->label.order == SL_ORDER_INTEGERS;
    const char     *type = recipe->label.is_number ? "number" : is_integer ? "integer" : "text";
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_orient_save(&recipe->orient, to, err));
    SL_TRY(sl_json_add_list(to, "features", &list, err));
    for (int j = 0; j < recipe->n_features; j++)
        SL_TRY(save_feature(&recipe->features[j], list, err));
    SL_TRY(sl_json_add_text(to, "label", recipe->label.expr, err));
    SL_TRY(sl_json_add_text(to, "label_type", type, err));
    if (recipe->weight != NULL)
        SL_TRY(sl_json_add_text(to, "weight", recipe->weight, err));
    if (!sl_recipe_reads_texts(recipe))
        return SL_OK;
    SL_TRY(sl_json_add_list(to, "missing", &list, err));
    for (int i = 0; i < recipe->missing.n; i++)
        SL_TRY(sl_json_add_text(list, NULL, recipe->missing.texts[i].data, err));
out:
    return rc;
}

sl_status sl_recipe_save_classes(const struct sl_recipe *recipe, struct sl_json *to,
                                 struct sl_error *err)
{
    return sl_levels_save(&recipe->label.classes, to, "classes", err);
}
