/* Columns that may become features where a job names those that do not, for expand.c and what lists
 * them. */
#ifndef SCORELINE_RUN_CANDIDATES_H
#define SCORELINE_RUN_CANDIDATES_H

#include "run_impl.h"
#include "scoreline/source.h"
#include "scoreline/survey.h"

/* A column that may become a feature, or two between which a coin chooses. */
struct candidate {
    int         n;          /* 1 or 2 */
    char       *names[2];   /* of the features */
    int         columns[2]; /* of the file, in the order of its header */
    int         read[2];    /* the same among those that are read */
    const char *why_not;    /* it cannot be a feature; NULL: it can */
};

struct expander {
    struct run               *run;
    int                       n_columns;
    size_t                    capacity;
    struct sl_column_request *columns; /* of the first file, as texts; names are owned */
    int                       n_candidates;
    struct candidate         *candidates; /* [n_columns] room */
    struct sl_column_request *wanted;     /* [n_wanted] columns of candidates, names borrowed */
    int                       n_wanted;
    int64_t                   n_records;
    struct sl_survey         *survey; /* of the candidates */
    struct sl_source         *source;
    struct sl_column_block    block;
};

const struct sl_group_spec *expand_group(const struct expander *x);

/** The columns of the first file that is trained on; those that could be features become x's
 *  candidates, others are left out; SL_EINPUT: a list names what is no column.  Rank 0. */
SL_MUST_CHECK sl_status expand_list_candidates(struct expander *x, struct sl_error *err);

/** Whether a list of names has a candidate: a pair by one of its columns, by either name. */
bool expand_is_listed(const struct expander *x, const struct candidate *c, char *const *names,
                      int n);

/** Remember that a candidate is left out, for notes; `why` is borrowed for good; SL_ENOMEM. */
SL_MUST_CHECK sl_status expand_leave_out(struct expander *x, const struct candidate *c,
                                         const char *why, struct sl_error *err);

#endif
