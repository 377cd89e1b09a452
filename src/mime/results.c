/* mime/results.c -- see results.h. */
#include "mime/results.h"

#include "base/utf8.h"
#include "mime/address.h"
#include "mime/date.h"
#include "mime/decode.h"
#include "mime/html_text.h"
#include "mime/keys.h"
#include "mime/token.h"

/* All buffers, and their maxima. */
#define RESULTS_BUFS(X)                                                                            \
    X(envelope, MIME_WIRE_OCTETS_MAX)                                                              \
    X(bodystructure, MIME_WIRE_OCTETS_MAX)                                                         \
    X(body, MIME_WIRE_OCTETS_MAX)                                                                  \
    X(table, MIME_WIRE_OCTETS_MAX)                                                                 \
    X(base_subject, MIME_IDS_OCTETS_MAX)                                                           \
    X(from_mailbox, MIME_IDS_OCTETS_MAX)                                                           \
    X(to_mailbox, MIME_IDS_OCTETS_MAX)                                                             \
    X(cc_mailbox, MIME_IDS_OCTETS_MAX)                                                             \
    X(from_display, MIME_IDS_OCTETS_MAX)                                                           \
    X(to_display, MIME_IDS_OCTETS_MAX)                                                             \
    X(message_id, MIME_IDS_OCTETS_MAX)                                                             \
    X(in_reply_to, MIME_IDS_OCTETS_MAX)                                                            \
    X(references, MIME_IDS_OCTETS_MAX)                                                             \
    X(preview, PREVIEW_OCTETS_MAX)

void results_init(struct results *r)
{
#define X(name, most) buf_init(&r->name, most);
    RESULTS_BUFS(X)
#undef X
    results_put_by(r, 0);
}

void results_put_by(struct results *r, size_t most_octets)
{
#define X(name, most) buf_put_by(&r->name, most_octets);
    RESULTS_BUFS(X)
#undef X
    r->preview_is_html = r->preview_begun = r->is_reply_or_forward = r->has_global = false;
    r->sent_instant = MIME_NO_INSTANT;
    r->sent_day = MIME_NO_DAY;
}

void results_release(struct results *r)
{
#define X(name, most) buf_release(&r->name);
    RESULTS_BUFS(X)
#undef X
}

/* At most n octets, cut at a whole UTF-8 sequence. */
static struct slice cut_utf8(struct slice s, size_t n)
{
    if (s.n <= n)
        return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return slice_sub(s, 0, n);
}

static void decode_key(struct slice raw, struct buf *out)
{
    struct buf decoded;

    raw = slice_sub(raw, 0, 8 * MIME_KEY_OCTETS_MAX);
    buf_init(&decoded, raw.n * 4 + 16);
    header_decode(raw, &decoded);
    buf_add_slice(out, cut_utf8(buf_slice(&decoded), MIME_KEY_OCTETS_MAX));
    buf_release(&decoded);
}

static void read_subject(struct results *r, const struct collect *fields)
{
    struct slice raw = slice_sub(collect_value(fields, FIELD_SUBJECT), 0, 8 * MIME_KEY_OCTETS_MAX);
    struct buf decoded, base;

    buf_init(&decoded, raw.n * 4 + 16);
    buf_init(&base, raw.n * 4 + 16);
    header_decode(raw, &decoded);
    r->is_reply_or_forward = base_subject(buf_slice(&decoded), &base);
    buf_add_slice(&r->base_subject, cut_utf8(buf_slice(&base), MIME_KEY_OCTETS_MAX));
    buf_release(&decoded);
    buf_release(&base);
}

/* RFC 5957 section 3: the display name, or else mailbox@host. */
static void read_display(const struct address *a, struct buf *out)
{
    decode_key(a->name, out);
    if (out->n > 0)
        return;
    decode_key(a->mailbox, out);
    if (a->host.n == 0)
        return;
    buf_add_char(out, '@');
    decode_key(a->host, out);
}

/* The first address structure of an ENVELOPE, which may be that of a group. `display` may be
 * NULL. */
