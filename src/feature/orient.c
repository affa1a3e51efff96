/* Coins, and the columns they choose from. */
#include "orient.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/json_need.h"
#include "scoreline/memory.h"

static sl_status copy_texts(char *const *from, int n, char ***to, int *n_copied,
                            struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)n, sizeof **to, to, err));
    for (*n_copied = 0; *n_copied < n; ++*n_copied)
        SL_TRY(sl_copy_text(from[*n_copied], &(*to)[*n_copied], err));
out:
    return rc;
}

sl_status sl_orient_init(struct sl_orient *orient, const struct sl_orient_spec *spec,
                         struct sl_error *err)
{
    struct sl_orient_spec *own = &orient->spec;
    sl_status              rc = SL_OK;

    *orient = (struct sl_orient){.spec.seed = spec->seed};
    if (spec->first == NULL)
        return SL_OK;
    SL_TRY(sl_copy_text(spec->first, &own->first, err));
    SL_TRY(sl_copy_text(spec->second, &own->second, err));
    SL_TRY(sl_copy_text(spec->label, &own->label, err));
    SL_TRY(copy_texts(spec->as, spec->n_as, &own->as, &own->n_as, err));
    SL_TRY(copy_texts(spec->key, spec->n_key, &own->key, &own->n_key, err));
    SL_TRY(sl_alloc_array((size_t)own->n_key, sizeof *orient->key_requests, &orient->key_requests,
                          err));
    SL_TRY(sl_alloc_array(SL_BLOCK_ROWS, sizeof *orient->is_swapped, &orient->is_swapped, err));
out:
    return rc;
}

