/* A sliding window over a file.  Up to the end of the chunk it reads large pieces; beyond, where
 * only the last record's rest is wanted, steps that begin small and double. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/memory.h"

enum { FIRST_STEP = 4096 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void sl_csv_window_seek(struct sl_csv_window *window, int64_t offset, int64_t soft_end,
                        int64_t hard_end)
{
    int64_t have = window->offset + (int64_t)window->n_bytes;

    if (offset >= window->offset && offset <= have) {
        window->at = (size_t)(offset - window->offset);
    } else {
        window->offset = offset;
        window->n_bytes = 0;
        window->at = 0;
        window->at_end = false;
    }
    window->soft_end = soft_end;
    window->hard_end = hard_end;
    window->step_bytes = smaller(FIRST_STEP, window->piece_bytes);
    window->at_limit = false;
}

int64_t sl_csv_window_tell(const struct sl_csv_window *window)
{
    return window->offset + (int64_t)window->at;
}

/* What is kept moves to the front, so that spans stay small and room is at the back. */
static void drop_used(struct sl_csv_window *window)
{
    if (window->at == 0)
        return;
    window->n_bytes -= window->at;
    memmove(window->data, window->data + window->at, window->n_bytes);
    window->offset += (int64_t)window->at;
    window->at = 0;
}

/* At least as much as is kept, so that a long record is looked at a logarithmic number of times. */
static size_t bytes_wanted(struct sl_csv_window *window, int64_t next)
{
    size_t most = window->n_bytes > window->piece_bytes ? window->n_bytes : window->piece_bytes;
    size_t want = most;

    if (next >= window->soft_end) {
        want = smaller(window->step_bytes, most);
        window->step_bytes = 2 * want;
    } else if (window->soft_end - next < (int64_t)want) {
        want = (size_t)(window->soft_end - next);
    }
    if (window->hard_end - next < (int64_t)want)
        want = window->hard_end > next ? (size_t)(window->hard_end - next) : 0;
    return want;
}

sl_status sl_csv_window_more(struct sl_csv_window *window, struct sl_error *err)
{
    size_t        want;
    size_t        n_read = 0;
    int64_t       next;
    enum sl_phase before;
    sl_status     rc;

    drop_used(window);
    next = window->offset + (int64_t)window->n_bytes;
    want = bytes_wanted(window, next);
    SL_TRY(sl_grow_array(&window->data, &window->capacity,
                         window->n_bytes + want + SL_CSV_SLACK_BYTES, 1, err));
    before = sl_stopwatch_enter(window->watch, SL_PHASE_READ);
    rc = sl_bytes_read(window->bytes, next, want, window->data + window->n_bytes, &n_read, err);
    sl_stopwatch_enter(window->watch, before);
    SL_TRY(rc);
    window->n_bytes += n_read;
    memset(window->data + window->n_bytes, '\n', SL_CSV_SLACK_BYTES);
    window->at_end = n_read < want;
    window->at_limit = next + (int64_t)n_read >= window->hard_end;
out:
    return rc;
}

void sl_csv_window_release(struct sl_csv_window *window)
{
    free(window->data);
    sl_bytes_close(window->bytes);
    *window = (struct sl_csv_window){0};
}
