/* Reading JSON that must have a certain form: members that have to be there, and no others. */
#ifndef SCORELINE_JSON_NEED_H
#define SCORELINE_JSON_NEED_H

#include <stddef.h>

#include "scoreline/error.h"
#include "scoreline/json.h"

/**
 * The member `key` of an object, which has to be there and of the given kind.
 *
 * Errors:  SL_EJOB with source and JSON path: not an object, no such member, another kind, a number
 *          that is not finite.
 */
SL_MUST_CHECK sl_status sl_json_need(const struct sl_json_doc *doc, const struct sl_json *object,
                                     const char *key, enum sl_json_kind kind,
                                     const struct sl_json **out, struct sl_error *err);
SL_MUST_CHECK sl_status sl_json_need_number(const struct sl_json_doc *doc,
                                            const struct sl_json *object, const char *key,
                                            double *out, struct sl_error *err);
SL_MUST_CHECK sl_status sl_json_need_text(const struct sl_json_doc *doc,
                                          const struct sl_json *object, const char *key,
                                          const char **out, struct sl_error *err);

/** A text member that is not empty; SL_EJOB. */
SL_MUST_CHECK sl_status sl_json_need_name(const struct sl_json_doc *doc,
                                          const struct sl_json *object, const char *key,
                                          const char **out, struct sl_error *err);

/** A list member of exactly n finite numbers, written to out [n]; SL_EJOB. */
SL_MUST_CHECK sl_status sl_json_need_numbers(const struct sl_json_doc *doc,
                                             const struct sl_json *list, size_t n, double *out,
                                             struct sl_error *err);

/** Bytes as sl_json_add_bytes() leaves them, appended to out; SL_EJOB. */
SL_MUST_CHECK sl_status sl_json_need_bytes(const struct sl_json_doc *doc,
                                           const struct sl_json *value, struct sl_text *out,
                                           struct sl_error *err);

/** An integer member of at least `least` and at most `most`; SL_EJOB. */
SL_MUST_CHECK sl_status sl_json_need_integer(const struct sl_json_doc *doc,
                                             const struct sl_json *object, const char *key,
                                             int64_t least, int64_t most, int64_t *out,
                                             struct sl_error *err);
/** A member that is true or false; SL_EJOB. */
SL_MUST_CHECK sl_status sl_json_need_bool(const struct sl_json_doc *doc,
                                          const struct sl_json *object, const char *key, bool *out,
                                          struct sl_error *err);

/** SL_EJOB, with the nearest known key, if an object has a member that is not in keys [n]. */
SL_MUST_CHECK sl_status sl_json_only(const struct sl_json_doc *doc, const struct sl_json *object,
                                     const char *const *keys, size_t n, struct sl_error *err);

#endif
