/* The recipe in a model file: each feature as the job has it, with what fitting learned beside it;
 * and where expressions look at texts, which of them are missing. */
#include "recipe_impl.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/json_need.h"
#include "scoreline/memory.h"

const char *const sl_feature_policies[] = {
    [SL_MISSING_ERROR] = "error",
    [SL_MISSING_DROP_ROW] = "drop_row",
    [SL_MISSING_MEAN] = "mean",
    [SL_MISSING_MEDIAN] = "median",
};
const char *const sl_feature_scales[] = {
    [SL_SCALE_NONE] = "none",
    [SL_SCALE_STANDARD] = "standard",
};

/* What a feature's object says; texts are borrowed from the document. */
struct loaded {
    struct sl_feature_spec *specs;
    struct sl_feature      *learned; /* fill, mean, std and had_missing only */
};

static sl_status save_feature(const struct sl_feature *feature, struct sl_json *to,
                              struct sl_error *err);
static sl_status load_feature(const struct sl_json_doc *doc, const struct sl_json *from,
                              struct sl_feature_spec *spec, struct sl_feature *learned,
                              struct sl_error *err);
static sl_status load_texts(const struct sl_json_doc *doc, const struct sl_json *from,
                            struct sl_recipe_spec *spec, struct sl_error *err);
static sl_status build(const struct sl_json_doc *doc, const struct sl_json *from,
                       const struct sl_recipe_spec *spec, const struct sl_feature *learned,
                       struct sl_recipe **out, struct sl_error *err);

static bool reads_texts(const struct sl_recipe *recipe)
{
    for (int i = 0; i < recipe->n_requests; i++) {
        if (recipe->requests[i].type == SL_TEXT)
            return true;
    }
    return false;
}

sl_status sl_recipe_save(const struct sl_recipe *recipe, struct sl_json *to, struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, "features", &list, err));
    for (int j = 0; j < recipe->n_features; j++)
        SL_TRY(save_feature(&recipe->features[j], list, err));
    SL_TRY(sl_json_add_text(to, "label", recipe->label, err));
    if (!reads_texts(recipe))
        return SL_OK;
    SL_TRY(sl_json_add_list(to, "missing", &list, err));
    for (int i = 0; i < recipe->missing.n; i++)
        SL_TRY(sl_json_add_text(list, NULL, recipe->missing.texts[i].data, err));
out:
    return rc;
}

static sl_status save_feature(const struct sl_feature *feature, struct sl_json *to,
                              struct sl_error *err)
{
    const struct sl_feature_spec *spec = &feature->spec;
    struct sl_json               *object;
    sl_status                     rc;

    SL_TRY(sl_json_add_object(to, NULL, &object, err));
    SL_TRY(sl_json_add_text(object, "name", spec->name, err));
    SL_TRY(sl_json_add_text(object, spec->bare ? "column" : "expr", spec->expr, err));
    if (spec->missing == SL_MISSING_CONSTANT)
        SL_TRY(sl_json_add_number(object, "missing", spec->fill, err));
    else
        SL_TRY(sl_json_add_text(object, "missing", sl_feature_policies[spec->missing], err));
    SL_TRY(sl_json_add_text(object, "scale", sl_feature_scales[spec->scale], err));
    if (sl_feature_fills(feature))
        SL_TRY(sl_json_add_number(object, "fill", feature->fill, err));
    if (spec->scale == SL_SCALE_STANDARD) {
        SL_TRY(sl_json_add_number(object, "mean", feature->mean, err));
        SL_TRY(sl_json_add_number(object, "std", feature->std, err));
    }
    if (spec->indicator) {
        SL_TRY(sl_json_add_bool(object, "indicator", true, err));
        SL_TRY(sl_json_add_bool(object, "had_missing", feature->had_missing, err));
    }
out:
    return rc;
}

sl_status sl_recipe_load(const struct sl_json_doc *doc, const struct sl_json *from,
                         struct sl_recipe **out, struct sl_error *err)
{
    static const char *const keys[] = {"features", "label", "missing"};
    struct loaded            loaded = {0};
    struct sl_recipe_spec    spec = {0};
    const struct sl_json    *list, *label;
    size_t                   j = 0;
    sl_status                rc;

