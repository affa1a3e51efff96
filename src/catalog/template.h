/* A path template, taken apart: segments between slashes, and in them texts, {keys} and stars.
 * Private to catalog. */
#ifndef SCORELINE_CATALOG_TEMPLATE_H
#define SCORELINE_CATALOG_TEMPLATE_H

#include "scoreline/job.h"
#include "scoreline/text.h"

enum sl_part_kind { SL_PART_TEXT, SL_PART_KEY, SL_PART_STAR };
struct sl_part {
    enum sl_part_kind kind;
    struct sl_slice   text; /* as it stands in the template */
    int               key;  /* index among the job's keys */
};

struct sl_segment {
    struct sl_slice text;  /* as it stands in the template */
    int             first; /* into parts */
    int             n_parts;
    bool            is_plain; /* text alone */
};

/* Texts are borrowed from the spec. */
struct sl_template {
    const char        *root;
    const char        *path;
    int                n_segments;
    struct sl_segment *segments;
    int                n_parts;
    struct sl_part    *parts;
    bool               has_star;
    size_t             segment_capacity;
    size_t             part_capacity;
};

/** Take spec->path apart; released by sl_template_release(); SL_EJOB, SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_template_init(struct sl_template *template,
                                         const struct sl_input_spec *spec, struct sl_error *err);
void                    sl_template_release(struct sl_template *template);

/** What stands before the path: the root and its slash, or nothing. */
SL_MUST_CHECK sl_status sl_template_add_root(const struct sl_template *template,
                                             struct sl_text *path, struct sl_error *err);

/** The path with values [n_keys] for the keys; stars stay.  *n_root bytes of it are the root's. */
SL_MUST_CHECK sl_status sl_template_expand(const struct sl_template *template, char *const *values,
                                           char **out, size_t *n_root, struct sl_error *err);

#endif
