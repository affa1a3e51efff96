/* Head-to-head data: each row becomes (a, b) or (b, a) by a coin that depends on nothing but the
 * row. Private to the feature module.
 *
 * The coin is the top bit of sl_hash over the 8 bytes of the seed, lowest first, then the text of
 * each key column and a NUL: 0 leaves the first as a, 1 makes the second a. */
#ifndef SCORELINE_FEATURE_ORIENT_H
#define SCORELINE_FEATURE_ORIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/error.h"
#include "scoreline/job.h"
#include "scoreline/json.h"

/* A column as it is after the coin. */
struct sl_oriented {
    int              of_first; /* requests; -1 in the column that says who came first */
    int              of_second;
    bool             is_second; /* of the pair (a, b) */
    struct sl_column column;    /* own memory */
};

struct sl_orient {
    struct sl_orient_spec spec;         /* own copies; without `first`: rows are as they are */
    int                  *key_requests; /* [n_key] */
    int                   n_columns;
    size_t                capacity;
    struct sl_oriented   *columns;
    uint8_t              *is_swapped; /* [SL_BLOCK_ROWS] of the block under way */
};

/** Copy what the job says; sl_orient_release() frees it, also after a failure; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_orient_init(struct sl_orient *orient, const struct sl_orient_spec *spec,
                                       struct sl_error *err);
void                    sl_orient_release(struct sl_orient *orient);

/* What a name means where rows are oriented. */
enum sl_orient_name {
    SL_ORIENT_PLAIN,  /* a column of the file */
    SL_ORIENT_FIRST,  /* a column of a */
    SL_ORIENT_SECOND, /* of b */
    SL_ORIENT_LABEL,  /* whether a came first */
    SL_ORIENT_HIDDEN, /* it would tell who came first */
};
/** What a name means; *rest is what follows its prefix. */
enum sl_orient_name sl_orient_look(const struct sl_orient *orient, const char *name,
                                   const char **rest);

/** The index of the oriented column of these requests; it is added if it is not there.
 *  of_first = -1: whether a came first.  SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_orient_column(struct sl_orient *orient, enum sl_type type, int of_first,
                                         int of_second, bool is_second, int *index,
                                         struct sl_error *err);

/** Drop the columns from `first` on, the last ones that were added. */
void sl_orient_drop(struct sl_orient *orient, int first);

/** Toss the coins of a block and fill the oriented columns. */
void sl_orient_block(struct sl_orient *orient, const struct sl_column_block *block);

/** Write and read it as the "orient" object of a model's recipe; texts of a spec that was read are
 *  borrowed from the document, its lists freed with free(). */
SL_MUST_CHECK sl_status sl_orient_save(const struct sl_orient *orient, struct sl_json *to,
                                       struct sl_error *err);
SL_MUST_CHECK sl_status sl_orient_load(const struct sl_json_doc *doc, const struct sl_json *from,
                                       struct sl_orient_spec *spec, struct sl_error *err);

#endif
