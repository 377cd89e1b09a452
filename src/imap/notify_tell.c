/* imap/notify_tell.c -- telling what became of names, and of the messages of other folders.
 *
 * Source: RFC 5465 sections 5.1 to 5.5 and 5.8. Names come first, so that a STATUS line only has
 * names the client has heard of. All lines show things as they are now: of a name that came and
 * went both lines say \NonExistent.
 */
#include "imap/notify.h"
#include "wire/status.h"

static bool output_is_full(const struct imap_session *s)
{
    return s->out.n > IMAP_OUTPUT_HIGH_OCTETS;
}

/* ---- names ---------------------------------------------------------------------------------- */

/* A mailbox that was made or deleted; its superior has one child more or less (section 5.4).
 * `told` is the name told just before, which need not be told again. */
static void tell_name(struct imap_session *s, struct slice name, struct slice told)
{
    struct slice parent = mailbox_parent(name);

    if ((notify_of_name(s, name) & NOTIFY_MailboxName) != 0)
        list_write_name(s, name, SLICE_NULL);
    if (parent.p != NULL && !slice_eq(parent, told) &&
        (notify_of_name(s, parent) & NOTIFY_MailboxName) != 0)
        list_write_name(s, parent, SLICE_NULL);
}

static void tell_renamed(struct imap_session *s, const struct event *e)
{
    uint32_t events = notify_of_name(s, e->name) | notify_of_name(s, e->old_name);

    if ((events & NOTIFY_MailboxName) != 0)
        list_write_name(s, e->name, e->old_name);
}

/* Whoever watches what is subscribed hears of the name that has just ceased to be. */
static bool wants_subscription(const struct imap_session *s, const struct event *e)
{
    const struct notify *n = s->notify;

    if ((notify_of_name(s, e->name) & NOTIFY_SubscriptionChange) != 0)
        return true;
    for (size_t i = 0; i < n->n && e->kind == EVENT_UNSUBSCRIBE; i++) {
        if (n->group[i].filter.kind == MAILBOX_FILTER_SUBSCRIBED &&
            (n->group[i].events & NOTIFY_SubscriptionChange) != 0)
            return true;
    }
    return false;
}

/* Only which entry changed (sections 5.6 and 5.7, RFC 5464 section 4.4.2). */
static void write_metadata(struct imap_session *s, struct slice mailbox, struct slice entry)
{
    buf_add_str(&s->out, "* METADATA ");
    mailbox_write(&s->out, session_form(s), mailbox);
    buf_add_char(&s->out, ' ');
    reply_astring(&s->out, entry);
    buf_add_str(&s->out, "\r\n");
}

static void tell_metadata(struct imap_session *s, const struct event *e)
{
    const struct folder *f = folder_by_id(s->account, e->folder);

    if (f != NULL && (notify_of_name(s, f->name) & NOTIFY_MailboxMetadataChange) != 0)
        write_metadata(s, f->name, e->name);
}

/* `before` is the event told before it, NULL: none. */
static void tell_event(struct imap_session *s, const struct event *e, const struct event *before)
{
    bool same = before != NULL && before->modseq == e->modseq;

    switch (e->kind) {
    case EVENT_CREATE:
    case EVENT_DELETE:
        if (!same || !slice_eq(before->name, e->name)) /* a \Noselect name took its place */
            tell_name(s, e->name, same ? before->name : SLICE_NULL);
        break;
    case EVENT_RENAME:
        tell_renamed(s, e);
        break;
    case EVENT_SUBSCRIBE:
    case EVENT_UNSUBSCRIBE:
        if (wants_subscription(s, e))
            list_write_name(s, e->name, SLICE_NULL);
        break;
    case EVENT_METADATA:
        tell_metadata(s, e);
        break;
    case EVENT_METADATA_SERVER:
        if ((s->notify->events & NOTIFY_ServerMetadataChange) != 0)
            write_metadata(s, SLICE(""), e->name);
        break;
    }
}

/* More happened than can be told (section 5.8): as if NOTIFY NONE had come. */
static enum err overflow(struct imap_session *s)
{
    struct notify *n = s->notify;

    n->selected = NOTIFY_SELECTED_NONE;
    n->flags = false;
    n->fetch = SLICE_NULL;
    n->n = 0;
    n->events = 0;
    n->cursor.new_from = n->cursor.new_to = 0;
    buf_add_str(&s->out, "* OK [NOTIFICATIONOVERFLOW] Too much has happened; NOTIFY is off\r\n");
    return ERR_OK;
}

/* What one step of a command did is told whole: all of it has one modseq. */
static enum err tell_names(struct imap_session *s)
{
    struct notify_cursor *c = &s->notify->cursor;
    const struct event *e;
    size_t n;
    enum err err;

