/* Freeing what the reader allocated, by the same tables. */
#include "job_internal.h"

#include <stdlib.h>
#include <string.h>

static void release_value(const struct sl_job_field *field, char *base);

void sl_job_release_fields(const struct sl_job_table *table, void *base)
{
    for (const struct sl_job_field *f = table->fields; f->key != NULL; f++)
        release_value(f, base);
}

static void release_text(char *at)
{
    char *text;

    memcpy(&text, at, sizeof text);
    free(text);
}

static void release_members(const struct sl_job_field *field, char *at, const char *count_at)
{
    char *items;
    int   n;

    memcpy(&items, at, sizeof items);
    memcpy(&n, count_at, sizeof n);
    for (int i = 0; i < n; i++)
        release_value(field->member, items + (size_t)i * sl_job_member_bytes(field));
    free(items);
}

static void release_key(struct sl_key *key)
{
    for (int i = 0; i < key->n_values; i++)
        free(key->values[i]);
    free(key->values);
    free(key->name);
}

static void release_value(const struct sl_job_field *field, char *base)
{
    char *at = base + field->at;

    if (field->or_object != NULL)
        release_value(field->or_object, base);
    switch (field->kind) {
    case SL_FIELD_TEXT:
        release_text(at);
        break;
    case SL_FIELD_TEXTS:
    case SL_FIELD_REALS:
    case SL_FIELD_PARTITIONS:
    case SL_FIELD_PARAMS:
    case SL_FIELD_RANGES:
    case SL_FIELD_FEATURE_SETS:
    case SL_FIELD_OBJECTS:
        release_members(field, at, base + field->also_at);
        break;
    case SL_FIELD_SELECTION:
        release_members(field, at + offsetof(struct sl_selection, keys),
                        at + offsetof(struct sl_selection, n_keys));
        break;
    case SL_FIELD_VALUES:
        release_key((struct sl_key *)(void *)at);
        break;
    case SL_FIELD_PARAM:
        release_text(at + offsetof(struct sl_param_value, name));
        release_text(at + offsetof(struct sl_param_value, text));
        free(((struct sl_param_value *)(void *)at)->numbers);
        break;
    case SL_FIELD_RANGE:
    case SL_FIELD_FEATURE_SET:
        release_text(base);
        release_members(field, at, base + field->also_at);
        break;
    case SL_FIELD_OBJECT:
        sl_job_release_fields(field->table, at);
        break;
    default:
        break; /* numbers, choices: nothing allocated */
    }
}
