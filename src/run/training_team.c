/* What ranks that train together settle about their rows: classes, the sample, the checks, and at
 * last who holds which.  A rank's rows stand in the order they were read, and the ranks in that of
 * what they read, so that all rows have the order that one rank alone would have read them in. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "training_set.h"

/* --- classes ---------------------------------------------------------------------------------- */

sl_status training_set_unite(const struct sl_comm *comm, struct training_set *set,
                             struct sl_recipe *recipe, struct sl_error *err)
{
    int32_t  *map = NULL;
    int64_t  *counts = NULL;
    uint64_t *bound = NULL;
    size_t    n;
    sl_status rc;

    SL_TRY(sl_recipe_unite(comm, recipe, &set->rows, &map, err));
    n = (size_t)sl_recipe_n_classes_met(recipe);
    rc = sl_alloc_array(n, sizeof *counts, &counts, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n, sizeof *bound, &bound, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    for (int32_t c = 0; c < set->n_classes; c++)
        counts[map[c]] += set->n_of_class[c];
    sl_comm_sum_i64(comm, counts, n);
    sl_comm_sum_i64(comm, &set->n_eligible, 1);
    free(set->n_of_class);
    free(set->bound);
    set->n_of_class = counts;
    set->bound = bound;
    set->class_capacity = n;
    set->n_classes = (int32_t)n;
    counts = NULL;
    bound = NULL;
out:
    free(bound);
    free(counts);
    free(map);
    return rc;
}

/* --- the sample ------------------------------------------------------------------------------- */

/* What is left of a class's share of the sample when it is rounded down. */
struct remainder {
    int64_t  rest;      /* of the division by all rows */
    uint64_t first_key; /* the smallest of the class: its number depends on the order of rows */
    int32_t class;
};

static int by_rest_and_key(const void *left, const void *right)
{
    const struct remainder *a = left;
    const struct remainder *b = right;

    if (a->rest != b->rest)
        return a->rest > b->rest ? -1 : 1;
    return (a->first_key > b->first_key) - (a->first_key < b->first_key);
}

__extension__ typedef unsigned __int128 u128;

/* Rows of each class by the largest remainder: shares of n_rows, which add up to it. */
static sl_status share_out(const struct training_set *set, const struct training_candidate *all,
                           size_t n_all, int64_t n_rows, int64_t *most, struct sl_error *err)
{
    struct remainder *remainders = NULL;
    int64_t           n_left = n_rows;
    sl_status         rc;

    SL_TRY(sl_alloc_array((size_t)set->n_classes, sizeof *remainders, &remainders, err));
    for (int32_t c = 0; c < set->n_classes; c++) {
        const u128 share = (u128)n_rows * (u128)set->n_of_class[c];
        const u128 whole = (u128)set->n_eligible;

        most[c] = (int64_t)(share / whole);
        n_left -= most[c];
        remainders[c] = (struct remainder){(int64_t)(share % whole), UINT64_MAX, c};
    }
    for (size_t i = 0; i < n_all; i++) {
        struct remainder *of = &remainders[all[i].class];

        of->first_key = all[i].key < of->first_key ? all[i].key : of->first_key;
    }
    qsort(remainders, (size_t)set->n_classes, sizeof *remainders, by_rest_and_key);
    for (int64_t i = 0; i < n_left && i < set->n_classes; i++)
        most[remainders[i].class]++;
out:
    free(remainders);
    return rc;
}

/* Rank 0, of the candidates of all: which are in. */
static sl_status choose(struct training_set *set, struct training_candidate *all, size_t n_all,
                        int64_t n_rows, bool *keep, struct sl_error *err)
{
    int64_t  *most = NULL;
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)set->n_classes, sizeof *most, &most, err));
    most[0] = n_rows;
    if (set->sample->stratify)
        SL_TRY(share_out(set, all, n_all, n_rows, most, err));
    for (size_t i = 0; i < n_all; i++)
        all[i].row = i;
    training_choose(all, n_all, most, keep, set->bound);
out:
    free(most);
    return rc;
}

