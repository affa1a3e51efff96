/* What a file says of the program's run that made it. */
#ifndef SCORELINE_RUN_ABOUT_H
#define SCORELINE_RUN_ABOUT_H

#include "scoreline/comm.h"
#include "scoreline/sink.h"

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

/** The end of /provenance, whatever stands before; texts are borrowed. */
enum { ABOUT_N_TEXTS = 7 };
void about_list(const struct about *about, const char *command,
                struct sl_named_text to[ABOUT_N_TEXTS]);

#endif
