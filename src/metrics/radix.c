/* Radix sort: one reading counts the digits of all passes, each pass then moves every item once. */
#include "radix.h"

#include <stdbool.h>
#include <string.h>

enum { DIGIT_BITS = 8, N_DIGITS = 1 << DIGIT_BITS, N_PASSES = 64 / DIGIT_BITS };

static unsigned digit_of(uint64_t key, int pass)
{
    return (unsigned)(key >> (pass * DIGIT_BITS)) & (N_DIGITS - 1);
}

static void count_digits(const struct sl_keyed *items, size_t n, size_t count[N_PASSES][N_DIGITS])
{
    memset(count, 0, sizeof(size_t[N_PASSES][N_DIGITS]));
    for (size_t i = 0; i < n; i++)
        for (int pass = 0; pass < N_PASSES; pass++)
            count[pass][digit_of(items[i].key, pass)]++;
}

/* Counts become the place of the first item of each digit. */
static void count_to_place(size_t count[N_DIGITS])
{
    size_t place = 0;

    for (int d = 0; d < N_DIGITS; d++) {
        size_t n = count[d];

        count[d] = place;
        place += n;
    }
}

static void move_items(const struct sl_keyed *from, size_t n, int pass, size_t place[N_DIGITS],
                       struct sl_keyed *to)
{
    for (size_t i = 0; i < n; i++)
        to[place[digit_of(from[i].key, pass)]++] = from[i];
}

void sl_radix_sort(struct sl_keyed *items, struct sl_keyed *scratch, size_t n)
{
    size_t           count[N_PASSES][N_DIGITS];
    struct sl_keyed *from = items;
    struct sl_keyed *to = scratch;

    count_digits(items, n, count);
    for (int pass = 0; pass < N_PASSES; pass++) {
        bool all_agree = n == 0 || count[pass][digit_of(from[0].key, pass)] == n;

        if (all_agree)
            continue;
        count_to_place(count[pass]);
        move_items(from, n, pass, count[pass], to);
        struct sl_keyed *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
}

uint64_t sl_key_of(double number)
{
    const double n = number + 0.0; /* no -0 */
    uint64_t     bits;

    memcpy(&bits, &n, sizeof bits);
    return bits;
}