/* To each rank what is said of its candidates. */
static void hand_back(const struct sl_comm *comm, const bool *all, const int64_t *n_of_rank,
                      bool *keep)
{
    const int rank = sl_comm_rank(comm);
    size_t    first = (size_t)n_of_rank[0];

    if (rank != 0) {
        sl_comm_take(comm, 0, keep, (size_t)n_of_rank[rank] * sizeof *keep);
        return;
    }
    if (first > 0)
        memcpy(keep, all, first * sizeof *keep);
    for (int r = 1; r < sl_comm_size(comm); r++) {
        sl_comm_give(comm, r, all + first, (size_t)n_of_rank[r] * sizeof *keep);
        first += (size_t)n_of_rank[r];
    }
}

static sl_status select_rows(const struct sl_comm *comm, struct training_set *set, int64_t n_rows,
                             struct sl_error *err)
{
    struct training_candidate *mine = NULL;
    void                      *all = NULL;
    bool                      *keep = NULL;
    bool                      *keep_all = NULL;
    int64_t                   *n_of_rank = NULL;
    const size_t               n = set->rows.x.n_rows;
    size_t                     n_bytes = 0;
    sl_status                  rc;

    rc = training_set_list(set, &mine, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(n, sizeof *keep, &keep, err);
    if (rc == SL_OK)
        rc = sl_alloc_array((size_t)sl_comm_size(comm), sizeof *n_of_rank, &n_of_rank, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    sl_comm_allgather_i64(comm, (int64_t)n, n_of_rank);
    SL_TRY(sl_comm_gather_bytes(comm, mine, n * sizeof *mine, &all, &n_bytes, err));
    if (sl_comm_rank(comm) == 0) {
        rc = sl_alloc_array(n_bytes / sizeof *mine, sizeof *keep_all, &keep_all, err);
        if (rc == SL_OK)
            rc = choose(set, all, n_bytes / sizeof *mine, n_rows, keep_all, err);
    }
    SL_TRY(sl_comm_agree(comm, rc, err));
    hand_back(comm, keep_all, n_of_rank, keep);
    training_set_keep(set, keep);
out:
    free(n_of_rank);
    free(keep_all);
    free(keep);
    free(all);
    free(mine);
    return rc;
}

/* --- checks ----------------------------------------------------------------------------------- */

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

static sl_status gather_checks(const struct sl_comm *comm, struct training_set *set,
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

/* Each rank drops first what cannot be in the sample of all. */
sl_status training_set_finish(const struct sl_comm *comm, struct training_set *set,
                              const struct sl_recipe *recipe, struct sl_error *err)
{
    const struct sl_sample_spec *sample = set->sample;
    int64_t                      n_rows = sample->n_rows;
    sl_status                    rc = SL_OK;

    if (sample->stratify && sample->fraction > 0.0)
        n_rows = llrint(fmax(1.0, sample->fraction * (double)set->n_eligible));
    if (n_rows != 0 && n_rows < set->n_eligible) {
        if (sl_comm_size(comm) > 1)
            rc = training_set_cut(set, n_rows, err);
        SL_TRY(sl_comm_agree(comm, rc, err));
        SL_TRY(select_rows(comm, set, n_rows, err));
    }
    SL_TRY(gather_checks(comm, set, recipe, err));
out:
    return rc;
}

/* --- who holds which -------------------------------------------------------------------------- */

static bool is_used(const struct sl_design *rows, bool is_weighted, size_t i)
{
    return !is_weighted || rows->weight[i] > 0.0;
}

int64_t training_set_n_used(const struct training_set *set, bool is_weighted)
{
    int64_t n = 0;

    for (size_t i = 0; i < set->rows.x.n_rows; i++)
        n += is_used(&set->rows, is_weighted, i);
    return n;
}

/* The rows that go to each rank: those between its first row of positive weight and the next's. */
static void deal(const struct sl_comm *comm, const struct training_set *set, bool is_weighted,
                 const size_t *first_of, size_t *n_to)
{
    const int size = sl_comm_size(comm);
    size_t    used = (size_t)sl_comm_before_i64(comm, training_set_n_used(set, is_weighted));
    int       to = 0;

    memset(n_to, 0, (size_t)size * sizeof *n_to);
    for (size_t i = 0; i < set->rows.x.n_rows; i++) {
        while (to + 1 < size && used >= first_of[to + 1])
            to++;
        n_to[to]++;
        used += is_used(&set->rows, is_weighted, i);
    }
}

/* One array of the rows: its items go where the rows go. */
struct mover {
    const struct sl_comm *comm;
    const size_t         *n_to;   /* [ranks] rows */
    size_t               *to;     /* [ranks] bytes */
    size_t               *from;   /* [ranks] bytes */
    size_t                n_rows; /* to come */
};

static sl_status move(const struct mover *m, const void *column, size_t item_bytes, void *to,
                      struct sl_error *err)
{
    void     *got = NULL;
    sl_status rc;

    for (int r = 0; r < sl_comm_size(m->comm); r++)
        m->to[r] = m->n_to[r] * item_bytes;
    rc = sl_comm_exchange(m->comm, column, m->to, &got, m->from, err);
    if (rc == SL_OK && m->n_rows > 0)
        memcpy(to, got, m->n_rows * item_bytes);
    free(got);
    return rc;
}

static sl_status move_rows(const struct mover *m, const struct sl_design *from,
                           struct sl_design *to, struct sl_error *err)
{
    sl_status rc;

    for (size_t j = 0; j < from->x.n_cols; j++)
        SL_TRY(move(m, from->x.data + j * from->x.ld, sizeof *from->x.data,
                    to->x.data + j * to->x.ld, err));
    for (size_t k = 0; k < (size_t)from->n_codes; k++)
        SL_TRY(move(m, from->codes + k * from->x.ld, sizeof *from->codes, to->codes + k * to->x.ld,
                    err));
    SL_TRY(move(m, from->status, sizeof *from->status, to->status, err));
    SL_TRY(move(m, from->label, sizeof *from->label, to->label, err));
    SL_TRY(move(m, from->weight, sizeof *from->weight, to->weight, err));
    to->x.n_rows = m->n_rows;
out:
    return rc;
}

/* How many rows will come. */
static sl_status count_coming(struct mover *m, struct sl_error *err)
{
    const int size = sl_comm_size(m->comm);
    void     *got = NULL;
    int64_t  *n_to = NULL;
    sl_status rc = sl_alloc_array((size_t)size, sizeof *n_to, &n_to, err);

    SL_TRY(sl_comm_agree(m->comm, rc, err));
    for (int r = 0; r < size; r++) {
        n_to[r] = (int64_t)m->n_to[r];
        m->to[r] = sizeof *n_to;
    }
    SL_TRY(sl_comm_exchange(m->comm, n_to, m->to, &got, m->from, err));
    for (int r = 0; r < size; r++)
        m->n_rows += (size_t)((const int64_t *)got)[r];
out:
    free(got);
    free(n_to);
    return rc;
}

sl_status training_set_spread(const struct sl_comm *comm, struct training_set *set,
                              bool is_weighted, const size_t *first_of, struct sl_error *err)
{
    const size_t     size = (size_t)sl_comm_size(comm);
    struct sl_design next = {0};
    struct mover     m = {.comm = comm};
    size_t          *n_to = NULL;
    sl_status        rc;

    rc = sl_alloc_array(size, sizeof *n_to, &n_to, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(size, sizeof *m.to, &m.to, err);
    if (rc == SL_OK)
        rc = sl_alloc_array(size, sizeof *m.from, &m.from, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    deal(comm, set, is_weighted, first_of, n_to);
    m.n_to = n_to;
    SL_TRY(count_coming(&m, err));
    rc = sl_design_init(&next, m.n_rows, (int)set->rows.x.n_cols, set->rows.n_codes, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    SL_TRY(move_rows(&m, &set->rows, &next, err));
    sl_design_release(&set->rows);
    set->rows = next;
    next = (struct sl_design){0};
out:
    sl_design_release(&next);
    free(m.from);
    free(m.to);
    free(n_to);
    return rc;
}