static void free_texts(char **texts, int n)
{
    for (int i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

void sl_orient_release(struct sl_orient *orient)
{
    free(orient->spec.first);
    free(orient->spec.second);
    free(orient->spec.label);
    free_texts(orient->spec.as, orient->spec.n_as);
    free_texts(orient->spec.key, orient->spec.n_key);
    free(orient->key_requests);
    sl_orient_drop(orient, 0);
    free(orient->columns);
    free(orient->is_swapped);
    *orient = (struct sl_orient){.spec.first = NULL};
}

/* --- names ------------------------------------------------------------------------------------ */

/* What follows the prefix in a name, NULL if it has another or nothing follows. */
static const char *behind(const char *name, const char *prefix)
{
    const size_t n = strlen(prefix);

    return strncmp(name, prefix, n) == 0 && name[n] != '\0' ? name + n : NULL;
}

enum sl_orient_name sl_orient_look(const struct sl_orient *orient, const char *name,
                                   const char **rest)
{
    const struct sl_orient_spec *spec = &orient->spec;

    if (spec->first == NULL)
        return SL_ORIENT_PLAIN;
    if (strcmp(name, spec->label) == 0)
        return SL_ORIENT_LABEL;
    if ((*rest = behind(name, spec->as[0])) != NULL)
        return SL_ORIENT_FIRST;
    if ((*rest = behind(name, spec->as[1])) != NULL)
        return SL_ORIENT_SECOND;
    if ((*rest = behind(name, spec->first)) != NULL || (*rest = behind(name, spec->second)) != NULL)
        return SL_ORIENT_HIDDEN;
    return SL_ORIENT_PLAIN;
}

static size_t cell_bytes(enum sl_type type)
{
    return type == SL_TEXT ? sizeof(struct sl_slice) : sizeof(double);
}

sl_status sl_orient_column(struct sl_orient *orient, enum sl_type type, int of_first, int of_second,
                           bool is_second, int *index, struct sl_error *err)
{
    struct sl_oriented *made;
    sl_status           rc;

    for (*index = 0; *index < orient->n_columns; ++*index) {
        const struct sl_oriented *known = &orient->columns[*index];

        if (known->of_first == of_first && known->of_second == of_second &&
            known->is_second == is_second && known->column.type == type)
            return SL_OK;
    }
    SL_TRY(sl_grow_array(&orient->columns, &orient->capacity, (size_t)orient->n_columns + 1,
                         sizeof *orient->columns, err));
    made = &orient->columns[orient->n_columns];
    *made = (struct sl_oriented){of_first, of_second, is_second, {.type = type}};
    SL_TRY(sl_alloc_array(SL_BLOCK_ROWS, cell_bytes(type), &made->column.values.number, err));
    orient->n_columns++;
out:
    return rc;
}

void sl_orient_drop(struct sl_orient *orient, int first)
{
    for (int i = first; i < orient->n_columns; i++)
        free(orient->columns[i].column.values.number); /* whichever of the union it is */
    orient->n_columns = first;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void toss(struct sl_orient *orient, const struct sl_column_block *block)
{
    struct sl_hash seeded;

    sl_hash_init(&seeded);
    sl_hash_add_i64(&seeded, orient->spec.seed);
    for (size_t row = 0; row < block->n_rows; row++) {
        struct sl_hash hash = seeded;

        for (int k = 0; k < orient->spec.n_key; k++) {
            const struct sl_slice text = block->columns[orient->key_requests[k]].values.text[row];

            sl_hash_add(&hash, text.data, text.n_bytes);
            sl_hash_add(&hash, "", 1);
        }
        orient->is_swapped[row] = (uint8_t)(sl_hash_value(&hash) >> 63);
    }
}

/* No branch can tell how a coin falls: chosen is where to read from, not what. */
static void fill_numbers(const struct sl_orient *orient, const struct sl_oriented *to,
                         const struct sl_column_block *block)
{
    const double *from[2] = {block->columns[to->of_first].values.number,
                             block->columns[to->of_second].values.number};

    for (size_t i = 0; i < block->n_rows; i++)
        to->column.values.number[i] = from[orient->is_swapped[i] ^ (unsigned)to->is_second][i];
}

static void fill_texts(const struct sl_orient *orient, const struct sl_oriented *to,
                       const struct sl_column_block *block)
{
    const struct sl_slice *from[2] = {block->columns[to->of_first].values.text,
                                      block->columns[to->of_second].values.text};

    for (size_t i = 0; i < block->n_rows; i++)
        to->column.values.text[i] = from[orient->is_swapped[i] ^ (unsigned)to->is_second][i];
}

void sl_orient_block(struct sl_orient *orient, const struct sl_column_block *block)
{
    if (orient->spec.first == NULL)
        return;
    toss(orient, block);
    for (int k = 0; k < orient->n_columns; k++) {
        const struct sl_oriented *to = &orient->columns[k];

        if (to->of_first < 0)
            for (size_t i = 0; i < block->n_rows; i++)
                to->column.values.number[i] = orient->is_swapped[i] ? 0.0 : 1.0;
        else if (to->column.type == SL_TEXT)
            fill_texts(orient, to, block);
        else
            fill_numbers(orient, to, block);
    }
}

/* --- in a model file -------------------------------------------------------------------------- */

static sl_status save_texts(struct sl_json *to, const char *key, char *const *texts, int n,
                            struct sl_error *err)
{
    struct sl_json *list;
    sl_status       rc;

    SL_TRY(sl_json_add_list(to, key, &list, err));
    for (int i = 0; i < n; i++)
        SL_TRY(sl_json_add_text(list, NULL, texts[i], err));
out:
    return rc;
}

sl_status sl_orient_save(const struct sl_orient *orient, struct sl_json *to, struct sl_error *err)
{
    const struct sl_orient_spec *spec = &orient->spec;
    struct sl_json              *object;
    sl_status                    rc;

    if (spec->first == NULL)
        return SL_OK;
    SL_TRY(sl_json_add_object(to, "orient", &object, err));
    SL_TRY(sl_json_add_text(object, "first", spec->first, err));
    SL_TRY(sl_json_add_text(object, "second", spec->second, err));
    SL_TRY(save_texts(object, "as", spec->as, spec->n_as, err));
    SL_TRY(sl_json_add_text(object, "label", spec->label, err));
    SL_TRY(save_texts(object, "key", spec->key, spec->n_key, err));
    SL_TRY(sl_json_add_number(object, "seed", (double)spec->seed, err));
out:
    return rc;
}

static sl_status load_texts(const struct sl_json_doc *doc, const struct sl_json *from,
                            const char *key, size_t least, char ***texts, int *n,
                            struct sl_error *err)
{
    const struct sl_json *list;
    sl_status             rc;

    SL_TRY(sl_json_need(doc, from, key, SL_JSON_LIST, &list, err));
    if (sl_json_count(list) < least)
        return sl_json_fail(doc, list, SL_EJOB, err, "expected at least %zu texts", least);
    SL_TRY(sl_alloc_array(sl_json_count(list), sizeof **texts, texts, err));
    for (const struct sl_json *item = sl_json_first(list); item != NULL;
         item = sl_json_next(item)) {
        if (sl_json_text(item) == NULL || sl_json_text(item)[0] == '\0')
            return sl_json_fail(doc, item, SL_EJOB, err, "expected a text that is not empty");
        (*texts)[(*n)++] = (char *)(uintptr_t)sl_json_text(item);
    }
out:
    return rc;
}

sl_status sl_orient_load(const struct sl_json_doc *doc, const struct sl_json *from,
                         struct sl_orient_spec *spec, struct sl_error *err)
{
    static const char *const keys[] = {"first", "second", "as", "label", "key", "seed"};
    const char              *first, *second, *label;
    sl_status                rc;

    SL_TRY(sl_json_only(doc, from, keys, sizeof keys / sizeof *keys, err));
    SL_TRY(sl_json_need_name(doc, from, "first", &first, err));
    SL_TRY(sl_json_need_name(doc, from, "second", &second, err));
    SL_TRY(sl_json_need_name(doc, from, "label", &label, err));
    spec->first = (char *)(uintptr_t)first;
    spec->second = (char *)(uintptr_t)second;
    spec->label = (char *)(uintptr_t)label;
    SL_TRY(load_texts(doc, from, "as", 2, &spec->as, &spec->n_as, err));
    SL_TRY(load_texts(doc, from, "key", 1, &spec->key, &spec->n_key, err));
    SL_TRY(sl_json_need_integer(doc, from, "seed", -(INT64_C(1) << 53), INT64_C(1) << 53,
                                &spec->seed, err));
    if (spec->n_as != 2)
        rc = sl_json_fail(doc, sl_json_find(from, "as"), SL_EJOB, err, "expected two texts");
out:
    return rc;
}
