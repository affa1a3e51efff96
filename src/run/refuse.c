/* The summary of a command that never began. */
#include "run_impl.h"
#include "scoreline/clock.h"
#include "scoreline/timing.h"
#include "summary.h"

static sl_status save(const struct sl_refusal *refusal, sl_status ended, const struct sl_error *why,
                      struct sl_error *err)
{
    struct summary_head head = {.command = refusal->command, .n_ranks = refusal->n_ranks};
    struct run_pace     pace = {0};
    struct sl_timing    timing;
    struct sl_json_doc *doc = NULL;
    char                date[32];
    sl_status           rc;

    sl_clock_date(date, sizeof date);
    head.began = date;
    run_time(sl_comm_self(), refusal->watch, &pace, 0, &timing); /* the others may be gone */
    SL_TRY(summary_begin(&head, ended, why, &doc, err));
    SL_TRY(sl_timing_to_json(&timing, sl_json_root(doc), err));
    rc = summary_save(doc, refusal->summary, err);
out:
    sl_json_close(doc);
    return rc;
}

sl_status sl_refuse(const struct sl_refusal *refusal, sl_status rc, struct sl_error *err)
{
    struct sl_error fault;
    const sl_status saved = save(refusal, rc, err, &fault);

    return summary_settle(rc, saved, refusal->summary, &fault, err);
}
