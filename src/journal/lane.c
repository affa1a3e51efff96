/* Stripes of a file: where a lane's bytes lie in it. */
#include "lane.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record.h"
#include "scoreline/file.h"
#include "scoreline/hash.h"

#define LANE_MAGIC UINT64_C(0x4c4e524a4c434f53) /* "SOCLJRNL" */
enum { LANE_VERSION = 1 };

static uint32_t crc_of(const struct lane_head *head)
{
    return sl_crc32c(0, &head->n_lanes, sizeof *head - offsetof(struct lane_head, n_lanes));
}

struct lane_head lane_head(const struct sl_journal_spec *spec, const struct sl_rows *rows)
{
    struct lane_head head = {.magic = LANE_MAGIC,
                             .version = LANE_VERSION,
                             .n_lanes = spec->n_lanes,
                             .n_columns = rows->table.n_columns,
                             .n_counts = rows->n_counts,
                             .identity = spec->identity};

    for (int i = 0; i < rows->table.n_columns; i++)
        head.row_bytes += sl_column_bytes(&rows->table.columns[i]);
    head.crc = crc_of(&head);
    return head;
}

bool lane_heads_agree(const struct lane_head *a, const struct lane_head *b)
{
    return a->n_columns == b->n_columns && a->n_counts == b->n_counts &&
           a->row_bytes == b->row_bytes &&
           memcmp(&a->identity, &b->identity, sizeof a->identity) == 0;
}

static sl_status failed(const struct lane *lane, const char *what, const char *why,
                        struct sl_error *err)
{
    return sl_fail(err, SL_EOUTPUT, "cannot %s journal '%s': %s", what, lane->path, why);
}

sl_status lane_create(struct lane *lane, const struct lane_head *head, struct sl_error *err)
{
    sl_status rc;

    lane->fd = open(lane->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (lane->fd < 0)
        return failed(lane, "create", strerror(errno), err);
    rc = sl_file_write_at(lane->fd, head, sizeof *head, 0, err);
    if (rc != SL_OK)
        sl_error_in(err, "cannot write journal '%s'", lane->path);
    return rc;
}

static bool head_is_sound(const struct lane_head *head, size_t n_read)
{
    return n_read == sizeof *head && head->magic == LANE_MAGIC && head->version == LANE_VERSION &&
           head->crc == crc_of(head) && head->n_lanes >= 1 && head->n_lanes <= LANE_MOST &&
           head->n_columns >= 0;
}

sl_status lane_open(struct lane *lane, struct lane_head *head, int64_t *n_bytes,
                    struct sl_error *err)
{
    struct stat file;
    size_t      n_read = 0;
    sl_status   rc;

    lane->fd = open(lane->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (lane->fd < 0 && errno == ELOOP)
        return SL_OK;
    if (lane->fd < 0 || fstat(lane->fd, &file) != 0)
        return failed(lane, "open", strerror(errno), err);
    *n_bytes = file.st_size;
    rc = sl_file_read_at(lane->fd, head, sizeof *head, 0, &n_read, err);
    if (rc != SL_OK)
        sl_error_in(err, "cannot read journal '%s'", lane->path);
    lane->n_lanes = head->n_lanes;
    if (rc != SL_OK || !S_ISREG(file.st_mode) || !head_is_sound(head, n_read)) {
        close(lane->fd);
        lane->fd = -1;
    }
    return rc;
}

/* Where a lane's byte lies, and how many follow it there. */
static int64_t place_of(const struct lane *lane, int64_t at, size_t *n_there)
{
    const int64_t stripe = at / LANE_STRIPE_BYTES;
    const int64_t within = at % LANE_STRIPE_BYTES;

    *n_there = (size_t)(LANE_STRIPE_BYTES - within);
    return LANE_HEAD_BYTES + (stripe * lane->n_lanes + lane->lane) * LANE_STRIPE_BYTES + within;
}

sl_status lane_write(const struct lane *lane, int64_t at, const void *data, size_t n_bytes,
                     struct sl_error *err)
{
    const char *from = data;

    while (n_bytes > 0) {
        size_t        n_there;
        const int64_t place = place_of(lane, at, &n_there);
        const size_t  n = n_bytes < n_there ? n_bytes : n_there;
        sl_status     rc = sl_file_write_at(lane->fd, from, n, place, err);

        if (rc != SL_OK) {
            sl_error_in(err, "cannot write journal '%s'", lane->path);
            return rc;
        }
        from += n;
        at += (int64_t)n;
        n_bytes -= n;
    }
    return SL_OK;
}

sl_status lane_read(const struct lane *lane, int64_t at, void *data, size_t n_bytes, size_t *n_read,
                    struct sl_error *err)
{
    char *to = data;

    *n_read = 0;
    while (*n_read < n_bytes) {
        size_t        n_there;
        const int64_t place = place_of(lane, at + (int64_t)*n_read, &n_there);
        size_t        n = n_bytes - *n_read < n_there ? n_bytes - *n_read : n_there;
        size_t        n_got;
        sl_status     rc = sl_file_read_at(lane->fd, to + *n_read, n, place, &n_got, err);

        if (rc != SL_OK) {
            sl_error_in(err, "cannot read journal '%s'", lane->path);
            return rc;
        }
        *n_read += n_got;
        if (n_got < n)
            break;
    }
    return SL_OK;
}
