/* HDF5 crashes at exit when a file could not be flushed while it was closed.  It therefore builds
 * the output's structure here, where nothing is ever full, and plain writes take it to the disk. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scoreline/file.h"
#include "scoreline/memory.h"
#include "temp_file.h"

enum { COPY_BYTES = 1 << 16 };

sl_status sl_image_create(struct sl_image *image, struct sl_error *err)
{
    *image = (struct sl_image){.fd = memfd_create("scoreline-structure", MFD_CLOEXEC)};
    if (image->fd < 0)
        return sl_fail(err, SL_EOUTPUT, "no file in memory: %s", strerror(errno));
    snprintf(image->path, sizeof image->path, "/proc/self/fd/%d", image->fd);
    return SL_OK;
}

void sl_image_close(struct sl_image *image)
{
    if (image->fd >= 0)
        close(image->fd);
    free(image->left_out);
    *image = (struct sl_image){.fd = -1};
}

/* --- what is left out --- */

/* Whole pages of the range; one that was filled in two steps goes with the second. */
static void give_back(const struct sl_image *image, const struct sl_image_range *range,
                      int64_t given_before)
{
    const int64_t page = sysconf(_SC_PAGESIZE);
    int64_t       begin = (range->begin + page - 1) / page * page;
    int64_t       end = range->end / page * page;

    if (begin < given_before / page * page)
        begin = given_before / page * page;
    if (begin < end) /* it may fail: only memory is lost */
        (void)fallocate(image->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, begin, end - begin);
}

sl_status sl_image_leave_out(struct sl_image *image, int64_t begin, int64_t end,
                             struct sl_error *err)
{
    struct sl_image_range *last;
    sl_status              rc;

    SL_TRY(sl_grow_array(&image->left_out, &image->capacity, image->n_left_out + 1,
                         sizeof *image->left_out, err));
    last = image->left_out + image->n_left_out;
    if (image->n_left_out > 0 && last[-1].end == begin)
        last--;
    else
        image->left_out[image->n_left_out++] = (struct sl_image_range){begin, begin};
    last->end = end;
    give_back(image, last, begin);
out:
    return rc;
}

/* --- copying --- */

static sl_status copy_bytes(int image, int to, int64_t begin, int64_t end, struct sl_error *err)
{
    char      buffer[COPY_BYTES];
    sl_status rc = SL_OK;

    while (begin < end && rc == SL_OK) {
        size_t  want = end - begin < COPY_BYTES ? (size_t)(end - begin) : COPY_BYTES;
        ssize_t n = pread(image, buffer, want, begin);

        if (n <= 0)
            return sl_fail(err, SL_EOUTPUT, "file in memory: %s", strerror(n < 0 ? errno : EIO));
        rc = sl_file_write_at(to, buffer, (size_t)n, begin, err);
        begin += n;
    }
    return rc;
}

/* Bytes [begin, end) but for holes. */
static sl_status copy_range(int image, int to, int64_t begin, int64_t end, struct sl_error *err)
{
    int64_t   data = lseek(image, begin, SEEK_DATA);
    sl_status rc = SL_OK;

    while (data >= 0 && data < end && rc == SL_OK) { /* no data from there on: -1 */
        int64_t hole = lseek(image, data, SEEK_HOLE);
        int64_t stop = hole < end ? hole : end;

        rc = copy_bytes(image, to, data, stop, err);
        data = lseek(image, stop, SEEK_DATA);
    }
    return rc;
}

static int compare_ranges(const void *a, const void *b)
{
    int64_t one = ((const struct sl_image_range *)a)->begin;
    int64_t other = ((const struct sl_image_range *)b)->begin;

    return (one > other) - (one < other);
}

sl_status sl_image_copy(struct sl_image *image, int to, int64_t *n_bytes, struct sl_error *err)
{
    int64_t   size = lseek(image->fd, 0, SEEK_END);
    int64_t   done = 0;
    sl_status rc = SL_OK;

    if (size < 0 || ftruncate(to, size) != 0)
        return sl_fail(err, SL_EOUTPUT, "%s", strerror(errno));
    if (image->n_left_out > 0)
        qsort(image->left_out, image->n_left_out, sizeof *image->left_out, compare_ranges);
    for (size_t i = 0; i < image->n_left_out && rc == SL_OK; i++) {
        rc = copy_range(image->fd, to, done, image->left_out[i].begin, err);
        done = image->left_out[i].end;
    }
    if (rc == SL_OK)
        rc = copy_range(image->fd, to, done, size, err);
    *n_bytes = size;
    return rc;
}
