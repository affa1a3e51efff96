/* scoreline watch OUT.h5: a running job, seen from another terminal. */
#include <stddef.h>

#include "cli.h"
#include "scoreline/watch.h"

struct watch_values {
    int  progress;
    bool once;
    bool help;
};

#define FIELD(name) offsetof(struct watch_values, name)
const struct cli_option cli_options_watch[] = {
    {"progress", 0, CLI_CHOICE, "auto|bar|plain|none",
     "how to show it; auto: a bar on a terminal, else lines", FIELD(progress), cli_progress},
    {"once", 0, CLI_FLAG, NULL, "say how it is now, and end", FIELD(once), NULL},
    {"help", 'h', CLI_FLAG, NULL, "print this", FIELD(help), NULL},
    {.name = NULL},
};

sl_status cmd_watch(const struct cli_context *context, int argc, char **argv, struct sl_error *err)
{
    struct watch_values values = {.progress = SL_PROGRESS_AUTO};
    const char         *file = NULL;
    sl_status rc = cli_parse(cli_options_watch, argc - 1, argv + 1, &values, &file, 1, err);

    if (rc != SL_OK)
        return rc;
    if (values.help) {
        cli_print_help(context->out, cli_find("watch"));
        return SL_OK;
    }
    if (file == NULL)
        return sl_fail(err, SL_EUSAGE,
                       "watch needs the output that is being made (see 'scoreline help watch')");
    const struct sl_watch_opts opts = {.output = file,
                                       .form = cli_progress_form(values.progress, context->out),
                                       .once = values.once,
                                       .results = context->out};
    return sl_watch(&opts, err);
}
