/* gate/prelogin.c -- framing and outcomes of the conversation before login; see prelogin.h. The
 * commands themselves are in prelogin_command.c.
 */
#include "gate/prelogin.h"

#include "base/mem.h"
#include "gate/prelogin_command.h"
#include "wire/capability.h"
#include "wire/id_list.h"
#include "wire/lex.h"
#include "wire/reply.h"

enum { TAG_OCTETS_MAX = 255 };

void prelogin_init(struct prelogin *p, bool tls, bool loopback, bool starttls_possible)
{
    *p =
        (struct prelogin){.tls = tls, .loopback = loopback, .starttls_possible = starttls_possible};
    frame_init(&p->frame, PRELOGIN_COMMAND_OCTETS_MAX, PRELOGIN_COMMAND_OCTETS_MAX);
    buf_init(&p->tag, TAG_OCTETS_MAX);
    buf_init(&p->user, HANDOFF_NAME_OCTETS_MAX);
    buf_init(&p->secret, HANDOFF_PASSWORD_OCTETS_MAX);
    buf_init(&p->client_id, ID_DESCRIPTION_OCTETS_MAX);
}

static void wipe(struct buf *b)
{
    if (b->p != NULL)
        mem_wipe(b->p, b->cap);
    buf_release(b);
}

static void forget_credentials(struct prelogin *p)
{
    wipe(&p->user);
    wipe(&p->secret);
    p->sasl = SASL_NONE;
    p->pending = false;
}

void prelogin_release(struct prelogin *p)
{
    forget_credentials(p);
    buf_release(&p->tag);
    buf_release(&p->client_id);
}

void prelogin_write_capabilities(const struct prelogin *p, struct buf *out)
{
    struct capability_context here = {
        .conditions = p->tls || p->loopback ? CAPABILITY_LOGIN_ALLOWED : CAPABILITY_LOGIN_REFUSED};

    if (p->starttls_possible && !p->tls)
        here.conditions |= CAPABILITY_STARTTLS_POSSIBLE;
    capability_write(out, CAPABILITY_PRELOGIN, &here);
}

void prelogin_greet(struct prelogin *p, struct buf *out)
{
    buf_add_str(out, "* OK [CAPABILITY ");
    prelogin_write_capabilities(p, out);
    buf_add_str(out, "] Roost ready.\r\n");
}

void prelogin_bye(struct prelogin *p, const char *why, struct buf *out)
{
    buf_addf(out, "* BYE %s\r\n", why);
    p->closed = true;
}

struct slice prelogin_tag(const struct prelogin *p)
{
    return p->tag.n > 0 ? buf_slice(&p->tag) : SLICE_NULL;
}

enum prelogin_action prelogin_bad(struct prelogin *p, const char *why, struct buf *out)
{
    struct slice tag = prelogin_tag(p);
    buf_add_slice(out, tag.p != NULL ? tag : SLICE("*"));
    buf_addf(out, " BAD %s\r\n", why);
    forget_credentials(p);
    if (++p->bad < PRELOGIN_BAD_MAX)
        return PRELOGIN_MORE;
    prelogin_bye(p, "Too many bad commands", out);
    return PRELOGIN_CLOSE;
}

/* Keeps the tag of a command, or nothing when it has none. */
static void take_tag(struct prelogin *p, struct lex *in)
{
    struct slice tag;
    buf_clear(&p->tag);
    if (lex_tag(in, &tag) == ERR_OK)
        buf_add_slice(&p->tag, tag);
}

/* A command that will not be run: say so, and drop the rest of it. */
static enum prelogin_action refuse(struct prelogin *p, struct slice prefix, const char *why,
                                   struct buf *out)
{
    if (p->sasl == SASL_NONE) {
        struct lex lex = lex_of(prefix, false);
        take_tag(p, &lex);
    }
    frame_refuse(&p->frame);
    p->draining = true;
    return prelogin_bad(p, why, out);
}

static enum prelogin_action on_literal(struct prelogin *p, struct slice in, struct buf *out)
{
    struct literal literal = p->frame.literal;
    struct slice prefix = slice_sub(in, 0, p->frame.prefix_octets);
    if (p->sasl != SASL_NONE)
        return refuse(p, prefix, "Not a SASL response", out);
    if (literal.binary)
        return refuse(p, prefix, "No literal8 before login", out);
    if (!literal.sync && literal.size > LITERAL_MINUS_OCTETS_MAX)
        return refuse(p, prefix, "Literal too long, see RFC 7888", out);
    if (!frame_literal_inline(&p->frame))
        return refuse(p, prefix, "Command too long before login", out);
    if (literal.sync)
        reply_continue(out, SLICE("Go on"));
    return PRELOGIN_MORE;
}

