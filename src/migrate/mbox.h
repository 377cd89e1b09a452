/* migrate/mbox.h -- importing an mbox file.
 *
 * Source: RFC 4155 (the format and its variants). A message begins at a line "From sender date";
 * the date has to be one, so a sentence that begins with "From " does not cut a message in two.
 * Content-Length is not trusted. One ">" is taken off lines ">From ", ">>From ", ... of the body
 * (mboxrd, mboxo); nothing else of a message is changed. Flags come from Status, X-Status and
 * X-Keywords, and from X-Mozilla-Status and X-Mozilla-Keys; INTERNALDATE from the From line.
 *
 * A message is known again by its contents without these headers, and by how many equal ones
 * stood before it: an mbox that was changed meanwhile can be imported again.
 */
#ifndef ROOST_MIGRATE_MBOX_H
#define ROOST_MIGRATE_MBOX_H

#include "migrate/import.h"

/* Import the file into `mailbox` (a valid name). Never holds more than a piece of it. ERR_NOTFOUND,
 * ERR_NOPERM, ERR_SYNTAX (not an mbox), ERR_IO; those of import.h. */
must_use enum err mbox_import(struct import *im, const char *path, struct slice mailbox);

/* ---- parts, for tests ------------------------------------------------------------------------ */

/* Whether the line (without its end) begins a message; *date_s is its date, UTC unless it names a
 * numeric zone. */
bool mbox_from_line(struct slice line, int64_t *date_s);

/* Whether one ">" has to be taken off this line of a body. */
bool mbox_is_quoted_from(struct slice line);

/* What headers of the mailbox format say about a message. */
struct mbox_marks {
    uint32_t flags;      /* FLAG_ bits of wire/flag.h */
    bool forwarded;      /* $Forwarded */
    bool is_pseudo;      /* holds data of the program that wrote the file, is not mail */
    struct buf keywords; /* atoms with a space between; at most MBOX_KEYWORDS_OCTETS_MAX */
};
enum { MBOX_KEYWORDS_OCTETS_MAX = 4096 };

/* Look at one header line (without its end; folded lines only by their first). Returns whether it
 * is one of those headers: such a line does not count for the identity of a message. */
bool mbox_mark_line(struct slice line, struct mbox_marks *m);

#endif
