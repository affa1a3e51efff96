/* What a file says of the program's run that made it. */
#ifndef SCORELINE_RUN_ABOUT_H
#define SCORELINE_RUN_ABOUT_H

#include "scoreline/comm.h"

struct about {
    char date[32];
    char host[256];
    char directory[4096];
    char n_ranks[16];
    char history[512]; /* CF: date and command */
    char run_id[17];
};

/** A name for a run that no other has; NUL behind 16 digits.  Rank-local. */
void about_run_id(char out[17]);

/** Rank-local; the ranks' answers differ. */
void about_tell(const struct sl_comm *comm, const char *command, struct about *about);

#endif
