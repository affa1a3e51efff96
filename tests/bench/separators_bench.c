/* What finding all separators of some files takes, reading included:
 *
 *   separators_bench FILE...
 *
 * Files are read in pieces as large as a source's, by the best scanner's instructions. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "../../src/source/csv/csv.h"
#include "separators.h"

static const char *best_scanner(void)
{
    const struct sl_csv_scanner *scanner;

    for (size_t i = 0; (scanner = sl_csv_scanner_at(i)) != NULL; i++)
        if (scanner->runs_here())
            return scanner->name;
    return "plain";
}

int main(int argc, char **argv)
{
    static char piece[SL_CSV_PIECE_BYTES];
    const char *scanner = best_scanner();
    uint64_t    sum = 0;

    for (int i = 1; i < argc; i++) {
        const int fd = open(argv[i], O_RDONLY);
        ssize_t   n;

        while ((n = read(fd, piece, sizeof piece)) > 0)
            sum += count_separators(scanner, piece, (size_t)n);
        if (n < 0) {
            perror(argv[i]);
            return 1;
        }
        close(fd);
    }
    printf("%s: %" PRIu64 "\n", scanner, sum);
    return 0;
}
