/* Rows of several ranks.  Rank 0 runs the solver and tells the others what it wants summed and
 * where; they sum over the parts that are theirs and send the sums, and rank 0 adds them up in the
 * order of parts.  So no decision is made twice, and ranks may well be processors of several kinds.
 */
#include <string.h>

#include "loss.h"

/* What the other ranks are told first. */
enum { DISMISS = -1, ADD_TOTALS = -2 }; /* else a depth */
struct order {
    int64_t what;
    int64_t stride;
};

static struct order share_order(const struct sl_loss *loss, struct order order)
{
    sl_comm_share(loss->problem->comm, 0, &order, sizeof order);
    return order;
}

/* Where: centres move, and with them what theta means. */
static void share_place(struct sl_loss *loss)
{
    const struct sl_comm *comm = loss->problem->comm;

    sl_comm_share(comm, 0, loss->slots,
                  loss->n_outputs * loss->inner.n_slots * sizeof *loss->slots);
    sl_comm_share(comm, 0, loss->inner.centre, loss->inner.n_numeric * sizeof(double));
}

/* --- totals ----------------------------------------------------------------------------------- */

static void add_total(const struct sl_problem *p, size_t row, double *totals)
{
    const double label = p->y[row];
    double       weight = p->weight == NULL ? 1.0 : p->weight[row];

    if (p->class_weight != NULL)
        weight *= p->class_weight[(int)label];
    if (p->n_classes > 0) {
        totals[p->one_class < 0 ? (int)label : label == p->one_class] += weight;
    } else {
        totals[0] += weight;
        totals[1] += weight * label;
    }
}

static void add_totals_here(const struct sl_loss *loss, size_t stride, double *totals)
{
    const struct sl_problem *p = loss->problem;
    const size_t             first = loss->first_part * p->parts.part_batches;

    for (size_t i = 0; i < p->n_rows; i++)
        if ((first + i / SL_BATCH_ROWS) % stride == 0)
            add_total(p, p->rows == NULL ? i : p->rows[i], totals);
}

/* They go from rank to rank, each adding its rows: one sum in the order of rows. */
static void pass_totals_on(const struct sl_loss *loss, size_t stride, double *totals)
{
    const struct sl_comm *comm = loss->problem->comm;
    const size_t          n_bytes = loss->n_totals * sizeof *totals;
    const int             rank = sl_comm_rank(comm);
    const int             size = sl_comm_size(comm);

    memset(totals, 0, n_bytes);
    if (rank > 0)
        sl_comm_take(comm, rank - 1, totals, n_bytes);
    add_totals_here(loss, stride, totals);
    if (size > 1)
        sl_comm_give(comm, (rank + 1) % size, totals, n_bytes);
    if (rank == 0 && size > 1)
        sl_comm_take(comm, size - 1, totals, n_bytes);
}

void sl_loss_add_totals(struct sl_loss *loss, size_t stride, double *totals)
{
    share_order(loss, (struct order){ADD_TOTALS, (int64_t)stride});
    pass_totals_on(loss, stride, totals);
}

/* --- passes ----------------------------------------------------------------------------------- */

typedef void move_bytes(const struct sl_comm *comm, int other, void *data, size_t n);

static void give(const struct sl_comm *comm, int other, void *data, size_t n)
{
    sl_comm_give(comm, other, data, n);
}

/* The sums of a part to or from another rank, as far as the pass has made them. */
static void move_sums(const struct sl_loss *loss, enum sl_loss_depth depth, int other,
                      struct sl_loss_sums *sums, move_bytes *move)
{
    const struct sl_comm *comm = loss->problem->comm;
    const size_t          n = loss->inner.n_slots;

    move(comm, other, &sums->value, sizeof sums->value);
    if (depth != SL_LOSS_VALUE)
        move(comm, other, sums->sums, loss->n_outputs * n * sizeof *sums->sums);
    if (depth == SL_LOSS_HESSIAN)
        move(comm, other, sums->gram, loss->n_pairs * n * n * sizeof *sums->gram);
}

void sl_loss_pass(struct sl_loss *loss, const double *theta, enum sl_loss_depth depth)
{
    const struct sl_problem *p = loss->problem;
    struct sl_loss_sums     *part = &loss->workers[0].part;

    for (size_t k = 0; k < loss->n_outputs; k++)
        sl_inner_spread(&loss->inner, theta + k * loss->inner.n_columns,
                        loss->slots + k * loss->inner.n_slots);
    share_order(loss, (struct order){depth, (int64_t)loss->stride});
    share_place(loss);
    sl_loss_pass_here(loss, depth);
    for (int r = 1; r < sl_comm_size(p->comm); r++) {
        for (size_t i = sl_parts_first(&p->parts, r); i < sl_parts_first(&p->parts, r + 1); i++) {
            move_sums(loss, depth, r, part, sl_comm_take);
            sl_loss_merge(loss, depth, part);
        }
    }
}

static void serve_pass(struct sl_loss *loss, enum sl_loss_depth depth)
{
    share_place(loss);
    sl_loss_pass_here(loss, depth);
    for (size_t i = 0; i < loss->n_parts; i++)
        move_sums(loss, depth, 0, &loss->kept[i], give);
}

void sl_loss_serve(struct sl_loss *loss)
{
    for (;;) {
        const struct order order = share_order(loss, (struct order){DISMISS, 1});

        loss->stride = (size_t)order.stride;
        if (order.what == DISMISS)
            return;
        if (order.what == ADD_TOTALS)
            pass_totals_on(loss, loss->stride, loss->totals);
        else
            serve_pass(loss, (enum sl_loss_depth)order.what);
    }
}

void sl_loss_dismiss(const struct sl_loss *loss)
{
    share_order(loss, (struct order){DISMISS, 1});
}