static void read_first_address(struct slice value, struct buf *mailbox, struct buf *display)
{
    struct address_reader reader;
    struct address a;

    address_reader_init(&reader, value);
    if (address_next(&reader, &a)) {
        decode_key(a.mailbox, mailbox);
        if (display != NULL)
            read_display(&a, display);
    }
    address_reader_release(&reader);
}

void results_read_header(struct results *r, const struct collect *fields, struct slice envelope)
{
    struct mime_date date;

    buf_add_slice(&r->envelope, envelope);
    read_subject(r, fields);
    read_first_address(collect_value(fields, FIELD_FROM), &r->from_mailbox, &r->from_display);
    read_first_address(collect_value(fields, FIELD_TO), &r->to_mailbox, &r->to_display);
    read_first_address(collect_value(fields, FIELD_CC), &r->cc_mailbox, NULL);
    if (mime_date_parse(collect_value(fields, FIELD_DATE), &date)) {
        r->sent_instant = date.instant;
        r->sent_day = date.day;
    }
    message_ids(collect_value(fields, FIELD_MESSAGE_ID), 1, MIME_IDS_OCTETS_MAX, &r->message_id);
    message_ids(collect_value(fields, FIELD_IN_REPLY_TO), SIZE_MAX, MIME_IDS_OCTETS_MAX,
                &r->in_reply_to);
    message_ids(collect_value(fields, FIELD_REFERENCES), SIZE_MAX, MIME_IDS_OCTETS_MAX,
                &r->references);
}

bool results_wants_preview(struct results *r, const struct node *node)
{
    if (r->preview_begun || !node->is_text)
        return false;
    r->preview_begun = true;
    r->preview_is_html = slice_eq(node->subtype, SLICE("html"));
    return true;
}

/* Words of the text gathered, one space between them, MIME_PREVIEW_CHARS_MAX characters. */
static void finish_preview(struct results *r)
{
    struct buf page, words;
    struct slice in;
    size_t chars = 0, n = 0;

    while (r->preview.n > 0 && !utf8_valid(buf_slice(&r->preview)))
        buf_truncate(&r->preview, r->preview.n - 1); /* cut inside its last character */
    in = buf_slice(&r->preview);
    buf_init(&page, PREVIEW_OCTETS_MAX);
    if (r->preview_is_html) {
        html_to_text(in, &page);
        in = buf_slice(&page);
    }
    buf_init(&words, PREVIEW_OCTETS_MAX + 1);
    while (token_skip_space(&in), in.n > 0 && words.n < MIME_PREVIEW_CHARS_MAX * 4) {
        if (words.n > 0)
            buf_add_char(&words, ' ');
        buf_add_slice(&words, token_run(&in, ""));
    }
    in = buf_slice(&words);
    for (; n < in.n && chars < MIME_PREVIEW_CHARS_MAX; chars++) {
        size_t octets;

        utf8_decode(slice_sub(in, n, in.n), &octets);
        n += octets;
    }
    buf_clear(&r->preview);
    buf_add_slice(&r->preview, slice_sub(in, 0, n));
    buf_release(&words);
    buf_release(&page);
}

void results_finish(struct results *r, const struct tree *tree, struct mime_result *out)
{
    finish_preview(r);
    tree_write_structure(tree, true, &r->bodystructure);
    tree_write_structure(tree, false, &r->body);
    tree_write_table(tree, &r->table);
    *out = (struct mime_result){
        .envelope = buf_slice(&r->envelope),
        .bodystructure = buf_slice(&r->bodystructure),
        .body = buf_slice(&r->body),
        .has_global = r->has_global,
        .parts = buf_slice(&r->table),
        .base_subject = buf_slice(&r->base_subject),
        .is_reply_or_forward = r->is_reply_or_forward,
        .from_mailbox = buf_slice(&r->from_mailbox),
        .to_mailbox = buf_slice(&r->to_mailbox),
        .cc_mailbox = buf_slice(&r->cc_mailbox),
        .from_display = buf_slice(&r->from_display),
        .to_display = buf_slice(&r->to_display),
        .sent_instant = r->sent_instant,
        .sent_day = r->sent_day,
        .message_id = buf_slice(&r->message_id),
        .in_reply_to = buf_slice(&r->in_reply_to),
        .references = buf_slice(&r->references),
        .preview = buf_slice(&r->preview),
    };
}
