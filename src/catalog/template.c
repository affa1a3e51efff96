/* Taking templates apart and putting them together.  The job module has checked the braces; one
 * that is not closed stands for itself here. */
#include "template.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

static sl_status find_key(const struct sl_input_spec *spec, struct sl_slice name, int *key,
                          struct sl_error *err)
{
    for (*key = 0; *key < spec->n_keys; ++*key)
        if (sl_slice_equals(name, spec->keys[*key].name))
            return SL_OK;
    return sl_fail(err, SL_EJOB, "data.path: '{%.*s}' is no key of data.partitions",
                   (int)name.n_bytes, name.data);
}

/* The part that begins at p, within the n bytes of its segment. */
static sl_status read_part(const struct sl_input_spec *spec, const char *p, size_t n,
                           struct sl_part *part, struct sl_error *err)
{
    const char *close = p[0] == '{' ? memchr(p, '}', n) : NULL;
    size_t      n_plain = 1;

    *part = (struct sl_part){.kind = SL_PART_TEXT, .key = -1};
    if (p[0] == '*') {
        part->kind = SL_PART_STAR;
        part->text = (struct sl_slice){p, 1};
        return SL_OK;
    }
    if (close != NULL) {
        size_t n_name = (size_t)(close - p) - 1;

        part->kind = SL_PART_KEY;
        part->text = (struct sl_slice){p, n_name + 2};
        return find_key(spec, (struct sl_slice){p + 1, n_name}, &part->key, err);
    }
    while (n_plain < n && p[n_plain] != '{' && p[n_plain] != '*')
        n_plain++;
    part->text = (struct sl_slice){p, n_plain};
    return SL_OK;
}

static sl_status add_segment(struct sl_template *template, const struct sl_input_spec *spec,
                             struct sl_slice text, struct sl_error *err)
{
    struct sl_segment segment = {.text = text, .first = template->n_parts, .is_plain = true};
    size_t            at = 0;
    sl_status         rc;

    while (at < text.n_bytes) {
        struct sl_part part;

        SL_TRY(read_part(spec, text.data + at, text.n_bytes - at, &part, err));
        SL_TRY(sl_grow_array(&template->parts, &template->part_capacity,
                             (size_t) template->n_parts + 1, sizeof part, err));
        template->parts[template->n_parts++] = part;
        segment.n_parts++;
        segment.is_plain = segment.is_plain && part.kind == SL_PART_TEXT;
        template->has_star = template->has_star || part.kind == SL_PART_STAR;
        at += part.text.n_bytes;
    }
    SL_TRY(sl_grow_array(&template->segments, &template->segment_capacity,
                         (size_t) template->n_segments + 1, sizeof segment, err));
    template->segments[template->n_segments++] = segment;
out:
    return rc;
}

sl_status sl_template_init(struct sl_template *template, const struct sl_input_spec *spec,
                           struct sl_error *err)
{
    const char *p = spec->path;
    sl_status   rc;

    *template = (struct sl_template){.root = spec->root, .path = spec->path};
    for (;;) {
        size_t n = strcspn(p, "/");

        SL_TRY(add_segment(template, spec, (struct sl_slice){p, n}, err));
        if (p[n] == '\0')
            break;
        p += n + 1;
    }
    return SL_OK;
out:
    sl_template_release(template);
    return rc;
}

void sl_template_release(struct sl_template *template)
{
    free(template->segments);
    free(template->parts);
    *template = (struct sl_template){0};
}

sl_status sl_template_add_root(const struct sl_template *template, struct sl_text *path,
                               struct sl_error *err)
{
    if (template->root[0] == '\0' || template->path[0] == '/')
        return SL_OK;
    return sl_text_add(path, err, "%s/", template->root);
}

sl_status sl_template_expand(const struct sl_template *template, char *const *values, char **out,
                             size_t *n_root, struct sl_error *err)
{
    struct sl_text path = {0};
    sl_status      rc;

    SL_TRY(sl_template_add_root(template, &path, err));
    *n_root = path.n_bytes;
    for (int s = 0; s < template->n_segments; s++) {
        const struct sl_segment *segment = &template->segments[s];

        if (s > 0)
            SL_TRY(sl_text_add_bytes(&path, "/", 1, err));
        for (int i = segment->first; i < segment->first + segment->n_parts; i++) {
            struct sl_slice text = template->parts[i].text;

            if (template->parts[i].kind == SL_PART_KEY)
                text = (struct sl_slice){values[template->parts[i].key],
                                         strlen(values[template->parts[i].key])};
            SL_TRY(sl_text_add_bytes(&path, text.data, text.n_bytes, err));
        }
    }
    *out = path.data;
    return SL_OK;
out:
    sl_text_release(&path);
    return rc;
}
