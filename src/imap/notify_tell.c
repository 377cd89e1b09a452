/* imap/notify_tell.c -- telling what became of names, and of the messages of other folders.
 *
 * Source: RFC 5465 sections 5.1 to 5.8. Names come first, so that a STATUS line only has names the
 * client has heard of.
 */
#include "imap/notify.h"
#include "wire/status.h"

/* ---- names ---------------------------------------------------------------------------------- */

static const struct folder *folder_of(struct imap_session *s, const struct event *e)
{
    return folder_by_id(s->account, e->folder);
}

/* One that has ceased to be meanwhile is told by the event of that. */
static void tell_created(struct imap_session *s, const struct event *e)
{
    const struct folder *f = folder_of(s, e);

    if (f != NULL && (notify_of_name(s, e->name) & NOTIFY_MailboxName) != 0)
        list_write_as(s, f, e->name, SLICE_NULL);
}

static void tell_deleted(struct imap_session *s, const struct event *e)
{
    if ((notify_of_name(s, e->name) & NOTIFY_MailboxName) != 0)
        list_write_as(s, NULL, e->name, SLICE_NULL);
}

static void tell_renamed(struct imap_session *s, const struct event *e)
{
    uint32_t events = notify_of_name(s, e->name) | notify_of_name(s, e->old_name);

    if ((events & NOTIFY_MailboxName) != 0)
        list_write_as(s, folder_of(s, e), e->name, e->old_name);
}

/* Whoever watches what is subscribed hears of the name that has just ceased to be. */
static bool wants_subscription(const struct imap_session *s, const struct event *e)
{
    const struct notify *n = s->notify;

    if (e->kind != EVENT_SUBSCRIBE && e->kind != EVENT_UNSUBSCRIBE)
        return false;
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

/* A mailbox was deleted, but its name is needed for its children, which the next event tells. */
static bool leaves_name(const struct event *e, size_t left)
{
    return e->kind == EVENT_DELETE && left > 1 && e[1].kind == EVENT_CREATE &&
           e[1].modseq == e->modseq && slice_eq(e[1].name, e->name);
}

static void tell_event(struct imap_session *s, const struct event *e, size_t left)
{
    switch (e->kind) {
    case EVENT_CREATE:
        tell_created(s, e);
        break;
    case EVENT_DELETE:
        if (!leaves_name(e, left))
            tell_deleted(s, e);
        break;
    case EVENT_RENAME:
        tell_renamed(s, e);
        break;
    case EVENT_SUBSCRIBE:
    case EVENT_UNSUBSCRIBE:
        break; /* tell_names_now */
    case EVENT_METADATA:
        tell_metadata(s, e);
        break;
    case EVENT_METADATA_SERVER:
        if ((s->notify->events & NOTIFY_ServerMetadataChange) != 0)
            write_metadata(s, SLICE(""), e->name);
        break;
    }
}

/* More happened than can be told (section 5.8): as if NOTIFY NONE had come, which a batch that
 * fails takes back. */
static void overflow(struct imap_session *s)
{
    notify_install(s, notify_new(s->account, &(struct notify_args){0}));
    buf_add_str(&s->out, "* OK [NOTIFICATIONOVERFLOW] Too much has happened; NOTIFY is off\r\n");
}

/* The superior of what was made or deleted has one child more or less. `told` is the name of the
 * event before, if the same step did it: then it need not be told again. */
static struct slice tell_superior(struct imap_session *s, const struct event *e, struct slice told)
{
    const struct folder *f = e->kind == EVENT_CREATE ? folder_of(s, e) : NULL;
    struct slice name = f != NULL ? f->name : e->name, parent = mailbox_parent(name);
    struct folder *superior = parent.p != NULL ? folder_find(s->account, parent) : NULL;

    if (superior != NULL && !slice_eq(parent, told) &&
        (notify_of_name(s, parent) & NOTIFY_MailboxName) != 0)
        list_write_folder(s, superior);
    return name;
}

/* Superiors and subscribed names are told as they are now, so behind all that befell them. */
static enum err tell_names_now(struct imap_session *s)
{
    struct notify_cursor *c = &s->notify->cursor;
    struct slice told = SLICE_NULL;
    const struct event *e;
    size_t n;

    TRY(account_events(s->account, c->names_now - 1, &e, &n));
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && e[i].modseq != e[i - 1].modseq)
            told = SLICE_NULL;
        if ((e[i].kind == EVENT_CREATE || e[i].kind == EVENT_DELETE) && !leaves_name(&e[i], n - i))
            told = tell_superior(s, &e[i], told);
        else if (wants_subscription(s, &e[i]))
            list_write_as(s, folder_find(s->account, e[i].name), e[i].name, SLICE_NULL);
    }
    c->names_now = 0;
    return ERR_OK;
}

/* In the order in which it happened, with the names of then, so that a client that does the same to
 * its tree has the tree of now. What one step of a command did is told whole: all of it has one
 * modseq. */
static enum err tell_events(struct imap_session *s)
{
    struct notify_cursor *c = &s->notify->cursor;
    const struct event *e;
    size_t n;

    TRY(account_events(s->account, c->names, &e, &n));
    for (size_t i = 0; i < n; i++) {
        if ((i == 0 || e[i].modseq != e[i - 1].modseq) && session_is_full(s))
            return ERR_MORE;
        if (c->names_now == 0)
            c->names_now = e[i].modseq;
        tell_event(s, &e[i], n - i);
        if (i + 1 == n || e[i + 1].modseq != e[i].modseq)
            c->names = e[i].modseq;
    }
    return c->names_now != 0 ? tell_names_now(s) : ERR_OK;
}

static enum err tell_names(struct imap_session *s)
{
    enum err e = ERR_OK;

    if ((s->notify->events & NOTIFY_NAME_EVENTS) != 0)
        e = tell_events(s);
    if (e == ERR_LIMIT) {
        overflow(s);
        e = ERR_OK;
    }
    if (e == ERR_OK)
        s->notify->cursor.names = account_modseq(s->account);
    return e;
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
        if (session_is_full(s))
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
