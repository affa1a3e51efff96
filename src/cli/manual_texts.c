/* What the manual says of each command beyond its summary and its options. */
#include <stddef.h>

#include "manual.h"

const struct cli_manual cli_manual_all = {
    (const char *const[]){
        "Scoreline trains a classical model on some partitions of a table, broadcasts it, scores "
        "every partition on every MPI rank, and leaves one HDF5 file with the predictions, where "
        "each came from, and how good they are.  The datasets are the same for any number of "
        "ranks and threads, any chunk size and any schedule.",
        "What is to be done stands in a job file: JSON, in which comments are allowed.  It names "
        "the files and their partitions, features by expression, the label, what to train on and "
        "what to score.",
        "run, train, score, search, learning-curve and combine work on as many ranks as a launcher "
        "starts (mpirun, srun --mpi=pmix), or alone.  The other commands need no MPI and start in "
        "milliseconds.",
        "Results go to the standard output, everything else to the standard error.  A failure is "
        "one message from one rank, which names the place and, if it is known, the cure.",
        NULL},
    (const struct cli_example[]){
        {"scoreline generate --years 2000..2016 -o data\n"
         "mpirun -n 4 scoreline run jobs/wta-seed.json --set data.root=data -o out.h5\n"
         "scoreline evaluate out.h5",
         "Make demo data, train on one year of it, score all years on four ranks, judge the "
         "predictions:"},
        {". <(scoreline help --as bash)", "Completion in this bash, should none be installed:"},
        {NULL, NULL}}};

const struct cli_manual cli_manual_run = {
    (const char *const[]){
        "Read the job, train the model on the partitions that the job trains on (unless one is "
        "given), score the partitions on all ranks, and write one HDF5 file: a row for each record "
        "of the input, in input order.  A table of metrics by partition is printed.",
        "The output appears whole or not at all.  One that is there already, made by the same job "
        "from the same inputs, is left as it is; neither ranks nor chunk size nor schedule "
        "matter.  Any other file there is replaced only if that is asked for.",
        NULL},
    (const struct cli_example[]){
        {"mpirun -n 4 scoreline run JOB -o OUT.h5", "On four ranks of this host:"},
        {"srun --mpi=pmix scoreline run JOB -o OUT.h5", "In a job of Slurm:"},
        {"scoreline run JOB --dry-run", "What would be done, and what it takes:"},
        {"scoreline run JOB -o OUT.h5 --set train.params.C=10 --set "
         "data.partitions.year=2010..2016",
         "Another parameter and other years than the job says:"},
        {NULL, NULL}}};

const struct cli_manual cli_manual_train = {
    (const char *const[]){
        "Train as run does, and write the model file: JSON that holds the recipe of the features, "
        "what was learned, and rows with their scores by which whoever loads it can tell that it "
        "is whole.  A model that is there already, trained by the same job on the same inputs, "
        "is left as it is.",
        NULL},
    (const struct cli_example[]){{"scoreline train JOB -o MODEL.json", "Train once:"},
                                 {NULL, NULL}}};

const struct cli_manual cli_manual_score = {
    (const char *const[]){
        "Score with the model of a model file or of an output.  The recipe comes from the model: "
        "features, orient, label and train may be left out of the job; where they are given and "
        "differ, the first difference is named.",
        "A piece is what --only and --shard leave.  Pieces may be smaller than a partition; "
        "combine makes one output of them.",
        NULL},
    (const struct cli_example[]){
        {"scoreline score JOB --model MODEL.json --only year=2014,2015 -o PIECE.h5",
         "Two partitions:"},
        {"scoreline score JOB --model MODEL.json --shard 2/5 -o PIECE-2.h5",
         "The second of five even shares of the bytes:"},
        {NULL, NULL}}};

const struct cli_manual cli_manual_search = {
    (const char *const[]){
        "Fit every candidate that the section search of the job names (values of parameters, sets "
        "of "
        "features) to the rows that it trains on but some, judge it by those, in turn for each "
        "split, and rank the candidates by their mean score.  Nothing of the rows that judge is "
        "learned from: recipes are fitted inside the split.",
        "Fits are dealt to ranks on demand; the result is the same for any number of them.  What "
        "was stopped or killed goes on by the same command where it left off.",
        NULL},
    (const struct cli_example[]){
        {"mpirun -n 4 scoreline search JOB -o RESULT.json --save-model BEST.json",
         "On four ranks of this host; the best, fitted to all rows, is left as a model:"},
        {"scoreline search JOB --dry-run", "How many fits, and what they take:"},
        {NULL, NULL}}};

