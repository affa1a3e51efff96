/* scoreline learning-curve JOB: how the score grows with the rows trained on. */
#include <stddef.h>

#include "cli.h"

struct learning_curve_values {
    struct cli_common common;
    struct cli_list   outputs;
    int               resume;
};

const struct cli_option cli_options_learning_curve[] = {
    {"output", 'o', CLI_LIST, "FILE",
     "write the result here, as its ending says: .json, .h5, .svg (may be repeated)",
     offsetof(struct learning_curve_values, outputs), NULL},
    {"resume", 0, CLI_CHOICE, "auto|never|require",
     "whether to go on where an earlier run of the job ended",
     offsetof(struct learning_curve_values, resume), cli_resume},
    CLI_COMMON_OPTIONS(struct learning_curve_values),
};

sl_status cmd_learning_curve(const struct cli_context *context, int argc, char **argv,
                             struct sl_error *err)
{
    struct learning_curve_values  values = {.outputs = {.n = 0}};
    struct sl_learning_curve_opts opts = {.n_outputs = 0};
    sl_status                     rc;

    SL_TRY(cli_parse_job(context, "learning-curve", argc, argv, &values, &values.common, &opts.run,
                         err));
    if (opts.run.job_file == NULL)
        goto out;
    opts.run.resume = (enum sl_resume)values.resume;
    opts.n_outputs = values.outputs.n;
    opts.outputs = values.outputs.items;
    return sl_learning_curve(context->comm, &opts, err);
out:
    return cli_refuse(context, &values.common, rc, err);
}
