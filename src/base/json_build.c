/* Building JSON trees.  All of cJSON's failures here are lack of memory. */
#include "scoreline/json.h"

#include <assert.h>
#include <math.h>

#include "json_internal.h"
#include "scoreline/memory.h"

static sl_status no_memory(struct sl_error *err)
{
    return sl_fail(err, SL_ENOMEM, "out of memory: cannot build a JSON value");
}

/* Takes `made`, which is NULL where cJSON could not make it. */
static sl_status add_item(struct sl_json *to, const char *key, cJSON *made, struct sl_error *err)
{
    cJSON     *container = (cJSON *)to;
    cJSON_bool added = 0;

    assert(key == NULL ? cJSON_IsArray(container) : cJSON_IsObject(container));
    if (made != NULL)
        added = key == NULL ? cJSON_AddItemToArray(container, made)
                            : cJSON_AddItemToObject(container, key, made);
    if (added)
        return SL_OK;
    cJSON_Delete(made);
    return no_memory(err);
}

sl_status sl_json_create(struct sl_json_doc **doc, struct sl_error *err)
{
    struct sl_json_doc *made = NULL;
    sl_status           rc;

    SL_TRY(sl_alloc_array(1, sizeof(*made), &made, err));
    SL_TRY(sl_copy_text("", &made->source, err));
    made->root = cJSON_CreateObject();
    SL_TRY(made->root != NULL ? SL_OK : no_memory(err));
    *doc = made;
    made = NULL;
out:
    sl_json_close(made);
    return rc;
}

sl_status sl_json_add_number(struct sl_json *to, const char *key, double value,
                             struct sl_error *err)
{
    cJSON *made = isfinite(value) ? cJSON_CreateNumber(value) : cJSON_CreateNull();

    return add_item(to, key, made, err);
}

sl_status sl_json_add_numbers(struct sl_json *to, const struct sl_json_number *numbers, size_t n,
                              struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t i = 0; i < n && rc == SL_OK; i++)
        rc = sl_json_add_number(to, numbers[i].name, numbers[i].value, err);
    return rc;
}

sl_status sl_json_add_text(struct sl_json *to, const char *key, const char *value,
                           struct sl_error *err)
{
    return add_item(to, key, cJSON_CreateString(value), err);
}

sl_status sl_json_add_bool(struct sl_json *to, const char *key, bool value, struct sl_error *err)
{
    return add_item(to, key, cJSON_CreateBool(value), err);
}

sl_status sl_json_add_list(struct sl_json *to, const char *key, struct sl_json **out,
                           struct sl_error *err)
{
    cJSON    *made = cJSON_CreateArray();
    sl_status rc = add_item(to, key, made, err);

    if (rc == SL_OK)
        *out = (struct sl_json *)made;
    return rc;
}

sl_status sl_json_add_object(struct sl_json *to, const char *key, struct sl_json **out,
                             struct sl_error *err)
{
    cJSON    *made = cJSON_CreateObject();
    sl_status rc = add_item(to, key, made, err);

    if (rc == SL_OK)
        *out = (struct sl_json *)made;
    return rc;
}

sl_status sl_json_add_copy(struct sl_json *to, const char *key, const struct sl_json *value,
                           struct sl_error *err)
{
    cJSON *made = cJSON_Duplicate(json_item(value), 1);

    if (made != NULL && key == NULL) { /* a duplicate bears its original's key, in a list too */
        cJSON_free(made->string);
        made->string = NULL;
    }
    return add_item(to, key, made, err);
}

/* The copy is made first: `value` may be part of what goes. */
sl_status sl_json_replace(struct sl_json *object, const char *key, const struct sl_json *value,
                          struct sl_error *err)
{
    cJSON *copy = cJSON_Duplicate(json_item(value), 1);

    assert(sl_json_kind(object) == SL_JSON_OBJECT);
    if (sl_json_find(object, key) == NULL)
        return add_item(object, key, copy, err);
    if (copy != NULL && cJSON_ReplaceItemInObjectCaseSensitive((cJSON *)object, key, copy))
        return SL_OK;
    cJSON_Delete(copy);
    return no_memory(err);
}
