/* bench/limit_scan.c -- one pass over the text of 100,000 small messages in the page cache for a
 * word in any case: SEARCH BODY without an index. */
#include <fcntl.h>
#include <unistd.h>

#include "corpus.h"
#include "limit.h"

enum { MESSAGES = 100000, WRITE_ABOVE_OCTETS = 1 << 20 };

static const char word[] = CORPUS_RARE_WORD;

static void write_all(struct limit_shared *s, struct buf *b)
{
    if (write(s->file, buf_slice(b).p, b->n) != (ssize_t)b->n)
        drive_die("the text cannot be written");
    s->file_octets += b->n;
    buf_clear(b);
}

void limit_scan_prepare(struct limit_shared *s)
{
    struct corpus *c = corpus_new(CORPUS_SMALL, MESSAGES);
    char path[100];
    struct buf b;

    snprintf(path, sizeof(path), "%s/text", s->directory);
    s->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    buf_init(&b, 2 * WRITE_ABOVE_OCTETS);
    for (uint32_t i = 0; i < MESSAGES; i++) {
        corpus_message(c, i, &b);
        if (b.n > WRITE_ABOVE_OCTETS)
            write_all(s, &b);
    }
    write_all(s, &b);
    buf_release(&b);
    corpus_free(&c);
}

typedef unsigned char octets16 __attribute__((vector_size(16)));

/* Lower case, so that memmem can look; sixteen octets at once. The room is a multiple of them. */
static void fold(char *p, size_t n)
{
    for (size_t i = 0; i < n; i += sizeof(octets16)) {
        octets16 v;

        memcpy(&v, p + i, sizeof(v));
        v += (octets16)(v - 'A' < 26) & ('a' - 'A');
        memcpy(p + i, &v, sizeof(v));
    }
}

static unsigned occurrences(const char *p, size_t n)
{
    unsigned found = 0;
    const char *end = p + n;

    while ((p = memmem(p, (size_t)(end - p), word, sizeof(word) - 1)) != NULL) {
        found++;
        p += sizeof(word) - 1;
    }
    return found;
}

bool limit_scan(struct limit_side *s)
{
    const size_t overlap = sizeof(word) - 2;
    unsigned found = 0;
    ssize_t n;

    for (uint64_t at = 0; at + overlap < s->shared->file_octets; at += (size_t)n - overlap) {
        n = pread(s->shared->file, s->room, LIMIT_ROOM_OCTETS, (off_t)at);
        if (n <= (ssize_t)overlap)
            drive_die("the text cannot be read");
        fold(s->room, (size_t)n);
        found += occurrences(s->room, (size_t)n);
    }
    if (found != 2 * MESSAGES / CORPUS_RARE_EVERY)
        drive_die("the word was found %u times", found);
    return true;
}
