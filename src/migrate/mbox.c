/* migrate/mbox.c -- see mbox.h.
 *
 * Each message is read twice: once to learn where it ends, how large it is, its marks and its
 * identity, and once to send it; the second time it comes out of the page cache. The empty line
 * before the next From line belongs to the format and is left out, so a line is held back until
 * the next one is known:
 *
 *     begin at a From line --> HEADER --empty line--> BODY --From line, end of file--> done
 *
 * Equal messages are told apart by counting: `seen` has one slot for each digest, by its
 * first 64 bits. Two different messages that share those only get a larger count, which does no
 * harm.
 */
#include "migrate/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/openssl.h"
#include "migrate/mbox_reader.h"
#include "wire/flag.h"

enum {
    SEEN_FIRST = 1024,  /* slots, a power of two */
    SEEN_MAX = 1 << 26, /* slots of 16 octets: 32 million different messages */
    DIGEST_OCTETS = 32,
    FLAGS_OCTETS_MAX = MBOX_KEYWORDS_OCTETS_MAX + 200,
};

struct seen_slot {
    uint64_t digest;
    uint64_t count; /* 0: empty */
};
struct seen {
    struct seen_slot *slot;
    size_t slots, n;
};

struct mbox {
    struct import *im;
    struct slice mailbox;
    int fd;
    uint64_t size;
    EVP_MD_CTX *md;
    struct seen seen;
    struct buf flags;
    struct mbox_reader reader;
};

/* What the first reading of a message finds out. */
struct found {
    uint64_t from;   /* offset of its first octet, behind the From line */
    uint64_t to;     /* offset behind its last, of the next From line or the file's end */
    uint64_t octets; /* as it will be sent */
    int64_t date_s;
    bool has_nul;
    struct mbox_marks marks;
    unsigned char digest[DIGEST_OCTETS];
};

/* ---- walking over one message ---------------------------------------------------------------- */

/* Where a walk is: decides what becomes of each piece. */
struct walk {
    bool in_body;
    bool skipping;     /* a continuation of a header that does not count */
    bool held;         /* an empty line that may belong to the format */
    struct slice hold; /* its octets: "\n" or "\r\n" */
};

static struct slice line_end_of(struct slice octets)
{
    return octets.n == 2 ? SLICE("\r\n") : SLICE("\n");
}

/* What of this piece is sent: without a ">" that the format has put in. */
static struct slice unquote(const struct walk *w, const struct mbox_piece *p)
{
    bool quoted = w->in_body && p->starts_line && mbox_is_quoted_from(p->octets);

    return slice_sub(p->octets, quoted, p->octets.n);
}

/* The first walk: the digest counts a header line only if it is the message's own. */
static bool counts(struct walk *w, const struct mbox_piece *p, struct mbox_marks *marks)
{
    bool continues = !p->starts_line || p->octets.p[0] == ' ' || p->octets.p[0] == '\t';

    if (w->in_body)
        return true;
    if (!continues)
        w->skipping = mbox_mark_line(mbox_without_end(p->octets), marks);
    return !w->skipping;
}

/* Called for every stretch of octets that belongs to the message; `own` as counts() says. */
typedef enum err on_octets(struct mbox *m, struct found *f, struct slice octets, bool own);

static enum err walk_piece(struct mbox *m, struct found *f, struct walk *w,
                           const struct mbox_piece *p, on_octets *each)
{
    bool empty = p->starts_line && mbox_without_end(p->octets).n == 0;

    if (w->held)
        TRY(each(m, f, w->hold, true));
    w->held = false;
    if (empty && w->in_body) {
        w->held = true;
        w->hold = line_end_of(p->octets);
        return ERR_OK;
    }
    if (empty) {
        w->in_body = true;
        return each(m, f, p->octets, true);
    }
    return each(m, f, unquote(w, p), counts(w, p, &f->marks));
}

