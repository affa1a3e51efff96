/* The recipe out of a model file, which may come from anywhere: every member has its type, none is
 * unknown, and what was learned fits what is asked for. */
#include <stdlib.h>
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"

/* What a feature's object says.  Texts of specs are borrowed from the document. */
struct loaded {
    size_t                  n; /* of them, that were looked at */
    struct sl_feature_spec *specs;
    struct sl_feature      *learned; /* fill, mean, std, had_missing, levels and profile only */
};

static void loaded_release(struct sl_feature *learned)
{
    sl_levels_release(&learned->levels);
    sl_profile_release(&learned->profile);
}

static sl_status load_features(const struct sl_json_doc *doc, const struct sl_json *from,
                               struct loaded *loaded, struct sl_error *err)
{
    const struct sl_json *list;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, "features", SL_JSON_LIST, &list, err));
    if (sl_json_count(list) > SL_MAX_FEATURES)
        return sl_json_fail(doc, list, SL_EJOB, err, "%zu features, at most %d are possible",
                            sl_json_count(list), (int)SL_MAX_FEATURES);
    SL_TRY(sl_alloc_array(sl_json_count(list), sizeof *loaded->specs, &loaded->specs, err));
    SL_TRY(sl_alloc_array(sl_json_count(list), sizeof *loaded->learned, &loaded->learned, err));
    for (const struct sl_json *item = sl_json_first(list); item != NULL;
         item = sl_json_next(item)) {
        const size_t j = loaded->n++;

        SL_TRY(sl_feature_load(doc, item, &loaded->specs[j], &loaded->learned[j], err));
    }
out:
    return rc;
}

/* "missing" of a recipe that reads texts. */
static sl_status load_missing_texts(const struct sl_json_doc *doc, const struct sl_json *from,
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
        spec->missing[spec->n_missing++] = sl_borrowed(sl_json_text(item));
    }
out:
    return rc;
}

/* Orientation, label and weight. */
static sl_status load_rest(const struct sl_json_doc *doc, const struct sl_json *from,
                           struct sl_recipe_spec *spec, struct sl_error *err)
{
    const struct sl_json *orient = sl_json_find(from, "orient");
    const struct sl_json *type;
    const char           *text;
    sl_status             rc = SL_OK;

    if (orient != NULL)
        SL_TRY(sl_orient_load(doc, orient, &spec->orient, err));
    SL_TRY(sl_json_need_text(doc, from, "label", &text, err));
    spec->label = sl_borrowed(text);
    type = sl_json_find(from, "label_type");
    text = type == NULL ? NULL : sl_json_text(type);
    spec->label_is_number = text != NULL && strcmp(text, "number") == 0;
    if (sl_json_find(from, "weight") != NULL) {
        SL_TRY(sl_json_need_name(doc, from, "weight", &text, err));
        spec->weight = sl_borrowed(text);
    }
    SL_TRY(load_missing_texts(doc, from, spec, err));
out:
    return rc;
}

/* Classes are integers if all of them are, and then written in one way alone. */
static sl_status check_classes(const struct sl_json_doc *doc, const struct sl_json *model,
                               const struct sl_json *from, const struct sl_label *label,
                               struct sl_error *err)
{
    const struct sl_json *item = sl_json_first(sl_json_find(model, "classes"));
    int32_t               n_integers = 0;
    char                  text[32];

    for (int32_t i = 0; i < label->classes.n; i++, item = sl_json_next(item)) {
        const struct sl_slice class = sl_levels_get(&label->classes, i);
        const bool is_integer = sl_class_text(class, text);

        n_integers += is_integer;
        if (label->order == SL_ORDER_INTEGERS && !(is_integer && sl_slice_equals(class, text)))
            return sl_json_fail(doc, item, SL_EJOB, err, "expected the digits of an integer");
    }
    if (label->order == SL_ORDER_INTEGERS)
        return SL_OK;
    if (n_integers == label->classes.n || label->program.type != SL_EXPR_TEXT)
        return sl_json_fail(
            doc, sl_json_find(from, "label_type"), SL_EJOB, err, "expected \"integer\": %s",
            n_integers == label->classes.n ? "all classes are" : "the label is a number");
    return SL_OK;
}

static sl_status load_classes(const struct sl_json_doc *doc, const struct sl_json *model,
                              const struct sl_json *from, struct sl_recipe *recipe,
                              struct sl_error *err)
{
    struct sl_label *label = &recipe->label;
    const char      *type;
    sl_status        rc;

