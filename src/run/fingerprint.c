/* The fingerprint of a run: its job, less what cannot change a dataset, and its inputs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/catalog.h"
#include "scoreline/hash.h"
#include "scoreline/json.h"

/* How the work is cut, how much is forgiven, and where the output goes. */
static const struct {
    const char *object;
    const char *key;
} left_out[] = {
    {"score", "chunk_bytes"},
    {"score", "schedule"},
    {"score", "bad_rows"},
    {"output", "path"},
};

static bool is_left_out(const char *object, const char *key)
{
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (strcmp(object, left_out[i].object) == 0 && strcmp(key, left_out[i].key) == 0)
            return true;
    return false;
}

/* "object.key" and its value as JSON text; an object without keys that count leaves no trace. */
static sl_status add_value(struct sl_hash *hash, const char *object, const struct sl_json *value,
                           struct sl_error *err)
{
    char     *text = NULL;
    sl_status rc = sl_json_print(value, false, &text, err);

    if (rc != SL_OK)
        return rc;
    sl_hash_add_text(hash, object);
    sl_hash_add_text(hash, sl_json_key(value));
    sl_hash_add_text(hash, text);
    free(text);
    return SL_OK;
}

static sl_status add_object(struct sl_hash *hash, const struct sl_json *object,
                            struct sl_error *err)
{
    const char *name = sl_json_key(object);
    sl_status   rc = SL_OK;

    for (const struct sl_json *item = sl_json_first(object); item != NULL && rc == SL_OK;
         item = sl_json_next(item))
        if (!is_left_out(name, sl_json_key(item)))
            rc = add_value(hash, name, item, err);
    return rc;
}

static sl_status add_job(struct sl_hash *hash, const struct sl_job *job, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    sl_status           rc;

    SL_TRY(sl_json_parse(job->text, strlen(job->text), job->file, &doc, err));
    for (const struct sl_json *part = sl_json_first(sl_json_root(doc)); part != NULL;
         part = sl_json_next(part))
        SL_TRY(sl_json_kind(part) == SL_JSON_OBJECT ? add_object(hash, part, err)
                                                    : add_value(hash, "", part, err));
out:
    sl_json_close(doc);
    return rc;
}

sl_status run_fingerprint(const struct sl_job *job, const struct sl_plan *training,
                          const struct sl_plan *plan, char out[17], struct sl_error *err)
{
    struct sl_hash hash;
    uint64_t       inputs[2] = {0};
    sl_status      rc;

    sl_hash_init(&hash);
    SL_TRY(add_job(&hash, job, err));
    SL_TRY(sl_catalog_fingerprint(training, &inputs[0], err));
    SL_TRY(sl_catalog_fingerprint(plan, &inputs[1], err));
    sl_hash_add(&hash, inputs, sizeof inputs);
    snprintf(out, 17, "%016" PRIx64, sl_hash_value(&hash));
out:
    return rc;
}
