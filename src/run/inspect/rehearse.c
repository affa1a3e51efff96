/* A run that does nothing: it tells what it would do, and ends with the fault that it would end
 * with, as far as that can be known without reading the data. */
#include "rehearse.h"

#include <stdlib.h>

#include "scoreline/json.h"

sl_status run_tell(FILE *to, bool as_json, const struct sl_json *what,
                   void (*table)(FILE *to, const struct sl_json *what), struct sl_error *err)
{
    char     *text = NULL;
    sl_status rc = SL_OK;

    if (to == NULL)
        return SL_OK;
    if (!as_json) {
        table(to, what);
        return SL_OK;
    }
    rc = sl_json_print(what, true, &text, err);
    if (rc == SL_OK)
        fprintf(to, "%s\n", text);
    free(text);
    return rc;
}

sl_status run_tell_plan(struct run      *run, void (*table)(FILE *to, const struct sl_json *what),
                        struct sl_error *err)
{
    struct sl_json_doc *doc = NULL;
    struct sl_error     fault;
    sl_status           found;
    sl_status           rc;

    SL_TRY(sl_json_create(&doc, err));
    found = run_describe(run, sl_json_root(doc), &fault);
    if (found == SL_OK || sl_json_find(sl_json_root(doc), "fault") != NULL)
        SL_TRY(run_tell(run->opts->results, run->opts->as_json, sl_json_root(doc), table, err));
    if (found != SL_OK)
        *err = fault;
    rc = found;
out:
    sl_json_close(doc);
    return rc;
}

sl_status run_rehearse(struct run *run, struct sl_error *err)
{
    sl_status rc = SL_OK;

    if (sl_comm_rank(run->comm) == 0)
        rc = run_tell_plan(run, sl_report_plan, err);
    return sl_comm_agree(run->comm, rc, err);
}
