/* bench/limit_reply.c -- a command line in, so many octets out: from memory, or from a file that
 * stands in the page cache. */
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "limit.h"

enum { FILE_OCTETS_LEAST = 64 << 20 };

static size_t piece(uint64_t left)
{
    return left < LIMIT_ROOM_OCTETS ? left : LIMIT_ROOM_OCTETS;
}

bool limit_reply(struct limit_side *s)
{
    if (!stream_read_line(s))
        return false;
    for (uint64_t left = s->shared->options.octets; left > 0; left -= piece(left))
        stream_write(s, s->room, piece(left));
    return true;
}

void limit_reply_ask(struct limit_side *s)
{
    stream_write_str(s, "a FETCH 1234 BODY.PEEK[]\r\n");
    stream_skip(s, s->shared->options.octets);
    s->octets += s->shared->options.octets;
}

void limit_body_prepare(struct limit_shared *s)
{
    scoped_free char *octets = mem_calloc(1, 1 << 20);
    char path[100];

    snprintf(path, sizeof(path), "%s/bodies", s->directory);
    s->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    while (s->file_octets < FILE_OCTETS_LEAST || s->file_octets < s->options.octets) {
        if (write(s->file, octets, 1 << 20) != 1 << 20)
            drive_die("%s cannot be written", path);
        s->file_octets += 1 << 20;
    }
}

bool limit_body(struct limit_side *s)
{
    uint64_t left = s->shared->options.octets;
    uint64_t at = random_below(&s->random, (uint32_t)(s->shared->file_octets - left + 1));

    if (!stream_read_line(s))
        return false;
    for (size_t n; left > 0; left -= n, at += n) {
        n = piece(left);
        if (pread(s->shared->file, s->room, n, (off_t)at) != (ssize_t)n)
            drive_die("the file cannot be read");
        stream_write(s, s->room, n);
    }
    return true;
}
