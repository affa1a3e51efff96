/* Which columns a CSV has, in which order, under which names. */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "scoreline/block.h"
#include "scoreline/memory.h"
#include "scoreline/rows.h"

/* The columns that every output has, in the order of the CSV; kept ones follow. */
static const struct fixed_column {
    const char      *name;
    enum export_kind kind;
    enum sl_dtype    dtype; /* but of classes, where there are many */
    bool             is_class;
    bool             by_class; /* beyond two classes a column for each */
} class_columns[] =
    {
        {"record", EXPORT_RECORD, SL_I64, false, false},
        {"status", EXPORT_STATUS, SL_U8, false, false},
        {"predicted", EXPORT_CELL, SL_I8, true, false},
        {"probability", EXPORT_CELL, SL_F64, false, true},
        {"label", EXPORT_CELL, SL_I8, true, false},
},
  number_columns[] = {
      {"record", EXPORT_RECORD, SL_I64, false, false},
      {"status", EXPORT_STATUS, SL_U8, false, false},
      {"value", EXPORT_CELL, SL_F64, false, false},
      {"label", EXPORT_CELL, SL_F64, false, false},
};
enum {
    N_CLASS_COLUMNS = sizeof class_columns / sizeof *class_columns,
    N_NUMBER_COLUMNS = sizeof number_columns / sizeof *number_columns
};

static const struct fixed_column *fixed_columns_of(const struct export_list *x, int *n)
{
    *n = x->classes->n > 0 ? N_CLASS_COLUMNS : N_NUMBER_COLUMNS;
    return x->classes->n > 0 ? class_columns : number_columns;
}

static bool name_is_taken(const struct export_list *x, const char *name)
{
    for (int i = 0; i < x->n_columns; i++)
        if (strcmp(x->columns[i].name, name) == 0)
            return true;
    return false;
}

/* A name that nobody has; the column takes it over. */
static void put_column(struct export_list *x, struct export_column column, struct sl_text *name)
{
    column.name = name->data;
    x->columns[x->n_columns++] = column;
    *name = (struct sl_text){0};
}

/* A header that is twice there helps nobody: the later column is told apart. */
static sl_status add_column(struct export_list *x, struct export_column column, const char *name,
                            struct sl_error *err)
{
    struct sl_text unique = {0};
    sl_status      rc;

    SL_TRY(sl_text_add(&unique, err, "%s", name));
    if (name_is_taken(x, unique.data)) {
        sl_text_release(&unique);
        SL_TRY(sl_text_add(&unique, err, "keep_%s", name));
    }
    if (name_is_taken(x, unique.data))
        rc = sl_fail(err, SL_EINPUT, "'%s': two columns are named '%s'", sl_scored_path(x->scored),
                     unique.data);
    else
        put_column(x, column, &unique);
out:
    sl_text_release(&unique);
    return rc;
}

/* NAME_CLASS, and a number behind it until nobody has that name. */
static sl_status add_class_column(struct export_list *x, struct export_column column,
                                  const char *name, struct sl_error *err)
{
    const struct sl_slice class = x->classes->names[column.item];
    struct sl_text unique = {0};
    size_t         n_bytes;
    sl_status      rc;

    SL_TRY(sl_text_add(&unique, err, "%s_", name));
    SL_TRY(sl_text_add_bytes(&unique, class.data, class.n_bytes, err));
    for (size_t i = 0; i < unique.n_bytes; i++)
        if (unique.data[i] == '\0')
            unique.data[i] = '_';
    n_bytes = unique.n_bytes;
    for (int i = 2; name_is_taken(x, unique.data); i++) {
        unique.n_bytes = n_bytes;
        SL_TRY(sl_text_add(&unique, err, "_%d", i));
    }
    put_column(x, column, &unique);
out:
    sl_text_release(&unique);
    return rc;
}

static sl_status add_keys(struct export_list *x, struct sl_error *err)
{
    const struct sl_table *table = x->partitions;
    sl_status              rc = SL_OK;

    for (int i = 0; i < table->n_columns && rc == SL_OK; i++) {
        const struct sl_table_column *c = &table->columns[i];

        if (strncmp(c->name, "key_", 4) == 0 && c->dtype == SL_FIXED_TEXT)
            rc = add_column(x, (struct export_column){.kind = EXPORT_KEY, .from = c}, c->name + 4,
                            err);
    }
    return rc;
}

