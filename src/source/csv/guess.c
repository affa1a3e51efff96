/* Where does the first record of a chunk begin?  The cut may lie inside quotes or not, and nothing
 * short of reading the file from its start can tell.  Both readings are tried: the one under which
 * the next records have as many fields as the header is taken.  Whoever orders chunks checks the
 * guess against the end of the chunk before; it has to be cheap and mostly right, not proven. */
#include "csv.h"

enum {
    ENOUGH_RECORDS = 8,
    ENOUGH_BYTES = 64 * 1024, /* of records, after at least one */
    FAR_BACK = 256,           /* a longer run of quotes is not looked through */
};

/* One reading, and how well the file fits it. */
struct reading {
    int64_t begin; /* of the first record in the chunk; -1: none was found */
    int64_t n_records;
    int64_t n_good;
    int64_t n_odd; /* quotes that no writer would have put there */
};

struct guess {
    const struct sl_csv_header  *header;
    const struct sl_csv_dialect *dialect;
    struct sl_csv_window        *window;
    int64_t                      first_byte;
    int64_t                      from; /* where both readings start */
};

/* Through the rest of a record.  Neither walk->ended nor window->at_end: the limit was met. */
static sl_status walk_record(const struct guess *guess, struct sl_csv_walk *walk,
                             struct sl_error *err)
{
    struct sl_csv_window *window = guess->window;
    sl_status             rc = SL_OK;

    for (;;) {
        window->at += sl_csv_walk(walk, guess->dialect, window->data + window->at,
                                  window->n_bytes - window->at);
        if (walk->ended || window->at_end || window->at_limit)
            break;
        SL_TRY(sl_csv_window_more(window, err));
    }
out:
    return rc;
}

static sl_status find_begin(const struct guess *guess, enum sl_csv_state state,
                            struct reading *reading, struct sl_error *err)
{
    struct sl_csv_walk walk = {.state = state};
    sl_status          rc = SL_OK;

    do {
        SL_TRY(walk_record(guess, &walk, err));
        reading->n_odd += walk.n_odd;
        if (!walk.ended && !guess->window->at_end)
            return SL_OK;
        reading->n_records += !walk.ended && walk.state == SL_CSV_QUOTED; /* and not a good one */
        reading->begin = sl_csv_window_tell(guess->window);
        if (!walk.ended)
            break;
        walk = (struct sl_csv_walk){0};
    } while (reading->begin < guess->first_byte);
out:
    return rc;
}

static sl_status weigh_records(const struct guess *guess, struct reading *reading,
                               struct sl_error *err)
{
    const struct sl_csv_window *window = guess->window;
    struct sl_csv_walk          walk = {.ended = true};
    sl_status                   rc = SL_OK;

    while (
        walk.ended && reading->n_records < ENOUGH_RECORDS &&
        (reading->n_records == 0 || sl_csv_window_tell(window) - reading->begin < ENOUGH_BYTES)) {
        walk = (struct sl_csv_walk){0};
        SL_TRY(walk_record(guess, &walk, err));
        if (sl_csv_walk_blank(&walk) || (!walk.ended && !window->at_end))
            continue;
        reading->n_odd += walk.n_odd;
        reading->n_records++;
        reading->n_good += walk.n_delimiters + 1 == guess->header->n_fields &&
                           (walk.ended || walk.state != SL_CSV_QUOTED);
    }
out:
    return rc;
}

static sl_status read_as(const struct guess *guess, enum sl_csv_state state,
                         struct reading *reading, struct sl_error *err)
{
    sl_status rc;

    *reading = (struct reading){.begin = -1};
    sl_csv_window_seek(guess->window, guess->from, guess->window->soft_end,
                       guess->window->hard_end);
    SL_TRY(find_begin(guess, state, reading, err));
    if (reading->begin >= 0)
        SL_TRY(weigh_records(guess, reading, err));
out:
    return rc;
}

/* Both readings start at least one byte before the chunk, which may be a line feed that ends a
 * record right there, and at a byte that follows no quote: of a quote one could not say whether it
 * opened, closed or was the second of two.  What the byte before allows outside quotes is in
 * *state. */
static sl_status find_start(struct guess *guess, enum sl_csv_state *state, struct sl_error *err)
{
    struct sl_csv_window *window = guess->window;
    int64_t               back = guess->first_byte - FAR_BACK;
    size_t                at;
    char                  before = '\n';
    sl_status             rc = SL_OK;

    if (back < guess->header->end)
        back = guess->header->end;
    sl_csv_window_seek(window, back, window->soft_end, window->hard_end);
    at = (size_t)(guess->first_byte - 1 - back);
    while (window->n_bytes <= window->at + at && !window->at_end && !window->at_limit)
        SL_TRY(sl_csv_window_more(window, err));
    if (window->n_bytes <= window->at + at)
        at = window->n_bytes - window->at; /* a chunk behind the end of the file */
    for (; at > 0; at--) {
        before = window->data[window->at + at - 1];
        if (before != guess->dialect->quote)
            break;
    }
    guess->from = back + (int64_t)at;
    *state = SL_CSV_TEXT;
    if (guess->from == guess->header->end || before == '\n' || before == guess->dialect->delimiter)
        *state = SL_CSV_FIELD_START;
out:
    return rc;
}

static bool is_perfect(const struct reading *reading)
{
    return reading->begin >= 0 && reading->n_odd == 0 && reading->n_records > 0 &&
           reading->n_good == reading->n_records;
}

/* Whether the file fits reading a better than b: a larger share of good records (of none, all are
 * good), else fewer odd quotes. */
static bool fits_better(const struct reading *a, const struct reading *b)
{
    bool    none_a = a->n_records == 0;
    bool    none_b = b->n_records == 0;
    int64_t share_a = (a->n_good + none_a) * (b->n_records + none_b);
    int64_t share_b = (b->n_good + none_b) * (a->n_records + none_a);

    if (a->begin < 0 || b->begin < 0)
        return b->begin < 0 && a->begin >= 0;
    return share_a != share_b ? share_a > share_b : a->n_odd < b->n_odd;
}

sl_status sl_csv_guess(const struct sl_csv_header *header, const struct sl_csv_dialect *dialect,
                       int64_t first_byte, struct sl_csv_window *window, int64_t *begin,
                       struct sl_error *err)
{
    struct guess      guess = {header, dialect, window, first_byte, 0};
    struct reading    outside;
    struct reading    inside;
    enum sl_csv_state state;
    sl_status         rc;

    SL_TRY(find_start(&guess, &state, err));
    SL_TRY(read_as(&guess, state, &outside, err));
    *begin = outside.begin;
    if (guess.from == header->end || is_perfect(&outside))
        return SL_OK;
    SL_TRY(read_as(&guess, SL_CSV_QUOTED, &inside, err));
    if (fits_better(&inside, &outside))
        *begin = inside.begin;
out:
    return rc;
}