/* From the reader's place to the next From line or the end; f->to is set. */
static enum err walk_message(struct mbox *m, struct found *f, uint64_t limit, on_octets *each)
{
    struct walk w = {0};
    struct mbox_piece p;
    enum err e;

    for (;;) {
        uint64_t at = m->reader.offset;
        int64_t date_s;

        f->to = at;
        if (at >= limit)
            return ERR_OK;
        e = mbox_reader_next(&m->reader, &p);
        if (e == ERR_MORE)
            return ERR_OK;
        TRY(e);
        if (p.starts_line && mbox_from_line(mbox_without_end(p.octets), &date_s))
            return ERR_OK;
        TRY(walk_piece(m, f, &w, &p, each));
    }
}

/* ---- first reading --------------------------------------------------------------------------- */

static enum err measure(struct mbox *m, struct found *f, struct slice octets, bool own)
{
    f->octets += octets.n;
    f->has_nul |= slice_find(octets, '\0') < octets.n;
    if (own && EVP_DigestUpdate(m->md, octets.p, octets.n) != 1)
        return ERR_BUG;
    return ERR_OK;
}

static enum err find_message(struct mbox *m, struct found *f)
{
    f->from = m->reader.offset;
    if (EVP_DigestInit_ex(m->md, EVP_sha256(), NULL) != 1)
        return ERR_BUG;
    TRY(walk_message(m, f, UINT64_MAX, measure));
    return EVP_DigestFinal_ex(m->md, f->digest, NULL) == 1 ? ERR_OK : ERR_BUG;
}

/* ---- which of several equal ones ------------------------------------------------------------- */

static struct seen_slot *seen_find(const struct seen *s, uint64_t digest)
{
    size_t at = digest & (s->slots - 1);

    while (s->slot[at].count != 0 && s->slot[at].digest != digest)
        at = (at + 1) & (s->slots - 1);
    return &s->slot[at];
}

static enum err seen_grow(struct seen *s)
{
    struct seen larger = {.slots = s->slots == 0 ? SEEN_FIRST : 2 * s->slots, .n = s->n};

    if (larger.slots > SEEN_MAX)
        return ERR_LIMIT;
    larger.slot = mem_calloc(larger.slots, sizeof(*larger.slot));
    for (size_t i = 0; i < s->slots; i++) {
        if (s->slot[i].count != 0)
            *seen_find(&larger, s->slot[i].digest) = s->slot[i];
    }
    free(s->slot);
    *s = larger;
    return ERR_OK;
}

/* How many messages with this digest have come before. */
static enum err count_before(struct seen *s, const unsigned char digest[DIGEST_OCTETS],
                             uint64_t *before)
{
    struct seen_slot *slot;
    uint64_t d;

    if (s->n >= s->slots / 2)
        TRY(seen_grow(s));
    memcpy(&d, digest, sizeof(d));
    slot = seen_find(s, d);
    s->n += slot->count == 0;
    slot->digest = d;
    *before = slot->count++;
    return ERR_OK;
}

/* ---- second reading -------------------------------------------------------------------------- */

static enum err send_octets(struct mbox *m, struct found *f, struct slice octets, bool own)
{
    (void)own;
    if (octets.n > f->octets)
        return ERR_INUSE;
    f->octets -= octets.n;
    return import_write(m->im, octets);
}

static void write_flags(struct buf *out, const struct mbox_marks *marks)
{
    buf_clear(out);
    (void)flag_write_system(out, marks->flags);
    if (marks->forwarded)
        buf_add_str(out, out->n > 0 ? " $Forwarded" : "$Forwarded");
    if (marks->keywords.n > 0 && out->n > 0)
        buf_add_char(out, ' ');
    buf_add_slice(out, buf_slice(&marks->keywords));
}

static enum err send_message(struct mbox *m, const struct found *f, struct slice where)
{
    struct import_message message = {.where = where,
                                     .mailbox = m->mailbox,
                                     .has_date = true,
                                     .date_s = f->date_s,
                                     .has_nul = f->has_nul,
                                     .octets = f->octets};
    struct found again = {.octets = f->octets};
    uint64_t before;
    enum err e;

