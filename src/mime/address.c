/* mime/address.c -- see address.h.
 *
 * One address is read as words up to the octet that says what they were: "<" makes them a
 * display name, "@" a local part, ":" the name of a group, "," or the end a local part without
 * a domain. So two texts are gathered at once: `name` with the spaces between words, `local`
 * without those around dots.
 */
#include "mime/address.h"

#include "mime/imap_text.h"
#include "mime/token.h"

static const char word_stops[] = "()<>,;:@\"";
static const char host_stops[] = "()<>,;:\"[";

void address_reader_init(struct address_reader *r, struct slice unfolded)
{
    *r = (struct address_reader){.in = unfolded};
    /* Each holds at most what the value holds, and a space for each octet of it. */
    buf_init(&r->name, unfolded.n * 2 + 1);
    buf_init(&r->local, unfolded.n + 1);
    buf_init(&r->route, unfolded.n * 2 + 1);
    buf_init(&r->host, unfolded.n + 1);
}

void address_reader_release(struct address_reader *r)
{
    buf_release(&r->name);
    buf_release(&r->local);
    buf_release(&r->route);
    buf_release(&r->host);
}

/* Two words of a local part with white space between them, which only belongs there beside a dot
 * (RFC 5322 section 4.4): they must not become one word that names another mailbox. */
static void keep_apart(struct buf *local, char next)
{
    if (local->n > 0 && buf_slice(local).p[local->n - 1] != '.' && next != '\0' &&
        strchr(".@>,;:<", next) == NULL)
        buf_add_char(local, ' ');
}

/* Words up to one of < , ; : @ > or the end. Returns whether there was any. */
static bool read_words(struct address_reader *r, struct slice *comment)
{
    bool any = false;

    for (;;) {
        bool space = token_skip_cfws(&r->in, any ? comment : NULL);
        size_t from;

        if (r->in.n == 0)
            return any;
        if (any && space)
            keep_apart(&r->local, r->in.p[0]);
        from = r->local.n;
        if (r->in.p[0] == '"') {
            token_quoted(&r->in, &r->local);
        } else {
            struct slice word = token_run(&r->in, word_stops);

            if (word.n == 0 && !token_take(&r->in, ')'))
                return any;
            buf_add_slice(&r->local, word);
        }
        if (any && space)
            buf_add_char(&r->name, ' ');
        buf_add_slice(&r->name, slice_sub(buf_slice(&r->local), from, r->local.n));
        any = true;
    }
}

/* A local part. */
static void read_local(struct address_reader *r, struct slice *comment)
{
    for (;;) {
        bool space = token_skip_cfws(&r->in, comment);

        if (space && r->in.n > 0)
            keep_apart(&r->local, r->in.p[0]);
        if (r->in.n > 0 && r->in.p[0] == '"') {
            token_quoted(&r->in, &r->local);
            continue;
        }
        struct slice word = token_run(&r->in, word_stops);

        if (word.n == 0)
            return;
        buf_add_slice(&r->local, word);
    }
}

/* A domain or domain literal; white space and comments inside it are dropped (RFC 5322 4.4). */
static void read_host(struct slice *in, struct slice *comment, struct buf *out)
{
    bool spaced = false;

    for (;;) {
        spaced |= token_skip_cfws(in, comment);
        if (in->n > 0 && in->p[0] == '[') {
            size_t close = slice_find(*in, ']');
            size_t n = close < in->n ? close + 1 : in->n;

            buf_add(out, in->p, n);
            *in = slice_sub(*in, n, in->n - n);
            continue;
        }
        /* "a@b c": after a space only a dot goes on with the domain. */
        if (spaced && out->n > 0 && in->n > 0 && in->p[0] != '.' &&
            buf_slice(out).p[out->n - 1] != '.')
            return;
        struct slice word = token_run(in, host_stops);

        if (word.n == 0)
            return;
        buf_add_slice(out, word);
    }
}

/* "@a,@b:" behind "<". */
static void read_route(struct address_reader *r, struct slice *comment)
{
    for (;;) {
        token_skip_cfws(&r->in, comment);
        if (token_take(&r->in, ','))
            continue;
        if (!token_take(&r->in, '@'))
            break;
        if (r->route.n > 0)
            buf_add_char(&r->route, ',');
        buf_add_char(&r->route, '@');
        struct buf host;

        buf_init(&host, r->in.n + 1);
        read_host(&r->in, comment, &host);
        buf_add_slice(&r->route, buf_slice(&host));
        buf_release(&host);
    }
    token_take(&r->in, ':');
}

