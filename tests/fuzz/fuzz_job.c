/* Job files: read or refused with a message; what was read, written out, is read again and comes
 * out the same. */
#include <string.h>

#include "fuzz.h"
#include "scoreline/job.h"

static void read_again(const struct sl_job *job)
{
    struct sl_error err;
    struct sl_job  *again = NULL;

    FUZZ_CHECK(sl_job_parse(job->text, strlen(job->text), job->file, 0, NULL, &again, &err) ==
               SL_OK);
    FUZZ_CHECK(strcmp(job->text, again->text) == 0);
    sl_job_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_error err = {.code = SL_OK};
    struct sl_job  *job = NULL;
    const sl_status rc =
        sl_job_parse((const char *)data, size, "fuzz/job.json", 0, NULL, &job, &err);

    FUZZ_CHECK(rc == SL_OK || rc == SL_EJOB || rc == SL_EUNSUPPORTED);
    if (rc == SL_OK)
        read_again(job);
    else
        FUZZ_CHECK(err.text[0] != '\0');
    sl_job_free(job);
    return 0;
}
