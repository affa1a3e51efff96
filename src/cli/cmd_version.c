/* scoreline version */
#include "cli.h"
#include "scoreline/version.h"

sl_status cmd_version(const struct cli_context *context, int argc, char **argv,
                      struct sl_error *err)
{
    sl_status rc = cli_parse(cli_options_none, argc - 1, argv + 1, NULL, NULL, 0, err);

    if (rc == SL_OK)
        fprintf(context->out, "%s\n%s", sl_version_line(), sl_version_components());
    return rc;
}