    SL_TRY(sl_json_only(doc, from, keys, sizeof keys / sizeof *keys, err));
    SL_TRY(sl_json_need(doc, from, "features", SL_JSON_LIST, &list, err));
    SL_TRY(sl_json_need(doc, from, "label", SL_JSON_TEXT, &label, err));
    SL_TRY(sl_alloc_array(sl_json_count(list), sizeof *loaded.specs, &loaded.specs, err));
    SL_TRY(sl_alloc_array(sl_json_count(list), sizeof *loaded.learned, &loaded.learned, err));
    for (const struct sl_json *item = sl_json_first(list); item != NULL;
         item = sl_json_next(item)) {
        SL_TRY(load_feature(doc, item, &loaded.specs[j], &loaded.learned[j], err));
        j++;
    }
    SL_TRY(sl_int_from_i64((int64_t)j, "number of features", &spec.n_features, err));
    SL_TRY(sl_copy_text(sl_json_text(label), &spec.label, err));
    SL_TRY(load_texts(doc, from, &spec, err));
    spec.features = loaded.specs;
    SL_TRY(build(doc, from, &spec, loaded.learned, out, err));
out:
    for (size_t i = 0; i < j; i++) {
        free(loaded.specs[i].name);
        free(loaded.specs[i].expr);
    }
    free(spec.label);
    free(spec.missing);
    free(loaded.specs);
    free(loaded.learned);
    return rc;
}

/* "missing" of a recipe that reads texts; its texts are borrowed from the document. */
static sl_status load_texts(const struct sl_json_doc *doc, const struct sl_json *from,
                            struct sl_recipe_spec *spec, struct sl_error *err)
{
    const struct sl_json *list;
    sl_status             rc = SL_OK;

    if (sl_json_find(from, "missing") == NULL)
        return SL_OK;
    SL_TRY(sl_json_need(doc, from, "missing", SL_JSON_LIST, &list, err));
    SL_TRY(sl_alloc_array(sl_json_count(list), sizeof *spec->missing, &spec->missing, err));
    for (const struct sl_json *item = sl_json_first(list); item != NULL;
         item = sl_json_next(item)) {
        if (sl_json_kind(item) != SL_JSON_TEXT)
            return sl_json_fail(doc, item, SL_EJOB, err, "expected a text, got %s",
                                sl_json_kind_name(sl_json_kind(item)));
        spec->missing[spec->n_missing++] = (char *)(uintptr_t)sl_json_text(item);
    }
out:
    return rc;
}

/* Names of a faulty recipe are told with the path of the recipe in the file. */
static sl_status build(const struct sl_json_doc *doc, const struct sl_json *from,
                       const struct sl_recipe_spec *spec, const struct sl_feature *learned,
                       struct sl_recipe **out, struct sl_error *err)
{
    struct sl_error fault;
    sl_status       rc = sl_recipe_create(spec, out, &fault);

    if (rc == SL_EJOB || rc == SL_EUNSUPPORTED)
        return sl_json_fail(doc, from, rc, err, "%s", fault.text);
    if (rc != SL_OK) {
        *err = fault;
        return rc;
    }
    if (reads_texts(*out) != (sl_json_find(from, "missing") != NULL)) {
        bool reads = reads_texts(*out);

        sl_recipe_free(*out);
        *out = NULL;
        return sl_json_fail(doc, from, SL_EJOB, err,
                            reads ? "missing key 'missing'" : "'missing' without texts to read");
    }
    for (int j = 0; j < spec->n_features; j++) {
        (*out)->features[j].fill = learned[j].fill;
        (*out)->features[j].mean = learned[j].mean;
        (*out)->features[j].std = learned[j].std;
        (*out)->features[j].had_missing = learned[j].had_missing;
    }
    (*out)->is_fitted = true;
    return sl_recipe_list_columns(*out, err);
}

/* The index of the text member `key` among names [n]. */
static sl_status load_choice(const struct sl_json_doc *doc, const struct sl_json *value,
                             const char *const *names, size_t n, size_t *out, struct sl_error *err)
{
    const char *text = sl_json_text(value);
    char        hint[128];

    for (*out = 0; text != NULL && *out < n; ++*out) {
        if (strcmp(names[*out], text) == 0)
            return SL_OK;
    }
    return sl_json_fail(doc, value, SL_EJOB, err, "unknown choice%s",
                        text == NULL ? "" : sl_suggest(text, names, n, hint, sizeof hint));
}

static sl_status load_missing(const struct sl_json_doc *doc, const struct sl_json *from,
                              struct sl_feature_spec *spec, struct sl_error *err)
{
    const struct sl_json *value = sl_json_find(from, "missing");
    size_t                choice = SL_MISSING_CONSTANT;
    sl_status             rc;

