/* Manual pages in the macros of man(7), from the tables that parse the command line. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "manual.h"
#include "scoreline/version.h"

struct exit_line {
    sl_status   status;
    const char *meaning;
};

static const struct exit_line exits[] = {
    {SL_OK, "Done, or the output is already there and complete."},
    {SL_EUSAGE, "The command line is wrong."},
    {SL_EJOB, "The job or model file is absent or wrong, or asks for what this version lacks."},
    {SL_EINPUT, "An input is absent, unreadable, or lacks a column; nothing to train on."},
    {SL_EBADROWS, "More bad records than allowed."},
    {SL_EOUTPUT, "The output cannot be written, or another file is there."},
    {SL_EBUG, "A bug of scoreline."},
    {SL_ENOMEM, "Out of memory."},
    {SL_ESTOPPED, "Stopped early: the same command again goes on."},
};

struct variable_line {
    const char *name;
    const char *meaning;
};

static const struct variable_line variables[] = {
    {"SCORELINE_THREADS", "Threads that a rank fits with; by default the cores it may use, but no "
                          "more than OMP_NUM_THREADS or OPENBLAS_NUM_THREADS say."},
    {"SCORELINE_PROGRESS_S",
     "Seconds from one line of progress to the next where there is no terminal, by default 30."},
    {"SCORELINE_SIMD", "Instructions that CSV is read with: avx512, avx2 or plain; by default the "
                       "widest that the processor has.  What is read is the same."},
    {"OMPI_MCA_...", "Settings of Open MPI.  scoreline makes some for itself where the user has "
                     "made none; -v says which."},
};

/* Text as roff wants it: no minus becomes a hyphen, no line begins with a control character, every
 * sentence (two blanks end one) begins a line. */
static void print_text(FILE *to, const char *text)
{
    bool at_begin = true;

    for (; *text != '\0'; text++) {
        if (at_begin && (*text == '.' || *text == '\''))
            fputs("\\&", to);
        at_begin = *text == '\n' || (text[0] == ' ' && text[1] == ' ');
        if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to);
        else
            fputc(at_begin ? '\n' : *text, to);
        text += *text == ' ' && at_begin;
    }
}

/* A phrase of the help as a sentence. */
static void print_sentence(FILE *to, const char *phrase)
{
    size_t n = strlen(phrase);
    char   first[2] = {(char)toupper((unsigned char)*phrase), '\0'};

    if (n == 0)
        return;
    print_text(to, first);
    print_text(to, phrase + 1);
    fputs(phrase[n - 1] == '.' ? "\n" : ".\n", to);
}

static void print_name(FILE *to, const struct cli_command *command)
{
    fputs("scoreline", to);
    if (command != NULL) {
        fputs("\\-", to);
        print_text(to, command->name);
    }
}

static void print_heading(FILE *to, const struct cli_command *command, const char *summary)
{
    fputs(".TH SCORELINE", to);
    if (command != NULL) {
        fputs("\\-", to);
        for (const char *c = command->name; *c != '\0'; c++)
            fputc(toupper((unsigned char)*c), to);
    }
    fprintf(to, " 1 \"\" \"%s\" \"Scoreline manual\"\n.SH NAME\n", sl_version_line());
    print_name(to, command);
    fputs(" \\- ", to);
    print_text(to, summary);
    fputs("\n.SH SYNOPSIS\n", to);
}

static void print_paragraphs(FILE *to, const struct cli_manual *manual)
{
    fputs(".SH DESCRIPTION\n", to);
    for (int i = 0; manual->paragraphs[i] != NULL; i++) {
        if (i > 0)
            fputs(".PP\n", to);
        print_text(to, manual->paragraphs[i]);
        fputc('\n', to);
    }
}

static void print_options(FILE *to, const struct cli_option *options)
{
    if (options->name == NULL)
        return;
    fputs(".SH OPTIONS\n", to);
    for (const struct cli_option *o = options; o->name != NULL; o++) {
        fputs(".TP\n", to);
        if (o->letter)
            fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
        fputs("\\fB\\-\\-", to);
        print_text(to, o->name);
        fputs("\\fR", to);
        if (o->argument != NULL) {
            fputs(" \\fI", to);
            print_text(to, o->argument);
            fputs("\\fR", to);
        }
        fputc('\n', to);
        print_sentence(to, o->help);
    }
}

static void print_exits(FILE *to)
{
    fputs(".SH EXIT STATUS\n", to);
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++) {
        fprintf(to, ".TP\n%d\n", sl_exit_code(exits[i].status));
        print_text(to, exits[i].meaning);
        fputc('\n', to);
    }
}

static void print_variables(FILE *to)
{
    fputs(".SH ENVIRONMENT\n", to);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        fputs(".TP\n\\fB", to);
        print_text(to, variables[i].name);
        fputs("\\fR\n", to);
        print_text(to, variables[i].meaning);
        fputc('\n', to);
    }
}

static void print_examples(FILE *to, const struct cli_example *examples)
{
    if (examples->command == NULL)
        return;
    fputs(".SH EXAMPLES\n", to);
    for (const struct cli_example *e = examples; e->command != NULL; e++) {
        fputs(e == examples ? "" : ".PP\n", to);
        print_text(to, e->what);
        fputs("\n.PP\n.RS 4\n.nf\n", to);
        print_text(to, e->command);
        fputs("\n.fi\n.RE\n", to);
    }
}

/* All other pages, by name. */
static void print_see_also(FILE *to, const struct cli_command *but)
{
    fputs(".SH SEE ALSO\n", to);
    if (but != NULL)
        fputs(".BR scoreline (1)", to);
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        if (c == but)
            continue;
        fputs(c == cli_commands && but == NULL ? "" : ",\n", to);
        fputs(".BR ", to);
        print_name(to, c);
        fputs(" (1)", to);
    }
    fputs("\n", to);
}

static void print_command_list(FILE *to)
{
    fputs(".SH COMMANDS\n", to);
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        fputs(".TP\n\\fB", to);
        print_text(to, c->name);
        fputs("\\fR \\fI", to);
        print_text(to, c->arguments);
        fputs("\\fR\n", to);
        print_sentence(to, c->summary);
    }
}

static void print_command_synopsis(FILE *to, const struct cli_command *command)
{
    fputs("\\fBscoreline ", to);
    print_text(to, command->name);
    fputs("\\fR \\fI", to);
    print_text(to, command->arguments);
    fprintf(to, "\\fR%s\n", command->options->name != NULL ? " [\\fIoptions\\fR]" : "");
}

void cli_print_manual(FILE *to, const struct cli_command *command)
{
    const struct cli_manual *manual = command != NULL ? command->manual : &cli_manual_all;

    print_heading(to, command,
                  command != NULL ? command->summary : "batch scoring of partitioned tables");
    if (command != NULL)
        print_command_synopsis(to, command);
    else
        fputs("\\fBscoreline\\fR \\fICOMMAND\\fR [\\fIarguments\\fR]\n.br\n"
              "\\fBmpirun \\-n\\fR \\fIRANKS\\fR \\fBscoreline\\fR \\fICOMMAND\\fR "
              "[\\fIarguments\\fR]\n",
              to);
    print_paragraphs(to, manual);
    if (command != NULL)
        print_options(to, command->options);
    else
        print_command_list(to);
    print_exits(to);
    print_variables(to);
    print_examples(to, manual->examples);
    print_see_also(to, command);
}
