/* The template is followed through the directories, its keys capturing what stands in their place.
 * Each file gives a combination of values; which are there is known once they are sorted. */
#include "discover.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

struct walk {
    const struct sl_input_spec *spec;
    const struct sl_template *template;
    struct sl_finder       *finder;
    int                     n_given; /* keys with values */
    const char           ***known;   /* [n_given] values of each, in byte order */
    struct sl_text          path;    /* up to the segment at hand */
    struct sl_combinations *to;
    struct sl_error        *err;
};

/* What each key stands for so far, data NULL where it was not met; bytes live in the finder. */
enum { MAX_KEYS = 32 };
struct captures {
    struct sl_slice of[MAX_KEYS];
};

static sl_status walk_segments(struct walk *w, int segment, const struct captures *captures);

/* --- one name ----------------------------------------------------------------------------- */

static bool is_known(const struct walk *w, int key, struct sl_slice text)
{
    char   value[256];
    size_t n = (size_t)w->spec->keys[key].n_values;

    if (text.n_bytes >= sizeof value)
        return false;
    memcpy(value, text.data, text.n_bytes);
    value[text.n_bytes] = '\0';
    return sl_text_is_among(w->known[key], n, value);
}

static bool starts_with(const char *name, struct sl_slice text)
{
    return strncmp(name, text.data, text.n_bytes) == 0;
}

static bool match_parts(const struct walk *w, const struct sl_part *part, const struct sl_part *end,
                        const char *name, struct captures *captures);

/* Bytes of the YYYY-MM-DD or YYYY-MM, so long as `form`, that a name begins with; 0 if none. */
static size_t date_bytes(const char *name, const char *form)
{
    size_t n = 0;

    while (form[n] != '\0' && (form[n] == '-' ? name[n] == '-' : name[n] >= '0' && name[n] <= '9'))
        n++;
    return form[n] == '\0' ? n : 0;
}

/* Lengths that a value probably has: people put dates, numbers and words there. */
enum { N_LIKELY = 4 };
static void guess_lengths(const char *name, size_t likely[N_LIKELY])
{
    const char *digits = "0123456789";
    const char *letters = "0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    likely[0] = date_bytes(name, "0000-00-00");
    likely[1] = date_bytes(name, "0000-00");
    likely[2] = strspn(name, digits);
    likely[3] = strspn(name, letters);
}

static bool match_key(const struct walk *w, const struct sl_part *part, const struct sl_part *end,
                      const char *name, struct captures *captures)
{
    struct sl_slice *value = &captures->of[part->key];
    size_t           longest = strcspn(name, "*");
    size_t           likely[N_LIKELY];

    if (value->data != NULL) /* met before: the same again */
        return starts_with(name, *value) &&
               match_parts(w, part + 1, end, name + value->n_bytes, captures);
    guess_lengths(name, likely);
    for (size_t i = 0; i < N_LIKELY + longest; i++) {
        size_t n = i < N_LIKELY ? likely[i] : i - N_LIKELY + 1;

        if (n == 0)
            continue;
        *value = (struct sl_slice){name, n};
        if ((part->key >= w->n_given || is_known(w, part->key, *value)) &&
            match_parts(w, part + 1, end, name + n, captures))
            return true;
    }
    *value = (struct sl_slice){NULL, 0};
    return false;
}

/* Whether a name is what the parts of a segment say; captures are filled if it is. */
static bool match_parts(const struct walk *w, const struct sl_part *part, const struct sl_part *end,
                        const char *name, struct captures *captures)
{
    if (part == end)
        return name[0] == '\0';
    switch (part->kind) {
    case SL_PART_TEXT:
        return starts_with(name, part->text) &&
               match_parts(w, part + 1, end, name + part->text.n_bytes, captures);
    case SL_PART_KEY:
        return match_key(w, part, end, name, captures);
    case SL_PART_STAR:
        for (;; name++) {
            if (match_parts(w, part + 1, end, name, captures))
                return true;
            if (*name == '\0')
                return false;
        }
    }
    return false;
}

static bool match_name(const struct walk *w, const struct sl_segment *segment, const char *name,
                       struct captures *captures)
{
    const struct sl_part *part = w->template->parts + segment->first;

    if (name[0] == '.' && part->kind != SL_PART_TEXT)
        return false;
    return match_parts(w, part, part + segment->n_parts, name, captures);
}

/* --- directories -------------------------------------------------------------------------- */

/* A file that matches the whole template. */
static sl_status add_combination(struct walk *w, const struct captures *captures)
{
    struct sl_combinations *to = w->to;
    struct sl_text          text = {0};
    sl_status               rc;

    SL_TRY(sl_grow_array(&to->texts, &to->capacity, to->n + 1, sizeof *to->texts, w->err));
    for (int k = w->n_given; k < w->spec->n_keys; k++) {
        SL_TRY(sl_text_add_bytes(&text, captures->of[k].data, captures->of[k].n_bytes, w->err));
        SL_TRY(sl_text_add_bytes(&text, "", 1, w->err)); /* values end with a NUL each */
    }
    to->texts[to->n++] = text.data;
    return SL_OK;
out:
    sl_text_release(&text);
    return rc;
}

static void cut_path(struct walk *w, size_t n_bytes)
{
    w->path.n_bytes = n_bytes;
    w->path.data[n_bytes] = '\0';
}

static sl_status enter(struct walk *w, int segment, const struct sl_bytes_entry *entry,
                       const struct captures *captures)
{
    size_t    n_before = w->path.n_bytes;
    sl_status rc;

    if (segment + 1 == w->template->n_segments)
        return entry->kind == SL_BYTES_FILE ? add_combination(w, captures) : SL_OK;
    if (entry->kind != SL_BYTES_DIRECTORY)
        return SL_OK;
    SL_TRY(sl_text_add(&w->path, w->err, "%s/", entry->name));
    rc = walk_segments(w, segment + 1, captures);
    cut_path(w, n_before);
out:
    return rc;
}

