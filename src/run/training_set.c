/* A sample is a matter of keys, which depend on nothing but the record: a fraction takes the keys
 * below a bound, a number of rows those of the smallest keys.  Where a number is wanted, rows that
 * cannot be among them any more are dropped on the way, so that memory is bounded by the sample;
 * most of them are not taken up at all, as the keys of the rows that are kept bound theirs. */
#include "training_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/memory.h"

enum { FIRST_CUT = 4096 };

sl_status training_set_init(struct training_set *set, const struct sl_sample_spec *sample,
                            const struct sl_recipe *recipe, struct sl_error *err)
{
    const struct sl_terms          *terms = sl_recipe_terms(recipe);
    int                             n_requests;
    const struct sl_column_request *requests = sl_recipe_inputs(recipe, &n_requests);
    sl_status                       rc;

    *set = (struct training_set){
        .sample = sample, .has_classes = !sl_recipe_is_number(recipe), .next_cut = FIRST_CUT};
    SL_TRY(sl_design_init(&set->rows, 0, terms->n_numeric, terms->n_categorical, err));
    SL_TRY(sl_checks_init(&set->checks, requests, n_requests, err));
out:
    return rc;
}

void training_set_release(struct training_set *set)
{
    sl_design_release(&set->rows);
    sl_checks_release(&set->checks);
    free(set->keys);
    free(set->partitions);
    free(set->n_of_class);
    free(set->bound);
}

uint64_t training_key(const struct sl_sample_spec *sample, const char *partition, int64_t record)
{
    struct sl_hash hash;

    sl_hash_init(&hash);
    sl_hash_add_i64(&hash, sample->seed);
    sl_hash_add_text(&hash, partition);
    sl_hash_add_i64(&hash, record);
    return sl_hash_value(&hash);
}

/* Stratified, each class has its own bound, which is known at the end. */
bool training_set_skips(const struct training_set *set, uint64_t key)
{
    const struct sl_sample_spec *sample = set->sample;

    return sample->fraction > 0.0 && sample->fraction < 1.0 && !sample->stratify &&
           (double)key >= ldexp(sample->fraction, 64);
}

/* --- checks ----------------------------------------------------------------------------------- */

/* The rows of the smallest keys travel with the model. */
static sl_status offer_check(struct training_set *set, const struct sl_column_block *block,
                             size_t row, uint64_t key, struct sl_error *err)
{
    size_t to = set->checks.n_rows;

    if (to == TRAINING_CHECKS) {
        to = 0;
        for (size_t i = 1; i < TRAINING_CHECKS; i++)
            to = set->check_keys[i] > set->check_keys[to] ? i : to;
        if (key >= set->check_keys[to])
            return SL_OK;
    }
    set->check_keys[to] = key;
    return sl_checks_put(&set->checks, to, block, row, err);
}

/* --- the sample ------------------------------------------------------------------------------- */

/* The class of a row where classes matter. */
static int32_t class_of(const struct training_set *set, double label)
{
    return set->sample->stratify ? (int32_t)label : 0;
}

