/* What the stitching of pieces carries, for the files of `combine` alone: rank 0 reads what the
 * pieces say of themselves and finds every row its place, then all ranks copy rows. */
#ifndef SCORELINE_RUN_STITCH_H
#define SCORELINE_RUN_STITCH_H

#include "../run_impl.h"
#include "../scored/scored_rows.h"
#include "scoreline/metrics.h"
#include "scoreline/output.h"
#include "scoreline/parts.h"

/* A file that is given; closed again, but for what is kept here. */
struct stitch_piece {
    const char              *path;
    char                    *model; /* fingerprints */
    char                    *scoring;
    char                    *names; /* of all partitions of its job, one a line */
    struct scored_partitions partitions;
    struct scored_classes    classes;
    enum sl_deviance         deviance;   /* of numbers */
    int64_t                  exact_rows; /* of its job */
    struct sl_table          columns;    /* of /predictions, without rows */
    bool                     has_rejects;
};

/* A partition of a piece, which may be a part of what it is in the job. */
struct stitch_part {
    int     piece;
    size_t  row;   /* of its /partitions */
    int64_t index; /* among all partitions of the job */
    int64_t first_byte;
    int64_t end_byte;
    int     partition; /* of the output that it becomes, or a part of */
};

/* Rows that are neighbours in a piece and in the output. */
struct stitch_segment {
    int64_t from;
    int64_t to;
    int64_t n_rows;
    int32_t piece;
    int32_t partition;
};

struct stitch {
    const struct sl_comm         *comm;
    const struct sl_combine_opts *opts;
    struct sl_stopwatch          *watch;
    struct run_progress          *progress; /* ../progress.h; rank 0 */
    struct run_pace               pace;     /* of the output's partitions: reading their rows */
    double                        work_s;   /* of copying rows, as a whole */

    /* rank 0 */
    struct stitch_piece  *pieces; /* [opts->n_files] */
    size_t                n_parts;
    struct stitch_part   *parts;   /* in the order of the output */
    struct sl_text        names;   /* of all partitions, one a line */
    struct sl_text        missing; /* what is, in words */
    struct sl_plan        plan;    /* partitions of the output: names and trained_on */
    struct sl_row_counts *counts;  /* [n_partitions] */
    char                  fingerprint[17];
    bool                  is_complete; /* the output is there already */
    bool                  is_planned;
    bool                  is_written;
    char                  run_id[17];
    struct sl_parts      *beside; /* the output: this run alone makes it */

    /* every rank */
    int                    reference; /* the piece whose columns, job and model are taken */
    int                    n_partitions;
    bool                  *trained_on; /* [n_partitions] */
    size_t                 n_segments;
    struct stitch_segment *segments; /* in the order of the output */
    int64_t                n_rows;
    int64_t               *widths; /* [n columns of /predictions] */
    int                    n_classes;
    enum sl_deviance       deviance;
    int64_t                exact_rows;
    struct sl_measured     measured;
};

/* stitch_pieces.c: read and compare; SL_EINPUT naming two files.  Rank 0. */
SL_MUST_CHECK sl_status stitch_read_pieces(struct stitch *s, struct sl_error *err);
void                    stitch_pieces_release(struct stitch *s);

/* A name among all, and its place. */
struct stitch_name {
    struct sl_slice text;
    int64_t         index;
};

struct stitch_names {
    size_t              n;
    size_t              capacity;
    struct stitch_name *items;    /* [n] sorted by bytes, to be found */
    struct sl_slice    *in_order; /* [n] by place */
};

/* stitch_names.c.  All partitions of the pieces' jobs, from what each piece says; s->names is them
 * in order, one a line.  Texts are borrowed from the pieces.  Rank 0. */
SL_MUST_CHECK sl_status stitch_collect_names(struct stitch *s, struct stitch_names *names,
                                             struct sl_error *err);
void                    stitch_names_release(struct stitch_names *names);
/* NULL if there is none. */
const struct stitch_name *stitch_find_name(const struct stitch_names *names, const char *name);
int                       stitch_compare_bytes(struct sl_slice a, struct sl_slice b);

/* stitch_plan.c: parts in order, what is missing, segments, fingerprint.  Rank 0. */
SL_MUST_CHECK sl_status stitch_plan(struct stitch *s, struct sl_error *err);

/* stitch_tables.c: the small tables, those of metrics first; `reference` is open.  Rank 0. */
enum {
    STITCH_PARTITIONS = RUN_N_METRIC_TABLES,
    STITCH_REJECTS,
    STITCH_DRIFT,
    STITCH_N_OF_PIECES,
    STITCH_PROFILE = STITCH_N_OF_PIECES, /* of this run */
    STITCH_N_TABLES
};
SL_MUST_CHECK sl_status stitch_tables(const struct stitch *s, struct sl_scored *reference,
                                      struct sl_table  tables[STITCH_N_TABLES],
                                      struct sl_error *err);

/* Partitions of the output by those of a piece, -1 for a share that no record begins in; *map is
 * freed with free(). */
SL_MUST_CHECK sl_status stitch_map_partitions(const struct stitch *s, int piece, int32_t **map,
                                              struct sl_error *err);

/* stitch_drift.c: counts of the pieces added up, judged by the model of `reference`.  Rank 0. */
SL_MUST_CHECK sl_status stitch_drift(const struct stitch *s, const struct sl_scored *reference,
                                     struct sl_table *table, struct sl_error *err);

/* stitch_copy.c.  Collective. */
struct sl_sink;
SL_MUST_CHECK sl_status stitch_metrics(struct stitch *s, struct sl_error *err);
SL_MUST_CHECK sl_status stitch_copy(struct stitch *s, const struct sl_table *columns,
                                    struct sl_sink *sink, struct sl_error *err);

/* report.c: what is said at the end, on every way out; returns rc, or why something could not
 * be said.  `began` is a date.  Collective. */
SL_MUST_CHECK sl_status stitch_report(struct stitch *s, const char *began, sl_status rc,
                                      struct sl_error *err);
/* Whether the summary is none of the files that are read or written. */
bool stitch_summary_is_apart(const struct stitch *s);

#endif
