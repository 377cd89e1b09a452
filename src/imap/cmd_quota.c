/* imap/cmd_quota.c -- GETQUOTA, GETQUOTAROOT and SETQUOTA.
 *
 * Source: RFC 9208. An account has one quota root, "", which all its mailboxes share. Limits are
 * hard and are set by administrators only: to others SETQUOTA answers NO. What the store cannot
 * exceed anyway is told as a limit as well (section 3.2).
 */
#include "imap/internal.h"
#include "wire/quota.h"

static enum err check_root(struct job *j, struct slice root)
{
    if (root.n == 0)
        return ERR_OK;
    j->refusal = "NO [NONEXISTENT] No such quota root";
    return ERR_NOTFOUND;
}

/* "* QUOTA "" (STORAGE 10 512 ...)" */
static enum err write_quota(struct imap_session *s)
{
    struct quota_state state[QUOTA_RESOURCES];
    bool any = false;

    TRY(quota_get(s->account, state));
    if (state[QUOTA_MAILBOX].most > STORE_FOLDERS_MAX)
        state[QUOTA_MAILBOX].most = STORE_FOLDERS_MAX;
    buf_add_str(&s->out, "* QUOTA \"\" (");
    for (size_t i = 0; i < QUOTA_RESOURCES; i++) {
        if (state[i].most == QUOTA_NO_LIMIT)
            continue;
        if (any)
            buf_add_char(&s->out, ' ');
        any = true;
        buf_add_slice(&s->out, quota_resource_name((enum quota_resource)i));
        buf_addf(&s->out, " %llu %llu", (unsigned long long)state[i].used,
                 (unsigned long long)state[i].most);
    }
    buf_add_str(&s->out, ")\r\n");
    return ERR_OK;
}

enum err getquota_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct slice *root = arena_new(&j->arena, struct slice);

    (void)s;
    if (root == NULL)
        return ERR_NOMEM;
    j->args = root;
    TRY(lex_space(in));
    return quota_root_parse(in, &j->arena, root);
}

enum err getquota_run(struct imap_session *s, struct job *j)
{
    const struct slice *root = j->args;

    TRY(check_root(j, *root));
    return write_quota(s);
}

/* The mailbox need not exist (section 4.1.2). */
enum err getquotaroot_run(struct imap_session *s, struct job *j)
{
    const struct slice *name = j->args;

    buf_add_str(&s->out, "* QUOTAROOT ");
    mailbox_write(&s->out, session_form(s), *name);
    buf_add_str(&s->out, " \"\"\r\n");
    return write_quota(s);
}

enum err setquota_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct quota_args *args = arena_new(&j->arena, struct quota_args);

    (void)s;
    if (args == NULL)
        return ERR_NOMEM;
    j->args = args;
    TRY(lex_space(in));
    return setquota_parse(in, &j->arena, args);
}

enum err setquota_run(struct imap_session *s, struct job *j)
{
    const struct quota_args *args = j->args;

    if (!s->trusted)
        return ERR_NOPERM;
    TRY(check_root(j, args->root));
    if (args->unknown) {
        j->refusal = "NO [CANNOT] No such resource";
        return ERR_CANNOT;
    }
    TRY(quota_set(s->account, args->most));
    return write_quota(s);
}
