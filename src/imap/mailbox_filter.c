/* imap/mailbox_filter.c -- the folders a mailbox filter means, for NOTIFY and ESEARCH.
 *
 * Source: RFC 5465 section 6, RFC 7377 section 2.2. Everything in an account is personal; and as a
 * delivery may name any mailbox, inboxes are the same (section 6.3).
 */
#include "imap/internal.h"

/* The key of a name is the name itself unless it has to be normalised. */
static bool covers(const struct mailbox_filter *filter, struct slice name)
{
    struct arena a;
    struct slice key;
    bool yes;

    arena_init(&a, 4 * STORE_NAME_OCTETS_MAX + 1024);
    yes = mailbox_key(&a, name, &key) == ERR_OK && mailbox_filter_covers(filter, key);
    arena_clear(&a);
    return yes;
}

bool mailbox_filter_picks_name(struct account *a, const struct mailbox_filter *filter,
                               struct slice name)
{
    switch (filter->kind) {
    case MAILBOX_FILTER_SELECTED:
    case MAILBOX_FILTER_SELECTED_DELAYED:
        return false;
    case MAILBOX_FILTER_INBOXES:
    case MAILBOX_FILTER_PERSONAL:
        return true;
    case MAILBOX_FILTER_SUBSCRIBED:
        return subscription_has(a, name);
    case MAILBOX_FILTER_SUBTREE:
    case MAILBOX_FILTER_SUBTREE_ONE:
    case MAILBOX_FILTER_MAILBOXES:
        return covers(filter, name);
    }
    return false;
}

bool mailbox_filter_picks(const struct imap_session *s, const struct mailbox_filter *filter,
                          const struct folder *f)
{
    if (f->noselect || f->gone)
        return false;
    if (filter->kind == MAILBOX_FILTER_SELECTED || filter->kind == MAILBOX_FILTER_SELECTED_DELAYED)
        return f->id == s->view.folder_id;
    return mailbox_filter_picks_name(f->account, filter, f->name);
}
