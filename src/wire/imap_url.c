/* wire/imap_url.c -- see imap_url.h. */
#include "wire/imap_url.h"

#include "wire/mailbox.h"
#include "wire/section.h"

/* ---- octets --------------------------------------------------------------------------------- */

/* bchar without "%" (RFC 5092 section 11): what may stand in a mailbox or a section. */
static bool is_bchar(int c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c > 0 && strchr("-._~!$'()*+,&=:@/", c) != NULL);
}

/* Take the bchars that come next, decoded, into `to`, which has room for them; their number is
 * added to *n. */
static enum err decode(struct lex *in, char *to, size_t *n)
{
    for (;;) {
        int c = lex_peek(in);

        if (c == '%') {
            struct slice two = slice_sub(in->in, in->at + 1, 2);
            int high = two.n == 2 ? ascii_hex_value(two.p[0]) : -1;
            int low = two.n == 2 ? ascii_hex_value(two.p[1]) : -1;

            if (high < 0 || low < 0)
                return ERR_CANNOT;
            c = high * 16 + low;
            in->at += 2;
        } else if (!is_bchar(c)) {
            return ERR_OK;
        }
        to[(*n)++] = (char)c;
        in->at++;
    }
}

/* "/./" and "/../" inside the path; `path` begins with "/". Each octet is written once and taken
 * back at most once. */
static enum err remove_dot_segments(struct arena *a, struct slice *path)
{
    char *to = arena_alloc(a, path->n + 1);
    size_t n = 0;

    if (to == NULL)
        return ERR_NOMEM;
    for (size_t at = 0; at < path->n;) {
        struct slice rest = slice_sub(*path, at + 1, path->n);
        struct slice segment = slice_sub(rest, 0, slice_find(rest, '/'));
        bool last = segment.n == rest.n;

        at += segment.n + 1;
        if (slice_eq(segment, SLICE(".."))) {
            while (n > 0 && to[--n] != '/')
                ;
        } else if (!slice_eq(segment, SLICE("."))) {
            to[n++] = '/';
            memcpy(to + n, segment.p, segment.n);
            n += segment.n;
            continue;
        }
        if (last)
            to[n++] = '/';
    }
    *path = slice_of(to, n);
    return ERR_OK;
}

/* ---- productions ---------------------------------------------------------------------------- */

static bool accept_nocase(struct lex *in, struct slice word)
{
    if (!slice_starts_nocase(lex_rest(in), word))
        return false;
    in->at += word.n;
    return true;
}

/* enc-mailbox [uidvalidity], and the "/" behind it. */
static enum err parse_mailbox(struct lex *in, struct arena *a, struct imap_url *u)
{
    char *name = arena_alloc(a, in->in.n);
    size_t n = 0;

    if (name == NULL)
        return ERR_NOMEM;
    TRY(decode(in, name, &n));
    if (accept_nocase(in, SLICE(";UIDVALIDITY="))) {
        TRY(lex_nz_number(in, &u->uidvalidity));
        TRY(lex_expect(in, '/'));
    } else if (n == 0 || in->in.p[in->at - 1] != '/') {
        return ERR_CANNOT;
    } else {
        n--;
    }
    return mailbox_from_wire(a, MAILBOX_UTF8, slice_of(name, n), &u->mailbox);
}

/* enc-section, and the "/" behind it if a PARTIAL follows. */
static enum err parse_section(struct lex *in, struct arena *a, struct imap_url *u)
{
    char *text = arena_alloc(a, in->in.n + 2);
    struct lex brackets;
    size_t n = 1;

    if (text == NULL)
        return ERR_NOMEM;
    text[0] = '[';
    TRY(decode(in, text, &n));
    if (n < 2)
        return ERR_CANNOT;
    if (lex_peek(in) == ';' && text[n - 1] == '/') {
        n--;
        in->at--;
    }
    text[n++] = ']';
    brackets = lex_of(slice_of(text, n), true);
    TRY(section_parse(&brackets, a, &u->item.section));
    return brackets.at == n ? ERR_OK : ERR_CANNOT;
}

static enum err parse_partial(struct lex *in, struct imap_url *u)
{
    u->item.partial = true;
    u->item.partial_n = INT64_MAX;
    TRY(lex_number64(in, &u->item.partial_at));
    return lex_accept(in, '.') ? lex_nz_number64(in, &u->item.partial_n) : ERR_OK;
}

static enum err parse(struct lex *in, struct arena *a, struct imap_url *u)
{
    u->item = (struct fetch_item){.kind = FETCH_BODY_SECTION, .peek = true};
    if (lex_accept(in, '/'))
        TRY(parse_mailbox(in, a, u));
    if (!accept_nocase(in, SLICE(";UID=")))
        return ERR_CANNOT;
    TRY(lex_nz_number(in, &u->uid));
    if (accept_nocase(in, SLICE("/;SECTION=")))
        TRY(parse_section(in, a, u));
    if (accept_nocase(in, SLICE("/;PARTIAL=")))
        TRY(parse_partial(in, u));
    return in->at == in->in.n ? ERR_OK : ERR_CANNOT;
}

enum err imap_url_parse(struct slice url, struct arena *a, struct imap_url *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct imap_url got = {0};
    struct lex in;
    enum err e;

    if (slice_starts(url, SLICE("/")))
        TRY(remove_dot_segments(a, &url));
    in = lex_of(url, true);
    e = parse(&in, a, &got);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? e : ERR_CANNOT;
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
