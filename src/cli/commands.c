/* The one list of commands. */
#include "manual.h"

const struct cli_command cli_commands[] = {
    {"run", "JOB", "train, score every partition, write one HDF5 file", cli_options_run, true,
     cmd_run, &cli_manual_run},
    {"train", "JOB", "train and write the model file", cli_options_train, true, cmd_train,
     &cli_manual_train},
    {"score", "JOB", "score with a model that was trained before, all of the data or a piece",
     cli_options_score, true, cmd_score, &cli_manual_score},
    {"combine", "A.h5 B.h5 ...", "stitch scored pieces, whatever made them", cli_options_combine,
     true, cmd_combine, &cli_manual_combine},
    {"inspect", "JOB|MODEL.json|OUT.h5", "say what a file is, validate it, show what it means",
     cli_options_inspect, false, cmd_inspect, &cli_manual_inspect},
    {"evaluate", "OUT.h5", "judge the predictions of an output anew", cli_options_evaluate, false,
     cmd_evaluate, &cli_manual_evaluate},
    {"export", "OUT.h5", "write predictions as CSV, in one file or by partition",
     cli_options_export, false, cmd_export, &cli_manual_export},
    {"watch", "OUT.h5", "show how far a run is, from another terminal, until it ends",
     cli_options_watch, false, cmd_watch, &cli_manual_watch},
    {"generate", "", "write a WTA-shaped demo data set", cli_options_generate, false, cmd_generate,
     &cli_manual_generate},
    {"help", "[COMMAND]", "say how a command is used", cli_options_help, false, cmd_help,
     &cli_manual_help},
    {"version", "", "name this build and what it is made of", cli_options_none, false, cmd_version,
     &cli_manual_version},
    {.name = NULL},
};
