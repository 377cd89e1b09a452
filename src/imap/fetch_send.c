/* imap/fetch_send.c -- writing sections: short ones at once, long ones as a literal that is sent
 * piece by piece as the client takes it, so that a slow reader of a large message costs one
 * bounded buffer.
 *
 * Source: RFC 9051 section 7.5.2 (BODY[section]<origin>, BINARY, BINARY.SIZE).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/fetch.h"

enum { HEADER_FIRST_OCTETS = 2048 };

void fetch_send_release(struct sending *x)
{
    if (x->decoder != NULL) {
        mime_decoder_release(x->decoder);
        free(x->decoder);
    }
    buf_release(&x->decoded);
    *x = (struct sending){0};
}

static void write_label(struct imap_session *s, struct fetch_job *f, const struct fetch_section *x)
{
    buf_add_slice(&s->out, slice_sub(x->label, !f->any, x->label.n));
    f->any = true;
}

/* Clip [0, n) to what a partial asks for. */
void fetch_clip(const struct fetch_item *item, uint64_t *skip, uint64_t *n)
{
    *skip = 0;
    if (!item->partial)
        return;
    *skip = item->partial_at < *n ? item->partial_at : *n;
    *n = item->partial_n < *n - *skip ? item->partial_n : *n - *skip;
}

void fetch_header_init(struct fetch_header *h)
{
    buf_init(&h->octets, FETCH_HEADER_OCTETS_MAX);
    buf_init(&h->chosen, FETCH_HEADER_OCTETS_MAX + 2);
}

void fetch_header_release(struct fetch_header *h)
{
    buf_release(&h->octets);
    buf_release(&h->chosen);
}

static void forget_large(struct fetch_header *h)
{
    if (h->octets.cap > FETCH_HEADER_KEPT_OCTETS)
        buf_release(&h->octets);
    if (h->chosen.cap > FETCH_HEADER_KEPT_OCTETS)
        buf_release(&h->chosen);
}

/* Where the header ends is seen when it is read, so some is read first, and twice as much each time
 * that it was not all. */
enum err fetch_read_fields(struct account *a, uint64_t body, uint32_t size,
                           const struct fetch_section *x, struct fetch_header *h)
{
    const struct piece *p = &x->piece;
    uint64_t most = p->n < FETCH_HEADER_OCTETS_MAX ? p->n : FETCH_HEADER_OCTETS_MAX;
    uint64_t n = HEADER_FIRST_OCTETS;
    bool whole;

    buf_clear(&h->octets);
    do {
        n = n < most ? n : most;
        TRY(body_read(a, body, size, p->at + h->octets.n, n - h->octets.n, &h->octets));
        buf_clear(&h->chosen);
        whole =
            header_fields_select(buf_slice(&h->octets), &x->names,
                                 x->item->section.text == SECTION_HEADER_FIELDS_NOT, &h->chosen);
        n *= 2;
    } while (!whole && h->octets.n < most);
    return ERR_OK;
}

/* The fields may stand ready; *ready tells. */
static enum err send_usual(struct imap_session *s, struct fetch_job *f,
                           const struct fetch_section *x, bool *ready)
{
    struct usual_choice choice;
    struct slice packed;

    *ready = false;
    if (x->usual == 0)
        return ERR_OK;
    TRY(body_usual(s->account, f->row.body, &packed));
    *ready = usual_choose(packed, x->usual, &choice);
    if (!*ready)
        return ERR_OK;
    write_label(s, f, x);
    reply_literal_header(&s->out, choice.n, false);
    usual_write(&choice, &s->out);
    return ERR_OK;
}

/* HEADER.FIELDS: read the header, pick the fields; of a header beyond all reason only what fits. */
static enum err send_fields(struct imap_session *s, struct fetch_job *f,
                            const struct fetch_section *x)
{
    struct fetch_header *h = &f->header;
    uint64_t skip, n;
    bool ready;

    TRY(send_usual(s, f, x, &ready));
    if (ready)
        return ERR_OK;
    TRY(fetch_read_fields(s->account, f->row.body, f->row.size, x, h));
    n = h->chosen.n;
    fetch_clip(x->item, &skip, &n);
    write_label(s, f, x);
    reply_literal_header(&s->out, n, false);
    buf_add_slice(&s->out, slice_sub(buf_slice(&h->chosen), (size_t)skip, (size_t)n));
    forget_large(h);
    return ERR_OK;
}

