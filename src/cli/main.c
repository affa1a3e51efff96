/* scoreline: one SPMD program, many commands. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cli.h"
#include "scoreline/text.h"

/* Start ranks if the command needs them, run it, stop them; the fault is in *err on every rank. */
static sl_status run_command(const struct cli_command *command, struct cli_context *context,
                             int argc, char **argv, struct sl_error *err)
{
    struct cli_ranks ranks = {0};
    sl_status        rc;

    if (command->needs_ranks) {
        SL_TRY(cli_ranks_start(&ranks, context->watch, err));
        context->settings = ranks.settings;
        if (ranks.comm != NULL)
            context->comm = ranks.comm;
    }
    if (sl_comm_rank(context->comm) != 0)
        context->out = context->notes = NULL;
    SL_TRY(command->run(context, argc, argv, err));
    if (context->out != NULL && (fflush(context->out) != 0 || ferror(context->out)))
        rc = sl_fail(err, SL_EOUTPUT, "cannot write to the standard output: %s", strerror(errno));
out:
    if (rc != SL_OK && context->notes != NULL)
        fprintf(context->notes, "scoreline: %s\n", err->text);
    cli_ranks_stop(&ranks);
    return rc;
}

int main(int argc, char **argv)
{
    struct sl_error           err = {0};
    struct sl_text            line = {0};
    struct sl_stopwatch       watch;
    struct cli_context        context = {sl_comm_self(), NULL, stdout, stderr, "", &watch};
    const struct cli_command *command = cli_find(argc > 1 ? argv[1] : "help");
    sl_status                 rc = SL_OK;

    sl_stopwatch_start(&watch, SL_PHASE_START);
    signal(SIGXFSZ, SIG_IGN); /* a file over the limit is a write that fails, with a message */
    if (command == NULL)
        command = cli_find("help"); /* which names the unknown command */
    if (!command->needs_ranks && cli_launcher_rank() != 0)
        return 0; /* one process is enough */
    for (int i = 0; i < argc && rc == SL_OK; i++)
        rc = sl_text_add(&line, &err, "%s%s", i > 0 ? " " : "", argv[i]);
    context.command_line = line.data;
    if (rc == SL_OK)
        rc = run_command(command, &context, argc - 1, argv + 1, &err);
    else
        fprintf(stderr, "scoreline: %s\n", err.text);
    sl_text_release(&line);
    return sl_exit_code(rc);
}
