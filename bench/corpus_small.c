/* bench/corpus_small.c -- CORPUS_SMALL: the least that is still a conversation; see corpus.h. */
#include "corpus_internal.h"

enum { SMALL = 200, OCTETS_LEAST = 610, OCTETS_SPREAD = 200 };

static void small_head(const struct corpus *c, const struct facts *f, struct buf *out)
{
    buf_add_str(out, "From: ");
    person_header(c, f->from, out);
    buf_add_str(out, "\r\nTo: ");
    person_header(c, f->to, out);
    buf_add_str(out, "\r\n");
    subject_header(c, f, out);
    buf_add_str(out, "Date: ");
    date_header(f->date_s, f->zone_minutes, out);
    buf_add_str(out, "\r\nMessage-ID: ");
    message_id(c->kind, f->number, out);
    buf_add_str(out, "\r\n");
    references_headers(c->kind, f, 2, out);
    buf_add_str(out, "\r\n");
}

void small_message(struct corpus *c, const struct facts *f, struct buf *out)
{
    struct rng r = rng_of(f->number, SMALL);
    size_t from = out->n, most = OCTETS_LEAST + rng_below(&r, OCTETS_SPREAD);

    small_head(c, f, out);
    if (has_rare_word(f->number))
        buf_add_str(out, "Found: " CORPUS_RARE_WORD ".\r\n\r\n");
    if (out->n - from + 80 < most)
        most -= out->n - from;
    else
        most = 80;
    text_paragraphs(f->voice, &r, most, "", false, out);
}
