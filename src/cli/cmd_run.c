/* scoreline run JOB: the main job. */
#include <stddef.h>

#include "cli.h"

struct run_values {
    struct cli_common common;
    struct cli_piece  piece;
    const char       *save_model;
};

const struct cli_option cli_options_run[] = {
    CLI_PIECE_OPTIONS(struct run_values),
    {"save-model", 0, CLI_TEXT, "FILE", "also write the fitted model as JSON",
     offsetof(struct run_values, save_model), NULL},
    CLI_COMMON_OPTIONS(struct run_values),
};

sl_status cmd_run(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    struct run_values  values = {.save_model = NULL};
    struct sl_run_opts opts;
    sl_status          rc;

    SL_TRY(cli_parse_job(context, "run", argc, argv, &values, &values.common, &opts, err));
    if (opts.job_file == NULL)
        goto out;
    SL_TRY(cli_take_piece(&values.piece, &opts, err));
    opts.save_model = values.save_model;
    return sl_run(context->comm, &opts, err);
out:
    return cli_refuse(context, &values.common, rc, err);
}
