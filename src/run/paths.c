/* Which file is which: no output may be written over another, or over what the run reads. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run_impl.h"

/* A path that is written or read, and what it is to the user. */
struct path {
    const char *role;
    const char *path; /* NULL: not asked for */
};

bool run_same_file(const char *a, const char *b)
{
    struct stat at_a;
    struct stat at_b;

    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &at_a) == 0 && stat(b, &at_b) == 0 && at_a.st_dev == at_b.st_dev &&
           at_a.st_ino == at_b.st_ino;
}

static sl_status check_pair(const struct path *written, const struct path *other,
                            struct sl_error *err)
{
    if (written->path == NULL || other->path == NULL || !run_same_file(written->path, other->path))
        return SL_OK;
    return sl_fail(err, SL_EUSAGE, "'%s' would be both the %s and the %s; name another",
                   written->path, written->role, other->role);
}

/* Nothing can be lost where nothing stands. */
static sl_status check_files(const struct path *written, const struct sl_plan *plan,
                             struct sl_error *err)
{
    struct stat there;
    sl_status   rc = SL_OK;

    if (written->path == NULL || stat(written->path, &there) != 0)
        return SL_OK;
    for (int32_t f = 0; f < plan->n_files && rc == SL_OK; f++) {
        const struct path input = {"input", plan->files[f].path};

        rc = check_pair(written, &input, err);
    }
    return rc;
}

bool run_summary_is_apart(const struct run *run)
{
    const struct path summary = {"summary", run->opts->summary};
    const char *const others[] = {run->output, run->save_model, run->opts->job_file,
                                  run->opts->model, run->opts->output};
    struct sl_error   ignored;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (check_pair(&summary, &(struct path){"other", others[i]}, &ignored) != SL_OK)
            return false;
    return check_files(&summary, &run->training, &ignored) == SL_OK &&
           check_files(&summary, &run->plan, &ignored) == SL_OK;
}

sl_status run_check_paths(const struct run *run, struct sl_error *err)
{
    const struct path written[] = {{"output", run->output},
                                   {"saved model", run->trains_only ? NULL : run->save_model},
                                   {"summary", run->opts->summary}};
    const struct path read[] = {{"job", run->opts->job_file}, {"model", run->opts->model}};
    const size_t      n_written = sizeof written / sizeof *written;
    sl_status         rc = SL_OK;

    for (size_t i = 0; i < n_written; i++) {
        for (size_t j = i + 1; j < n_written; j++)
            SL_TRY(check_pair(&written[i], &written[j], err));
        for (size_t j = 0; j < sizeof read / sizeof *read; j++)
            SL_TRY(check_pair(&written[i], &read[j], err));
        SL_TRY(check_files(&written[i], &run->training, err));
        SL_TRY(check_files(&written[i], &run->plan, err));
    }
out:
    return rc;
}
