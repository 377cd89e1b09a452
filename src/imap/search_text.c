/* imap/search_text.c -- the text of a message as SEARCH reads it: decoded, in UTF-8, folded.
 *
 * Source: RFC 9051 section 6.4.4 (BODY, TEXT, HEADER: substrings of the decoded text, without
 * case; RFC 5255 section 4.6: as the comparator has it), RFC 6203 (FUZZY). BODY looks into text
 * parts and into the headers of attached messages.
 */
#include "imap/search.h"
#include "mime/decode.h"
#include "mime/header.h"
#include "mime/part.h"

enum {
    PARTS_OCTETS_MAX = 16 << 20,
    FIELD_OCTETS_MAX = 32 << 20,
    BODY_PERCENT = 90, /* what is like the words in a body counts less than in a header */
};

void candidate_init(struct candidate *c, struct imap_session *s, const struct messages *m)
{
    *c = (struct candidate){.s = s, .view = &s->view, .m = m};
    buf_init(&c->parts, PARTS_OCTETS_MAX);
    buf_init(&c->header, SEARCH_HEADER_OCTETS_MAX);
}

void candidate_release(struct candidate *c)
{
    buf_release(&c->parts);
    buf_release(&c->header);
}

void candidate_set(struct candidate *c, uint32_t index, uint32_t k)
{
    c->index = index;
    c->k = k;
    c->loaded = c->has_header = false;
    buf_clear(&c->parts);
    buf_clear(&c->header);
}

static enum err load(struct candidate *c)
{
    struct body b;
    struct mime_part root;

    TRY(body_load(c->s->account, c->m->body[c->k], &b));
    TRY(mime_part_find(b.parts, NULL, 0, &root));
    c->sent_day = b.sent_day;
    c->header_at = root.header_at;
    c->header_n = root.header_n;
    buf_add_slice(&c->parts, b.parts);
    c->loaded = true;
    return c->parts.overflowed ? ERR_LIMIT : ERR_OK;
}

bool candidate_load(struct candidate *c)
{
    enum err e = c->loaded ? ERR_OK : load(c);

    if (e != ERR_OK && c->error == ERR_OK)
        c->error = e;
    return e == ERR_OK;
}

static bool read_octets(struct candidate *c, uint64_t at, uint64_t n, struct buf *out)
{
    enum err e = body_read(c->s->account, c->m->body[c->k], at, n, out);

    if (e != ERR_OK && c->error == ERR_OK)
        c->error = e;
    return e == ERR_OK;
}

/* A header of the message; of one beyond all reason only what fits, lest a single message keep
 * every search of its mailbox from an answer. */
static bool read_some(struct candidate *c, uint64_t at, uint64_t n, struct buf *out)
{
    return read_octets(c, at, n < SEARCH_HEADER_OCTETS_MAX ? n : SEARCH_HEADER_OCTETS_MAX, out);
}

static bool read_header(struct candidate *c)
{
    if (c->has_header)
        return true;
    if (!candidate_load(c))
        return false;
    c->has_header = read_some(c, c->header_at, c->header_n, &c->header);
    return c->has_header;
}

/* ---- looking for it ------------------------------------------------------------------------- */

/* A new text begins. */
static void restart(struct matcher *t)
{
    needle_restart(&t->needle);
    if (t->fuzzy != NULL)
        fuzzy_restart(t->fuzzy);
}

/* The next piece, folded. */
static bool look(struct matcher *t, struct slice folded)
{
    if (needle_feed(&t->needle, folded))
        return true;
    if (t->fuzzy != NULL)
        fuzzy_feed(t->fuzzy, folded);
    return false;
}

/* The text is over, and the exact words were not in it; what is like them counts by `percent`. */
static void keep_likeness(struct matcher *t, unsigned percent)
{
    unsigned likeness = t->fuzzy != NULL ? (fuzzy_score(t->fuzzy) * percent + 99) / 100 : 0;

    if (likeness > t->likeness)
        t->likeness = likeness;
}

/* ---- headers -------------------------------------------------------------------------------- */

/* Look at `name: value` (name NULL: the value alone), decoded and folded. */
static bool look_at_field(struct matcher *t, const struct slice *name, struct slice value)
{
    struct buf text, folded;
    bool found;

    buf_init(&text, FIELD_OCTETS_MAX);
    buf_init(&folded, (size_t)FIELD_OCTETS_MAX * 2);
    if (name != NULL) {
        buf_add_slice(&text, *name);
        buf_add_str(&text, ": ");
    }
    header_decode(value, &text);
    text_fold(t->collation, buf_slice(&text), &folded);
    found = look(t, buf_slice(&folded));
    buf_release(&text);
    buf_release(&folded);
    return found;
}

