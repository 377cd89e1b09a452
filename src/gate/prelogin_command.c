/* gate/prelogin_command.c -- one function a command that is legal before login, one table.
 *
 * Source: RFC 9051 sections 6.1 (any state) and 6.2 (not authenticated state), RFC 2971 (ID),
 * RFC 5255 section 3 (LANGUAGE).
 */
#include "gate/prelogin_command.h"

#include "base/mem.h"
#include "wire/authenticate.h"
#include "wire/i18n.h"
#include "wire/id_list.h"
#include "wire/reply.h"

/* Everything a command needs while it is read; given back before the next. */
enum { COMMAND_ARENA_OCTETS = 64 * 1024, COMMAND_NAME_OCTETS_MAX = 32 };

static enum prelogin_action answer(struct prelogin *p, struct buf *out, const char *text)
{
    reply_tagged(out, prelogin_tag(p), text);
    return PRELOGIN_MORE;
}

static enum prelogin_action syntax(struct prelogin *p, struct buf *out)
{
    return prelogin_bad(p, "Syntax error in arguments", out);
}

/* 6.1.1 */
static enum prelogin_action run_capability(struct prelogin *p, struct lex *in, struct arena *a,
                                           struct buf *out)
{
    (void)a;
    if (lex_end(in) != ERR_OK)
        return syntax(p, out);
    buf_add_str(out, "* CAPABILITY ");
    prelogin_write_capabilities(p, out);
    buf_add_str(out, "\r\n");
    return answer(p, out, "OK Done");
}

/* 6.1.2 */
static enum prelogin_action run_noop(struct prelogin *p, struct lex *in, struct arena *a,
                                     struct buf *out)
{
    (void)a;
    return lex_end(in) == ERR_OK ? answer(p, out, "OK Done") : syntax(p, out);
}

/* 6.1.3 */
static enum prelogin_action run_logout(struct prelogin *p, struct lex *in, struct arena *a,
                                       struct buf *out)
{
    (void)a;
    if (lex_end(in) != ERR_OK)
        return syntax(p, out);
    buf_add_str(out, "* BYE See you\r\n");
    answer(p, out, "OK Logged out");
    return PRELOGIN_CLOSE;
}

/* RFC 2971 section 3.1 */
static enum prelogin_action run_id(struct prelogin *p, struct lex *in, struct arena *a,
                                   struct buf *out)
{
    struct id_list list;
    if (lex_space(in) != ERR_OK || id_list_parse(in, a, &list) != ERR_OK || lex_end(in) != ERR_OK)
        return syntax(p, out);
    if (p->busy && id_is_background(&list))
        return answer(p, out, "NO [UNAVAILABLE] Busy: background work later, please");
    buf_clear(&p->client_id);
    id_describe(&list, &p->client_id);
    buf_add_str(out, "* ID (\"name\" \"Roost\" \"version\" \"" ROOST_VERSION "\")\r\n");
    return answer(p, out, "OK Done");
}

/* RFC 5255 section 3.2 */
static enum prelogin_action run_language(struct prelogin *p, struct lex *in, struct arena *a,
                                         struct buf *out)
{
    struct i18n_args args;
    if (i18n_parse(in, a, &args) != ERR_OK || lex_end(in) != ERR_OK)
        return syntax(p, out);
    return answer(p, out, language_answer(out, &args));
}

/* 6.2.1 */
static enum prelogin_action run_starttls(struct prelogin *p, struct lex *in, struct arena *a,
                                         struct buf *out)
{
    (void)a;
    if (lex_end(in) != ERR_OK)
        return syntax(p, out);
    if (p->tls)
        return prelogin_bad(p, "TLS is active already", out);
    if (!p->starttls_possible)
        return prelogin_bad(p, "No certificate is configured", out);
    return PRELOGIN_STARTTLS; /* answered by prelogin.c, which sees whether anything follows */
}

static bool password_may_travel(const struct prelogin *p)
{
    return p->tls || p->loopback;
}

/* The mechanism has said everything: keep the credentials and ask for a verdict. */
static enum prelogin_action ask(struct prelogin *p, enum handoff_mechanism mechanism,
                                struct buf *out)
{
    p->sasl = SASL_NONE;
    p->mechanism = mechanism;
    if (p->user.overflowed || p->secret.overflowed) {
        buf_clear(&p->user); /* nobody has a name or password of that length */
        buf_clear(&p->secret);
        p->mechanism = HANDOFF_LOGIN;
        buf_add_str(&p->user, "?");
    }
    (void)out;
    return PRELOGIN_LOGIN;
}

/* 6.2.3 */
static enum prelogin_action run_login(struct prelogin *p, struct lex *in, struct arena *a,
                                      struct buf *out)
{
    struct login_args args;
    if (!password_may_travel(p))
        return answer(p, out, err_wire(ERR_PRIVACY));
    if (lex_space(in) != ERR_OK || login_parse(in, a, &args) != ERR_OK || lex_end(in) != ERR_OK)
        return syntax(p, out);
    buf_add_slice(&p->user, args.user);
    buf_add_slice(&p->secret, args.password);
    return ask(p, HANDOFF_LOGIN, out);
}

