/* imap/cmd_mailbox.c -- managing mailboxes: CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE.
 *
 * Source: RFC 9051 sections 6.3.4 to 6.3.8, RFC 6154 (CREATE with special use).
 */
#include "imap/internal.h"
#include "wire/create.h"

struct rename_args {
    struct slice from, to;
};

enum err create_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    TRY(lex_space(in));
    j->args = arena_new(&j->arena, struct create_args);
    return j->args != NULL ? create_parse(in, &j->arena, session_form(s), j->args) : ERR_NOMEM;
}

enum err create_run(struct imap_session *s, struct job *j)
{
    const struct create_args *args = j->args;

    return folder_create(s->account, args->mailbox, args->special_use, NULL);
}

static enum err parse_name(struct imap_session *s, struct job *j, struct lex *in, struct slice *out)
{
    TRY(lex_space(in));
    return mailbox_parse(in, &j->arena, session_form(s), out);
}

enum err delete_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct slice *name = arena_new(&j->arena, struct slice);

    j->args = name;
    return name != NULL ? parse_name(s, j, in, name) : ERR_NOMEM;
}

enum err delete_run(struct imap_session *s, struct job *j)
{
    const struct slice *name = j->args;
    struct folder *f = folder_find(s->account, *name);

    return f != NULL ? folder_delete(f) : ERR_NOTFOUND;
}

enum err rename_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct rename_args *args = arena_new(&j->arena, struct rename_args);

    if (args == NULL)
        return ERR_NOMEM;
    j->args = args;
    TRY(parse_name(s, j, in, &args->from));
    TRY(lex_space(in));
    return mailbox_parse_create(in, &j->arena, session_form(s), &args->to);
}

enum err rename_run(struct imap_session *s, struct job *j)
{
    const struct rename_args *args = j->args;
    struct folder *f = folder_find(s->account, args->from);

    return f != NULL ? folder_rename(f, args->to) : ERR_NOTFOUND;
}

enum err subscribe_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    return delete_parse(s, j, in);
}

enum err subscribe_run(struct imap_session *s, struct job *j)
{
    const struct slice *name = j->args;

    return subscription_set(s->account, *name, true);
}

enum err unsubscribe_run(struct imap_session *s, struct job *j)
{
    const struct slice *name = j->args;

    return subscription_set(s->account, *name, false);
}
