/* Names of partitions, and their order in the whole. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "stitch.h"

int stitch_compare_bytes(struct sl_slice a, struct sl_slice b)
{
    size_t n = a.n_bytes < b.n_bytes ? a.n_bytes : b.n_bytes;
    int    order = n > 0 ? memcmp(a.data, b.data, n) : 0;

    return order != 0 ? order : (a.n_bytes > b.n_bytes) - (a.n_bytes < b.n_bytes);
}

static size_t count_digits(struct sl_slice text)
{
    size_t n = 0;

    while (n < text.n_bytes && isdigit((unsigned char)text.data[n]))
        n++;
    return n;
}

static struct sl_slice skip(struct sl_slice text, size_t n)
{
    return (struct sl_slice){text.data + n, text.n_bytes - n};
}

/* Runs of digits by their value, all else by byte: "9" before "10", "a/2" before "a/10". */
static int compare_natural(struct sl_slice a, struct sl_slice b)
{
    struct sl_slice whole_a = a;
    struct sl_slice whole_b = b;

    while (a.n_bytes > 0 && b.n_bytes > 0) {
        size_t n_a = count_digits(a);
        size_t n_b = count_digits(b);

        if (n_a > 0 && n_b > 0) {
            size_t          zeros_a = 0;
            size_t          zeros_b = 0;
            struct sl_slice value_a, value_b;

            while (zeros_a < n_a && a.data[zeros_a] == '0')
                zeros_a++;
            while (zeros_b < n_b && b.data[zeros_b] == '0')
                zeros_b++;
            value_a = (struct sl_slice){a.data + zeros_a, n_a - zeros_a};
            value_b = (struct sl_slice){b.data + zeros_b, n_b - zeros_b};
            if (value_a.n_bytes != value_b.n_bytes)
                return value_a.n_bytes < value_b.n_bytes ? -1 : 1;
            if (stitch_compare_bytes(value_a, value_b) != 0)
                return stitch_compare_bytes(value_a, value_b);
            a = skip(a, n_a);
            b = skip(b, n_b);
        } else if (a.data[0] != b.data[0]) {
            return (unsigned char)a.data[0] < (unsigned char)b.data[0] ? -1 : 1;
        } else {
            a = skip(a, 1);
            b = skip(b, 1);
        }
    }
    return a.n_bytes == b.n_bytes ? stitch_compare_bytes(whole_a, whole_b)
                                  : (a.n_bytes > b.n_bytes) - (a.n_bytes < b.n_bytes);
}

static int by_bytes(const void *left, const void *right)
{
    return stitch_compare_bytes(((const struct stitch_name *)left)->text,
                                ((const struct stitch_name *)right)->text);
}

static int by_nature(const void *left, const void *right)
{
    return compare_natural(((const struct stitch_name *)left)->text,
                           ((const struct stitch_name *)right)->text);
}

static sl_status add_names(struct stitch_names *names, const char *lines, struct sl_error *err)
{
    sl_status rc = SL_OK;

    while (*lines != '\0') {
        size_t n_bytes = strcspn(lines, "\n");

        rc =
            sl_grow_array(&names->items, &names->capacity, names->n + 1, sizeof *names->items, err);
        if (rc != SL_OK)
            break;
        names->items[names->n] =
            (struct stitch_name){.text = {lines, n_bytes}, .index = (int64_t)names->n};
        names->n++;
        lines += n_bytes + (lines[n_bytes] == '\n');
    }
    return rc;
}

/* Sorted, each once; the place of each is its place here. */
static void number_names(struct stitch_names *names)
{
    size_t n = 0;

    qsort(names->items, names->n, sizeof *names->items, by_nature);
    for (size_t i = 0; i < names->n; i++)
        if (n == 0 || stitch_compare_bytes(names->items[n - 1].text, names->items[i].text) != 0)
            names->items[n++] = names->items[i];
    names->n = n;
    for (size_t i = 0; i < n; i++)
        names->items[i].index = (int64_t)i;
}

/* Pieces of one job agree about its partitions and their order.  Pieces of jobs that score others
 * each have their own list: theirs together, in the order of numbers. */
sl_status stitch_collect_names(struct stitch *s, struct stitch_names *names, struct sl_error *err)
{
    bool      agree = true;
    sl_status rc;

    for (int i = 1; i < s->opts->n_files; i++)
        agree = agree && strcmp(s->pieces[0].names, s->pieces[i].names) == 0;
    for (int i = 0; i < (agree ? 1 : s->opts->n_files); i++)
        SL_TRY(add_names(names, s->pieces[i].names, err));
    if (!agree)
        number_names(names);
    SL_TRY(sl_alloc_array(names->n, sizeof *names->in_order, &names->in_order, err));
    for (size_t i = 0; i < names->n; i++) {
        names->in_order[i] = names->items[i].text;
        SL_TRY(sl_text_add(&s->names, err, "%.*s\n", (int)names->items[i].text.n_bytes,
                           names->items[i].text.data));
    }
    if (names->n > 0)
        qsort(names->items, names->n, sizeof *names->items, by_bytes);
out:
    return rc;
}

const struct stitch_name *stitch_find_name(const struct stitch_names *names, const char *name)
{
    const struct stitch_name key = {.text = {name, strlen(name)}};

    return names->n == 0 ? NULL
                         : bsearch(&key, names->items, names->n, sizeof *names->items, by_bytes);
}

void stitch_names_release(struct stitch_names *names)
{
    free(names->in_order);
    free(names->items);
}
