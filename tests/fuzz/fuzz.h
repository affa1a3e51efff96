/* What the fuzz targets share: the entry that libFuzzer calls, a way to say that something is
 * wrong, and inputs as files, for what reads no memory. */
#ifndef SCORELINE_TESTS_FUZZ_H
#define SCORELINE_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A finding: the input is kept by whoever drives. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The next byte of an input, 0 behind its end. */
static inline uint8_t fuzz_byte(const uint8_t **data, size_t *size)
{
    if (*size == 0)
        return 0;
    --*size;
    return *(*data)++;
}

/* A name for mkstemp() or mkdtemp(), where nothing waits for a disk if there is such a place. */
static inline void fuzz_name(char *path, size_t path_bytes, const char *what)
{
    snprintf(path, path_bytes, "%s/scoreline_fuzz_%s_XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", what);
}

/* Make `path`, of fuzz_name(), a file that holds bytes. */
static inline void fuzz_put_file(char *path, const uint8_t *data, size_t size)
{
    const int fd = mkstemp(path);

    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(write(fd, data, size) == (ssize_t)size);
    FUZZ_CHECK(close(fd) == 0);
}

#endif
