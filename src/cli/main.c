/* scoreline: one SPMD program, many commands. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cli.h"
#include "scoreline/text.h"

const struct cli_command cli_commands[] = {
    {"run", "JOB", "train, score every partition, write one HDF5 file", cli_options_run, true,
     cmd_run},
    {"train", "JOB", "train and write the model file", cli_options_train, true, cmd_train},
    {"score", "JOB", "score with a model that was trained before, all of the data or a piece",
     cli_options_score, true, cmd_score},
    {"combine", "A.h5 B.h5 ...", "stitch scored pieces, whatever made them", cli_options_combine,
     true, cmd_combine},
    {"inspect", "JOB|MODEL.json|OUT.h5", "say what a file is, validate it, show what it means",
     cli_options_inspect, false, cmd_inspect},
    {"evaluate", "OUT.h5", "judge the predictions of an output anew", cli_options_evaluate, false,
     cmd_evaluate},
    {"export", "OUT.h5", "write predictions as CSV, in one file or by partition",
     cli_options_export, false, cmd_export},
    {"generate", "", "write a WTA-shaped demo data set", cli_options_generate, false, cmd_generate},
    {"help", "[COMMAND]", "say how a command is used", cli_options_none, false, cmd_help},
    {"version", "", "name this build and what it is made of", cli_options_none, false, cmd_version},
    {.name = NULL},
};

/* Start ranks if the command needs them, run it, stop them; the fault is in *err on every rank. */
static sl_status run_command(const struct cli_command *command, struct cli_context *context,
                             int argc, char **argv, struct sl_error *err)
{
    struct cli_ranks ranks = {0};
    sl_status        rc;

    if (command->needs_ranks) {
        SL_TRY(cli_ranks_start(&ranks, err));
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
    struct cli_context        context = {sl_comm_self(), NULL, stdout, stderr, ""};
    const struct cli_command *command = cli_find(argc > 1 ? argv[1] : "help");
    sl_status                 rc = SL_OK;

    signal(SIGXFSZ, SIG_IGN); /* a file over the limit is a write that fails, with a message */
    if (command == NULL)
        command = cli_find("help"); /* which names the unknown command */
    if (!command->needs_ranks && cli_launcher_rank() != 0)
        return 0; /* one process is enough */
    for (int i = 0; i < argc && rc == SL_OK; i++)
        rc = sl_text_add(&line, &err, "%s%s", i > 0 ? " " : "", argv[i]);
    context.command_line = rc == SL_OK ? line.data : "";
    rc = run_command(command, &context, argc - 1, argv + 1, &err);
    sl_text_release(&line);
    return sl_exit_code(rc);
}
