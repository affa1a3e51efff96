/* What the files of job share.  Private to job. */
#ifndef SCORELINE_JOB_INTERNAL_H
#define SCORELINE_JOB_INTERNAL_H

#include "schema.h"
#include "scoreline/job.h"
#include "scoreline/json.h"
#include "scoreline/text.h"

/* A document being read, and where its values came from. */
struct sl_job_reader {
    const struct sl_json_doc *doc;
    const char               *file; /* in messages */
    int                       n_sets;
    const char *const        *sets; /* the `--set` texts that are part of doc */
};

/** Fail with "<file>: $.a.b: <message>", and the `--set` that brought `value`, if one did. */
SL_PRINTF(5, 6)
sl_status sl_job_fail(const struct sl_job_reader *reader, const struct sl_json *value,
                      sl_status code, struct sl_error *err, const char *format, ...);

/** The value at a dotted path such as "features.0.name", or the deepest one on the way to it;
 * *found (if not NULL) says which. */
const struct sl_json *sl_job_find(const struct sl_json_doc *doc, const char *path, bool *found);

/** The last `--set` text that brought `value` or what holds it; NULL: it stands in the file. */
const char *sl_job_set_of(const struct sl_job_reader *reader, const struct sl_json *value);

/**
 * Apply `--set` texts in order.
 *
 * Owner:   *doc is replaced; what it held is closed.
 * Errors:  as sl_job_parse().
 */
SL_MUST_CHECK sl_status sl_job_apply_sets(struct sl_json_doc **doc, int n_sets,
                                          const char *const *sets, struct sl_error *err);

/** Read `value` as a field says into the struct at `base`; what was read before a fault is released
 *  with the job. */
SL_MUST_CHECK sl_status sl_job_read_value(const struct sl_job_reader *reader,
                                          const struct sl_job_field  *field,
                                          const struct sl_json *value, void *base,
                                          struct sl_error *err);

/** The values of a partition key, ranges written out; SL_EJOB.  Owned by *key in any case. */
SL_MUST_CHECK sl_status sl_job_read_key_values(const struct sl_job_reader *reader,
                                               const struct sl_json *value, struct sl_key *key,
                                               struct sl_error *err);

/** Add what one text stands for to a key's values: itself, or a range written out; SL_EJOB without
 *  a path. */
SL_MUST_CHECK sl_status sl_job_add_key_values(struct sl_key *key, size_t *capacity,
                                              const char *text, struct sl_error *err);

/** The keys that a path template has in {braces}, in its order, each once: *out [*n], freed with
 * its texts by the caller; SL_EJOB without a path where the template is malformed. */
SL_MUST_CHECK sl_status sl_job_template_keys(const char *path, char ***out, int *n,
                                             struct sl_error *err);

/** The key of a name, NULL if none. */
const struct sl_key *sl_job_find_key(const struct sl_key *keys, int n_keys, struct sl_slice name);

/** Fail with "unknown partition key 'x', did you mean 'y'?". */
sl_status sl_job_fail_key(const struct sl_input_spec *spec, const char *name, sl_status code,
                          struct sl_error *err);

/** A text that stands twice among `texts` [n], NULL if none; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_job_find_twin(const char *const *texts, size_t n, const char **twin,
                                         struct sl_error *err);

/** The first of `texts` [n] that is not among `known` [n_known], NULL if none; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_job_find_stranger(const char *const *texts, size_t n,
                                             const char *const *known, size_t n_known,
                                             const char **stranger, struct sl_error *err);

/** Free all that fields point to. */
void sl_job_release_fields(const struct sl_job_table *table, void *base);

/* What every rule between keys is given. */
struct sl_job_check {
    const struct sl_job_reader *reader;
    struct sl_job              *job;
    struct sl_error            *err;
};

/** The value at a dotted path, or where it would stand; and member i of the list at one. */
const struct sl_json *sl_job_at(const struct sl_job_check *c, const char *path);
const struct sl_json *sl_job_item(const struct sl_job_check *c, const char *path, int i);

/** Refuse a name that two members of a list bear, at the second of them; SL_EJOB, SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_job_refuse_twin(const struct sl_job_check *c, const char *const *names,
                                           int n, const struct sl_json *list, const char *what);
/** Refuse keys [n] that an object gives; SL_EJOB. */
SL_MUST_CHECK sl_status sl_job_refuse_keys(const struct sl_job_check *c,
                                           const struct sl_json *object, const char *const *keys,
                                           size_t n, const char *why);

/** Rules of a list of features whose JSON is `list`, fills in what they leave out; SL_EJOB,
 *  SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_job_check_features(const struct sl_job_check *c,
                                              struct sl_feature_spec *features, int n,
                                              const struct sl_json *list);
/** Rules of search; part of sl_job_check(). */
SL_MUST_CHECK sl_status sl_job_check_search(const struct sl_job_check *c);

/** Rules of features, orient and train.sample; part of sl_job_check(). */
SL_MUST_CHECK sl_status sl_job_check_recipe(const struct sl_job_check *c);

/** Rules between keys; fills in what follows from other keys (a feature without `expr`). */
SL_MUST_CHECK sl_status sl_job_check(const struct sl_job_reader *reader, struct sl_job *job,
                                     struct sl_error *err);

#endif
