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
    gist_reader_init(&c->gists, s->account);
    buf_init(&c->parts, PARTS_OCTETS_MAX);
    buf_init(&c->header, SEARCH_HEADER_OCTETS_MAX);
    buf_init(&c->raw, SEARCH_READ_OCTETS);
    buf_init(&c->text, FIELD_OCTETS_MAX);
    buf_init(&c->folded, (size_t)FIELD_OCTETS_MAX * 2);
}

void candidate_release(struct candidate *c)
{
    gist_reader_release(&c->gists);
    buf_release(&c->parts);
    buf_release(&c->header);
    buf_release(&c->raw);
    buf_release(&c->text);
    buf_release(&c->folded);
}

void candidate_set(struct candidate *c, uint32_t index, uint32_t k)
{
    c->index = index;
    c->k = k;
    c->has_parts = c->has_header = false;
}

/* Whether that went well; if not, the first failure is kept. */
static bool went_well(struct candidate *c, enum err e)
{
    if (e != ERR_OK && c->error == ERR_OK)
        c->error = e;
    return e == ERR_OK;
}

/* The part table and sent_day, whose slices are not to be kept. */
static bool load(struct candidate *c, struct body *b)
{
    c->has_read = true;
    return went_well(c, body_load(c->s->account, c->m->body[c->k], BODY_WANT_PARTS, b));
}

bool candidate_sent_day(struct candidate *c, int32_t *day)
{
    int64_t instant;
    struct body b;
    bool known;

    if (!went_well(c, gist_dates(&c->gists, c->m->body[c->k], &known, &instant, day)) ||
        (!known && !load(c, &b)))
        return false;
    if (!known)
        *day = b.sent_day;
    return *day != INT32_MIN;
}

static bool read_parts(struct candidate *c)
{
    struct body b;

    if (c->has_parts)
        return true;
    if (!load(c, &b))
        return false;
    buf_clear(&c->parts);
    buf_add_slice(&c->parts, b.parts);
    c->has_parts = went_well(c, c->parts.overflowed ? ERR_LIMIT : ERR_OK);
    return c->has_parts;
}

static bool read_octets(struct candidate *c, uint64_t at, uint64_t n, struct buf *out)
{
    buf_clear(out);
    c->has_read = true;
    return went_well(c, body_read(c->s->account, c->m->body[c->k], c->m->size[c->k], at, n, out));
}

/* A header of the message; of one beyond all reason only what fits, lest a single message keep
 * every search of its mailbox from an answer. */
static bool read_some(struct candidate *c, uint64_t at, uint64_t n, struct buf *out)
{
    return read_octets(c, at, n < SEARCH_HEADER_OCTETS_MAX ? n : SEARCH_HEADER_OCTETS_MAX, out);
}

