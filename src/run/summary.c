/* What all summaries have in common: head, file, and what becomes of one that cannot be written. */
#include "summary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scoreline/clock.h"
#include "scoreline/file.h"
#include "scoreline/text.h"
#include "scoreline/version.h"

static const char format[] = "scoreline-summary";

sl_status summary_begin(const struct summary_head *head, sl_status ended,
                        const struct sl_error *why, struct sl_json_doc **doc, struct sl_error *err)
{
    struct sl_json *root;
    char            host[256] = "";
    char            date[32];
    sl_status       rc;

    sl_clock_date(date, sizeof date);
    gethostname(host, sizeof host - 1);
    SL_TRY(sl_json_create(doc, err));
    root = sl_json_root(*doc);
    SL_TRY(sl_json_add_text(root, "format", format, err));
    SL_TRY(sl_json_add_number(root, "version", 1, err));
    SL_TRY(sl_json_add_text(root, "software", sl_version_line(), err));
    SL_TRY(sl_json_add_text(root, "command", head->command != NULL ? head->command : "", err));
    SL_TRY(sl_json_add_number(root, "exit_code", sl_exit_code(ended), err));
    SL_TRY(sl_json_add_text(root, "status", sl_status_name(ended), err));
    SL_TRY(sl_json_add_text(root, "message", ended != SL_OK ? why->text : "", err));
    SL_TRY(sl_json_add_bool(root, "already_complete", head->already_complete, err));
    SL_TRY(sl_json_add_text(root, "began", head->began, err));
    SL_TRY(sl_json_add_text(root, "ended", date, err));
    SL_TRY(sl_json_add_text(root, "host", host, err));
    SL_TRY(sl_json_add_number(root, "ranks", head->n_ranks, err));
    if (head->job != NULL)
        SL_TRY(sl_json_add_text(root, "job", head->job, err));
    if (head->output != NULL)
        SL_TRY(sl_json_add_text(root, "output", head->output, err));
out:
    return rc;
}

sl_status summary_add_counts(struct sl_json *to, const struct run_count *counts, size_t n,
                             struct sl_error *err)
{
    sl_status rc = SL_OK;

    for (size_t i = 0; i < n && rc == SL_OK; i++)
        rc = sl_json_add_number(to, counts[i].name, (double)counts[i].value, err);
    return rc;
}

/* Whether an open file begins as a summary does, or is empty. */
static bool is_ours(FILE *file)
{
    char         head[128];
    const size_t n = fread(head, 1, sizeof head - 1, file);

    head[n] = '\0';
    return n == 0 || strstr(head, format) != NULL;
}

sl_status summary_check(const char *path, struct sl_error *err)
{
    struct stat there;
    FILE       *file;
    bool        is_free = false;

    if (stat(path, &there) != 0)
        return SL_OK; /* what else may be wrong with it shows when it is written */
    if (S_ISREG(there.st_mode) && (file = fopen(path, "re")) != NULL) {
        is_free = is_ours(file);
        fclose(file);
    }
    if (is_free)
        return SL_OK;
    return sl_fail(err, SL_EOUTPUT,
                   "'%s' exists and is no earlier summary; name another with --summary", path);
}

sl_status summary_save(const struct sl_json_doc *doc, const char *path, struct sl_error *err)
{
    char     *text = NULL;
    sl_status rc;

    SL_TRY(summary_check(path, err));
    SL_TRY(sl_json_print(sl_json_root(doc), true, &text, err));
    rc = sl_file_save(path, text, strlen(text), err);
out:
    free(text);
    return rc;
}

sl_status summary_settle(sl_status rc, sl_status second, const char *subject,
                         const struct sl_error *fault, struct sl_error *err)
{
    size_t n_bytes;

    if (second == SL_OK)
        return rc;
    if (rc == SL_OK) {
        *err = *fault;
        return second;
    }
    if (strstr(err->text, subject) != NULL) /* it is why the command ended */
        return rc;
    n_bytes = strlen(err->text);
    snprintf(err->text + n_bytes, sizeof err->text - n_bytes, "; and %s", fault->text);
    return rc;
}
