/* scoreline export OUT.h5 -o FILE.csv|DIR/: predictions as CSV. */
#include <stddef.h>

#include "cli.h"
#include "scoreline/output.h"

struct export_values {
    const char *output;
    int         if_exists;
    bool        quiet;
    bool        help;
};

#define FIELD(name) offsetof(struct export_values, name)
const struct cli_option cli_options_export[] = {
    {"output", 'o', CLI_TEXT, "FILE|DIR/", "one file ('-': to stdout), or one a partition in DIR/",
     FIELD(output), NULL},
    {"if-exists", 0, CLI_CHOICE, "fail|replace", "what to do where the output exists",
     FIELD(if_exists), cli_if_exists},
    {"quiet", 'q', CLI_FLAG, NULL, "print nothing but errors", FIELD(quiet), NULL},
    {"help", 'h', CLI_FLAG, NULL, "print this", FIELD(help), NULL},
    {.name = NULL},
};

sl_status cmd_export(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    struct export_values values = {.if_exists = SL_IF_EXISTS_FAIL};
    const char          *file = NULL;
    sl_status rc = cli_parse(cli_options_export, argc - 1, argv + 1, &values, &file, 1, err);

    if (rc != SL_OK)
        return rc;
    if (values.help) {
        cli_print_help(context->out, cli_find("export"));
        return SL_OK;
    }
    if (file == NULL || values.output == NULL || values.output[0] == '\0')
        return sl_fail(err, SL_EUSAGE,
                       "export needs an output file and -o FILE.csv or -o DIR/ (see 'scoreline "
                       "help export')");
    const struct sl_export_opts opts = {.file = file,
                                        .output = values.output,
                                        .if_exists = (enum sl_if_exists)values.if_exists,
                                        .notes = values.quiet ? NULL : context->notes};
    return sl_export(&opts, err);
}
