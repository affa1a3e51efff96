/* Stands in for libFuzzer: each file that is named is an input, given to the target once. */
#include <string.h>

#include "fuzz.h"

static void replay(const char *path)
{
    FILE   *file = fopen(path, "rb");
    uint8_t bytes[1 << 16];
    size_t  n;
    void   *exact; /* so that sanitizers see a read behind the end */

    FUZZ_CHECK(file != NULL);
    n = fread(bytes, 1, sizeof bytes, file);
    FUZZ_CHECK(n < sizeof bytes);
    fclose(file);
    exact = malloc(n > 0 ? n : 1);
    FUZZ_CHECK(exact != NULL);
    memcpy(exact, bytes, n);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "%s: no inputs\n", argv[0]);
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        printf("%s\n", argv[i]);
        fflush(stdout);
        replay(argv[i]);
    }
    return 0;
}
