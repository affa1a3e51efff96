/* Two-sided messages of a few integers.  One-sided communication would need less talk, but is not
 * to be had everywhere (see docs/adr). */
#include "comm_impl.h"

enum { TAG_MESSAGE = 2 };

void sl_comm_send(const struct sl_comm *comm, int to, const int64_t word[SL_MESSAGE_WORDS])
{
    MPI_Send(word, SL_MESSAGE_WORDS, MPI_INT64_T, to, TAG_MESSAGE, comm->mpi);
}

bool sl_comm_poll(const struct sl_comm *comm, struct sl_message *message)
{
    int is_there = 0;

    if (comm->size == 1)
        return false;
    MPI_Iprobe(MPI_ANY_SOURCE, TAG_MESSAGE, comm->mpi, &is_there, MPI_STATUS_IGNORE);
    if (is_there)
        sl_comm_wait(comm, message);
    return is_there;
}

void sl_comm_wait(const struct sl_comm *comm, struct sl_message *message)
{
    MPI_Status status;

    MPI_Recv(message->word, SL_MESSAGE_WORDS, MPI_INT64_T, MPI_ANY_SOURCE, TAG_MESSAGE, comm->mpi,
             &status);
    message->from = status.MPI_SOURCE;
}
