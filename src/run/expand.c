/* "All columns but some": which there are, and what they hold, is found out from what is trained
 * on. The header of its first file tells the columns; one reading of the values tells which are
 * numbers and which say nothing.  What comes of it is a list of features as if the job had it. */
#include <stdlib.h>
#include <string.h>

#include "candidates.h"
#include "scoreline/memory.h"

static void expander_release(struct expander *x)
{
    for (int i = 0; i < x->n_columns; i++)
        free(x->columns[i].name);
    for (int i = 0; i < x->n_candidates; i++)
        for (int k = 0; k < x->candidates[i].n; k++)
            free(x->candidates[i].names[k]);
    free(x->columns);
    free(x->candidates);
    free(x->wanted);
    sl_survey_free(x->survey);
    sl_source_close(x->source);
    sl_column_block_release(&x->block);
}

/* --- values ----------------------------------------------------------------------------------- */

static sl_status survey_block(struct expander *x, struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (int i = 0; i < x->n_candidates; i++)
        for (int k = 0; k < x->candidates[i].n && rc == SL_OK; k++)
            rc = sl_survey_add(x->survey, i, x->block.columns[x->candidates[i].read[k]].values.text,
                               x->block.reject, x->block.n_rows, err);
    x->n_records += (int64_t)x->block.n_rows;
    return rc;
}

static sl_status survey_file(struct expander *x, int32_t p, int32_t f, struct sl_error *err)
{
    const struct sl_source_range range = run_range(&x->run->training, p, f);
    sl_status                    rc;

    SL_TRY(sl_source_open(&x->run->job->input, &range, x->wanted, x->n_wanted, &x->source, err));
    do {
        SL_TRY(sl_source_next(x->source, &x->block, err));
        SL_TRY(survey_block(x, err));
    } while (x->block.n_rows > 0);
out:
    return rc;
}

/* No other column is read: it may be absent from some file, or twice in it. */
static sl_status want_candidates(struct expander *x, struct sl_error *err)
{
    sl_status rc = sl_alloc_array((size_t)x->n_columns, sizeof *x->wanted, &x->wanted, err);

    for (int i = 0; i < x->n_candidates && rc == SL_OK; i++)
        for (int k = 0; k < x->candidates[i].n; k++) {
            x->candidates[i].read[k] = x->n_wanted;
            x->wanted[x->n_wanted++] = x->columns[x->candidates[i].columns[k]];
        }
    return rc;
}

static sl_status survey_values(struct expander *x, struct sl_error *err)
{
    const struct sl_input_spec *input = &x->run->job->input;
    const struct sl_plan       *training = &x->run->training;
    sl_status                   rc;

    SL_TRY(sl_survey_create(x->n_candidates, &expand_group(x)->like, input->missing,
                            input->n_missing, &x->survey, err));
    SL_TRY(want_candidates(x, err));
    SL_TRY(sl_column_block_init(&x->block, x->wanted, x->n_wanted, err));
    for (int32_t p = 0; p < training->n_partitions; p++)
        for (int32_t f = 0; f < training->partitions[p].n_files; f++)
            SL_TRY(survey_file(x, p, training->partitions[p].first_file + f, err));
out:
    return rc;
}

/* --- features --------------------------------------------------------------------------------- */

/* Why a column is no feature; NULL: it is one. */
static const char *judge(const struct sl_survey_column *found, bool is_categorical,
                         const struct sl_feature_spec *like)
{
    const bool keeps_missing =
        is_categorical ? like->missing != SL_MISSING_ERROR && like->missing != SL_MISSING_DROP_ROW
                       : like->indicator;

    if (!found->is_met)
        return "all of its values are missing";
    if (!(is_categorical ? found->n_levels > 1 : found->is_varied) &&
        !(found->has_missing && keeps_missing))
        return "it is constant";
    if (is_categorical && found->n_levels > like->max_levels)
        return "it has more levels than max_levels";
    return NULL;
}

static sl_status take_candidate(struct expander *x, int i, struct sl_error *err)
{
    const struct sl_group_spec   *group = expand_group(x);
    const struct candidate       *c = &x->candidates[i];
    const struct sl_survey_column found = sl_survey_tell(x->survey, i);
    const bool                    is_categorical =
        found.has_text || expand_is_listed(x, c, group->categorical, group->n_categorical);
    const char            *why = judge(&found, is_categorical, &group->like);
    struct sl_recipe_spec *recipe = &x->run->job->recipe;
    sl_status              rc = SL_OK;

    if (why != NULL)
        return expand_leave_out(x, c, why, err);
    for (int k = 0; k < c->n; k++)
        SL_TRY(sl_recipe_spec_of_group(&group->like, c->names[k], is_categorical,
                                       &recipe->features[recipe->n_features++], err));
out:
    return rc;
}

static sl_status take_candidates(struct expander *x, struct sl_error *err)
{
    struct sl_recipe_spec *recipe = &x->run->job->recipe;
    sl_status              rc;

    SL_TRY(sl_alloc_array(2 * (size_t)x->n_candidates, sizeof *recipe->features, &recipe->features,
                          err));
    for (int i = 0; i < x->n_candidates; i++)
        SL_TRY(take_candidate(x, i, err));
    if (recipe->n_features == 0 && x->n_records == 0)
        rc = sl_fail(err, SL_EINPUT, "the partitions to train on have no records");
    else if (recipe->n_features == 0)
        rc = sl_fail(err, SL_EINPUT, "features.all_except leaves no column to learn from");
out:
    return rc;
}

static void note_left_out(const struct run *run)
{
    for (int i = 0; run->opts->notes != NULL && i < run->n_left_out; i++)
        fprintf(run->opts->notes, "scoreline: note: column '%s' is left out: %s\n",
                run->left_out[i].column, run->left_out[i].why);
}

sl_status run_expand_features(struct run *run, struct sl_error *err)
{
    const struct sl_group_spec *group = &run->job->recipe.group;
    struct expander             x = {.run = run};
    sl_status                   rc;

    if (group->except == NULL || run->job->recipe.n_features > 0)
        return SL_OK;
    SL_TRY(expand_list_candidates(&x, err));
    SL_TRY(survey_values(&x, err));
    SL_TRY(take_candidates(&x, err));
    note_left_out(run);
out:
    expander_release(&x);
    return rc;
}