    if ((s->notify->events & NOTIFY_NAME_EVENTS) == 0) {
        c->names = account_modseq(s->account);
        return ERR_OK;
    }
    err = account_events(s->account, c->names, &e, &n);
    if (err != ERR_OK)
        return err == ERR_LIMIT ? overflow(s) : err;
    for (size_t i = 0; i < n; i++) {
        if ((i == 0 || e[i].modseq != e[i - 1].modseq) && output_is_full(s))
            return ERR_MORE;
        tell_event(s, &e[i], i > 0 ? &e[i - 1] : NULL);
        if (i + 1 == n || e[i + 1].modseq != e[i].modseq)
            c->names = e[i].modseq;
    }
    c->names = account_modseq(s->account);
    return ERR_OK;
}

/* ---- other folders -------------------------------------------------------------------------- */

/* What a STATUS line says after these kinds of change (sections 3.1 and 5.1 to 5.3). */
static uint32_t items_of(const struct imap_session *s, uint32_t watched, uint32_t changed)
{
    uint32_t items = 0;

    if (session_enabled(s, ENABLED_CONDSTORE))
        items |= STATUS_HIGHESTMODSEQ | STATUS_UIDVALIDITY;
    if (s->notify->cursor.all_kinds && (watched & NOTIFY_FlagChange) != 0)
        items |= STATUS_HIGHESTMODSEQ; /* section 3.1: whoever has it says it at first */

    if ((changed & (NOTIFY_MessageNew | NOTIFY_MessageExpunge)) != 0)
        items |= STATUS_MESSAGES | STATUS_UIDNEXT | STATUS_UIDVALIDITY;
    if ((watched & NOTIFY_FlagChange) != 0)
        items |= STATUS_UNSEEN | STATUS_UIDVALIDITY;
    return items;
}

static uint32_t changed_since(const struct folder *f, const struct notify_cursor *c)
{
    uint32_t changed = 0;

    if (c->all_kinds || c->left == f->id)
        return NOTIFY_MESSAGE_EVENTS;
    if (f->new_modseq > c->folders)
        changed |= NOTIFY_MessageNew;
    if (f->expunge_modseq > c->folders)
        changed |= NOTIFY_MessageExpunge;
    if (f->flags_modseq > c->folders)
        changed |= NOTIFY_FlagChange;
    return changed;
}

static void tell_folder(struct imap_session *s, struct folder *f)
{
    uint32_t watched = notify_of_folder(s, f);
    uint32_t changed = changed_since(f, &s->notify->cursor) & watched;

    if (changed != 0)
        status_write(s, f, items_of(s, watched, changed));
}

/* A folder the session had selected, and left before it could be told of everything. If it has
 * changed since it is among the others. */
static void tell_left(struct imap_session *s)
{
    const struct notify_cursor *c = &s->notify->cursor;
    struct folder *f = c->left != 0 ? folder_by_id(s->account, c->left) : NULL;

    if (f != NULL && folder_news_modseq(f) <= c->folders)
        tell_folder(s, f);
}

/* Stop in front of f[i]. From here on a folder's modseqs no longer say which kinds were told. */
static enum err stop_at(struct notify_cursor *c, struct folder *const *f, size_t i)
{
    if (i > 0) {
        c->folders = folder_news_modseq(f[i - 1]);
        c->at_id = f[i - 1]->id;
        c->all_kinds = true;
    }
    return ERR_MORE;
}

static enum err tell_changed(struct imap_session *s, struct folder *const *f, size_t n)
{
    struct notify_cursor *c = &s->notify->cursor;

    for (size_t i = 0; i < n; i++) {
        if (folder_news_modseq(f[i]) == c->folders && f[i]->id <= c->at_id)
            continue; /* told before */
        if (output_is_full(s))
            return stop_at(c, f, i);
        tell_folder(s, f[i]);
    }
    return ERR_OK;
}

enum err notify_tell_folders(struct imap_session *s)
{
    struct notify_cursor *c = &s->notify->cursor;
    uint64_t since = c->folders - (c->at_id != UINT64_MAX ? 1 : 0);
    struct folder **f;
    struct arena a;
    size_t n;
    enum err e;

    if ((s->notify->events & NOTIFY_MESSAGE_EVENTS) != 0) {
        arena_init(&a, SESSION_ARENA_OCTETS_MAX);
        e = account_changed_folders(s->account, since, &a, &f, &n);
        if (e == ERR_OK) {
            tell_left(s);
            e = tell_changed(s, f, n);
        }
        arena_clear(&a);
        TRY(e);
    }
    c->folders = account_modseq(s->account);
    c->at_id = UINT64_MAX;
    c->left = 0;
    c->all_kinds = false;
    return ERR_OK;
}

/* ---- both ----------------------------------------------------------------------------------- */

bool notify_in_step(const struct imap_session *s)
{
    const struct notify_cursor *c = &s->notify->cursor;
    uint64_t now = account_modseq(s->account);

    return c->names == now && c->folders == now && c->at_id == UINT64_MAX && c->left == 0;
}

enum err notify_tell_others(struct imap_session *s)
{
    if (notify_in_step(s))
        return ERR_OK;
    TRY(tell_names(s));
    return notify_tell_folders(s);
}
