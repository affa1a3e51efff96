/* scoreline train JOB -o MODEL.json: training alone. */
#include <stddef.h>

#include "cli.h"

struct train_values {
    struct cli_common common;
    const char       *output;
};

const struct cli_option cli_options_train[] = {
    {"output", 'o', CLI_TEXT, "MODEL.json", "write the model here",
     offsetof(struct train_values, output), NULL},
    CLI_COMMON_OPTIONS(struct train_values),
};

sl_status cmd_train(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    struct train_values values = {.output = NULL};
    struct sl_run_opts  opts;
    sl_status           rc;

    SL_TRY(cli_parse_job(context, "train", argc, argv, &values, &values.common, &opts, err));
    if (opts.job_file == NULL)
        goto out;
    opts.output = values.output;
    if (opts.output != NULL)
        return sl_train(context->comm, &opts, err);
    rc = sl_fail(err, SL_EUSAGE, "train needs -o MODEL.json");
out:
    return cli_refuse(context, &values.common, rc, err);
}
