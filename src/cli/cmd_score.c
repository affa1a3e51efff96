/* scoreline score JOB --model MODEL.json|OUT.h5: scoring alone, all of it or a piece. */
#include <stddef.h>

#include "cli.h"

struct score_values {
    struct cli_common common;
    struct cli_piece  piece;
};

const struct cli_option cli_options_score[] = {
    CLI_PIECE_OPTIONS(struct score_values),
    CLI_COMMON_OPTIONS(struct score_values),
};

sl_status cmd_score(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    struct score_values values = {.piece = {.model = NULL}};
    struct sl_run_opts  opts;
    sl_status           rc;

    SL_TRY(cli_parse_job(context, "score", argc, argv, &values, &values.common, &opts, err));
    if (opts.job_file == NULL)
        goto out;
    SL_TRY(cli_take_piece(&values.piece, &opts, err));
    if (opts.model != NULL)
        return sl_run(context->comm, &opts, err);
    rc = sl_fail(err, SL_EUSAGE, "score needs --model MODEL.json|OUT.h5 ('run' trains itself)");
out:
    return cli_refuse(context, &values.common, rc, err);
}
