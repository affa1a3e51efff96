/* Where and when this program runs. */
#include "about.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scoreline/clock.h"
#include "scoreline/hash.h"
#include "scoreline/version.h"

void about_run_id(char out[17])
{
    struct sl_hash hash;
    char           host[256] = "";
    char           date[32];
    const double   now = sl_clock_now();
    const long     pid = (long)getpid();

    gethostname(host, sizeof host - 1);
    sl_clock_date(date, sizeof date);
    sl_hash_init(&hash);
    sl_hash_add_text(&hash, date);
    sl_hash_add_text(&hash, host);
    sl_hash_add(&hash, &now, sizeof now);
    sl_hash_add(&hash, &pid, sizeof pid);
    snprintf(out, 17, "%016llx", (unsigned long long)sl_hash_value(&hash));
}

void about_tell(const struct sl_comm *comm, const char *command, struct about *about)
{
    sl_clock_date(about->date, sizeof about->date);
    if (gethostname(about->host, sizeof about->host) != 0)
        snprintf(about->host, sizeof about->host, "unknown");
    if (getcwd(about->directory, sizeof about->directory) == NULL)
        about->directory[0] = '\0';
    snprintf(about->n_ranks, sizeof about->n_ranks, "%d", sl_comm_size(comm));
    snprintf(about->history, sizeof about->history, "%s %.400s", about->date, command);
    about_run_id(about->run_id);
}

void about_list(const struct about *about, const char *command,
                struct sl_named_text to[ABOUT_N_TEXTS])
{
    const struct sl_named_text texts[ABOUT_N_TEXTS] = {
        {"command", command},           {"directory", about->directory},
        {"version", sl_version_line()}, {"components", sl_version_components()},
        {"host", about->host},          {"ranks", about->n_ranks},
        {"created", about->date},
    };

    memcpy(to, texts, sizeof texts);
}
