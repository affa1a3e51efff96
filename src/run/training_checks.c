/* The rows that travel with a model as checks: each rank packs its candidates, rank 0 takes those
 * of the smallest keys. */
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "training_set.h"

/* A check on its way to rank 0; behind it the cells. */
struct check_head {
    uint64_t key;
    size_t   n_bytes; /* of the cells */
    bool     is_in;   /* the sample */
};

static bool is_in_set(const struct training_set *set, uint64_t key)
{
    for (size_t i = 0; i < set->rows.x.n_rows; i++)
        if (set->keys[i] == key)
            return true;
    return false;
}

static sl_status pack_checks(const struct training_set *set, struct sl_text *to,
                             struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t k = 0; k < set->checks.n_rows; k++) {
        struct check_head head;
        const size_t      at = to->n_bytes;

        memset(&head, 0, sizeof head);
        head.key = set->check_keys[k];
        head.is_in = is_in_set(set, head.key);
        SL_TRY(sl_text_add_bytes(to, &head, sizeof head, err));
        SL_TRY(sl_checks_pack(&set->checks, k, to, err));
        head.n_bytes = to->n_bytes - at - sizeof head;
        memcpy(to->data + at, &head, sizeof head);
    }
out:
    return rc;
}

struct offered {
    struct check_head head;
    const char       *cells;
};

static int by_key(const void *left, const void *right)
{
    const struct offered *a = left;
    const struct offered *b = right;

    return (a->head.key > b->head.key) - (a->head.key < b->head.key);
}

/* Rank 0: of the rows of the smallest keys those that are in the sample, in the order of keys.
 * Others may have levels that the model does not know. */
static sl_status take_checks(struct training_set *set, const struct sl_recipe *recipe,
                             struct offered *offered, size_t n, struct sl_error *err)
{
    int                             n_requests;
    const struct sl_column_request *requests = sl_recipe_inputs(recipe, &n_requests);
    struct sl_column_block          row = {0};
    sl_status                       rc;

    if (n > 0)
        qsort(offered, n, sizeof *offered, by_key);
    sl_checks_release(&set->checks);
    SL_TRY(sl_checks_init(&set->checks, requests, n_requests, err));
    SL_TRY(sl_column_block_init(&row, requests, n_requests, err));
    for (size_t i = 0; i < n && i < TRAINING_CHECKS; i++) {
        if (!offered[i].head.is_in)
            continue;
        sl_checks_unpack(offered[i].cells, &row);
        SL_TRY(sl_checks_put(&set->checks, set->checks.n_rows, &row, 0, err));
    }
out:
    sl_column_block_release(&row);
    return rc;
}

static sl_status list_offered(const char *at, size_t n_bytes, struct offered **offered, size_t *n,
                              struct sl_error *err)
{
    const char *end = at + n_bytes;
    size_t      capacity = 0;
    sl_status   rc = SL_OK;

    while (at < end && rc == SL_OK) {
        rc = sl_grow_array(offered, &capacity, *n + 1, sizeof **offered, err);
        if (rc != SL_OK)
            return rc;
        memcpy(&(*offered)[*n].head, at, sizeof(struct check_head));
        (*offered)[*n].cells = at + sizeof(struct check_head);
        at = (*offered)[*n].cells + (*offered)[*n].head.n_bytes;
        ++*n;
    }
    return rc;
}

sl_status training_set_gather_checks(const struct sl_comm *comm, struct training_set *set,
                                     const struct sl_recipe *recipe, struct sl_error *err)
{
    struct sl_text  mine = {0};
    struct offered *offered = NULL;
    void           *all = NULL;
    size_t          n_all = 0, n = 0;
    sl_status       rc;

    SL_TRY(sl_comm_agree(comm, pack_checks(set, &mine, err), err));
    SL_TRY(sl_comm_gather_bytes(comm, mine.data, mine.n_bytes, &all, &n_all, err));
    if (sl_comm_rank(comm) == 0) {
        rc = list_offered(all, n_all, &offered, &n, err);
        if (rc == SL_OK)
            rc = take_checks(set, recipe, offered, n, err);
    }
    rc = sl_comm_agree(comm, rc, err);
out:
    free(offered);
    free(all);
    sl_text_release(&mine);
    return rc;
}
