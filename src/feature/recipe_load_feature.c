/* One feature of a recipe out of a model file: which members it has follows from its kind and its
 * options. */
#include <string.h>

#include "recipe_impl.h"
#include "scoreline/json_need.h"
#include "scoreline/text.h"

enum { MOST_LEVELS = 1000000 };

/* The index of a text member among names [n]. */
static sl_status load_choice(const struct sl_json_doc *doc, const struct sl_json *from,
                             const char *key, const char *const *names, size_t n, size_t *out,
                             struct sl_error *err)
{
    const struct sl_json *value;
    const char           *text;
    char                  hint[128];
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, key, SL_JSON_TEXT, &value, err));
    text = sl_json_text(value);
    for (*out = 0; *out < n; ++*out)
        if (strcmp(names[*out], text) == 0)
            return SL_OK;
    rc = sl_json_fail(doc, value, SL_EJOB, err, "unknown choice%s",
                      sl_suggest(text, names, n, hint, sizeof hint));
out:
    return rc;
}

static sl_status load_policy(const struct sl_json_doc *doc, const struct sl_json *from,
                             struct sl_feature_spec *spec, struct sl_error *err)
{
    const struct sl_json *value = sl_json_find(from, "missing");
    const bool            is_categorical = spec->categorical != NULL;
    size_t                choice = SL_MISSING_CONSTANT;
    sl_status             rc;

    if (!is_categorical && value != NULL && sl_json_kind(value) == SL_JSON_NUMBER)
        rc = sl_json_need_number(doc, from, "missing", &spec->fill, err);
    else
        rc = load_choice(doc, from, "missing", sl_feature_policies, SL_MISSING_CONSTANT, &choice,
                         err);
    SL_TRY(rc);
    spec->missing = (enum sl_missing_policy)choice;
    if (choice == (is_categorical ? SL_MISSING_MEAN : SL_MISSING_LEVEL) ||
        (is_categorical && choice == SL_MISSING_MEDIAN))
        rc = sl_json_fail(doc, value, SL_EJOB, err, "is not for a feature of this kind");
out:
    return rc;
}

static sl_status load_scale(const struct sl_json_doc *doc, const struct sl_json *from,
                            struct sl_feature_spec *spec, struct sl_feature *learned,
                            struct sl_error *err)
{
    size_t    choice;
    sl_status rc;

    SL_TRY(load_choice(doc, from, "scale", sl_feature_scales, SL_SCALE_STANDARD + 1, &choice, err));
    spec->scale = (enum sl_scale)choice;
    learned->std = 1.0;
    if (spec->scale == SL_SCALE_STANDARD) {
        SL_TRY(sl_json_need_number(doc, from, "mean", &learned->mean, err));
        SL_TRY(sl_json_need_number(doc, from, "std", &learned->std, err));
    }
    if (!(learned->std > 0.0))
        rc = sl_json_fail(doc, sl_json_find(from, "std"), SL_EJOB, err, "expected more than 0");
out:
    return rc;
}

/* Which members a numeric feature has follows from its options; any other is refused. */
static sl_status check_members(const struct sl_json_doc *doc, const struct sl_json *from,
                               const struct sl_feature_spec *spec, struct sl_error *err)
{
    const struct sl_feature feature = {.spec = *spec};
    const char *keys[10] = {"name", spec->bare ? "column" : "expr", "missing", "scale", "profile"};
    size_t      n = 5;

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

static sl_status load_number(const struct sl_json_doc *doc, const struct sl_json *from,
                             struct sl_feature_spec *spec, struct sl_feature *learned,
                             struct sl_error *err)
{
    const char *expr;
    sl_status   rc;

    spec->bare = sl_json_find(from, "column") != NULL;
    SL_TRY(sl_json_need_name(doc, from, spec->bare ? "column" : "expr", &expr, err));
    spec->expr = sl_borrowed(expr);
    SL_TRY(load_policy(doc, from, spec, err));
    SL_TRY(load_scale(doc, from, spec, learned, err));
    if (sl_json_find(from, "indicator") != NULL) { /* written only where it is true */
        SL_TRY(sl_json_need_bool(doc, from, "indicator", &spec->indicator, err));
        SL_TRY(sl_json_need_bool(doc, from, "had_missing", &learned->had_missing, err));
        if (!spec->indicator)
            return sl_json_fail(doc, sl_json_find(from, "indicator"), SL_EJOB, err,
                                "expected true");
    }
    SL_TRY(check_members(doc, from, spec, err));
    learned->spec.missing = spec->missing;
    if (sl_feature_fills(learned))
        SL_TRY(sl_json_need_number(doc, from, "fill", &learned->fill, err));
    if (spec->missing == SL_MISSING_CONSTANT && learned->fill != spec->fill)
        rc = sl_json_fail(doc, sl_json_find(from, "fill"), SL_EJOB, err,
                          "%.17g, but 'missing' is %.17g", learned->fill, spec->fill);
out:
    return rc;
}

static sl_status load_categorical(const struct sl_json_doc *doc, const struct sl_json *from,
                                  struct sl_feature_spec *spec, struct sl_feature *learned,
                                  struct sl_error *err)
{
    const char *keys[] = {"name",       "categorical", "missing", "handle_unknown", "drop",
                          "max_levels", "trim",        "levels",  "profile",        "had_missing"};
    size_t      n = sizeof keys / sizeof *keys;
    const char *column, *unknown;
    size_t      drop;
    sl_status   rc;

    SL_TRY(sl_json_need_name(doc, from, "categorical", &column, err));
    SL_TRY(sl_json_need_name(doc, from, "handle_unknown", &unknown, err));
    spec->categorical = sl_borrowed(column);
    spec->handle_unknown = sl_borrowed(unknown);
    SL_TRY(load_policy(doc, from, spec, err));
    SL_TRY(load_choice(doc, from, "drop", sl_feature_drops, SL_DROP_FIRST + 1, &drop, err));
    spec->drop = (enum sl_drop)drop;
    SL_TRY(sl_json_need_integer(doc, from, "max_levels", 1, MOST_LEVELS, &spec->max_levels, err));
    SL_TRY(sl_json_need_bool(doc, from, "trim", &spec->trim, err));
    if (spec->missing == SL_MISSING_LEVEL)
        SL_TRY(sl_json_need_bool(doc, from, "had_missing", &learned->had_missing, err));
    SL_TRY(sl_json_only(doc, from, keys, n - (spec->missing != SL_MISSING_LEVEL), err));
    SL_TRY(sl_levels_load(doc, from, "levels", SL_ORDER_BYTES, spec->max_levels, &learned->levels,
                          err));
out:
    return rc;
}

sl_status sl_feature_load(const struct sl_json_doc *doc, const struct sl_json *from,
                          struct sl_feature_spec *spec, struct sl_feature *learned,
                          struct sl_error *err)
{
    const bool            is_categorical = sl_json_find(from, "categorical") != NULL;
    const char           *name;
    const struct sl_json *profile;
    sl_status             rc;

    SL_TRY(sl_json_need_text(doc, from, "name", &name, err));
    spec->name = sl_borrowed(name);
    SL_TRY(is_categorical ? load_categorical(doc, from, spec, learned, err)
                          : load_number(doc, from, spec, learned, err));
    SL_TRY(sl_json_need(doc, from, "profile", SL_JSON_OBJECT, &profile, err));
    SL_TRY(is_categorical
               ? sl_profile_load_levels(doc, profile, learned->levels.n, &learned->profile, err)
               : sl_profile_load_numbers(doc, profile, &learned->profile, err));
out:
    return rc;
}
