/* The command line: commands, their options, and what a command is given.  For src/cli alone. */
#ifndef SCORELINE_CLI_H
#define SCORELINE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "scoreline/comm.h"
#include "scoreline/error.h"

/* What an option takes, and the type of the field it fills. */
enum cli_kind {
    CLI_FLAG,   /* nothing; bool */
    CLI_TEXT,   /* const char * */
    CLI_I64,    /* int64_t */
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
    const char        *argument; /* "FILE"; NULL for a flag */
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
};

struct cli_command {
    const char              *name;
    const char              *arguments; /* "JOB" */
    const char              *summary;
    const struct cli_option *options;
    bool                     needs_ranks;
    sl_status (*run)(const struct cli_context *context, int argc, char **argv,
                     struct sl_error *err);
};

/* The one list of commands, in main.c; ends with a NULL name. */
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

/* ranks.c: the life of MPI.  cli_ranks_start() calls MPI_Init after making the quick settings for
 * one host where the user has chosen nothing; `settings` names them. */
struct cli_ranks {
    struct sl_comm *comm;
    char            settings[512];
};
SL_MUST_CHECK sl_status cli_ranks_start(struct cli_ranks *ranks, struct sl_error *err);
void                    cli_ranks_stop(struct cli_ranks *ranks);
/** The rank a launcher gave this process, known without MPI_Init; 0 if none did. */
int cli_launcher_rank(void);

extern const struct cli_option cli_options_none[];
extern const struct cli_option cli_options_run[];
extern const struct cli_option cli_options_generate[];

sl_status cmd_run(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_generate(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_help(const struct cli_context *, int, char **, struct sl_error *);
sl_status cmd_version(const struct cli_context *, int, char **, struct sl_error *);

#endif
