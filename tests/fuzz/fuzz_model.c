/* Model files: rebuilt or refused with a message; what was rebuilt, printed, is rebuilt again and
 * printed the same. */
#include <string.h>

#include "fuzz.h"
#include "scoreline/bundle.h"

static char *print(const struct sl_bundle *bundle)
{
    struct sl_error err;
    char           *text = NULL;

    FUZZ_CHECK(sl_bundle_print(bundle, &text, &err) == SL_OK);
    return text;
}

static void parse_again(const char *text)
{
    struct sl_error  err;
    struct sl_bundle bundle = {0};
    char            *again;

    FUZZ_CHECK(sl_bundle_parse(text, strlen(text), "again", &bundle, &err) == SL_OK);
    again = print(&bundle);
    FUZZ_CHECK(strcmp(text, again) == 0);
    free(again);
    sl_bundle_release(&bundle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_error  err = {.code = SL_OK};
    struct sl_bundle bundle = {0};
    char            *text = NULL;
    const sl_status  rc = sl_bundle_parse((const char *)data, size, "model.json", &bundle, &err);

    FUZZ_CHECK(rc == SL_OK || rc == SL_EJOB || rc == SL_EUNSUPPORTED);
    if (rc == SL_OK)
        parse_again(text = print(&bundle));
    else
        FUZZ_CHECK(err.text[0] != '\0');
    free(text);
    sl_bundle_release(&bundle);
    return 0;
}
