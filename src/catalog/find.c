/* Patterns are followed segment by segment; in a directory the names are in order, so that those
 * with the pattern's first bytes are found by bisection. */
#include "find.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

struct sl_finder_place {
    struct sl_finder_place *next;
    char                   *path;
    struct sl_bytes_listing listing;
};

static void free_place(struct sl_finder_place *place)
{
    if (place == NULL)
        return;
    sl_bytes_listing_release(&place->listing);
    free(place->path);
    free(place);
}

void sl_finder_release(struct sl_finder *finder)
{
    for (size_t i = 0; i < SL_FINDER_SLOTS; i++) {
        while (finder->slots[i] != NULL) {
            struct sl_finder_place *place = finder->slots[i];

            finder->slots[i] = place->next;
            free_place(place);
        }
    }
}

sl_status sl_finder_list(struct sl_finder *finder, const char *path,
                         const struct sl_bytes_listing **listing, struct sl_error *err)
{
    struct sl_hash           hash;
    struct sl_finder_place **slot;
    struct sl_finder_place  *place;
    sl_status                rc;

    sl_hash_init(&hash);
    sl_hash_add_text(&hash, path);
    slot = &finder->slots[sl_hash_value(&hash) % SL_FINDER_SLOTS];
    for (place = *slot; place != NULL; place = place->next) {
        if (strcmp(place->path, path) == 0) {
            *listing = &place->listing;
            return SL_OK;
        }
    }
    SL_TRY(sl_alloc_array(1, sizeof *place, &place, err));
    SL_TRY(sl_copy_text(path, &place->path, err));
    SL_TRY(sl_bytes_list(path, &place->listing, err));
    place->next = *slot;
    *slot = place;
    *listing = &place->listing;
    return SL_OK;
out:
    free_place(place);
    return rc;
}

void sl_paths_release(struct sl_paths *paths)
{
    for (size_t i = 0; i < paths->n; i++)
        free(paths->paths[i]);
    free(paths->paths);
    *paths = (struct sl_paths){0};
}

/* Whether the bytes behind the last star are the name's last ones too: of ten thousand names that a
 * leading star leaves in question this tells all but a few apart. */
static bool end_matches(const struct sl_bytes_entry *entry, struct sl_slice end)
{
    return entry->n_bytes >= end.n_bytes &&
           memcmp(entry->name + entry->n_bytes - end.n_bytes, end.data, end.n_bytes) == 0;
}

static struct sl_slice behind_last_star(struct sl_slice pattern)
{
    size_t n = 0;

    while (n < pattern.n_bytes && pattern.data[pattern.n_bytes - n - 1] != '*')
        n++;
    return (struct sl_slice){pattern.data + pattern.n_bytes - n, n};
}

/* Whether a name matches a pattern of texts and stars; both come back to the last star when the
 * text behind it does not fit, which is all the going back that stars need. */
static bool name_matches(const char *name, struct sl_slice pattern)
{
    const char *p = pattern.data;
    const char *end = p + pattern.n_bytes;
    const char *star = NULL;
    const char *resume = NULL;

    if (name[0] == '.' && p < end && *p == '*')
        return false;
    while (*name != '\0') {
        if (p < end && *p == '*') {
            star = p++;
            resume = name;
        } else if (p < end && *p == *name) {
            p++;
            name++;
        } else if (star != NULL) {
            p = star + 1;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (p < end && *p == '*')
        p++;
    return p == end;
}

/* The first entry that does not stand before the n bytes of a text. */
static size_t lower_bound(const struct sl_bytes_listing *listing, const char *text, size_t n)
{
    size_t low = 0;
    size_t high = listing->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strncmp(listing->entries[middle].name, text, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What is under way. */
struct match {
    struct sl_finder *finder;
    struct sl_text    path; /* up to the segment at hand */
    struct sl_paths  *to;
    struct sl_error  *err;
};

static sl_status follow(struct match *m, const char *rest);

static sl_status add_path(struct match *m)
{
    struct sl_paths *to = m->to;
    sl_status        rc;

    SL_TRY(sl_grow_array(&to->paths, &to->capacity, to->n + 1, sizeof *to->paths, m->err));
    SL_TRY(sl_copy_text(m->path.data, &to->paths[to->n], m->err));
    to->n++;
out:
    return rc;
}

static void cut_path(struct match *m, size_t n_bytes)
{
    m->path.n_bytes = n_bytes;
    m->path.data[n_bytes] = '\0';
}

/* One name of a directory in place of a segment; `rest` is what follows, "" at the end. */
static sl_status enter(struct match *m, const struct sl_bytes_entry *entry, const char *rest)
{
    size_t    n_before = m->path.n_bytes;
    bool      is_last = rest[0] == '\0';
    sl_status rc;

    if (entry->kind != (is_last ? SL_BYTES_FILE : SL_BYTES_DIRECTORY))
        return SL_OK;
    SL_TRY(sl_text_add(&m->path, m->err, "%s%s", entry->name, is_last ? "" : "/"));
    rc = is_last ? add_path(m) : follow(m, rest + 1);
    cut_path(m, n_before);
out:
    return rc;
}

static sl_status match_segment(struct match *m, struct sl_slice segment, const char *rest)
{
    const struct sl_bytes_listing *listing;
    const char                    *star = memchr(segment.data, '*', segment.n_bytes);
    struct sl_slice                tail = behind_last_star(segment);
    size_t    n_plain = star == NULL ? segment.n_bytes : (size_t)(star - segment.data);
    sl_status rc;

    SL_TRY(sl_finder_list(m->finder, m->path.data, &listing, m->err));
    for (size_t i = lower_bound(listing, segment.data, n_plain); i < listing->n; i++) {
        const struct sl_bytes_entry *entry = &listing->entries[i];

        if (strncmp(entry->name, segment.data, n_plain) != 0)
            break;
        if (end_matches(entry, tail) && name_matches(entry->name, segment))
            SL_TRY(enter(m, entry, rest));
    }
out:
    return rc;
}

/* Segments without a star need no look into the directory, but the last one does: a file it shall
 * be. */
static sl_status follow(struct match *m, const char *rest)
{
    size_t    n_before = m->path.n_bytes;
    size_t    n;
    bool      has_star;
    sl_status rc;

    for (;;) {
        n = strcspn(rest, "/");
        has_star = memchr(rest, '*', n) != NULL;
        if (has_star || rest[n] == '\0')
            break;
        SL_TRY(sl_text_add_bytes(&m->path, rest, n + 1, m->err));
        rest += n + 1;
    }
    rc = match_segment(m, (struct sl_slice){rest, n}, rest + n);
    cut_path(m, n_before);
out:
    return rc;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

sl_status sl_finder_match(struct sl_finder *finder, const char *pattern, size_t n_plain,
                          struct sl_paths *to, struct sl_error *err)
{
    struct match m = {.finder = finder, .to = to, .err = err};
    sl_status    rc;

    *to = (struct sl_paths){0};
    SL_TRY(sl_text_add_bytes(&m.path, pattern, n_plain, err));
    SL_TRY(follow(&m, pattern + n_plain));
    if (to->n > 0)
        qsort(to->paths, to->n, sizeof *to->paths, by_text);
out:
    sl_text_release(&m.path);
    return rc;
}
