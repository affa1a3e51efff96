/* Writes the model file: one JSON object that holds all it takes to score, and how it came about.
 */
#include <stdlib.h>
#include <string.h>

#include "bundle_impl.h"

static sl_status print_columns(const struct sl_recipe *recipe, struct sl_json *to,
                               struct sl_error *err);
static sl_status print_fit(const struct sl_bundle *bundle, struct sl_json *to,
                           struct sl_error *err);
static sl_status print_provenance(const char *text, struct sl_json *to, struct sl_error *err);

void sl_bundle_release(struct sl_bundle *bundle)
{
    sl_recipe_free(bundle->recipe);
    sl_model_free(bundle->model);
    sl_checks_release(&bundle->checks);
    sl_profile_release(&bundle->score_profile);
    free(bundle->provenance);
    *bundle = (struct sl_bundle){0};
}

void sl_score_of(const struct sl_matrix *y, double *of)
{
    for (size_t i = 0; i < y->n_rows; i++) {
        double most = y->data[i];

        for (size_t k = 1; k < y->n_cols; k++)
            most = y->data[k * y->ld + i] > most ? y->data[k * y->ld + i] : most;
        of[i] = most;
    }
}

sl_status sl_bundle_print(const struct sl_bundle *bundle, char **out, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_json     *root, *recipe, *profile;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, err));
    root = sl_json_root(doc);
    SL_TRY(sl_json_add_text(root, "format", SL_BUNDLE_FORMAT, err));
    SL_TRY(sl_json_add_number(root, "version", SL_BUNDLE_VERSION, err));
    if (sl_model_kind(bundle->model)->is_classifier)
        SL_TRY(sl_recipe_save_classes(bundle->recipe, root, err));
    SL_TRY(sl_json_add_object(root, "recipe", &recipe, err));
    SL_TRY(sl_recipe_save(bundle->recipe, recipe, err));
    SL_TRY(print_columns(bundle->recipe, root, err));
    SL_TRY(sl_model_save(bundle->model, root, err));
    SL_TRY(print_fit(bundle, root, err));
    SL_TRY(sl_json_add_object(root, "score_profile", &profile, err));
    SL_TRY(sl_profile_save(&bundle->score_profile, profile, err));
    SL_TRY(sl_checks_save(&bundle->checks, bundle->recipe, root, err));
    SL_TRY(print_provenance(bundle->provenance, root, err));
    SL_TRY(sl_json_print(root, true, out, err));
out:
    sl_json_close(doc);
    return rc;
}

static sl_status print_columns(const struct sl_recipe *recipe, struct sl_json *to,
                               struct sl_error *err)
{
    int                n_columns;
    const char *const *columns = sl_recipe_columns(recipe, &n_columns);
    struct sl_json    *list;
    sl_status          rc;

    SL_TRY(sl_json_add_list(to, "columns", &list, err));
    for (int j = 0; j < n_columns; j++)
        SL_TRY(sl_json_add_text(list, NULL, columns[j], err));
out:
    return rc;
}

static sl_status print_fit(const struct sl_bundle *bundle, struct sl_json *to, struct sl_error *err)
{
    const struct sl_fit_report *fit = &bundle->fit;
    struct sl_json             *object;
    sl_status                   rc;

    SL_TRY(sl_json_add_object(to, "fit", &object, err));
    SL_TRY(sl_json_add_text(object, "solver", fit->solver, err));
    SL_TRY(sl_model_print_params(sl_model_kind(bundle->model), bundle->fit.params, object, err));
    SL_TRY(sl_json_add_number(object, "n_iter", fit->n_iter, err));
    SL_TRY(sl_json_add_number(object, "objective", fit->objective, err));
    SL_TRY(sl_json_add_number(object, "gradient_norm", fit->gradient_norm, err));
    SL_TRY(sl_json_add_bool(object, "converged", fit->converged, err));
    SL_TRY(sl_json_add_number(object, "rows", (double)fit->n_rows, err));
out:
    return rc;
}

static sl_status print_provenance(const char *text, struct sl_json *to, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_json     *empty;
    sl_status           rc;

    if (text == NULL)
        return sl_json_add_object(to, "provenance", &empty, err);
    SL_TRY(sl_json_parse(text, strlen(text), "provenance", &doc, err));
    SL_TRY(sl_json_add_copy(to, "provenance", sl_json_root(doc), err));
out:
    sl_json_close(doc);
    return rc;
}
