/* Rows to train on: which are taken, and those that travel with the model as checks.  For train.c
 * alone. */
#ifndef SCORELINE_RUN_TRAINING_SET_H
#define SCORELINE_RUN_TRAINING_SET_H

#include "scoreline/bundle.h"
#include "scoreline/job.h"

enum { TRAINING_CHECKS = 5 };

/* Rows in the order they were read.  Of a sample there may be more than will be taken, until
 * training_set_finish(). */
struct training_set {
    const struct sl_sample_spec *sample;
    struct sl_design             rows;
    size_t                       key_capacity;
    uint64_t                    *keys;       /* [rows] */
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

/** Drop what is not in the sample: those of the smallest keys are, by class where it is stratified;
 *  SL_ENOMEM. */
SL_MUST_CHECK sl_status training_set_finish(struct training_set *set, struct sl_error *err);

#endif
