/* The job file, read and validated: one read-only struct, a slice of it for each module. */
#ifndef SCORELINE_JOB_H
#define SCORELINE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/block.h"
#include "scoreline/error.h"

/* A partition key and the values it takes, lists and ranges written out.  A key of the data without
 * values takes those that are found in the directory. */
struct sl_key {
    char  *name;
    int    n_values;
    char **values; /* zero padding of a range is kept */
};

/* Which partitions: OR within a key, AND over keys, a key left out means all its values.
 * n_keys = 0 is "all". */
struct sl_selection {
    int            n_keys;
    struct sl_key *keys;
};

/* What to do where the product of the keys' values has no file. */
enum sl_holes { SL_HOLES_FAIL, SL_HOLES_SKIP };

/* data: where partitions lie and how their files are written. */
struct sl_input_spec {
    char          *root; /* directory, the job file's own put before it; "" for none */
    char          *path; /* template with {keys}, and '*' for several files of one partition */
    int            n_keys;
    struct sl_key *keys;  /* those with values in job order, then the others as in the path */
    enum sl_holes  holes; /* data.missing_partitions */
    int            n_missing;
    char         **missing; /* texts that mean missing in numeric columns */
    char           delimiter;
    char           quote;
    int64_t        max_field_bytes;  /* default 1 MiB */
    int64_t        max_record_bytes; /* default 16 MiB */
};

enum sl_missing_policy {
    SL_MISSING_ERROR,
    SL_MISSING_DROP_ROW,
    SL_MISSING_MEAN,
    SL_MISSING_MEDIAN,
    SL_MISSING_LEVEL, /* of a categorical: a level of its own */
    SL_MISSING_CONSTANT,
};
enum sl_scale { SL_SCALE_NONE, SL_SCALE_STANDARD };
enum sl_drop { SL_DROP_NONE, SL_DROP_FIRST };

/* What a feature of either kind may say; a categorical one has no scale and no indicator, a numeric
 * one none of what follows them. */
struct sl_feature_spec {
    char *name;
    char *expr;                  /* of a bare feature: the column's name, which is its own; of a
                                    categorical one NULL */
    bool                   bare; /* given without an expression; expr is a column's name then */
    char                  *categorical; /* the column whose levels it has; NULL: it is numeric */
    enum sl_missing_policy missing;
    double                 fill; /* of SL_MISSING_CONSTANT */
    enum sl_scale          scale;
    bool                   indicator; /* a column of its own for where it was missing */
    enum sl_drop           drop;
    char                  *handle_unknown; /* "ignore", "error", or a level that others count as */
    int64_t                max_levels;
    bool                   trim;    /* blanks at the ends of levels do not count */
    bool                   by_name; /* a name alone, which may be that of another feature */
};

/* Features that are found in the header: all columns but some. */
struct sl_group_spec {
    int                    n_except;
    char                 **except; /* NULL: there is no group */
    int                    n_categorical;
    char                 **categorical; /* columns that are, whatever their values look like */
    struct sl_feature_spec like;        /* the options of all of them; no names */
};

/* Head-to-head data: which of two comes first is decided by a coin. */
struct sl_orient_spec {
    char   *first; /* prefix of the columns of the one; NULL: not oriented */
    char   *second;
    int     n_as;
    char  **as;    /* [2] what the prefixes become */
    char   *label; /* name of the column that says whether the one came first */
    int     n_key;
    char  **key; /* columns that the coin is made of, by the file's own names */
    int64_t seed;
};

/* features, orient, label and weight: what the recipe is compiled from. */
struct sl_recipe_spec {
    int                     n_features;
    struct sl_feature_spec *features;
    struct sl_group_spec    group;
    struct sl_orient_spec   orient;
    char                   *label;           /* expression */
    bool                    label_is_number; /* that is to be predicted, not a class: the estimator
                                                says so, not the job */
    char  *weight;                           /* expression; NULL: all weigh the same */
    int    n_missing;
    char **missing; /* texts that are missing in text columns */
};

/* params of an estimator as the job gives them; the estimator's table validates them. */
struct sl_param_value {
    char  *name;
    double value; /* a bool is 0 or 1 */
    bool   is_bool;
    bool   is_null;
    char  *text; /* NULL: none, it is a number, a bool, a list or null */
    bool   is_list;
    int    n_numbers;
    double *numbers; /* [n_numbers] of a list */
};

