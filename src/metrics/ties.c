/* Ties in order.  Sorting is in place: the room that a second copy would take holds rows. */
#include "ties.h"

#include <stdbool.h>
#include <string.h>

enum { DIGIT_BITS = 8, N_DIGITS = 1 << DIGIT_BITS, MOST_TO_INSERT = 32 };

uint64_t sl_key_of(double number)
{
    const double n = number + 0.0; /* no -0 */
    uint64_t     bits;

    memcpy(&bits, &n, sizeof bits);
    return bits;
}

double sl_number_of(uint64_t key)
{
    double number;

    memcpy(&number, &key, sizeof number);
    return number;
}

static bool is_before(const struct sl_tie *a, const struct sl_tie *b)
{
    return a->key < b->key || (a->key == b->key && a->who < b->who);
}

static void insert_all(struct sl_tie *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct sl_tie item = items[i];
        size_t              at = i;

        for (; at > 0 && is_before(&item, &items[at - 1]); at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* What is sorted by: keys, and where all are equal, who. */
struct digit {
    bool     of_who;
    uint64_t least;
    int      shift;
};

static uint64_t value_of(const struct sl_tie *item, bool of_who)
{
    return of_who ? item->who : item->key;
}

static unsigned digit_of(const struct digit *d, const struct sl_tie *item)
{
    return (unsigned)((value_of(item, d->of_who) - d->least) >> d->shift);
}

/* The leading digit of what differs; false: nothing does. */
static bool find_digit(const struct sl_tie *items, size_t n, bool of_who, struct digit *d)
{
    uint64_t least = value_of(items, of_who);
    uint64_t most = least;

    for (size_t i = 1; i < n; i++) {
        const uint64_t value = value_of(&items[i], of_who);

        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    *d = (struct digit){.of_who = of_who, .least = least};
    while ((most - least) >> d->shift >= N_DIGITS)
        d->shift++;
    return most > least;
}

/* Every item into the range of its digit, along cycles of items that take each other's place. */
static void move_items(struct sl_tie *items, const struct digit *d, size_t place[N_DIGITS],
                       const size_t end[N_DIGITS])
{
    for (unsigned digit = 0; digit < N_DIGITS; digit++) {
        while (place[digit] < end[digit]) {
            struct sl_tie item = items[place[digit]];
            unsigned      own = digit_of(d, &item);

            while (own != digit) {
                const struct sl_tie swap = items[place[own]];

                items[place[own]++] = item;
                item = swap;
                own = digit_of(d, &item);
            }
            items[place[digit]++] = item;
        }
    }
}

/* Digits that differ become fewer with each level: at most 12 levels. */
static void sort_items(struct sl_tie *items, size_t n) /* NOLINT(misc-no-recursion) */
{
    size_t       place[N_DIGITS] = {0};
    size_t       end[N_DIGITS];
    size_t       at = 0;
    struct digit d;

    if (n <= MOST_TO_INSERT) {
        insert_all(items, n);
        return;
    }
    if (!find_digit(items, n, false, &d) && !find_digit(items, n, true, &d))
        return;
    for (size_t i = 0; i < n; i++)
        place[digit_of(&d, &items[i])]++;
    for (unsigned digit = 0; digit < N_DIGITS; digit++) {
        end[digit] = at + place[digit];
        place[digit] = at;
        at = end[digit];
    }
    move_items(items, &d, place, end);
    at = 0;
    for (unsigned digit = 0; digit < N_DIGITS; digit++) {
        sort_items(items + at, end[digit] - at);
        at = end[digit];
    }
}

/* A sum that would not fit stays two items, which is as right. */
static bool can_join(const struct sl_tie *a, const struct sl_tie *b)
{
    return a->key == b->key && a->who == b->who && a->n_rows <= UINT32_MAX - b->n_rows;
}

size_t sl_ties_sort(struct sl_tie *items, size_t n)
{
    size_t n_left = 0;

    sort_items(items, n);
    for (size_t i = 0; i < n; i++) {
        if (n_left > 0 && can_join(&items[n_left - 1], &items[i]))
            items[n_left - 1].n_rows += items[i].n_rows;
        else
            items[n_left++] = items[i];
    }
    return n_left;
}

size_t sl_ties_below(const struct sl_tie *items, size_t n, uint64_t key)
{
    size_t begin = 0;

    while (begin < n) {
        const size_t middle = begin + (n - begin) / 2;

        if (items[middle].key < key)
            begin = middle + 1;
        else
            n = middle;
    }
    return begin;
}