/* One whole command or SASL line of n octets at the front of `in`. */
static enum prelogin_action on_complete(struct prelogin *p, struct buf *in, size_t n,
                                        struct buf *out)
{
    struct slice line = slice_sub(buf_slice(in), 0, n);
    struct lex lex = lex_of(line, true); /* names may be UTF-8 */
    bool last = in->n == n;
    enum prelogin_action action;

    if (p->sasl != SASL_NONE) {
        action = prelogin_sasl_line(p, &lex, out);
    } else {
        take_tag(p, &lex);
        action = prelogin_command_run(p, &lex, out);
    }
    if (action == PRELOGIN_STARTTLS && !last) {
        /* CVE-2011-0411: what came in clear behind STARTTLS must never count as if it had come
         * protected. It is an attack or a broken client. */
        action = prelogin_bad(p, "Nothing may follow STARTTLS", out);
        if (action != PRELOGIN_CLOSE)
            prelogin_bye(p, "Plaintext behind STARTTLS", out);
        action = PRELOGIN_CLOSE;
    } else if (action == PRELOGIN_STARTTLS) {
        reply_tagged(out, prelogin_tag(p), "OK Begin TLS negotiation now");
    }
    mem_wipe(in->p + in->head, n); /* it may have held a password */
    buf_consume(in, n);
    frame_reset(&p->frame);
    return action;
}

/* Drop what is left of a refused command; false when more input is needed for that. */
static bool drain(struct prelogin *p, struct buf *in)
{
    size_t drop = 0;
    enum frame_status status = frame_drain(&p->frame, buf_slice(in), &drop);
    buf_consume(in, drop);
    p->draining = status != FRAME_COMPLETE;
    return !p->draining;
}

static enum prelogin_action step_once(struct prelogin *p, struct buf *in, struct buf *out,
                                      bool *again)
{
    if (p->draining && !drain(p, in)) {
        *again = false;
        return PRELOGIN_MORE;
    }
    switch (frame_scan(&p->frame, buf_slice(in))) {
    case FRAME_MORE:
        *again = false;
        return PRELOGIN_MORE;
    case FRAME_COMPLETE:
        return on_complete(p, in, p->frame.command_octets, out);
    case FRAME_LITERAL:
        return on_literal(p, buf_slice(in), out);
    case FRAME_TOOLONG:
        return refuse(p, buf_slice(in), "Command too long before login", out);
    case FRAME_JUNK:
        prelogin_bye(p, "This is an IMAP server", out);
        return PRELOGIN_CLOSE;
    }
    return PRELOGIN_CLOSE;
}

enum prelogin_action prelogin_step(struct prelogin *p, struct buf *in, struct buf *out)
{
    enum prelogin_action action = PRELOGIN_MORE;
    bool again = true;

    if (p->closed)
        return PRELOGIN_CLOSE;
    while (again && action == PRELOGIN_MORE && !p->pending && out->n < PRELOGIN_OUT_OCTETS_MAX / 2)
        action = step_once(p, in, out, &again);
    if (action == PRELOGIN_CLOSE)
        p->closed = true;
    if (action == PRELOGIN_LOGIN)
        p->pending = true;
    return action;
}

struct handoff_request prelogin_request(const struct prelogin *p, uint64_t id, struct slice peer)
{
    return (struct handoff_request){.id = id,
                                    .mechanism = p->mechanism,
                                    .tls = p->tls,
                                    .user = buf_slice(&p->user),
                                    .secret = buf_slice(&p->secret),
                                    .peer = peer};
}

enum prelogin_action prelogin_fail(struct prelogin *p, enum err why, struct buf *out)
{
    reply_err(out, prelogin_tag(p), why);
    forget_credentials(p);
    /* Only a wrong password counts: who is told to try again later may. */
    if (why != ERR_AUTHFAILED || ++p->failures < PRELOGIN_FAILURES_MAX)
        return PRELOGIN_MORE;
    prelogin_bye(p, "Too many failed logins", out);
    return PRELOGIN_CLOSE;
}

void prelogin_tls_done(struct prelogin *p)
{
    p->tls = true;
    forget_credentials(p);
    buf_release(&p->client_id);
    buf_release(&p->tag);
}
