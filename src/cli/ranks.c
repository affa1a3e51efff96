/* The life of MPI: the settings that make it start quickly on one host, MPI_Init, MPI_Finalize.
 *
 * Open MPI looks for every network it knows before it finds out that one host needs none.  Naming
 * the shared-memory transport beforehand cuts start-up from 0.3 s to 0.1 s.  A process that nobody
 * launched has nobody to talk to, and never starts MPI.  Nothing that the user or the launcher has
 * set is touched. */
#include <mpi.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "scoreline/mpi_handle.h"

static int number_in(const char *variable, int otherwise)
{
    const char *text = getenv(variable);

    return text != NULL && *text != '\0' ? (int)strtol(text, NULL, 10) : otherwise;
}

int cli_launcher_rank(void)
{
    return number_in("OMPI_COMM_WORLD_RANK", number_in("PMIX_RANK", 0));
}

static void set_default(struct cli_ranks *ranks, const char *variable, const char *value)
{
    size_t used = strlen(ranks->settings);

    if (getenv(variable) != NULL || setenv(variable, value, 0) != 0)
        return;
    snprintf(ranks->settings + used, sizeof ranks->settings - used, "%s%s=%s", used > 0 ? " " : "",
             variable, value);
}

/* ROMIO before OMPIO, where there is one: OMPIO's open hangs when a rank cannot make the file it
 * shares pointers in, and it hides why a write failed. */
static void prefer_romio(struct cli_ranks *ranks)
{
    if (getenv("OMPI_MCA_io") == NULL)
        set_default(ranks, "OMPI_MCA_io_ompio_priority", "5");
}

/* Whether the user keeps settings of his own in the file that Open MPI reads. */
static bool user_has_settings(void)
{
    const char *home = getenv("HOME");
    char        path[4096];

    if (home == NULL ||
        snprintf(path, sizeof path, "%s/.openmpi/mca-params.conf", home) >= (int)sizeof path)
        return false;
    return access(path, F_OK) == 0;
}

/* What launchers leave in the environment: Open MPI's mpirun, PMIx (srun --mpi=pmix, prun), PMI. */
static bool is_launched(void)
{
    static const char *const signs[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMIX_NAMESPACE",
                                        "PMI_RANK", "PMI_FD"};

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (getenv(signs[i]) != NULL)
            return true;
    return false;
}

/* Ranks on this host and in all; where the launcher does not say, as if there were other hosts. */
static void count_ranks(int *n_here, int *n_all)
{
    bool one_node = number_in("SLURM_STEP_NUM_NODES", 0) == 1;

    *n_all = number_in("OMPI_COMM_WORLD_SIZE", number_in("SLURM_STEP_NUM_TASKS", 2));
    *n_here = number_in("OMPI_COMM_WORLD_LOCAL_SIZE", one_node ? *n_all : 1);
}

static void make_settings(struct cli_ranks *ranks)
{
    int n_here;
    int n_all;

    count_ranks(&n_here, &n_all);
    if (n_here > sysconf(_SC_NPROCESSORS_ONLN))
        set_default(ranks, "OMPI_MCA_mpi_yield_when_idle", "1");
    if (user_has_settings())
        return;
    prefer_romio(ranks);
    if (n_here < n_all)
        return;
    if (getenv("OMPI_MCA_pml") == NULL && getenv("OMPI_MCA_btl") == NULL) {
        set_default(ranks, "OMPI_MCA_pml", "ob1");
        set_default(ranks, "OMPI_MCA_btl", "self,vader");
        set_default(ranks, "OMPI_MCA_btl_vader_single_copy_mechanism", "none");
    }
}

/* A rank whose launcher was killed may wait for messages for ever, and nobody will end it. */
static void end_with_launcher(void *state)
{
    const struct cli_ranks *ranks = state;

    if (getppid() != ranks->parent)
        kill(getpid(), SIGKILL);
}

sl_status cli_ranks_start(struct cli_ranks *ranks, struct sl_stopwatch *watch, struct sl_error *err)
{
    sl_status rc;

    if (!is_launched())
        return SL_OK;
    make_settings(ranks);
    ranks->parent = getppid();
    rc = sl_ticker_start(1.0, end_with_launcher, ranks, &ranks->watch, err);
    if (rc != SL_OK)
        return rc;
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS)
        return sl_fail(err, SL_EBUG, "MPI_Init failed");
    rc = sl_comm_from_mpi(MPI_COMM_WORLD, &ranks->comm, err);
    if (rc == SL_OK)
        sl_comm_time(ranks->comm, watch);
    return rc;
}

void cli_ranks_stop(struct cli_ranks *ranks)
{
    int started = 0;

    sl_comm_free(ranks->comm);
    MPI_Initialized(&started);
    if (started)
        MPI_Finalize();
    sl_ticker_stop(ranks->watch);
}
