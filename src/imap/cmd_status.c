/* imap/cmd_status.c -- STATUS, and its lines within LIST.
 *
 * Source: RFC 9051 section 6.3.11, RFC 8438 (SIZE), RFC 7162 (HIGHESTMODSEQ), RFC 5819
 * (LIST-STATUS). Everything asked for is kept by the store, never counted.
 */
#include "imap/object.h"
#include "wire/status.h"

enum err status_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    TRY(lex_space(in));
    j->args = arena_new(&j->arena, struct status_args);
    return j->args != NULL ? status_parse(in, &j->arena, session_form(s), j->args) : ERR_NOMEM;
}

/* What EXPUNGE would free: all that is kept of it is whether there is anything. */
static uint64_t deleted_octets(struct folder *f)
{
    struct messages *m;
    uint64_t octets = 0;

    if (f->deleted == 0 || folder_messages(f, &m) != ERR_OK)
        return 0;
    for (uint32_t i = 0; i < m->n; i++)
        octets += (m->flags[i] & FLAG_DELETED) != 0 ? m->size[i] : 0;
    return octets;
}

static uint64_t item_value(struct imap_session *s, struct folder *f, enum status_item item)
{
    switch (item) {
    case STATUS_MESSAGES:
        return f->messages;
    case STATUS_RECENT: {
        struct messages *m;
        /* Counts what SELECT would show as \Recent; needs the UIDs, so only when asked. */
        if (folder_messages(f, &m) != ERR_OK)
            return 0;
        return m->n - uid_map_lower(m->map, m->n, folder_recent(f, false));
    }
    case STATUS_UIDNEXT:
        return f->uidnext;
    case STATUS_UIDVALIDITY:
        return f->uidvalidity;
    case STATUS_UNSEEN:
        return f->unseen;
    case STATUS_DELETED:
        return f->deleted;
    case STATUS_SIZE:
        return f->size_octets;
    case STATUS_HIGHESTMODSEQ:
        return f->highestmodseq;
    case STATUS_DELETED_STORAGE:
        return deleted_octets(f);
    case STATUS_APPENDLIMIT:
        return append_limit(s, f);
    case STATUS_MAILBOXID:
    case STATUS_OBJECTID:
        break; /* no numbers */
    }
    return 0;
}

static void write_item(struct imap_session *s, struct folder *f, enum status_item item)
{
    struct buf *out = &s->out;

    if (item == STATUS_MAILBOXID) {
        object_write_mailbox_id(out, f);
    } else if (item == STATUS_OBJECTID) {
        object_write_mailbox(out, f);
    } else {
        buf_add_slice(out, status_item_name(item));
        buf_add_char(out, ' ');
        buf_add_u64(out, item_value(s, f, item));
    }
}

void status_write(struct imap_session *s, struct folder *f, uint32_t items)
{
    bool first = true;

    if ((items & STATUS_OBJECTID) != 0)
        object_activate(s);
    buf_add_str(&s->out, "* STATUS ");
    mailbox_write(&s->out, session_form(s), f->name);
    buf_add_str(&s->out, " (");
    for (uint32_t bit = 1; bit != 0 && bit <= items; bit <<= 1) {
        if ((items & bit) == 0)
            continue;
        if (!first)
            buf_add_char(&s->out, ' ');
        first = false;
        write_item(s, f, (enum status_item)bit);
    }
    buf_add_str(&s->out, ")\r\n");
}

enum err status_run(struct imap_session *s, struct job *j)
{
    const struct status_args *args = j->args;
    struct folder *f;

    TRY(folder_selectable(s, args->mailbox, &f));
    if ((args->items & STATUS_HIGHESTMODSEQ) != 0)
        modseq_enable(s);
    status_write(s, f, args->items);
    return ERR_OK;
}
