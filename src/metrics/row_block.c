/* Rows that count, and their tally: of two classes, which most models have, by loops without a
 * branch. */
#include "row_block.h"

#include "scoreline/numeric.h"

/* --- which rows ------------------------------------------------------------------------------- */

/* Whether all of rows [at, end) count: mostly they do. */
static bool all_count(const struct sl_scores *s, size_t at, size_t end)
{
    const int8_t  *label = s->label->cells.i8;
    const uint8_t *status = s->status->cells.u8;
    unsigned       odd = 0;

    if (s->label->dtype != SL_I8)
        return false;
    for (size_t i = at; i < end; i++)
        odd |= (unsigned)(status[i] != SL_ROW_SCORED) | (unsigned)(label[i] < 0);
    return odd == 0;
}

static void take_all(struct sl_row_block *block, size_t at, size_t end)
{
    const int8_t *label = block->scores->label->cells.i8;

    block->n = end - at;
    for (size_t b = 0; b < block->n; b++)
        block->row[b] = at + b;
    for (size_t b = 0; b < block->n; b++)
        block->label[b] = label[at + b]; /* NOLINT(*-signed-char-misuse,cert-str34-c): a number */
}

void sl_row_block_find(struct sl_row_block *block, size_t at, size_t end)
{
    const struct sl_scores *s = block->scores;

    if (all_count(s, at, end)) {
        take_all(block, at, end);
        return;
    }
    block->n = 0;
    for (size_t i = at; i < end; i++) {
        const int32_t label = sl_table_class(s->label, i);

        block->row[block->n] = i;
        block->label[block->n] = label;
        block->n += (size_t)((s->status->cells.u8[i] == SL_ROW_SCORED) & (label >= 0));
    }
}

void sl_row_block_scores(const struct sl_row_block *block, int class, double *out)
{
    const struct sl_table_column *column = block->scores->probability;
    const double                 *p = column->cells.f64 + (block->n_classes > 2 ? class : 0);

    for (size_t b = 0; b < block->n; b++)
        out[b] = p[block->row[b] * column->n_items];
}

/* --- their tally ------------------------------------------------------------------------------ */

/* log(2^-52) is finite, so one sure and wrong prediction does not decide everything. */
static double clip(double probability)
{
    const double least = 0x1p-52;
    const double above = probability < least ? least : probability;

    return above > 1 - least ? 1 - least : above;
}

/* What each row adds. */
struct terms {
    double likelihood[SL_ROWS_AT_ONCE]; /* of what was true */
    double squared[SL_ROWS_AT_ONCE];    /* error */
};

static void add_terms(struct sl_tally *tally, size_t n, struct terms *terms)
{
    tally->n_rows += (int64_t)n;
    sl_log_many(terms->likelihood, n, terms->likelihood);
    for (size_t b = 0; b < n; b++)
        terms->likelihood[b] = -terms->likelihood[b];
    sl_fixed_add_many(&tally->log_loss, terms->likelihood, n);
    sl_fixed_add_many(&tally->brier, terms->squared, n);
}

/* What is wrong with a row, if anything is. */
static sl_status check_row(const struct sl_row_block *block, size_t b, struct sl_error *err)
{
    const struct sl_table_column *column = block->scores->probability;
    const double                 *p = column->cells.f64 + block->row[b] * column->n_items;
    const int                     n = block->n_classes;
    const int predicted = sl_table_class(block->scores->predicted, block->row[b]);

    if (block->label[b] >= n || predicted < 0 || predicted >= n)
        return sl_fail(err, SL_EBUG, "metrics: label %d, predicted %d: no class", block->label[b],
                       predicted);
    for (size_t k = 0; k < column->n_items; k++)
        if (!(p[k] >= 0 && p[k] <= 1))
            return sl_fail(err, SL_EBUG, "metrics: %g is no probability", p[k]);
    return SL_OK;
}

/* A loop without branches found that some row is odd. */
static sl_status name_odd_row(const struct sl_row_block *block, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t b = 0; b < block->n && rc == SL_OK; b++)
        rc = check_row(block, b, err);
    return rc;
}

static sl_status tally_two(const struct sl_row_block *block, struct sl_tally *tally,
                           int64_t *matrix, struct sl_error *err)
{
    double       p[SL_ROWS_AT_ONCE];
    struct terms terms;
    int64_t      n_of[4] = {0}; /* by label and prediction */
    bool         are_sound = true;

    sl_row_block_scores(block, 1, p);
    for (size_t b = 0; b < block->n; b++) {
        const int32_t label = block->label[b];
        const double  near = clip(p[b]);

        are_sound &= (label < 2) & (p[b] >= 0) & (p[b] <= 1);
        terms.likelihood[b] = label == 1 ? near : 1 - near;
        terms.squared[b] = (p[b] - label) * (p[b] - label);
    }
    for (size_t b = 0; b < block->n; b++) {
        const unsigned predicted =
            (unsigned)sl_table_class(block->scores->predicted, block->row[b]);

        are_sound &= predicted < 2;
        n_of[(2 * (unsigned)block->label[b] + predicted) % 4]++;
    }
    if (!are_sound)
        return name_odd_row(block, err);
    for (int i = 0; i < 4; i++)
        matrix[i] += n_of[i];
    tally->n_positive += n_of[2] + n_of[3];
    tally->n_correct += n_of[0] + n_of[3];
    add_terms(tally, block->n, &terms);
    return SL_OK;
}

/* The squared error of a row, over all classes. */
static double squared_error(const double *p, int n_classes, int label)
{
    double sum = 0;

    for (int k = 0; k < n_classes; k++) {
        const double error = p[k] - (k == label);

        sum += error * error;
    }
    return sum;
}

static sl_status tally_several(const struct sl_row_block *block, struct sl_tally *tally,
                               int64_t *matrix, struct sl_error *err)
{
    const struct sl_scores *s = block->scores;
    const size_t            n = (size_t)block->n_classes;
    struct terms            terms;
    sl_status               rc = SL_OK;
    size_t                  b = 0;

    do {
        const size_t  i = block->row[b];
        const int32_t label = block->label[b];
        const int32_t predicted = sl_table_class(s->predicted, i);
        const double *p = s->probability->cells.f64 + i * s->probability->n_items;

        SL_TRY(check_row(block, b, err));
        terms.squared[b] = squared_error(p, block->n_classes, label);
        terms.likelihood[b] = clip(p[label]);
        tally->n_positive += label == 1;
        tally->n_correct += predicted == label;
        matrix[(size_t)label * n + (size_t)predicted]++;
    } while (++b < block->n);
    add_terms(tally, block->n, &terms);
out:
    return rc;
}

sl_status sl_row_block_tally(const struct sl_row_block *block, struct sl_tally *tally,
                             int64_t *matrix, struct sl_error *err)
{
    if (block->n == 0)
        return SL_OK;
    return block->n_classes == 2 ? tally_two(block, tally, matrix, err)
                                 : tally_several(block, tally, matrix, err);
}