static bool read_header(struct candidate *c)
{
    struct mime_part root;

    if (c->has_header)
        return true;
    if (!read_parts(c) || !went_well(c, mime_part_find(buf_slice(&c->parts), NULL, 0, &root)))
        return false;
    c->has_header = read_some(c, root.header_at, root.header_n, &c->header);
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

/* Look at a text, folded. */
static bool look_at_text(struct candidate *c, struct matcher *t, struct slice text)
{
    buf_clear(&c->folded);
    text_fold(t->collation, text, &c->folded);
    return look(t, buf_slice(&c->folded));
}

/* One field with this value, decoded. */
static bool field_matches(struct candidate *c, struct matcher *t, struct slice value)
{
    restart(t);
    if (t->key->text.n == 0 || look_at_text(c, t, value))
        return true;
    keep_likeness(t, 100);
    return false;
}

static bool find_in_header(struct candidate *c, struct matcher *t)
{
    struct slice rest;
    struct header_field field;

    if (!read_header(c))
        return false;
    rest = buf_slice(&c->header);
    while (header_next(&rest, &field)) {
        if (!slice_eq_nocase(field.name, t->key->field))
            continue;
        buf_clear(&c->text);
        header_decode(field.value, &c->text);
        if (field_matches(c, t, buf_slice(&c->text)))
            return true;
    }
    return false;
}

/* The texts of the 256 bodies of a block, folded, one behind the other; those that are not there
 * are empty. */
static void fold_block(struct candidate *c, struct matcher *t, size_t *end)
{
    buf_clear(&c->folded);
    for (uint32_t i = 0; i < GIST_BODIES; i++) {
        struct slice text;

        if (gist_text_beside(&c->gists, t->field, i, &text) == GIST_HAS_TEXT)
            text_fold(t->collation, text, &c->folded);
        end[i] = c->folded.n;
    }
}

/* Look for it in all of them at once. What reaches from one text into the next is no match. */
static void look_at_block(struct candidate *c, struct matcher *t)
{
    size_t end[GIST_BODIES], at = 0;
    struct slice all;
    uint32_t i = 0;

    fold_block(c, t, end);
    all = buf_slice(&c->folded);
    memset(t->hit, 0, sizeof(t->hit));
    for (;;) {
        size_t found = needle_find(&t->needle, slice_sub(all, at, all.n));

        if (found == SIZE_MAX)
            return;
        at += found;
        while (end[i] <= at)
            i++;
        if (at + t->needle.n <= end[i])
            t->hit[i / 64] |= (uint64_t)1 << i % 64;
        at = end[i]; /* what else begins in this text reaches further still */
    }
}

/* Whether it is in the text that the gist has just told of the candidate's body. */
static bool hits(struct candidate *c, struct matcher *t)
{
    uint64_t body = c->m->body[c->k], i = body % GIST_BODIES;

    if (t->hits_of != body - i)
        look_at_block(c, t);
    t->hits_of = body - i;
    return (t->hit[i / 64] >> i % 64 & 1) != 0;
}

bool text_in_header(struct candidate *c, struct matcher *t)
{
    enum gist_answer answer = GIST_UNKNOWN;
    struct slice value;

    if (t->field < GIST_FIELDS && !c->has_header &&
        !went_well(c, gist_text(&c->gists, c->m->body[c->k], t->field, &answer, &value)))
        return false;
    if (answer == GIST_UNKNOWN)
        return find_in_header(c, t);
    if (answer == GIST_NO_FIELD || t->needle.n == 0 || t->fuzzy != NULL)
        return answer == GIST_HAS_TEXT && field_matches(c, t, value);
    return hits(c, t);
}

/* All of it, field by field, as one text; it is looked at in pieces, each some whole fields. */
static bool look_at_header(struct candidate *c, struct matcher *t, struct slice header)
{
    struct header_field field;

    buf_clear(&c->text);
    while (header_next(&header, &field)) {
        buf_add_slice(&c->text, field.name);
        buf_add_str(&c->text, ": ");
        header_decode(field.value, &c->text);
        buf_add_str(&c->text, "\r\n");
        if (c->text.n < SEARCH_READ_OCTETS)
            continue;
        if (look_at_text(c, t, buf_slice(&c->text)))
            return true;
        buf_clear(&c->text);
    }
    return look_at_text(c, t, buf_slice(&c->text));
}

/* ---- bodies --------------------------------------------------------------------------------- */

/* Decode the piece in c->raw and look at it. */
static bool look_at_piece(struct candidate *c, struct matcher *t, struct mime_decoder *d,
                          struct text_folder *folder, bool last)
{
    struct slice text = buf_slice(&c->raw);

    if (!mime_decoder_passes(d, text)) {
        buf_clear(&c->text);
        (void)!mime_decoder_push(d, text, &c->text); /* tolerant: never fails */
        if (last)
            (void)!mime_decoder_finish(d, &c->text);
        text = buf_slice(&c->text);
    }
    buf_clear(&c->folded);
    text_folder_push(folder, text, &c->folded);
    if (last)
        text_folder_finish(folder, &c->folded);
    return look(t, buf_slice(&c->folded));
}

static bool text_in_part(struct candidate *c, struct matcher *t, const struct mime_part *p)
{
    struct mime_decoder d;
    struct text_folder folder;
    bool found = false;
    uint64_t at = 0;

    mime_decoder_init(&d, p->cte, &p->charset, false);
    text_folder_init(&folder, t->collation);
    while (!found && at < p->body_n) {
        uint64_t k = p->body_n - at < SEARCH_READ_OCTETS ? p->body_n - at : SEARCH_READ_OCTETS;

        if (!read_octets(c, p->body_at + at, k, &c->raw))
            break;
        at += k;
        found = look_at_piece(c, t, &d, &folder, at == p->body_n);
    }
    mime_decoder_release(&d);
    return found;
}

static bool text_in_nested_header(struct candidate *c, struct matcher *t, const struct mime_part *p)
{
    c->has_header = false; /* its room is wanted */
    return read_some(c, p->msg_header_at, p->msg_header_n, &c->header) &&
           look_at_header(c, t, buf_slice(&c->header));
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

    if (!read_parts(c))
        return false;
    restart(t);
    e = mime_parts_count(buf_slice(&c->parts), &count);
    for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
        if (text_in_one(c, t, i, &e))
            return true;
    }
    (void)went_well(c, e);
    keep_likeness(t, BODY_PERCENT);
    return t->needle.n == 0;
}

bool text_anywhere(struct candidate *c, struct matcher *t)
{
    if (!read_header(c))
        return false;
    restart(t);
    if (look_at_header(c, t, buf_slice(&c->header)))
        return true;
    keep_likeness(t, 100);
    return text_in_body(c, t);
}
