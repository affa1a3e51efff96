/* The thin MPI layer.  Everything two ranks ever say to each other goes through here.  A
 * communicator of one rank works without MPI_Init. */
#ifndef SCORELINE_COMM_H
#define SCORELINE_COMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

struct sl_comm; /* a group of ranks */
struct sl_stopwatch;

/** The communicator of this process alone; needs no MPI_Init, need not be freed. */
const struct sl_comm *sl_comm_self(void);
void                  sl_comm_free(struct sl_comm *comm); /* NULL-safe; collective */

/** From now on the watch is in the phase WAIT while this rank waits for others, or exchanges
 *  anything with them; borrowed.  Looking for a message that need not be there is no waiting. */
void sl_comm_time(struct sl_comm *comm, struct sl_stopwatch *watch);

int sl_comm_rank(const struct sl_comm *comm);
int sl_comm_size(const struct sl_comm *comm);

/**
 * End a collective function: the same status and text on every rank.
 *
 * Returns: SL_OK if all ranks bring SL_OK; else the fault of the lowest rank that failed, which is
 *          then in *err on every rank.
 * Ranks:   collective.  Cost: one allreduce, and a broadcast on failure.
 */
SL_MUST_CHECK sl_status sl_comm_agree(const struct sl_comm *comm, sl_status rc,
                                      struct sl_error *err);

/**
 * Give every rank the bytes that rank 0 has.
 *
 * Owner:   on rank 0 *data is borrowed and stays; on others it is handed over, freed with free().
 * Errors:  SL_ENOMEM where a rank has no room; the same on every rank.
 * Ranks:   collective.  Any size; sent in pieces below 2 GiB.
 */
SL_MUST_CHECK sl_status sl_comm_bcast_bytes(const struct sl_comm *comm, void **data,
                                            size_t *n_bytes, struct sl_error *err);

/* Element-wise over the ranks, in place, the result on every rank.  Collective. */
void sl_comm_sum_i64(const struct sl_comm *comm, int64_t *values, size_t n);
void sl_comm_max_i64(const struct sl_comm *comm, int64_t *values, size_t n);
void sl_comm_max_f64(const struct sl_comm *comm, double *values, size_t n);
void sl_comm_min_f64(const struct sl_comm *comm, double *values, size_t n);
void sl_comm_sum_f64(const struct sl_comm *comm, double *values,
                     size_t n); /* for times, not results */
void sl_comm_bcast_i64(const struct sl_comm *comm, int root, int64_t *values, size_t n);

/** Whether each is true on any rank, in place, on every rank.  Collective. */
void sl_comm_any(const struct sl_comm *comm, bool *values, size_t n);
/** The sum of the values of the ranks before this one.  Collective. */
int64_t sl_comm_before_i64(const struct sl_comm *comm, int64_t value);
/** The same of each of n values, in place.  Collective. */
void sl_comm_before_many_i64(const struct sl_comm *comm, int64_t *values, size_t n);
/** Give every rank n bytes that rank `root` has; all know how many.  Collective. */
void sl_comm_share(const struct sl_comm *comm, int root, void *data, size_t n);

/* n bytes from one rank to another, which knows how many; both wait for each other. */
void sl_comm_give(const struct sl_comm *comm, int to, const void *data, size_t n);
void sl_comm_take(const struct sl_comm *comm, int from, void *data, size_t n);

/** One value of every rank to every rank: all[size].  Collective. */
void sl_comm_allgather_i64(const struct sl_comm *comm, int64_t value, int64_t *all);

/**
 * Send n_to[r] bytes to each rank r and receive what they send, in rank order.
 *
 * Shapes:  to is the concatenation for rank 0, 1, ...; n_to, n_from [size].
 * Owner:   *from is handed over, freed with free(); n_from is written.
 * Errors:  SL_ENOMEM, the same on every rank.
 * Ranks:   collective.  Any size.
 */
SL_MUST_CHECK sl_status sl_comm_exchange(const struct sl_comm *comm, const void *to,
                                         const size_t *n_to, void **from, size_t *n_from,
                                         struct sl_error *err);

/** Every rank's bytes, in rank order, on rank 0: sl_comm_exchange() with one receiver.  Collective.
 */
SL_MUST_CHECK sl_status sl_comm_gather_bytes(const struct sl_comm *comm, const void *data,
                                             size_t n_bytes, void **all, size_t *n_all,
                                             struct sl_error *err);

/** The same on every rank, *all freed by each.  Collective. */
SL_MUST_CHECK sl_status sl_comm_allgather_bytes(const struct sl_comm *comm, const void *data,
                                                size_t n_bytes, void **all, size_t *n_all,
                                                struct sl_error *err);

/* The ranks that share a host with this one. */
struct sl_comm_node {
    int leader;  /* the first of them, its rank in comm */
    int rank;    /* among them */
    int n_ranks; /* of them */
};
void sl_comm_node(const struct sl_comm *comm, struct sl_comm_node *node); /* collective */

/* Two-sided messages of a few integers, for the scheduler.  Rank-local; sends are small enough
 * never to wait for the receiver. */
enum { SL_MESSAGE_WORDS = 6 };
struct sl_message {
    int     from; /* rank */
    int64_t word[SL_MESSAGE_WORDS];
};
void sl_comm_send(const struct sl_comm *comm, int to, const int64_t word[SL_MESSAGE_WORDS]);
bool sl_comm_poll(const struct sl_comm *comm, struct sl_message *message); /* false: none there */
void sl_comm_wait(const struct sl_comm *comm, struct sl_message *message);

#endif