static void begin_range(struct fetch_job *f, const struct piece *p, uint64_t skip, uint64_t n)
{
    f->sending = (struct sending){.left = n, .at = p->at + skip, .n = n};
}

static void begin_decode(struct fetch_job *f, const struct piece *p, uint64_t skip, uint64_t n)
{
    f->sending = (struct sending){.left = n, .at = p->at, .n = p->n, .skip = skip};
    f->sending.decoder = mem_new(struct mime_decoder);
    mime_decoder_init(f->sending.decoder, p->cte, NULL, true);
    buf_init(&f->sending.decoded, FETCH_READ_OCTETS * 5);
}

static void begin_literal(struct imap_session *s, struct fetch_job *f,
                          const struct fetch_section *x)
{
    const struct piece *p = &x->piece;
    uint64_t n = p->kind == PIECE_DECODE ? p->decoded : p->n, skip;

    fetch_clip(x->item, &skip, &n);
    write_label(s, f, x);
    reply_literal_header(&s->out, n, x->item->kind == FETCH_BINARY);
    if (p->kind == PIECE_DECODE)
        begin_decode(f, p, skip, n);
    else
        begin_range(f, p, skip, n);
    f->sending_now = true;
}

enum err fetch_send_begin(struct imap_session *s, struct job *j, size_t i)
{
    struct fetch_job *f = j->args;
    const struct fetch_section *x = &f->section[i];

    switch (x->piece.kind) {
    case PIECE_NIL:
        write_label(s, f, x);
        buf_add_str(&s->out, x->item->kind == FETCH_BINARY_SIZE ? "0" : "NIL");
        break;
    case PIECE_NUMBER:
        write_label(s, f, x);
        buf_add_u64(&s->out, x->piece.decoded);
        break;
    case PIECE_FIELDS:
        return send_fields(s, f, x);
    case PIECE_RANGE:
    case PIECE_DECODE:
        begin_literal(s, f, x);
        break;
    }
    return ERR_OK;
}

/* Decode some more into x->decoded, from which the caller takes. */
static enum err decode_some(struct imap_session *s, struct fetch_job *f)
{
    struct sending *x = &f->sending;
    uint64_t n = x->n < FETCH_READ_OCTETS ? x->n : FETCH_READ_OCTETS;
    struct buf raw;
    enum err e;

    if (n == 0)
        return mime_decoder_finish(x->decoder, &x->decoded);
    buf_init(&raw, FETCH_READ_OCTETS);
    e = body_read(s->account, f->row.body, f->row.size, x->at, n, &raw);
    if (e == ERR_OK)
        e = mime_decoder_push(x->decoder, buf_slice(&raw), &x->decoded);
    buf_release(&raw);
    x->at += n;
    x->n -= n;
    return e;
}

static enum err send_decoded(struct imap_session *s, struct fetch_job *f)
{
    struct sending *x = &f->sending;
    bool last = x->n == 0;
    size_t n;

    TRY(decode_some(s, f));
    n = x->skip < x->decoded.n ? (size_t)x->skip : x->decoded.n;
    buf_consume(&x->decoded, n);
    x->skip -= n;
    n = x->left < x->decoded.n ? (size_t)x->left : x->decoded.n;
    buf_add_slice(&s->out, slice_sub(buf_slice(&x->decoded), 0, n));
    buf_clear(&x->decoded);
    x->left -= n;
    return last && x->left > 0 ? ERR_CORRUPT : ERR_OK; /* the part table promised more */
}

static enum err send_range(struct imap_session *s, struct fetch_job *f)
{
    struct sending *x = &f->sending;
    uint64_t n = s->piece - s->out.n;

    n = n < x->left ? n : x->left;
    TRY(body_read(s->account, f->row.body, f->row.size, x->at, n, &s->out));
    x->at += n;
    x->left -= n;
    return ERR_OK;
}

enum err fetch_send(struct imap_session *s, struct job *j)
{
    struct fetch_job *f = j->args;
    struct sending *x = &f->sending;

    while (x->left > 0) {
        if (session_is_full(s))
            return ERR_MORE;
        TRY(x->decoder != NULL ? send_decoded(s, f) : send_range(s, f));
    }
    fetch_send_release(x);
    f->sending_now = false;
    return ERR_OK;
}
