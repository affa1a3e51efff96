/* The model file: recipe, estimator, how it was fitted, checks.  It is also what is broadcast. */
#ifndef SCORELINE_BUNDLE_H
#define SCORELINE_BUNDLE_H

#include <stddef.h>

#include "scoreline/error.h"
#include "scoreline/model.h"
#include "scoreline/recipe.h"

/* A few training rows as they were read, and what the model said of them. */
struct sl_checks {
    size_t                 n_rows;
    struct sl_column_block block;  /* inputs of the recipe; its texts are owned */
    struct sl_matrix       scores; /* [n_rows, n_outputs] */
};
enum { SL_MOST_CHECKS = 256 };

/** Room for rows of these requests; sl_checks_release() frees it; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_checks_init(struct sl_checks               *checks,
                                       const struct sl_column_request *requests, int n_requests,
                                       struct sl_error *err);
void                    sl_checks_release(struct sl_checks *checks);
/** Put a row of a block, whose first columns are those, at row `to`, at most n_rows; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_checks_put(struct sl_checks *checks, size_t to,
                                      const struct sl_column_block *block, size_t row,
                                      struct sl_error *err);
/** Append the cells of a row as bytes; SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_checks_pack(const struct sl_checks *checks, size_t row,
                                       struct sl_text *to, struct sl_error *err);
/** Cells that sl_checks_pack() made into row 0 of a block of the same columns; texts are borrowed
 *  from the bytes. */
void sl_checks_unpack(const char *from, struct sl_column_block *row);
/** Fill scores: what recipe and model say of the rows; SL_EINPUT: a row that cannot be scored. */
SL_MUST_CHECK sl_status sl_checks_score(struct sl_checks *checks, struct sl_recipe *recipe,
                                        const struct sl_model *model, struct sl_error *err);

struct sl_bundle {
    struct sl_recipe    *recipe;
    struct sl_model     *model;
    struct sl_fit_report fit;
    struct sl_checks     checks;
    struct sl_profile    score_profile; /* of the scores of the training rows, see sl_score_of() */
    char                *provenance;    /* JSON object as text: job name, inputs, versions, date */
};

/** What is told of the scores of a row as one number: the probability of class 1, beyond two
 * classes that of the most probable one.  of [n_rows] gets those of y, and may be y's own first
 * column. */
void sl_score_of(const struct sl_matrix *y, double *of);

/** Free what a bundle holds; it is {0} again. */
void sl_bundle_release(struct sl_bundle *bundle);

/** The text of the model file; *out is freed with free(); SL_ENOMEM.  Rank-local. */
SL_MUST_CHECK sl_status sl_bundle_print(const struct sl_bundle *bundle, char **out,
                                        struct sl_error *err);

/**
 * Rebuild a bundle from the text of a model file, which may come from untrusted hands.
 *
 * Owner:   bundle is released by sl_bundle_release().
 * Errors:  SL_EJOB with `source` and JSON path: not a model file, another version, sizes or types
 *          that do not fit, numbers that are not finite, checks whose scores do not come out again.
 * Ranks:   local.
 */
SL_MUST_CHECK sl_status sl_bundle_parse(const char *text, size_t n_bytes, const char *source,
                                        struct sl_bundle *bundle, struct sl_error *err);

#endif
