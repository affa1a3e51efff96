/* Records one behind the other.  Each bears the fingerprint itself, so that a file needs no head.
 */
#include "scoreline/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scoreline/clock.h"
#include "scoreline/file.h"
#include "scoreline/hash.h"
#include "scoreline/memory.h"

#define MAGIC UINT64_C(0x72676c2d656e6c73) /* "slne-lgr" */
static const double sync_every_s = 3;

/* Byte order and sizes are the machine's: a ledger is read where it was written. */
struct head {
    uint64_t magic;
    uint64_t fingerprint;
    int64_t  unit;
    uint64_t n_bytes; /* of the result, which follows */
    uint32_t crc;     /* of what stands before it, and of the result */
    uint32_t padding;
};

struct sl_ledger {
    const char    *path;
    uint64_t       fingerprint;
    int            fd; /* -1: not made yet */
    int64_t        n_bytes;
    double         synced_at;
    struct sl_text record; /* scratch */
};

static uint64_t hash_of(const char *fingerprint)
{
    struct sl_hash hash;

    sl_hash_init(&hash);
    sl_hash_add_text(&hash, fingerprint);
    return sl_hash_value(&hash);
}

static uint32_t crc_of(const struct head *head, const char *result)
{
    return sl_crc32c(sl_crc32c(0, head, offsetof(struct head, crc)), result, head->n_bytes);
}

sl_status sl_ledger_create(const char *path, const char *fingerprint, struct sl_ledger **out,
                           struct sl_error *err)
{
    sl_status rc = sl_alloc_array(1, sizeof **out, out, err);

    if (rc == SL_OK)
        **out = (struct sl_ledger){.path = path, .fingerprint = hash_of(fingerprint), .fd = -1};
    return rc;
}

void sl_ledger_close(struct sl_ledger *ledger)
{
    if (ledger == NULL)
        return;
    if (ledger->fd >= 0)
        close(ledger->fd);
    sl_text_release(&ledger->record);
    free(ledger);
}

static sl_status failed(const struct sl_ledger *ledger, struct sl_error *err)
{
    return sl_fail(err, SL_EOUTPUT, "cannot write '%s': %s", ledger->path, strerror(errno));
}

sl_status sl_ledger_sync(struct sl_ledger *ledger, struct sl_error *err)
{
    ledger->synced_at = sl_clock_now();
    if (ledger->fd >= 0 && fdatasync(ledger->fd) != 0)
        return failed(ledger, err);
    return SL_OK;
}

static sl_status make_record(struct sl_ledger *ledger, int64_t unit, struct sl_slice result,
                             struct sl_error *err)
{
    struct head head;
    sl_status   rc;

    memset(&head, 0, sizeof head);
    head.magic = MAGIC;
    head.fingerprint = ledger->fingerprint;
    head.unit = unit;
    head.n_bytes = result.n_bytes;
    head.crc = crc_of(&head, result.data);
    ledger->record.n_bytes = 0;
    SL_TRY(sl_text_add_bytes(&ledger->record, &head, sizeof head, err));
    SL_TRY(sl_text_add_bytes(&ledger->record, result.data, result.n_bytes, err));
out:
    return rc;
}

sl_status sl_ledger_add(struct sl_ledger *ledger, int64_t unit, struct sl_slice result,
                        struct sl_error *err)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    sl_status rc;

    SL_TRY(make_record(ledger, unit, result, err));
    if (ledger->fd < 0) {
        ledger->fd = open(ledger->path, flags, 0600);
        ledger->synced_at = sl_clock_now();
    }
    if (ledger->fd < 0)
        return failed(ledger, err);
    rc = sl_file_write_at(ledger->fd, ledger->record.data, ledger->record.n_bytes, ledger->n_bytes,
                          err);
    if (rc != SL_OK) {
        sl_error_in(err, "'%s'", ledger->path);
        return rc;
    }
    ledger->n_bytes += (int64_t)ledger->record.n_bytes;
    if (sl_clock_now() - ledger->synced_at > sync_every_s)
        rc = sl_ledger_sync(ledger, err);
out:
    return rc;
}

bool sl_ledger_next(struct sl_slice file, const char *fingerprint, size_t *at, int64_t *unit,
                    struct sl_slice *result)
{
    const uint64_t wanted = hash_of(fingerprint);
    struct head    head;

    while (file.n_bytes - *at >= sizeof head) {
        const char *data = file.data + *at + sizeof head;

        memcpy(&head, file.data + *at, sizeof head);
        if (head.magic != MAGIC || head.n_bytes > file.n_bytes - *at - sizeof head ||
            crc_of(&head, data) != head.crc)
            return false;
        *at += sizeof head + head.n_bytes;
        *unit = head.unit;
        *result = (struct sl_slice){data, head.n_bytes};
        if (head.fingerprint == wanted)
            return true;
    }
    return false;
}