const struct cli_manual cli_manual_combine = {
    (const char *const[]){
        "Make one output of scored pieces, in any order.  Its datasets are those of a run that was "
        "never cut.  Pieces of different models, pieces that overlap, inputs that have changed in "
        "between, and what is missing are named.",
        NULL},
    (const struct cli_example[]){{"scoreline combine PIECE-*.h5 -o ALL.h5", "Stitch:"},
                                 {NULL, NULL}}};

const struct cli_manual cli_manual_learning_curve = {
    (const char *const[]){
        "Fit the model of a job to more and more rows, and judge each fit by rows it has not seen, "
        "in several folds and repeats.  A table of the scores with their spread is printed, and "
        "in words from which size on the curve is flat, and whether what the job trains on is "
        "enough.  The section learning_curve of the job says which sizes, rows and score.",
        "The fits are dealt to all ranks; the result is the same for any number of them.  With -o "
        "it is written as JSON, HDF5 or as a picture, SVG, to be printed, and a run that was "
        "stopped is "
        "gone on with.  A picture of a result that is there is drawn without another fit.",
        NULL},
    (const struct cli_example[]){
        {"mpirun -n 4 scoreline learning-curve JOB -o CURVE.json -o CURVE.svg",
         "On four ranks, numbers and picture:"},
        {"scoreline learning-curve JOB --set learning_curve.partitions.year=2010..2015 --set "
         "learning_curve.validate_on.year=2016",
         "Whether the year that the job trains on is enough, seen from the next one:"},
        {NULL, NULL}}};

const struct cli_manual cli_manual_inspect = {
    (const char *const[]){
        "Say what a file is, whether anything is wrong with it, and what it means: a job with its "
        "partitions and columns, a model with its coefficients and checks, an output with its "
        "metrics and where it came from.  Nothing is written.",
        NULL},
    (const struct cli_example[]){{"scoreline inspect JOB --model MODEL.json",
                                  "A job as it is with a model that was trained before:"},
                                 {NULL, NULL}}};

const struct cli_manual cli_manual_evaluate = {
    (const char *const[]){
        "Judge an output from the file alone: metrics by partition, held out and trained on, "
        "deciles with lift, calibration, the confusion matrix, and the worst drift.",
        NULL},
    (const struct cli_example[]){
        {"scoreline evaluate OUT.h5 --threshold 0.7", "What another threshold would have decided:"},
        {NULL, NULL}}};

const struct cli_manual cli_manual_export = {
    (const char *const[]){
        "Write the rows of an output as CSV, numbers in the fewest digits that read back exactly.",
        NULL},
    (const struct cli_example[]){{"scoreline export OUT.h5 -o - | head", "The first rows:"},
                                 {"scoreline export OUT.h5 -o DIR/", "A file for each partition:"},
                                 {NULL, NULL}}};

const struct cli_manual cli_manual_watch = {
    (const char *const[]){
        "Show how far the run that makes an output is, with its slowest rank, from any host that "
        "sees the file: rank 0 leaves word in OUT.h5.parts/status.json once a second.  Ends when "
        "the run does: with 0 when the output is complete, with the run's exit code if it left "
        "one, with 6 if it left neither or has not been heard of for 12 seconds.",
        NULL},
    (const struct cli_example[]){{"scoreline watch OUT.h5", "Until it ends:"},
                                 {"scoreline watch OUT.h5 --once", "In a script:"},
                                 {NULL, NULL}}};

const struct cli_manual cli_manual_generate = {
    (const char *const[]){
        "Write tennis matches of players that never were, in the columns of the "
        "public WTA match files: one CSV a year, the same bytes on every machine.",
        NULL},
    (const struct cli_example[]){
        {"scoreline generate --years 2000..2016 -o data", "The data of the demo jobs:"},
        {NULL, NULL}}};

const struct cli_manual cli_manual_help = {
    (const char *const[]){
        "Say what commands there are, or how one of them is used.  The manual page of a command "
        "and completions of the shell are made from the same table of options.",
        NULL},
    (const struct cli_example[]){
        {"scoreline help run --as man | man -l -", "The manual page, where none is installed:"},
        {". <(scoreline help --as bash)", "Completion in this bash:"},
        {NULL, NULL}}};

const struct cli_manual cli_manual_version = {
    (const char *const[]){"Print the version, and with which compiler, MPI, HDF5, BLAS and other "
                          "libraries this build was made.",
                          NULL},
    (const struct cli_example[]){{NULL, NULL}}};
