/* Where what was scored is furthest from what the model was trained on. */
#include <math.h>

#include "evaluate.h"
#include "scored_drift.h"

enum { MOST_ROWS = 10 };

/* The rows of /drift whose index is greatest, in descending order; of equal ones the first. */
struct worst {
    size_t n;
    size_t rows[MOST_ROWS];
    double psi[MOST_ROWS];
};

static void consider(struct worst *worst, size_t row, double psi)
{
    size_t at = worst->n;

    while (at > 0 && worst->psi[at - 1] < psi)
        at--;
    if (at == MOST_ROWS || isnan(psi))
        return;
    if (worst->n < MOST_ROWS)
        worst->n++;
    for (size_t i = worst->n - 1; i > at; i--) {
        worst->rows[i] = worst->rows[i - 1];
        worst->psi[i] = worst->psi[i - 1];
    }
    worst->rows[at] = row;
    worst->psi[at] = psi;
}

static sl_status add_row(const struct evaluate *e, const struct scored_drift_row *d,
                         struct sl_json *to, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(
        sl_json_add_text(to, "partition", e->partitions.plan.partitions[d->partition].name, err));
    SL_TRY(scored_add_text(to, "feature", d->feature, err));
    SL_TRY(sl_json_add_number(to, "rows", (double)d->n_rows, err));
    SL_TRY(sl_json_add_number(to, "psi", d->psi, err));
    SL_TRY(sl_json_add_number(to, "missing", (double)d->n_missing, err));
    SL_TRY(sl_json_add_number(to, "unknown", (double)d->n_unknown, err));
    SL_TRY(sl_json_add_number(to, "below", (double)d->n_below, err));
    SL_TRY(sl_json_add_number(to, "above", (double)d->n_above, err));
out:
    return rc;
}

sl_status evaluate_add_drift(const struct evaluate *e, struct sl_json *to, struct sl_error *err)
{
    struct scored_drift drift;
    struct worst        worst = {.n = 0};
    struct sl_json     *list;
    struct sl_json     *object;
    sl_status           rc;

    SL_TRY(scored_drift_read(e->scored, e->partitions.plan.n_partitions, &drift, err));
    for (size_t i = 0; i < drift.table.n_rows; i++)
        consider(&worst, i, scored_drift_at(&drift, i).psi);
    SL_TRY(sl_json_add_list(to, "drift", &list, err));
    for (size_t i = 0; i < worst.n; i++) {
        const struct scored_drift_row d = scored_drift_at(&drift, worst.rows[i]);

        SL_TRY(sl_json_add_object(list, NULL, &object, err));
        SL_TRY(add_row(e, &d, object, err));
    }
out:
    scored_drift_release(&drift);
    return rc;
}
