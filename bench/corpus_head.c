/* bench/corpus_head.c -- header blocks: as relays leave them for CORPUS_REAL, and what both kinds
 * need.
 *
 * Source: RFC 5322 (fields, threads), RFC 6376 and RFC 8617 (signatures, which verify nowhere),
 * RFC 2369 and RFC 2919 (lists).
 */
#include "corpus_internal.h"
#include "wire/date.h"

enum { HEAD = 100, SUBJECT, ID };

void message_id(enum corpus_kind kind, uint32_t number, struct buf *out)
{
    struct rng r = rng_of(number, ID);

    buf_addf(out, "<%08x.%u.%c@", (unsigned)rng_next(&r), number, kind == CORPUS_REAL ? 'r' : 's');
    house_domain(rng_below(&r, HOUSES), out);
    buf_add_char(out, '>');
}

void date_header(int64_t date_s, int16_t zone_minutes, struct buf *out)
{
    static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t local = date_s + zone_minutes * 60;
    int32_t day = (int32_t)(local / 86400), second = (int32_t)(local % 86400);
    int zone = zone_minutes < 0 ? -zone_minutes : zone_minutes;
    int y, m, d;

    date_from_day_number(day, &y, &m, &d);
    buf_addf(out, "%s, %d %s %d %02d:%02d:%02d %c%02d%02d", days[day % 7], d, months[m - 1], y,
             second / 3600, second / 60 % 60, second % 60, zone_minutes < 0 ? '-' : '+', zone / 60,
             zone % 60);
}

void subject_header(const struct corpus *c, const struct facts *f, struct buf *out)
{
    static const char *const answers[] = {"Re: ", "Re: ", "Re: ", "RE: ", "AW: ", "Re: Re: "};
    struct rng r = rng_of(f->root, SUBJECT), mine = rng_of(f->number, SUBJECT);

    buf_add_str(out, "Subject: ");
    if (f->genre == GENRE_LIST && c->kind == CORPUS_REAL)
        buf_addf(out, "[talk-%u] ", f->to);
    if (f->parent != NO_PARENT)
        buf_add_str(out, answers[rng_below(&mine, 6)]);
    if (has_rare_subject(f->number))
        buf_add_str(out, CORPUS_RARE_WORD " ");
    text_header_words(f->voice, &r, 3 + rng_below(&r, 5), out);
    buf_add_str(out, "\r\n");
}

void references_headers(enum corpus_kind kind, const struct facts *f, unsigned most,
                        struct buf *out)
{
    uint32_t chain[64];
    unsigned n = 0;

    if (f->parent == NO_PARENT)
        return;
    buf_add_str(out, "In-Reply-To: ");
    message_id(kind, f->parent, out);
    buf_add_str(out, "\r\nReferences:");
    for (uint32_t up = f->parent; up != NO_PARENT && n < most && n < 63; up = parent_of(kind, up))
        chain[n++] = up;
    if (chain[n - 1] != f->root) /* the first is kept when the middle is left out */
        chain[n++] = f->root;
    while (n > 0) {
        buf_add_char(out, ' ');
        message_id(kind, chain[--n], out);
        buf_add_str(out, n > 0 ? "\r\n" : "");
    }
    buf_add_str(out, "\r\n");
}

/* ---- relays ---------------------------------------------------------------------------------- */

static void folded_token(struct rng *r, size_t n, struct buf *out)
{
    for (size_t at = 0; at < n; at += 72) {
        if (at > 0)
            buf_add_str(out, "\r\n ");
        text_token(r, n - at < 72 ? n - at : 72, out);
    }
}

static void received(struct rng *r, const struct facts *f, uint32_t hop, struct buf *out)
{
    uint32_t relay = rng_below(r, 40), inner, address, id;

    /* one draw a statement: the order in which arguments are evaluated is the compiler's */
    buf_addf(out, "Received: from mx%u.", relay);
    house_domain(f->from + hop, out);
    inner = rng_below(r, 9);
    address = rng_below(r, 250);
    buf_addf(out, " (mx%u [192.0.2.%u])\r\n\tby in%u.", hop, address, inner);
    house_domain(hop, out);
    id = rng_below(r, 256);
    buf_addf(out, " (Postfix) with ESMTPS id %08X%02X\r\n\tfor <user@mill.example>; ",
             (unsigned)rng_next(r), id);
    date_header(f->date_s - hop * 2, f->zone_minutes, out);
    buf_add_str(out, "\r\n");
}