static int by_class_and_key(const void *left, const void *right)
{
    const struct training_candidate *a = left;
    const struct training_candidate *b = right;

    if (a->class != b->class)
        return a->class < b->class ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

sl_status training_set_list(const struct training_set *set, struct training_candidate **out,
                            struct sl_error *err)
{
    const size_t n = set->rows.x.n_rows;
    sl_status    rc = sl_alloc_array(n, sizeof **out, out, err);

    for (size_t i = 0; rc == SL_OK && i < n; i++)
        (*out)[i] = (struct training_candidate){set->keys[i], i, class_of(set, set->rows.label[i])};
    return rc;
}

void training_choose(struct training_candidate *candidates, size_t n, const int64_t *most,
                     bool *keep, uint64_t *bound)
{
    int64_t n_kept = 0;

    qsort(candidates, n, sizeof *candidates, by_class_and_key);
    for (size_t i = 0; i < n; i++) {
        const int32_t class = candidates[i].class;

        n_kept = i > 0 && class == candidates[i - 1].class ? n_kept + 1 : 1;
        keep[candidates[i].row] = n_kept <= most[class];
        if (n_kept == most[class])
            bound[class] = candidates[i].key;
    }
}

void training_set_keep(struct training_set *set, const bool *keep)
{
    const size_t n = set->rows.x.n_rows;
    size_t       to = 0;

    sl_design_keep(&set->rows, keep);
    for (size_t i = 0; i < n; i++) {
        if (!keep[i])
            continue;
        set->partitions[to] = set->partitions[i];
        set->keys[to++] = set->keys[i];
    }
}

static sl_status keep_smallest(struct training_set *set, const int64_t *most, struct sl_error *err)
{
    const size_t               n = set->rows.x.n_rows;
    struct training_candidate *candidates = NULL;
    bool                      *keep = NULL;
    sl_status                  rc;

    SL_TRY(training_set_list(set, &candidates, err));
    SL_TRY(sl_alloc_array(n, sizeof *keep, &keep, err));
    training_choose(candidates, n, most, keep, set->bound);
    training_set_keep(set, keep);
out:
    free(keep);
    free(candidates);
    return rc;
}

/* None of that many can be told to be out yet. */
sl_status training_set_cut(struct training_set *set, int64_t n_rows, struct sl_error *err)
{
    int64_t  *most = NULL;
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)set->n_classes, sizeof *most, &most, err));
    for (int32_t c = 0; c < set->n_classes; c++)
        most[c] = n_rows;
    rc = keep_smallest(set, most, err);
out:
    free(most);
    return rc;
}

static sl_status cut(struct training_set *set, struct sl_error *err)
{
    sl_status rc;

    if (set->sample->n_rows == 0 || set->rows.x.n_rows < set->next_cut)
        return SL_OK;
    rc = training_set_cut(set, set->sample->n_rows, err);
    set->next_cut = 2 * set->rows.x.n_rows + FIRST_CUT;
    return rc;
}

static sl_status count_class(struct training_set *set, int32_t class, struct sl_error *err)
{
    size_t    capacity = set->class_capacity;
    sl_status rc;

    SL_TRY(sl_grow_array(&set->bound, &capacity, (size_t) class + 1, sizeof *set->bound, err));
    SL_TRY(sl_grow_array(&set->n_of_class, &set->class_capacity, (size_t) class + 1,
                         sizeof *set->n_of_class, err));
    for (; set->n_classes <= class; set->n_classes++) {
        set->n_of_class[set->n_classes] = 0;
        set->bound[set->n_classes] = UINT64_MAX;
    }
    set->n_of_class[class]++;
    set->n_eligible++;
out:
    return rc;
}

sl_status training_set_add(struct training_set *set, struct sl_recipe *recipe,
                           const struct sl_column_block *block, struct sl_design *design,
                           size_t row, uint64_t key, struct sl_error *err)
{
    const size_t n = set->rows.x.n_rows;
    sl_status    rc;

    SL_TRY(sl_recipe_learn(recipe, design, row, err));
    SL_TRY(count_class(set, set->has_classes ? (int32_t)design->label[row] : 0, err));
    SL_TRY(offer_check(set, block, row, key, err));
    if (key >= set->bound[class_of(set, design->label[row])])
        return SL_OK;
    SL_TRY(sl_design_reserve(&set->rows, n + 1, err));
    SL_TRY(sl_grow_array(&set->keys, &set->key_capacity, n + 1, sizeof *set->keys, err));
    SL_TRY(sl_grow_array(&set->partitions, &set->partition_capacity, n + 1, sizeof *set->partitions,
                         err));
    set->keys[n] = key;
    set->partitions[n] = set->partition;
    sl_design_append(&set->rows, design, row);
    SL_TRY(cut(set, err));
out:
    return rc;
}
