/* migrate/mbox_reader.c -- see mbox_reader.h. */
#include "migrate/mbox_reader.h"

#include <errno.h>
#include <unistd.h>

void mbox_reader_seek(struct mbox_reader *r, int fd, uint64_t offset)
{
    uint64_t base = r->offset - r->from; /* of data[0] in the file */

    r->mid_line = false;
    if (r->fd != fd || offset < base || offset > base + r->to) {
        base = offset;
        r->to = 0;
        r->end = false;
    }
    r->fd = fd;
    r->offset = offset;
    r->from = (size_t)(offset - base);
}

static enum err fill(struct mbox_reader *r)
{
    ssize_t n;

    if (sizeof(r->data) - r->to < MBOX_PIECE_OCTETS) {
        memmove(r->data, r->data + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    do
        n = pread(r->fd, r->data + r->to, sizeof(r->data) - r->to,
                  (off_t)(r->offset - r->from + r->to));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return ERR_IO;
    r->end = n == 0;
    r->to += (size_t)n;
    return ERR_OK;
}

static void give(struct mbox_reader *r, size_t n, bool ends_line, struct mbox_piece *out)
{
    out->octets = slice_of(r->data + r->from, n);
    out->starts_line = !r->mid_line;
    r->mid_line = !ends_line;
    r->from += n;
    r->offset += n;
}

enum err mbox_reader_next(struct mbox_reader *r, struct mbox_piece *out)
{
    for (;;) {
        struct slice have = slice_of(r->data + r->from, r->to - r->from);
        size_t lf = slice_find(slice_sub(have, 0, MBOX_PIECE_OCTETS), '\n');

        if (lf < have.n && lf < MBOX_PIECE_OCTETS) {
            give(r, lf + 1, true, out);
            return ERR_OK;
        }
        if (have.n >= MBOX_PIECE_OCTETS || (r->end && have.n > 0)) {
            give(r, have.n < MBOX_PIECE_OCTETS ? have.n : MBOX_PIECE_OCTETS, false, out);
            return ERR_OK;
        }
        if (r->end)
            return ERR_MORE;
        TRY(fill(r));
    }
}

struct slice mbox_without_end(struct slice line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\n')
        line.n--;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}
