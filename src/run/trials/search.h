/* What one rank carries through a search, for the files of this room alone. */
#ifndef SCORELINE_RUN_SEARCH_H
#define SCORELINE_RUN_SEARCH_H

#include "grid.h"
#include "splits.h"
#include "trials.h"

/* How a fit went. */
enum search_fit_state {
    SEARCH_FITTED,
    SEARCH_NOT_CONVERGED,
    SEARCH_UNFIT, /* nothing could be learned, or judged: its score is NaN */
};

/* A path through one split, which is one unit of work. */
struct search_unit {
    int32_t path;
    int32_t split;
};

struct search {
    struct run                  *run;
    const struct sl_search_spec *spec; /* the job's */
    enum sl_scoring              scoring;
    int                          n_variants;
    struct trial_variant        *variants; /* [n_variants] */
    struct grid                  grid;
    struct grid_paths            paths;
    struct trial_rows            rows;
    struct splits                splits;
    int64_t                      n_units;
    struct search_unit          *units; /* [n_units] */

    /* search_units.c: what this rank has ready */
    struct search_ready {
        int32_t           variant; /* -1: nothing */
        int32_t           split;
        struct trial_fold fold;
        sl_status         rc; /* SL_EINPUT: `fault` says why it cannot be fitted to */
        struct sl_error   fault;
        size_t           *train, *test; /* [rows.n] scratch */
    } ready;

    /* search_results.c: of each candidate and split */
    int64_t  n_resumed;
    double  *scores;  /* [n][n_splits] */
    uint8_t *states;  /* [n][n_splits] enum search_fit_state */
    double  *means;   /* [n] */
    double  *stds;    /* [n] */
    int64_t *ranks;   /* [n] from 1 */
    size_t  *by_rank; /* [n] candidates, best first */
    double   fit_s;   /* of all fits */
    struct {
        size_t          candidate;
        int             split;
        struct sl_error why;
    } first_unfit; /* why.text "" : none */
};

/* --- search_plan.c ---------------------------------------------------------------------------- */

/** The job's sets of features become variants, and what they bring with them features of the job;
 *  SL_EJOB, SL_ENOMEM.  On every rank. */
SL_MUST_CHECK sl_status search_take_features(struct search *search, struct sl_error *err);

/** Candidates, paths; what they are judged by.  SL_EJOB, SL_ENOMEM.  On every rank, when the
 *  estimator is known. */
SL_MUST_CHECK sl_status search_list_candidates(struct search *search, struct sl_error *err);

/** Whether each variant can stand alone; SL_EJOB.  Rank 0. */
SL_MUST_CHECK sl_status search_check_variants(const struct search *search, struct sl_error *err);

/** What would be done, as JSON; SL_EINPUT, SL_ENOMEM.  Rank 0. */
SL_MUST_CHECK sl_status search_describe(const struct search *search, struct sl_json *to,
                                        struct sl_error *err);

/** How many fits there are. */
int64_t search_n_fits(const struct search *search);

/* --- search_units.c --------------------------------------------------------------------------- */

/** Splits and units; SL_EINPUT, SL_ENOMEM.  Rank-local, the same on every rank. */
SL_MUST_CHECK sl_status search_list_units(struct search *search, struct sl_error *err);

/** Do them all.  Collective. */
SL_MUST_CHECK sl_status search_deal(struct search *search, struct trial_results *results,
                                    struct sl_error *err);

/* One fit as its unit's result has it; behind it, of a state of SEARCH_UNFIT, a slice: why. */
struct search_found {
    double  score;
    double  fit_s;
    int64_t state;
};

/* --- search_results.c ------------------------------------------------------------------------- */

/** Scores, means and ranks from what units found; SL_ENOMEM.  Rank-local, the same everywhere. */
SL_MUST_CHECK sl_status search_rank(struct search *search, const struct trial_results *results,
                                    struct sl_error *err);
void                    search_release(struct search *search);

/** All of it as JSON, as docs/search.md has it; SL_ENOMEM. */
SL_MUST_CHECK sl_status search_to_json(const struct search *search, struct sl_json *to,
                                       struct sl_error *err);

/** The name of a score, and of a candidate's parameter as a text. */
const char *search_scoring_name(const struct search *search);

/* --- search_output.c -------------------------------------------------------------------------- */

/** Whether an output's name says what it is to be: SL_EUSAGE.  And what there is of one, of this
 *  command or of another. */
SL_MUST_CHECK sl_status search_check_name(const char *output, struct sl_error *err);
enum sl_output_state    search_look(const char *output, char *fingerprint, size_t out_bytes);

/** Write the output that was asked for, whole or not at all; `json` is search_to_json().  Rank 0.
 */
SL_MUST_CHECK sl_status search_write(const struct search *search, const struct sl_json *json,
                                     struct sl_error *err);

#endif
