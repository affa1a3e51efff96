/* Ties in order.  Sorting is in place: the room that a second copy would take holds rows. */
#include "ties.h"

#include <stdbool.h>
#include <string.h>

enum {
    MOST_TO_INSERT = 24,
    TO_A_DIGIT = 8, /* items, that a digit should have; fewer are not worth their counter */
    MOST_DIGITS = 1024
};

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
    unsigned n_values;
};

static uint64_t value_of(const struct sl_tie *item, bool of_who)
{
    return of_who ? item->who : item->key;
}

static unsigned digit_of(const struct digit *d, const struct sl_tie *item)
{
    return (unsigned)((value_of(item, d->of_who) - d->least) >> d->shift);
}

static uint64_t most_digits(size_t n)
{
    return n / TO_A_DIGIT < MOST_DIGITS ? n / TO_A_DIGIT : MOST_DIGITS;
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
    while ((most - least) >> d->shift >= most_digits(n))
        d->shift++;
    d->n_values = (unsigned)((most - least) >> d->shift) + 1;
    return most > least;
}

static void swap_items(struct sl_tie *a, struct sl_tie *b)
{
    const struct sl_tie item = *a;

    *a = *b;
    *b = item;
}

/* Every item into the range of its digit.  Ranges are gone through again and again, rather than
 * along cycles of items that take each other's place, as the processor can then have many swaps
 * under way: each puts one item at least where it belongs. */
static void move_items(struct sl_tie *items, const struct digit *d, size_t *place,
                       const size_t *end)
{
    bool is_over = false;

    while (!is_over) {
        is_over = true;
        for (unsigned digit = 0; digit < d->n_values; digit++) {
            for (size_t i = place[digit]; i < end[digit]; i++)
                swap_items(&items[i], &items[place[digit_of(d, &items[i])]++]);
            is_over = is_over && place[digit] == end[digit];
        }
    }
}

/* Digits that differ become fewer with each level: at most 12 levels. */
static void sort_items(struct sl_tie *items, size_t n) /* NOLINT(misc-no-recursion) */
{
    size_t       place[MOST_DIGITS];
    size_t       end[MOST_DIGITS];
    size_t       at = 0;
    struct digit d;

    if (n <= MOST_TO_INSERT) {
        insert_all(items, n);
        return;
    }
    if (!find_digit(items, n, false, &d) && !find_digit(items, n, true, &d))
        return;
    memset(place, 0, d.n_values * sizeof *place);
    for (size_t i = 0; i < n; i++)
        place[digit_of(&d, &items[i])]++;
    for (unsigned digit = 0; digit < d.n_values; digit++) {
        end[digit] = at + place[digit];
        place[digit] = at;
        at = end[digit];
    }
    move_items(items, &d, place, end);
    at = 0;
    for (unsigned digit = 0; digit < d.n_values; digit++) {
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
