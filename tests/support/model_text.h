/* What a model file holds of a recipe, as text and back.  Comes after cmocka.h. */
#ifndef SCORELINE_TESTS_MODEL_TEXT_H
#define SCORELINE_TESTS_MODEL_TEXT_H

#include <string.h>

#include "scoreline/json.h"
#include "scoreline/recipe.h"

/* The profile of a numeric feature that was learned from no rows. */
#define NO_PROFILE "\"profile\":{\"rows\":0,\"missing\":0,\"edges\":[],\"counts\":[0]}"

/* The text is freed by the caller. */
static inline char *print_recipe(const struct sl_recipe *recipe)
{
    struct sl_error     err;
    struct sl_json_doc *doc;
    struct sl_json     *object;
    char               *text;

    assert_int_equal(sl_json_create(&doc, &err), SL_OK);
    assert_int_equal(sl_recipe_save_classes(recipe, sl_json_root(doc), &err), SL_OK);
    assert_int_equal(sl_json_add_object(sl_json_root(doc), "recipe", &object, &err), SL_OK);
    assert_int_equal(sl_recipe_save(recipe, object, &err), SL_OK);
    assert_int_equal(sl_json_print(sl_json_root(doc), false, &text, &err), SL_OK);
    sl_json_close(doc);
    return text;
}

/* As if it had been read from the file m.json. */
static inline sl_status parse_recipe(const char *text, struct sl_recipe **recipe,
                                     struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    SL_TRY(sl_json_parse(text, strlen(text), "m.json", &doc, err));
    rc = sl_recipe_load(doc, sl_json_root(doc), recipe, err);
out:
    sl_json_close(doc);
    return rc;
}

#endif
