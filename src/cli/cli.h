/* The command line: commands, their options, and what a command is given.  For src/cli alone. */
#ifndef SCORELINE_CLI_H
#define SCORELINE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"
#include "scoreline/run.h"
#include "scoreline/stopwatch.h"
#include "scoreline/ticker.h"

/* What an option takes, and the type of the field it fills. */
enum cli_kind {
    CLI_FLAG,   /* nothing; bool */
    CLI_TEXT,   /* const char * */
    CLI_I64,    /* int64_t */
    CLI_NUMBER, /* double */
    CLI_CHOICE, /* one of the words in `choices`; int, its index */
    CLI_LIST,   /* may be repeated; struct cli_list */
};

enum { CLI_LIST_MAX = 256 };
struct cli_list {
    int         n;
    const char *items[CLI_LIST_MAX];
};

struct cli_option {
    const char        *name;   /* "output" for --output; NULL ends the table */
    char               letter; /* 'o' for -o, 0 for none */
    enum cli_kind      kind;
    const char        *argument; /* "FILE"; NULL for a flag.  See cli_takes_path() */
    const char        *help;
    size_t             offset;  /* of the field in the command's struct */
    const char *const *choices; /* ends with NULL */
};

/* What a command is run with.  Speak only where out and notes are not NULL (rank 0). */
struct cli_context {
    const struct sl_comm *comm;
    const char           *command_line;
    FILE                 *out;
    FILE                 *notes;
    const char           *settings; /* what the program set for Open MPI, for -v */
    struct sl_stopwatch  *watch;    /* since the process was started */
};

struct cli_command {
    const char              *name;
    const char              *arguments; /* "JOB" */
    const char              *summary;
    const struct cli_option *options;
    bool                     needs_ranks;
    sl_status (*run)(const struct cli_context *context, int argc, char **argv,
                     struct sl_error *err);
    const struct cli_manual *manual; /* manual.h */
};

/* The one list of commands, in commands.c; ends with a NULL name. */
extern const struct cli_command cli_commands[];

/** The command of that name, NULL if there is none. */
const struct cli_command *cli_find(const char *name);

/**
 * Parse argv (without the program and command names) into `values`; what is no option goes to
 * positional.  "--" ends the options; --name=value and --name value are the same.
 *
 * Errors:  SL_EUSAGE: unknown option (with the nearest), a value missing or unfit, more or fewer
 *          positional arguments than n_positional.
 */
SL_MUST_CHECK sl_status cli_parse(const struct cli_option *options, int argc, char **argv,
                                  void *values, const char **positional, int n_positional,
                                  struct sl_error *err);

/** The help of one command, from its option table. */
void cli_print_help(FILE *to, const struct cli_command *command);

/* ranks.c: the life of MPI.  cli_ranks_start() calls MPI_Init where a launcher started this
 * process, after making the quick settings for one host where the user has chosen nothing;
 * `settings` names them.  Otherwise comm stays NULL: the process is alone. */
struct cli_ranks {
    struct sl_comm   *comm;
    char              settings[512];
    pid_t             parent; /* who launched this process */
    struct sl_ticker *watch;  /* sees whether it still lives */
};
SL_MUST_CHECK sl_status cli_ranks_start(struct cli_ranks *ranks, struct sl_stopwatch *watch,
                                        struct sl_error *err);
void                    cli_ranks_stop(struct cli_ranks *ranks);
/** The rank a launcher gave this process, known without MPI_Init; 0 if none did. */
int cli_launcher_rank(void);

/* job_options.c: what commands that do a job's work have in common.  A command's struct has a
 * `struct cli_common common` (and `struct cli_piece piece`), its table the lines for it. */
struct cli_common {
    struct cli_list sets;
    const char     *summary;
    const char     *max_time;
    int             if_exists;
    int             progress;
    bool            dry_run;
    bool            json;
    bool            quiet;
    bool            verbose;
    bool            help;
};
struct cli_piece {
    const char     *output;
    const char     *model;
    struct cli_list only;
    const char     *shard;
    int             resume;
};
extern const char *const cli_if_exists[];
extern const char *const cli_resume[];
extern const char *const cli_progress[];

/* clang-format off */
#define CLI_IF_EXISTS(type)                                                                        \
    {"if-exists", 0, CLI_CHOICE, "fail|replace",                                                   \
     "what to do where the output exists",                                                         \
     offsetof(type, common.if_exists), cli_if_exists}

/* How much is told of a command that takes its time. */
#define CLI_TOLD_OPTIONS(type)                                                                     \
    {"progress", 0, CLI_CHOICE, "auto|bar|plain|none",                                             \
     "how to tell how far it is; auto: a bar on a terminal, else lines",                           \
     offsetof(type, common.progress), cli_progress},                                               \
    {"summary", 0, CLI_TEXT, "FILE",                                                               \
     "write a summary as JSON, however it ends",                                                   \
     offsetof(type, common.summary), NULL}

