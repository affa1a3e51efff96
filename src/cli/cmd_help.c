/* scoreline help [COMMAND], and what is said of a command that does not exist. */
#include <string.h>

#include "cli.h"
#include "scoreline/text.h"

static void print_commands(FILE *to)
{
    fprintf(to, "usage: scoreline COMMAND [arguments]\n"
                "       mpirun -n RANKS scoreline COMMAND [arguments]\n\ncommands:\n");
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        fprintf(to, "  %-10s %s\n", c->name, c->summary);
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

sl_status cmd_help(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    bool        asked = argc > 0 && cli_find(argv[0]) == cli_find("help");
    const char *name = asked ? (argc > 1 ? argv[1] : NULL) : (argc > 0 ? argv[0] : NULL);
    const struct cli_command *command = name != NULL ? cli_find(name) : NULL;

    if (name != NULL && command == NULL)
        return unknown_command(name, err);
    if (command != NULL)
        cli_print_help(context->out, command);
    else
        print_commands(context->out);
    return SL_OK;
}
