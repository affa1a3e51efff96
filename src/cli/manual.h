/* What is told of commands and options in other forms than help: manual pages, completion.  All of
 * it comes from cli_commands and the tables of options. */
#ifndef SCORELINE_CLI_MANUAL_H
#define SCORELINE_CLI_MANUAL_H

#include <stdbool.h>
#include <stdio.h>

#include "cli.h"

/* An example of a command, and what it is good for. */
struct cli_example {
    const char *command; /* NULL ends the list */
    const char *what;
};

/* What a manual page says beyond the summary. */
struct cli_manual {
    const char *const        *paragraphs; /* ends with NULL */
    const struct cli_example *examples;
};

/* manual_texts.c */
extern const struct cli_manual cli_manual_all; /* the program as a whole */
extern const struct cli_manual cli_manual_run;
extern const struct cli_manual cli_manual_train;
extern const struct cli_manual cli_manual_score;
extern const struct cli_manual cli_manual_search;
extern const struct cli_manual cli_manual_combine;
extern const struct cli_manual cli_manual_inspect;
extern const struct cli_manual cli_manual_learning_curve;
extern const struct cli_manual cli_manual_evaluate;
extern const struct cli_manual cli_manual_export;
extern const struct cli_manual cli_manual_watch;
extern const struct cli_manual cli_manual_generate;
extern const struct cli_manual cli_manual_help;
extern const struct cli_manual cli_manual_version;

/** The manual page of a command in roff; of the program as a whole where it is NULL. */
void cli_print_manual(FILE *to, const struct cli_command *command);

/** Completion of all commands, for the shell to read. */
void cli_print_bash_completion(FILE *to);
void cli_print_zsh_completion(FILE *to);

/** Whether what an option or a command takes is a file or a directory, by the word that stands for
 *  it in the help: "FILE", "DIR", "MODEL.json". */
bool cli_takes_path(const char *argument);

#endif
