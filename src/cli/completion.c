/* Completion for bash: commands, options, the words of choices, files where files are taken. */
#include <string.h>

#include "manual.h"

bool cli_takes_path(const char *argument)
{
    static const char *const signs[] = {"FILE", "DIR", "JOB", ".json", ".h5"};

    for (size_t i = 0; argument != NULL && i < sizeof signs / sizeof *signs; i++)
        if (strstr(argument, signs[i]) != NULL)
            return true;
    return false;
}

static void print_command_names(FILE *to)
{
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        fprintf(to, "%s%s", c == cli_commands ? "" : " ", c->name);
}

static void print_option_names(FILE *to, const struct cli_option *options)
{
    for (const struct cli_option *o = options; o->name != NULL; o++) {
        fprintf(to, "%s--%s", o == options ? "" : " ", o->name);
        if (o->letter)
            fprintf(to, " -%c", o->letter);
    }
}

/* What may follow an option: "@files", words, or nothing that could be known. */
static void print_values(FILE *to, const struct cli_option *o)
{
    if (cli_takes_path(o->argument))
        fputs("@files", to);
    for (int i = 0; o->kind == CLI_CHOICE && o->choices[i] != NULL; i++)
        fprintf(to, "%s%s", i > 0 ? " " : "", o->choices[i]);
}

/* "run,--output | run,-o) words=...": options with a value, by command. */
static void print_value_cases(FILE *to, const struct cli_command *command)
{
    for (const struct cli_option *o = command->options; o->name != NULL; o++) {
        if (o->kind == CLI_FLAG)
            continue;
        fprintf(to, "    %s,--%s", command->name, o->name);
        if (o->letter)
            fprintf(to, " | %s,-%c", command->name, o->letter);
        fputs(") words='", to);
        print_values(to, o);
        fputs("' ;;\n", to);
    }
}

/* What stands alone on the line: files, commands, or nothing. */
static void print_positional(FILE *to, const struct cli_command *command)
{
    if (strstr(command->arguments, "COMMAND") != NULL)
        print_command_names(to);
    else if (cli_takes_path(command->arguments))
        fputs("@files", to);
}

static const char before_values[] =
    "# Completion of scoreline for bash, as `scoreline help --as bash` prints it.\n"
    "# shellcheck shell=bash disable=SC2207 # names are split at line ends alone\n"
    "_scoreline()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words "
    "IFS=$'\\n'\n"
    "    local command=${COMP_WORDS[1]-}\n"
    "\n"
    "    # bash takes the '=' of --name=value for a word of its own\n"
    "    if [ \"$word\" = = ]; then\n"
    "        word=''\n"
    "    elif [ \"$before\" = = ]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
    "        command='' before=''\n"
    "    fi\n"
    "    case $command,$before in\n";

static const char before_positionals[] = "    *)\n"
                                         "        case $command,$word in\n";

static const char after_positionals[] =
    "        esac\n"
    "        ;;\n"
    "    esac\n"
    "    if [ \"$words\" = @files ]; then\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
    "    else\n"
    "        COMPREPLY=($(compgen -W \"${words// /$IFS}\" -- \"$word\"))\n"
    "    fi\n"
    "}\n"
    "complete -F _scoreline scoreline\n";

void cli_print_bash_completion(FILE *to)
{
    fputs(before_values, to);
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        print_value_cases(to, c);
    fputs(before_positionals, to);
    fputs("        ,*) words='", to);
    print_command_names(to);
    fputs("' ;;\n", to);
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        fprintf(to, "        %s,-*) words='", c->name);
        print_option_names(to, c->options);
        fprintf(to, "' ;;\n        %s,*) words='", c->name);
        print_positional(to, c);
        fputs("' ;;\n", to);
    }
    fputs(after_positionals, to);
}