    if (value != NULL && sl_json_kind(value) == SL_JSON_NUMBER) {
        SL_TRY(sl_json_need_number(doc, from, "missing", &spec->fill, err));
    } else {
        SL_TRY(sl_json_need(doc, from, "missing", SL_JSON_TEXT, &value, err));
        SL_TRY(load_choice(doc, value, sl_feature_policies, SL_MISSING_CONSTANT, &choice, err));
    }
    spec->missing = (enum sl_missing_policy)choice;
out:
    return rc;
}

static sl_status load_scale(const struct sl_json_doc *doc, const struct sl_json *from,
                            struct sl_feature_spec *spec, struct sl_error *err)
{
    const struct sl_json *value;
    size_t                choice;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, "scale", SL_JSON_TEXT, &value, err));
    SL_TRY(load_choice(doc, value, sl_feature_scales, SL_SCALE_STANDARD + 1, &choice, err));
    spec->scale = (enum sl_scale)choice;
out:
    return rc;
}

/* The option is written only where it is true. */
static sl_status load_indicator(const struct sl_json_doc *doc, const struct sl_json *from,
                                struct sl_feature_spec *spec, struct sl_feature *learned,
                                struct sl_error *err)
{
    const struct sl_json *value;
    sl_status             rc = SL_OK;

    if (sl_json_find(from, "indicator") == NULL)
        return SL_OK;
    SL_TRY(sl_json_need(doc, from, "indicator", SL_JSON_BOOL, &value, err));
    if (!sl_json_bool(value))
        return sl_json_fail(doc, value, SL_EJOB, err, "expected true");
    spec->indicator = true;
    SL_TRY(sl_json_need(doc, from, "had_missing", SL_JSON_BOOL, &value, err));
    learned->had_missing = sl_json_bool(value);
out:
    return rc;
}

static sl_status load_learned(const struct sl_json_doc *doc, const struct sl_json *from,
                              const struct sl_feature_spec *spec, struct sl_feature *learned,
                              struct sl_error *err)
{
    sl_status rc = SL_OK;

    learned->spec.missing = spec->missing;
    learned->std = 1.0;
    if (sl_feature_fills(learned))
        SL_TRY(sl_json_need_number(doc, from, "fill", &learned->fill, err));
    if (spec->scale == SL_SCALE_STANDARD) {
        SL_TRY(sl_json_need_number(doc, from, "mean", &learned->mean, err));
        SL_TRY(sl_json_need_number(doc, from, "std", &learned->std, err));
    }
    if (!(learned->std > 0.0))
        rc = sl_json_fail(doc, sl_json_find(from, "std"), SL_EJOB, err, "expected more than 0");
out:
    return rc;
}

/* Which members a feature has follows from its options; any other is refused. */
static sl_status check_members(const struct sl_json_doc *doc, const struct sl_json *from,
                               const struct sl_feature_spec *spec, struct sl_error *err)
{
    struct sl_feature feature = {.spec = *spec};
    const char       *keys[9] = {"name", spec->bare ? "column" : "expr", "missing", "scale"};
    size_t            n = 4;

    if (sl_feature_fills(&feature))
        keys[n++] = "fill";
    if (spec->scale == SL_SCALE_STANDARD) {
        keys[n++] = "mean";
        keys[n++] = "std";
    }
    if (spec->indicator) {
        keys[n++] = "indicator";
        keys[n++] = "had_missing";
    }
    return sl_json_only(doc, from, keys, n, err);
}

/* On failure nothing is left to free. */
static sl_status load_feature(const struct sl_json_doc *doc, const struct sl_json *from,
                              struct sl_feature_spec *spec, struct sl_feature *learned,
                              struct sl_error *err)
{
    const char *name, *expr;
    sl_status   rc;

    SL_TRY(sl_json_need_text(doc, from, "name", &name, err));
    spec->bare = sl_json_find(from, "column") != NULL;
    SL_TRY(sl_json_need_text(doc, from, spec->bare ? "column" : "expr", &expr, err));
    SL_TRY(load_missing(doc, from, spec, err));
    SL_TRY(load_scale(doc, from, spec, err));
    SL_TRY(load_indicator(doc, from, spec, learned, err));
    SL_TRY(check_members(doc, from, spec, err));
    SL_TRY(load_learned(doc, from, spec, learned, err));
    SL_TRY(sl_copy_text(name, &spec->name, err));
    SL_TRY(sl_copy_text(expr, &spec->expr, err));
out:
    if (rc != SL_OK) {
        free(spec->name);
        spec->name = NULL;
    }
    return rc;
}
