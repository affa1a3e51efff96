/* Options from a table: the same table parses, checks and explains. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "scoreline/text.h"

const struct cli_option cli_options_none[] = {{.name = NULL}};

const struct cli_command *cli_find(const char *name)
{
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return strcmp(name, "--version") == 0                           ? cli_find("version")
           : strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ? cli_find("help")
                                                                    : NULL;
}

static sl_status unknown_option(const struct cli_option *options, const char *given, size_t n_bytes,
                                struct sl_error *err)
{
    const char *names[64];
    const char *nearest;
    size_t      n = 0;
    char        name[64];

    for (const struct cli_option *o = options; o->name != NULL && n < 64; o++)
        names[n++] = o->name;
    snprintf(name, sizeof name, "%.*s", (int)n_bytes, given);
    nearest = sl_nearest_name(name, names, n);
    if (nearest != NULL)
        return sl_fail(err, SL_EUSAGE, "unknown option '--%s', did you mean '--%s'?", name,
                       nearest);
    return sl_fail(err, SL_EUSAGE, "unknown option '%s%s'", strlen(name) > 1 ? "--" : "-", name);
}

static sl_status find_option(const struct cli_option *options, const char *given, size_t n_bytes,
                             bool is_letter, const struct cli_option **found, struct sl_error *err)
{
    for (const struct cli_option *o = options; o->name != NULL; o++) {
        bool same = is_letter ? o->letter == given[0]
                              : strlen(o->name) == n_bytes && memcmp(o->name, given, n_bytes) == 0;
        if (same) {
            *found = o;
            return SL_OK;
        }
    }
    return unknown_option(options, given, n_bytes, err);
}

static sl_status set_choice(const struct cli_option *o, const char *value, int *to,
                            struct sl_error *err)
{
    for (int i = 0; o->choices[i] != NULL; i++) {
        if (strcmp(o->choices[i], value) == 0) {
            *to = i;
            return SL_OK;
        }
    }
    return sl_fail(err, SL_EUSAGE, "option '--%s' takes %s, not '%s'", o->name, o->argument, value);
}

static bool parse_number(const char *text, double *to)
{
    char *end;

    *to = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*to) && *text != ' ';
}

static sl_status set_value(const struct cli_option *o, const char *value, void *values,
                           struct sl_error *err)
{
    char            *to = (char *)values + o->offset;
    struct cli_list *list = (void *)to;
    int64_t          number;

    switch (o->kind) {
    case CLI_FLAG:
        *(bool *)to = true;
        break;
    case CLI_TEXT:
        memcpy(to, &value, sizeof value);
        break;
    case CLI_I64:
        if (!sl_parse_i64((struct sl_slice){value, strlen(value)}, &number))
            return sl_fail(err, SL_EUSAGE, "option '--%s' takes an integer, not '%s'", o->name,
                           value);
        memcpy(to, &number, sizeof number);
        break;
    case CLI_NUMBER:
        if (!parse_number(value, (double *)(void *)to))
            return sl_fail(err, SL_EUSAGE, "option '--%s' takes a number, not '%s'", o->name,
                           value);
        break;
    case CLI_CHOICE:
        return set_choice(o, value, (int *)(void *)to, err);
    case CLI_LIST:
        if (list->n == CLI_LIST_MAX)
            return sl_fail(err, SL_EUSAGE, "option '--%s' is given more than %d times", o->name,
                           CLI_LIST_MAX);
        list->items[list->n++] = value;
        break;
    }
    return SL_OK;
}

/* One option and its value, which may be the next argument: *i is moved on then. */
static sl_status parse_option(const struct cli_option *options, int argc, char **argv, int *i,
                              void *values, struct sl_error *err)
{
    const char              *given = argv[*i] + 1;
    bool                     is_letter = given[0] != '-';
    const char              *value = NULL;
    size_t                   n_bytes;
    const struct cli_option *o = NULL;
    sl_status                rc;

    given += !is_letter;
    n_bytes = is_letter ? 1 : strcspn(given, "=");
    SL_TRY(find_option(options, given, n_bytes, is_letter, &o, err));
    if (given[n_bytes] != '\0')
        value = given + n_bytes + (given[n_bytes] == '=');
    if (o->kind == CLI_FLAG && value != NULL)
        return sl_fail(err, SL_EUSAGE, "option '--%s' takes no value", o->name);
    if (o->kind != CLI_FLAG && value == NULL) {
        if (*i + 1 == argc)
            return sl_fail(err, SL_EUSAGE, "option '--%s' needs a value: %s", o->name, o->argument);
        value = argv[++*i];
    }
    rc = set_value(o, value, values, err);
out:
    return rc;
}

sl_status cli_parse(const struct cli_option *options, int argc, char **argv, void *values,
                    const char **positional, int n_positional, struct sl_error *err)
{
    bool      options_end = false;
    int       n = 0;
    sl_status rc = SL_OK;

    for (int i = 0; i < argc; i++) {
        if (!options_end && strcmp(argv[i], "--") == 0) {
            options_end = true;
            continue;
        }
        if (!options_end && argv[i][0] == '-' && argv[i][1] != '\0') {
            SL_TRY(parse_option(options, argc, argv, &i, values, err));
            continue;
        }
        if (n == n_positional)
            return sl_fail(err, SL_EUSAGE, "unexpected argument '%s'", argv[i]);
        positional[n++] = argv[i];
    }
out:
    return rc;
}

void cli_print_help(FILE *to, const struct cli_command *command)
{
    fprintf(to, "usage: scoreline %s%s%s%s\n\n%s\n", command->name,
            command->arguments[0] != '\0' ? " " : "", command->arguments,
            command->options->name != NULL ? " [options]" : "", command->summary);
    if (command->options->name != NULL)
        fprintf(to, "\noptions:\n");
    for (const struct cli_option *o = command->options; o->name != NULL; o++) {
        char left[64];

        snprintf(left, sizeof left, "%c%c%s --%s%s%s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
                 o->argument != NULL ? " " : "", o->argument != NULL ? o->argument : "");
        fprintf(to, "  %-34s %s\n", left, o->help);
    }
}
