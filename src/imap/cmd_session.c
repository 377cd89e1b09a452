/* imap/cmd_session.c -- commands about the session itself: CAPABILITY, NOOP, CHECK, LOGOUT, ID,
 * ENABLE, NAMESPACE.
 *
 * Source: RFC 9051 sections 6.1, 6.3.1 and 6.3.10, RFC 2971, RFC 5161, RFC 2342.
 */
#include "base/log.h"
#include "imap/internal.h"
#include "wire/enable.h"
#include "wire/id_list.h"

enum err noop_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    (void)s;
    (void)j;
    (void)in;
    return ERR_OK;
}

enum err noop_run(struct imap_session *s, struct job *j)
{
    (void)s;
    (void)j;
    return ERR_OK;
}

enum err capability_run(struct imap_session *s, struct job *j)
{
    (void)j;
    buf_add_str(&s->out, "* CAPABILITY ");
    session_write_capabilities(s, &s->out);
    buf_add_str(&s->out, "\r\n");
    return ERR_OK;
}

/* What is only legal before login (RFC 9051 section 6.2). */
enum err already_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    (void)s;
    (void)in;
    j->refusal = "BAD Already logged in";
    return ERR_STATE;
}

enum err already_run(struct imap_session *s, struct job *j)
{
    (void)s;
    (void)j;
    return ERR_BUG;
}

enum err id_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    (void)s;
    TRY(lex_space(in));
    j->args = arena_new(&j->arena, struct id_list);
    return j->args != NULL ? id_list_parse(in, &j->arena, j->args) : ERR_NOMEM;
}

/* What the client calls itself, once; what it said before login stands beside the login. */
static void log_client(struct imap_session *s, const struct id_list *list)
{
    struct buf text;

    if (s->identified || list->n == 0)
        return;
    s->identified = true;
    buf_init(&text, ID_DESCRIPTION_OCTETS_MAX);
    id_describe(list, &text);
    log_info("client account=%s client=\"%s\" event=\"%s\"", account_name(s->account),
             LOG_S(buf_slice(&text)), LOG_S(id_value(list, SLICE("event"))));
    buf_release(&text);
}

enum err id_run(struct imap_session *s, struct job *j)
{
    const struct id_list *list = j->args;

    log_client(s, list);
    if (s->settings->busy != NULL && atomic_load(s->settings->busy) && id_is_background(list)) {
        j->refusal = "NO [UNAVAILABLE] Busy: background work later, please";
        return ERR_UNAVAILABLE;
    }
    buf_addf(&s->out, "* ID (\"name\" \"Roost\" \"version\" \"%s\")\r\n",
             s->settings->server_version);
    return ERR_OK;
}

enum err enable_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    (void)s;
    TRY(lex_space(in));
    j->args = arena_new(&j->arena, struct enable_args);
    return j->args != NULL ? enable_parse(in, &j->arena, j->args) : ERR_NOMEM;
}

/* What can be enabled, and the bits that turns on. */
static const struct {
    struct slice name;
    unsigned bits;
} enables[] = {
#define ROW(name, bits)                                                                            \
    {                                                                                              \
        {name, sizeof(name) - 1}, bits                                                             \
    }
    ROW("IMAP4rev2", ENABLED_REV2),          /* RFC 9051 section 6.3.1 */
    ROW("UTF8=ACCEPT", ENABLED_UTF8),        /* RFC 9755 section 3 */
    ROW("OBJECTID+", ENABLED_OBJECTID_PLUS), /* draft-ietf-mailmaint-imap-objectid-bis */
    ROW("CONDSTORE", ENABLED_CONDSTORE),     /* RFC 7162 section 3.1 */
    ROW("QRESYNC", ENABLED_QRESYNC | ENABLED_CONDSTORE), /* RFC 7162 section 3.2.3 */
    ROW("UIDONLY", ENABLED_UIDONLY),                     /* RFC 9586 section 3.1 */
#undef ROW
};

/* Only what was not enabled before is told (RFC 5161 section 3.2). One row may turn on another, so
 * that is asked of the bits as they were; *told remembers the rows. */
static void enable(struct imap_session *s, struct slice name, unsigned before, unsigned *told)
{
    for (size_t i = 0; i < sizeof(enables) / sizeof(enables[0]); i++) {
        if (!slice_eq_nocase(enables[i].name, name) || (*told & 1u << i) != 0 ||
            (enables[i].bits & ~before) == 0)
            continue;
        *told |= 1u << i;
        s->chosen.enabled |= enables[i].bits;
        buf_add_char(&s->out, ' ');
        buf_add_slice(&s->out, enables[i].name);
    }
}

enum err enable_run(struct imap_session *s, struct job *j)
{
    const struct enable_args *args = j->args;
    unsigned before = s->chosen.enabled, told = 0;

    buf_add_str(&s->out, "* ENABLED");
    for (size_t i = 0; i < args->n; i++)
        enable(s, args->name[i], before, &told);
    buf_add_str(&s->out, "\r\n");
    return ERR_OK;
}

enum err logout_run(struct imap_session *s, struct job *j)
{
    (void)j;
    buf_add_str(&s->out, "* BYE Logging out\r\n");
    s->closed = true;
    return ERR_OK;
}

enum err namespace_run(struct imap_session *s, struct job *j)
{
    (void)j;
    buf_add_str(&s->out, "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
    return ERR_OK;
}
