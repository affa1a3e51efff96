/* Reports of a learning curve whose JSON is on standard input: `draw_curve table`, `words`, `svg`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoreline/json.h"
#include "scoreline/report.h"
#include "scoreline/text.h"

static sl_status report(const char *form, const struct sl_json *result, struct sl_error *err)
{
    if (strcmp(form, "svg") == 0)
        return sl_report_learning_curve_svg(stdout, result, err);
    if (strcmp(form, "words") == 0)
        sl_report_learning_curve_words(stdout, result);
    else
        sl_report_learning_curve(stdout, result);
    return SL_OK;
}

int main(int argc, char **argv)
{
    struct sl_text      text = {0};
    struct sl_json_doc *doc = NULL;
    struct sl_error     err = {0};
    char                bytes[4096];
    size_t              n;
    sl_status           rc = SL_OK;

    if (argc != 2)
        return 2;
    while (rc == SL_OK && (n = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        rc = sl_text_add_bytes(&text, bytes, n, &err);
    if (rc == SL_OK)
        rc = sl_json_parse(text.data, text.n_bytes, "standard input", &doc, &err);
    if (rc == SL_OK)
        rc = report(argv[1], sl_json_root(doc), &err);
    if (rc != SL_OK)
        fprintf(stderr, "%s\n", err.text);
    sl_json_close(doc);
    sl_text_release(&text);
    return rc == SL_OK ? 0 : 1;
}