#define CLI_LAST_OPTIONS(type)                                                                     \
    {"quiet", 'q', CLI_FLAG, NULL,                                                                 \
     "print nothing but errors",                                                                   \
     offsetof(type, common.quiet), NULL},                                                          \
    {"verbose", 'v', CLI_FLAG, NULL,                                                               \
     "say where ranks run, with what threads, and what was set",                                   \
     offsetof(type, common.verbose), NULL},                                                        \
    {"help", 'h', CLI_FLAG, NULL,                                                                  \
     "print this",                                                                                 \
     offsetof(type, common.help), NULL},                                                           \
    {.name = NULL}

#define CLI_COMMON_OPTIONS(type)                                                                   \
    {"set", 0, CLI_LIST, "KEY.PATH=VALUE",                                                         \
     "change the job (may be repeated, the last one wins)",                                        \
     offsetof(type, common.sets), NULL},                                                           \
    CLI_IF_EXISTS(type),                                                                           \
    {"max-time", 0, CLI_TEXT, "TIME",                                                              \
     "stop in time to be resumed: minutes, MM:SS, HH:MM:SS, D-HH",                                 \
     offsetof(type, common.max_time), NULL},                                                       \
    CLI_TOLD_OPTIONS(type),                                                                        \
    {"dry-run", 0, CLI_FLAG, NULL,                                                                 \
     "check everything, print what would be done, touch nothing",                                  \
     offsetof(type, common.dry_run), NULL},                                                        \
    {"json", 0, CLI_FLAG, NULL,                                                                    \
     "with --dry-run: print JSON, for programs",                                                   \
     offsetof(type, common.json), NULL},                                                           \
    CLI_LAST_OPTIONS(type)

#define CLI_PIECE_OPTIONS(type)                                                                    \
    {"output", 'o', CLI_TEXT, "FILE",                                                              \
     "write the result here, not where the job says",                                              \
     offsetof(type, piece.output), NULL},                                                          \
    {"model", 0, CLI_TEXT, "FILE",                                                                 \
     "score with the model of this model or output file",                                          \
     offsetof(type, piece.model), NULL},                                                           \
    {"only", 0, CLI_LIST, "KEY=VALUE,...",                                                         \
     "score these partitions only (may be repeated: all must hold)",                               \
     offsetof(type, piece.only), NULL},                                                            \
    {"shard", 0, CLI_TEXT, "I/N|auto",                                                             \
     "score share I of N of the bytes, I from 1 to N; auto: as a Slurm array has it",              \
     offsetof(type, piece.shard), NULL},                                                           \
    {"resume", 0, CLI_CHOICE, "auto|never|require",                                                \
     "whether to go on where an earlier run of the job ended",                                     \
     offsetof(type, piece.resume), cli_resume}
/* clang-format on */

/**
 * Parse a command that takes one job file, and fill what all of these have in common.
 *
 * Owner:   opts borrows what it is given.
 * Returns: SL_OK; opts->job_file is NULL if help was asked for, and printed.
 * Errors:  SL_EUSAGE.
 */
SL_MUST_CHECK sl_status cli_parse_job(const struct cli_context *context, const char *command,
                                      int argc, char **argv, void *values,
                                      const struct cli_common *common, struct sl_run_opts *opts,
                                      struct sl_error *err);
/** Seconds from one line of progress to the next; SL_EUSAGE. */
SL_MUST_CHECK sl_status cli_take_progress_s(double *seconds, struct sl_error *err);
/** Where ranks run, and what was set, if that is to be said.  Collective. */
SL_MUST_CHECK sl_status cli_tell_placement(const struct cli_context *context,
                                           const struct cli_common *common, struct sl_error *err);
/** The end of a command that is refused before it begins: the summary is left, if one is wanted.
 *  Returns rc. */
sl_status cli_refuse(const struct cli_context *context, const struct cli_common *common,
                     sl_status rc, struct sl_error *err);
/** The form that is asked for; a bar where nothing is, and `to` is a terminal, else lines. */
enum sl_progress_form cli_progress_form(int asked, FILE *to);
/** What is to be scored, and with what; SL_EUSAGE. */
SL_MUST_CHECK sl_status cli_take_piece(const struct cli_piece *piece, struct sl_run_opts *opts,
                                       struct sl_error *err);

extern const struct cli_option cli_options_none[];
extern const struct cli_option cli_options_help[];
extern const struct cli_option cli_options_run[];
extern const struct cli_option cli_options_train[];
extern const struct cli_option cli_options_score[];
extern const struct cli_option cli_options_search[];
extern const struct cli_option cli_options_generate[];
extern const struct cli_option cli_options_combine[];
extern const struct cli_option cli_options_evaluate[];
extern const struct cli_option cli_options_inspect[];
extern const struct cli_option cli_options_learning_curve[];
extern const struct cli_option cli_options_export[];
extern const struct cli_option cli_options_watch[];

sl_status cmd_run(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_train(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_score(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_search(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_generate(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_combine(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_inspect(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_learning_curve(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_evaluate(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_export(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_watch(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_help(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_version(const struct cli_context *, int, char **, struct sl_error *);

#endif
