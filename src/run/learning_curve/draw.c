/* Which rows a fit sees, and which judge it: nothing but hashes of the rows' own keys, so that it
 * depends neither on ranks nor on the order of rows, and anyone can draw them again. */
#include <stdlib.h>

#include "curve.h"
#include "scoreline/hash.h"
#include "scoreline/memory.h"

/* A row in a drawing. */
struct ticket {
    uint64_t key;
    size_t   row;
};

uint64_t curve_key(int64_t random_state, int repeat, int drawing, uint64_t key)
{
    struct sl_hash hash;

    sl_hash_init(&hash);
    sl_hash_add_i64(&hash, random_state);
    sl_hash_add_i64(&hash, repeat);
    sl_hash_add_i64(&hash, drawing);
    sl_hash_add_i64(&hash, (int64_t)key);
    return sl_hash_value(&hash);
}

size_t curve_count(const struct curve_rows *rows, enum curve_role role)
{
    size_t n = 0;

    for (size_t i = 0; i < rows->n; i++)
        n += (rows->roles[i] & role) != 0;
    return n;
}

/* Folds differ by one row at most, the first ones being the larger ones. */
size_t curve_most(const struct curve_rows *rows)
{
    const size_t n_splits = (size_t)rows->n_splits;
    size_t       n_both = 0;

    for (size_t i = 0; i < rows->n; i++)
        n_both +=
            (rows->roles[i] & (CURVE_POOL | CURVE_VALIDATED)) == (CURVE_POOL | CURVE_VALIDATED);
    return curve_count(rows, CURVE_POOL) - (n_both + n_splits - 1) / n_splits;
}

static int by_key(const void *left, const void *right)
{
    const struct ticket *a = left;
    const struct ticket *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* The rows of a role that are not left out, in the order of a drawing. */
static size_t draw_tickets(const struct curve_rows *rows, enum curve_role role, const bool *is_out,
                           int repeat, int drawing, struct ticket *tickets)
{
    size_t n = 0;

    for (size_t i = 0; i < rows->n; i++) {
        if ((rows->roles[i] & role) == 0 || is_out[i])
            continue;
        tickets[n].key = curve_key(rows->random_state, repeat, drawing, rows->keys[i]);
        tickets[n++].row = i;
    }
    qsort(tickets, n, sizeof *tickets, by_key);
    return n;
}

/* The rows that are marked, in their own order. */
static struct trial_subset list_marked(const bool *is_marked, size_t n, size_t *numbers)
{
    struct trial_subset subset = {.n = 0, .rows = numbers};

    for (size_t i = 0; i < n; i++)
        if (is_marked[i])
            numbers[subset.n++] = i;
    return subset;
}

sl_status curve_draw(const struct curve_rows *rows, int repeat, int fold, size_t size,
                     struct curve_draw *draw, struct sl_error *err)
{
    const enum curve_role role = size == 0 ? CURVE_OF_JOB : CURVE_POOL;
    struct ticket        *tickets = NULL;
    bool                 *is_test = NULL, *is_train = NULL;
    size_t                n;
    sl_status             rc;

    *draw = (struct curve_draw){.numbers = NULL};
    SL_TRY(sl_alloc_array(rows->n, sizeof *tickets, &tickets, err));
    SL_TRY(sl_alloc_array(rows->n, sizeof *is_test, &is_test, err));
    SL_TRY(sl_alloc_array(rows->n, sizeof *is_train, &is_train, err));
    SL_TRY(sl_alloc_array(2 * rows->n, sizeof *draw->numbers, &draw->numbers, err));
    n = draw_tickets(rows, CURVE_VALIDATED, is_train, repeat, 0, tickets);
    for (size_t i = (size_t)fold; i < n; i += (size_t)rows->n_splits)
        is_test[tickets[i].row] = true;
    n = draw_tickets(rows, role, is_test, repeat, fold + 1, tickets);
    for (size_t i = 0; i < n && (i < size || size == 0); i++)
        is_train[tickets[i].row] = true;
    draw->train = list_marked(is_train, rows->n, draw->numbers);
    draw->test = list_marked(is_test, rows->n, draw->numbers + rows->n);
out:
    free(tickets);
    free(is_test);
    free(is_train);
    if (rc != SL_OK)
        curve_draw_release(draw);
    return rc;
}

void curve_draw_release(struct curve_draw *draw)
{
    free(draw->numbers);
    *draw = (struct curve_draw){.numbers = NULL};
}
