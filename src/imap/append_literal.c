/* imap/append_literal.c -- messages taken off the stream.
 *
 * Source: RFC 9051 section 6.3.12, RFC 7888 (literals), RFC 7889 (how large a message may be),
 * RFC 3502 (zero octets cancel an append; no message is there before all are), RFC 3516 (literal8),
 * RFC 9755 section 4 (UTF-8 in headers).
 */
#include "base/mem.h"
#include "imap/append.h"

enum err append_message_begin(struct imap_session *s, struct job *j, struct append_job *a)
{
    uint32_t most = s->settings->save_limit < APPEND_MESSAGES_MAX ? s->settings->save_limit
                                                                  : APPEND_MESSAGES_MAX;

    if (a->n == most)
        return job_refuse_messages(j, most);
    if (a->n == a->cap) {
        a->cap = a->cap == 0 ? 1 : a->cap * 2;
        a->item = mem_resize(a->item, a->cap, sizeof(*a->item));
    }
    a->item[a->n++] = (struct append_item){0};
    a->size = 0;
    a->catenate = false;
    return ERR_OK;
}

/* A literal8 may grow: binary parts become base64. Which part of several is one is not known when
 * the first comes, so what is made of parts may always hold some. */
static enum err open_arrival(struct imap_session *s, struct append_job *a, struct append_item *item)
{
    if (item->arrival != NULL)
        return ERR_OK;
    TRY(arrival_begin(s->account, s->settings->append_octets_max * 2, &item->arrival));
    if (a->literal.binary || a->catenate)
        arrival_expect_binary(item->arrival);
    return ERR_OK;
}

/* Look for octets above 0x7F up to the empty line. */
static void watch_header(struct append_item *item, struct slice octets)
{
    for (size_t i = 0; i < octets.n && item->header != HEADER_PASSED; i++) {
        char c = octets.p[i];

        if ((unsigned char)c > 0x7F)
            item->eight_bit = true;
        if (c == '\n')
            item->header = item->header == HEADER_LINE_BEGIN ? HEADER_PASSED : HEADER_LINE_BEGIN;
        else if (c != '\r')
            item->header = HEADER_LINE;
    }
}

enum err append_write(struct imap_session *s, struct append_job *a, struct slice octets)
{
    struct append_item *item = &a->item[a->n - 1];

    TRY(open_arrival(s, a, item));
    watch_header(item, octets);
    return arrival_write(item->arrival, octets);
}

enum err append_announce(struct imap_session *s, struct append_job *a, uint64_t n)
{
    if (n > a->limit - a->size)
        return ERR_TOOBIG;
    a->size += n;
    a->announced += n;
    if (a->uid != 0) /* RFC 8508 section 3.4: only the difference counts */
        return quota_check(s->account, 0,
                           a->announced > a->uid_octets ? a->announced - a->uid_octets : 0);
    return quota_check(s->account, a->n, a->announced);
}

enum err append_message_end(struct imap_session *s, struct job *j, struct append_job *a)
{
    struct append_item *item = &a->item[a->n - 1];

    if (item->arrival == NULL) { /* of parts without an octet */
        j->refusal = "NO Empty message";
        return ERR_CANNOT;
    }
    if (item->eight_bit && !session_utf8(s) && !s->trusted) { /* RFC 9755 section 4 */
        j->refusal = "NO Header fields in UTF-8 come after ENABLE UTF8=ACCEPT only";
        return ERR_CANNOT;
    }
    return arrival_finish(item->arrival);
}

enum err append_message_wait(struct append_job *a)
{
    return arrival_park(a->item[a->n - 1].arrival);
}

void append_literal_begin(struct imap_session *s, struct append_job *a)
{
    a->open = false;
    a->left = a->literal.size;
    a->stage = APPEND_LITERAL;
    if (a->literal.sync) {
        reply_continue(&s->out, SLICE("Ready for the message"));
        s->batch.invited = true;
    }
}

static enum err take_piece(struct imap_session *s, struct append_job *a, struct slice piece)
{
    if (!a->literal.binary && slice_find(piece, '\0') < piece.n)
        a->nul = true;
    if (a->is_url) {
        buf_add_slice(&a->url, piece);
        return ERR_OK;
    }
    return append_write(s, a, piece);
}

static enum err receive_some(struct imap_session *s, struct append_job *a)
{
    struct slice piece =
        slice_sub(buf_slice(&s->in), 0, a->left < s->in.n ? (size_t)a->left : s->in.n);
    enum err e = take_piece(s, a, piece);

    buf_consume(&s->in, piece.n);
    a->left -= piece.n;
    s->batch.invited = false;
    return e;
}

enum err append_receive(struct imap_session *s, struct job *j, struct append_job *a)
{
    while (a->left > 0) {
        if (s->in.n == 0) {
            j->wants_input = true;
            return ERR_MORE;
        }
        TRY(receive_some(s, a));
        if (job_step_is_full(s, j))
            return ERR_MORE;
    }
    a->stage = APPEND_LINE;
    return a->is_url ? append_url_begin(s, j, a, buf_slice(&a->url)) : ERR_OK;
}