    TRY(count_before(&m->seen, f->digest, &before));
    import_key(message.key,
               (struct slice[]){SLICE("mbox"), m->mailbox, slice_of(f->digest, DIGEST_OCTETS),
                                slice_of(&before, sizeof(before))},
               4);
    write_flags(&m->flags, &f->marks);
    message.flags = buf_slice(&m->flags);
    TRY(import_begin(m->im, &message));
    mbox_reader_seek(&m->reader, m->fd, f->from);
    buf_init(&again.marks.keywords, MBOX_KEYWORDS_OCTETS_MAX);
    e = walk_message(m, &again, f->to, send_octets);
    buf_release(&again.marks.keywords);
    if (e == ERR_OK && again.octets != 0)
        e = ERR_INUSE;
    if (e == ERR_INUSE)
        import_skip(m->im, where, "the file changed while it was read; run the import again");
    return e == ERR_OK ? import_end(m->im) : e;
}

static enum err import_found(struct mbox *m, const struct found *f)
{
    char where[40];

    snprintf(where, sizeof(where), "message at octet %llu", (unsigned long long)f->from);
    if (f->marks.is_pseudo && f->from < MBOX_PIECE_OCTETS && m->seen.n == 0)
        return ERR_OK;
    if (f->octets == 0) {
        import_skip(m->im, slice_of_str(where), "is empty");
        return ERR_OK;
    }
    return send_message(m, f, slice_of_str(where));
}

/* ---- the file -------------------------------------------------------------------------------- */

/* One message, whose From line is next. */
static enum err import_next(struct mbox *m)
{
    struct found f = {0};
    struct mbox_piece p;
    enum err e;

    TRY(mbox_reader_next(&m->reader, &p));
    if (!p.starts_line || !mbox_from_line(mbox_without_end(p.octets), &f.date_s))
        return ERR_SYNTAX;
    buf_init(&f.marks.keywords, MBOX_KEYWORDS_OCTETS_MAX);
    e = find_message(m, &f);
    if (e == ERR_OK)
        e = import_found(m, &f);
    buf_release(&f.marks.keywords);
    mbox_reader_seek(&m->reader, m->fd, f.to);
    import_set_done(m->im, f.to);
    return e;
}

/* Empty lines before the first From line are forgiven. */
static enum err skip_empty_lines(struct mbox *m)
{
    struct mbox_piece p;
    uint64_t at;

    do {
        at = m->reader.offset;
        TRY(mbox_reader_next(&m->reader, &p));
    } while (mbox_without_end(p.octets).n == 0);
    mbox_reader_seek(&m->reader, m->fd, at);
    return ERR_OK;
}

static enum err import_all(struct mbox *m)
{
    enum err e = skip_empty_lines(m);

    import_set_total(m->im, m->size);
    while (e == ERR_OK)
        e = import_next(m);
    if (e != ERR_MORE)
        return e;
    return import_drain(m->im);
}

enum err mbox_import(struct import *im, const char *path, struct slice mailbox)
{
    scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    struct mbox *m;
    enum err e;

    if (fd < 0)
        return errno == EACCES ? ERR_NOPERM : ERR_NOTFOUND;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return ERR_SYNTAX;
    m = mem_new(struct mbox);
    m->im = im;
    m->mailbox = mailbox;
    m->fd = fd;
    m->size = (uint64_t)st.st_size;
    m->md = EVP_MD_CTX_new();
    buf_init(&m->flags, FLAGS_OCTETS_MAX);
    mbox_reader_seek(&m->reader, fd, 0);
    e = m->md != NULL ? import_all(m) : ERR_BUG;
    EVP_MD_CTX_free(m->md);
    free(m->seen.slot);
    buf_release(&m->flags);
    free(m);
    return e;
}
