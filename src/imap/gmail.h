/* imap/gmail.h -- Gmail's extensions (X-GM-EXT-1) over mailboxes; see gmail.c for what a label is.
 */
#ifndef ROOST_IMAP_GMAIL_H
#define ROOST_IMAP_GMAIL_H

#include "imap/internal.h"

/* Which mailboxes hold the messages that more than one may hold; made once a command. */
struct label_map {
    struct holding *at; /* n of them, by body; in the arena */
    size_t n;
    bool made;
};
must_use enum err label_map_make(struct imap_session *s, struct arena *a, struct label_map *map);

/* "X-GM-LABELS (\Inbox work)" of a message that is in `here` (NULL: not any more) besides what the
 * map says. */
void gmail_write_labels(struct imap_session *s, const struct label_map *map,
                        const struct folder *here, const struct message_row *row);

/* The mailbox a label means; NULL: there is none. */
struct folder *gmail_folder(struct imap_session *s, struct slice label);
/* Whether the mailbox shows as a label at all. */
bool gmail_is_label(const struct folder *f);
/* What \Starred and \Important are; 0 and false for any other label. */
enum gmail_mark { GMAIL_NO_MARK, GMAIL_STARRED, GMAIL_IMPORTANT };
enum gmail_mark gmail_mark(struct slice label);
/* The keyword \Important stands for (RFC 8457); 0 if it does not exist and is not to be made. */
must_use enum err gmail_important(struct account *a, bool create, uint32_t *id);

/* STORE X-GM-LABELS: cmd_store_labels.c. */
struct store_args;
must_use enum err store_labels_run(struct imap_session *s, struct job *j,
                                   const struct store_args *args, struct target *target);

#endif
