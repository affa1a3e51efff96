/* scoreline evaluate OUT.h5: how good its predictions are, from the file alone. */
#include <math.h>
#include <stddef.h>

#include "cli.h"
#include "scoreline/output.h"

struct evaluate_values {
    double threshold;
    bool   json;
    bool   help;
};

#define FIELD(name) offsetof(struct evaluate_values, name)
const struct cli_option cli_options_evaluate[] = {
    {"threshold", 0, CLI_NUMBER, "T",
     "predict class 1 from this probability on (default: the job's)", FIELD(threshold), NULL},
    {"json", 0, CLI_FLAG, NULL, "print JSON, for programs", FIELD(json), NULL},
    {"help", 'h', CLI_FLAG, NULL, "print this", FIELD(help), NULL},
    {.name = NULL},
};

sl_status cmd_evaluate(const struct cli_context *context, int argc, char **argv,
                       struct sl_error *err)
{
    struct evaluate_values values = {.threshold = (double)NAN};
    const char            *file = NULL;
    sl_status rc = cli_parse(cli_options_evaluate, argc - 1, argv + 1, &values, &file, 1, err);

    if (rc != SL_OK)
        return rc;
    if (values.help) {
        cli_print_help(context->out, cli_find("evaluate"));
        return SL_OK;
    }
    if (file == NULL)
        return sl_fail(err, SL_EUSAGE,
                       "evaluate needs an output file (see 'scoreline help evaluate')");
    if (values.threshold < 0 || values.threshold > 1)
        return sl_fail(err, SL_EUSAGE, "option '--threshold' takes a number from 0 to 1");
    const struct sl_evaluate_opts opts = {.file = file,
                                          .threshold = values.threshold,
                                          .as_json = values.json,
                                          .results = context->out,
                                          .notes = context->notes};
    return sl_evaluate(&opts, err);
}
