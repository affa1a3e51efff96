/* Where the time of a rank goes: at any moment it is in one phase, and all of its time is some
 * phase's, so that they add up to the whole. */
#ifndef SCORELINE_STOPWATCH_H
#define SCORELINE_STOPWATCH_H

/* The one list of phases, in the order they are told in: as C names it, as users read it, and what
 * it is.  The timing table, --summary, /profile and their documentation follow from it. */
#define SL_PHASES(X)                                                                               \
    X(START, "start", "processes and MPI are started")                                             \
    X(PLAN, "plan", "job, inputs, output and journal are looked at")                               \
    X(TRAIN, "train", "what is trained on is read")                                                \
    X(FIT, "fit", "recipe and estimator are fitted to it")                                         \
    X(WAIT, "wait", "for other ranks, and messages between them")                                  \
    X(READ, "read", "bytes of inputs that are scored or combined")                                 \
    X(SCAN, "scan", "separators and record ends are found in them")                                \
    X(DECODE, "decode", "fields become numbers and texts")                                         \
    X(FEATURES, "features", "expressions, filling, scaling and levels")                            \
    X(PREDICT, "predict", "the estimator's outputs")                                               \
    X(KEEP, "keep", "predictions, labels and kept columns become rows")                            \
    X(JOURNAL, "journal", "chunks that are done are kept, or taken up from an earlier run")        \
    X(COLLECT, "collect", "rows get their places, bad records are gathered, drift is counted")     \
    X(METRICS, "metrics", "how good predictions are")                                              \
    X(COMBINE, "combine", "rows are written to the output")                                        \
    X(PUBLISH, "publish", "the output is closed, synced and named")                                \
    X(OTHER, "other", "all else")

enum sl_phase {
#define SL_PHASE_OF(id, name, meaning) SL_PHASE_##id,
    SL_PHASES(SL_PHASE_OF)
#undef SL_PHASE_OF
        SL_N_PHASES
};

const char *sl_phase_name(enum sl_phase phase);
const char *sl_phase_meaning(enum sl_phase phase);

struct sl_stopwatch {
    double        seconds[SL_N_PHASES]; /* of phases that were left */
    enum sl_phase phase;                /* the one it is in */
    double        since;                /* a moment of the clock */
};

/** Begin in a phase, nothing spent so far.  One thread has a stopwatch, as below. */
void sl_stopwatch_start(struct sl_stopwatch *watch, enum sl_phase phase);

/** Go over to a phase; returns the one that was left, to go back to.  NULL-safe.  Cost: one look at
 *  the clock, some 30 ns: for each block, never for each row. */
enum sl_phase sl_stopwatch_enter(struct sl_stopwatch *watch, enum sl_phase phase);

/** Seconds of each phase up to now; returns their sum. */
double sl_stopwatch_read(const struct sl_stopwatch *watch, double seconds[SL_N_PHASES]);

#endif
