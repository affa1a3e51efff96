/* Rows to train on: which are taken, and those that travel with the model as checks.  For the
 * files that train. */
#ifndef SCORELINE_RUN_TRAINING_SET_H
#define SCORELINE_RUN_TRAINING_SET_H

#include "scoreline/bundle.h"
#include "scoreline/comm.h"
#include "scoreline/job.h"

enum { TRAINING_CHECKS = 5 };

/* Rows in the order they were read.  Of a sample there may be more than will be taken, until
 * training_set_finish(). */
struct training_set {
    const struct sl_sample_spec *sample;
    bool                         has_classes;
    struct sl_design             rows;
    size_t                       key_capacity;
    uint64_t                    *keys;       /* [rows] */
    size_t                       partition_capacity;
    int32_t                     *partitions; /* [rows] where each comes from */
    int32_t                      partition;  /* of the rows that are added */
    int64_t                      n_eligible; /* rows that could be taken */
    size_t                       class_capacity;
    int64_t                     *n_of_class; /* of those, by class as sl_recipe_learn() counts */
    int32_t                      n_classes;
    uint64_t *bound; /* [class_capacity] from which key on a class's rows are out; of all rows
                        at 0 where classes do not matter */
    size_t next_cut; /* rows from which on it is worth to drop some */

    struct sl_checks checks;
    uint64_t         check_keys[TRAINING_CHECKS];
};

/** An empty set for what a recipe reads; requests are those of its inputs; SL_ENOMEM. */
SL_MUST_CHECK sl_status training_set_init(struct training_set         *set,
                                          const struct sl_sample_spec *sample,
                                          const struct sl_recipe *recipe, struct sl_error *err);
void                    training_set_release(struct training_set *set);

/** The key of a record: a hash of the sample's seed (8 bytes, lowest first), the partition's name
 * and a NUL, and the record's number in the partition from 0 (8 bytes, lowest first). */
uint64_t training_key(const struct sl_sample_spec *sample, const char *partition, int64_t record);

/** Whether a record can be told to be left out by its key alone. */
bool training_set_skips(const struct training_set *set, uint64_t key);

/**
 * Take up a row of the block that the recipe evaluated last.
 *
 * Errors:  those of sl_recipe_learn(); SL_ENOMEM.
 */
SL_MUST_CHECK sl_status training_set_add(struct training_set *set, struct sl_recipe *recipe,
                                         const struct sl_column_block *block,
                                         struct sl_design *design, size_t row, uint64_t key,
                                         struct sl_error *err);

/* --- training_team.c: what ranks do together, in this order; one rank is a team as well --------
 */

/** Number classes and levels alike on all ranks; the sets' counts become those of all.  Errors of
 *  sl_recipe_unite(). */
SL_MUST_CHECK sl_status training_set_unite(const struct sl_comm *comm, struct training_set *set,
                                           struct sl_recipe *recipe, struct sl_error *err);

/** Drop what is not in the sample of all: those of the smallest keys are, by class where it is
 *  stratified.  The checks of all go to rank 0, in the order of their keys.  SL_ENOMEM. */
SL_MUST_CHECK sl_status training_set_finish(const struct sl_comm *comm, struct training_set *set,
                                            const struct sl_recipe *recipe, struct sl_error *err);

/* training_checks.c: the part of it that is the checks'. */
SL_MUST_CHECK sl_status training_set_gather_checks(const struct sl_comm   *comm,
                                                   struct training_set    *set,
                                                   const struct sl_recipe *recipe,
                                                   struct sl_error        *err);

/* --- training_spread.c: and then who holds which ----------------------------------------------- */

/** How many rows of a rank's are of positive weight. */
int64_t training_set_n_used(const struct training_set *set, bool is_weighted);

/** Give rank r the rows from the first_of[r]-th one of positive weight on, of all ranks' in their
 *  order, up to the next rank's.  Keys and partitions are not kept.  SL_ENOMEM.
 */
SL_MUST_CHECK sl_status training_set_spread(const struct sl_comm *comm, struct training_set *set,
                                            bool is_weighted, const size_t *first_of,
                                            struct sl_error *err);

/* --- for training_team.c ---------------------------------------------------------------------- */

/* A row that may be in the sample: its class, or 0 where classes do not matter. */
struct training_candidate {
    uint64_t key;
    size_t   row;
    int32_t class;
};
/** The rows of a set as candidates; freed with free(); SL_ENOMEM. */
SL_MUST_CHECK sl_status training_set_list(const struct training_set  *set,
                                          struct training_candidate **out, struct sl_error *err);
/** Sort candidates and say of each row whether it is among the most[class] of the smallest keys;
 *  of equal ones the first row's.  Where there are as many, bound[class] becomes the greatest. */
void training_choose(struct training_candidate *candidates, size_t n, const int64_t *most,
                     bool *keep, uint64_t *bound);
/** Keep the rows of which keep [rows] is true. */
void training_set_keep(struct training_set *set, const bool *keep);
/** Drop what is not among n_rows of a set alone, of each class where they matter; SL_ENOMEM. */
SL_MUST_CHECK sl_status training_set_cut(struct training_set *set, int64_t n_rows,
                                         struct sl_error *err);

#endif
