/* cli/account_quota.c -- see account_quota.h. GETQUOTA and SETQUOTA (RFC 9208) over a local
 * session: the same with and without a running server. */
#include "cli/account_quota.h"

#include <stdio.h>

#include "cli/local_session.h"
#include "store/store.h"

enum { STORAGE_UNIT_OCTETS = 1024 };

/* How the resources are called here. */
static const char *const titles[QUOTA_RESOURCES] = {
    [QUOTA_STORAGE] = "storage (KiB)",
    [QUOTA_MESSAGE] = "messages",
    [QUOTA_MAILBOX] = "mailboxes",
};

struct state {
    bool known[QUOTA_RESOURCES]; /* the server named it, so it has a limit */
    struct quota_state of[QUOTA_RESOURCES];
};

/* ---- what the server says -------------------------------------------------------------------- */

static void take(struct state *st, struct slice name, uint64_t used, uint64_t most)
{
    for (size_t i = 0; i < QUOTA_RESOURCES; i++) {
        if (!slice_eq_nocase(name, quota_resource_name((enum quota_resource)i)))
            continue;
        st->known[i] = true;
        st->of[i] = (struct quota_state){.used = used, .most = most};
        if (i == QUOTA_MAILBOX && most >= STORE_FOLDERS_MAX)
            st->of[i].most = QUOTA_NO_LIMIT; /* the server's own, which nobody has set */
    }
}

/* QUOTA "" (STORAGE 10 512 ...) */
static enum err read_quota(void *ctx, const struct client_response *r)
{
    struct lex in = lex_of(r->text, false);
    struct slice name;
    uint64_t used, most;

    if (r->condition != CLIENT_DATA || !lex_accept_atom(&in, SLICE("QUOTA")))
        return ERR_OK;
    in.at = slice_find(r->text, '(');
    TRY(lex_expect(&in, '('));
    if (lex_accept(&in, ')'))
        return ERR_OK;
    do {
        TRY(lex_atom(&in, SIZE_MAX, &name));
        TRY(lex_space(&in));
        TRY(lex_number64(&in, &used));
        TRY(lex_space(&in));
        TRY(lex_number64(&in, &most));
        take(ctx, name, used, most);
    } while (lex_accept(&in, ' '));
    return lex_expect(&in, ')');
}

/* ---- what is asked --------------------------------------------------------------------------- */

static enum err read_limit(enum quota_resource i, const char *text, uint64_t *most, struct buf *why)
{
    uint64_t v;

    if (strcmp(text, "none") == 0) {
        *most = QUOTA_NO_LIMIT;
        return ERR_OK;
    }
    if (i == QUOTA_STORAGE && settings_read_size(slice_of_str(text), &v)) {
        *most = (v + STORAGE_UNIT_OCTETS - 1) / STORAGE_UNIT_OCTETS;
        return ERR_OK;
    }
    if (i != QUOTA_STORAGE && slice_to_u64(slice_of_str(text), INT64_MAX, most))
        return ERR_OK;
    buf_addf(why, "\"%s\" is not %s and not \"none\"", text,
             i == QUOTA_STORAGE ? "a size such as 500M" : "a number");
    return ERR_SYNTAX;
}

/* A limit that is not named in SETQUOTA is removed: the others are sent again. */
static enum err set_limits(struct client *c, const struct account_quota *q, struct state *st,
                           struct buf *why)
{
    struct buf command;
    bool any = false;
    enum err e;

    for (size_t i = 0; i < QUOTA_RESOURCES; i++) {
        if (!st->known[i])
            st->of[i].most = QUOTA_NO_LIMIT;
        if (q->most[i] != NULL)
            TRY(read_limit((enum quota_resource)i, q->most[i], &st->of[i].most, why));
    }
    buf_init(&command, 1000);
    buf_add_str(&command, "SETQUOTA \"\" (");
    for (size_t i = 0; i < QUOTA_RESOURCES; i++) {
        if (st->of[i].most == QUOTA_NO_LIMIT)
            continue;
        buf_addf(&command, "%s%.*s %llu", any ? " " : "",
                 SLICE_ARG(quota_resource_name((enum quota_resource)i)),
                 (unsigned long long)st->of[i].most);
        any = true;
    }
    buf_add_char(&command, ')');
    *st = (struct state){0};
    e = client_command(c, buf_slice(&command), read_quota, st);
    buf_release(&command);
    return e;
}

static void print(const struct state *st)
{
    for (size_t i = 0; i < QUOTA_RESOURCES; i++) {
        if (st->known[i] && st->of[i].most != QUOTA_NO_LIMIT)
            printf("%-14s %llu of %llu\n", titles[i], (unsigned long long)st->of[i].used,
                   (unsigned long long)st->of[i].most);
        else
            printf("%-14s no limit\n", titles[i]);
    }
}

static bool asks_for_change(const struct account_quota *q)
{
    for (size_t i = 0; i < QUOTA_RESOURCES; i++) {
        if (q->most[i] != NULL)
            return true;
    }
    return false;
}

static enum err talk(struct client *c, const struct account_quota *q, struct buf *why)
{
    struct state st = {0};

    TRY(client_command(c, SLICE("GETQUOTA \"\""), read_quota, &st));
    if (asks_for_change(q))
        TRY(set_limits(c, q, &st, why));
    print(&st);
    return ERR_OK;
}

enum err account_quota_run(const struct settings *s, struct slice account,
                           const struct account_quota *q, struct buf *why)
{
    struct local_session *session = NULL;
    enum err e;

    TRY(local_session_open(s, account, LOCAL_SESSION_PATIENCE_MS, &session, why));
    e = talk(local_session_client(session), q, why);
    if (e != ERR_OK && why->n == 0)
        buf_addf(why, "the quota cannot be read or set: %s", err_text(e));
    local_session_close(&session);
    return e;
}
