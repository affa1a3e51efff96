/* What commands that do a job's work have in common: their options, and what follows from them. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "scoreline/stop.h"
#include "scoreline/text.h"

enum { MOST_SHARDS = 1000000 };

const char *const cli_if_exists[] = {
    [SL_IF_EXISTS_FAIL] = "fail", [SL_IF_EXISTS_REPLACE] = "replace", NULL};

const char *const cli_resume[] = {
    [SL_RESUME_AUTO] = "auto", [SL_RESUME_NEVER] = "never", [SL_RESUME_REQUIRE] = "require", NULL};

const char *const cli_progress[] = {[SL_PROGRESS_AUTO] = "auto",
                                    [SL_PROGRESS_BAR] = "bar",
                                    [SL_PROGRESS_PLAIN] = "plain",
                                    [SL_PROGRESS_NONE] = "none",
                                    NULL};

enum sl_progress_form cli_progress_form(int asked, FILE *to)
{
    const char *terminal = getenv("TERM");

    if (asked != SL_PROGRESS_AUTO || to == NULL)
        return (enum sl_progress_form)asked;
    return isatty(fileno(to)) && (terminal == NULL || strcmp(terminal, "dumb") != 0)
               ? SL_PROGRESS_BAR
               : SL_PROGRESS_PLAIN;
}

/* Seconds from one line of progress to the next. */
sl_status cli_take_progress_s(double *seconds, struct sl_error *err)
{
    static const char variable[] = "SCORELINE_PROGRESS_S";
    const char       *text = getenv("SCORELINE_PROGRESS_S");
    char             *end;

    *seconds = 30;
    if (text == NULL || *text == '\0')
        return SL_OK;
    *seconds = strtod(text, &end);
    if (*end == '\0' && isfinite(*seconds) && *seconds > 0)
        return SL_OK;
    return sl_fail(err, SL_EUSAGE,
                   "%s is the seconds between two lines of progress, more than 0, not '%s'",
                   variable, text);
}

/* Slurm's forms: "M", "M:S", "H:M:S", "D-H", "D-H:M", "D-H:M:S". */
static bool parse_time(const char *text, double *seconds)
{
    static const double unit[][3] = {{60, 1, 0}, {3600, 60, 1}}; /* without days, with days */
    const char         *dash = strchr(text, '-');
    const char         *at = dash != NULL ? dash + 1 : text;
    int64_t             number[4] = {0};
    int                 n = 0;

    if (dash != NULL && !sl_parse_i64((struct sl_slice){text, (size_t)(dash - text)}, &number[3]))
        return false;
    for (;; at++) {
        const size_t n_bytes = strcspn(at, ":");

        if (n == 3 || !sl_parse_i64((struct sl_slice){at, n_bytes}, &number[n]) || number[n] < 0)
            return false;
        n++;
        at += n_bytes;
        if (*at == '\0')
            break;
    }
    *seconds = 86400.0 * (double)number[3];
    for (int i = 0; i < n; i++)
        *seconds += (double)number[i] * unit[dash != NULL || n == 3][i];
    return *seconds > 0 && number[3] >= 0;
}

/* What is left of the allocation, as Slurm says; negative if it does not. */
static double time_of_slurm(void)
{
    const char     *text = getenv("SLURM_JOB_END_TIME");
    int64_t         end;
    struct timespec now;

    if (text == NULL || !sl_parse_i64((struct sl_slice){text, strlen(text)}, &end))
        return -1;
    clock_gettime(CLOCK_REALTIME, &now);
    return end > now.tv_sec ? (double)(end - now.tv_sec) : 1;
}

static sl_status take_max_time(const char *text, double *seconds, struct sl_error *err)
{
    *seconds = time_of_slurm();
    if (text == NULL || parse_time(text, seconds))
        return SL_OK;
    return sl_fail(err, SL_EUSAGE,
                   "option '--max-time' takes minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM or "
                   "D-HH:MM:SS, not '%s'",
                   text);
}

sl_status cli_tell_placement(const struct cli_context *context, const struct cli_common *common,
                             struct sl_error *err)
{
    return common->verbose && !common->quiet
               ? sl_tell_placement(context->comm, context->settings, context->notes, err)
               : SL_OK;
}

sl_status cli_refuse(const struct cli_context *context, const struct cli_common *common,
                     sl_status rc, struct sl_error *err)
{
    const struct sl_refusal refusal = {.summary = common->summary,
                                       .command = context->command_line,
                                       .n_ranks = sl_comm_size(context->comm),
                                       .watch = context->watch};

    if (rc == SL_OK || common->summary == NULL || common->dry_run || common->help ||
        sl_comm_rank(context->comm) != 0)
        return rc;
    return sl_refuse(&refusal, rc, err);
}

sl_status cli_parse_job(const struct cli_context *context, const char *command, int argc,
                        char **argv, void *values, const struct cli_common *common,
                        struct sl_run_opts *opts, struct sl_error *err)
{
    const struct cli_command *found = cli_find(command);
    const char               *job = NULL;
    double                    max_time_s;
    double                    progress_s;
    sl_status rc = cli_parse(found->options, argc - 1, argv + 1, values, &job, 1, err);

