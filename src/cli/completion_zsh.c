/* Completion for zsh: an _arguments line for each option. */
#include <string.h>

#include "manual.h"

/* Inside the brackets of an _arguments line, in single quotes. */
static void print_quoted(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", to);
        else if (strchr("[]:\\", *text) != NULL)
            fprintf(to, "\\%c", *text);
        else
            fputc(*text, to);
    }
}

/* ":FILE:_files", ":fail|replace:(fail replace)", ":N: ". */
static void print_value(FILE *to, const struct cli_option *o)
{
    if (o->kind == CLI_FLAG)
        return;
    fputc(':', to);
    print_quoted(to, o->argument);
    if (o->kind == CLI_CHOICE) {
        fputs(":(", to);
        for (int i = 0; o->choices[i] != NULL; i++)
            fprintf(to, "%s%s", i > 0 ? " " : "", o->choices[i]);
        fputc(')', to);
    } else {
        fputs(cli_takes_path(o->argument) ? ":_files" : ": ", to);
    }
}

/* One spelling of an option; a value may stand in the same word. */
static void print_spelling(FILE *to, const struct cli_option *o, bool is_letter)
{
    const bool takes_value = o->kind != CLI_FLAG;

    fputs("            '", to);
    if (o->kind == CLI_LIST)
        fputc('*', to);
    else if (o->letter)
        fprintf(to, "(-%c --%s)", o->letter, o->name);
    if (is_letter)
        fprintf(to, "-%c%s[", o->letter, takes_value ? "+" : "");
    else
        fprintf(to, "--%s%s[", o->name, takes_value ? "=" : "");
    print_quoted(to, o->help);
    fputc(']', to);
    print_value(to, o);
    fputs("' \\\n", to);
}

static void print_command(FILE *to, const struct cli_command *command)
{
    fprintf(to, "        %s)\n            _arguments -s \\\n", command->name);
    for (const struct cli_option *o = command->options; o->name != NULL; o++) {
        print_spelling(to, o, false);
        if (o->letter)
            print_spelling(to, o, true);
    }
    if (strstr(command->arguments, "COMMAND") != NULL)
        fputs("            '1:COMMAND:->command' && return\n"
              "            [[ $state == command ]] && _describe command commands\n",
              to);
    else if (cli_takes_path(command->arguments))
        fprintf(to, "            '%s:%s:_files'\n",
                strstr(command->arguments, "...") != NULL ? "*" : "1", command->arguments);
    else
        fputs("            '1: :'\n", to);
    fputs("            ;;\n", to);
}

void cli_print_zsh_completion(FILE *to)
{
    fputs("#compdef scoreline\n"
          "# Completion of scoreline for zsh, as `scoreline help --as zsh` prints it.\n"
          "_scoreline()\n"
          "{\n"
          "    local curcontext=$curcontext state line\n"
          "    local -a commands=(\n",
          to);
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        fprintf(to, "        '%s:", c->name);
        print_quoted(to, c->summary);
        fputs("'\n", to);
    }
    fputs("    )\n\n"
          "    _arguments -C '1:command:->command' '*::argument:->arguments'\n"
          "    case $state in\n"
          "    command) _describe command commands ;;\n"
          "    arguments)\n"
          "        case $line[1] in\n",
          to);
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        print_command(to, c);
    fputs("        esac\n"
          "        ;;\n"
          "    esac\n"
          "}\n\n"
          "if [[ $funcstack[1] == _scoreline ]]; then\n"
          "    _scoreline \"$@\"\n"
          "else\n"
          "    compdef _scoreline scoreline\n"
          "fi\n",
          to);
}
