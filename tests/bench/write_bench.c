/* What writing itself costs, for the combine phase to be compared with:
 *
 *   write_bench FILE BYTES WRITERS
 *
 * Each writer is a process that writes its contiguous share of one new file and syncs it.  Prints
 * the seconds from the first to the last of them. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scoreline/clock.h"

enum { PIECE_BYTES = 8 << 20 };

static int write_share(const char *path, const char *piece, int64_t begin, int64_t end)
{
    const int fd = open(path, O_WRONLY);

    if (fd < 0)
        return 1;
    while (begin < end) {
        const int64_t left = end - begin;
        const ssize_t n =
            pwrite(fd, piece, (size_t)(left < PIECE_BYTES ? left : PIECE_BYTES), begin);

        if (n <= 0)
            return 1;
        begin += n;
    }
    return fsync(fd) != 0 || close(fd) != 0;
}

int main(int argc, char **argv)
{
    char *piece = malloc(PIECE_BYTES);
    int   bad = 0;

    if (argc != 4 || piece == NULL) {
        fputs("usage: write_bench FILE BYTES WRITERS\n", stderr);
        return 2;
    }
    const int64_t n_bytes = strtoll(argv[2], NULL, 10);
    const int64_t n_writers = strtoll(argv[3], NULL, 10);

    for (int64_t i = 0; i < PIECE_BYTES; i++)
        piece[i] = (char)(i * 2654435761 >> 7);
    unlink(argv[1]);
    const double began = sl_clock_now();
    const int    fd = open(argv[1], O_CREAT | O_WRONLY, 0600);

    for (int64_t i = 0; i < n_writers; i++) {
        const pid_t child = fork();

        if (child == 0)
            _exit(write_share(argv[1], piece, n_bytes * i / n_writers,
                              n_bytes * (i + 1) / n_writers));
        bad |= child < 0;
    }
    for (int status; wait(&status) > 0;)
        bad |= status != 0;
    printf("%.6f\n", sl_clock_now() - began);
    bad |= close(fd) != 0;
    free(piece);
    return bad;
}