bool text_in_header(struct candidate *c, struct matcher *t)
{
    struct slice rest;
    struct header_field field;

    if (!read_header(c))
        return false;
    rest = buf_slice(&c->header);
    while (header_next(&rest, &field)) {
        if (!slice_eq_nocase(field.name, t->key->field))
            continue;
        restart(t);
        if (t->key->text.n == 0 || look_at_field(t, NULL, field.value))
            return true;
        keep_likeness(t, 100);
    }
    return false;
}

static bool look_at_header(struct matcher *t, struct slice header)
{
    struct header_field field;

    while (header_next(&header, &field)) {
        if (look_at_field(t, &field.name, field.value) || look(t, SLICE("\r\n")))
            return true;
    }
    return false;
}

/* ---- bodies --------------------------------------------------------------------------------- */

/* Decode what is in `raw` and look at it. */
static bool look_at_piece(struct matcher *t, struct mime_decoder *d, struct text_folder *folder,
                          struct slice raw, bool last)
{
    struct buf text, folded;
    bool found;

    buf_init(&text, (size_t)SEARCH_READ_OCTETS * 8);
    buf_init(&folded, (size_t)SEARCH_READ_OCTETS * 8 * 18);
    (void)!mime_decoder_push(d, raw, &text); /* tolerant: never fails */
    if (last)
        (void)!mime_decoder_finish(d, &text);
    text_folder_push(folder, buf_slice(&text), &folded);
    if (last)
        text_folder_finish(folder, &folded);
    found = look(t, buf_slice(&folded));
    buf_release(&text);
    buf_release(&folded);
    return found;
}

static bool text_in_part(struct candidate *c, struct matcher *t, const struct mime_part *p)
{
    struct mime_decoder d;
    struct text_folder folder;
    struct buf raw;
    bool found = false;
    uint64_t at = 0;

    mime_decoder_init(&d, p->cte, &p->charset, false);
    text_folder_init(&folder, t->collation);
    buf_init(&raw, SEARCH_READ_OCTETS);
    while (!found && at < p->body_n) {
        uint64_t k = p->body_n - at < SEARCH_READ_OCTETS ? p->body_n - at : SEARCH_READ_OCTETS;

        buf_clear(&raw);
        if (!read_octets(c, p->body_at + at, k, &raw))
            break;
        at += k;
        found = look_at_piece(t, &d, &folder, buf_slice(&raw), at == p->body_n);
    }
    buf_release(&raw);
    mime_decoder_release(&d);
    return found;
}

static bool text_in_nested_header(struct candidate *c, struct matcher *t, const struct mime_part *p)
{
    struct buf header;
    bool found;

    buf_init(&header, SEARCH_HEADER_OCTETS_MAX);
    found = read_some(c, p->msg_header_at, p->msg_header_n, &header) &&
            look_at_header(t, buf_slice(&header));
    buf_release(&header);
    return found;
}

/* The part, or the header of the message that it is. No match reaches from one into the next. */
static bool text_in_one(struct candidate *c, struct matcher *t, uint32_t index, enum err *e)
{
    struct mime_part p;

    *e = mime_part_at(buf_slice(&c->parts), index, &p);
    if (*e != ERR_OK || p.is_multipart)
        return false;
    if (p.is_message ? text_in_nested_header(c, t, &p) : p.is_text && text_in_part(c, t, &p))
        return true;
    if (!t->needle.found)
        needle_restart(&t->needle);
    if (t->fuzzy != NULL)
        fuzzy_feed(t->fuzzy, SLICE("\n"));
    return false;
}

bool text_in_body(struct candidate *c, struct matcher *t)
{
    uint32_t count = 0;
    enum err e;

    if (!candidate_load(c))
        return false;
    restart(t);
    e = mime_parts_count(buf_slice(&c->parts), &count);
    for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
        if (text_in_one(c, t, i, &e))
            return true;
    }
    if (e != ERR_OK && c->error == ERR_OK)
        c->error = e;
    keep_likeness(t, BODY_PERCENT);
    return t->needle.n == 0;
}

bool text_anywhere(struct candidate *c, struct matcher *t)
{
    if (!read_header(c))
        return false;
    restart(t);
    if (look_at_header(t, buf_slice(&c->header)))
        return true;
    keep_likeness(t, 100);
    return text_in_body(c, t);
}