static void spam_status(struct rng *r, struct buf *out)
{
    uint32_t tenths = rng_below(r, 10), score = rng_below(r, 6);

    buf_addf(out,
             "X-Spam-Status: No, score=-%u.%u required=5.0 tests=DKIM_SIGNED,DKIM_VALID,\r\n"
             "\tHTML_MESSAGE,RCVD_IN_DNSWL_LOW,SPF_PASS autolearn=ham\r\n",
             score, tenths);
}

static void arc(struct rng *r, const struct facts *f, struct buf *out)
{
    buf_addf(
        out,
        "ARC-Seal: i=1; a=rsa-sha256; t=%lld; cv=none;\r\n d=relay.example; s=arc-20160816;\r\n"
        " b=",
        (long long)f->date_s);
    folded_token(r, 344, out);
    buf_add_str(out, "\r\nARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed;"
                     " d=relay.example;\r\n s=arc-20160816; h=to:subject:message-id:date:from:"
                     "mime-version:dkim-signature;\r\n bh=");
    text_token(r, 43, out);
    buf_add_str(out, "=; b=");
    folded_token(r, 344, out);
    buf_add_str(out, "\r\nARC-Authentication-Results: i=1; mx.relay.example;\r\n dkim=pass "
                     "header.i=@mill.example header.s=s1;\r\n spf=pass smtp.mailfrom=bounce"
                     "@mill.example; dmarc=pass (p=NONE sp=NONE dis=NONE)\r\n");
}

