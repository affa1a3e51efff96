/* scoreline inspect JOB|MODEL.json|OUT.h5: what a file is, and what it means. */
#include <stddef.h>

#include "cli.h"
#include "scoreline/inspect.h"

struct inspect_values {
    struct cli_list sets;
    const char     *model;
    bool            json;
    bool            help;
};

#define FIELD(name) offsetof(struct inspect_values, name)
const struct cli_option cli_options_inspect[] = {
    {"set", 0, CLI_LIST, "KEY.PATH=VALUE", "change the job (may be repeated, the last one wins)",
     FIELD(sets), NULL},
    {"model", 0, CLI_TEXT, "FILE", "a job as it is with this model or output file", FIELD(model),
     NULL},
    {"json", 0, CLI_FLAG, NULL, "print JSON, for programs", FIELD(json), NULL},
    {"help", 'h', CLI_FLAG, NULL, "print this", FIELD(help), NULL},
    {.name = NULL},
};

sl_status cmd_inspect(const struct cli_context *context, int argc, char **argv,
                      struct sl_error *err)
{
    struct inspect_values values = {.model = NULL};
    const char           *file = NULL;
    sl_status rc = cli_parse(cli_options_inspect, argc - 1, argv + 1, &values, &file, 1, err);

    if (rc != SL_OK)
        return rc;
    if (values.help) {
        cli_print_help(context->out, cli_find("inspect"));
        return SL_OK;
    }
    if (file == NULL)
        return sl_fail(err, SL_EUSAGE,
                       "inspect needs a job, model or output file (see 'scoreline help inspect')");
    const struct sl_inspect_opts opts = {.file = file,
                                         .n_sets = values.sets.n,
                                         .sets = values.sets.items,
                                         .model = values.model,
                                         .as_json = values.json,
                                         .results = context->out};
    return sl_inspect(&opts, err);
}