/* The next response of the exchange, decoded; the mechanism says what it is. */
static enum prelogin_action sasl_step(struct prelogin *p, struct slice response, struct buf *out)
{
    switch (p->sasl) {
    case SASL_PLAIN:
        buf_add_slice(&p->secret, response);
        return ask(p, HANDOFF_PLAIN, out);
    case SASL_LOGIN_USER:
        buf_add_slice(&p->user, response);
        p->sasl = SASL_LOGIN_PASSWORD;
        reply_continue(out, SLICE("UGFzc3dvcmQ6")); /* "Password:" */
        return PRELOGIN_MORE;
    case SASL_LOGIN_PASSWORD:
        buf_add_slice(&p->secret, response);
        return ask(p, HANDOFF_LOGIN, out);
    case SASL_NONE:
        break;
    }
    return syntax(p, out);
}

/* 6.2.2 */
static enum prelogin_action run_authenticate(struct prelogin *p, struct lex *in, struct arena *a,
                                             struct buf *out)
{
    struct authenticate_args args;
    if (lex_space(in) != ERR_OK || authenticate_parse(in, a, &args) != ERR_OK ||
        lex_end(in) != ERR_OK)
        return syntax(p, out);
    bool plain = slice_eq_nocase(args.mechanism, SLICE("PLAIN"));
    if (!plain && !slice_eq_nocase(args.mechanism, SLICE("LOGIN")))
        return answer(p, out, "NO Mechanism is not supported");
    if (!password_may_travel(p))
        return answer(p, out, err_wire(ERR_PRIVACY));
    p->sasl = plain ? SASL_PLAIN : SASL_LOGIN_USER;
    if (args.initial.p != NULL)
        return sasl_step(p, args.initial, out);
    /* "Username:" for LOGIN; PLAIN has an empty challenge */
    reply_continue(out, plain ? SLICE("") : SLICE("VXNlcm5hbWU6"));
    return PRELOGIN_MORE;
}

enum prelogin_action prelogin_sasl_line(struct prelogin *p, struct lex *in, struct buf *out)
{
    struct arena a;
    struct slice response;
    bool cancelled = false;
    enum prelogin_action action;

    arena_init(&a, COMMAND_ARENA_OCTETS);
    if (authenticate_response_parse(in, &a, &cancelled, &response) != ERR_OK)
        action = prelogin_bad(p, "Not a SASL response", out);
    else if (cancelled)
        action = prelogin_bad(p, "Authentication cancelled", out);
    else
        action = sasl_step(p, response, out);
    arena_clear(&a);
    return action;
}

struct command {
    struct slice name;
    enum prelogin_action (*run)(struct prelogin *p, struct lex *in, struct arena *a,
                                struct buf *out);
};

static const struct command commands[] = {
    {{"CAPABILITY", 10}, run_capability},
    {{"NOOP", 4}, run_noop},
    {{"LOGOUT", 6}, run_logout},
    {{"ID", 2}, run_id},
    {{"LANGUAGE", 8}, run_language},
    {{"STARTTLS", 8}, run_starttls},
    {{"LOGIN", 5}, run_login},
    {{"AUTHENTICATE", 12}, run_authenticate},
};

/* Known, but only after login (RFC 9051 sections 6.3 and 6.4, RFC 3501, RFC 5161). */
static const char *const later[] = {
    "APPEND",    "CHECK",     "CLOSE",          "COMPRESS", "COPY",        "CREATE", "DELETE",
    "ENABLE",    "EXAMINE",   "EXPUNGE",        "FETCH",    "IDLE",        "LIST",   "LSUB",
    "MOVE",      "NAMESPACE", "RENAME",         "SEARCH",   "SELECT",      "STATUS", "STORE",
    "SUBSCRIBE", "UID",       "UNAUTHENTICATE", "UNSELECT", "UNSUBSCRIBE",
};

static enum prelogin_action unknown(struct prelogin *p, struct slice name, struct buf *out)
{
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
        if (slice_eq_nocase(name, slice_of_str(later[i])))
            return prelogin_bad(p, "Command not allowed before login", out);
    return prelogin_bad(p, "Unknown command", out);
}

enum prelogin_action prelogin_command_run(struct prelogin *p, struct lex *in, struct buf *out)
{
    struct slice name;
    if (p->tag.n == 0 || lex_space(in) != ERR_OK ||
        lex_atom(in, COMMAND_NAME_OCTETS_MAX, &name) != ERR_OK)
        return prelogin_bad(p, "Not a command", out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!slice_eq_nocase(name, commands[i].name))
            continue;
        struct arena a;
        arena_init(&a, COMMAND_ARENA_OCTETS);
        enum prelogin_action action = commands[i].run(p, in, &a, out);
        arena_clear(&a);
        return action;
    }
    return unknown(p, name, out);
}