/* A last segment without keys still has to be there. */
static sl_status walk_plain(struct walk *w, int segment, const struct captures *captures)
{
    struct sl_slice      text = w->template->segments[segment].text;
    size_t               n_before = w->path.n_bytes;
    bool                 is_last = segment + 1 == w->template->n_segments;
    struct sl_bytes_info info;
    bool                 found = false;
    sl_status            rc;

    SL_TRY(sl_text_add_bytes(&w->path, text.data, text.n_bytes, w->err));
    if (is_last) {
        SL_TRY(sl_bytes_find(w->path.data, &info, &found, w->err));
        rc = found ? add_combination(w, captures) : SL_OK;
    } else {
        SL_TRY(sl_text_add_bytes(&w->path, "/", 1, w->err));
        rc = walk_segments(w, segment + 1, captures);
    }
    cut_path(w, n_before);
out:
    return rc;
}

static sl_status walk_segments(struct walk *w, int segment, const struct captures *captures)
{
    const struct sl_segment       *at = &w->template->segments[segment];
    const struct sl_bytes_listing *listing;
    sl_status                      rc;

    if (at->is_plain)
        return walk_plain(w, segment, captures);
    SL_TRY(sl_finder_list(w->finder, w->path.data, &listing, w->err));
    for (size_t i = 0; i < listing->n; i++) {
        struct captures now = *captures;

        if (match_name(w, at, listing->entries[i].name, &now))
            SL_TRY(enter(w, segment, &listing->entries[i], &now));
    }
out:
    return rc;
}

/* --- combinations ------------------------------------------------------------------------- */

static bool is_integer(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static int compare_values(const char *a, const char *b)
{
    const char *x = a + strspn(a, "0"); /* padding does not count */
    const char *y = b + strspn(b, "0");
    int         order = is_integer(b) - is_integer(a);

    if (order != 0 || !is_integer(a))
        return order != 0 ? order : strcmp(a, b);
    if (strlen(x) != strlen(y))
        return strlen(x) < strlen(y) ? -1 : 1;
    order = strcmp(x, y);
    return order != 0 ? order : strcmp(a, b);
}

/* Texts of NUL-terminated values, as many as `n_keys`; qsort has no place for that number, so that
 * an empty value, which no key has, ends them. */
static int compare_combinations(const void *left, const void *right)
{
    const char *a = *(const char *const *)left;
    const char *b = *(const char *const *)right;

    while (*a != '\0' && *b != '\0') {
        int order = compare_values(a, b);

        if (order != 0)
            return order;
        a += strlen(a) + 1;
        b += strlen(b) + 1;
    }
    return (*a != '\0') - (*b != '\0');
}

/* Sorted, each once, and taken apart. */
static sl_status settle(struct sl_combinations *c, struct sl_error *err)
{
    size_t    n = 0;
    sl_status rc;

    if (c->n > 0)
        qsort(c->texts, c->n, sizeof *c->texts, compare_combinations);
    for (size_t i = 0; i < c->n; i++) {
        if (n > 0 && compare_combinations(&c->texts[n - 1], &c->texts[i]) == 0)
            free(c->texts[i]);
        else
            c->texts[n++] = c->texts[i];
    }
    c->n = n;
    SL_TRY(sl_alloc_array(n * (size_t)c->n_keys, sizeof *c->values, &c->values, err));
    for (size_t i = 0; i < n; i++) {
        char *value = c->texts[i];

        for (int k = 0; k < c->n_keys; k++) {
            c->values[i * (size_t)c->n_keys + (size_t)k] = value;
            value += strlen(value) + 1;
        }
    }
out:
    return rc;
}

void sl_combinations_release(struct sl_combinations *combinations)
{
    for (size_t i = 0; combinations->texts != NULL && i < combinations->n; i++)
        free(combinations->texts[i]);
    free(combinations->texts);
    free(combinations->values);
    *combinations = (struct sl_combinations){0};
}

static sl_status sort_known(struct walk *w)
{
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)w->n_given, sizeof *w->known, &w->known, w->err));
    for (int k = 0; k < w->n_given; k++)
        SL_TRY(sl_text_sort((const char *const *)w->spec->keys[k].values,
                            (size_t)w->spec->keys[k].n_values, &w->known[k], w->err));
out:
    return rc;
}

sl_status sl_discover(const struct sl_input_spec *spec, const struct sl_template *template,
                      struct sl_finder *finder, struct sl_combinations *out, struct sl_error *err)
{
    const struct captures none = {0};
    struct walk w = {.spec = spec, .template = template, .finder = finder, .to = out, .err = err};
    sl_status   rc;

    *out = (struct sl_combinations){0};
    while (w.n_given < spec->n_keys && spec->keys[w.n_given].n_values > 0)
        w.n_given++;
    out->n_keys = spec->n_keys - w.n_given;
    if (out->n_keys == 0) {
        out->n = 1;
        return SL_OK;
    }
    if (spec->n_keys > MAX_KEYS)
        return sl_fail(err, SL_EJOB, "data.path: more than %d keys, and not all have values",
                       MAX_KEYS);
    SL_TRY(sort_known(&w));
    SL_TRY(sl_text_add_bytes(&w.path, "", 0, err));
    SL_TRY(sl_template_add_root(template, &w.path, err));
    SL_TRY(walk_segments(&w, 0, &none));
    SL_TRY(settle(out, err));
out:
    for (int k = 0; w.known != NULL && k < w.n_given; k++)
        free(w.known[k]);
    free(w.known);
    sl_text_release(&w.path);
    return rc;
}
