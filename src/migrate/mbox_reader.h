/* migrate/mbox_reader.h -- reading an mbox file in pieces of lines, from any offset.
 *
 * Private to the room. A line longer than MBOX_PIECE_OCTETS comes in several pieces; only the
 * first can be a From line or a header of interest, and all that is asked of a line stands in it.
 */
#ifndef ROOST_MIGRATE_MBOX_READER_H
#define ROOST_MIGRATE_MBOX_READER_H

#include "migrate/mbox.h"

enum { MBOX_PIECE_OCTETS = 64 * 1024 };

struct mbox_reader {
    int fd;
    uint64_t offset; /* in the file, of the next piece */
    size_t from, to; /* octets in `data` not given out yet; those before `from` are kept for a
                        while, since each message is read twice */
    bool mid_line;   /* the next piece continues a line */
    bool end;        /* the file has no more */
    char data[4 * MBOX_PIECE_OCTETS];
};

struct mbox_piece {
    struct slice octets; /* with the line end, if it has one */
    bool starts_line;
};

void mbox_reader_seek(struct mbox_reader *r, int fd, uint64_t offset);

/* ERR_MORE: end of file. ERR_IO. */
must_use enum err mbox_reader_next(struct mbox_reader *r, struct mbox_piece *out);

/* A line without its LF or CRLF. */
struct slice mbox_without_end(struct slice line);

#endif
