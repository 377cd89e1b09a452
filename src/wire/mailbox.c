/* wire/mailbox.c -- see mailbox.h. */
#include "wire/mailbox.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "wire/reply.h"

enum { INBOX_OCTETS = 5 };

/* Characters Net-Unicode keeps out (RFC 5198 section 2). */
static bool is_forbidden(int32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

static bool has_inbox_level(struct slice name)
{
    return slice_starts_nocase(name, SLICE("INBOX")) &&
           (name.n == INBOX_OCTETS || name.p[INBOX_OCTETS] == '/');
}

static bool has_empty_level(struct slice name)
{
    if (name.n == 0 || name.p[0] == '/' || name.p[name.n - 1] == '/')
        return true;
    for (size_t i = 1; i < name.n; i++) {
        if (name.p[i] == '/' && name.p[i - 1] == '/')
            return true;
    }
    return false;
}

/* Everything mailbox_valid asks but the case of INBOX. */
static bool well_formed(struct slice name)
{
    if (name.n > MAILBOX_OCTETS_MAX || has_empty_level(name))
        return false;
    while (name.n > 0) {
        size_t n;
        int32_t c = utf8_decode(name, &n);

        if (is_forbidden(c)) /* -1 is as well */
            return false;
        name = slice_sub(name, n, name.n);
    }
    return true;
}

bool mailbox_valid(struct slice name)
{
    return well_formed(name) && (!has_inbox_level(name) || slice_starts(name, SLICE("INBOX")));
}

/* INBOX in canonical case. */
static enum err fold_inbox(struct arena *a, struct slice name, struct slice *out)
{
    struct slice copy;

    if (!has_inbox_level(name) || slice_starts(name, SLICE("INBOX"))) {
        *out = name;
        return ERR_OK;
    }
    if (!arena_copy(a, name, &copy))
        return ERR_NOMEM;
    memcpy((char *)copy.p, "INBOX", INBOX_OCTETS); /* our own copy */
    *out = copy;
    return ERR_OK;
}

enum err mailbox_to_utf8(struct arena *a, enum mailbox_form form, struct slice wire,
                         struct slice *out)
{
    if (form == MAILBOX_MUTF7 && ascii_only(wire))
        return mailbox_mutf7_decode(a, wire, out);
    if (!utf8_valid(wire))
        return ERR_CANNOT;
    *out = wire;
    return ERR_OK;
}

enum err mailbox_from_wire(struct arena *a, enum mailbox_form form, struct slice wire,
                           struct slice *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct slice name;

    TRY(mailbox_to_utf8(a, form, wire, &name));
    if (!well_formed(name))
        return ERR_CANNOT;
    TRY(fold_inbox(a, name, out));
    arena_keep(&undo);
    return ERR_OK;
}

static enum err parse(struct lex *in, struct arena *a, enum mailbox_form form, bool create,
                      struct slice *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct slice wire;

    TRY(lex_astring(in, a, MAILBOX_WIRE_OCTETS_MAX, &wire));
    if (create && wire.n > 1 && wire.p[wire.n - 1] == '/')
        wire.n--;
    TRY(mailbox_from_wire(a, form, wire, out));
    arena_keep(&undo);
    return ERR_OK;
}

enum err mailbox_parse(struct lex *in, struct arena *a, enum mailbox_form form, struct slice *out)
{
    return parse(in, a, form, false, out);
}

enum err mailbox_parse_create(struct lex *in, struct arena *a, enum mailbox_form form,
                              struct slice *out)
{
    return parse(in, a, form, true, out);
}

struct slice mailbox_parent(struct slice name)
{
    size_t at = name.n;

    while (at > 0 && name.p[at - 1] != '/')
        at--;
    return at > 0 ? slice_sub(name, 0, at - 1) : SLICE_NULL;
}

enum err mailbox_key(struct arena *a, struct slice name, struct slice *out)
{
    utf8proc_uint8_t *nfc = NULL;
    utf8proc_ssize_t n;
    bool copied;

    if (ascii_only(name)) {
        *out = name;
        return ERR_OK;
    }
    n = utf8proc_map((const utf8proc_uint8_t *)name.p, (utf8proc_ssize_t)name.n, &nfc,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0)
        return n == UTF8PROC_ERROR_NOMEM ? ERR_NOMEM : ERR_CANNOT;
    copied = arena_copy(a, slice_of(nfc, (size_t)n), out);
    free(nfc);
    return copied ? ERR_OK : ERR_NOMEM;
}

void mailbox_write(struct buf *out, enum mailbox_form form, struct slice name)
{
    struct buf encoded;

    if (form == MAILBOX_MUTF7 && (!ascii_only(name) || slice_find(name, '&') < name.n)) {
        buf_init(&encoded, MAILBOX_WIRE_OCTETS_MAX);
        mailbox_mutf7_encode(&encoded, name);
        reply_quoted(out, buf_slice(&encoded));
        buf_release(&encoded);
    } else if (reply_is_atom(name)) {
        buf_add_slice(out, name);
    } else {
        reply_quoted(out, name);
    }
}
