/* What ranks need that train together, and that rank 0 alone found: the partitions to train on,
 * and features that are all columns but some. */
#include <stdlib.h>
#include <string.h>

#include "run_impl.h"
#include "scoreline/memory.h"

/* Of each feature that a group makes its kind and its name. */
static sl_status pack_features(const struct sl_recipe_spec *recipe, struct sl_text *to,
                               struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int j = 0; j < recipe->n_features; j++) {
        const struct sl_feature_spec *feature = &recipe->features[j];

        SL_TRY(sl_text_add_bytes(to, feature->categorical != NULL ? "c" : "n", 1, err));
        SL_TRY(sl_text_add_bytes(to, feature->name, strlen(feature->name) + 1, err));
    }
out:
    return rc;
}

static sl_status unpack_features(const char *at, size_t n_bytes, struct sl_recipe_spec *recipe,
                                 struct sl_error *err)
{
    const char *end = at + n_bytes;
    size_t      n = 0;
    sl_status   rc;

    for (size_t i = 0; i < n_bytes; i++)
        n += at[i] == '\0';
    SL_TRY(sl_alloc_array(n, sizeof *recipe->features, &recipe->features, err));
    for (; at < end; at += strlen(at) + 1)
        SL_TRY(sl_recipe_spec_of_group(&recipe->group.like, at + 1, *at == 'c',
                                       &recipe->features[recipe->n_features++], err));
out:
    return rc;
}

static sl_status share_features(struct run *run, struct sl_error *err)
{
    const bool             is_rank_0 = sl_comm_rank(run->comm) == 0;
    struct sl_recipe_spec *recipe = &run->job->recipe;
    struct sl_text         mine = {0};
    void                  *bytes = NULL;
    size_t                 n_bytes;
    sl_status              rc = SL_OK;

    if (recipe->group.except == NULL)
        return SL_OK;
    if (is_rank_0)
        rc = pack_features(recipe, &mine, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    bytes = mine.data;
    n_bytes = mine.n_bytes;
    SL_TRY(sl_comm_bcast_bytes(run->comm, &bytes, &n_bytes, err));
    if (!is_rank_0)
        rc = unpack_features(bytes, n_bytes, recipe, err);
    rc = sl_comm_agree(run->comm, rc, err);
out:
    if (!is_rank_0)
        free(bytes);
    sl_text_release(&mine);
    return rc;
}

sl_status run_share_training(struct run *run, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(run_share_plan(run->comm, &run->training, err));
    SL_TRY(share_features(run, err));
    if (sl_comm_rank(run->comm) != 0)
        rc = run_take_estimator(run, err);
    rc = sl_comm_agree(run->comm, rc, err);
out:
    return rc;
}
