/* imap/gmail.c -- Gmail's labels (X-GM-LABELS) over mailboxes.
 *
 * Source: Google's description of its IMAP extensions. In Gmail a message is one and has labels,
 * which show as mailboxes. Here a message is in mailboxes, and its copies share one body, hence one
 * X-GM-MSGID (the EMAILID as a number). So:
 *
 *  - The labels of a message are the mailboxes that hold it or a copy of it. INBOX is \Inbox, those
 *    with a special use have Gmail's names, any other its own. \All and \Archive are no labels:
 * what is only there has none, as in Gmail.
 *  - \Starred is the flag \Flagged, \Important the keyword $Important (RFC 8457), of this copy.
 *  - STORE +X-GM-LABELS copies the message into the mailbox, which is created if need be;
 *    -X-GM-LABELS expunges it there. A message never disappears by losing its last label: it is put
 *    into the mailbox for archived mail, or stays where there is none.
 *  - The same message delivered twice is two messages: what it shares is not what it says but its
 *    body.
 */
#include "imap/gmail.h"

#include "wire/create.h"

static const struct {
    uint32_t use;
    struct slice label;
} special[] = {
    {SPECIAL_USE_SENT, {"\\Sent", 5}},
    {SPECIAL_USE_DRAFTS, {"\\Draft", 6}},
    {SPECIAL_USE_TRASH, {"\\Trash", 6}},
    {SPECIAL_USE_JUNK, {"\\Spam", 5}},
};

enum { SPECIAL = sizeof(special) / sizeof(special[0]) };

bool gmail_is_label(const struct folder *f)
{
    return !f->noselect && !f->gone &&
           (f->special_use & (SPECIAL_USE_ALL | SPECIAL_USE_ARCHIVE)) == 0;
}

enum gmail_mark gmail_mark(struct slice label)
{
    if (slice_eq_nocase(label, SLICE("\\Starred")))
        return GMAIL_STARRED;
    return slice_eq_nocase(label, SLICE("\\Important")) ? GMAIL_IMPORTANT : GMAIL_NO_MARK;
}

enum err gmail_important(struct account *a, bool create, uint32_t *id)
{
    return keyword_id(a, SLICE("$Important"), create, id);
}

static struct folder *folder_of_use(struct account *a, uint32_t use)
{
    size_t n;
    struct folder *const *folders = account_folders(a, &n);

    for (size_t i = 0; i < n; i++)
        if ((folders[i]->special_use & use) != 0 && !folders[i]->noselect)
            return folders[i];
    return NULL;
}

struct folder *gmail_folder(struct imap_session *s, struct slice label)
{
    struct folder *f;

    if (slice_eq_nocase(label, SLICE("\\Inbox")))
        return folder_find(s->account, SLICE("INBOX"));
    for (size_t i = 0; i < SPECIAL; i++)
        if (slice_eq_nocase(label, special[i].label))
            return folder_of_use(s->account, special[i].use);
    f = folder_find(s->account, label);
    return f != NULL && gmail_is_label(f) ? f : NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

enum err label_map_make(struct imap_session *s, struct arena *a, struct label_map *map)
{
    if (map->made)
        return ERR_OK;
    map->made = true;
    return bodies_shared(s->account, a, &map->at, &map->n);
}

static void write_label(struct imap_session *s, const struct folder *f, char *before)
{
    if (!gmail_is_label(f))
        return;
    buf_add_char(&s->out, *before);
    *before = ' ';
    if (mailbox_is_inbox(f->name)) {
        buf_add_str(&s->out, "\\Inbox");
        return;
    }
    for (size_t i = 0; i < SPECIAL; i++) {
        if ((f->special_use & special[i].use) != 0) {
            buf_add_slice(&s->out, special[i].label);
            return;
        }
    }
    mailbox_write(&s->out, session_form(s), f->name);
}

static size_t first_holding(const struct label_map *map, uint64_t body)
{
    size_t low = 0, high = map->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (map->at[mid].body < body)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void write_marks(struct imap_session *s, const struct message_row *row, char *before)
{
    uint32_t important = 0;

    if ((row->flags & FLAG_FLAGGED) != 0) {
        buf_add_char(&s->out, *before);
        buf_add_str(&s->out, "\\Starred");
        *before = ' ';
    }
    if (gmail_important(s->account, false, &important) != ERR_OK || important == 0 ||
        !keyword_set_has(s->account, row->keywords, important))
        return;
    buf_add_char(&s->out, *before);
    buf_add_str(&s->out, "\\Important");
    *before = ' ';
}

void gmail_write_labels(struct imap_session *s, const struct label_map *map,
                        const struct folder *here, const struct message_row *row)
{
    char before = '(';

    buf_add_str(&s->out, "X-GM-LABELS ");
    if (here != NULL)
        write_label(s, here, &before);
    for (size_t i = first_holding(map, row->body); i < map->n && map->at[i].body == row->body;
         i++) {
        const struct folder *f = folder_by_id(s->account, map->at[i].folder);

        if (f != NULL && f != here &&
            (i == 0 || map->at[i - 1].body != row->body ||
             map->at[i - 1].folder != map->at[i].folder))
            write_label(s, f, &before);
    }
    write_marks(s, row, &before);
    buf_add_str(&s->out, before == '(' ? "()" : ")");
}
