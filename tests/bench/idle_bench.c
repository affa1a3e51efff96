/* A program of MPI that does nothing: what every rank costs in memory and at start-up. */
#include <mpi.h>

int main(int argc, char **argv)
{
    return MPI_Init(&argc, &argv) != MPI_SUCCESS || MPI_Finalize() != MPI_SUCCESS;
}
