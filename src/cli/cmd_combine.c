/* scoreline combine A.h5 B.h5 ... -o ALL.h5: one output of several pieces. */
#include <stddef.h>
#include <stdlib.h>

#include "cli.h"
#include "scoreline/memory.h"
#include "scoreline/output.h"

struct combine_values {
    const char *output;
    bool        allow_missing;
    int         if_exists;
    bool        quiet;
    bool        help;
};

#define FIELD(name) offsetof(struct combine_values, name)
const struct cli_option cli_options_combine[] = {
    {"output", 'o', CLI_TEXT, "FILE", "write the whole here", FIELD(output), NULL},
    {"allow-missing", 0, CLI_FLAG, NULL, "go on where partitions or parts of them are missing",
     FIELD(allow_missing), NULL},
    {"if-exists", 0, CLI_CHOICE, "fail|replace", "what to do where the output exists",
     FIELD(if_exists), cli_if_exists},
    {"quiet", 'q', CLI_FLAG, NULL, "print nothing but errors", FIELD(quiet), NULL},
    {"help", 'h', CLI_FLAG, NULL, "print this", FIELD(help), NULL},
    {.name = NULL},
};

static sl_status combine(const struct cli_context *context, const struct combine_values *values,
                         const char *const *files, struct sl_error *err)
{
    struct sl_combine_opts opts = {.files = files,
                                   .output = values->output,
                                   .command = context->command_line,
                                   .allow_missing = values->allow_missing,
                                   .if_exists = (enum sl_if_exists)values->if_exists,
                                   .results = values->quiet ? NULL : context->out,
                                   .notes = values->quiet ? NULL : context->notes};

    while (files[opts.n_files] != NULL)
        opts.n_files++;
    if (opts.n_files == 0 || values->output == NULL)
        return sl_fail(err, SL_EUSAGE,
                       "combine needs output files to stitch and -o FILE (see 'scoreline help "
                       "combine')");
    return sl_combine(context->comm, &opts, err);
}

sl_status cmd_combine(const struct cli_context *context, int argc, char **argv,
                      struct sl_error *err)
{
    struct combine_values values = {.if_exists = SL_IF_EXISTS_FAIL};
    const char          **files = NULL; /* ends with NULL: the command's own name leaves room */
    sl_status             rc;

    SL_TRY(sl_alloc_array((size_t)argc, sizeof *files, &files, err));
    SL_TRY(cli_parse(cli_options_combine, argc - 1, argv + 1, &values, files, argc - 1, err));
    if (!values.help)
        rc = combine(context, &values, files, err);
    else if (context->out != NULL)
        cli_print_help(context->out, cli_find("combine"));
out:
    free(files);
    return rc;
}
