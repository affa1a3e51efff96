/* scoreline generate --years 2000..2016 -o DIR: a demo data set. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cli.h"
#include "scoreline/generate.h"
#include "scoreline/text.h"

struct generate_values {
    const char *years;
    const char *directory;
    int64_t     n_rows;
    int64_t     seed;
    bool        quote_all;
    bool        help;
};

#define FIELD(name) offsetof(struct generate_values, name)
const struct cli_option cli_options_generate[] = {
    {"years", 0, CLI_TEXT, "FIRST..LAST", "the years to write, one file each", FIELD(years), NULL},
    {"output", 'o', CLI_TEXT, "DIR", "the directory to write to, made if absent", FIELD(directory),
     NULL},
    {"rows", 0, CLI_I64, "N", "records of each year (default 2800)", FIELD(n_rows), NULL},
    {"seed", 0, CLI_I64, "N", "another seed, another world (default 1)", FIELD(seed), NULL},
    {"quote-all", 0, CLI_FLAG, NULL, "put every field in quotes", FIELD(quote_all), NULL},
    {"help", 'h', CLI_FLAG, NULL, "print this", FIELD(help), NULL},
    {.name = NULL},
};

/* "2000..2016", or one year. */
static sl_status parse_years(const char *text, int *first, int *last, struct sl_error *err)
{
    const char *dots = strstr(text, "..");
    size_t      n_first = dots != NULL ? (size_t)(dots - text) : strlen(text);
    const char *end = dots != NULL ? dots + 2 : text;
    int64_t     from;
    int64_t     to;

    if (!sl_parse_i64((struct sl_slice){text, n_first}, &from) ||
        !sl_parse_i64((struct sl_slice){end, strlen(end)}, &to) || from < 1 || to > 9999 ||
        from > to)
        return sl_fail(err, SL_EUSAGE, "option '--years' takes FIRST..LAST, not '%s'", text);
    *first = (int)from;
    *last = (int)to;
    return SL_OK;
}

sl_status cmd_generate(const struct cli_context *context, int argc, char **argv,
                       struct sl_error *err)
{
    struct generate_values  values = {.n_rows = 2800, .seed = 1};
    struct sl_generate_opts opts = {0};
    sl_status rc = cli_parse(cli_options_generate, argc - 1, argv + 1, &values, NULL, 0, err);

    if (rc != SL_OK)
        return rc;
    if (values.help) {
        cli_print_help(context->out, cli_find("generate"));
        return SL_OK;
    }
    if (values.years == NULL || values.directory == NULL)
        return sl_fail(err, SL_EUSAGE, "generate needs --years FIRST..LAST and -o DIR");
    if (values.n_rows < 0)
        return sl_fail(err, SL_EUSAGE, "option '--rows' takes no negative number");
    rc = parse_years(values.years, &opts.first_year, &opts.last_year, err);
    if (rc != SL_OK)
        return rc;
    opts.directory = values.directory;
    opts.n_rows = values.n_rows;
    opts.seed = (uint64_t)values.seed;
    opts.quote_all = values.quote_all;
    return sl_generate(&opts, err);
}
