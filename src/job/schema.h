/* The job file's format as data: which keys an object has, what they hold, and where that goes.
 * Reading, messages, `--set` and release all derive from these tables.  Private to job. */
#ifndef SCORELINE_JOB_SCHEMA_H
#define SCORELINE_JOB_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "scoreline/json.h"

enum sl_field_kind {
    SL_FIELD_TEXT,             /* char *; `min` bytes at least */
    SL_FIELD_BYTE,             /* char: a text of one byte */
    SL_FIELD_REAL,             /* double in [min, max] */
    SL_FIELD_INTEGER,          /* int64_t in [min, max] */
    SL_FIELD_LIMIT,            /* the same; null is INT64_MAX: no limit */
    SL_FIELD_SIZE,             /* int64_t in [min, max]: a number or a text such as "16MiB" */
    SL_FIELD_BOOL,             /* bool */
    SL_FIELD_LEVEL,            /* int64_t in [min, max]; false is 0, true SL_JOB_LEVEL */
    SL_FIELD_CHOICE,           /* an enum: the index in `choices` */
    SL_FIELD_CHOICE_OR_NUMBER, /* the same; a number is the index after the last, and goes to
                                  also_at */
    SL_FIELD_TEXTS,            /* char ** and at also_at their int count */
    SL_FIELD_REALS,            /* double * and at also_at their int count */
    SL_FIELD_VALUES,           /* struct sl_key: of one key, as a list, a range or a single value */
    SL_FIELD_PARTITIONS,       /* struct sl_key * and their int count: key -> values */
    SL_FIELD_SELECTION,        /* struct sl_selection: "all", or key -> values */
    SL_FIELD_PARAM,            /* struct sl_param_value: a number, a bool, text, numbers or null */
    SL_FIELD_PARAMS,           /* struct sl_param_value * and their int count: name -> value */
    SL_FIELD_RANGE,            /* struct sl_range_spec: a list of values, or a distribution */
    SL_FIELD_RANGES,           /* struct sl_range_spec * and their int count: name -> range */
    SL_FIELD_FEATURE_SET,      /* struct sl_feature_set_spec: a list of features */
    SL_FIELD_FEATURE_SETS,     /* struct sl_feature_set_spec * and their int count: name -> set */
    SL_FIELD_OBJECT,           /* the struct that `table` describes */
    SL_FIELD_OBJECTS,          /* a list of them, and their int count */
    SL_FIELD_LATER,            /* of the format, but not in this version */
    SL_N_FIELD_KINDS,
};

struct sl_job_field {
    const char                *key;
    enum sl_field_kind         kind;
    bool                       required;
    size_t                     at;      /* offset in the struct of the table it stands in */
    size_t                     also_at; /* of a list's count or a choice's number */
    double                     min, max;
    const char *const         *choices;  /* ends with NULL */
    const char                *fallback; /* as JSON; NULL: stays zero */
    const struct sl_job_table *table;    /* of SL_FIELD_OBJECT */
    const struct sl_job_field *member;   /* what each member of a list or map is */
    const struct sl_job_field *or_object; /* of a list: what an object in its place is */
};

struct sl_job_table {
    const struct sl_job_field *fields;    /* ends with a NULL key */
    size_t                     n_bytes;   /* of the struct it fills */
    const char                *shorthand; /* the key that a bare text stands for; NULL: none */
};

/* What JSON may stand for a kind. */
struct sl_field_form {
    const char *expected; /* in messages */
    unsigned    json;     /* set of 1 << enum sl_json_kind */
};

extern const struct sl_field_form sl_field_forms[SL_N_FIELD_KINDS];
extern const struct sl_job_field  sl_job_root; /* the whole file, as one value */

enum { SL_JOB_LEVEL = 4 }; /* of compression, where none is named: much of the gain, little time */

enum { SL_JOB_MAX_FIELDS = 20 }; /* of a table, for lists of names on the stack */

/**
 * The field of a key.
 *
 * Errors:  SL_EJOB "unknown key 'x', did you mean 'y'?", SL_EUNSUPPORTED; without a path.
 */
SL_MUST_CHECK sl_status sl_job_field_find(const struct sl_job_table *table, const char *key,
                                          const struct sl_job_field **field, struct sl_error *err);

/** Whether a JSON kind may stand for a field. */
bool sl_job_field_takes(const struct sl_job_field *field, enum sl_json_kind kind);

/** Bytes that a member of a list or map takes in memory. */
size_t sl_job_member_bytes(const struct sl_job_field *field);

#endif