enum sl_bad_rows_policy { SL_BAD_ROWS_REJECT, SL_BAD_ROWS_FAIL };
struct sl_bad_rows_spec {
    enum sl_bad_rows_policy policy;
    double                  max_fraction; /* of the records of a run */
    int64_t                 max_count;    /* INT64_MAX: no limit */
};

/* Which of the rows to train on are taken; neither: all. */
struct sl_sample_spec {
    int64_t n_rows;
    double  fraction;
    int64_t seed;
    bool    stratify; /* each class by its share */
};

/* Who reads and fits: rank 0, or all ranks; the model is the same. */
enum sl_train_mode { SL_TRAIN_ROOT, SL_TRAIN_DISTRIBUTED };

struct sl_train_spec {
    struct sl_selection     partitions;
    struct sl_sample_spec   sample;
    char                   *estimator;
    int                     n_params;
    struct sl_param_value  *params;
    struct sl_bad_rows_spec bad_rows;  /* default: fail */
    int64_t                 max_bytes; /* of memory that training may take on a rank; 0: no limit */
    enum sl_train_mode      mode;
};

enum sl_schedule { SL_SCHEDULE_DYNAMIC, SL_SCHEDULE_STATIC };

/* What a partition does that cannot be read, or whose data are at fault: end the run, or go. */
enum sl_bad_partitions { SL_BAD_PARTITIONS_FAIL, SL_BAD_PARTITIONS_SKIP };

struct sl_score_spec {
    struct sl_selection     partitions;
    struct sl_bad_rows_spec bad_rows;
    int64_t                 chunk_bytes;
    enum sl_schedule        schedule;
    enum sl_bad_partitions  bad_partitions;
    int64_t                 tries; /* to read a chunk */
    double                  decision_threshold;
    bool                    has_threshold; /* the job names it */
};

struct sl_keep_spec {
    char        *column; /* as the file names it */
    enum sl_type type;
    int64_t      max_width; /* of a text, in bytes; default 256 */
    bool         truncate;  /* cut longer texts instead of failing */
};

struct sl_output_spec {
    char                *path; /* default "NAME.h5" */
    int                  n_keep;
    struct sl_keep_spec *keep;
    int64_t              compress;      /* 0: rows as they are; 1 to 9: deflated */
    double               journal_after; /* seconds, from when on chunks that are done are on disk */
    int64_t              max_rejects; /* rows of /rejects, default 10,000; counts are always full */
};

/* search.params: the values of a parameter that are tried. */
enum sl_draw { SL_DRAW_LIST, SL_DRAW_UNIFORM, SL_DRAW_LOGUNIFORM };
struct sl_range_spec {
    char                  *name;
    enum sl_draw           draw;
    int                    n_values;
    struct sl_param_value *values; /* of a list; without names */
    double                 low;    /* of a distribution */
    double                 high;
};

/* search.features: features that are tried together. */
struct sl_feature_set_spec {
    char                   *name;
    int                     n_features;
    struct sl_feature_spec *features;
};

/* How rows are split into those that are fitted to and those that judge. */
enum sl_cv {
    SL_CV_KFOLD,
    SL_CV_STRATIFIED_KFOLD,
    SL_CV_LEAVE_ONE_OUT,
    SL_CV_EXPANDING_WINDOW
};
struct sl_cv_spec {
    enum sl_cv method;
    int64_t    n_splits; /* of k folds */
    bool       shuffle;
    int64_t    random_state; /* of the shuffle */
    char      *by;           /* a partition key; NULL for k folds */
    int64_t    min_train;    /* values of it that the first window holds */
};

/* What fits are judged by, as scikit-learn names it: the greater, the better. */
enum sl_scoring {
    SL_SCORING_DEFAULT, /* accuracy of classes, r2 of numbers */
    SL_SCORING_ACCURACY,
    SL_SCORING_NEG_LOG_LOSS,
    SL_SCORING_ROC_AUC,
    SL_SCORING_NEG_BRIER,
    SL_SCORING_R2,
    SL_SCORING_NEG_RMSE,
    SL_SCORING_NEG_MSE,
    SL_SCORING_NEG_MAE,
    SL_SCORING_NEG_POISSON_DEVIANCE,
    SL_N_SCORINGS
};
extern const char *const sl_scoring_names[SL_N_SCORINGS + 1]; /* ends with NULL */

