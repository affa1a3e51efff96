/* Watching a run: status.json is read again and again.  Whether it is alive shows in that file
 * alone, for the run may be on another host, whose clock and whose locks are its own. */
#include "scoreline/watch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scoreline/bytes.h"
#include "scoreline/clock.h"
#include "scoreline/json.h"
#include "scoreline/parts.h"
#include "scoreline/progress.h"
#include "scoreline/sink.h"
#include "scoreline/text.h"
#include "trials/search.h"

enum { MOST_STATUS_BYTES = 1 << 28 };
static const double silence_s = 12; /* a run writes once a second, and disks may be slow */
static const double look_s = 0.5;

struct watch {
    const struct sl_watch_opts *opts;
    char                       *path;  /* of the status */
    char                       *text;  /* as it was last */
    double                      since; /* when that was first seen */
    bool                        is_drawn;
    bool                        has_ended;
};

/* --- looking ---------------------------------------------------------------------------------- */

static sl_status end_without_status(struct watch *w, struct sl_error *err)
{
    char fingerprint[64];

    w->has_ended = true;
    if (search_look(w->opts->output, fingerprint, sizeof fingerprint) == SL_OUTPUT_COMPLETE) {
        fprintf(w->opts->results, "'%s' is complete\n", w->opts->output);
        return SL_OK;
    }
    if (w->text != NULL)
        return sl_fail(err, SL_EOUTPUT, "the run has ended and left no output '%s'",
                       w->opts->output);
    return sl_fail(err, SL_EINPUT, "there is no output '%s', and no run that tells of one ('%s')",
                   w->opts->output, w->path);
}

/* The status of an exit code; a run that ended well left none. */
static sl_status status_of(double exit_code)
{
    for (int status = SL_OK + 1; status <= SL_EBUG; status++)
        if (sl_exit_code((sl_status)status) == exit_code)
            return (sl_status)status;
    return SL_EBUG;
}

static sl_status end_with_status(struct watch *w, const struct sl_json *root, struct sl_error *err)
{
    const sl_status ended = status_of(sl_json_number(sl_json_find(root, "exit")));
    const char     *message = sl_json_text(sl_json_find(root, "message"));

    w->has_ended = true;
    return sl_fail(err, ended, "the run has ended: %s", message != NULL ? message : "?");
}

static void show(struct watch *w, const struct sl_json *root, bool is_news)
{
    const enum sl_progress_form form = w->opts->form;
    FILE                       *to = w->opts->results;
    struct sl_progress          progress;

    sl_progress_from_json(root, &progress);
    if (form == SL_PROGRESS_NONE || !is_news)
        return;
    if (form == SL_PROGRESS_BAR)
        sl_report_progress_bar(to, &progress);
    else
        sl_report_progress(to, &progress);
    sl_report_slowest(to, &progress);
    w->is_drawn = form == SL_PROGRESS_BAR;
    if (!w->is_drawn)
        fputs("\n", to);
    fflush(to);
}

static sl_status read_status(struct watch *w, char **text, size_t *n_bytes, struct sl_error *err)
{
    *text = NULL;
    if (access(w->path, F_OK) != 0)
        return SL_OK;
    if (sl_bytes_slurp(w->path, MOST_STATUS_BYTES, text, n_bytes, err) == SL_OK ||
        access(w->path, F_OK) != 0) /* it went meanwhile */
        return SL_OK;
    return err->code;
}

/* Once. */
static sl_status look(struct watch *w, struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    char               *text;
    size_t              n_bytes = 0;
    bool                is_news;
    const char         *state;
    sl_status           rc;

    SL_TRY(read_status(w, &text, &n_bytes, err));
    if (text == NULL)
        return end_without_status(w, err);
    is_news = w->text == NULL || strcmp(w->text, text) != 0;
    if (is_news)
        w->since = sl_clock_now();
    free(w->text);
    w->text = text;
    rc = sl_json_parse(text, n_bytes, w->path, &doc, err);
    if (rc != SL_OK)
        return err->code = SL_EINPUT;
    state = sl_json_text(sl_json_find(sl_json_root(doc), "state"));
    if (state != NULL && strcmp(state, "ended") == 0) {
        rc = end_with_status(w, sl_json_root(doc), err);
        goto out;
    }
    show(w, sl_json_root(doc), is_news);
    if (sl_clock_now() - w->since > silence_s)
        rc = sl_fail(err, SL_EOUTPUT,
                     "the run has not been heard of for %.0f s: it or its host has died, or does "
                     "not reach the disk ('%s')",
                     silence_s, w->path);
out:
    sl_json_close(doc);
    return rc;
}

sl_status sl_watch(const struct sl_watch_opts *opts, struct sl_error *err)
{
    struct watch   w = {.opts = opts};
    struct sl_text path = {0};
    sl_status      rc;

    SL_TRY(sl_parts_locate(opts->output, SL_PARTS_STATUS, &path, err));
    w.path = path.data;
    for (;;) {
        SL_TRY(look(&w, err));
        if (w.has_ended || opts->once)
            break;
        sl_clock_sleep(look_s);
    }
out:
    if (w.is_drawn)
        fputs("\n", opts->results);
    free(w.text);
    sl_text_release(&path);
    return rc;
}
