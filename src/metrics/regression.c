/* Errors of numbers, as exact sums by partition: neither the order of rows nor how they are spread
 * over ranks can matter, and the spread of labels keeps its digits however far they are from 0. */
#include "regression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "measured.h"
#include "scoreline/block.h"
#include "scoreline/memory.h"

enum { LOGS_AT_ONCE = 256, N_SUMS = 5 };

/* Of one partition's rows; all integers but the range. */
struct tally {
    int64_t         n_rows;
    struct sl_exact squares; /* of the errors */
    struct sl_exact sizes;
    struct sl_exact deviance;
    struct sl_exact labels;
    struct sl_exact label_squares;
    double          least_negated; /* - the least label; with the most, whether all are equal */
    double          most;
};

struct sl_numbers {
    int              n_partitions;
    enum sl_deviance deviance;
    struct tally   **tallies; /* [n_partitions]; NULL: no rows on this rank */
};

sl_status sl_numbers_create(int n_partitions, enum sl_deviance deviance, struct sl_numbers **out,
                            struct sl_error *err)
{
    struct sl_numbers *numbers = NULL;
    sl_status          rc;

    SL_TRY(sl_alloc_array(1, sizeof *numbers, &numbers, err));
    numbers->n_partitions = n_partitions;
    numbers->deviance = deviance;
    SL_TRY(sl_alloc_array((size_t)n_partitions, sizeof(struct tally *), &numbers->tallies, err));
    *out = numbers;
    numbers = NULL;
out:
    sl_numbers_free(numbers);
    return rc;
}

void sl_numbers_free(struct sl_numbers *numbers)
{
    if (numbers == NULL)
        return;
    for (int p = 0; numbers->tallies != NULL && p < numbers->n_partitions; p++)
        free(numbers->tallies[p]);
    free(numbers->tallies);
    free(numbers);
}

/* --- rows in ---------------------------------------------------------------------------------- */

static void tally_init(struct tally *tally)
{
    *tally = (struct tally){.least_negated = -INFINITY, .most = -INFINITY};
}

/* Terms of the deviance that want a logarithm: taken together, they are found faster. */
struct ratios {
    size_t n;
    double label[LOGS_AT_ONCE];
    double value[LOGS_AT_ONCE];
};

static void add_deviances(struct tally *tally, struct ratios *r)
{
    double logs[LOGS_AT_ONCE];

    for (size_t i = 0; i < r->n; i++)
        logs[i] = r->label[i] > 0.0 ? r->label[i] / r->value[i] : 1.0;
    sl_log_many(logs, r->n, logs);
    for (size_t i = 0; i < r->n; i++)
        sl_exact_add(&tally->deviance, 2.0 * (r->label[i] * logs[i] - r->label[i] + r->value[i]));
    r->n = 0;
}

static void add_row(struct tally *tally, double label, double value)
{
    const double error = label - value;

    tally->n_rows++;
    sl_exact_add_square(&tally->squares, error);
    sl_exact_add(&tally->sizes, fabs(error));
    sl_exact_add(&tally->labels, label);
    sl_exact_add_square(&tally->label_squares, label);
    tally->least_negated = fmax(tally->least_negated, -label);
    tally->most = fmax(tally->most, label);
}

sl_status sl_numbers_add(struct sl_numbers *numbers, int partition, const struct sl_scores *s,
                         struct sl_error *err)
{
    struct tally **tally = &numbers->tallies[partition];
    struct ratios  ratios = {.n = 0};
    sl_status      rc = SL_OK;

    if (*tally == NULL) {
        SL_TRY(sl_alloc_array(1, sizeof **tally, tally, err));
        tally_init(*tally);
    }
    for (size_t i = s->at; i < s->at + s->n_rows; i++) {
        const double label = s->label->cells.f64[i];
        const double value = s->probability->cells.f64[i];

        if (s->status->cells.u8[i] != SL_ROW_SCORED || isnan(label))
            continue;
        add_row(*tally, label, value);
        if (numbers->deviance != SL_DEVIANCE_POISSON)
            continue;
        ratios.label[ratios.n] = label;
        ratios.value[ratios.n++] = value;
        if (ratios.n == LOGS_AT_ONCE)
            add_deviances(*tally, &ratios);
    }
    add_deviances(*tally, &ratios);
out:
    return rc;
}