enum sl_search_method { SL_SEARCH_GRID, SL_SEARCH_RANDOM };

/* search: which of many models is best. */
struct sl_search_spec {
    enum sl_search_method       method;
    int64_t                     n_iter; /* draws of a random search */
    int64_t                     random_state;
    int                         n_params;
    struct sl_range_spec       *params;
    int                         n_features;
    struct sl_feature_set_spec *features; /* none: those of the job */
    struct sl_cv_spec           cv;
    enum sl_scoring             scoring;
    bool                        refit;
    bool                        is_given; /* the job says how to search */
};

/* learning_curve: how the score grows with the rows trained on. */
struct sl_learning_curve_spec {
    struct sl_selection partitions;     /* that rows are drawn from */
    bool                has_partitions; /* else those of train */
    struct sl_selection validate_on;
    bool                validates_on_others; /* than those: on validate_on */
    int                 n_train_sizes;
    double             *train_sizes; /* up to 1 a fraction, else a number of rows */
    int64_t             n_splits;
    int64_t             n_repeats;
    int64_t             random_state;
    enum sl_scoring     scoring;
};

struct sl_measuring_spec {
    int64_t exact_rows; /* the most for which the AUC is exact */
};

/**
 * The texts of several `--only`: "year=2003,2004" and "month=2015-01..2015-06" are values of a key,
 * OR among themselves, AND over the texts, also where they name one key.
 *
 * Owner:   *out is released by sl_selection_release(); n = 0 gives "all".
 * Errors:  SL_EUSAGE naming the text: no '=', unknown key or value with the nearest known one, no
 *          value left; SL_ENOMEM.
 * Ranks:   local; touches no file, so values of a key that is to be discovered are taken as given.
 */
SL_MUST_CHECK sl_status sl_selection_parse(const struct sl_input_spec *spec, int n,
                                           const char *const *texts, struct sl_selection *out,
                                           struct sl_error *err);
void                    sl_selection_release(struct sl_selection *selection);

/* What a model brings with it (features, label, train) may be left out; see
 * sl_job_check_training(). */
struct sl_job {
    char                         *file; /* as it was named */
    char                         *text; /* the effective job after --set, as JSON */
    char                         *name;
    char                         *description; /* "" if none */
    struct sl_input_spec          input;
    struct sl_recipe_spec         recipe;
    struct sl_train_spec          train;
    struct sl_score_spec          score;
    struct sl_output_spec         output;
    struct sl_measuring_spec      metrics;
    struct sl_search_spec         search;
    struct sl_learning_curve_spec learning_curve;
};

/**
 * Read a job file, apply `--set` texts ("score.chunk_bytes=1MiB") in order, validate all of it.
 *
 * Owner:   *job is handed over, sl_job_free() frees it.
 * Errors:  SL_EJOB with file, and line and column (syntax) or JSON path (unknown keys with the
 *          nearest known one, wrong types, values out of range); SL_EUSAGE for a set without '=';
 *          SL_EUNSUPPORTED for what the format has and this build has not; SL_ENOMEM.
 * Ranks:   local; touches no file but the job's own.
 */
SL_MUST_CHECK sl_status sl_job_read(const char *file, int n_sets, const char *const *sets,
                                    struct sl_job **job, struct sl_error *err);
/** The same from a text; `file` is used in messages and to place relative paths. */
SL_MUST_CHECK sl_status sl_job_parse(const char *text, size_t n_bytes, const char *file, int n_sets,
                                     const char *const *sets, struct sl_job **job,
                                     struct sl_error *err);
void                    sl_job_free(struct sl_job *job);

/** Whether two features of a job are the same, options and all. */
bool sl_job_same_feature(const struct sl_feature_spec *a, const struct sl_feature_spec *b);

/** Whether the job says all it takes to train; SL_EJOB naming the key it lacks. */
SL_MUST_CHECK sl_status sl_job_check_training(const struct sl_job *job, struct sl_error *err);

#endif