static void dkim(struct rng *r, const struct facts *f, struct buf *out)
{
    buf_add_str(out, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=");
    house_domain(f->from, out);
    buf_addf(out,
             "; s=s%u;\r\n t=%lld; h=from:from:reply-to:subject:subject:date:date:"
             "message-id:\r\n to:to:cc:mime-version:content-type; bh=",
             rng_below(r, 4), (long long)f->date_s);
    text_token(r, 43, out);
    buf_add_str(out, "=;\r\n b=");
    folded_token(r, 171, out);
    buf_add_str(out, "=\r\n");
}

static void trace(struct rng *r, const struct facts *f, struct buf *out)
{
    buf_add_str(out, "Return-Path: <bounce@");
    house_domain(f->from, out);
    buf_add_str(out, ">\r\nDelivered-To: user@mill.example\r\n");
    for (uint32_t hop = 0, n = 1 + rng_below(r, 4); hop < n; hop++)
        received(r, f, hop, out);
    buf_add_str(out, "Authentication-Results: in.mill.example; dkim=pass header.d=mill.example;"
                     "\r\n\tspf=pass (sender is permitted) smtp.mailfrom=bounce@mill.example\r\n");
    if (rng_percent(r, 25))
        arc(r, f, out);
    if (rng_percent(r, 70))
        dkim(r, f, out);
    if (rng_percent(r, 30))
        spam_status(r, out);
}

/* ---- people ---------------------------------------------------------------------------------- */

/* A name in the person's own language, whatever that of the message is. */
static void display_name(const struct corpus *c, uint32_t person, struct buf *out)
{
    struct rng r = rng_of(person, HEAD + 10);
    const struct voice *v = &c->voice[c->kind == CORPUS_SMALL || rng_percent(&r, 60)
                                          ? 0
                                          : rng_below(&r, (uint32_t)c->voices)];
    struct slice given = v->name[rng_below(&r, v->names)],
                 family = v->name[rng_below(&r, v->names)];
    char text[100];
    size_t n = given.n;

    memcpy(text, given.p, n);
    text[n++] = ' ';
    memcpy(text + n, family.p, family.n);
    n += family.n;
    if (v->ascii)
        buf_add(out, text, n);
    else
        text_encoded_word(v, slice_of(text, n), out);
}

void person_header(const struct corpus *c, uint32_t who, struct buf *out)
{
    display_name(c, who, out);
    buf_add_str(out, " <");
    person_address(who, out);
    buf_add_str(out, ">");
}

static void sender(const struct corpus *c, const struct facts *f, struct buf *out)
{
    buf_add_str(out, "From: ");
    if (f->genre == GENRE_NEWSLETTER || f->genre == GENRE_NOTICE) {
        buf_add_str(out, f->genre == GENRE_NOTICE ? "\"Service, House of " : "\"The News of ");
        house_domain(f->from, out);
        buf_add_str(out, f->genre == GENRE_NOTICE ? "\" <no-reply@" : "\" <news@");
        house_domain(f->from, out);
        buf_add_str(out, ">");
    } else {
        person_header(c, f->from, out);
    }
    buf_add_str(out, "\r\n");
}

static void recipients(const struct corpus *c, const struct facts *f, struct rng *r,
                       struct buf *out)
{
    buf_add_str(out, "To: ");
    if (f->genre == GENRE_LIST)
        list_address(f->to, out);
    else if (f->genre == GENRE_PERSON)
        person_header(c, f->to, out);
    else
        buf_add_str(out, "user@mill.example");
    buf_add_str(out, "\r\n");
    if (f->genre >= GENRE_NEWSLETTER || !rng_percent(r, 30))
        return;
    buf_add_str(out, "Cc: ");
    for (uint32_t n = 1 + rng_below(r, 4); n > 0; n--) {
        person_header(c, rng_below(r, PEOPLE), out);
        buf_add_str(out, n > 1 ? ",\r\n\t" : "\r\n");
    }
}

static void list_headers(const struct facts *f, struct rng *r, struct buf *out)
{
    if (f->genre == GENRE_LIST) {
        buf_addf(out, "Precedence: list\r\nList-Id: Talk %u <talk-%u.lists.example>\r\n", f->to,
                 f->to);
        buf_addf(out, "List-Post: <mailto:talk-%u@lists.example>\r\n", f->to);
        buf_addf(out,
                 "List-Unsubscribe: <https://lists.example/options/talk-%u>,\r\n"
                 " <mailto:talk-%u-request@lists.example?subject=unsubscribe>\r\n",
                 f->to, f->to);
    } else if (f->genre == GENRE_NEWSLETTER) {
        buf_add_str(out, "List-Unsubscribe: <https://news.example/u/");
        text_token(r, 40, out);
        buf_add_str(out, ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
                         "Feedback-ID: 7:campaign:news\r\nX-Campaign: ");
        text_token(r, 24, out);
        buf_add_str(out, "\r\n");
    }
}

void head_real(const struct corpus *c, const struct facts *f, struct buf *out)
{
    static const char *const agents[] = {
        "User-Agent: Heron Mail 4.2", "X-Mailer: Office Post 16.0.14326", "X-Mailer: Pigeon (19.3)",
        "User-Agent: Mutter/1.13 (2021-01-08)"};
    struct rng r = rng_of(f->number, HEAD);

    trace(&r, f, out);
    list_headers(f, &r, out);
    sender(c, f, out);
    recipients(c, f, &r, out);
    if (rng_percent(&r, 15)) {
        buf_add_str(out, "Reply-To: ");
        person_address(f->from, out);
        buf_add_str(out, "\r\n");
    }
    subject_header(c, f, out);
    buf_add_str(out, "Date: ");
    date_header(f->date_s - rng_below(&r, 90), f->zone_minutes, out);
    buf_add_str(out, "\r\nMessage-ID: ");
    message_id(c->kind, f->number, out);
    buf_add_str(out, "\r\n");
    references_headers(c->kind, f, 12, out);
    if (f->genre <= GENRE_LIST)
        buf_addf(out, "%s\r\n", agents[rng_below(&r, 4)]);
}