/* Behind "<". What stands between the address and ">" is dropped. */
static void read_angle(struct address_reader *r, struct slice *comment)
{
    buf_clear(&r->local);
    token_skip_cfws(&r->in, comment);
    if (r->in.n > 0 && r->in.p[0] == '@')
        read_route(r, comment);
    read_local(r, comment);
    if (token_take(&r->in, '@'))
        read_host(&r->in, comment, &r->host);
    for (;;) {
        token_skip_cfws(&r->in, comment);
        if (r->in.n == 0 || token_take(&r->in, '>') || r->in.p[0] == ',' || r->in.p[0] == ';')
            return;
        r->in = slice_sub(r->in, 1, r->in.n - 1);
    }
}

/* Behind an address: whatever stands before the next separator, but keep the comment. */
static void skip_to_separator(struct address_reader *r, struct slice *comment)
{
    for (;;) {
        token_skip_cfws(&r->in, comment);
        if (r->in.n == 0 || r->in.p[0] == ',' || r->in.p[0] == ';')
            return;
        if (r->in.p[0] == '"') {
            struct buf drop;

            buf_init(&drop, 0);
            token_quoted(&r->in, &drop);
            buf_release(&drop);
        } else {
            r->in = slice_sub(r->in, 1, r->in.n - 1);
        }
    }
}

static bool give_group(struct address_reader *r, bool start, struct address *out)
{
    *out = (struct address){.kind = start ? ADDRESS_GROUP_START : ADDRESS_GROUP_END};
    if (start)
        out->mailbox = buf_slice(&r->name);
    r->in_group = start;
    return true;
}

static bool give_mailbox(struct address_reader *r, bool angle, struct slice comment,
                         struct address *out)
{
    *out = (struct address){.kind = ADDRESS_MAILBOX};
    if (!angle)
        buf_clear(&r->name);
    if (r->name.n == 0 && comment.p != NULL)
        token_comment_text(comment, &r->name);
    if (r->name.n > 0)
        out->name = buf_slice(&r->name);
    if (r->route.n > 0)
        out->route = buf_slice(&r->route);
    out->mailbox = buf_slice(&r->local);
    out->host = buf_slice(&r->host);
    return true;
}

static void clear(struct address_reader *r)
{
    buf_clear(&r->name);
    buf_clear(&r->local);
    buf_clear(&r->route);
    buf_clear(&r->host);
}

bool address_next(struct address_reader *r, struct address *out)
{
    for (;;) {
        struct slice comment = SLICE_NULL;
        bool words, angle, host;

        clear(r);
        words = read_words(r, &comment);
        if (!r->in_group && token_take(&r->in, ':'))
            return give_group(r, true, out);
        angle = token_take(&r->in, '<');
        host = !angle && token_take(&r->in, '@');
        if (angle)
            read_angle(r, &comment);
        else if (host)
            read_host(&r->in, &comment, &r->host);
        else if (!words) {
            if (r->in_group && (r->in.n == 0 || r->in.p[0] == ';')) {
                token_take(&r->in, ';');
                return give_group(r, false, out);
            }
            if (r->in.n == 0)
                return false;
            r->in = slice_sub(r->in, 1, r->in.n - 1); /* a separator, or an octet out of place */
            continue;
        }
        skip_to_separator(r, &comment);
        if (!angle && !host && r->local.n == 0)
            continue;
        return give_mailbox(r, angle, comment, out);
    }
}

static void add_address(const struct address *a, struct buf *out)
{
    buf_add_char(out, '(');
    imap_nstring(out, a->name);
    buf_add_char(out, ' ');
    imap_nstring(out, a->route);
    buf_add_char(out, ' ');
    imap_nstring(out, a->mailbox);
    buf_add_char(out, ' ');
    imap_nstring(out, a->host);
    buf_add_char(out, ')');
}

void address_list_to_imap(struct slice unfolded, size_t max_octets, struct buf *out)
{
    static const char group_end[] = "(NIL NIL NIL NIL)";
    struct address_reader r;
    struct address a;
    size_t start = out->n;
    bool open = false; /* a group is open in what has been written */

    address_reader_init(&r, unfolded);
    buf_add_char(out, '(');
    while (address_next(&r, &a)) {
        size_t before = out->n;
        bool opens = a.kind == ADDRESS_GROUP_START;

        if (a.kind == ADDRESS_GROUP_END && !open)
            continue;
        add_address(&a, out);
        if (a.kind == ADDRESS_GROUP_END) {
            open = false;
        } else if (out->overflowed || out->n - start + sizeof(group_end) + 1 > max_octets) {
            buf_truncate(out, before);
            break;
        } else if (opens) {
            open = true;
        }
    }
    if (open)
        buf_add_str(out, group_end);
    if (out->n == start + 1) {
        buf_truncate(out, start);
        buf_add_str(out, "NIL");
    } else {
        buf_add_char(out, ')');
    }
    address_reader_release(&r);
}
