/* Units of work dealt to ranks: what they find does not depend on ranks; what was found before word
 * came to stop is taken up by the next run, whatever its number of ranks; a failure reaches all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <mpi.h>

#include "../../src/run/trials/trials.h"
#include "scoreline/clock.h"
#include "scoreline/hash.h"
#include "scoreline/mpi_handle.h"
#include "scoreline/stop.h"

enum { N_UNITS = 60 };

static struct sl_comm *world_comm;
static char            directory[] = "test_trials_XXXXXX";
static char            output[64];

/* A unit finds its number's hash, as often as it is long. */
struct world {
    int64_t stop_after; /* word comes to a rank that has done so many; -1: to none */
    int64_t fail_at;
    int64_t n_done; /* on this rank */
};

static int64_t size_of(const void *state, int64_t unit)
{
    (void)state;
    return unit % 7 + 1;
}

static sl_status run_unit(void *state, int64_t unit, struct sl_sched *sched, struct sl_text *result,
                          bool *is_done, struct sl_error *err)
{
    struct world  *w = state;
    const uint64_t hash = sl_mix64((uint64_t)unit);
    sl_status      rc = SL_OK;

    if (unit == w->fail_at)
        return sl_fail(err, SL_EINPUT, "unit %d failed", (int)unit);
    for (int64_t i = 0; i < size_of(state, unit) && rc == SL_OK; i++) {
        sl_clock_sleep(1e-3);
        if (w->n_done == w->stop_after)
            sl_stop_at(sl_clock_now());
        if (!sl_sched_poll(sched) || sl_stop_asked())
            return SL_OK;
        rc = sl_text_add_bytes(result, &hash, sizeof hash, err);
    }
    w->n_done++;
    *is_done = true;
    return rc;
}

static struct trial_work work_of(struct world *w)
{
    return (struct trial_work){.phase = "test",
                               .what = "units",
                               .n_units = N_UNITS,
                               .size = size_of,
                               .run = run_unit,
                               .state = w};
}

static struct run run_of(struct sl_job *job, const struct sl_run_opts *opts)
{
    struct run run = {.comm = world_comm, .job = job, .opts = opts, .began = sl_clock_now()};

    run.output = output;
    snprintf(run.run_id, sizeof run.run_id, "%016llx",
             (unsigned long long)sl_mix64((uint64_t)(sl_clock_now() * 1e6)));
    snprintf(run.fingerprint.run, sizeof run.fingerprint.run, "%016d", 42);
    return run;
}

static void assert_whole(const struct trial_results *results)
{
    assert_int_equal(results->n_units, N_UNITS);
    for (int64_t u = 0; u < N_UNITS; u++) {
        const uint64_t hash = sl_mix64((uint64_t)u);

        assert_int_equal(results->of[u].n_bytes, (size_t)size_of(NULL, u) * sizeof hash);
        for (size_t i = 0; i < results->of[u].n_bytes; i += sizeof hash)
            assert_memory_equal(results->of[u].data + i, &hash, sizeof hash);
    }
}

static void every_unit_is_done_once(void **state)
{
    const struct sl_run_opts opts = {.job_file = NULL};
    struct sl_job            job = {.output = {.journal_after = 0}};
    struct world             w = {.stop_after = -1, .fail_at = -1};
    const struct trial_work  work = work_of(&w);
    struct run               run = run_of(&job, &opts);
    struct trial_results     results;
    struct sl_error          err;

    (void)state;
    assert_int_equal(trial_deal(&run, &work, &results, &err), SL_OK);
    assert_whole(&results);
    assert_int_equal(results.n_resumed, 0);
    sl_comm_sum_i64(world_comm, &w.n_done, 1);
    assert_int_equal(w.n_done, N_UNITS);
    trial_results_release(&results);
}

static void a_failure_reaches_every_rank(void **state)
{
    const struct sl_run_opts opts = {.job_file = NULL};
    struct sl_job            job = {.output = {.journal_after = 0}};
    struct world             w = {.stop_after = -1, .fail_at = 41};
    const struct trial_work  work = work_of(&w);
    struct run               run = run_of(&job, &opts);
    struct trial_results     results;
    struct sl_error          err;

    (void)state;
    assert_int_equal(trial_deal(&run, &work, &results, &err), SL_EINPUT);
    assert_string_equal(err.text, "unit 41 failed");
    trial_results_release(&results);
}

/* One run with a directory beside its output; ends as it should. */
static void run_once(double journal_after, int64_t stop_after, sl_status expected, int64_t *n_done,
                     int64_t *n_resumed)
{
    const struct sl_run_opts opts = {.job_file = NULL};
    struct sl_job            job = {.output = {.journal_after = journal_after}};
    struct world             w = {.stop_after = stop_after, .fail_at = -1};
    const struct trial_work  work = work_of(&w);
    struct run               run = run_of(&job, &opts);
    struct trial_results     results;
    struct sl_error          err;

    sl_stop_at(1e300);
    if (sl_comm_rank(world_comm) == 0)
        assert_int_equal(sl_parts_open(output, run.run_id, &run.parts, &err), SL_OK);
    assert_int_equal(trial_deal(&run, &work, &results, &err), expected);
    if (expected == SL_OK)
        assert_whole(&results);
    *n_done = w.n_done;
    *n_resumed = results.n_resumed;
    sl_comm_sum_i64(world_comm, n_done, 1);
    trial_results_release(&results);
    sl_parts_close(run.parts, expected == SL_OK ? SL_PARTS_REMOVE : SL_PARTS_KEEP);
    sl_stop_at(1e300);
}

static void what_was_done_is_taken_up(void **state)
{
    static const double journal_after[] = {0, 1e9}; /* at once, and when word comes to stop */
    int64_t             first, second, third, resumed;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        run_once(journal_after[i], 4, SL_ESTOPPED, &first, &resumed);
        assert_true(first > 0 && first < N_UNITS);
        assert_int_equal(resumed, 0);
        run_once(journal_after[i], 5, SL_ESTOPPED, &second, &resumed);
        assert_int_equal(resumed, first);
        run_once(journal_after[i], -1, SL_OK, &third, &resumed);
        assert_int_equal(resumed, first + second);
        assert_int_equal(third, N_UNITS - first - second);
    }
}

static int make_directory(void)
{
    int64_t failed = sl_comm_rank(world_comm) == 0 && mkdtemp(directory) == NULL;

    sl_comm_share(world_comm, 0, directory, sizeof directory);
    sl_comm_sum_i64(world_comm, &failed, 1);
    snprintf(output, sizeof output, "%s/out.json", directory);
    return failed != 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_is_done_once),
        cmocka_unit_test(a_failure_reaches_every_rank),
        cmocka_unit_test(what_was_done_is_taken_up),
    };
    struct sl_error err;
    int             failed = 1;

    MPI_Init(&argc, &argv);
    if (sl_comm_from_mpi(MPI_COMM_WORLD, &world_comm, &err) == SL_OK && !make_directory()) {
        failed = cmocka_run_group_tests(tests, NULL, NULL);
        if (sl_comm_rank(world_comm) == 0)
            rmdir(directory);
    }
    sl_comm_free(world_comm);
    MPI_Finalize();
    return failed;
}
