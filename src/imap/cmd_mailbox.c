/* imap/cmd_mailbox.c -- managing mailboxes: CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE.
 *
 * Source: RFC 9051 sections 6.3.4 to 6.3.8, RFC 6154 (CREATE with special use).
 */
#include "imap/object.h"
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

/* "OK [MAILBOXID (F...)] CREATE done" (RFC 8474 section 4.1). */
static void answer_with_id(struct imap_session *s, struct job *j, const struct folder *f)
{
    buf_add_str(&j->answer, "OK ");
    object_write_code(s, &j->answer, f);
    buf_addf(&j->answer, " %s done", j->command->name);
}

enum err create_run(struct imap_session *s, struct job *j)
{
    const struct create_args *args = j->args;
    struct folder *f;

    TRY(folder_create(s->account, args->mailbox, args->special_use, &f));
    answer_with_id(s, j, f);
    return ERR_OK;
}

static enum err parse_name(struct imap_session *s, struct job *j, struct lex *in, struct slice *out)
{
    TRY(lex_space(in));
    return mailbox_parse(in, &j->arena, session_form(s), out);
}

enum err mailbox_name_parse(struct imap_session *s, struct job *j, struct lex *in)
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

    if (f == NULL)
        return ERR_NOTFOUND;
    TRY(folder_rename(f, args->to));
    if (session_enabled(s, ENABLED_OBJECTID_PLUS))
        answer_with_id(s, j, folder_find(s->account, args->to)); /* for INBOX, the new one */
    return ERR_OK;
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