    *opts = (struct sl_run_opts){.job_file = NULL};
    if (rc != SL_OK)
        return rc;
    if (common->help) {
        if (context->out != NULL)
            cli_print_help(context->out, found);
        return SL_OK;
    }
    if (job == NULL)
        return sl_fail(err, SL_EUSAGE, "%s needs a job file (see 'scoreline help %s')", command,
                       command);
    rc = take_max_time(common->max_time, &max_time_s, err);
    if (rc == SL_OK)
        rc = cli_take_progress_s(&progress_s, err);
    if (rc != SL_OK)
        return rc;
    if (common->json && !common->dry_run)
        return sl_fail(err, SL_EUSAGE,
                       "option '--json' is for --dry-run; '--summary FILE' tells "
                       "of a run as JSON");
    rc = cli_tell_placement(context, common, err);
    if (rc != SL_OK)
        return rc;
    sl_stop_on_signals();
    *opts = (struct sl_run_opts){.job_file = job,
                                 .n_sets = common->sets.n,
                                 .sets = common->sets.items,
                                 .summary = common->summary,
                                 .command = context->command_line,
                                 .if_exists = (enum sl_if_exists)common->if_exists,
                                 .verbose = common->verbose,
                                 .dry_run = common->dry_run,
                                 .as_json = common->json,
                                 .max_time_s = max_time_s,
                                 .progress = cli_progress_form(common->progress, context->notes),
                                 .progress_s = progress_s,
                                 .watch = context->watch,
                                 .results = common->quiet ? NULL : context->out,
                                 .notes = common->quiet ? NULL : context->notes};
    return SL_OK;
}

/* A number that Slurm leaves with each task of an array. */
static sl_status read_array(const char *variable, int64_t *to, struct sl_error *err)
{
    const char *text = getenv(variable);

    if (text == NULL)
        return sl_fail(
            err, SL_EUSAGE,
            "option '--shard=auto' is for the tasks of a Slurm array, and %s is not set: "
            "submit with --array, or give --shard I/N",
            variable);
    if (!sl_parse_i64((struct sl_slice){text, strlen(text)}, to) || *to < 0)
        return sl_fail(err, SL_EUSAGE, "option '--shard=auto': %s is no number of a task: '%s'",
                       variable, text);
    return SL_OK;
}

/* The place of a task among those of its array, whose numbers begin anywhere and may lie a step
 * apart.  Where they do not, they tell no place. */
static sl_status find_shard(struct sl_shard *shard, struct sl_error *err)
{
    int64_t   id = 0;
    int64_t   first = 0;
    int64_t   last = 0;
    int64_t   step = 1;
    sl_status rc;

    SL_TRY(read_array("SLURM_ARRAY_TASK_ID", &id, err));
    SL_TRY(read_array("SLURM_ARRAY_TASK_COUNT", &shard->n, err));
    if (shard->n < 1 || shard->n > MOST_SHARDS)
        return sl_fail(err, SL_EUSAGE, "option '--shard=auto' wants an array of 1 to %d tasks",
                       MOST_SHARDS);
    SL_TRY(read_array("SLURM_ARRAY_TASK_MIN", &first, err));
    if (getenv("SLURM_ARRAY_TASK_MAX") != NULL)
        SL_TRY(read_array("SLURM_ARRAY_TASK_MAX", &last, err));
    else
        last = first + shard->n - 1;
    if (shard->n > 1)
        step = (last - first) / (shard->n - 1);
    shard->i = step > 0 ? (id - first) / step + 1 : 0;
    if (shard->i < 1 || shard->i > shard->n || first + (shard->i - 1) * step != id ||
        first + (shard->n - 1) * step != last)
        rc = sl_fail(err, SL_EUSAGE,
                     "option '--shard=auto' wants an array without gaps, but task %" PRId64
                     " is not one of %" PRId64 " that lie evenly from %" PRId64 " to %" PRId64
                     "; give --shard I/N",
                     id, shard->n, first, last);
out:
    return rc;
}

/* "I/N", I from 1 to N, or "auto". */
static sl_status parse_shard(const char *text, struct sl_shard *shard, struct sl_error *err)
{
    const char *slash = strchr(text, '/');

    if (strcmp(text, "auto") == 0)
        return find_shard(shard, err);
    if (slash == NULL ||
        !sl_parse_i64((struct sl_slice){text, (size_t)(slash - text)}, &shard->i) ||
        !sl_parse_i64((struct sl_slice){slash + 1, strlen(slash + 1)}, &shard->n) || shard->i < 1 ||
        shard->i > shard->n || shard->n > MOST_SHARDS)
        return sl_fail(err, SL_EUSAGE,
                       "option '--shard' takes I/N, I from 1 to N, or auto, not '%s'", text);
    return SL_OK;
}

sl_status cli_take_piece(const struct cli_piece *piece, struct sl_run_opts *opts,
                         struct sl_error *err)
{
    opts->output = piece->output;
    opts->model = piece->model;
    opts->n_only = piece->only.n;
    opts->only = piece->only.items;
    opts->resume = (enum sl_resume)piece->resume;
    return piece->shard != NULL ? parse_shard(piece->shard, &opts->shard, err) : SL_OK;
}
