/* scoreline run JOB: the main job. */
#include <stddef.h>

#include "cli.h"
#include "scoreline/run.h"

struct run_values {
    const char     *output;
    const char     *save_model;
    const char     *summary;
    struct cli_list sets;
    int             if_exists;
    bool            quiet;
    bool            verbose;
    bool            help;
};

static const char *const if_exists[] = {
    [SL_IF_EXISTS_FAIL] = "fail", [SL_IF_EXISTS_REPLACE] = "replace", NULL};

#define FIELD(name) offsetof(struct run_values, name)
const struct cli_option cli_options_run[] = {
    {"output", 'o', CLI_TEXT, "FILE", "write the result here, not where the job says",
     FIELD(output), NULL},
    {"save-model", 0, CLI_TEXT, "FILE", "also write the fitted model as JSON", FIELD(save_model),
     NULL},
    {"set", 0, CLI_LIST, "KEY.PATH=VALUE", "change the job (may be repeated, the last one wins)",
     FIELD(sets), NULL},
    {"if-exists", 0, CLI_CHOICE, "fail|replace", "what to do where the output exists",
     FIELD(if_exists), if_exists},
    {"summary", 0, CLI_TEXT, "FILE", "write a summary of the run as JSON", FIELD(summary), NULL},
    {"quiet", 'q', CLI_FLAG, NULL, "print nothing but errors", FIELD(quiet), NULL},
    {"verbose", 'v', CLI_FLAG, NULL, "say what was set up and how", FIELD(verbose), NULL},
    {"help", 'h', CLI_FLAG, NULL, "print this", FIELD(help), NULL},
    {.name = NULL},
};

sl_status cmd_run(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    struct run_values values = {.if_exists = SL_IF_EXISTS_FAIL};
    const char       *job = NULL;
    sl_status         rc = cli_parse(cli_options_run, argc - 1, argv + 1, &values, &job, 1, err);

    if (rc != SL_OK)
        return rc;
    if (values.help) {
        if (context->out != NULL)
            cli_print_help(context->out, cli_find("run"));
        return SL_OK;
    }
    if (job == NULL)
        return sl_fail(err, SL_EUSAGE, "run needs a job file (see 'scoreline help run')");
    if (values.verbose && context->notes != NULL)
        fprintf(context->notes, "scoreline: %d rank%s; set for Open MPI: %s\n",
                sl_comm_size(context->comm), sl_comm_size(context->comm) == 1 ? "" : "s",
                context->settings);
    const struct sl_run_opts opts = {.job_file = job,
                                     .n_sets = values.sets.n,
                                     .sets = values.sets.items,
                                     .output = values.output,
                                     .save_model = values.save_model,
                                     .summary = values.summary,
                                     .command = context->command_line,
                                     .if_exists = (enum sl_if_exists)values.if_exists,
                                     .results = values.quiet ? NULL : context->out,
                                     .notes = values.quiet ? NULL : context->notes};
    return sl_run(context->comm, &opts, err);
}