/* --- metrics out ------------------------------------------------------------------------------ */

static struct sl_exact *sum_at(struct tally *tally, int k)
{
    struct sl_exact *const sums[N_SUMS] = {&tally->squares, &tally->sizes, &tally->deviance,
                                           &tally->labels, &tally->label_squares};

    return sums[k];
}

/* Over ranks: integers are added, of which ranks keep all but the highest digit within 32 bits. */
static void unite(const struct sl_comm *comm, struct tally *tally)
{
    for (int k = 0; k < N_SUMS; k++) {
        struct sl_exact *sum = sum_at(tally, k);

        sl_exact_carry(sum);
        sl_comm_sum_i64(comm, sum->digit, SL_EXACT_DIGITS);
        sl_comm_sum_i64(comm, &sum->n_odd, 1);
        sl_exact_carry(sum);
    }
    sl_comm_sum_i64(comm, &tally->n_rows, 1);
    sl_comm_max_f64(comm, &tally->least_negated, 1);
    sl_comm_max_f64(comm, &tally->most, 1);
}

static void merge(struct tally *sum, struct tally *other)
{
    for (int k = 0; k < N_SUMS; k++)
        sl_exact_merge(sum_at(sum, k), sum_at(other, k));
    sum->n_rows += other->n_rows;
    sum->least_negated = fmax(sum->least_negated, other->least_negated);
    sum->most = fmax(sum->most, other->most);
}

/* Squared deviations of the labels from their mean: (n sum(y^2) - sum(y)^2) / n, which keeps half
 * of its digits where the labels agree in half of theirs. */
static double spread_of(const struct tally *tally)
{
    const struct sl_sum y = sl_exact_value(&tally->labels);
    const struct sl_sum yy = sl_exact_value(&tally->label_squares);
    const double        n = (double)tally->n_rows;
    struct sl_sum       sum = {0};

    sl_sum_add_product(&sum, n, yy.high);
    sl_sum_add_product(&sum, -y.high, y.high);
    sl_sum_add_product(&sum, n, yy.low);
    sl_sum_add_product(&sum, -2.0 * y.high, y.low);
    return sl_sum_value(&sum) / n;
}

static double sum_of(const struct sl_exact *exact)
{
    const struct sl_sum value = sl_exact_value(exact);

    return sl_sum_value(&value);
}

static void measure(const struct tally *tally, enum sl_deviance deviance,
                    struct sl_number_values *out)
{
    const double n = tally->n_rows > 0 ? (double)tally->n_rows : (double)NAN;
    const double squares = sum_of(&tally->squares);
    const bool   is_spread = tally->n_rows > 0 && tally->most > -tally->least_negated;

    *out = (struct sl_number_values){.n_rows = tally->n_rows};
    out->mae = sum_of(&tally->sizes) / n;
    out->rmse = sqrt(squares / n);
    out->deviance = (deviance == SL_DEVIANCE_POISSON ? sum_of(&tally->deviance) : squares) / n;
    out->r2 = is_spread ? 1.0 - squares / spread_of(tally) : (double)NAN;
}

sl_status sl_numbers_finish(const struct sl_comm *comm, struct sl_numbers *numbers,
                            const bool *trained_on, struct sl_measured *out, struct sl_error *err)
{
    struct tally *groups = NULL, *one;
    sl_status     rc = sl_alloc_array(SL_FIRST_PARTITION + 1, sizeof *groups, &groups, err);

    SL_TRY(sl_comm_agree(comm, rc, err));
    one = &groups[SL_FIRST_PARTITION];
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        tally_init(&groups[g]);
    for (int p = 0; p < numbers->n_partitions; p++) {
        if (numbers->tallies[p] != NULL)
            *one = *numbers->tallies[p];
        else
            tally_init(one);
        unite(comm, one);
        merge(&groups[trained_on[p] ? SL_TRAINED_ON : SL_HELD_OUT], one);
        merge(&groups[SL_ALL], one);
        measure(one, numbers->deviance, &out->numbers[SL_FIRST_PARTITION + p]);
    }
    for (int g = 0; g < SL_FIRST_PARTITION; g++)
        measure(&groups[g], numbers->deviance, &out->numbers[g]);
    for (size_t g = 0; g < sl_measured_groups(out); g++)
        out->values[g].n_rows = out->numbers[g].n_rows;
out:
    free(groups);
    return rc;
}