    if (label->is_number && sl_json_find(model, "classes") != NULL)
        return sl_json_fail(doc, sl_json_find(model, "classes"), SL_EJOB, err,
                            "the label is a number, which has no classes");
    if (label->is_number)
        return SL_OK;
    SL_TRY(sl_json_need_text(doc, from, "label_type", &type, err));
    label->order = strcmp(type, "integer") == 0 ? SL_ORDER_INTEGERS : SL_ORDER_BYTES;
    if (label->order == SL_ORDER_BYTES && strcmp(type, "text") != 0)
        return sl_json_fail(doc, sl_json_find(from, "label_type"), SL_EJOB, err,
                            "expected \"text\", \"integer\" or \"number\"");
    SL_TRY(
        sl_levels_load(doc, model, "classes", label->order, SL_MOST_CLASSES, &label->classes, err));
    if (label->classes.n < 2)
        return sl_json_fail(doc, sl_json_find(model, "classes"), SL_EJOB, err,
                            "expected at least 2 classes, got %d", label->classes.n);
    SL_TRY(check_classes(doc, model, from, label, err));
    SL_TRY(sl_recipe_list_classes(recipe, err));
out:
    return rc;
}

/* What was learned moves into the recipe. */
static sl_status take_learned(const struct sl_json_doc *doc, const struct sl_json *from,
                              struct loaded *loaded, struct sl_recipe *recipe, struct sl_error *err)
{
    const struct sl_json *item = sl_json_first(sl_json_find(from, "features"));

    for (size_t j = 0; j < loaded->n; j++, item = sl_json_next(item)) {
        struct sl_feature *to = &recipe->features[j];
        struct sl_feature *learned = &loaded->learned[j];
        const char        *unknown = to->spec.handle_unknown;

        to->fill = learned->fill;
        to->mean = learned->mean;
        to->std = learned->std;
        to->had_missing = learned->had_missing;
        to->profile = learned->profile;
        learned->profile = (struct sl_profile){.n_bins = 0};
        if (!sl_feature_is_categorical(to))
            continue;
        to->levels = learned->levels;
        learned->levels = (struct sl_levels){0};
        if (strcmp(unknown, "ignore") == 0 || strcmp(unknown, "error") == 0)
            continue;
        to->unknown_as = sl_levels_find(&to->levels, (struct sl_slice){unknown, strlen(unknown)});
        if (to->unknown_as < 0)
            return sl_json_fail(doc, sl_json_find(item, "handle_unknown"), SL_EJOB, err,
                                "is no level of the feature");
    }
    return SL_OK;
}

/* Names of a faulty recipe are told with the path of the recipe in the file. */
static sl_status create(const struct sl_json_doc *doc, const struct sl_json *from,
                        const struct sl_recipe_spec *spec, struct sl_recipe **out,
                        struct sl_error *err)
{
    struct sl_error fault;
    sl_status       rc = sl_recipe_create(spec, false, out, &fault);

    if (rc == SL_EJOB || rc == SL_EUNSUPPORTED)
        return sl_json_fail(doc, from, rc, err, "%s", fault.text);
    if (rc != SL_OK)
        *err = fault;
    return rc;
}

static sl_status build(const struct sl_json_doc *doc, const struct sl_json *model,
                       const struct sl_json *from, const struct sl_recipe_spec *spec,
                       struct loaded *loaded, struct sl_recipe **out, struct sl_error *err)
{
    struct sl_recipe *recipe = NULL;
    bool              reads;
    sl_status         rc;

    SL_TRY(create(doc, from, spec, &recipe, err));
    reads = sl_recipe_reads_texts(recipe);
    if (reads != (sl_json_find(from, "missing") != NULL)) {
        rc = sl_json_fail(doc, from, SL_EJOB, err,
                          reads ? "missing key 'missing'" : "'missing' without texts to read");
        goto out;
    }
    SL_TRY(take_learned(doc, from, loaded, recipe, err));
    sl_recipe_number_counts(recipe);
    SL_TRY(load_classes(doc, model, from, recipe, err));
    SL_TRY(sl_recipe_list_columns(recipe, err));
    recipe->is_fitted = true;
    *out = recipe;
    recipe = NULL;
out:
    sl_recipe_free(recipe);
    return rc;
}

sl_status sl_recipe_load(const struct sl_json_doc *doc, const struct sl_json *model,
                         struct sl_recipe **out, struct sl_error *err)
{
    static const char *const keys[] = {"orient",     "features", "label",
                                       "label_type", "weight",   "missing"};
    struct loaded            loaded = {0};
    struct sl_recipe_spec    spec = {0};
    const struct sl_json    *from;
    sl_status                rc;

    SL_TRY(sl_json_need(doc, model, "recipe", SL_JSON_OBJECT, &from, err));
    SL_TRY(sl_json_only(doc, from, keys, sizeof keys / sizeof *keys, err));
    SL_TRY(load_features(doc, from, &loaded, err));
    SL_TRY(load_rest(doc, from, &spec, err));
    SL_TRY(sl_int_from_i64((int64_t)loaded.n, "number of features", &spec.n_features, err));
    spec.features = loaded.specs;
    SL_TRY(build(doc, model, from, &spec, &loaded, out, err));
out:
    for (size_t j = 0; j < loaded.n; j++)
        loaded_release(&loaded.learned[j]);
    free(spec.orient.as);
    free(spec.orient.key);
    free(spec.missing);
    free(loaded.specs);
    free(loaded.learned);
    return rc;
}
