/* Parts of the export, for its own files. */
#ifndef SCORELINE_RUN_EXPORT_H
#define SCORELINE_RUN_EXPORT_H

#include "scored_rows.h"
#include "scoreline/file.h"

/* Where the cells of a column of the CSV come from. */
enum export_kind {
    EXPORT_KEY,    /* of the partition; quoted already */
    EXPORT_RECORD, /* counted */
    EXPORT_STATUS, /* in words */
    EXPORT_CELL,   /* as it is in /predictions, missing values empty */
};

struct export_column {
    enum export_kind              kind;
    char                         *name;
    const struct sl_table_column *from; /* EXPORT_KEY: of /partitions, else of the block at hand */
    size_t                        item; /* of the cells of a row */
    int64_t                       missing; /* of integers: the value that stands for it */
    bool                          has_missing;
};

enum { EXPORT_MOST_STATUS = 16 };

/* The columns of a CSV: keys first, then what every output has, then kept ones. */
struct export_list {
    const struct sl_scored      *scored; /* these four are borrowed */
    const struct sl_table       *partitions;
    const struct sl_table       *rows; /* all columns of /predictions, the block at hand */
    const struct scored_classes *classes;
    int                          n_columns;
    struct export_column        *columns; /* [n_columns] of different names */
    char                        *status_text;
    const char                  *status_words[EXPORT_MOST_STATUS]; /* [n_status] in it */
    int                          n_status;
};

/** Fill a list that has what it borrows; SL_EINPUT, SL_ENOMEM.  Freed by export_list_release(),
 * also where this fails. */
SL_MUST_CHECK sl_status export_list_make(struct export_list *list, struct sl_error *err);
void                    export_list_release(struct export_list *list);

/** Append a field by the grammar: quoted where it holds a comma, a quote, CR or LF. */
SL_MUST_CHECK sl_status export_field(struct sl_file_out *to, struct sl_slice field,
                                     struct sl_error *err);

/* Rows of one run. */
struct export_rows {
    const struct export_column *columns;
    int                         n_columns;
    const char *const          *status_words; /* [n_status] */
    int                         n_status;
    struct sl_slice             prefix; /* the key fields of the partition, each with its comma */
    int64_t                     first_record;
    size_t                      at;
    size_t                      n_rows;
};

/** Append rows, a line each; SL_EOUTPUT, SL_EINPUT: a status that has no word. */
SL_MUST_CHECK sl_status export_rows(struct sl_file_out *to, const struct export_rows *rows,
                                    struct sl_error *err);

/**
 * A file name for each partition: its name with what is unsafe in one as '_', ".csv" behind it; all
 * numbered in front where two would be the same.
 *
 * Shapes:  names [n_partitions], each freed with free(), as is *names itself.
 * Errors:  SL_ENOMEM.
 */
SL_MUST_CHECK sl_status export_names(const struct sl_plan *plan, char ***names,
                                     struct sl_error *err);

#endif
