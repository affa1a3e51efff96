/* Features that a job gives as all columns but some: what each is, and which columns a list names.
 */
#include <string.h>

#include "scoreline/memory.h"
#include "scoreline/recipe.h"
#include "scoreline/text.h"

/* Of a group, what fills numbers makes missing a level of categoricals. */
static enum sl_missing_policy policy_of(const struct sl_feature_spec *like, bool is_categorical)
{
    const bool is_for_both =
        like->missing == SL_MISSING_ERROR || like->missing == SL_MISSING_DROP_ROW;

    if (is_for_both)
        return like->missing;
    if (is_categorical)
        return SL_MISSING_LEVEL;
    return like->missing == SL_MISSING_LEVEL ? SL_MISSING_ERROR : like->missing;
}

sl_status sl_recipe_spec_of_group(const struct sl_feature_spec *like, const char *name,
                                  bool is_categorical, struct sl_feature_spec *to,
                                  struct sl_error *err)
{
    sl_status rc;

    *to = *like;
    to->name = to->expr = to->categorical = to->handle_unknown = NULL;
    to->missing = policy_of(like, is_categorical);
    to->bare = !is_categorical;
    to->indicator = like->indicator && !is_categorical && to->missing != SL_MISSING_ERROR &&
                    to->missing != SL_MISSING_DROP_ROW;
    if (is_categorical)
        to->scale = SL_SCALE_NONE;
    SL_TRY(sl_copy_text(name, &to->name, err));
    SL_TRY(sl_copy_text(name, is_categorical ? &to->categorical : &to->expr, err));
    SL_TRY(sl_copy_text(like->handle_unknown, &to->handle_unknown, err));
out:
    return rc;
}

/* What is behind the prefix of a column of a pair, by the file's names or those of the recipe; NULL
 * of any other. */
static const char *rest_of_pair(const struct sl_orient_spec *orient, const char *name)
{
    const char *prefixes[] = {orient->first, orient->second, orient->as[0], orient->as[1]};

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return name + strlen(prefixes[i]);
    return NULL;
}

bool sl_recipe_is_listed(const struct sl_orient_spec *orient, char *const *names, int n,
                         const char *name)
{
    const char *rest = orient->first == NULL ? NULL : rest_of_pair(orient, name);

    if (sl_is_among(name, names, n))
        return true;
    for (int i = 0; i < n && rest != NULL; i++) {
        const char *other = rest_of_pair(orient, names[i]);

        if (other != NULL && strcmp(other, rest) == 0)
            return true;
    }
    return false;
}