static sl_status find_fixed(const struct export_list *x, const struct fixed_column *f,
                            const struct sl_table_column **out, struct sl_error *err)
{
    const int           n = x->classes->n;
    const enum sl_dtype dtype = f->is_class ? sl_rows_class_dtype(n) : f->dtype;

    return sl_scored_find_items(x->scored, x->rows, f->name, dtype,
                                f->by_class && n > 2 ? (size_t)n : 0, out, err);
}

static sl_status add_fixed(struct export_list *x, struct sl_error *err)
{
    int                        n;
    const struct fixed_column *fixed = fixed_columns_of(x, &n);
    sl_status                  rc = SL_OK;

    for (int i = 0; i < n; i++) {
        const struct fixed_column *f = &fixed[i];
        struct export_column column = {.kind = f->kind, .missing = -1, .has_missing = f->is_class};

        if (f->kind != EXPORT_RECORD)
            SL_TRY(find_fixed(x, f, &column.from, err));
        if (!f->by_class || x->classes->n <= 2) {
            SL_TRY(add_column(x, column, f->name, err));
            continue;
        }
        for (; column.item < (size_t)x->classes->n; column.item++)
            SL_TRY(add_class_column(x, column, f->name, err));
    }
out:
    return rc;
}

/* Of /predictions, where a kept column may be named "record". */
static bool is_fixed(const struct export_list *x, const char *name)
{
    int                        n;
    const struct fixed_column *fixed = fixed_columns_of(x, &n);

    for (int i = 0; i < n; i++)
        if (fixed[i].kind != EXPORT_RECORD && strcmp(fixed[i].name, name) == 0)
            return true;
    return strcmp(name, "partition") == 0;
}

static sl_status add_kept(struct export_list *x, struct sl_error *err)
{
    const struct sl_table *rows = x->rows;
    sl_status              rc = SL_OK;

    for (int i = 0; i < rows->n_columns && rc == SL_OK; i++) {
        const struct sl_table_column *c = &rows->columns[i];

        if (is_fixed(x, c->name))
            continue;
        if (c->items != NULL)
            rc = sl_fail(err, SL_EINPUT, "'%s': /predictions/%s has several cells a row",
                         sl_scored_path(x->scored), c->name);
        else
            rc = add_column(x,
                            (struct export_column){.kind = EXPORT_CELL,
                                                   .from = c,
                                                   .missing = SL_INTEGER_MISSING,
                                                   .has_missing = c->dtype == SL_I64},
                            c->name, err);
    }
    return rc;
}

/* The words of flag_meanings, 0 first. */
static sl_status split_status(struct export_list *x, struct sl_error *err)
{
    const struct sl_table_column *status;
    sl_status                     rc;

    SL_TRY(sl_scored_find(x->scored, x->rows, "status", SL_U8, &status, err));
    if (status->notes.flag_meanings == NULL) {
        rc = sl_fail(err, SL_EINPUT, "'%s': /predictions/status has no flag_meanings",
                     sl_scored_path(x->scored));
        goto out;
    }
    SL_TRY(sl_copy_text(status->notes.flag_meanings, &x->status_text, err));
    for (char *word = x->status_text; word != NULL && x->n_status < EXPORT_MOST_STATUS;) {
        char *blank = strchr(word, ' ');

        x->status_words[x->n_status++] = word;
        if (blank != NULL)
            *blank++ = '\0';
        word = blank;
    }
out:
    return rc;
}

sl_status export_list_make(struct export_list *x, struct sl_error *err)
{
    size_t most = (size_t)x->partitions->n_columns + (size_t)x->rows->n_columns + N_CLASS_COLUMNS +
                  (size_t)x->classes->n;
    sl_status rc;

    SL_TRY(sl_alloc_array(most, sizeof *x->columns, &x->columns, err));
    SL_TRY(add_keys(x, err));
    SL_TRY(add_fixed(x, err));
    SL_TRY(add_kept(x, err));
    SL_TRY(split_status(x, err));
out:
    return rc;
}

void export_list_release(struct export_list *list)
{
    for (int i = 0; i < list->n_columns; i++)
        free(list->columns[i].name);
    free(list->columns);
    free(list->status_text);
}
