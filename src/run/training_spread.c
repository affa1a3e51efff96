/* Who of the ranks that train together holds which rows: column by column they move to the rank
 * that is to learn from them. */
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "training_set.h"

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
