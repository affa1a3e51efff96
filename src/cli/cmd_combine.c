/* scoreline combine A.h5 B.h5 ... -o ALL.h5: one output of several pieces. */
#include <stddef.h>
#include <stdlib.h>

#include "cli.h"
#include "scoreline/memory.h"
#include "scoreline/output.h"

struct combine_values {
    struct cli_common common; /* of which some is for jobs alone, and has no option here */
    const char       *output;
    bool              allow_missing;
};

#define FIELD(name) offsetof(struct combine_values, name)
const struct cli_option cli_options_combine[] = {
    {"output", 'o', CLI_TEXT, "FILE", "write the whole here", FIELD(output), NULL},
    {"allow-missing", 0, CLI_FLAG, NULL, "go on where partitions or parts of them are missing",
     FIELD(allow_missing), NULL},
    CLI_IF_EXISTS(struct combine_values),
    CLI_TOLD_OPTIONS(struct combine_values),
    CLI_LAST_OPTIONS(struct combine_values),
};

/* What is asked for, if it can be done. */
static sl_status take(const struct cli_context *context, const struct combine_values *values,
                      const char *const *files, struct sl_combine_opts *opts, struct sl_error *err)
{
    const struct cli_common *common = &values->common;
    sl_status                rc;

    *opts =
        (struct sl_combine_opts){.files = files,
                                 .output = values->output,
                                 .command = context->command_line,
                                 .summary = common->summary,
                                 .allow_missing = values->allow_missing,
                                 .if_exists = (enum sl_if_exists)common->if_exists,
                                 .progress = cli_progress_form(common->progress, context->notes),
                                 .results = common->quiet ? NULL : context->out,
                                 .notes = common->quiet ? NULL : context->notes,
                                 .watch = context->watch};
    while (files[opts->n_files] != NULL)
        opts->n_files++;
    if (opts->n_files == 0 || values->output == NULL)
        return sl_fail(err, SL_EUSAGE,
                       "combine needs output files to stitch and -o FILE (see 'scoreline help "
                       "combine')");
    SL_TRY(cli_take_progress_s(&opts->progress_s, err));
    SL_TRY(cli_tell_placement(context, common, err));
out:
    return rc;
}

static sl_status combine(const struct cli_context *context, const struct combine_values *values,
                         const char *const *files, struct sl_error *err)
{
    struct sl_combine_opts opts;
    sl_status              rc = take(context, values, files, &opts, err);

    return rc == SL_OK ? sl_combine(context->comm, &opts, err)
                       : cli_refuse(context, &values->common, rc, err);
}

sl_status cmd_combine(const struct cli_context *context, int argc, char **argv,
                      struct sl_error *err)
{
    struct combine_values values = {.output = NULL};
    const char          **files = NULL; /* ends with NULL: the command's own name leaves room */
    sl_status             rc;

    SL_TRY(sl_alloc_array((size_t)argc, sizeof *files, &files, err));
    rc = cli_parse(cli_options_combine, argc - 1, argv + 1, &values, files, argc - 1, err);
    if (rc != SL_OK)
        rc = cli_refuse(context, &values.common, rc, err);
    else if (!values.common.help)
        rc = combine(context, &values, files, err);
    else if (context->out != NULL)
        cli_print_help(context->out, cli_find("combine"));
out:
    free(files);
    return rc;
}
