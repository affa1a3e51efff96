/* scoreline help [COMMAND], and what is said of a command that does not exist. */
#include <stddef.h>
#include <string.h>

#include "manual.h"
#include "scoreline/text.h"

enum form { AS_TEXT, AS_MAN, AS_BASH, AS_ZSH };

static const char *const forms[] = {
    [AS_TEXT] = "text", [AS_MAN] = "man", [AS_BASH] = "bash", [AS_ZSH] = "zsh", NULL};

struct help_values {
    int  form;
    bool help;
};

#define FIELD(name) offsetof(struct help_values, name)
const struct cli_option cli_options_help[] = {
    {"as", 0, CLI_CHOICE, "text|man|bash|zsh", "a manual page, or the completion of a shell",
     FIELD(form), forms},
    {"help", 'h', CLI_FLAG, NULL, "print this", FIELD(help), NULL},
    {.name = NULL},
};

static void print_commands(FILE *to)
{
    fprintf(to, "usage: scoreline COMMAND [arguments]\n"
                "       mpirun -n RANKS scoreline COMMAND [arguments]\n\ncommands:\n");
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        fprintf(to, "  %-14s %s\n", c->name, c->summary);
    fprintf(to, "\n'scoreline help COMMAND' explains one of them.\n");
}

static sl_status unknown_command(const char *name, struct sl_error *err)
{
    const char *names[32];
    size_t      n = 0;
    char        hint[96];

    for (const struct cli_command *c = cli_commands; c->name != NULL && n < 32; c++)
        names[n++] = c->name;
    return sl_fail(err, SL_EUSAGE, "unknown command '%s'%s (see 'scoreline help')", name,
                   sl_suggest(name, names, n, hint, sizeof hint));
}

static sl_status print_as(FILE *to, enum form form, const struct cli_command *command,
                          struct sl_error *err)
{
    if (command != NULL && (form == AS_BASH || form == AS_ZSH))
        return sl_fail(err, SL_EUSAGE,
                       "completion is of all commands together: 'scoreline help --as %s'",
                       forms[form]);
    if (form == AS_BASH)
        cli_print_bash_completion(to);
    else if (form == AS_ZSH)
        cli_print_zsh_completion(to);
    else if (form == AS_MAN)
        cli_print_manual(to, command);
    else if (command != NULL)
        cli_print_help(to, command);
    else
        print_commands(to);
    return SL_OK;
}

sl_status cmd_help(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    const struct cli_command *self = cli_find("help");
    struct help_values        values = {.form = AS_TEXT};
    const char               *name = NULL;
    sl_status                 rc = SL_OK;

    if (argc > 0 && cli_find(argv[0]) != self)
        return unknown_command(argv[0], err);
    if (argc > 1)
        rc = cli_parse(cli_options_help, argc - 1, argv + 1, &values, &name, 1, err);
    if (rc != SL_OK)
        return rc;
    if (name != NULL && cli_find(name) == NULL)
        return unknown_command(name, err);
    return print_as(context->out, (enum form)values.form,
                    values.help    ? self
                    : name != NULL ? cli_find(name)
                                   : NULL,
                    err);
}
