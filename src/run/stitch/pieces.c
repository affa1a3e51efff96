/* What the pieces say of themselves, and whether they are pieces of one whole: scored with one
 * model, the same way. */
#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"
#include "stitch.h"

/* A text attribute that every output has. */
static sl_status need_attribute(const struct sl_scored *scored, const char *name, char **text,
                                struct sl_error *err)
{
    sl_status rc = sl_scored_attribute(scored, name, text, err);

    if (rc == SL_OK && *text == NULL)
        rc =
            sl_fail(err, SL_EINPUT, "'%s': it has no attribute '%s'", sl_scored_path(scored), name);
    return rc;
}

static sl_status read_names(const struct sl_scored *scored, char **names, struct sl_error *err)
{
    size_t    n_bytes;
    sl_status rc = sl_scored_provenance(scored, "provenance/partitions", names, &n_bytes, err);

    if (rc == SL_OK && *names == NULL)
        rc = sl_fail(err, SL_EINPUT, "'%s': it has no /provenance/partitions",
                     sl_scored_path(scored));
    return rc;
}

static sl_status read_rejects(struct sl_scored *scored, bool *has_rejects, struct sl_error *err)
{
    struct sl_table rejects;
    sl_status       rc = sl_scored_table(scored, "rejects", &rejects, err);

    *has_rejects = rc == SL_OK && rejects.n_rows > 0;
    sl_table_release(&rejects);
    return rc;
}

static sl_status read_piece(struct stitch_piece *piece, struct sl_error *err)
{
    struct sl_scored *scored = NULL;
    sl_status         rc;

    SL_TRY(sl_scored_open(piece->path, &scored, err));
    SL_TRY(need_attribute(scored, "model_fingerprint", &piece->model, err));
    SL_TRY(need_attribute(scored, "scoring_fingerprint", &piece->scoring, err));
    SL_TRY(read_names(scored, &piece->names, err));
    SL_TRY(scored_partitions_read(scored, &piece->partitions, err));
    SL_TRY(scored_classes_read(scored, &piece->classes, err));
    SL_TRY(scored_exact_rows(scored, &piece->exact_rows, err));
    SL_TRY(scored_deviance(scored, &piece->deviance, err));
    SL_TRY(sl_scored_select(scored, NULL, 0, &piece->columns, err));
    for (int i = 0; i < piece->columns.n_columns; i++)
        piece->columns.columns[i].width = sl_scored_columns(scored)->columns[i].width;
    SL_TRY(read_rejects(scored, &piece->has_rejects, err));
out:
    sl_scored_close(scored);
    return rc;
}

/* Whether `b` has the columns of `a`, each of the same type and as wide. */
static sl_status check_columns(const struct sl_table *a, const char *path_a,
                               const struct sl_table *b, const char *path_b, struct sl_error *err)
{
    for (int i = 0; i < a->n_columns; i++) {
        const char                   *name = a->columns[i].name;
        const struct sl_table_column *other = sl_table_column(b, name);

        if (other == NULL)
            return sl_fail(err, SL_EINPUT, "'%s' has no /%s/%s, which '%s' has", path_b, a->name,
                           name, path_a);
        if (other->dtype != a->columns[i].dtype)
            return sl_fail(err, SL_EINPUT, "/%s/%s is of one type in '%s', of another in '%s'",
                           a->name, name, path_a, path_b);
        if (other->n_items != a->columns[i].n_items ||
            (other->items == NULL) != (a->columns[i].items == NULL))
            return sl_fail(err, SL_EINPUT, "/%s/%s has %zu cells a row in '%s', %zu in '%s'",
                           a->name, name, a->columns[i].n_items, path_a, other->n_items, path_b);
    }
    return SL_OK;
}

static sl_status check_classes(const struct stitch_piece *a, const struct stitch_piece *b,
                               struct sl_error *err)
{
    bool same = a->classes.n == b->classes.n;

    for (int k = 0; k < a->classes.n && same; k++)
        same = stitch_compare_bytes(a->classes.names[k], b->classes.names[k]) == 0;
    if (same)
        return SL_OK;
    return sl_fail(err, SL_EINPUT, "'%s' and '%s' have different classes", a->path, b->path);
}

static sl_status compare(const struct stitch_piece *a, const struct stitch_piece *b,
                         struct sl_error *err)
{
    sl_status rc;

    if (strcmp(a->model, b->model) != 0)
        return sl_fail(err, SL_EINPUT, "'%s' and '%s' were scored with different models", a->path,
                       b->path);
    SL_TRY(check_classes(a, b, err));
    SL_TRY(check_columns(&a->columns, a->path, &b->columns, b->path, err));
    SL_TRY(check_columns(&b->columns, b->path, &a->columns, a->path, err));
    SL_TRY(check_columns(&a->partitions.table, a->path, &b->partitions.table, b->path, err));
    SL_TRY(check_columns(&b->partitions.table, b->path, &a->partitions.table, a->path, err));
    if (strcmp(a->scoring, b->scoring) != 0)
        rc = sl_fail(err, SL_EINPUT,
                     "'%s' and '%s' were scored by jobs that differ in data (missing, delimiter, "
                     "quote, limits), score.decision_threshold or output.keep",
                     a->path, b->path);
out:
    return rc;
}

sl_status stitch_read_pieces(struct stitch *s, struct sl_error *err)
{
    sl_status rc;

    SL_TRY(sl_alloc_array((size_t)s->opts->n_files, sizeof *s->pieces, &s->pieces, err));
    for (int i = 0; i < s->opts->n_files; i++) {
        s->pieces[i].path = s->opts->files[i];
        SL_TRY(read_piece(&s->pieces[i], err));
        if (i > 0)
            SL_TRY(compare(&s->pieces[0], &s->pieces[i], err));
    }
out:
    return rc;
}

void stitch_pieces_release(struct stitch *s)
{
    for (int i = 0; s->pieces != NULL && i < s->opts->n_files; i++) {
        struct stitch_piece *piece = &s->pieces[i];

        scored_partitions_release(&piece->partitions);
        scored_classes_release(&piece->classes);
        sl_table_release(&piece->columns);
        free(piece->model);
        free(piece->scoring);
        free(piece->names);
    }
    free(s->pieces);
    s->pieces = NULL;
}
