/* Levels and classes that several ranks have met become one numbering: those of rank 0, and behind
 * them what each next rank has that none before it had. */
#include <stdlib.h>

#include "recipe_impl.h"
#include "scoreline/memory.h"

/* Levels as bytes. */
static sl_status pack(const struct sl_levels *levels, struct sl_text *to, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int32_t i = 0; i < levels->n && rc == SL_OK; i++)
        rc = sl_text_add_slice(to, sl_levels_get(levels, i), err);
    return rc;
}

static sl_status unpack(const char *at, size_t n_bytes, struct sl_levels *to, struct sl_error *err)
{
    const char *end = at + n_bytes;
    int32_t     number;
    sl_status   rc = SL_OK;

    while (at < end && rc == SL_OK)
        rc = sl_levels_add(to, sl_slice_take(&at), &number, err);
    return rc;
}

static sl_status make_map(const struct sl_levels *from, const struct sl_levels *to, int32_t **map,
                          struct sl_error *err)
{
    sl_status rc = sl_alloc_array((size_t)from->n, sizeof **map, map, err);

    for (int32_t i = 0; rc == SL_OK && i < from->n; i++)
        (*map)[i] = sl_levels_find(to, sl_levels_get(from, i));
    return rc;
}

static sl_status unite_levels(const struct sl_comm *comm, struct sl_levels *levels, int32_t **map,
                              struct sl_error *err)
{
    struct sl_levels united = {0};
    struct sl_text   mine = {0};
    void            *all = NULL;
    size_t           n_all = 0;
    sl_status        rc;

    SL_TRY(sl_comm_agree(comm, pack(levels, &mine, err), err));
    SL_TRY(sl_comm_allgather_bytes(comm, mine.data, mine.n_bytes, &all, &n_all, err));
    rc = unpack(all, n_all, &united, err);
    if (rc == SL_OK)
        rc = make_map(levels, &united, map, err);
    SL_TRY(sl_comm_agree(comm, rc, err));
    sl_levels_release(levels);
    *levels = united;
    united = (struct sl_levels){0};
out:
    sl_levels_release(&united);
    sl_text_release(&mine);
    free(all);
    return rc;
}

static sl_status unite_feature(const struct sl_comm *comm, struct sl_feature *feature,
                               struct sl_design *set, struct sl_error *err)
{
    int32_t  *codes = set->codes + (size_t)feature->index * set->x.ld;
    int32_t  *map = NULL;
    sl_status rc;

    SL_TRY(unite_levels(comm, &feature->levels, &map, err));
    for (size_t i = 0; i < set->x.n_rows; i++)
        codes[i] = codes[i] >= 0 ? map[codes[i]] : codes[i];
out:
    free(map);
    return rc;
}

sl_status sl_recipe_unite(const struct sl_comm *comm, struct sl_recipe *recipe,
                          struct sl_design *set, int32_t **class_map, struct sl_error *err)
{
    struct sl_levels *classes = &recipe->label.classes;
    sl_status         rc = SL_OK;

    *class_map = NULL;
    for (int j = 0; j < recipe->n_features; j++)
        if (sl_feature_is_categorical(&recipe->features[j]))
            SL_TRY(unite_feature(comm, &recipe->features[j], set, err));
    if (recipe->label.is_number)
        return sl_comm_agree(comm, sl_alloc_array(1, sizeof **class_map, class_map, err), err);
    SL_TRY(unite_levels(comm, classes, class_map, err));
    for (size_t i = 0; i < set->x.n_rows; i++)
        set->label[i] = (*class_map)[(int32_t)set->label[i]];
    if (classes->n > SL_MOST_CLASSES)
        rc = sl_fail(err, SL_EINPUT, "the label has more than %d classes", (int)SL_MOST_CLASSES);
out:
    return rc;
}

int sl_recipe_n_classes_met(const struct sl_recipe *recipe)
{
    return recipe->label.is_number ? 1 : recipe->label.classes.n;
}
