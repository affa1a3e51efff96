/* Reading JSON: json_scan.c checks the text and blanks out comments, cJSON builds the tree, and
 * this file adds what cJSON does not say: where a syntax error stands, and keys given twice.  cJSON
 * keeps integers clamped to int in valueint; only valuedouble is used here. */
#include "scoreline/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_internal.h"
#include "json_scan.h"
#include "scoreline/memory.h"

static sl_status parse_tree(struct sl_json_doc *doc, char *text, size_t n_bytes,
                            struct sl_error *err);
static sl_status fail_at(const struct sl_json_doc *doc, const char *text, size_t at,
                         const char *what, struct sl_error *err);
static sl_status refuse_twins(const struct sl_json_doc *doc, const cJSON *container,
                              struct sl_error *err);

sl_status sl_json_parse(const char *text, size_t n_bytes, const char *source,
                        struct sl_json_doc **doc, struct sl_error *err)
{
    struct sl_json_doc *made = NULL;
    char               *copy = NULL;
    sl_status           rc;

    if (n_bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* byte-order mark */
        text += 3;
        n_bytes -= 3;
    }
    SL_TRY(sl_alloc_array(1, sizeof(*made), &made, err));
    SL_TRY(sl_copy_text(source, &made->source, err));
    SL_TRY(sl_alloc_array(n_bytes + 1, 1, &copy, err));
    if (n_bytes > 0)
        memcpy(copy, text, n_bytes);
    SL_TRY(parse_tree(made, copy, n_bytes, err));
    SL_TRY(refuse_twins(made, made->root, err));
    *doc = made;
    made = NULL;
out:
    free(copy);
    sl_json_close(made);
    return rc;
}

/* What passed the scan is JSON, so all that can be wrong is memory.  cJSON is given the final NUL
 * as part of the text: it looks one byte beyond what it parses. */
static sl_status parse_tree(struct sl_json_doc *doc, char *text, size_t n_bytes,
                            struct sl_error *err)
{
    struct sl_json_fault fault;

    if (!sl_json_scan(text, n_bytes, &fault))
        return fail_at(doc, text, fault.at, fault.what, err);
    doc->root = cJSON_ParseWithLengthOpts(text, n_bytes + 1, NULL, 1);
    if (doc->root == NULL)
        return sl_fail(err, SL_ENOMEM, "out of memory: cannot hold '%s'", doc->source);
    return SL_OK;
}

/* Columns count characters from 1, so bytes that go on with a UTF-8 character are passed over. */
static sl_status fail_at(const struct sl_json_doc *doc, const char *text, size_t at,
                         const char *what, struct sl_error *err)
{
    long line = 1;
    long column = 1;

    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    return sl_fail(err, SL_EJOB, "%s: line %ld, column %ld: %s", doc->source, line, column, what);
}

static int compare_keys(const void *a, const void *b)
{
    const cJSON *x = *(const cJSON *const *)a;
    const cJSON *y = *(const cJSON *const *)b;

    return strcmp(x->string, y->string);
}

/* Sorted, because a hostile file may have a great many keys. */
static sl_status refuse_twins_of(const struct sl_json_doc *doc, const cJSON *object,
                                 struct sl_error *err)
{
    size_t        n = sl_json_count((const struct sl_json *)object);
    const cJSON **keys = NULL;
    size_t        i = 0;
    sl_status     rc;

    SL_TRY(sl_alloc_array(n, sizeof(const cJSON *), &keys, err));
    for (const cJSON *child = object->child; child != NULL; child = child->next)
        keys[i++] = child;
    qsort(keys, n, sizeof(const cJSON *), compare_keys);
    for (i = 1; i < n && rc == SL_OK; i++) {
        if (strcmp(keys[i - 1]->string, keys[i]->string) == 0)
            rc = sl_json_fail(doc, (const struct sl_json *)keys[i], SL_EJOB, err,
                              "this key is given twice");
    }
out:
    free(keys);
    return rc;
}

/* Nested at most SL_JSON_MAX_DEPTH deep: the scan saw to that. */
static sl_status refuse_twins(const struct sl_json_doc *doc, const cJSON *container,
                              struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (cJSON_IsObject(container))
        rc = refuse_twins_of(doc, container, err);
    for (const cJSON *child = container->child; child != NULL && rc == SL_OK; child = child->next)
        rc = refuse_twins(doc, child, err);
    return rc;
}

void sl_json_close(struct sl_json_doc *doc)
{
    if (doc == NULL)
        return;
    cJSON_Delete(doc->root);
    free(doc->source);
    free(doc);
}

struct sl_json *sl_json_root(const struct sl_json_doc *doc)
{
    return (struct sl_json *)doc->root;
}

enum sl_json_kind sl_json_kind(const struct sl_json *value)
{
    const cJSON *item = json_item(value);

    if (cJSON_IsBool(item))
        return SL_JSON_BOOL;
    if (cJSON_IsNumber(item))
        return SL_JSON_NUMBER;
    if (cJSON_IsString(item))
        return SL_JSON_TEXT;
    if (cJSON_IsArray(item))
        return SL_JSON_LIST;
    return cJSON_IsObject(item) ? SL_JSON_OBJECT : SL_JSON_NULL;
}

const char *sl_json_kind_name(enum sl_json_kind kind)
{
    switch (kind) {
    case SL_JSON_NULL:
        return "null";
    case SL_JSON_BOOL:
        return "true or false";
    case SL_JSON_NUMBER:
        return "a number";
    case SL_JSON_TEXT:
        return "a text";
    case SL_JSON_LIST:
        return "a list";
    case SL_JSON_OBJECT:
        return "an object";
    }
    return "?";
}

const char *sl_json_key(const struct sl_json *value)
{
    return json_item(value)->string;
}

const struct sl_json *sl_json_find(const struct sl_json *object, const char *key)
{
    if (sl_json_kind(object) != SL_JSON_OBJECT)
        return NULL;
    return (const struct sl_json *)cJSON_GetObjectItemCaseSensitive(json_item(object), key);
}

const struct sl_json *sl_json_first(const struct sl_json *container)
{
    return container != NULL ? (const struct sl_json *)json_item(container)->child : NULL;
}

const struct sl_json *sl_json_next(const struct sl_json *value)
{
    return (const struct sl_json *)json_item(value)->next;
}

size_t sl_json_count(const struct sl_json *container)
{
    size_t n = 0;

    for (const struct sl_json *item = sl_json_first(container); item != NULL;
         item = sl_json_next(item))
        n++;
    return n;
}

double sl_json_number(const struct sl_json *value)
{
    return cJSON_IsNumber(json_item(value)) ? json_item(value)->valuedouble : NAN;
}

const char *sl_json_text(const struct sl_json *value)
{
    return cJSON_IsString(json_item(value)) ? json_item(value)->valuestring : NULL;
}

bool sl_json_bool(const struct sl_json *value)
{
    return cJSON_IsTrue(json_item(value)) != 0;
}

/* 2^53 itself is refused: 2^53 + 1 reads as it. */
bool sl_json_integer(const struct sl_json *value, int64_t *out)
{
    double number = sl_json_number(value);

    if (!(fabs(number) < 9007199254740992.0) || number != trunc(number))
        return false;
    *out = (int64_t)number;
    return true;
}
