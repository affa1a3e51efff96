/* scoreline search JOB: which of many models is best. */
#include <stddef.h>

#include "cli.h"

struct search_values {
    struct cli_common common;
    const char       *output;
    const char       *save_model;
    int               resume;
};

const struct cli_option cli_options_search[] = {
    {"output", 'o', CLI_TEXT, "FILE", "write the result here: .json or .h5",
     offsetof(struct search_values, output), NULL},
    {"save-model", 0, CLI_TEXT, "FILE", "fit the best to all rows, and leave its model here",
     offsetof(struct search_values, save_model), NULL},
    {"resume", 0, CLI_CHOICE, "auto|never|require",
     "whether to go on where an earlier run of the job ended",
     offsetof(struct search_values, resume), cli_resume},
    CLI_COMMON_OPTIONS(struct search_values),
};

sl_status cmd_search(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    struct search_values values = {.output = NULL};
    struct sl_run_opts   opts;
    sl_status            rc;

    SL_TRY(cli_parse_job(context, "search", argc, argv, &values, &values.common, &opts, err));
    if (opts.job_file == NULL)
        goto out;
    opts.output = values.output;
    opts.save_model = values.save_model;
    opts.resume = (enum sl_resume)values.resume;
    rc = sl_search(context->comm, &opts, err);
out:
    return rc;
}
