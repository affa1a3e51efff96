/* What the parts of base/json share: a value is a cJSON item under another name. */
#ifndef SCORELINE_JSON_INTERNAL_H
#define SCORELINE_JSON_INTERNAL_H

#include <cjson/cJSON.h>

#include "scoreline/json.h"

struct sl_json_doc {
    cJSON *root;
    char  *source; /* "" for a document made here */
};

static inline const cJSON *json_item(const struct sl_json *value)
{
    return (const cJSON *)value;
}

#endif
