/* Where the ranks run and what this program sets for itself: what is asked first when a run is
 * slower than it should be. */
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_impl.h"
#include "scoreline/memory.h"

enum { MOST_LINES = 64 }; /* of ranks that are placed alike */

struct place {
    char      host[256];
    cpu_set_t cores;     /* that it may use */
    int       n_threads; /* that fitting takes */
    char      why[32];   /* what decided that */
};

static void find_place(struct place *own)
{
    const char *why;

    *own = (struct place){.host = ""};
    if (gethostname(own->host, sizeof own->host - 1) != 0)
        own->host[0] = '\0';
    if (sched_getaffinity(0, sizeof own->cores, &own->cores) != 0)
        CPU_ZERO(&own->cores);
    own->n_threads = sl_model_threads(&why);
    snprintf(own->why, sizeof own->why, "%s", why);
}

/* "0-3,8" */
static void put_cores(FILE *to, const cpu_set_t *cores)
{
    const char *comma = "";

    for (int c = 0; c < CPU_SETSIZE; c++) {
        int last = c;

        if (!CPU_ISSET((size_t)c, cores))
            continue;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET((size_t)last + 1, cores))
            last++;
        if (last > c)
            fprintf(to, "%s%d-%d", comma, c, last);
        else
            fprintf(to, "%s%d", comma, c);
        comma = ",";
        c = last;
    }
}

static bool is_alike(const struct place *a, const struct place *b)
{
    return strcmp(a->host, b->host) == 0 && CPU_EQUAL(&a->cores, &b->cores) &&
           a->n_threads == b->n_threads && strcmp(a->why, b->why) == 0;
}

/* Ranks [first, end), which are placed alike. */
static void put_ranks(FILE *to, const struct place *all, int first, int end)
{
    const struct place *place = &all[first];

    if (end - first > 1)
        fprintf(to, "scoreline: ranks %d-%d", first, end - 1);
    else
        fprintf(to, "scoreline: rank %d", first);
    fprintf(to, " on %s: cores allowed %d (", place->host, CPU_COUNT(&place->cores));
    put_cores(to, &place->cores);
    fprintf(to, "); threads for fitting %d (%s)\n", place->n_threads, place->why);
}

static void put_places(FILE *to, const struct place *all, int n)
{
    int n_lines = 0;

    for (int first = 0, end; first < n; first = end) {
        end = first + 1;
        while (end < n && is_alike(&all[first], &all[end]))
            end++;
        if (n_lines++ == MOST_LINES) {
            fprintf(to, "scoreline: and %d more ranks, placed in other ways\n", n - first);
            return;
        }
        put_ranks(to, all, first, end);
    }
}

static bool is_first_on_host(const struct place *all, int r)
{
    for (int before = 0; before < r; before++)
        if (strcmp(all[before].host, all[r].host) == 0)
            return false;
    return true;
}

/* A line for each host whose ranks have to take turns.  Every rank wants a core of its own; what
 * fits in the union of what they may use is good enough. */
static void put_oversubscribed(FILE *to, const struct place *all, int n)
{
    for (int first = 0; first < n; first++) {
        cpu_set_t cores;
        int       n_here = 0;

        if (!is_first_on_host(all, first))
            continue;
        CPU_ZERO(&cores);
        for (int r = first; r < n; r++) {
            if (strcmp(all[first].host, all[r].host) != 0)
                continue;
            CPU_OR(&cores, &cores, &all[r].cores);
            n_here++;
        }
        if (n_here > CPU_COUNT(&cores) && CPU_COUNT(&cores) > 0)
            fprintf(to, "scoreline: oversubscribed: %d ranks share %d core%s of %s\n", n_here,
                    CPU_COUNT(&cores), CPU_COUNT(&cores) == 1 ? "" : "s", all[first].host);
    }
}

/* All that is set behind the user's back, and what of it he has set himself, which stands. */
static void put_settings(FILE *to, const char *environment)
{
    const char *locking = getenv("HDF5_USE_FILE_LOCKING");

    fprintf(to, "scoreline: set for Open MPI: %s\n",
            environment[0] != '\0' ? environment : "nothing");
    if (locking == NULL)
        fputs("scoreline: set for HDF5: no locks on outputs, written or read\n", to);
    else
        fprintf(to, "scoreline: set for HDF5: nothing, HDF5_USE_FILE_LOCKING is %s\n", locking);
    fputs("scoreline: set for OpenBLAS: one thread a call while a model is fitted, by threads of "
          "scoreline's own\n"
          "scoreline: set for signals: SIGUSR1, SIGUSR2, SIGXCPU, SIGTERM and SIGINT stop at a "
          "chunk, SIGXFSZ is ignored\n",
          to);
}

sl_status sl_tell_placement(const struct sl_comm *comm, const char *environment, FILE *notes,
                            struct sl_error *err)
{
    const int     n = sl_comm_size(comm);
    struct place  own;
    void         *bytes = NULL;
    size_t        n_bytes = 0;
    struct place *all;
    sl_status     rc;

    find_place(&own);
    SL_TRY(sl_comm_gather_bytes(comm, &own, sizeof own, &bytes, &n_bytes, err));
    all = bytes;
    if (sl_comm_rank(comm) != 0 || notes == NULL)
        goto out;
    fprintf(notes, "scoreline: %d rank%s\n", n, n == 1 ? "" : "s");
    put_places(notes, all, n);
    put_oversubscribed(notes, all, n);
    put_settings(notes, environment);
out:
    free(bytes);
    return rc;
}
