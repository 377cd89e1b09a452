/* migrate/maildir.h -- importing a Maildir: Maildir++ (".A.B") and nested folders.
 *
 * Source: cr.yp.to/proto/maildir.html (names and flags), the Maildir++ convention for subfolders,
 * and what Dovecot and Courier keep beside the messages (keywords, subscriptions).
 *
 *     PATH/cur, PATH/new        INBOX
 *     PATH/.Lists.imap/cur      Lists/imap    (names in modified UTF-7 or UTF-8)
 *     PATH/Lists/imap/cur       Lists/imap    (Dovecot's LAYOUT=fs)
 *
 * INTERNALDATE is the time of the file, or, where that is not set, the time in its name. Flags
 * are those of the name; letters a to z stand for the keywords of the folder's dovecot-keywords.
 */
#ifndef ROOST_MIGRATE_MAILDIR_H
#define ROOST_MIGRATE_MAILDIR_H

#include "base/arena.h"
#include "migrate/import.h"

enum {
    MAILDIR_DEPTH_MAX = 32,
    MAILDIR_KEYWORDS = 26,
    MAILDIR_LIST_OCTETS_MAX = 1 << 30, /* names of all messages of one folder */
};

/* Import everything below `path`. With `into` (a valid name; .p NULL: not) INBOX becomes that
 * folder and every other one a child of it. ERR_NOTFOUND: no Maildir at `path`; ERR_NOPERM; those
 * of import.h. */
must_use enum err maildir_import(struct import *im, const char *path, struct slice into);

/* ---- parts, for tests ------------------------------------------------------------------------ */

/* The unique part of a file name: up to the ":". */
struct slice maildir_unique(struct slice file_name);

/* Flags of a file name (":2,FS"), as a flag list without parentheses. keyword[i] (.p NULL: none)
 * is what letter 'a' + i means. */
void maildir_flags(struct buf *out, struct slice file_name,
                   const struct slice keyword[MAILDIR_KEYWORDS]);

/* Seconds since 1970 at the start of the file name; 0 if there are none. */
int64_t maildir_name_time(struct slice file_name);

/* The mailbox name of a directory below the root, given its path from there: ".A.B" or "A/B".
 * What is not modified UTF-7 is taken as UTF-8, then as Latin-1; controls become "_". ERR_CANNOT
 * when no valid name comes of it. */
must_use enum err maildir_folder_name(struct arena *a, struct slice path, struct slice *out);

/* One line of dovecot-keywords, "3 $Junk", into keyword[3] (copied to `a`). False for anything
 * else, *keyword untouched. */
must_use bool maildir_keyword_line(struct arena *a, struct slice line,
                                   struct slice keyword[MAILDIR_KEYWORDS]);

/* A line of the file `subscriptions` (version 1: "A.B", 2: "A<tab>B") or of Courier's
 * courierimapsubscribed ("INBOX.A.B") as a mailbox name. */
enum maildir_subscriptions { MAILDIR_SUBS_V1, MAILDIR_SUBS_V2, MAILDIR_SUBS_COURIER };
must_use enum err maildir_subscription(struct arena *a, enum maildir_subscriptions form,
                                       struct slice line, struct slice *out);

#endif
